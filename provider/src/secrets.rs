//! Secrets that only a configuration has.
//!
//! Beside the attribute of every key that the table calls sensitive stand two more: `NAME_wo`, which
//! Terraform keeps neither in a plan nor in a state, and `NAME_wo_version`, which it keeps. Nobody
//! can tell whether a secret that is kept nowhere has changed, so another version says it.
//!
//! A host masks the secrets that it shows, so a change of secrets is sent although the host seems to have
//! what is desired, see [`are_changed`]. [`host`] tells those that somebody has changed there.

use std::collections::BTreeMap;

use nmstate_schema::keys::{Access, Key, Kind};
use nmstate_schema::path::Step;
use tfplugin::{
    Attribute, AttributePath, Diagnostics, Mode, Nesting, PathStep, Shape, Type, Value,
};

use crate::convert;
use crate::layout::Layout;

pub(crate) mod host;

/// The attributes, with the two that stand beside each secret.
pub(crate) fn with_write_only(attributes: Vec<Attribute>) -> Vec<Attribute> {
    attributes.into_iter().flat_map(write_only_forms).collect()
}

/// What the two attributes beside a secret are in a plan or a state: what is write-only is null,
/// and the version is the one in `source`.
pub(crate) fn beside(
    key: &Key,
    name: &str,
    source: &BTreeMap<String, Value>,
) -> impl Iterator<Item = (String, Value)> + use<> {
    let pair = is_settable_secret(key).then(|| {
        let version = version_name(name);
        let value = source.get(&version).cloned().unwrap_or_default();
        [(write_only_name(name), Value::Null), (version, value)]
    });
    pair.into_iter().flatten()
}

/// The value that a configuration gives for a key under the attribute `name`, and the attribute
/// that has it: of a secret, whichever of the two forms is given.
pub(crate) fn given<'a>(
    key: &Key,
    name: &str,
    attributes: &'a BTreeMap<String, Value>,
) -> (String, &'a Value) {
    let value = |name: &str| attributes.get(name).filter(|value| !value.is_null());
    let write_only = write_only_name(name);
    match (value(name), is_settable_secret(key)) {
        (None, true) => match value(&write_only) {
            Some(value) => (write_only, value),
            None => (name.to_owned(), &Value::Null),
        },
        (found, _) => (name.to_owned(), found.unwrap_or(&Value::Null)),
    }
}

/// Checks that each secret is given in one form, and one that is kept nowhere with a version.
pub(crate) fn validate(attributes: &[Attribute], config: &Value, diagnostics: &mut Diagnostics) {
    check(attributes, config, &AttributePath::root(), diagnostics);
}

/// Whether a plan brings another secret: another value, or another version of one that is kept
/// nowhere.
pub(crate) fn are_changed(attributes: &[Attribute], prior: &Value, planned: &Value) -> bool {
    attributes.iter().any(|attribute| {
        let name = &attribute.name;
        let (before, after) = (prior.attribute(name), planned.attribute(name));
        match &attribute.shape {
            Shape::Nested(Nesting::Single, inner) => are_changed(inner, before, after),
            Shape::Nested(_, inner) => {
                let earlier = before.as_list().unwrap_or_default();
                let now = after.as_list().unwrap_or_default().iter().enumerate();
                let mut pairs =
                    now.map(|(index, one)| (earlier.get(index).unwrap_or(&Value::Null), one));
                pairs.any(|(before, after)| are_changed(inner, before, after))
            }
            Shape::Type(_) => {
                let counts = attribute.sensitive || is_version(attribute, attributes);
                counts && !after.is_null() && before != after
            }
        }
    })
}

/// Takes the versions of a state of another layout over.
pub(crate) fn move_versions(
    source: &Layout,
    before: &BTreeMap<String, Value>,
    target: &Layout,
    state: &mut BTreeMap<String, Value>,
) {
    let mut found = Vec::new();
    for field in &source.fields {
        let outer = field.section.map(|section| Step::Key(section.into()));
        let steps = outer.into_iter().collect();
        versions(field.key, &field.attribute, before, steps, &mut found);
    }
    for (steps, version) in found {
        let Some(path) = target.attribute_path(&steps, state) else { continue };
        if let Some((PathStep::Attribute(name), holder)) = path.steps().split_last() {
            let mut whole = Value::Map(std::mem::take(state));
            if let Some(holder) = whole.at_mut(&AttributePath::from(holder.to_vec())) {
                holder.set_attribute(version_name(name), version);
            }
            *state = whole.as_map().cloned().unwrap_or_default();
        }
    }
}

/// The versions below one attribute, each with the place of its secret in the entry.
fn versions(
    key: &'static Key,
    name: &str,
    attributes: &BTreeMap<String, Value>,
    mut steps: Vec<Step>,
    found: &mut Vec<(Vec<Step>, Value)>,
) {
    steps.push(Step::Key(key.name.into()));
    if is_settable_secret(key) {
        let version = attributes.get(&version_name(name)).filter(|version| !version.is_null());
        found.extend(version.map(|version| (steps, version.clone())));
    } else if let (Kind::Section(section), Some(Value::Map(inner))) =
        (&key.kind, attributes.get(name))
    {
        for key in convert::shown_keys(section) {
            versions(key, &convert::attribute_name(key.name), inner, steps.clone(), found);
        }
    }
}

fn is_settable_secret(key: &Key) -> bool {
    key.sensitive && !matches!(key.access, Access::ReadOnly)
}

fn write_only_forms(mut attribute: Attribute) -> Vec<Attribute> {
    if let Shape::Nested(_, inner) = &mut attribute.shape {
        *inner = with_write_only(std::mem::take(inner));
    }
    if !attribute.sensitive || attribute.mode == Mode::Computed {
        return vec![attribute];
    }
    let name = attribute.name.clone();
    let (write_only, version) = (write_only_name(&name), version_name(&name));
    let mut secret = Attribute::new(&*write_only, Mode::Optional, attribute.shape.clone())
        .described(format!(
            "The same as `{name}`, for a value that is kept neither in a plan nor in the state; \
             needs `{version}` and Terraform 1.11 or OpenTofu 1.11."
        ))
        .sensitive()
        .write_only();
    secret.deprecated.clone_from(&attribute.deprecated);
    let version = Attribute::optional(version, Type::Number).described(format!(
        "The version of `{write_only}`, any number: another one sends the value again."
    ));
    vec![attribute, secret, version]
}

fn check(
    attributes: &[Attribute],
    config: &Value,
    at: &AttributePath,
    diagnostics: &mut Diagnostics,
) {
    for attribute in attributes {
        let value = config.attribute(&attribute.name);
        let path = at.clone().attribute(attribute.name.as_str());
        match &attribute.shape {
            Shape::Nested(Nesting::Single, inner) if !value.is_null() => {
                check(inner, value, &path, diagnostics);
            }
            Shape::Nested(Nesting::List, inner) => {
                for (index, one) in value.as_list().unwrap_or_default().iter().enumerate() {
                    check(inner, one, &path.clone().index(index), diagnostics);
                }
            }
            _ if attribute.write_only => check_forms(attribute, config, &path, diagnostics),
            _ => {}
        }
    }
}

/// Checks the forms of one secret, whose write-only form is at `path`.
fn check_forms(
    write_only: &Attribute,
    config: &Value,
    path: &AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let hidden = &write_only.name;
    let Some(plain) = hidden.strip_suffix("_wo") else { return };
    let version = version_name(plain);
    let is_given = |name: &str| {
        let value = config.attribute(name);
        !value.is_null() && !value.is_unknown()
    };
    if is_given(plain) && is_given(hidden) {
        diagnostics.attribute_error(
            path.clone(),
            format!("`{plain}` and `{hidden}` cannot be given together"),
            format!("use `{hidden}` for a value that shall be kept nowhere, otherwise `{plain}`"),
        );
    }
    if is_given(hidden) && config.attribute(&version).is_null() {
        diagnostics.attribute_error(
            path.clone(),
            format!("`{hidden}` has no version"),
            format!("set `{version}`, such as to 1, and raise it with each other value"),
        );
    }
    if is_given(&version) && config.attribute(hidden).is_null() {
        diagnostics.attribute_error(
            path.clone(),
            format!("`{version}` is the version of nothing"),
            format!("set `{hidden}` too, or leave the version out"),
        );
    }
}

/// Whether an attribute is the version of another one beside it.
fn is_version(attribute: &Attribute, siblings: &[Attribute]) -> bool {
    let hidden = attribute.name.strip_suffix("_version");
    hidden.is_some_and(|hidden| siblings.iter().any(|one| one.write_only && one.name == hidden))
}

fn write_only_name(name: &str) -> String {
    format!("{name}_wo")
}

fn version_name(name: &str) -> String {
    format!("{name}_wo_version")
}

#[cfg(test)]
mod tests;
