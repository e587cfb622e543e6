//! Which entries a host has, for `terraform query`.
//!
//! What is found is what an import of it would give, so that a generated configuration plans empty.

use std::sync::Arc;

use async_trait::async_trait;
use nmstate_engine::{Error, glob_matches};
use nmstate_schema::Value as Json;
use nmstate_schema::keys::Key;
use tfplugin::{Attribute, Diagnostics, ListRequest, ListResource, Listed, Schema, Type, Value};

use super::{EntryResource, Kind};
use crate::data_sources::{filter, passes};
use crate::fleet::known_host;
use crate::report;
use crate::shared::Shared;

/// The key that is filtered by a pattern.
const NAME: &str = "name";

/// The list resource over one [`Kind`] of entry.
pub(crate) struct EntryList<K> {
    resource: EntryResource<K>,
}

/// The attribute that says which host to look at.
pub(crate) fn host_attribute() -> Attribute {
    Attribute::optional("host", Type::String).described(
        "The host: a key of the provider's `hosts`, or an SSH destination where the provider \
         allows that. Defaults to the provider's `host`.",
    )
}

impl<K: Kind> EntryList<K> {
    /// The list resource of a kind.
    pub(crate) fn new(kind: K, shared: Arc<Shared>) -> Self {
        Self { resource: EntryResource::new(kind, shared) }
    }

    fn filters(&self) -> Vec<&'static Key> {
        let (kind, fields) = (&self.resource.kind, &self.resource.layout.fields);
        let key = |name: &&str| {
            fields.iter().find(|field| field.key.name == *name && field.section.is_none())
        };
        kind.filters().iter().filter_map(|name| Some(key(name)?.key)).collect()
    }

    fn is_wanted(&self, config: &Value, found: &Json) -> bool {
        let name = found.get(NAME).and_then(Json::as_str).unwrap_or_default();
        let exact: Vec<&'static Key> =
            self.filters().into_iter().filter(|key| key.name != NAME).collect();
        config.attribute(NAME).as_str().is_none_or(|pattern| glob_matches(pattern, name))
            && passes(config, &exact, found)
    }

    async fn found(&self, request: &ListRequest) -> Result<Vec<Listed>, Error> {
        let resource = &self.resource;
        let config = &request.config;
        let (host, member) =
            known_host(resource.shared.fleet()?.resolve(config.attribute("host"))?)?;
        let snapshot = member.host.snapshot().await?;
        let wanted = resource.kind.all(snapshot.canonical()).into_iter();
        let wanted = wanted.filter(|found| self.is_wanted(config, found));
        let listed = wanted.map(|found| {
            let state = resource.adopted(&host, &snapshot, &found);
            Listed {
                identity: resource.identity_of(&state).unwrap_or_default(),
                display_name: resource.kind.label(&found),
                resource: request.include_resource.then_some(Value::Map(state)),
            }
        });
        Ok(listed.take(request.limit.unwrap_or(usize::MAX)).collect())
    }
}

#[async_trait]
impl<K: Kind> ListResource for EntryList<K> {
    fn type_name(&self) -> &str {
        &self.resource.name
    }

    fn schema(&self) -> Schema {
        let mut description = format!(
            "Finds what a host has that `{}` can manage, for `terraform query`.",
            self.resource.name
        );
        if !self.filters().is_empty() {
            description.push_str(" All filters that are given count.");
        }
        let filters = self.filters().into_iter().map(|key| match key.name {
            NAME => Attribute::optional(NAME, Type::String).described(
                "A pattern for names, such as `eth*`: `*` is any text, `?` any one character.",
            ),
            name => filter(key, &format!("Only those with this `{name}`, in any spelling.")),
        });
        let attributes = std::iter::once(host_attribute()).chain(filters).collect();
        Schema { version: 0, description, attributes }
    }

    async fn list(&self, request: ListRequest, diagnostics: &mut Diagnostics) -> Vec<Listed> {
        self.found(&request).await.unwrap_or_else(|error| {
            report::error(diagnostics, &error, report::host_attribute(&error));
            Vec::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use nmstate_schema::canonical::canonical;
    use nmstate_schema::document::Document;

    use super::*;
    use crate::kinds::hostname::Hostname;
    use crate::kinds::interface::Interface;
    use crate::kinds::route::Route;

    const HOST: &str = "
interfaces:
- {name: eth1, type: ethernet, state: up}
- {name: eth2, type: ethernet, state: up, controller: br0}
- {name: br0, type: linux-bridge, state: up}
routes:
  config:
  - {destination: 192.0.2.0/24, next-hop-interface: eth1, next-hop-address: 198.51.100.1, table-id: 254}
  - {destination: 2001:db8::/32, next-hop-interface: eth1, next-hop-address: '2001:db8::1', table-id: 100}
hostname: {running: web1, config: web1}
";

    /// What is listed, by what messages call it.
    fn listed(kind: impl Kind, filters: &[(&str, Value)]) -> Vec<String> {
        let list = EntryList::new(kind, Arc::new(Shared::default()));
        let state = canonical(&Document::parse(HOST).unwrap());
        let config = Value::object(filters.iter().cloned());
        for (name, _) in filters {
            assert!(list.schema().attribute(name).is_some(), "`{name}` is no filter");
        }
        let all = list.resource.kind.all(&state).into_iter();
        let wanted = all.filter(|found| list.is_wanted(&config, found));
        wanted.map(|found| list.resource.kind.label(&found)).collect()
    }

    #[test]
    fn entries_of_the_kind_that_pass_all_filters() {
        let any = || Interface { of_type: None };
        let ethernet = || Interface { of_type: Some("ethernet") };
        assert_eq!(listed(any(), &[]).len(), 3);
        assert_eq!(listed(ethernet(), &[]), ["interface `eth1`", "interface `eth2`"]);
        assert_eq!(listed(any(), &[("name", "br*".into())]), ["interface `br0`"]);
        assert_eq!(listed(ethernet(), &[("controller", "br0".into())]), ["interface `eth2`"]);
        assert_eq!(listed(any(), &[("type", "linux-bridge".into())]), ["interface `br0`"]);
        assert_eq!(
            listed(Route, &[("destination", "2001:DB8::/32".into())]),
            ["route `2001:db8::/32`"]
        );
        assert_eq!(listed(Route, &[("table_id", 254.into())]), ["route `192.0.2.0/24`"]);
        assert_eq!(listed(Hostname, &[]), ["the host name"]);
    }
}
