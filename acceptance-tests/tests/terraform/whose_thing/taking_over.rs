//! Something that is there already when a resource is created.

use anyhow::{Result, ensure};

use super::super::Scenario;
use super::{has, said};

const CARD: &str = r#"
resource "nmstate_ethernet" "card" {
  name = "eth2"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "198.51.100.9", prefix_length = 24 }]
  }
}
"#;

/// The plan names the address that goes, and destroying puts it back.
#[test]
fn is_said_with_what_goes() -> Result<()> {
    let scenario = Scenario::with_cards("over")?;
    super::each_parallelism(&scenario, |scenario, parallelism| {
        scenario.configure(CARD)?;
        let plan = said(&scenario.workspace.run(["plan", parallelism])?.succeeded()?);
        has(
            &plan,
            &[
                "interface `eth2` is there already, and is taken over",
                "192.0.2.173",
                "puts it back",
            ],
        )?;
        scenario.in_force(CARD, parallelism)?;
        // What adds to a thing takes nothing.
        let more = "resource \"nmstate_ethernet\" \"more\" {\n  name        = \"eth1\"\n  description = \"rack 4\"\n}\n";
        scenario.configure(&format!("{CARD}{more}"))?;
        let plan = said(&scenario.workspace.run(["plan", parallelism])?.succeeded()?);
        ensure!(!plan.contains("is taken over"), "{plan}");
        Ok(())
    })
}

/// With `adopt = false` only an import takes over; what is replaced is no taking over.
#[test]
fn is_refused_where_the_provider_says_so() -> Result<()> {
    let mut scenario = Scenario::with_cards("adopt")?;
    scenario.settings = "adopt = false".to_owned();
    let before = scenario.all()?;
    scenario.configure(CARD)?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    let error = error.split_whitespace().collect::<Vec<_>>().join(" ");
    has(
        &error,
        &["`eth2` is there already", "adopt = false", "terraform import nmstate_ethernet."],
    )?;
    let whole = "resource \"nmstate_state\" \"whole\" {\n  desired = { interfaces = [{ name = \"eth2\", mtu = 1400 }] }\n}\n";
    scenario.configure(whole)?;
    let error = scenario.workspace.run(["plan"])?.failed()?;
    has(&error, &["`eth2` is there already"])?;
    ensure!(scenario.transactions()? == 1, "something was sent");

    // A resource has the last word, and what is new takes nothing over.
    let new = "resource \"nmstate_linux_bridge\" \"new\" {\n  name = \"br0\"\n}\n";
    let allowed = CARD.replace("name = \"eth2\"", "name  = \"eth2\"\n  adopt = true");
    scenario.in_force(&format!("{allowed}{new}"), "-parallelism=10")?;
    for address in ["nmstate_linux_bridge.new", "nmstate_ethernet.card"] {
        let replace = format!("-replace={address}");
        scenario.workspace.run(["apply", &replace])?.succeeded()?;
        scenario.workspace.assert_converged()?;
    }
    scenario.as_before(&before, "-parallelism=10")
}
