//! Cards that have no profile of their own: NetworkManager leaves one alone, and some share one.

use acceptance_tests::terraform::messages;
use anyhow::{Result, ensure};

use super::super::Scenario;
use super::{each_parallelism, has};

const CARDS: &str = r#"
resource "nmstate_ethernet" "alone" {
  name = "eth1"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.9", prefix_length = 24 }]
  }
}

resource "nmstate_ethernet" "shared" {
  name = "eth2"
  mtu  = 1400
}
"#;

/// A destroy gives them back: the one to nobody, the other to the profile that it shares.
#[test]
fn cards_go_back_to_what_had_them() -> Result<()> {
    let scenario = Scenario::with_cards("profiles")?;
    scenario.host.shell(
        "nmcli --wait 20 connection delete eth1 eth2 >/dev/null
         nmcli connection add type ethernet con-name shared ifname '' connection.multi-connect multiple \
             match.interface-name 'eth2 eth3' ipv4.method manual ipv4.addresses 203.0.113.9/24 \
             ipv6.method disabled >/dev/null
         nmcli --wait 20 connection up shared ifname eth2 >/dev/null
         nmcli --wait 20 connection up shared ifname eth3 >/dev/null
         nmcli device set eth1 managed no
         sleep 1",
    )?;
    let devices = || scenario.host.shell("nmcli -t -f DEVICE,STATE,CONNECTION device | sort");
    let before = devices()?;
    has(&before, &["eth1:unmanaged:", "eth2:connected:shared", "eth3:connected:shared"])?;
    each_parallelism(&scenario, |scenario, parallelism| {
        scenario.in_force(CARDS, parallelism)?;
        let shown = devices()?;
        has(&shown, &["eth1:connected:eth1", "eth2:connected:eth2", "eth3:connected:shared"])?;
        scenario.in_force(&CARDS.replace("1400", "1300"), parallelism)?;
        scenario.workspace.run(["destroy", parallelism])?.succeeded()?;
        let after = devices()?;
        ensure!(after == before, "{before}became\n{after}");
        Ok(())
    })
}

/// A card whose shared profile does not fit it any more stays as it is until somebody says what is
/// right; one whose profile is gone keeps its own, and the run says so.
#[test]
fn a_shared_profile_that_has_changed_is_said() -> Result<()> {
    const CARD: &str = r#"
        resource "nmstate_ethernet" "shared" {
          name = "eth2"
          mtu  = 1400
        }
    "#;
    let scenario = Scenario::with_cards("profiles-changed")?;
    scenario.host.shell(
        "nmcli --wait 20 connection delete eth2 >/dev/null
         nmcli connection add type ethernet con-name shared ifname '' connection.multi-connect multiple \
             match.interface-name 'eth2 eth3' ipv4.method manual ipv4.addresses 203.0.113.9/24 \
             ipv6.method disabled >/dev/null
         nmcli --wait 20 connection up shared ifname eth2 >/dev/null",
    )?;
    scenario.in_force(CARD, "-parallelism=10")?;
    let device = || scenario.host.shell("nmcli -t -f DEVICE,STATE,CONNECTION device | grep ^eth2");
    has(&device()?, &["eth2:connected:eth2"])?;

    scenario.host.shell("nmcli connection modify shared match.interface-name eth3")?;
    let refused = scenario.workspace.run(["destroy"])?.failed()?;
    has(&refused, &["cannot go back to the profile that it shared", "on_destroy = \"keep\""])?;
    has(&device()?, &["eth2:connected:eth2"])?;
    has(&scenario.host.shell("ip -o link show eth2")?, &["mtu 1400"])?;

    scenario.host.shell("nmcli --wait 20 connection delete shared >/dev/null")?;
    let said = scenario.workspace.run(["destroy"])?.succeeded()?;
    let said = messages(&said.stdout).join("\n");
    has(&said, &["`eth2` keeps a profile of its own", "the profile `shared` that it shared"])?;
    has(&device()?, &["eth2:connected:eth2"])?;
    let shown = scenario.host.shell("ip -o address show eth2; ip -o link show eth2")?;
    has(&shown, &["203.0.113.9/24", "mtu 1500"])
}
