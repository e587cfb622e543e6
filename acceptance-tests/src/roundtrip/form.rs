//! A document as a configuration of Terraform, in Terraform's JSON syntax.

use nmstate_schema::Value;
use nmstate_schema::keys::{
    HOSTNAME, INTERFACE, Kind, ROUTE, ROUTE_RULE, STATE, Section, interface_type,
};
use serde_json::{Map, json};

use crate::terraform::differing;

/// What a document is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One `nmstate_state`.
    State,
    /// A resource of its own type for each entry.
    Typed,
}

/// Resources, each with its address, its attributes and the identifier to import it by.
pub(super) struct Configuration(Vec<Resource>);

struct Resource {
    kind: String,
    name: String,
    body: Map<String, Value>,
    import_id: String,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 2] = [Form::State, Form::Typed];

    /// The name in the results.
    pub fn name(self) -> &'static str {
        match self {
            Form::State => "nmstate_state",
            Form::Typed => "typed",
        }
    }

    /// The document in this form; none where a part of it has no resource of its own.
    pub(super) fn of(self, state: &Value) -> Option<Configuration> {
        match self {
            Form::State => Some(Configuration(vec![Resource {
                kind: "nmstate_state".to_owned(),
                name: "this".to_owned(),
                body: Map::from_iter([("desired".to_owned(), state.clone())]),
                import_id: "default".to_owned(),
            }])),
            Form::Typed => typed(state).map(Configuration),
        }
    }
}

impl Configuration {
    /// The resources, to stand beside the provider block.
    pub(super) fn resources(&self) -> Value {
        let mut resources = Map::new();
        let mut before: Option<String> = None;
        for Resource { kind, name, body, .. } in &self.0 {
            let mut body = body.clone();
            // In the order of the document: what is named later may stand on what is named before.
            if let Some(before) = before.replace(format!("{kind}.{name}")) {
                body.insert("depends_on".to_owned(), json!([before]));
            }
            let of_kind = resources.entry(kind.clone()).or_insert_with(|| json!({}));
            of_kind[name.as_str()] = body.into();
        }
        json!({ "resource": resources })
    }

    /// The same with an import of each.
    pub(super) fn imports(&self) -> Value {
        let mut configuration = self.resources();
        let imports = self.0.iter().map(|resource| {
            json!({"to": format!("{}.{}", resource.kind, resource.name), "id": resource.import_id})
        });
        configuration["import"] = imports.collect();
        configuration
    }

    /// The attributes that are other ones in `other`, as a plan names them.
    pub(super) fn changes(&self, other: &Configuration) -> Vec<String> {
        let mut paths = Vec::new();
        for (one, other) in self.0.iter().zip(&other.0) {
            let [one, other] = [one, other].map(|resource| Value::from(resource.body.clone()));
            differing(&one, &other, "", &mut paths);
        }
        paths
    }
}

/// A resource for each entry.
fn typed(state: &Value) -> Option<Vec<Resource>> {
    let mut resources = Vec::new();
    for (key, value) in state.as_object()? {
        match key.as_str() {
            "interfaces" => {
                for interface in value.as_array()? {
                    resources.push(interface_resource(interface)?);
                }
            }
            "routes" => {
                for (index, route) in value["config"].as_array()?.iter().enumerate() {
                    let parts = ["destination", "next-hop-interface", "next-hop-address"];
                    let parts = parts.iter().map_while(|part| route.get(*part)?.as_str());
                    let id = parts.collect::<Vec<_>>().join(",");
                    resources.push(entry("nmstate_route", format!("r{index}"), key, route, id)?);
                }
            }
            "route-rules" => {
                for (index, rule) in value["config"].as_array()?.iter().enumerate() {
                    let id = rule["priority"].as_i64()?.to_string();
                    let name = format!("r{index}");
                    resources.push(entry("nmstate_route_rule", name, key, rule, id)?);
                }
            }
            "dns-resolver" => {
                let (kind, id) = ("nmstate_dns_resolver", "default".to_owned());
                resources.push(entry(kind, "this".to_owned(), key, &value["config"], id)?);
            }
            "hostname" => {
                let id = "default".to_owned();
                resources.push(entry("nmstate_hostname", "this".to_owned(), key, value, id)?);
            }
            _ => return None,
        }
    }
    Some(resources)
}

fn interface_resource(interface: &Value) -> Option<Resource> {
    let type_name = interface["type"].as_str()?;
    let name = interface["name"].as_str()?;
    let state = interface.get("state").and_then(Value::as_str).unwrap_or("up");
    // A resource is there; what is to be absent is not one.
    if state != "up" {
        return None;
    }
    let list = STATE.key("interfaces")?;
    let Kind::List { item: Kind::Section(section), .. } = list.kind else { return None };
    let mut body = attributes(section, Some(type_name), interface)?;
    body.remove("type");
    body.remove("state");
    if let Some(own) = interface_type(type_name)?.section
        && let Some(Value::Object(own)) = body.remove(&attribute_name(own))
    {
        body.extend(own);
    }
    Some(Resource {
        kind: format!("nmstate_{}", attribute_name(type_name)),
        name: attribute_name(name),
        body,
        import_id: name.to_owned(),
    })
}

/// An entry that is one resource: `key` says in which part of the document it is.
fn entry(
    kind: &str,
    name: String,
    key: &str,
    value: &Value,
    import_id: String,
) -> Option<Resource> {
    let Kind::Section(mut section) = STATE.key(key)?.kind else { return None };
    match section.key("config").map(|config| config.kind) {
        Some(Kind::List { item: Kind::Section(inner), .. }) => section = inner,
        Some(Kind::Section(inner)) => section = inner,
        _ => {}
    }
    let body = attributes(section, None, value)?;
    Some(Resource { kind: kind.to_owned(), name, body, import_id })
}

/// The attributes of a section: Terraform's spelling of the key's own name.
fn attributes(
    section: &'static Section,
    type_name: Option<&str>,
    value: &Value,
) -> Option<Map<String, Value>> {
    let mut body = Map::new();
    for (name, value) in value.as_object()? {
        let key = section.key_for(name, type_name)?;
        let value = match (&key.kind, value) {
            (Kind::Section(inner), Value::Object(_)) => attributes(inner, type_name, value)?.into(),
            (Kind::List { item: Kind::Section(inner), .. }, Value::Array(items)) => {
                let items = items.iter().map(|item| attributes(inner, type_name, item));
                items.collect::<Option<Vec<_>>>()?.into()
            }
            _ => value.clone(),
        };
        body.insert(attribute_name(key.name), value);
    }
    Some(body)
}

/// Whether a plan may not know the attribute before the apply when `changed` changes: in the table
/// its key follows the other's.
pub(super) fn follows(attribute: &str, changed: &str) -> bool {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let (attribute, changed) = (last(attribute), last(changed));
    [&INTERFACE, &ROUTE, &ROUTE_RULE, &HOSTNAME].iter().flat_map(|section| section.keys).any(
        |key| {
            attribute_name(key.name) == attribute
                && key.follows.iter().any(|place| {
                    let name = place.rsplit('/').next().unwrap_or_default();
                    attribute_name(name) == changed
                })
        },
    )
}

/// Terraform's spelling of a key.
fn attribute_name(key: &str) -> String {
    let name = key.replace(['-', '.'], "_");
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("ieee_{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_becomes_a_resource() {
        let state = json!({"interfaces": [
                {"name": "br0", "type": "linux-bridge", "bridge": {"ports": [{"name": "eth1"}]}}],
            "routes": {"config": [{"destination": "198.51.100.0/24", "next-hop-interface": "br0"}]}});
        let configuration = Form::Typed.of(&state).unwrap();
        assert_eq!(
            configuration.imports(),
            json!({"resource": {
                "nmstate_linux_bridge": {"br0": {"name": "br0", "port": [{"name": "eth1"}]}},
                "nmstate_route": {"r0": {"destination": "198.51.100.0/24",
                    "next_hop_interface": "br0", "depends_on": ["nmstate_linux_bridge.br0"]}}},
              "import": [{"to": "nmstate_linux_bridge.br0", "id": "br0"},
                {"to": "nmstate_route.r0", "id": "198.51.100.0/24,br0"}]})
        );
        assert!(Form::Typed.of(&json!({"ovn": {}})).is_none());
        let mut other = state.clone();
        other["interfaces"][0]["bridge"]["ports"][0]["name"] = json!("eth2");
        let other = Form::Typed.of(&other).unwrap();
        assert_eq!(configuration.changes(&other), ["port[0].name"]);
    }
}
