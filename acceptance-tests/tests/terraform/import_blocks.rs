//! `import-blocks`: what was configured on hosts by hand is taken over without a change, also where
//! there is no `terraform query`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use acceptance_tests::terraform::{Run, Terraform, Version, Workspace, changes, provider_binary};
use acceptance_tests::{Host, HostOptions, Kind, Lab, Temporary};
use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::no_difference::{watch_bus, writing_calls};
use super::{Scenario, example};

/// Thirty interfaces that a resource can manage and one that none can, routes, rules and name servers.
/// `br1` waits for DHCP for ever. Bridges with ports have no spanning tree, which changes their ageing
/// time for half a minute.
const BY_NMCLI: &str = r#"
add() { nmcli connection add autoconnect yes "$@" >/dev/null; }
add type bridge ifname br0 bridge.stp no ipv4.method manual ipv4.addresses 192.0.2.1/24,192.0.2.2/24 ipv6.method disabled
add type bridge ifname br1 con-name "office bridge" bridge.stp no bridge.priority 8192 bridge.ageing-time 600 \
    ipv4.method auto ipv4.dhcp-timeout infinity ipv4.route-metric 77 ipv4.ignore-auto-dns yes ipv6.method disabled
add type bridge ifname br2 bridge.stp no bridge.multicast-snooping no bridge.group-forward-mask 8 \
    802-3-ethernet.mtu 1400 ipv4.method disabled ipv6.method disabled
add type bridge ifname br3 bridge.stp no ipv4.method link-local ipv6.method link-local
add type bridge ifname br4 bridge.mac-address 02:00:00:00:00:04 bridge.forward-delay 10 \
    ipv4.method manual ipv4.addresses 198.51.100.1/24 ipv4.gateway 198.51.100.254 \
    ipv4.dns "192.0.2.53 192.0.2.54" ipv4.dns-search "example.net example.org" ipv4.dns-options "rotate,timeout:2" \
    ipv6.method manual ipv6.addresses 2001:db8:4::1/64 ipv6.gateway 2001:db8:4::fe ipv6.dns 2001:db8::53
add type bridge ifname br5 bridge.stp no ipv4.method disabled \
    ipv6.method manual ipv6.addresses 2001:db8:5::1/64,2001:db8:5::2/128 ipv6.addr-gen-mode stable-privacy
add type bridge ifname br6 ipv4.method disabled ipv6.method disabled
add type ethernet ifname eth1 controller br0 port-type bridge
add type ethernet ifname eth2 con-name "Wired two" 802-3-ethernet.mtu 1450 \
    ipv4.method manual ipv4.addresses 203.0.113.1/24 ipv6.method ignore \
    ipv4.routes "10.1.0.0/16 203.0.113.254 50, 10.2.0.0/16 203.0.113.254 table=100, 10.3.0.0/16 203.0.113.254 10,
        10.3.0.0/16 203.0.113.254 20, 10.3.0.0/16 203.0.113.253 30, 10.3.0.0/16 0.0.0.0 40, 10.3.0.0/16 50 type=blackhole" \
    ipv4.routing-rules "priority 1000 from 203.0.113.0/24 table 100, priority 1001 to 10.9.0.0/16 table 100,
        priority 1001 from 0.0.0.0/0 fwmark 0x10/0xff table 100, priority 1001 from 0.0.0.0/0 iif eth2 table 100"
add type ethernet ifname eth3 ethernet.cloned-mac-address 02:00:00:00:03:03 ipv4.method disabled ipv6.method disabled
for n in 1 2 3; do
    add type veth ifname va$n veth.peer vb$n ipv4.method manual ipv4.addresses 10.20.$n.1/24 ipv6.method disabled
    add type veth ifname vb$n veth.peer va$n ipv4.method disabled ipv6.method disabled
done
bridge=1
for n in 4 5 6; do
    add type veth ifname va$n veth.peer vb$n ipv4.method disabled ipv6.method disabled
    add type veth ifname vb$n veth.peer va$n controller br$bridge port-type bridge
    bridge=$((bridge + 2))
done
add type macvlan ifname mv1 macvlan.parent va1 macvlan.mode bridge ipv4.method manual ipv4.addresses 10.30.1.1/24 ipv6.method ignore
add type macvlan ifname mv2 macvlan.parent va2 macvlan.mode vepa ipv4.method disabled ipv6.method disabled
add type macvlan ifname mv3 macvlan.parent eth3 macvlan.mode passthru ipv4.method disabled ipv6.method disabled
add type macvlan ifname mt1 macvlan.parent vb1 macvlan.mode bridge macvlan.tap yes ipv4.method disabled ipv6.method disabled
add type vxlan ifname vx1 vxlan.id 100 vxlan.remote 203.0.113.9 vxlan.parent eth2 vxlan.destination-port 4789 \
    ipv4.method manual ipv4.addresses 10.40.1.1/24 ipv6.method disabled
add type vxlan ifname vx2 vxlan.id 200 vxlan.remote 239.1.1.1 vxlan.parent eth2 vxlan.learning no ipv4.method disabled ipv6.method disabled
add type vxlan ifname vx3 controller br2 port-type bridge vxlan.id 300 vxlan.local 203.0.113.1 vxlan.remote 203.0.113.8 \
    vxlan.destination-port 8472 bridge-port.priority 10 bridge-port.path-cost 50 bridge-port.hairpin-mode yes
add type vxlan ifname vx4 controller br2 port-type bridge vxlan.id 400 vxlan.remote 203.0.113.7
add type tun ifname tap1 tun.mode tap ipv4.method disabled ipv6.method disabled
"#;

/// How many of the profiles come into force, and of how many interfaces there is a resource.
const ACTIVATED: usize = 30;
const MANAGED: usize = 30;

/// The resources of the rest.
const OTHERS: [&str; 15] = [
    "nmstate_dns_resolver.this",
    "nmstate_hostname.this",
    "nmstate_route.default",
    "nmstate_route.default_ipv6",
    "nmstate_route.to_10_1_0_0_16",
    "nmstate_route.to_10_2_0_0_16_table_100",
    "nmstate_route.to_10_3_0_0_16",
    "nmstate_route.to_10_3_0_0_16_2",
    "nmstate_route.to_10_3_0_0_16_3",
    "nmstate_route.to_10_3_0_0_16_4",
    "nmstate_route.to_10_3_0_0_16_blackhole",
    "nmstate_route_rule.priority_1000",
    "nmstate_route_rule.priority_1001",
    "nmstate_route_rule.priority_1001_2",
    "nmstate_route_rule.priority_1001_3",
];

/// What other programs do.
const BY_OTHERS: &str = "
ip link add docker0 type bridge
ip address add 172.17.0.1/16 dev docker0
ip link set docker0 up
ip route add 10.99.0.0/16 dev docker0
ip tuntap add vnet0 mode tap
ip link set vnet0 master br0 up
ip address add 192.0.2.99/32 dev br0
ip route add 10.98.0.0/16 via 203.0.113.77 dev eth2
ip rule add from 10.98.0.0/16 table 98 priority 5200
";

/// What is said of that, and of what is always there.
const LEFT_OUT: [&str; 9] = [
    "interface `mgmt0` is left out: NetworkManager does not manage it",
    "interface `lo` is left out: nothing is configured on it",
    "interface `tap1` is left out: no resource manages interfaces of type `tun`",
    "interface `docker0` is left out: it has no profile of NetworkManager",
    "route `10.99.0.0/16` is left out: it needs `docker0`",
    "route `10.98.0.0/16` is left out: no profile of NetworkManager has it",
    "ip-from 10.98.0.0/16 priority 5200 route-table 98` is left out: no profile of NetworkManager",
    "`nmstate_linux_bridge.br0` has the port `vnet0`, which is left out",
    "`nmstate_linux_bridge.br0` has the address `192.0.2.99`, which no profile",
];

/// The older version is the one that has nothing else; the newer one would take the same minute.
#[test]
fn a_host_of_nmcli() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "blocks")?;
    scenario.host.shell(BY_NMCLI)?;
    wait_for_profiles(&scenario.host, ACTIVATED)?;
    scenario.host.shell(BY_OTHERS)?;
    let before = scenario.running_config()?;
    scenario.configure("")?;

    let (logins, shows) = (scenario.host.logins()?, shows(&scenario.host)?);
    watch_bus(&scenario.host)?;
    let found = found(&scenario, &[])?;
    ensure!(scenario.host.logins()? == logins + 1, "more than one login");
    ensure!(self::shows(&scenario.host)? == shows + 1, "more than one look");
    for words in LEFT_OUT {
        ensure!(found.stderr.contains(words), "`{words}` is missing in: {}", found.stderr);
        ensure!(found.stdout.contains(words), "`{words}` is missing in: {}", found.stdout);
    }
    scenario.workspace.write("imports.tf", &found.stdout)?;
    let mut addresses = addresses(&found.stdout);
    ensure!(addresses.len() == MANAGED + OTHERS.len(), "{addresses:#?}");
    addresses.retain(|address| OTHERS.contains(address));
    ensure!(addresses == OTHERS, "{addresses:#?}");

    let plan = plan_generated(&scenario.workspace)?;
    let resources = plan["resource_changes"].as_array().context("no resources")?;
    ensure!(resources.len() == MANAGED + OTHERS.len(), "{resources:#?}");
    scenario.workspace.apply()?;
    fs::remove_file(scenario.workspace.path().join("imports.tf"))?;
    scenario.workspace.assert_converged()?;
    let writing = writing_calls(&scenario.host)?;
    ensure!(writing.is_empty(), "called on the bus: {writing:?}");
    ensure!(scenario.transactions()? == 0, "something was sent");
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

/// A host's data is text in the blocks, whatever it looks like.
#[test]
fn names_are_text() -> Result<()> {
    let names = ["q\"uote", "${x}{y}$", "back$\"}#", "0zero", "a.b", "a_b"];
    let scenario = Scenario::namespace(Version::V1_11, "names")?;
    for (index, name) in names.iter().enumerate() {
        let commands = format!(
            "ip link add '{name}' type veth peer name far{index}\nip link set far{index} up\n\
             nmcli connection add type ethernet ifname '{name}' con-name p{index} \
             ipv4.method disabled ipv6.method disabled\n"
        );
        scenario.host.shell(&commands)?;
    }
    wait_for_profiles(&scenario.host, names.len())?;
    scenario.configure("")?;
    let found = found(&scenario, &[])?;
    scenario.workspace.write("imports.tf", &found.stdout)?;
    let plan = plan_generated(&scenario.workspace)?;
    let resources = plan["resource_changes"].as_array().context("no resources")?.iter();
    let mut found: Vec<&str> =
        resources.filter_map(|one| one.pointer("/change/after/name")?.as_str()).collect();
    found.sort_unstable();
    let mut expected = names;
    expected.sort_unstable();
    ensure!(found == expected, "{found:?}");
    Ok(())
}

/// Two hosts and one that does not answer, in JSON syntax with the provider block.
#[test]
fn several_hosts() -> Result<()> {
    let lab = Lab::from_environment()?;
    let options = HostOptions { managed_management: true, ..HostOptions::default() };
    let one = lab.temporary(Kind::Namespace, "several-one", &HostOptions::default())?;
    let other = lab.temporary(Kind::Namespace, "several-other", &options)?;
    for host in [&one, &other] {
        host.shell(
            "nmcli connection add type bridge ifname br0 ipv4.method disabled ipv6.method disabled",
        )?;
        wait_for_profiles(host, 1)?;
    }
    let workspace = Workspace::new(Terraform::of(Version::V1_11)?)?;
    workspace.configure("")?;
    let options = ["--format=json", "--provider-block", "gone=127.0.0.1:1"];
    let known_hosts = tempfile::NamedTempFile::new()?;
    let known = [&one, &other].map(|host| fs::read_to_string(host.known_hosts_file()));
    fs::write(&known_hosts, known.into_iter().collect::<Result<String, _>>()?)?;
    let found = import_blocks(&[&one, &other], known_hosts.path(), &options)?;
    ensure!(found.status == 3, "{}: {}", found.status, found.stderr);
    ensure!(found.stderr.contains("error: host `gone`: cannot connect"), "{}", found.stderr);
    let result: Value = serde_json::from_str(&found.stdout)?;
    ensure!(result["//"]["not_looked_at"][0] == "gone", "{result:#}");
    let left_out = result["//"]["left_out"].as_array().context("nothing is left out")?;
    let management = left_out.iter().find(|one| one["reason"] == "management");
    let management = management.context("the connection is taken over")?;
    ensure!(management["host"] == other.name(), "{management:#}");
    ensure!(management["what"] == "interface `mgmt0`", "{management:#}");
    workspace.write("imports.tf.json", &found.stdout)?;
    let plan = plan_generated(&workspace)?;
    let resources = plan["resource_changes"].as_array().context("no resources")?;
    ensure!(resources.len() == 4, "a bridge and a name of each: {resources:#?}");
    for host in [&one, &other] {
        let bridge = resources.iter().find(|one| {
            one["type"] == "nmstate_linux_bridge" && one["change"]["after"]["host"] == host.name()
        });
        let bridge = bridge.with_context(|| format!("no bridge of `{}`", host.name()))?;
        ensure!(
            bridge["change"]["importing"]["id"] == format!("{},br0", host.name()),
            "{bridge:#}"
        );
    }
    workspace.apply()?;
    workspace.assert_converged()
}

/// The interface of the connection, when it is asked for; and what `terraform fmt` would write.
#[test]
fn the_connection_is_taken_along_on_request() -> Result<()> {
    let options = HostOptions { managed_management: true, ..HostOptions::default() };
    let scenario = Scenario::with_options(Version::V1_11, "along", &options)?;
    let found = found(&scenario, &["--include-management", "--provider-block"])?;
    ensure!(addresses(&found.stdout).contains(&"nmstate_veth.mgmt0"), "{}", found.stdout);
    scenario.workspace.configure(&found.stdout)?;
    let run = scenario.workspace.run(["fmt", "-check", "-diff", "main.tf"])?;
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    plan_generated(&scenario.workspace)?;
    scenario.workspace.apply()?;
    ensure!(scenario.transactions()? == 0, "something was sent");
    scenario.workspace.assert_converged()
}

/// The guide, for a host that is in `~/.ssh/config`. Its script has `tofu`; it is the same for both.
#[test]
fn guide() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "guide")?;
    let host = &scenario.host;
    host.shell(
        "nmcli connection add type bridge ifname br0 bridge.stp no ipv4.method manual \
         ipv4.addresses 192.0.2.1/24 ipv4.gateway 192.0.2.254 ipv4.dns 192.0.2.53 ipv6.method disabled",
    )?;
    wait_for_profiles(host, 1)?;
    let home = tempfile::tempdir()?;
    let (ssh, programs) = (home.path().join(".ssh"), home.path().join("bin"));
    fs::create_dir(&ssh)?;
    let login = format!(
        "Host server1\n  HostName {}\n  Port {}\n  User {}\n  IdentityFile {}\n  UserKnownHostsFile {}\n",
        host.address(),
        host.port(),
        host.user(),
        host.identity_file().display(),
        host.known_hosts_file().display()
    );
    fs::write(ssh.join("config"), login)?;
    fs::create_dir(&programs)?;
    symlink(fs::canonicalize(provider_binary()?)?, programs.join("terraform-provider-nmstate"))?;
    let workspace = &scenario.workspace;
    workspace.configure(&example("guides/adopting-all/main.tf")?)?;

    let terraform = workspace.command(["version"]);
    let program = terraform.get_program().to_string_lossy().into_owned();
    let script = example("guides/adopting-all/adopt.sh")?;
    let mut command = Command::new("sh");
    command
        .args(["-eu", "-c", &format!("tofu() {{ {program} \"$@\"; }}\n{script}")])
        .current_dir(workspace.path());
    for (name, value) in terraform.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let path = std::env::var("PATH").unwrap_or_default();
    command
        .env("HOME", home.path())
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("TF_CLI_ARGS_plan", "-no-color")
        .env("TF_CLI_ARGS_apply", "-no-color -auto-approve");
    let run = Run::from(command.output()?).succeeded()?;
    // A bridge, a route, name servers and the name of the host.
    for line in [
        "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy.",
        "Resources: 4 imported, 0 added, 0 changed, 0 destroyed.",
    ] {
        ensure!(run.stdout.contains(line), "{}", run.stdout);
    }
    ensure!(run.stderr.contains("interface `mgmt0` is left out"), "{}", run.stderr);
    ensure!(scenario.transactions()? == 0, "something was sent");
    Ok(())
}

/// What a shell and a pipeline see.
#[test]
fn exit_status_and_streams() -> Result<()> {
    let run = |arguments: &[&str]| -> Result<Run> {
        let mut command = Command::new(provider_binary()?);
        Ok(Run::from(command.args(arguments).env_remove("TF_PLUGIN_MAGIC_COOKIE").output()?))
    };
    for (arguments, status, on_stdout, on_stderr) in [
        (&[][..], 1, "", "this program is a Terraform provider"),
        (&["--version"], 0, concat!("terraform-provider-nmstate ", env!("CARGO_PKG_VERSION")), ""),
        (&["--help"], 0, "import-blocks", ""),
        (&["import-blocks", "--help"], 0, "some hosts could not be looked at", ""),
        (&["import-blocks"], 2, "", "required arguments were not provided"),
        (&["import-block", "server1"], 2, "", "'import-blocks'"),
        (&["import-blocks", "--port=0", "server1"], 2, "", "error: `port` cannot be `0`"),
        (&["import-blocks", "a=127.0.0.1:1", "a=127.0.0.1:2"], 2, "", "`a` is named twice"),
        (&["import-blocks", "--ssh-config=none", "127.0.0.1:1"], 1, "", "cannot connect"),
    ] {
        let run = run(arguments)?;
        ensure!(run.status == status, "{arguments:?}: {} {}", run.status, run.stderr);
        for (text, expected) in [(&run.stdout, on_stdout), (&run.stderr, on_stderr)] {
            ensure!(text.contains(expected), "{arguments:?}: `{expected}` is not in: {text}");
            ensure!(text.is_empty() || !expected.is_empty(), "{arguments:?}: {text}");
        }
    }
    Ok(())
}

/// Runs `import-blocks` for lab hosts under their names, with further arguments.
fn import_blocks(hosts: &[&Host], known_hosts: &Path, arguments: &[&str]) -> Result<Run> {
    let first = hosts.first().context("no host")?;
    let destination = |host: &&Host| format!("{}={}:{}", host.name(), host.address(), host.port());
    let mut command = Command::new(provider_binary()?);
    command
        .args(["import-blocks", "--ssh-config=none", "--agent=false", "--user", first.user()])
        .arg("--identity-file")
        .arg(first.identity_file())
        .arg("--known-hosts-file")
        .arg(known_hosts)
        .args(hosts.iter().map(destination))
        .args(arguments);
    Ok(Run::from(command.output()?))
}

/// The same for the host of a scenario, which has to succeed.
fn found(scenario: &Scenario<Temporary>, arguments: &[&str]) -> Result<Run> {
    let host = &*scenario.host;
    import_blocks(&[host], &host.known_hosts_file(), arguments)?.succeeded()
}

/// The addresses of the resources, in order.
fn addresses(blocks: &str) -> Vec<&str> {
    let mut found: Vec<&str> =
        blocks.lines().filter_map(|line| line.trim().strip_prefix("to = ")).collect();
    found.sort_unstable();
    found
}

/// Has the configuration written; the plan, which must import everything and change nothing.
fn plan_generated(workspace: &Workspace) -> Result<Value> {
    let run = workspace.run(["plan", "-generate-config-out=found.tf"])?.succeeded()?;
    let line = " to import, 0 to add, 0 to change, 0 to destroy.";
    ensure!(run.stdout.contains(line), "{}", run.stdout);
    let plan = workspace.plan()?;
    let planned = changes(&plan, "resource_changes");
    ensure!(planned.is_empty(), "{planned:#?}");
    for resource in plan["resource_changes"].as_array().into_iter().flatten() {
        ensure!(resource["change"]["importing"].is_object(), "{resource:#}");
    }
    Ok(plan)
}

/// Waits until so many profiles are in force.
fn wait_for_profiles(host: &Host, count: usize) -> Result<()> {
    let script = format!(
        "active() {{ nmcli -g FILENAME,STATE connection show | grep -c '^/etc/.*:activated$'; }}\n\
         for turn in $(seq 300); do\n  if [ \"$(active)\" -ge {count} ]; then exit 0; fi\n  sleep 0.2\n\
         done\nnmcli connection show\nexit 1\n"
    );
    let output = host.exec(&["/bin/sh", "-c", &script])?;
    ensure!(output.status == 0, "{count} profiles are not in force: {}", output.stdout);
    Ok(())
}

/// How often the host was looked at since it started.
fn shows(host: &Host) -> Result<usize> {
    let calls = host.nmstatectl_calls()?;
    Ok(calls.iter().filter(|call| call.starts_with("show")).count())
}
