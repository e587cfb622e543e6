//! What a resource calls the keys of nmstate, and the places of its entry: by its attributes, and in
//! Terraform's language.

use std::collections::BTreeMap;

use nmstate_schema::Names;
use nmstate_schema::path::{Path, Step};
use tfplugin::Value;

use crate::convert::attribute_name;
use crate::hcl;
use crate::layout::{Layout, within_entry};

/// The names of a resource with these attributes.
pub(crate) struct Naming<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) attributes: &'a BTreeMap<String, Value>,
}

impl Names for Naming<'_> {
    fn key(&self, keys: &[String]) -> String {
        let own = match keys.split_first() {
            Some((section, rest)) if !rest.is_empty() && self.layout.flattens(section) => rest,
            _ => keys,
        };
        let names: Vec<String> = own.iter().map(|key| attribute_name(key)).collect();
        names.join(".")
    }

    fn setting(&self, keys: &[String], value: &str) -> String {
        let is_bare = matches!(value, "true" | "false") || value.parse::<i64>().is_ok();
        let value = if is_bare { value.to_owned() } else { hcl::quoted(value) };
        format!("{} = {value}", self.key(keys))
    }

    fn place(&self, path: &Path) -> String {
        let steps = within_entry(path);
        let (mut text, rest) = match (self.layout.follow(steps, self.attributes), steps) {
            (Some((path, rest)), _) => (path.to_string(), rest),
            (None, [Step::Key(section)]) if self.layout.flattens(section) => return String::new(),
            (None, steps) => (String::new(), steps),
        };
        for step in rest {
            match step {
                Step::Key(name) if text.is_empty() => text.push_str(&attribute_name(name)),
                Step::Key(name) => text.push_str(&format!(".{}", attribute_name(name))),
                Step::Index(index) => text.push_str(&format!("[{index}]")),
                Step::Item(name) => text.push_str(&format!("[{name}]")),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tfplugin::{Diagnostics, Resource};

    use super::*;
    use crate::entry::{EntryResource, Kind};
    use crate::kinds::interface::Interface;
    use crate::kinds::route::Route;
    use crate::shared::Shared;

    /// The attribute, the summary and the detail of what is wrong with a configuration.
    async fn said(
        kind: impl Kind,
        config: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Vec<(String, String, String)> {
        let resource = EntryResource::new(kind, Arc::new(Shared::default()));
        let mut diagnostics = Diagnostics::new();
        resource.validate(&Value::object(config), &mut diagnostics).await;
        let texts = diagnostics.into_iter().map(|one| {
            let attribute = one.attribute.map(|path| path.to_string()).unwrap_or_default();
            (attribute, one.summary, one.detail)
        });
        texts.collect()
    }

    fn text(text: &str) -> Value {
        Value::from(text)
    }

    fn number(number: i64) -> Value {
        Value::Number(number.into())
    }

    #[tokio::test]
    async fn a_resource_is_told_of_in_its_own_words() {
        let tags = Value::List(vec![Value::object([("id", number(10))])]);
        let vlan = [("mode", text("trunk")), ("tag", number(7)), ("trunk_tags", tags)];
        let vlan = Value::object(vlan);
        let port = Value::object([("name", text("eth2")), ("vlan", vlan)]);
        let other = Value::object([("name", text("eth1"))]);
        let ports = [("name", text("br0")), ("port", Value::List(vec![other, port]))];
        assert_eq!(
            said(Interface { of_type: Some("linux-bridge") }, ports).await,
            [(
                "port[1].vlan.tag".to_owned(),
                "port[1].vlan.tag: a trunk port has a tag only as native VLAN".to_owned(),
                "set `enable_native = true` or leave `tag` out".to_owned()
            )]
        );
        let route = [("destination", text("192.0.2.0/24"))];
        assert_eq!(
            said(Route, route).await,
            [(
                String::new(),
                "a route needs the key `next_hop_interface`".to_owned(),
                "name the interface that packets leave by, or drop them by `route_type`".to_owned()
            )]
        );
        let bond = [("name", text("bond0")), ("mode", text("fast"))];
        let said = said(Interface { of_type: Some("bond") }, bond).await;
        assert_eq!(said[0].0, "mode");
        assert!(said[0].1.starts_with("mode: `fast` is not one of"), "{said:?}");
    }

    #[tokio::test]
    async fn what_is_not_known_yet_is_held_against_nothing() {
        let bond = || Interface { of_type: Some("bond") };
        let checked = |options: &[(&'static str, Value)]| {
            let options = Value::object(options.iter().cloned());
            said(bond(), [("name", text("bond0")), ("options", options)])
        };
        let known = [("miimon", number(100)), ("arp_ip_target", text("192.0.2.1"))];
        assert_eq!(checked(&known).await.len(), 1);
        let open = [known.as_slice(), &[("arp_interval", Value::Unknown)]].concat();
        assert_eq!(checked(&open).await, []);
        let listed = |port: Value| {
            let settings = Value::List(vec![Value::object([("name", "eth1")])]);
            [("name", text("bond0")), ("port", Value::List(vec![port])), ("ports_config", settings)]
        };
        assert_eq!(said(bond(), listed(text("eth2"))).await.len(), 1);
        assert_eq!(said(bond(), listed(Value::Unknown)).await, []);
        // What is wrong by itself is so whatever becomes of the rest.
        let wrong = [("name", text("bond0")), ("mode", text("fast")), ("mtu", Value::Unknown)];
        assert_eq!(said(bond(), wrong).await.len(), 1);
    }
}
