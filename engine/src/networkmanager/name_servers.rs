//! The name servers that NetworkManager uses for all of a host, instead of those of its profiles.
//!
//! nmstate keeps a host's DNS there, and besides in the profile of an interface of the same
//! document, for the sake of those who read nothing but profiles.

use std::collections::{BTreeMap, HashMap};

use zbus::zvariant::{OwnedValue, Value};

use super::NetworkManager;
use crate::error::Error;

/// The domain whose servers answer for every name that no other domain has.
const ANY: &str = "*";

/// The property `GlobalDnsConfiguration`; nothing in it when the profiles decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GlobalDns {
    searches: Vec<String>,
    options: Vec<String>,
    /// The servers and the options of each domain.
    domains: BTreeMap<String, [Vec<String>; 2]>,
}

impl GlobalDns {
    /// The same with other servers for all names, search domains and resolver options.
    pub(crate) fn with(
        mut self,
        servers: Vec<String>,
        searches: Vec<String>,
        options: Vec<String>,
    ) -> GlobalDns {
        self.domains.insert(ANY.to_owned(), [servers, Vec::new()]);
        GlobalDns { searches, options, ..self }
    }

    fn read(from: &HashMap<String, OwnedValue>) -> GlobalDns {
        let mut dns = GlobalDns {
            searches: texts(from.get("searches").map(|value| &**value)),
            options: texts(from.get("options").map(|value| &**value)),
            domains: BTreeMap::new(),
        };
        let domains = from.get("domains").and_then(|all| map(all)).unwrap_or_default();
        for (domain, settings) in domains {
            let settings = map(&settings).unwrap_or_default();
            let both = ["servers", "options"].map(|key| texts(settings.get(key)));
            dns.domains.insert(domain, both);
        }
        dns
    }

    /// A dictionary that leaves out what is empty, as NetworkManager does.
    fn written(&self) -> HashMap<&'static str, Value<'static>> {
        let lists = |pairs: [(&'static str, &Vec<String>); 2]| {
            let given = pairs.into_iter().filter(|(_, list)| !list.is_empty());
            given.map(|(key, list)| (key, Value::from(list.clone()))).collect::<HashMap<_, _>>()
        };
        let mut all = lists([("searches", &self.searches), ("options", &self.options)]);
        if !self.domains.is_empty() {
            let domains = self.domains.iter().map(|(domain, [servers, options])| {
                let settings = lists([("servers", servers), ("options", options)]);
                (domain.clone(), Value::from(settings))
            });
            all.insert("domains", Value::from(domains.collect::<HashMap<_, _>>()));
        }
        all
    }
}

impl NetworkManager {
    /// The name servers of the whole host.
    pub(crate) async fn global_dns(&self) -> Result<GlobalDns, Error> {
        let read = self.proxy.global_dns_configuration();
        Ok(GlobalDns::read(&self.call("its name servers", read).await?))
    }

    /// Uses these name servers for the whole host. A rollback takes it back where
    /// [`Self::tracks_global_dns`] says so.
    pub(crate) async fn set_global_dns(&self, dns: &GlobalDns) -> Result<(), Error> {
        let write = self.proxy.set_global_dns_configuration(dns.written());
        self.call("the name servers back", write).await
    }

    /// True if a rollback takes back what was done to the name servers of the whole host:
    /// `NM_CHECKPOINT_CREATE_FLAG_TRACK_INTERNAL_GLOBAL_DNS` came with 1.48.
    pub(crate) async fn tracks_global_dns(&self) -> Result<bool, Error> {
        let version = self.version().await?;
        let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
        let release = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        Ok(release >= (1, 48))
    }
}

fn texts(value: Option<&Value<'_>>) -> Vec<String> {
    let list = value.and_then(|value| value.try_clone().ok());
    list.and_then(|list| Vec::<String>::try_from(list).ok()).unwrap_or_default()
}

fn map(value: &Value<'_>) -> Option<HashMap<String, Value<'static>>> {
    let owned = value.try_to_owned().ok()?;
    let map = HashMap::<String, OwnedValue>::try_from(owned).ok()?;
    Some(map.into_iter().map(|(key, value)| (key, Value::from(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_domains_stay() {
        let list = |texts: &[&str]| texts.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        let mut dns = GlobalDns::default();
        dns.domains.insert("corp".to_owned(), [list(&["192.0.2.1"]), list(&["rotate"])]);
        let dns =
            dns.with(list(&["192.0.2.53", "2001:db8::53"]), list(&["example.org"]), list(&[]));
        assert_eq!(dns.domains["*"], [list(&["192.0.2.53", "2001:db8::53"]), list(&[])]);
        let owned = dns.written().into_iter().map(|(key, value)| {
            (key.to_owned(), OwnedValue::try_from(value).expect("no file descriptors"))
        });
        assert_eq!(GlobalDns::read(&owned.collect()), dns);
        assert!(GlobalDns::default().written().is_empty());
    }
}
