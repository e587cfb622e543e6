//! What a transaction leaves behind: in the state, in a directory, on the host's disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use acceptance_tests::terraform::{Version, changes};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{Scenario, each_version};

const BRIDGE: &str =
    "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n  mtu = 1450\n}\n";
/// Part of a document, and of no file about it.
const SECRET: &str = "s3cret-of-the-port";

each_version!(in_state);

/// `transaction` holds what the last one did, and stands in a plan only beside a change.
fn in_state(version: Version) -> Result<()> {
    let mut scenario = Scenario::namespace(version, "instate")?;
    let transaction = |scenario: &Scenario<_>| -> Result<Value> {
        let state = scenario.workspace.state()?;
        let path = "/values/root_module/resources/0/values";
        let values = state.pointer(path).context("no resource")?;
        ensure!(values["machine_id"].as_str().is_some_and(|id| id.len() == 32), "{values:#}");
        Ok(values["transaction"].clone())
    };
    scenario.configure(BRIDGE)?;
    scenario.workspace.apply()?;
    ensure!(transaction(&scenario)?.is_null(), "nobody asked for a report");
    scenario.workspace.assert_converged()?;

    scenario.settings = "  report_in_state = true".into();
    scenario.configure(BRIDGE)?;
    scenario.workspace.assert_converged()?;
    scenario.configure(&BRIDGE.replace("1450", "1400"))?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    let expected = ["mtu", "transaction"].map(str::to_owned).to_vec();
    ensure!(planned == [("nmstate_linux_bridge.br0".to_owned(), expected)], "{planned:#?}");
    scenario.workspace.apply()?;
    let report = transaction(&scenario)?;
    ensure!(report["state"] == "confirmed" && report["outage_seconds"].is_null(), "{report:#}");
    ensure!(report["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{report:#}");
    let checkpoint = report["checkpoint"].as_str().unwrap_or_default();
    ensure!(checkpoint.contains("/Checkpoint/"), "{report:#}");
    let events = report["timeline"].as_array().context("no timeline")?;
    ensure!(events.iter().any(|one| one["event"] == "committed"), "{report:#}");
    ensure!(report["probes"].as_array().is_some_and(|probes| probes.len() == 2), "{report:#}");
    scenario.workspace.assert_converged()?;

    // What needs no transaction has none to report.
    scenario.configure(&BRIDGE.replace("mtu = 1450", "mtu = 1400\n  settle_timeout = 7"))?;
    scenario.workspace.apply()?;
    ensure!(transaction(&scenario)?.is_null(), "there was a transaction");
    scenario.workspace.assert_converged()
}

/// One file per transaction, for its owner alone and without secrets.
#[test]
fn in_a_directory() -> Result<()> {
    let mut scenario = Scenario::namespace(Version::V1_11, "bundle")?;
    let directory = scenario.workspace.path().join("reports");
    scenario.settings = format!("  report_dir = \"{}\"", directory.display());
    scenario.configure(&format!(
        r#"
resource "nmstate_interface" "eth1" {{
  name = "eth1"
  type = "ethernet"
  ieee_802_1x = {{
    identity    = "lab"
    eap_methods = ["md5"]
    password    = "{SECRET}"
  }}
}}
"#
    ))?;
    scenario.workspace.apply()?;
    let files: Vec<_> = fs::read_dir(&directory)?.collect::<Result<_, _>>()?;
    let [file] = files.as_slice() else { anyhow::bail!("{} files", files.len()) };
    let mode = file.metadata()?.permissions().mode();
    ensure!(mode & 0o777 == 0o600, "mode {mode:o}");
    let text = fs::read_to_string(file.path())?;
    ensure!(!text.contains(SECRET), "the secret is in the file");
    let bundle: Value = serde_json::from_str(&text)?;
    ensure!(bundle["host"] == scenario.host.name(), "{bundle:#}");
    ensure!(bundle["transaction"]["state"] == "confirmed", "{bundle:#}");
    ensure!(text.contains("\"identity\":\"lab\""), "the document is missing: {text}");
    Ok(())
}

/// Where the profile is: on disk after the commit or at once, or only until the next reboot.
#[test]
fn on_disk() -> Result<()> {
    let mut scenario = Scenario::namespace(Version::V1_11, "disk")?;
    for (persist, is_on_disk) in [("after-commit", true), ("at-once", true), ("never", false)] {
        scenario.settings = format!("  checkpoint = {{ persist = \"{persist}\" }}");
        scenario.configure(BRIDGE)?;
        scenario.workspace.apply()?;
        let profiles = |directory: &str| {
            let script =
                format!("grep -ls '^interface-name=br0$' {directory}/* 2>/dev/null || true");
            scenario.host.shell(&script)
        };
        let disk = profiles("/etc/NetworkManager/system-connections")?;
        let memory = profiles("/run/NetworkManager/system-connections")?;
        ensure!(disk.is_empty() != is_on_disk, "{persist}: disk `{disk}`, memory `{memory}`");
        ensure!(is_on_disk || !memory.is_empty(), "{persist}: there is no profile at all");
        scenario.workspace.assert_converged()?;
        scenario.workspace.destroy()?;
    }
    Ok(())
}
