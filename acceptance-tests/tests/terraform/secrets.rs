//! Secrets that reach the host and nothing else.

use std::fs;

use acceptance_tests::terraform::{Run, Version, changes};
use anyhow::{Result, ensure};
use serde_json::json;

use super::{Scenario, each_version};

const SECRET: &str = "s3cret-of-the-port";

const PORT: &str = r#"
resource "nmstate_interface" "eth1" {
  name = "eth1"
  type = "veth"
  ieee_802_1x = {
    identity            = "lab"
    eap_methods         = ["md5"]
    password_wo         = "s3cret-of-the-port"
    password_wo_version = 1
  }
}
"#;

each_version!(write_only);
each_version!(changed_by_hand);

fn write_only(version: Version) -> Result<()> {
    let scenario = Scenario::namespace(version, "writeonly")?;
    // What a NIC gets with its first profile is nothing to look at here.
    scenario.host.shell(
        "printf '%s' '{\"interfaces\": [{\"name\": \"eth1\", \"type\": \"ethernet\", \"state\": \"up\", \
         \"ipv4\": {\"enabled\": false}, \"ipv6\": {\"enabled\": false}}]}' | nmstatectl apply -q",
    )?;
    let on_disk = || scenario.host.shell("cat /etc/NetworkManager/system-connections/*");
    scenario.configure(&PORT.replace("    password_wo_version = 1\n", ""))?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    ensure!(error.contains("`password_wo` has no version"), "{error}");

    scenario.configure(PORT)?;
    let plan = scenario.workspace.plan()?;
    // A plan also has the configuration, where this one writes it down.
    for part in ["planned_values", "resource_changes"] {
        let part = plan[part].to_string();
        ensure!(part.contains("password_wo_version"), "{part}");
        ensure!(!part.contains(SECRET), "the plan has the secret: {part}");
    }
    scenario.workspace.apply()?;
    ensure!(on_disk()?.contains(SECRET), "the host does not have the secret");
    let state = fs::read_to_string(scenario.workspace.path().join("terraform.tfstate"))?;
    ensure!(state.contains("password_wo_version"), "{state}");
    ensure!(!state.contains(SECRET), "the state has the secret: {state}");
    scenario.workspace.assert_converged()?;

    // Another value alone is seen by nobody; another version sends it.
    let other = PORT.replace(SECRET, "an0ther-one");
    scenario.configure(&other)?;
    scenario.workspace.assert_converged()?;
    ensure!(on_disk()?.contains(SECRET), "it was sent without another version");
    scenario.configure(&other.replace("version = 1", "version = 2"))?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    let attributes = vec!["ieee_802_1x.password_wo_version".to_owned()];
    ensure!(planned == [("nmstate_interface.eth1".to_owned(), attributes)], "{planned:#?}");
    scenario.workspace.apply()?;
    let profiles = on_disk()?;
    ensure!(
        profiles.contains("an0ther-one") && !profiles.contains(SECRET),
        "it was not sent again"
    );
    scenario.workspace.assert_converged()?;

    // The form that the state keeps: another value is a change.
    for secret in ["th3-third", "th3-fourth"] {
        scenario.configure(&kept(secret))?;
        scenario.workspace.apply()?;
        ensure!(on_disk()?.contains(secret), "`{secret}` did not reach the host");
        scenario.workspace.assert_converged()?;
    }
    let state = scenario.workspace.state()?;
    let path = "/values/root_module/resources/0/values/ieee_802_1x/password";
    ensure!(state.pointer(path) == Some(&json!("th3-fourth")), "{state:#}");
    Ok(())
}

/// The port with a password that the state keeps.
fn kept(secret: &str) -> String {
    let write_only = format!("password_wo         = \"{SECRET}\"\n");
    let given = format!("password = \"{secret}\"\n");
    PORT.replace(&write_only, &given).replace("    password_wo_version = 1\n", "")
}

const DOCUMENT: &str = r#"
resource "nmstate_state" "all" {
  desired = sensitive({ interfaces = [{
    name = "eth1", type = "veth"
    "802.1x" = { identity = "lab", eap-methods = ["md5"], password = "s3cret-of-the-port" }
  }] })
}
"#;

/// A secret that somebody changes on the host is drift, and shows nowhere.
fn changed_by_hand(version: Version) -> Result<()> {
    const THEIRS: &str = "an0ther-by-hand";
    let scenario = Scenario::namespace(version, "byhand")?;
    let on_disk = || scenario.host.shell("cat /etc/NetworkManager/system-connections/*");
    let both =
        [(kept(SECRET), "nmstate_interface.eth1"), (DOCUMENT.to_owned(), "nmstate_state.all")];
    for (configuration, what) in both {
        scenario.configure(&configuration)?;
        scenario.workspace.apply()?;
        ensure!(on_disk()?.contains(SECRET), "the host does not have the secret");
        scenario.workspace.assert_converged()?;

        scenario.host.shell(&format!(
            "nmcli connection modify \"$(nmcli -g GENERAL.CONNECTION device show eth1)\" \
             802-1x.password {THEIRS}"
        ))?;
        ensure!(on_disk()?.contains(THEIRS), "the profile was not changed");
        let log = scenario.workspace.path().join("provider.log");
        let mut plan = scenario.workspace.command(["plan"]);
        plan.env("TF_LOG_PROVIDER", "trace").env("TF_LOG_PATH", &log);
        let plan = Run::from(plan.output()?).succeeded()?.stdout;
        let log = fs::read_to_string(log)?;
        ensure!(plan.contains(&format!("{what} will be updated in-place")), "{plan}");
        ensure!(plan.contains("(sensitive value)"), "{plan}");
        ensure!(!log.is_empty(), "the provider has logged nothing");
        for secret in [SECRET, THEIRS] {
            ensure!(!plan.contains(secret), "the plan shows a secret: {plan}");
            ensure!(!log.contains(secret), "the log has a secret: {log}");
        }

        scenario.workspace.apply()?;
        let profiles = on_disk()?;
        ensure!(profiles.contains(SECRET) && !profiles.contains(THEIRS), "it was not sent again");
        let state = scenario.workspace.state()?.to_string();
        ensure!(!state.contains(THEIRS), "the state has the other secret: {state}");
        scenario.workspace.assert_converged()?;
        scenario.workspace.destroy()?;
    }
    Ok(())
}
