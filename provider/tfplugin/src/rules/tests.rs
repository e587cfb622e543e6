use super::*;
use crate::schema::Mode;

fn schema() -> Schema {
    let port = vec![
        Attribute::required("name", Type::String),
        Attribute::optional_computed("speed", Type::Number),
    ];
    Schema {
        attributes: vec![
            Attribute::required("name", Type::String),
            Attribute::optional("mtu", Type::Number),
            Attribute::optional_computed("mac", Type::String),
            Attribute::computed("id", Type::String),
            Attribute::optional("tags", Type::set(Type::String)),
            Attribute::optional("secret", Type::String).write_only(),
            Attribute::nested("ports", Mode::Optional, Nesting::List, port.clone()),
            Attribute::nested("by_name", Mode::Optional, Nesting::Map, port.clone()),
            Attribute::nested("bag", Mode::Optional, Nesting::Set, port.clone()),
            Attribute::nested("one", Mode::OptionalComputed, Nesting::Single, port),
        ],
        ..Schema::default()
    }
}

fn object(entries: &[(&str, Value)]) -> Value {
    let mut value = Value::object([("name", "a")]);
    for (name, entry) in entries {
        value.set_attribute(*name, entry.clone());
    }
    schema().conform(value)
}

fn port(name: &str, speed: impl Into<Value>) -> Value {
    Value::object([("name", Value::from(name)), ("speed", speed.into())])
}

fn plan(
    config: &[(&str, Value)],
    prior: Option<&[(&str, Value)]>,
    planned: &[(&str, Value)],
) -> Vec<String> {
    let prior = prior.map_or(Value::Null, object);
    check_plan(&schema(), &object(config), &prior, &object(planned))
}

#[test]
fn accepts_what_core_accepts() {
    let ports = |speed: Value| ("ports", Value::list([port("p", speed)]));
    let known = Value::from(1);
    assert_eq!(plan(&[], None, &[("id", Value::Unknown), ("mac", Value::Unknown)]), [""; 0]);
    assert_eq!(plan(&[ports(Value::Null)], None, &[ports(Value::Unknown)]), [""; 0]);
    assert_eq!(plan(&[ports(Value::Null)], Some(&[]), &[ports(known)]), [""; 0]);
    assert_eq!(plan(&[], None, &[("one", port("p", 1))]), [""; 0]);
    // The prior spelling for an equivalent configured value.
    let (upper, lower) = (("mac", Value::from("AA")), ("mac", Value::from("aa")));
    let (upper, lower) = ([upper], [lower]);
    assert_eq!(plan(&upper, Some(&lower), &lower), [""; 0]);
    // A set in another order.
    let tags = |tags: [&str; 2]| ("tags", Value::list(tags));
    assert_eq!(plan(&[tags(["a", "b"])], None, &[tags(["b", "a"])]), [""; 0]);
    assert_eq!(plan(&[("secret", "x".into())], None, &[]), [""; 0]);
    assert_eq!(check_plan(&schema(), &Value::Null, &object(&[]), &Value::Null), [""; 0]);
}

#[test]
fn refuses_what_core_refuses_in_a_plan() {
    let neither = "neither the configured nor the prior value";
    let ports = |count| ("ports", Value::List(vec![port("p", 1); count]));
    let map = |key| ("by_name", Value::object([(key, port("p", 1))]));
    let bag = |count| ("bag", Value::List((0..count).map(|i| port(&i.to_string(), 1)).collect()));
    type Entries = Vec<(&'static str, Value)>;
    let cases: [(Entries, Entries, &str); 11] = [
        (vec![], vec![("mtu", Value::Unknown)], "mtu: is planned although"),
        (vec![("mtu", 1.into())], vec![("mtu", 2.into())], neither),
        (vec![("mtu", 1.into())], vec![], neither),
        (vec![("mac", "AA".into())], vec![("mac", "aa".into())], neither),
        (vec![("mtu", Value::Unknown)], vec![("mtu", 1.into())], neither),
        (vec![("secret", "x".into())], vec![("secret", "x".into())], "secret: is write-only"),
        (vec![ports(1)], vec![ports(2)], "ports: is planned with 2 elements although 1"),
        (vec![ports(1)], vec![("ports", Value::Unknown)], "ports: is planned as wholly unknown"),
        (vec![ports(1)], vec![], "ports: is planned as null"),
        (vec![map("a")], vec![map("b")], "by_name[\"a\"]: is an element of only one"),
        (vec![bag(1)], vec![bag(2)], "bag: is planned with 2 elements"),
    ];
    for (config, planned, expected) in cases {
        let findings = plan(&config, None, &planned);
        assert!(findings.iter().any(|finding| finding.contains(expected)), "{findings:?}");
    }
    let nested = plan(
        &[("ports", Value::list([port("p", 1)]))],
        Some(&[]),
        &[("ports", Value::list([port("p", 2)]))],
    );
    assert!(nested[0].starts_with("ports[0].speed: "), "{nested:?}");
    assert_eq!(check_plan(&schema(), &object(&[]), &Value::Null, &Value::Null).len(), 1);
    assert_eq!(check_plan(&schema(), &Value::Null, &object(&[]), &object(&[])).len(), 1);
    let mistyped = plan(&[], None, &[("id", 1.into())]);
    assert_eq!(mistyped, ["`id`: expected a value of type string, not a number"]);
}

#[test]
fn the_result_must_be_what_was_planned() {
    let planned = object(&[
        ("id", Value::Unknown),
        ("mac", "aa".into()),
        ("ports", Value::list([port("p", Value::Unknown)])),
        ("tags", Value::list(["a", "b"])),
    ]);
    let mut state = object(&[
        ("id", "1".into()),
        ("mac", "aa".into()),
        ("ports", Value::list([port("p", 5)])),
        ("tags", Value::list(["b", "a"])),
    ]);
    assert_eq!(check_apply(&schema(), &planned, &state), [""; 0]);
    state.set_attribute("mac", "AA");
    state.set_attribute("mtu", 1500);
    state.set_attribute("ports", Value::list([port("q", Value::Null)]));
    state.set_attribute("tags", Value::list(["a", "c"]));
    assert_eq!(
        check_apply(&schema(), &planned, &state),
        [
            "mac: is not what was planned",
            "mtu: was planned as null and is not",
            "ports[0].name: is not what was planned",
            "tags: lacks an element that was planned",
            "tags: has an element that was not planned",
        ]
    );
    let unknown = object(&[("id", Value::Unknown)]);
    assert_eq!(check_apply(&schema(), &unknown, &unknown).len(), 1);
    assert_eq!(check_apply(&schema(), &Value::Null, &Value::Null), [""; 0]);
    assert_eq!(check_apply(&schema(), &planned, &Value::Null).len(), 1);
}

#[test]
fn an_identity_of_another_schema_is_refused_or_loses_something() {
    let attribute = |name: &str| crate::resource::IdentityAttribute {
        name: name.to_owned(),
        kind: Type::String,
        description: String::new(),
        required_for_import: false,
    };
    let schema =
        IdentitySchema { version: 0, attributes: ["name", "type"].map(attribute).to_vec() };
    let check = |entries: &[(&str, Value)]| {
        check_identity(&schema, &Value::object(entries.iter().cloned()))
    };
    assert_eq!(check(&[("name", "a".into()), ("type", Value::Null)]), [""; 0]);
    assert_eq!(
        check(&[("name", "a".into()), ("host", "web1".into())]),
        ["type: is required", "host: is dropped"]
    );
}
