//! Many hosts at once by Ansible: the module beside what people use without it.
//!
//! The module confirms each change over a new connection and can take it back; `nmstatectl apply` and
//! `nmcli` do neither. What that costs is the ratio of these figures.

use std::thread;

use anyhow::{Context, Result, ensure};

use super::measure::{say, seconds};
use super::table::{Entry, Table};
use crate::ansible::{Ansible, Project};
use crate::{Host, Kind, Lab, Request};

const HOSTS: u16 = 64;
const FORKS: [&str; 2] = ["-f", "64"];
/// How many hosts are looked at side by side between the plays.
const SIDE_BY_SIDE: usize = 4;
const BRIDGES: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/// Ten bridges on 64 hosts, three ways, and what check mode costs.
pub(super) fn measure(table: &mut Table) -> Result<()> {
    let lab = Lab::from_environment()?;
    say(&format!("starting {HOSTS} hosts"));
    let fleet = Fleet(lab.up(&Request::new(Kind::Namespace, "fleet", HOSTS))?);
    let hosts: Vec<&Host> = fleet.0.iter().collect();
    let project = Project::with(Ansible::with_collections()?, &hosts)?;
    let document = serde_json::json!({ "interfaces": BRIDGES.map(bridge) });
    let module = format!("- nmstate.host.nmstate:\n    desired_state: {document}\n");
    let play = |what: &str, tasks: &str, arguments: &[&str]| -> Result<f64> {
        say(what);
        let arguments = [&FORKS, arguments].concat();
        seconds(|| project.play(tasks, &arguments)?.succeeded().map(drop))
    };

    // The first contact makes the connections that the others find.
    play("a login to each", "- ansible.builtin.raw: 'true'\n", &[])?;
    let nothing = play("nothing on each", "- ansible.builtin.raw: 'true'\n", &[])?;
    let check = play("check mode of the module", &module, &["--check"])?;
    fleet.has_bridges(false)?;

    let ours = play("ten bridges by the module", &module, &[])?;
    fleet.reset()?;
    let apply = format!(
        "- ansible.builtin.command:\n    argv: [nmstatectl, apply]\n    stdin: '{document}'\n"
    );
    let nmstatectl = play("ten bridges by `nmstatectl apply`", &apply, &[])?;
    fleet.reset()?;
    let nmcli = play("ten bridges by `nmcli`", NMCLI, &[])?;
    fleet.reset()?;

    let per_host = |total: f64| total / f64::from(HOSTS);
    let raw = "raw: true";
    table.add(Entry::new("check_of_64_hosts", check, "s").against(raw, nothing));
    table.add(Entry::new("check_per_host", per_host(check), "s").against(raw, per_host(nothing)));
    for (names, baseline, total) in [
        (["bridges_on_64_hosts", "bridges_per_host"], "nmstatectl apply", nmstatectl),
        (["bridges_on_64_hosts_beside_nmcli", "bridges_per_host_beside_nmcli"], "nmcli", nmcli),
    ] {
        table.add(Entry::new(names[0], ours, "s").against(baseline, total));
        table.add(Entry::new(names[1], per_host(ours), "s").against(baseline, per_host(total)));
    }
    Ok(())
}

/// The same bridges, a task each, as the module of the collection `community.general` takes them.
const NMCLI: &str = "\
- community.general.nmcli:
    conn_name: tb{{ item }}
    ifname: tb{{ item }}
    type: bridge
    stp: false
    method4: manual
    ip4: 10.9.{{ item }}.1/24
    state: present
  loop: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
";

fn bridge(number: u8) -> serde_json::Value {
    serde_json::json!({
        "name": format!("tb{number}"),
        "type": "linux-bridge",
        "bridge": { "options": { "stp": { "enabled": false } } },
        "ipv4": {
            "enabled": true,
            "dhcp": false,
            "address": [{ "ip": format!("10.9.{number}.1"), "prefix-length": 24 }],
        },
    })
}

/// Hosts that end with the value.
struct Fleet(Vec<Host>);

impl Fleet {
    /// Has seen that all bridges are there, and removes them.
    fn reset(&self) -> Result<()> {
        self.has_bridges(true)?;
        let names = BRIDGES.map(|number| format!("tb{number}")).join(" ");
        self.each(|host| {
            host.shell(&format!("nmcli --wait 90 connection delete {names}")).map(drop)
        })?;
        self.has_bridges(false)
    }

    fn has_bridges(&self, expected: bool) -> Result<()> {
        let expected = if expected { BRIDGES.len() } else { 0 };
        self.each(|host| {
            // A link goes some time after its profile.
            let count = host.shell(&format!(
                "turns=0\n\
                 while count=$(ls /sys/class/net | grep -c ^tb); \
                 [ \"$count\" != {expected} ] && [ $turns -lt 60 ]; do\n\
                 sleep 1; turns=$((turns + 1))\ndone\necho \"$count\""
            ))?;
            ensure!(count.trim() == expected.to_string(), "{}: {count} bridges", host.name());
            Ok(())
        })
    }

    fn each(&self, work: impl Fn(&Host) -> Result<()> + Sync) -> Result<()> {
        let work = &work;
        thread::scope(|scope| {
            let share = self.0.len().div_ceil(SIDE_BY_SIDE).max(1);
            let workers: Vec<_> = self
                .0
                .chunks(share)
                .map(|hosts| scope.spawn(move || hosts.iter().try_for_each(work)))
                .collect();
            workers.into_iter().try_for_each(|worker| {
                worker.join().ok().context("a look at the hosts panicked")?
            })
        })
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for host in &self.0 {
            // A drop cannot report; what is left over is found by the next `lab down`.
            let _ = host.down();
        }
    }
}
