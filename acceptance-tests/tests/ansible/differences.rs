//! A check says what a run changes: all of it and nothing else, or why it cannot be done.

use acceptance_tests::Host;
use acceptance_tests::ansible::Project;
use anyhow::{Context, Result, ensure};

use super::{bare_host, change, is_changed, message, task, traces};

/// Checks a document, applies it and applies it again: the steps that the check and the run name.
pub(super) fn steps(project: &Project, options: &str, document: &str) -> Result<Vec<String>> {
    let options = format!("{options}\nconfirm: host");
    let tasks = task("check", &options, document)
        + "  check_mode: true\n"
        + &task("run", &options, document)
        + &task("again", &options, document);
    let play = project.play(&tasks, &["--diff"])?.succeeded()?;
    let (check, run) = (play.result("check")?, play.result("run")?);
    ensure!(change(check) == change(run), "the check says {check:#}, the run {run:#}");
    ensure!(!is_changed(&play, "again")?, "{:#}", play.result("again")?);
    let steps = run["commands"].as_array().context("no steps")?;
    let mut steps: Vec<String> =
        steps.iter().map(|step| step.as_str().unwrap_or_default().to_owned()).collect();
    steps.sort();
    Ok(steps)
}

fn says(host: &Host, script: &str, expected: &str) -> Result<()> {
    let said = host.shell(script)?;
    ensure!(said.trim() == expected, "`{script}`: {said}");
    Ok(())
}

const BRIDGE: &str = "\
interfaces:
  - name: br0
    type: linux-bridge
    bridge:
      options: {mac-ageing-time: 120, stp: {enabled: false}}
      port: [{name: eth1, stp-path-cost: 50}]";
const PLAIN: &str = "\
interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}]}}]";
const SETTINGS: &str = "cd /sys/class/net/br0; cat bridge/ageing_time bridge/stp_state \
                        brif/eth1/path_cost | xargs";

#[test]
fn a_type_s_own_settings_go_back_to_their_defaults() -> Result<()> {
    let host = bare_host("ansible-defaults", false)?;
    let project = Project::new(&[&host])?;
    let reset = [
        "change `interfaces[br0].bridge.options.mac-ageing-time` from `120` to `300`",
        "change `interfaces[br0].bridge.options.stp.enabled` from `false` to `true`",
        "change `interfaces[br0].bridge.port[eth1].stp-path-cost` from `50` to `100`",
    ];
    // A bridge without a word has nothing to reset.
    ensure!(steps(&project, "", PLAIN)? == ["create linux-bridge `br0`"]);
    ensure!(steps(&project, "state: replaced", PLAIN)?.is_empty());
    for state in ["replaced", "overridden"] {
        let set = steps(&project, "", BRIDGE)?;
        ensure!(set.len() == reset.len(), "{state}: {set:?}");
        says(&host, SETTINGS, "12000 0 50")?;
        let steps = steps(&project, &format!("state: {state}"), PLAIN)?;
        ensure!(steps == reset, "{state}: {steps:?}");
        says(&host, SETTINGS, "30000 1 100")?;
    }
    Ok(())
}

const ROUTED: &str = "\
interfaces:
  - name: eth1
    type: ethernet
    ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
routes:
  config:
    - {destination: 198.51.100.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.254, metric: 150}
    - {destination: 198.51.100.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.253, metric: 150}
    - {destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.254}
route-rules:
  config: [{ip-from: 192.0.2.0/24, route-table: 200, priority: 100}]
dns-resolver: {config: {server: [192.0.2.53, 192.0.2.54], search: [a.example]}}";

#[test]
fn what_is_deleted_is_what_is_listed() -> Result<()> {
    let host = bare_host("ansible-deleted", false)?;
    let project = Project::new(&[&host])?;
    steps(&project, "", ROUTED)?;
    let deleted = |document: &str| steps(&project, "state: deleted", document);
    let steps = deleted("dns-resolver: {config: {server: [192.0.2.53]}}")?;
    let change = "change `dns-resolver.config.server` from `[\"192.0.2.53\",\"192.0.2.54\"]` to \
                  `[\"192.0.2.54\"]`";
    ensure!(steps == [change], "{steps:?}");
    let dns = "grep -v '^#' /etc/resolv.conf | xargs";
    says(&host, dns, "search a.example nameserver 192.0.2.54")?;
    let steps = deleted("routes: {config: [{destination: 198.51.100.0/24, metric: 160}]}")?;
    ensure!(steps.is_empty(), "{steps:?}");
    let steps = deleted("routes: {config: [{destination: 198.51.100.0/24}]}")?;
    ensure!(steps.len() == 2 && steps.iter().all(|step| step.starts_with("remove `routes")));
    says(&host, "ip route | grep via | cut -d' ' -f1-3", "203.0.113.0/24 via 192.0.2.254")?;
    says(&host, dns, "search a.example nameserver 192.0.2.54")
}

#[test]
fn another_form_of_a_route_or_rule_takes_the_place_of_the_old_one() -> Result<()> {
    let host = bare_host("ansible-metric", false)?;
    let project = Project::new(&[&host])?;
    steps(&project, "", ROUTED)?;
    let routes = "ip route | grep via | sed -e 's/ dev.*metric/ metric/' | sort";
    let route = |more: &str| {
        format!(
            "routes: {{config: [{{destination: 198.51.100.0/24, next-hop-interface: eth1, \
             next-hop-address: 192.0.2.254, {more}}}]}}"
        )
    };
    let path = "routes.config[198.51.100.0/24 eth1 192.0.2.254 254]";
    let metric = steps(&project, "", &route("metric: 160"))?;
    ensure!(metric == [format!("change `{path}.metric` from `150` to `160`")], "{metric:?}");
    let found = host.shell(routes)?;
    let expected = "198.51.100.0/24 via 192.0.2.253 metric 150 \n\
                    198.51.100.0/24 via 192.0.2.254 metric 160 \n203.0.113.0/24 via 192.0.2.254";
    ensure!(found.starts_with(expected) && found.lines().count() == 3, "{found}");
    let source = steps(&project, "", &route("metric: 160, source: 192.0.2.1"))?;
    ensure!(source == [format!("set `{path}.source` to `192.0.2.1`")], "{source:?}");
    says(&host, "ip route | grep -c 'src 192.0.2.1 metric 160'", "1")?;
    let rule = "route-rules: {config: [{ip-from: 192.0.2.0/24, route-table: 200, priority: 101}]}";
    let priority = steps(&project, "state: replaced", rule)?;
    let path = "route-rules.config[ipv4 192.0.2.0/24 200]";
    ensure!(priority == [format!("change `{path}.priority` from `100` to `101`")], "{priority:?}");
    says(&host, "ip rule | grep 192.0.2.0/24 | cut -d: -f1", "101")
}

/// A password that is another one is a change that is named and sent, and is seen nowhere.
#[test]
fn a_secret_that_changes_is_sent_and_not_shown() -> Result<()> {
    let host = bare_host("ansible-another-secret", false)?;
    let project = Project::new(&[&host])?;
    let document = |password: &str| {
        format!(
            "interfaces: [{{name: eth1, type: ethernet, 802.1x: {{identity: me, eap-methods: \
             [peap], phase2-auth: mschapv2, password: {password}}}}}]"
        )
    };
    // Nobody answers the interface: it is not up before that, and the profile is what counts.
    host.shell(
        "nmcli -t connection add type ethernet ifname eth1 con-name eth1 ipv4.method disabled \
         ipv6.method disabled 802-1x.eap peap 802-1x.identity me 802-1x.phase2-auth mschapv2 \
         802-1x.password 0ld-s3cr3t 802-1x.optional yes && nmcli -w 10 connection up eth1 || :",
    )?;
    let tasks = task("same", "confirm: host", &document("0ld-s3cr3t"))
        + "  check_mode: true\n"
        + &task("other", "confirm: host", &document("n3w-s3cr3t"))
        + "  check_mode: true\n";
    let play = project.play(&tasks, &["--diff", "-vv"])?.succeeded()?;
    let steps = |name: &str| Ok::<_, anyhow::Error>(play.result(name)?["commands"].to_string());
    ensure!(!steps("same")?.contains("802.1x.password"), "{}", steps("same")?);
    ensure!(steps("other")?.contains("802.1x.password"), "{}", steps("other")?);
    let returned: String = play.results.iter().map(|one| one.value.to_string()).collect();
    ensure!(returned.contains("(another sensitive value)"), "{returned}");
    for text in [&returned, &play.output] {
        ensure!(!text.contains("s3cr3t"), "a secret is shown: {text}");
    }
    Ok(())
}

/// Documents that a host cannot satisfy, and the words of the message.
const IMPOSSIBLE: &[(&str, &str, &[&str])] = &[
    (
        "no base",
        "interfaces: [{name: eth9.5, type: vlan, vlan: {base-iface: eth9, id: 5}}]",
        &["interfaces[eth9.5].vlan.base-iface", "interface `eth9` does not exist", "`eth1`"],
    ),
    (
        "no port",
        "interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth9}]}}]",
        &["interfaces[br0].bridge.port[eth9].name", "interface `eth9` does not exist"],
    ),
    (
        "no next hop",
        "routes: {config: [{destination: 198.51.100.0/24, next-hop-interface: eth9}]}",
        &["next-hop-interface", "interface `eth9` does not exist"],
    ),
    (
        "no card",
        "interfaces: [{name: eth9, type: ethernet, mtu: 1400}]",
        &["interface `eth9` does not exist", "correct the name"],
    ),
    ("no settings", "interfaces: [{name: eth1.5, type: vlan}]", &["eth1.5", "give `vlan.id`"]),
    ("no mode", "interfaces: [{name: bond0, type: bond}]", &["bond0", "mode"]),
    (
        "no module",
        "interfaces: [{name: hsr0, type: hsr, hsr: {port1: eth1, port2: eth2, multicast-spec: 7, \
         protocol: hsr}}]",
        &["interfaces[hsr0].type", "makes no interface of type `hsr`", "the module `hsr`"],
    ),
];

/// A list of modules without the one for rings: no lab can choose what a kernel lacks.
const FAKE_MODULES: &str = "
modules=/lib/modules/$(uname -r)
mkdir -p $modules
echo 'kernel/drivers/net/bonding/bonding.ko.xz:' >$modules/modules.dep
printf '%s\\n' kernel/net/bridge/bridge.ko kernel/net/8021q/8021q.ko >$modules/modules.builtin
";

#[test]
fn a_check_fails_where_a_run_would() -> Result<()> {
    let host = bare_host("ansible-impossible", false)?;
    host.shell(FAKE_MODULES)?;
    let project = Project::new(&[&host])?;
    let before = traces(&host)?;
    let tasks: String = IMPOSSIBLE
        .iter()
        .map(|(name, document, _)| {
            let check = task(&format!("{name} in check"), "confirm: host", document);
            let run = task(&format!("{name} in run"), "confirm: host", document);
            check + "  check_mode: true\n  ignore_errors: true\n" + &run + "  ignore_errors: true\n"
        })
        .collect();
    let play = project.play(&tasks, &[])?;
    for (name, _, words) in IMPOSSIBLE {
        let check = message(&play, &format!("{name} in check"))?;
        let run = message(&play, &format!("{name} in run"))?;
        ensure!(check == run, "{name}: the check says {check}, the run {run}");
        for word in *words {
            ensure!(check.contains(word), "{name}: `{word}` is missing in: {check}");
        }
    }
    ensure!(traces(&host)? == before);
    Ok(())
}
