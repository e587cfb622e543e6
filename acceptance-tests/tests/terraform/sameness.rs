//! A plan says what will change on the host, all of it and nothing else.

mod addresses;
mod found;
mod left_out;

use acceptance_tests::Temporary;
use acceptance_tests::terraform::{Version, changes};
use anyhow::{Result, ensure};

use super::Scenario;

impl Scenario<Temporary> {
    /// A namespace host whose cards are up without addresses.
    fn with_plain_cards(name: &str) -> Result<Self> {
        let scenario = Self::namespace(Version::V1_11, &format!("same-{name}-"))?;
        let cards = r#"{"interfaces": [
            {"name": "eth1", "type": "ethernet", "state": "up", "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},
            {"name": "eth2", "type": "ethernet", "state": "up", "ipv4": {"enabled": false}, "ipv6": {"enabled": false}}]}"#;
        let output =
            scenario.host.exec_with_input(&["nmstatectl", "apply", "-q"], cards.as_bytes())?;
        ensure!(output.status == 0, "{}", output.stderr);
        // A secondary address stays when the primary one goes, as systemd sets it on every host.
        scenario.host.shell("sysctl -qw net.ipv4.conf.eth1.promote_secondaries=1")?;
        Ok(scenario)
    }

    /// Applies; the second plan is empty and so is a refresh.
    fn settles(&self, configuration: &str) -> Result<()> {
        self.configure(configuration)?;
        self.workspace.apply()?;
        self.workspace.assert_converged()
    }

    /// The attributes that a plan changes, all of one resource; none when it is empty.
    fn planned(&self) -> Result<Vec<String>> {
        let planned = changes(&self.workspace.plan()?, "resource_changes");
        ensure!(planned.len() <= 1, "{planned:?}");
        Ok(planned.into_iter().flat_map(|(_, attributes)| attributes).collect())
    }

    /// Fails unless a plan changes attributes at these places alone, and each of them.
    fn plans(&self, places: &[&str]) -> Result<()> {
        let planned = self.planned()?;
        let is_in = |one: &String, place: &&str| {
            one == place
                || one.starts_with(&format!("{place}["))
                || one.starts_with(&format!("{place}."))
        };
        ensure!(
            planned.iter().all(|one| places.iter().any(|place| is_in(one, place))),
            "{planned:?}"
        );
        ensure!(
            places.iter().all(|place| planned.iter().any(|one| is_in(one, place))),
            "{planned:?}"
        );
        Ok(())
    }
}
