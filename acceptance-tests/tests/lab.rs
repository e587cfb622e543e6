//! The lab itself. Each test has a lab directory of its own, so none disturbs another lab.
//!
//! Nothing is skipped: without root, or without QEMU, a test fails and says what it needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use acceptance_tests::{Host, HostOptions, Kind, Lab, Request, setup};
use serde_json::Value;

/// A lab of one test, which ends with it.
struct OwnLab {
    lab: Lab,
    directory: PathBuf,
}

impl OwnLab {
    fn new(test: &str) -> Self {
        let missing = setup::missing_packages();
        assert!(missing.is_empty(), "run `lab setup`, which installs: {}", missing.join(" "));
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lab-{test}"));
        let lab = Lab::open(&directory).unwrap();
        // What an interrupted run left.
        lab.down().unwrap();
        Self { lab, directory }
    }

    fn host(&self, kind: Kind, name: &str) -> Host {
        let hosts = self.lab.up(&Request::new(kind, name, 1)).unwrap();
        hosts.into_iter().next().unwrap()
    }

    fn host_with(&self, name: &str, options: HostOptions) -> Host {
        let request = Request::new(Kind::Namespace, name, 1).with_options(options);
        self.lab.up(&request).unwrap().remove(0)
    }
}

impl Drop for OwnLab {
    fn drop(&mut self) {
        let ended = self.lab.down();
        if !thread::panicking() {
            ended.unwrap();
        }
    }
}

fn ssh(host: &Host, user: &str, script: &str) -> Output {
    host.ssh_command(user).arg(script).output().unwrap()
}

fn ssh_text(host: &Host, user: &str, script: &str) -> String {
    let output = ssh(host, user, script);
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn namespace_host_does_what_a_host_does() {
    let own = OwnLab::new("namespace");
    let host = own.host(Kind::Namespace, "alpha");
    does_what_a_host_does(&own.lab, &host);
}

#[test]
fn vm_host_does_what_a_host_does() {
    let own = OwnLab::new("vm");
    let host = own.host(Kind::Vm, "alpha");
    does_what_a_host_does(&own.lab, &host);
    vm_host_has_every_feature(&host);
    let one = copy(&host);
    // Without KVM one runs at a time.
    host.down().unwrap();
    let other = copy(&own.host(Kind::Vm, "beta"));
    for (one, other) in one.iter().zip(&other) {
        assert_ne!(one, other);
    }
}

/// One test for all of it: a VM host is dear.
fn does_what_a_host_does(lab: &Lab, host: &Host) {
    // The host is found, not made again.
    host.shell("touch /run/before").unwrap();
    let again = lab.up(&Request::new(host.kind(), "alpha", 1)).unwrap().remove(0);
    assert_eq!(again.port(), host.port());
    host.shell("test -e /run/before").unwrap();
    assert_eq!(lab.hosts().unwrap().len(), 1);

    // Both ways in, and the counts of the one that counts.
    assert_eq!(host.logins().unwrap(), 0);
    assert_eq!(host.exec(&["sh", "-c", "exit 7"]).unwrap().status, 7);
    assert_eq!(host.exec(&["no-such-program"]).unwrap().status, 127);
    assert_eq!(host.exec_with_input(&["cat"], b"given").unwrap().stdout, "given");
    assert_eq!(ssh_text(host, "root", "hostname"), "alpha1");
    ssh_text(host, "root", "nmstatectl show --json && nmstatectl --version");
    assert_eq!(host.logins().unwrap(), 2);
    assert_eq!(host.nmstatectl_calls().unwrap(), ["show --json", "--version"]);

    // What each user may.
    ssh_text(host, "operator", "sudo -n nmstatectl show");
    assert!(!ssh(host, "operator", "sudo -n id").status.success());
    assert!(!ssh(host, "viewer", "sudo -n nmstatectl show").status.success());

    // nmstate and NetworkManager work together.
    let bridge = r#"{"interfaces": [{"name": "br0", "type": "linux-bridge", "state": "up",
        "ipv4": {"enabled": true, "address": [{"ip": "192.0.2.7", "prefix-length": 24}]},
        "bridge": {"port": [{"name": "eth1"}]}}]}"#;
    let applied = host.exec_with_input(&["nmstatectl", "apply", "-"], bridge.as_bytes()).unwrap();
    assert_eq!(applied.status, 0, "{}", applied.stderr);
    assert!(host.shell("ip -4 address show br0").unwrap().contains("192.0.2.7/24"));
    host.shell("ip link show eth1 | grep -q 'master br0'").unwrap();

    // A cut takes the network away, neither the carrier nor the lab's own way in.
    host.cut().unwrap();
    assert!(host.is_cut().unwrap());
    assert!(!ssh(host, "root", "true").status.success());
    let link = host.shell(&format!("ip link show {}", host.management_interface())).unwrap();
    assert!(link.contains("LOWER_UP"), "{link}");
    host.restore().unwrap();
    ssh_text(host, "root", "true");

    // A reboot keeps the disk, a reset keeps nothing; the way to the host stays the same.
    host.shell("touch /etc/marker /run/marker").unwrap();
    let identity = host.shell("cat /etc/machine-id").unwrap();
    host.reboot().unwrap();
    host.wait_until_ready().unwrap();
    assert_eq!(host.shell("cat /etc/machine-id").unwrap(), identity);
    host.shell("test -e /etc/marker; test ! -e /run/marker").unwrap();
    host.cut().unwrap();
    host.reset().unwrap();
    assert!(!host.is_cut().unwrap());
    host.shell("test ! -e /etc/marker; test ! -e /sys/class/net/br0").unwrap();
    assert_eq!(host.nmstatectl_calls().unwrap(), Vec::<String>::new());
    assert_eq!(ssh_text(host, "root", "hostname"), "alpha1");
    assert_eq!(host.logins().unwrap(), 1);
    assert!(host.shell("ip -4 address").unwrap().contains(&host.management_address().to_string()));
}

fn vm_host_has_every_feature(host: &Host) {
    let document = r#"{"interfaces": [
        {"name": "bond0", "type": "bond", "state": "up",
         "link-aggregation": {"mode": "active-backup", "port": ["eth1", "eth2"]}},
        {"name": "bond0.10", "type": "vlan", "state": "up",
         "vlan": {"id": 10, "base-iface": "bond0"},
         "ipv4": {"enabled": true, "address": [{"ip": "192.0.2.8", "prefix-length": 24}]}}],
        "routes": {"config": [{"destination": "203.0.113.0/24", "next-hop-address": "192.0.2.1",
            "next-hop-interface": "bond0.10"}]},
        "dns-resolver": {"config": {"server": ["192.0.2.53"]}}}"#;
    let applied = host.exec_with_input(&["nmstatectl", "apply", "-"], document.as_bytes()).unwrap();
    assert_eq!(applied.status, 0, "{}", applied.stderr);
    assert!(host.shell("ip route").unwrap().contains("203.0.113.0/24 via 192.0.2.1 dev bond0.10"));
    assert!(host.shell("cat /etc/resolv.conf").unwrap().contains("192.0.2.53"));
}

/// What has to be another on each copy: all woke up from the same memory. A journal and a clock that
/// are right each has.
fn copy(host: &Host) -> [String; 3] {
    let of = |script: &str| ssh_text(host, "root", script);
    assert_eq!(of("journalctl --quiet --lines=1 --unit=ssh | wc -l"), "1");
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = now();
    let clock: u64 = of("date +%s").parse().unwrap();
    let slack = 20;
    assert!((before - slack..=now() + slack).contains(&clock), "{clock}, {before}");
    ["cat /etc/machine-id", "hostname", "cat /proc/sys/kernel/random/uuid"].map(of)
}

#[test]
fn a_host_can_do_without() {
    let own = OwnLab::new("without");
    let host = own.host_with("bare", HostOptions { nmstatectl: false, ..HostOptions::default() });
    assert_eq!(host.exec(&["nmstatectl", "--version"]).unwrap().status, 127);
    host.shell("nmcli general status").unwrap();

    let host =
        own.host_with("quiet", HostOptions { networkmanager: false, ..HostOptions::default() });
    assert_ne!(host.exec(&["nmcli", "general", "status"]).unwrap().status, 0);
    ssh_text(&host, "root", "/usr/local/lib/lab/nmstatectl --version");
    let other = Request::new(Kind::Namespace, "quiet", 1);
    let error = own.lab.up(&other).unwrap_err().to_string();
    assert!(error.contains("other options"), "{error}");
}

#[test]
fn networkmanager_may_have_the_management_interface() {
    let own = OwnLab::new("managed");
    let options = HostOptions { managed_management: true, data_links: 1, ..HostOptions::default() };
    let host = own.host_with("managed", options);
    let devices = host.shell("nmcli -t -f DEVICE,STATE device").unwrap();
    assert!(devices.contains("mgmt0:connected"), "{devices}");
    host.shell("test -e /sys/class/net/eth1; test ! -e /sys/class/net/eth2").unwrap();
    host.reset().unwrap();
    ssh_text(&host, "root", "true");
}

#[test]
fn hosts_start_side_by_side_and_leave_nothing() {
    let own = OwnLab::new("many");
    let names = ["left", "right"];
    thread::scope(|scope| {
        for name in names {
            let lab = &own.lab;
            scope.spawn(move || lab.up(&Request::new(Kind::Namespace, name, 2)).unwrap());
        }
    });
    let hosts = own.lab.hosts().unwrap();
    assert_eq!(hosts.len(), 4);
    let mut ports: Vec<u16> = hosts.iter().map(Host::port).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 4);
    hosts[0].shell(&format!("ping -c 1 -W 5 {}", hosts[1].management_address())).unwrap();

    let processes: Vec<u64> = hosts.iter().flat_map(|host| processes(&own, host)).collect();
    assert_eq!(processes.len(), 8);
    assert!(processes.iter().all(|pid| Path::new(&format!("/proc/{pid}")).exists()));
    let outer = namespaces().into_iter().find(|name| name.ends_with("-left1")).unwrap();
    let outer = outer.trim_end_matches("-left1");

    own.lab.host("left1").unwrap().down().unwrap();
    assert!(!namespaces().contains(&format!("{outer}-left1")));
    assert!(namespaces().contains(&outer.to_owned()));
    own.lab.down().unwrap();
    assert_eq!(own.lab.hosts().unwrap().len(), 0);
    assert!(!namespaces().iter().any(|name| name.starts_with(outer)));
    for pid in processes {
        assert!(!is_alive(pid), "process {pid} is left");
    }
    assert_eq!(fs::read_dir(own.directory.join("hosts")).unwrap().count(), 0);
}

#[test]
fn program_prints_json_and_passes_the_exit_status_on() {
    let own = OwnLab::new("program");
    let lab = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_lab"))
            .args(arguments)
            .env("NMSTATE_LAB_DIR", &own.directory)
            .output()
            .unwrap()
    };
    let up = ["up", "--kind", "namespace", "--name-prefix", "cli", "--json"];
    let first = lab(&up);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let answer: Value = serde_json::from_slice(&first.stdout).unwrap();
    let host = &answer["hosts"][0];
    assert_eq!(host["name"], "cli1");
    assert_eq!(host["user"], "root");
    assert_eq!(host["address"], "127.0.0.1");
    assert!(host["port"].as_u64().unwrap() > 0);
    for file in ["identity_file", "known_hosts_file"] {
        assert!(Path::new(host[file].as_str().unwrap()).is_file());
    }
    let second = lab(&up);
    assert_eq!(first.stdout, second.stdout);
    assert!(second.stderr.is_empty(), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(lab(&["exec", "cli1", "--", "sh", "-c", "exit 42"]).status.code(), Some(42));
    let unknown = lab(&["reset", "cli2"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("it has: cli1"));
    assert!(lab(&["down"]).status.success());
    assert_eq!(own.lab.hosts().unwrap().len(), 0);
}

#[test]
fn a_temporary_host_ends_with_its_value() {
    let own = OwnLab::new("temporary");
    let host = own.lab.temporary(Kind::Namespace, "brief", &HostOptions::default()).unwrap();
    assert!(host.is_running().unwrap());
    drop(host);
    assert_eq!(own.lab.hosts().unwrap().len(), 0);
}

fn processes(own: &OwnLab, host: &Host) -> Vec<u64> {
    let record = own.directory.join("hosts").join(host.name()).join("host.json");
    let record: Value = serde_json::from_str(&fs::read_to_string(record).unwrap()).unwrap();
    ["main", "forwarder"].iter().map(|key| record[key]["pid"].as_u64().unwrap()).collect()
}

/// One that waits to be collected by its parent has ended.
fn is_alive(pid: u64) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn namespaces() -> Vec<String> {
    let entries = fs::read_dir("/run/netns").into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
