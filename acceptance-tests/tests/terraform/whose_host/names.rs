//! A slip of the pen in `host` is no destination.

use acceptance_tests::terraform::{Feature, Terraform, Version, Workspace, provider_block};
use anyhow::Result;

use super::{Scenario, has};

const HOSTS: &str = "  hosts = {\n    web1 = { address = \"127.0.0.1:9\" }\n    web2 = { address = \
                     \"127.0.0.1:10\" }\n  }\n  ssh = { user = \"root\", agent = false, config_file = \
                     \"none\" }\n";

/// Everything that names a host names a key of `hosts`.
#[test]
fn a_typo_is_an_error() -> Result<()> {
    let workspace = Workspace::new(Terraform::of(Version::V1_15)?)?;
    let bridge = "resource \"nmstate_linux_bridge\" \"x\" {\n  name = \"br0\"\n";
    let words = [
        "host `wbe1`: it is no key of the provider's `hosts`",
        "did you mean `web1`",
        "`destinations = true`",
    ];
    for (more, configuration) in [
        ("", format!("{bridge}  host = \"wbe1\"\n}}\n")),
        ("", "data \"nmstate_state\" \"x\" {\n  host = \"wbe1\"\n}\n".to_owned()),
        ("  host = \"wbe1\"\n", format!("{bridge}}}\n")),
        (
            "",
            format!(
                "{bridge}  host = \"web1\"\n}}\nimport {{\n  to = nmstate_linux_bridge.x\n  id = \"wbe1,br0\"\n}}\n"
            ),
        ),
        (
            "",
            format!(
                "{bridge}  host = \"web1\"\n}}\nimport {{\n  to = nmstate_linux_bridge.x\n  identity = {{ host = \"wbe1\", name = \"br0\" }}\n}}\n"
            ),
        ),
    ] {
        let by_identity = configuration.contains("identity = ");
        if by_identity && !workspace.terraform().has(Feature::ImportByIdentity) {
            continue;
        }
        workspace
            .configure(&format!("provider \"nmstate\" {{\n{more}{HOSTS}}}\n{configuration}"))?;
        has(&workspace.run(["plan"])?.failed()?, &words)?;
    }
    workspace.configure(&format!("provider \"nmstate\" {{\n{HOSTS}}}\n"))?;
    if workspace.terraform().has(Feature::ListResources) {
        workspace.write(
            "x.tfquery.hcl",
            "list \"nmstate_linux_bridge\" \"x\" {\n  provider = nmstate\n  config {\n    host = \"wbe1\"\n  }\n}\n",
        )?;
        has(&workspace.run(["query", "-no-color"])?.failed()?, &words)?;
        std::fs::remove_file(workspace.path().join("x.tfquery.hcl"))?;
    }

    // Asked for, it is a destination as it is without `hosts`.
    workspace.configure(&format!(
        "provider \"nmstate\" {{\n  destinations = true\n{HOSTS}}}\n{bridge}  host = \"127.0.0.1:9\"\n}}\n"
    ))?;
    has(&workspace.run(["plan"])?.failed()?, &["cannot connect to 127.0.0.1:9"])
}

/// A host by its key, and beside it by a destination.
#[test]
fn destinations_beside_hosts() -> Result<()> {
    let scenario = Scenario::whose("beside")?;
    let host = &*scenario.host;
    let place = format!("{}@{}:{}", host.user(), host.address(), host.port());
    let block = provider_block(&[host], "  destinations = true");
    let files = format!(
        "  ssh = {{\n    identity_file = \"{}\"\n    known_hosts_file = \"{}\"\n",
        host.identity_file().display(),
        host.known_hosts_file().display()
    );
    let block = block.replacen("  ssh = {\n    agent ", &format!("{files}    agent "), 1);
    let resources = format!(
        "resource \"nmstate_linux_bridge\" \"x\" {{\n  name = \"br0\"\n}}\nresource \
         \"nmstate_linux_bridge\" \"y\" {{\n  host = \"{place}\"\n  name = \"br1\"\n}}\n"
    );
    scenario.workspace.configure(&format!("{block}{resources}"))?;
    scenario.workspace.apply()?;
    host.shell("test -e /sys/class/net/br0; test -e /sys/class/net/br1")?;
    scenario.workspace.assert_converged()?;
    // One with other settings than the entry of its host.
    let apart = block.replacen("  destinations = true", "  destinations = true\n  sudo = false", 1);
    let apart = apart.replacen("      ssh = {", "      sudo = true\n      ssh = {", 1);
    scenario.workspace.configure(&format!("{apart}{resources}"))?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    has(
        &error,
        &[&format!(
            "host `{place}`: it leads to the same host as `{}`, with another `sudo`",
            host.name()
        )],
    )?;
    scenario.workspace.configure(&format!("{block}{resources}"))?;
    scenario.workspace.destroy()?;
    Ok(())
}
