//! Where the keys of an nmstate entry sit in a Terraform resource.
//!
//! `nmstate_interface` has every interface type's section as a nested attribute; a typed resource
//! such as `nmstate_bond` has the keys of its own section beside the common ones. Both are the
//! same list of [`Field`]s, so planning, reading and sending know only one form.

use std::collections::BTreeMap;

use nmstate_schema::canonical::canonical_value;
use nmstate_schema::keys::{self, Access, Key, Kind, Section};
use nmstate_schema::path::{Path, Step};
use nmstate_schema::{Value as Json, item_name};
use tfplugin::{Attribute, AttributePath, Mode, Value};

use crate::planning::{self, Differences, Sides};
use crate::{convert, secrets};

/// One attribute of a resource and the key that it stands for.
#[derive(Debug)]
pub(crate) struct Field {
    /// Terraform's name.
    pub(crate) attribute: String,
    /// The key of the table.
    pub(crate) key: &'static Key,
    /// The section key in which the key lives when the resource flattens that section.
    pub(crate) section: Option<&'static str>,
    /// Names the entry on the host: required, and a change replaces the resource.
    pub(crate) identity: bool,
}

/// The fields of one resource, in the order of the table.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The fields.
    pub(crate) fields: Vec<Field>,
}

impl Layout {
    /// All keys of all interface types: the resource `nmstate_interface`.
    pub(crate) fn interface() -> Self {
        let mut fields: Vec<Field> = Vec::new();
        for key in keys::INTERFACE.keys.iter().filter(|key| convert::is_shown(key)) {
            let mut attribute = convert::attribute_name(key.name);
            // Two types may call their sections by one name; the second is named by its type.
            if fields.iter().any(|field| field.attribute == attribute) {
                let owner = key.types.first().copied().unwrap_or(key.name);
                attribute = convert::attribute_name(owner);
            }
            let identity = matches!(key.name, "name" | "type");
            fields.push(Field { attribute, key, section: None, identity });
        }
        Self { fields }
    }

    /// The keys of one interface type, its own section flattened: `nmstate_bond` and the like.
    pub(crate) fn typed(interface_type: &str) -> Self {
        let own = keys::interface_type(interface_type).and_then(|one| one.section);
        let mut fields = Vec::new();
        let mut flattened = Vec::new();
        for key in keys::interface_keys(interface_type).filter(|key| convert::is_shown(key)) {
            match &key.kind {
                _ if key.name == "type" => {}
                Kind::Section(section) if Some(key.name) == own => {
                    flattened.extend(convert::shown_keys(section).map(|inner| Field {
                        attribute: convert::attribute_name(inner.name),
                        key: inner,
                        section: Some(key.name),
                        identity: false,
                    }));
                }
                _ => fields.push(Field {
                    attribute: convert::attribute_name(key.name),
                    key,
                    section: None,
                    identity: key.name == "name",
                }),
            }
        }
        fields.extend(flattened);
        Self { fields }
    }

    /// The keys of a plain section, such as a route.
    pub(crate) fn section(section: &'static Section, left_out: &[&str]) -> Self {
        let fields = convert::shown_keys(section)
            .filter(|key| !left_out.contains(&key.name))
            .map(|key| Field {
                attribute: convert::attribute_name(key.name),
                key,
                section: None,
                identity: false,
            })
            .collect();
        Self { fields }
    }

    /// The same, with these keys as the entry's name.
    pub(crate) fn identified_by(mut self, keys: &[&str]) -> Self {
        for field in &mut self.fields {
            field.identity |= keys.contains(&field.key.name);
        }
        self
    }

    /// The Terraform attributes of the fields.
    pub(crate) fn attributes(&self) -> Vec<Attribute> {
        self.fields
            .iter()
            .map(|field| {
                let mut attribute = convert::attribute(field.attribute.clone(), field.key);
                if field.identity {
                    attribute.mode = Mode::Required;
                }
                attribute
            })
            .collect()
    }

    /// The attributes of which another value makes another entry, or the same anew. Core takes none
    /// within what is null before or after.
    pub(crate) fn replacing(
        &self,
        prior: &BTreeMap<String, Value>,
        planned: &BTreeMap<String, Value>,
    ) -> Vec<AttributePath> {
        let is_map = |all: &BTreeMap<String, Value>, name: &str| {
            matches!(all.get(name), Some(Value::Map(_)))
        };
        let mut paths = Vec::new();
        for field in &self.fields {
            let path = AttributePath::from(field.attribute.as_str());
            if let Kind::Section(section) = &field.key.kind
                && is_map(prior, &field.attribute)
                && is_map(planned, &field.attribute)
            {
                let fixed = convert::shown_keys(section).filter(|key| key.fixed);
                paths.extend(
                    fixed.map(|key| {
                        path.clone().attribute(convert::attribute_name(key.name).as_str())
                    }),
                );
            }
            if field.identity || field.key.fixed {
                paths.push(path);
            }
        }
        paths
    }

    /// The nmstate entry of a resource's value, without anything null, unknown or read-only.
    pub(crate) fn entry_of(&self, attributes: &BTreeMap<String, Value>) -> Json {
        self.collect(attributes, |field| !matches!(field.key.access, Access::ReadOnly))
    }

    /// The nmstate entry of a resource's state, with what is only read.
    pub(crate) fn shown_entry_of(&self, state: &BTreeMap<String, Value>) -> Json {
        self.collect(state, |_| true)
    }

    fn collect(
        &self,
        attributes: &BTreeMap<String, Value>,
        is_wanted: impl Fn(&Field) -> bool,
    ) -> Json {
        let mut entry = serde_json::Map::new();
        for field in self.fields.iter().filter(|field| is_wanted(field)) {
            let (_, value) = secrets::given(field.key, &field.attribute, attributes);
            let Some(json) = convert::to_json(&field.key.kind, value) else { continue };
            match field.section {
                None => entry.insert(field.key.name.to_owned(), json),
                Some(section) => entry
                    .entry(section)
                    .or_insert_with(|| Json::Object(serde_json::Map::new()))
                    .as_object_mut()
                    .and_then(|object| object.insert(field.key.name.to_owned(), json)),
            };
        }
        Json::Object(entry)
    }

    /// The attributes of an nmstate entry; what the entry lacks is null.
    pub(crate) fn attributes_of(&self, entry: &Json) -> BTreeMap<String, Value> {
        self.fields
            .iter()
            .map(|field| {
                let value = field
                    .get(entry)
                    .map_or(Value::Null, |json| convert::from_json(&field.key.kind, json));
                (field.attribute.clone(), value)
            })
            .collect()
    }

    /// The attributes of a state after a look at a host that shows `found`. `declared` is the entry as
    /// it was declared last, if that is remembered.
    pub(crate) fn refreshed(
        &self,
        prior: &BTreeMap<String, Value>,
        found: &Json,
        declared: Option<&Json>,
        differences: &Differences<'_>,
    ) -> BTreeMap<String, Value> {
        let [state, host] = [prior.clone(), self.attributes_of(found)].map(Value::Map);
        let declared = declared.map(|entry| Value::Map(self.attributes_of(entry)));
        let sides = Sides { prior: &state, host: &host, declared: declared.as_ref() };
        let attributes = self.fields.iter().flat_map(|field| {
            let name = &field.attribute;
            let within = field.section.map(|section| differences.at_key(section));
            let found = within.as_ref().unwrap_or(differences).at_key(field.key.name);
            let value = planning::refreshed(field.key, name, sides, &found);
            secrets::beside(field.key, name, prior).chain([(name.clone(), value)])
        });
        attributes.collect()
    }

    /// Where a path inside the entry points to in the resource, as deep as it can be followed in
    /// `attributes` (elements of lists are found by their identity).
    pub(crate) fn attribute_path(
        &self,
        path: &[Step],
        attributes: &BTreeMap<String, Value>,
    ) -> Option<AttributePath> {
        self.follow(path, attributes).map(|(path, _)| path)
    }

    /// The same, with the steps that `attributes` have nothing for.
    pub(crate) fn follow<'a>(
        &self,
        path: &'a [Step],
        attributes: &BTreeMap<String, Value>,
    ) -> Option<(AttributePath, &'a [Step])> {
        let (Step::Key(first), mut rest) = path.split_first()? else { return None };
        let direct = self.fields.iter().find(|field| {
            field.section.is_none()
                && field.key.name == first
                && attributes
                    .get(&field.attribute)
                    .is_some_and(|value| !matches!(value, Value::Null))
        });
        let direct = direct.or_else(|| {
            self.fields.iter().find(|field| field.section.is_none() && field.key.name == first)
        });
        let field = match direct {
            Some(field) => field,
            None => {
                let (Step::Key(second), deeper) = rest.split_first()? else { return None };
                rest = deeper;
                self.fields.iter().find(|field| {
                    field.section == Some(first.as_str()) && field.key.name == second
                })?
            }
        };
        let (name, value) = secrets::given(field.key, &field.attribute, attributes);
        let root = AttributePath::from(name.as_str());
        Some(extend(root, &field.key.kind, rest, value))
    }

    /// Whether the resource has the keys of this section as attributes of its own.
    pub(crate) fn flattens(&self, section: &str) -> bool {
        self.fields.iter().any(|field| field.section == Some(section))
    }
}

impl Field {
    /// The field's value in an nmstate entry.
    pub(crate) fn get<'a>(&self, entry: &'a Json) -> Option<&'a Json> {
        let holder = self.section.map_or(Some(entry), |section| entry.get(section))?;
        holder.get(self.key.name).filter(|value| !value.is_null() && self.fits(entry))
    }

    /// Whether an interface of the entry's type has this key: two types may share a key's name.
    pub(crate) fn fits(&self, entry: &Json) -> bool {
        let of_type = entry.get("type").and_then(Json::as_str);
        self.key.types.is_empty() || of_type.is_none_or(|name| self.key.types.contains(&name))
    }
}

/// The steps within the entry that a document's path leads to: of `interfaces[br0].mtu`, `mtu`; of
/// `dns-resolver.config.server`, `server`.
pub(crate) fn within_entry(path: &Path) -> &[Step] {
    let mut steps = path.steps();
    let mut section = &keys::STATE;
    while let Some((Step::Key(name), rest)) = steps.split_first() {
        match section.key(name).map(|key| &key.kind) {
            Some(Kind::Section(inner)) => (section, steps) = (inner, rest),
            Some(Kind::List { item: Kind::Section(_), .. }) => {
                return rest.split_first().map_or(rest, |(_, within)| within);
            }
            _ => break,
        }
    }
    steps
}

fn extend<'a>(
    path: AttributePath,
    kind: &'static Kind,
    steps: &'a [Step],
    value: &Value,
) -> (AttributePath, &'a [Step]) {
    let Some((step, rest)) = steps.split_first() else { return (path, steps) };
    match (kind, step, value) {
        (Kind::Section(section), Step::Key(name), Value::Map(attributes)) => {
            let Some(key) = section.key(name) else { return (path, steps) };
            let (attribute, inner) =
                secrets::given(key, &convert::attribute_name(key.name), attributes);
            extend(path.attribute(attribute.as_str()), &key.kind, rest, inner)
        }
        (Kind::Map(item), Step::Key(name), Value::Map(entries)) => {
            let inner = entries.get(name).unwrap_or(&Value::Null);
            extend(path.key(name.as_str()), item, rest, inner)
        }
        (Kind::List { item, .. }, Step::Index(_) | Step::Item(_), Value::List(items)) => {
            let position = match step {
                Step::Index(index) => Some(*index),
                Step::Item(identity) => items.iter().position(|one| is_called(item, one, identity)),
                Step::Key(_) => None,
            };
            let Some((position, inner)) = position.and_then(|at| Some((at, items.get(at)?))) else {
                return (path, steps);
            };
            extend(path.index(position), item, rest, inner)
        }
        _ => (path, steps),
    }
}

/// Whether a list's element is the one that a path names, in its own spelling or in that of a host.
fn is_called(kind: &'static Kind, element: &Value, identity: &str) -> bool {
    let Some(json) = convert::to_json(kind, element) else { return false };
    let normal = canonical_value(kind, &json);
    [json, normal].iter().any(|one| item_name(kind, one).is_some_and(|name| name == identity))
}
