//! What the profiles of a host say beside its interfaces: addresses, routes and rules.
//!
//! nmstate shows what the kernel has, and a kernel does not say whose a static route or a rule is.
//! What is in no profile was set by another program, and NetworkManager will not remove it.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use futures_util::future::try_join_all;
use nmstate_schema::Value;
use nmstate_schema::canonical::canonical_value;
use nmstate_schema::keys::{Kind, Text};
use zbus::zvariant::OwnedValue;

use super::NetworkManager;
use super::profiles::{NOT_OURS, ProfileProxy};
use crate::error::Error;

/// What is in a host's profiles, whichever of them are active.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configured {
    addresses: BTreeSet<IpAddr>,
    /// Destination and gateway.
    routes: BTreeSet<(String, Option<IpAddr>)>,
    rules: BTreeSet<Rule>,
}

/// What tells a rule from others: family, priority, source and destination.
type Rule = (String, u64, Option<String>, Option<String>);
type Settings = HashMap<String, Entry>;
type Entry = HashMap<String, OwnedValue>;

impl Configured {
    /// Whether a profile has this address.
    pub fn has_address(&self, address: &str) -> bool {
        address.parse().is_ok_and(|address| self.addresses.contains(&address))
    }

    /// Whether a profile has a route to the same destination by the same gateway.
    pub fn has_route(&self, route: &Value) -> bool {
        let gateway = route["next-hop-address"].as_str().and_then(|text| text.parse().ok());
        let destination = route["destination"].as_str().map(network);
        destination.is_some_and(|destination| self.routes.contains(&(destination, gateway)))
    }

    /// Whether a profile has a rule of the same priority for the same packets.
    pub fn has_rule(&self, rule: &Value) -> bool {
        let of = |end: &str| rule[end].as_str().filter(|text| !text.is_empty()).map(network);
        let family = rule["family"].as_str().unwrap_or_default().to_owned();
        rule["priority"].as_u64().is_some_and(|priority| {
            self.rules.contains(&(family, priority, of("ip-from"), of("ip-to")))
        })
    }

    fn add(&mut self, settings: &Settings) {
        for family in ["ipv4", "ipv6"] {
            let Some(section) = settings.get(family) else { continue };
            let entries = |key: &str| section.get(key).map(entries).unwrap_or_default();
            let addresses = entries("address-data");
            self.addresses.extend(addresses.iter().filter_map(|one| address(one, "address")));
            if let Some(gateway) = address(section, "gateway") {
                let all = if gateway.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
                self.routes.insert((all.to_owned(), Some(gateway)));
            }
            for route in entries("route-data") {
                let destination = address(&route, "dest").zip(number(&route, "prefix"));
                let gateway = address(&route, "next-hop").filter(|one| !one.is_unspecified());
                if let Some((destination, prefix)) = destination {
                    self.routes.insert((network(&format!("{destination}/{prefix}")), gateway));
                }
            }
            for rule in entries("routing-rules") {
                let of = |end: &str| {
                    let prefix = number(&rule, &format!("{end}-len")).filter(|prefix| *prefix > 0);
                    Some(network(&format!("{}/{}", address(&rule, end)?, prefix?)))
                };
                if let Some(priority) = number(&rule, "priority") {
                    self.rules.insert((family.to_owned(), priority, of("from"), of("to")));
                }
            }
        }
    }
}

impl NetworkManager {
    /// What is in all profiles that somebody has made.
    pub async fn configured(&self) -> Result<Configured, Error> {
        let read = async {
            let paths = self.settings().await?.list_connections().await?;
            let profiles = try_join_all(paths.into_iter().map(|path| async move {
                let proxy = self.profile(&path).await?;
                // A profile may go between the list and the question.
                Ok::<_, zbus::Error>(read(&proxy).await.ok().flatten())
            }));
            let mut configured = Configured::default();
            for settings in profiles.await?.into_iter().flatten() {
                configured.add(&settings);
            }
            Ok(configured)
        };
        self.call("its profiles", read).await
    }
}

/// The settings of a profile; none for one of NetworkManager's own, which repeats what is there.
async fn read(proxy: &ProfileProxy<'_>) -> zbus::Result<Option<Settings>> {
    let (settings, flags) = futures_util::try_join!(proxy.get_settings(), proxy.flags())?;
    Ok((flags & NOT_OURS == 0).then_some(settings))
}

fn entries(value: &OwnedValue) -> Vec<Entry> {
    value.try_clone().ok().and_then(|value| value.try_into().ok()).unwrap_or_default()
}

fn address(entry: &Entry, key: &str) -> Option<IpAddr> {
    entry.get(key)?.downcast_ref::<&str>().ok()?.parse().ok()
}

/// A number of either width that NetworkManager uses.
fn number(entry: &Entry, key: &str) -> Option<u64> {
    let value = entry.get(key)?;
    let wide = value.downcast_ref::<u32>().map(u64::from);
    wide.or_else(|_| value.downcast_ref::<u8>().map(u64::from)).ok()
}

/// A network in the one spelling.
fn network(text: &str) -> String {
    let network = canonical_value(&Kind::Text(Text::IpNetwork), &text.into());
    network.as_str().unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use zbus::zvariant::Value as Variant;

    use super::*;

    fn entry(pairs: &[(&str, Variant<'_>)]) -> Entry {
        let owned = |value: &Variant<'_>| value.try_to_owned().unwrap();
        pairs.iter().map(|(key, value)| ((*key).to_owned(), owned(value))).collect()
    }

    fn list(entries: Vec<Entry>) -> OwnedValue {
        Variant::from(entries).try_to_owned().unwrap()
    }

    #[test]
    fn what_is_in_a_profile_is_found_as_nmstate_shows_it() {
        let routes = vec![
            entry(&[
                ("dest", "10.1.2.3".into()),
                ("prefix", 16_u32.into()),
                ("next-hop", "192.0.2.9".into()),
            ]),
            entry(&[("dest", "10.2.0.0".into()), ("prefix", 16_u32.into())]),
        ];
        let rules = vec![
            entry(&[
                ("priority", 100_u32.into()),
                ("from", "192.0.2.0".into()),
                ("from-len", 24_u8.into()),
            ]),
            entry(&[("priority", 200_u32.into()), ("fwmark", 1_u32.into())]),
        ];
        let addresses = vec![entry(&[("address", "192.0.2.1".into()), ("prefix", 24_u32.into())])];
        let mut ipv4 = entry(&[("gateway", "192.0.2.254".into())]);
        ipv4.insert("address-data".to_owned(), list(addresses));
        ipv4.insert("route-data".to_owned(), list(routes));
        ipv4.insert("routing-rules".to_owned(), list(rules));
        let mut found = Configured::default();
        found.add(&HashMap::from([("ipv4".to_owned(), ipv4)]));

        assert!(found.has_address("192.0.2.1") && !found.has_address("192.0.2.2"));
        let route = |to: &str, by: &str| {
            found.has_route(&json!({"destination": to, "next-hop-address": by}))
        };
        assert!(route("0.0.0.0/0", "192.0.2.254") && !route("0.0.0.0/0", "192.0.2.253"));
        assert!(route("10.1.0.0/16", "192.0.2.9") && !route("10.1.0.0/24", "192.0.2.9"));
        assert!(found.has_route(&json!({"destination": "10.2.0.0/16"})));
        assert!(!found.has_route(&json!({"destination": "10.1.0.0/16"})));
        let rule = |priority: u32, from: &str| {
            found.has_rule(&json!({"family": "ipv4", "priority": priority, "ip-from": from}))
        };
        assert!(rule(100, "192.0.2.0/24") && rule(200, ""));
        assert!(!rule(100, "") && !rule(200, "192.0.2.0/24") && !rule(300, ""));
        assert!(!found.has_rule(&json!({"family": "ipv6", "priority": 200})));
    }
}
