//! The argument reference, in the form that the registries' readers know.
//!
//! A page holds all of it: who reads about a bond finds `ipv4` of that bond below, not on another
//! page. So that the page stays readable all the same, what is the resource's own comes first and
//! what most resources share comes last, in the reference and so below it; and only the first level
//! of nested attributes is a heading that a table of contents lists.

use tfplugin::{Attribute, Mode, Nesting, Schema, Shape, Type};

const WRITE_ONLY: &str = "[Write-only](https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments)";

/// Whether an attribute of this mode is in a list.
type Belongs = fn(Mode) -> bool;

/// The three lists of a reference, in their order.
const GROUPS: [(&str, Belongs); 3] = [
    ("Required", |mode| matches!(mode, Mode::Required)),
    ("Optional", |mode| matches!(mode, Mode::Optional | Mode::OptionalComputed)),
    ("Read-Only", |mode| matches!(mode, Mode::Computed)),
];

/// The reference of `schema`, one of `all`.
pub fn reference(schema: &Schema, all: &[Schema]) -> String {
    let mut attributes: Vec<&Attribute> = schema.attributes.iter().collect();
    attributes.sort_by_key(|attribute| commonness(attribute, all));
    let mut page = "## Schema\n".to_owned();
    lists(&mut page, &attributes, "", "### ", "");
    nested(&mut page, &attributes, "", "###");
    page
}

/// A list entry: the name, the type and the description.
pub(crate) fn entry(name: &str, types: &str, description: &str) -> String {
    let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("- `{name}` ({types}) {description}\n")
}

/// A type in words.
pub fn type_name(kind: &Type) -> String {
    match kind {
        Type::String => "String".into(),
        Type::Number => "Number".into(),
        Type::Bool => "Boolean".into(),
        Type::Dynamic => "Dynamic".into(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Object(_) => "Object".into(),
        Type::Tuple(_) => "Tuple".into(),
    }
}

/// Whether an attribute is this resource's own, shared by most, or the same in all.
fn commonness(attribute: &Attribute, all: &[Schema]) -> u8 {
    let others = all.iter().filter(|schema| schema.attributes.contains(attribute)).count();
    match others {
        _ if others == all.len() => 2,
        _ if others * 2 > all.len() => 1,
        _ => 0,
    }
}

fn lists(page: &mut String, attributes: &[&Attribute], path: &str, before: &str, after: &str) {
    for (title, belongs) in GROUPS {
        let members: Vec<_> = attributes.iter().filter(|one| belongs(one.mode)).collect();
        if members.is_empty() {
            continue;
        }
        page.push_str(&format!("\n{before}{title}{after}\n\n"));
        for attribute in members {
            page.push_str(&line(attribute, path));
        }
    }
}

fn line(attribute: &Attribute, path: &str) -> String {
    let mut types = match &attribute.shape {
        Shape::Type(kind) => type_name(kind),
        Shape::Nested(Nesting::Single, _) => "Attributes".into(),
        Shape::Nested(Nesting::List, _) => "Attributes List".into(),
        Shape::Nested(Nesting::Set, _) => "Attributes Set".into(),
        Shape::Nested(Nesting::Map, _) => "Attributes Map".into(),
    };
    if attribute.sensitive {
        types.push_str(", Sensitive");
    }
    if attribute.write_only {
        types.push_str(", ");
        types.push_str(WRITE_ONLY);
    }
    let mut description = attribute.description.clone();
    if let Some(instead) = &attribute.deprecated {
        types.push_str(", Deprecated");
        description.push_str(&format!(" **Deprecated**: {instead}"));
    }
    if matches!(attribute.shape, Shape::Nested(..)) {
        let anchor = anchor(path, &attribute.name);
        description.push_str(&format!(" (see [below for nested schema](#{anchor}))"));
    }
    entry(&attribute.name, &types, &description)
}

fn nested(page: &mut String, attributes: &[&Attribute], path: &str, level: &str) {
    for (_, belongs) in GROUPS {
        for attribute in attributes.iter().filter(|one| belongs(one.mode)) {
            let Shape::Nested(_, inner) = &attribute.shape else { continue };
            let place = join(path, &attribute.name);
            let anchor = anchor(path, &attribute.name);
            page.push_str(&format!(
                "\n<a id=\"{anchor}\"></a>\n{level} Nested Schema for `{place}`\n"
            ));
            let inner: Vec<&Attribute> = inner.iter().collect();
            lists(page, &inner, &place, "", ":");
            nested(page, &inner, &place, "####");
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn anchor(path: &str, name: &str) -> String {
    format!("nestedatt--{}", join(path, name).replace('.', "--"))
}
