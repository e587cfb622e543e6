//! Probes through Terraform: what is watched, for how long, and what the user reads.

use std::time::{Duration, Instant};

use acceptance_tests::Temporary;
use acceptance_tests::terraform::{Terraform, Version, Workspace, changes};
use anyhow::{Result, ensure};

use super::Scenario;

/// How long probes are asked again in these scenarios, in seconds.
const SETTLE: u64 = 3;
/// What a revert may take beyond that.
const SLACK: Duration = Duration::from_secs(5);
/// Passes until there is a bridge.
const NO_BRIDGE: &str = "{ command = [\"test\", \"!\", \"-d\", \"/sys/class/net/br0\"] }";
/// What is said of the probe `false`.
const DROPPED: &str = "not watched, because it fails before the change: command false";

/// A bridge, watched by these probes.
fn bridge(settings: &str) -> String {
    format!("resource \"nmstate_linux_bridge\" \"br0\" {{\n  name = \"br0\"\n  {settings}\n}}\n")
}

fn is_there(scenario: &Scenario<Temporary>) -> Result<bool> {
    Ok(scenario.host.exec(&["test", "-d", "/sys/class/net/br0"])?.status == 0)
}

/// Every bad value of the provider block and of a resource, all of a block at once.
#[test]
fn bad_values() -> Result<()> {
    let workspace = Workspace::new(Terraform::of(Version::V1_11)?)?;
    let provider = r#"
provider "nmstate" {
  checkpoint = {
    persist        = "later"
    settle_timeout = -1
  }
  probes = [
    { gateway = true, dns = "example.com" },
    { tcp = "192.0.2.1" },
  ]
}
"#;
    let resource = bridge("settle_timeout = 0.5\n  probes = [{ command = [] }]");
    let cases: [(String, &[&str]); 2] = [
        (
            format!("{provider}{}", bridge("")),
            &[
                "`persist` cannot be `later`",
                "`after-commit`, `at-once` or `never`",
                "`settle_timeout` cannot be `-1`",
                "the probe asks `gateway` and `dns`",
                "`tcp` cannot be `192.0.2.1`",
            ],
        ),
        (resource, &["`settle_timeout` cannot be `0.5`", "`command` names no program"]),
    ];
    for (text, words) in cases {
        workspace.configure(&text)?;
        let error = workspace.run(["validate", "-no-color"])?.failed()?;
        for words in words {
            ensure!(error.contains(words), "`{words}` is missing in: {error}");
        }
    }
    Ok(())
}

/// A required probe that fails before the change: nothing is begun.
#[test]
fn required() -> Result<()> {
    let mut scenario = Scenario::namespace(Version::V1_11, "required")?;
    scenario.settings =
        "  probes = [{ command = [\"test\", \"-e\", \"/run/ready\"], required = true }]".into();
    scenario.configure(&bridge(""))?;
    let error = scenario.workspace.run(["apply"])?.failed()?;
    for words in ["nothing was changed", "required probe `command test`", "timeline: "] {
        ensure!(error.contains(words), "`{words}` is missing in: {error}");
    }
    ensure!(scenario.transactions()? == 0, "something was sent");

    scenario.host.shell("touch /run/ready")?;
    scenario.workspace.apply()?;
    ensure!(is_there(&scenario)?, "the bridge is not there");
    scenario.workspace.assert_converged()
}

/// A resource's own probe, which the change makes fail: undone soon, and said with its times.
#[test]
fn broken_by_the_change() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "broken")?;
    let before = scenario.running_config()?;
    scenario.configure(&bridge(&format!("settle_timeout = {SETTLE}\n  probes = [{NO_BRIDGE}]")))?;
    let mut terraform = scenario.workspace.start(["apply"])?;
    while !is_there(&scenario)? {
        ensure!(terraform.try_wait()?.is_none(), "terraform ended before there was a bridge");
        std::thread::sleep(Duration::from_millis(50));
    }
    let changed = Instant::now();
    while is_there(&scenario)? {
        ensure!(changed.elapsed() < Duration::from_secs(60), "the bridge stays");
        std::thread::sleep(Duration::from_millis(50));
    }
    let took = changed.elapsed();
    let error = acceptance_tests::terraform::Run::from(terraform.wait_with_output()?).failed()?;
    ensure!(took < Duration::from_secs(SETTLE) + SLACK, "the revert took {took:?}");
    for words in [
        "probe `command test` fails since the change",
        "the host is as it was before",
        "timeline: ",
        "rolled back",
    ] {
        ensure!(error.contains(words), "`{words}` is missing in: {error}");
    }
    let after = scenario.running_config()?;
    ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    Ok(())
}

/// What watches a resource is changed in place and without a transaction, and it watches the
/// destroy too; what fails before a change is only told of.
#[test]
fn only_the_probes() -> Result<()> {
    let mut scenario = Scenario::namespace(Version::V1_11, "only")?;
    scenario.configure(&bridge(""))?;
    scenario.workspace.apply()?;
    let transactions = scenario.transactions()?;

    // The bridge is there, and has to stay.
    let stays =
        "settle_timeout = 1\n  probes = [{ command = [\"test\", \"-d\", \"/sys/class/net/br0\"] }]";
    scenario.configure(&bridge(stays))?;
    let planned = changes(&scenario.workspace.plan()?, "resource_changes");
    let expected = ["probes", "settle_timeout"].map(str::to_owned).to_vec();
    ensure!(planned == [("nmstate_linux_bridge.br0".to_owned(), expected)], "{planned:#?}");
    scenario.workspace.apply()?;
    ensure!(scenario.transactions()? == transactions, "something was sent");
    scenario.workspace.assert_converged()?;

    let error = scenario.workspace.run(["destroy"])?.failed()?;
    ensure!(error.contains("probe `command test` fails since the change"), "{error}");
    ensure!(is_there(&scenario)?, "the bridge is gone");

    scenario.configure(&bridge(&format!("probes = [{NO_BRIDGE}]")))?;
    scenario.workspace.apply()?;
    scenario.settings = "  probes = []".into();
    scenario.configure(&bridge("mtu = 1400\n  probes = [{ command = [\"false\"] }]"))?;
    let run = scenario.workspace.apply()?;
    ensure!(run.stdout.contains(DROPPED), "{}", run.stdout);
    Ok(())
}

/// Many resources, one transaction: one warning.
#[test]
fn told_once() -> Result<()> {
    let mut scenario = Scenario::namespace(Version::V1_11, "once")?;
    scenario.settings = "  probes = [{ command = [\"false\"] }]".into();
    scenario.configure(
        "resource \"nmstate_linux_bridge\" \"all\" {\n  for_each = toset([\"a\", \"b\", \"c\"])\n  \
         name = \"br${each.key}\"\n}\n",
    )?;
    let run = scenario.workspace.apply()?;
    ensure!(scenario.transactions()? == 1, "{} transactions", scenario.transactions()?);
    // Terraform folds warnings that are alike and says how many.
    let is_once = run.stdout.contains(DROPPED) && !run.stdout.contains("similar warning");
    ensure!(is_once, "{}", run.stdout);
    Ok(())
}
