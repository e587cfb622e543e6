//! One address that means another host behind each jump host.

use acceptance_tests::Host;
use anyhow::Result;

use super::super::ways_in::public_key;
use super::{Scenario, another, has, loops};

/// Three hosts under one address, which two jump hosts and one of the three lead to.
#[test]
fn one_address_behind_several_jump_hosts() -> Result<()> {
    let scenario = Scenario::whose("inner")?;
    let (first, second) = (another("gate1")?, another("gate2")?);
    let third = &*scenario.host;
    let mut lines = String::new();
    for host in [&*first, &*second, third] {
        let key = public_key(host)?;
        for place in [
            format!("[127.0.0.1]:{}", host.port()),
            host.management_address().to_string(),
            "127.0.0.1".to_owned(),
        ] {
            lines.push_str(&format!("{place} {key}\n"));
        }
    }
    scenario.workspace.write("known_hosts", &lines)?;
    let gate = |host: &Host| format!("root@127.0.0.1:{}", host.port());
    let ways = [
        ("a", gate(&first)),
        ("b", gate(&second)),
        ("c", format!("{},root@{}", gate(&first), third.management_address())),
    ];
    let entries: String = ways
        .iter()
        .map(|(name, jump)| {
            format!(
                "    {name} = {{ address = \"127.0.0.1:22\", ssh = {{ jump = \"{jump}\" }} }}\n"
            )
        })
        .collect();
    let block = format!(
        "provider \"nmstate\" {{\n  hosts = {{\n{entries}  }}\n  ssh = {{\n    user = \"root\"\n    \
         identity_file = \"{}\"\n    known_hosts_file = \"{}\"\n    agent = false\n    config_file = \
         \"none\"\n  }}\n}}\n",
        scenario.host.identity_file().display(),
        scenario.workspace.path().join("known_hosts").display()
    );
    let hosts = [("a", &*first), ("b", &*second), ("c", third)];
    loops(&scenario.workspace, &block, &hosts)?;

    // Two names for one way are one host, which has one login.
    let logins = second.logins()?;
    let twice = block.replacen(
        "    b =",
        &format!(
            "    d = {{ address = \"127.0.0.1\", ssh = {{ jump = \"{}\" }} }}\n    b =",
            ways[1].1
        ),
        1,
    );
    scenario.workspace.configure(&format!(
        "{twice}{}",
        "data \"nmstate_state\" \"b\" {\n  host = \"b\"\n}\ndata \"nmstate_state\" \"d\" {\n  host = \"d\"\n}\n"
    ))?;
    scenario
        .workspace
        .run(["apply", "-target=data.nmstate_state.b", "-target=data.nmstate_state.d"])?
        .succeeded()?;
    let logins = second.logins()? - logins;
    // The jump host is the host: a login for each.
    anyhow::ensure!(logins == 2, "{logins} logins");

    // With another way to log in they contradict each other, whichever comes first.
    for (key, other) in [("d", "b"), ("b", "d")] {
        let apart = twice.replacen(
            &format!("    {key} = {{ address = \"127.0.0.1"),
            &format!("    {key} = {{ sudo = false, address = \"127.0.0.1"),
            1,
        );
        scenario.workspace.configure(&format!(
            "{apart}data \"nmstate_state\" \"x\" {{\n  host = \"{key}\"\n}}\n"
        ))?;
        let error = scenario.workspace.run(["plan"])?.failed()?;
        has(
            &error,
            &[
                "host `d`: it leads to the same host as `b`, with another `sudo`",
                "make the two the same",
            ],
        )
        .map_err(|error| error.context(format!("`{key}` beside `{other}`")))?;
    }
    scenario.workspace.configure(&block)?;
    scenario.workspace.apply()?;
    for (name, host) in hosts {
        host.shell(&format!("test ! -e /sys/class/net/br-{name}"))?;
    }
    Ok(())
}
