//! Sections that are declared and have nothing in them.
//!
//! Core drops attributes that it does not know from an object without a word, so a misspelt one
//! leaves the section that it stands in with nothing.

use std::collections::BTreeMap;

use nmstate_schema::keys::Kind;
use tfplugin::{AttributePath, Diagnostics, Value};

use crate::convert;
use crate::layout::Layout;

/// Warns of each section without an attribute, unless that asks for something.
pub(crate) fn warn(
    layout: &Layout,
    attributes: &BTreeMap<String, Value>,
    diagnostics: &mut Diagnostics,
) {
    for field in &layout.fields {
        let value = attributes.get(&field.attribute).unwrap_or(&Value::Null);
        look(&field.key.kind, value, field.attribute.as_str().into(), diagnostics);
    }
}

fn look(kind: &'static Kind, value: &Value, path: AttributePath, diagnostics: &mut Diagnostics) {
    match (kind, value) {
        (Kind::Section(section), Value::Map(attributes)) => {
            let is_hollow = attributes.values().all(Value::is_null);
            if is_hollow && !section.empty_resets && !section.empty_is_meant {
                let summary = format!("{path}: there is nothing in it");
                let detail = format!(
                    "Terraform drops attributes that it does not know from an object without a word: \
                     look for a misspelt one, or leave `{path}` out"
                );
                diagnostics.attribute_warning(path, summary, detail);
                return;
            }
            for key in convert::shown_keys(section) {
                let name = convert::attribute_name(key.name);
                if let Some(inner) = attributes.get(&name) {
                    look(&key.kind, inner, path.clone().attribute(name), diagnostics);
                }
            }
        }
        (Kind::List { item, .. }, Value::List(items)) => {
            for (index, inner) in items.iter().enumerate() {
                look(item, inner, path.clone().index(index), diagnostics);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(layout: &Layout, name: &str, value: Value) -> Vec<String> {
        let mut diagnostics = Diagnostics::new();
        warn(layout, &BTreeMap::from([(name.to_owned(), value)]), &mut diagnostics);
        diagnostics.into_iter().filter_map(|one| Some(one.attribute?.to_string())).collect()
    }

    #[test]
    fn what_has_lost_its_attributes_is_named() {
        let bridge = Layout::typed("linux-bridge");
        let nothing = || Value::object([("enabled", Value::Null), ("address", Value::Null)]);
        assert_eq!(warned(&bridge, "ipv4", nothing()), ["ipv4"]);
        let unknown = Value::object([("enabled", Value::Unknown), ("address", Value::Null)]);
        assert_eq!(warned(&bridge, "ipv4", unknown), [""; 0]);
        let stp = Value::object([("stp", Value::object([("priority", Value::Null)]))]);
        assert_eq!(warned(&bridge, "options", stp), ["options.stp"]);
        assert_eq!(warned(&bridge, "ipv4", Value::Null), [""; 0]);
    }

    #[test]
    fn what_asks_for_something_by_being_empty_is_not() {
        let port = Value::object([
            ("name", Value::from("eth1")),
            ("vlan", Value::object([("mode", Value::Null)])),
        ]);
        let bridge = Layout::typed("linux-bridge");
        assert_eq!(warned(&bridge, "port", Value::List(vec![port])), [""; 0]);
        let options = Value::object([("miimon", Value::Null)]);
        assert_eq!(warned(&Layout::typed("bond"), "options", options), [""; 0]);
    }
}
