use std::sync::Arc;

use serde_json::json;
use tfplugin::{Resource as _, Schema};

use super::*;
use crate::entry::EntryResource;
use crate::kinds::interface::Interface;
use crate::provider::NmstateProvider;
use crate::shared::Shared;
use nmstate_schema::keys::{self, Section};
use tfplugin::Provider as _;

const SECRET: &str = "s3cret";

fn findings(config: &Value) -> Vec<(String, String)> {
    let mut diagnostics = Diagnostics::new();
    let attributes = with_write_only(Layout::typed("macsec").attributes());
    validate(&attributes, config, &mut diagnostics);
    let found = diagnostics.iter();
    found.map(|one| (one.attribute.as_ref().unwrap().to_string(), one.summary.clone())).collect()
}

/// The sensitive keys of a section that can be set, however deep.
fn sensitive(section: &'static Section, found: &mut Vec<&'static str>) {
    for key in section.keys.iter().filter(|key| convert::is_shown(key)) {
        match &key.kind {
            Kind::Section(inner) | Kind::List { item: Kind::Section(inner), .. } => {
                sensitive(inner, found);
            }
            _ if is_settable_secret(key) => found.push(key.name),
            _ => {}
        }
    }
}

fn write_only(attributes: &[Attribute], found: &mut Vec<String>) {
    for attribute in attributes {
        if let Shape::Nested(_, inner) = &attribute.shape {
            write_only(inner, found);
        }
        if attribute.write_only {
            assert!(attribute.sensitive, "{}", attribute.name);
            let version = format!("{}_version", attribute.name);
            assert!(attributes.iter().any(|one| one.name == version), "{version}");
            found.push(attribute.name.clone());
        }
    }
}

#[test]
fn every_secret_of_the_table_has_a_write_only_form() {
    let mut keys = Vec::new();
    sensitive(&keys::INTERFACE, &mut keys);
    assert!(keys.len() >= 4, "{keys:?}");
    let provider = NmstateProvider::default();
    let resources = provider.resources();
    let whole = resources.iter().find(|one| one.type_name() == "nmstate_interface").unwrap();
    let mut found = Vec::new();
    write_only(&whole.schema().attributes, &mut found);
    let expected: Vec<String> =
        keys.iter().map(|key| write_only_name(&convert::attribute_name(key))).collect();
    assert_eq!(found, expected);
    // A data source may have none.
    for source in provider.data_sources() {
        let mut found = Vec::new();
        write_only(&source.schema().attributes, &mut found);
        assert!(found.is_empty(), "{}: {found:?}", source.type_name());
    }
}

#[test]
fn one_form_and_with_a_version() {
    let config = |pairs: &[(&str, Value)]| Value::object(pairs.iter().cloned());
    let (secret, one) = (Value::from(SECRET), Value::from(1_i64));
    let fine = [
        config(&[("mka_cak", secret.clone())]),
        config(&[("mka_cak_wo", secret.clone()), ("mka_cak_wo_version", one.clone())]),
        config(&[("mka_cak_wo", secret.clone()), ("mka_cak_wo_version", Value::Unknown)]),
        config(&[("mka_cak_wo", Value::Unknown), ("mka_cak", secret.clone())]),
    ];
    for config in fine {
        assert_eq!(findings(&config), [], "{config:?}");
    }
    let wrong = [
        (
            config(&[
                ("mka_cak", secret.clone()),
                ("mka_cak_wo", secret.clone()),
                ("mka_cak_wo_version", one.clone()),
            ]),
            "`mka_cak` and `mka_cak_wo` cannot be given together",
        ),
        (config(&[("mka_cak_wo", secret)]), "`mka_cak_wo` has no version"),
        (config(&[("mka_cak_wo_version", one)]), "`mka_cak_wo_version` is the version of nothing"),
    ];
    for (config, summary) in wrong {
        assert_eq!(findings(&config), [("mka_cak_wo".to_owned(), summary.to_owned())]);
    }
}

#[test]
fn the_configuration_alone_has_it() {
    let resource =
        EntryResource::new(Interface { of_type: Some("ethernet") }, Arc::new(Shared::default()));
    let dot1x = Value::object([
        ("identity", Value::from("me")),
        ("password_wo", Value::from(SECRET)),
        ("password_wo_version", Value::from(3_i64)),
    ]);
    let config = Value::object([("name", Value::from("eth1")), ("ieee_802_1x", dot1x)]);
    let schema: Schema = resource.schema();
    let config = schema.conform(config);
    let entry = resource.entry(config.as_map().unwrap());
    assert_eq!(entry.pointer("/802.1x/password"), Some(&json!(SECRET)));
    assert_eq!(schema.write_only_given(&config).len(), 1);

    let planned = Value::Map(resource.planned(config.as_map().unwrap(), None));
    let dot1x = planned.attribute("ieee_802_1x");
    assert_eq!(dot1x.attribute("password_wo"), &Value::Null);
    assert_eq!(dot1x.attribute("password"), &Value::Null);
    assert_eq!(dot1x.attribute("password_wo_version"), &Value::from(3_i64));
    assert!(!format!("{planned:?}").contains(SECRET));
    let broken = tfplugin::rules::check_plan(&schema, &config, &Value::Null, &planned);
    assert!(broken.is_empty(), "{broken:#?}");

    // A finding about the secret is on the attribute that has it.
    let steps = ["802.1x", "password"].map(|key| Step::Key(key.into()));
    let path = resource.layout.attribute_path(&steps, config.as_map().unwrap()).unwrap();
    assert_eq!(path.steps().last(), Some(&PathStep::Attribute("password_wo".into())));
}

#[test]
fn another_version_or_value_is_another_secret() {
    let attributes = with_write_only(Layout::interface().attributes());
    let state = |name: &str, value: Value| {
        Value::object([("macsec", Value::object([(name, value)])), ("mtu", Value::from(1400_i64))])
    };
    let version = |number: i64| state("mka_cak_wo_version", number.into());
    let plain = |secret: &str| state("mka_cak", secret.into());
    assert!(are_changed(&attributes, &Value::Null, &version(1)));
    assert!(are_changed(&attributes, &version(1), &version(2)));
    assert!(!are_changed(&attributes, &version(2), &version(2)));
    assert!(are_changed(&attributes, &plain("a"), &plain("b")));
    assert!(!are_changed(&attributes, &plain("a"), &plain("a")));
    assert!(!are_changed(&attributes, &plain("a"), &Value::Null));
}
