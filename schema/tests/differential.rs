//! The comparison beside nmstate's own.
//!
//! Documents are made from the key table, and a host that is nearly as they say; whether they are
//! satisfied and which keys differ must be what `gen_diff` says, except where [`DEVIATIONS`] says
//! otherwise and why. The documents are the same in every run; `PROPTEST_CASES` makes more of
//! them, `PROPTEST_RNG_SEED` others.

use std::collections::{BTreeMap, BTreeSet};

use nmstate::NetworkState;
use nmstate_schema::Value;
use nmstate_schema::canonical::canonical;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::keys::{Access, INTERFACE, Key, Kind, interface_types};
use nmstate_schema::path::Step;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, json};

use crate::generate::{NICS, respelled, section, shown};

/// Who sees a difference that the other does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Only {
    Ours,
    Theirs,
}

/// Why an answer differs from nmstate's.
struct Deviation {
    /// The key that it is about, from the interface on, and all below; empty for any.
    path: &'static str,
    only: Only,
    /// What else must be so.
    when: fn(&Place<'_>) -> bool,
    /// Why ours is right.
    #[expect(dead_code, reason = "for whoever reads the table")]
    reason: &'static str,
}

/// Where a deviation is.
struct Place<'a> {
    key: Option<&'static Key>,
    /// In normal form; none when it is not given.
    desired: Option<&'a Value>,
    current: Option<&'a Value>,
    /// Whether the IP family that it belongs to is switched off, in the document and on the host.
    is_off: (bool, bool),
}

const fn deviation(path: &'static str, only: Only, reason: &'static str) -> Deviation {
    Deviation { path, only, when: |_| true, reason }
}

/// Where the answers differ, and why ours is right.
const DEVIATIONS: &[Deviation] = &[
    Deviation {
        path: "",
        only: Only::Theirs,
        when: |place| {
            place.current.is_none() && place.desired.is_some_and(|v| is_default(place, v))
        },
        reason: "what `show` leaves out has its default; `gen_diff` only fills it in to verify",
    },
    Deviation {
        path: "",
        only: Only::Theirs,
        when: |place| {
            sorted(place.desired).is_some() && sorted(place.desired) == sorted(place.current)
        },
        reason: "the order of these lists means nothing; `gen_diff` compares item by item",
    },
    Deviation {
        path: "",
        only: Only::Theirs,
        when: |place| place.key.is_some_and(|key| key.access == Access::WriteOnly),
        reason: "`show` never prints it, so that it can never be satisfied",
    },
    Deviation {
        path: "",
        only: Only::Theirs,
        when: |place| place.desired.is_none(),
        reason: "not in the document: nmstate adds what it needs to apply the rest",
    },
    Deviation {
        path: "",
        only: Only::Theirs,
        when: |place| place.is_off.0,
        reason: "a family that is switched off has no other settings",
    },
    Deviation {
        path: "",
        only: Only::Theirs,
        when: |place| place.is_off.1,
        reason: "of a family that is off on the host nmstate forgets the rest; ours is in `enabled`",
    },
    deviation(
        "controller",
        Only::Theirs,
        "nmstate clears it where it cannot be, whatever is there",
    ),
    deviation(
        "alt-names",
        Only::Theirs,
        "a name that is to be absent and is not there is as desired",
    ),
    deviation(
        "ethernet/sr-iov/vfs",
        Only::Theirs,
        "nmstate adds the functions that the document does not name",
    ),
];

/// Whether a value is what its absence means: the key's default, or nothing.
fn is_default(place: &Place<'_>, value: &Value) -> bool {
    let is_nothing = match value {
        Value::Object(map) => {
            map.values().all(|value| is_default(&Place { key: None, ..*place }, value))
        }
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    let default = place.key.and_then(|key| key.default);
    is_nothing || default.is_some_and(|default| default.value(&Map::new()) == *value)
}

fn sorted(value: Option<&Value>) -> Option<Vec<String>> {
    let mut items: Vec<String> = value?.as_array()?.iter().map(Value::to_string).collect();
    items.sort();
    Some(items)
}

/// The seed of the documents that everybody has.
const SEED: u64 = 0x006e_6d73_7461_7465;

/// The documents of each type of interface.
const CASES: u32 = 48;

/// The interface in question.
const NAME: &str = "if0";

/// A desired state, a current one, and the key in which they are compared.
#[derive(Debug, Clone)]
struct Case {
    desired: Value,
    current: Value,
}

/// The answers to a case that are not the same.
type Found = BTreeSet<(String, Only)>;

#[test]
fn interfaces_differ_where_nmstate_says_so() {
    let mut census = Census::default();
    for known in interface_types() {
        census.take(known.name, &interface_case(known.name), &interface_answers);
    }
    census.hold();
}

/// What the cases have shown.
#[derive(Default)]
struct Census {
    /// The cases that nmstate has judged, by what they are about, and those that it has not.
    judged: BTreeMap<&'static str, (usize, usize)>,
    /// The rows of the table that have explained something.
    explained: BTreeSet<usize>,
    /// What they have not explained, with the smallest case that shows it.
    unknown: BTreeMap<(String, Only), Case>,
    /// The reasons for which nmstate has not judged.
    rejected: BTreeMap<String, usize>,
}

impl Census {
    fn take(
        &mut self,
        name: &'static str,
        cases: &BoxedStrategy<Case>,
        answers: &dyn Fn(&Case) -> Result<Found, String>,
    ) {
        let mut config = Config { rng_seed: RngSeed::Fixed(SEED), ..Config::default() };
        if std::env::var_os("PROPTEST_CASES").is_none() {
            config.cases = CASES;
        }
        if let Ok(seed) = std::env::var("PROPTEST_RNG_SEED") {
            config.rng_seed = RngSeed::Fixed(seed.parse().expect("a seed is a number"));
        }
        let count = config.cases;
        let mut runner = TestRunner::new(config);
        for _ in 0..count {
            let mut tree = cases.new_tree(&mut runner).expect("nothing is filtered");
            let judged = self.judged.entry(name).or_default();
            let found = match answers(&tree.current()) {
                Ok(found) => found,
                Err(reason) => {
                    judged.1 += 1;
                    *self.rejected.entry(reason).or_default() += 1;
                    continue;
                }
            };
            judged.0 += 1;
            for deviation in found {
                let known = explanations(&deviation, &tree.current());
                if !known.is_empty() {
                    self.explained.extend(known);
                } else {
                    smallest(&mut *tree, |case| {
                        explanations(&deviation, case).is_empty()
                            && answers(case).is_ok_and(|found| found.contains(&deviation))
                    });
                    self.unknown.entry(deviation).or_insert_with(|| tree.current());
                    break;
                }
            }
        }
    }

    fn hold(&self) {
        let unknown = self.unknown.iter().map(|((path, only), case)| {
            format!("{path} {only:?}\n  desired {}\n  current {}\n", case.desired, case.current)
        });
        let unknown: Vec<String> = unknown.collect();
        assert!(unknown.is_empty(), "{} unknown deviations:\n{}", unknown.len(), unknown.concat());
        for (name, (judged, rejected)) in &self.judged {
            assert!(judged > rejected, "{name}: {judged}, not {rejected}: {:#?}", self.rejected);
        }
        let gone = (0..DEVIATIONS.len()).filter(|index| !self.explained.contains(index));
        assert_eq!(gone.collect::<Vec<_>>(), [0; 0], "rows of the table that are no more");
    }
}

/// Makes a case smaller for as long as it still shows what it is to show.
fn smallest(tree: &mut dyn ValueTree<Value = Case>, shows: impl Fn(&Case) -> bool) {
    for _ in 0..200 {
        if !tree.simplify() {
            return;
        }
        while !shows(&tree.current()) {
            if !tree.complicate() {
                return;
            }
        }
    }
}

/// The rows of the table that explain a deviation of a case, by position.
fn explanations((path, only): &(String, Only), case: &Case) -> Vec<usize> {
    let interface = |state: &Value| {
        let state = canonical(&document(state));
        state.interface(NAME).cloned().unwrap_or_default()
    };
    let (desired, current) = (interface(&case.desired), interface(&case.current));
    let steps = || path.split('/');
    let mut section = Some(&INTERFACE);
    let mut key = None;
    for step in steps() {
        key = section.and_then(|section| section.key_for(step, desired["type"].as_str()));
        section = match key.map(|key| key.kind) {
            Some(Kind::Section(inner)) => Some(inner),
            _ => None,
        };
    }
    let family = path.split('/').next().unwrap_or_default();
    let is_off = |state: &Value| state[family]["enabled"] == false;
    let is_off = (is_off(&desired), is_off(&current));
    let at =
        |value: &'_ Value| steps().try_fold(value.clone(), |value, step| value.get(step).cloned());
    let (desired, current) = (at(&desired), at(&current));
    let place = Place { key, desired: desired.as_ref(), current: current.as_ref(), is_off };
    let explains = |known: &Deviation| {
        known.only == *only
            && (known.path.is_empty() || is_in(path, known.path))
            && (known.when)(&place)
    };
    (0..DEVIATIONS.len()).filter(|index| explains(&DEVIATIONS[*index])).collect()
}

/// Whether a path is another one or below it.
fn is_in(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn interface_case(of_type: &'static str) -> BoxedStrategy<Case> {
    section(&INTERFACE, Some(of_type), &["name", "type", "state", "identifier"])
        .prop_perturb(move |(mut desired, other), mut rng| {
            desired["name"] = NAME.into();
            desired["type"] = of_type.into();
            let mut shown = shown(&INTERFACE, Some(of_type), (&desired, &other), &mut rng);
            shown["name"] = NAME.into();
            shown["type"] = of_type.into();
            shown["state"] = "up".into();
            let desired = respelled(&INTERFACE, Some(of_type), &desired, &mut rng);
            let nics = NICS.map(|name| {
                json!({"name": name, "type": "ethernet", "state": "up", "mtu": 1500,
                    "ipv4": {"enabled": false}, "ipv6": {"enabled": false}})
            });
            let mut interfaces = vec![shown];
            interfaces.extend(nics);
            if of_type == "ovs-interface" {
                interfaces.push(json!({"name": "br9", "type": "ovs-bridge", "state": "up",
                    "bridge": {"port": [{"name": NAME}]}}));
            }
            Case {
                desired: json!({"interfaces": [desired]}),
                current: json!({"interfaces": interfaces}),
            }
        })
        .boxed()
}

/// The keys in which only one of both sees a difference.
fn interface_answers(case: &Case) -> Result<Found, String> {
    let theirs = gen_diff(case)?;
    let theirs = theirs["interfaces"].as_array().into_iter().flatten();
    let mut their_paths = Vec::new();
    for interface in theirs.filter(|interface| interface["name"] == NAME) {
        let Value::Object(map) = interface else { continue };
        for (key, value) in map.iter().filter(|(key, _)| !["name", "type"].contains(&key.as_str()))
        {
            if key != "state" || *value != case.current["interfaces"][0]["state"] {
                leaves(value, key.clone(), &mut their_paths);
            }
        }
    }
    let our_paths: Vec<String> = differences(case)
        .into_iter()
        .filter_map(|path| {
            let path = path.strip_prefix("interfaces")?;
            Some(path.strip_prefix('/').unwrap_or(path).to_owned())
        })
        .collect();
    Ok(unmatched(&our_paths, &their_paths))
}

fn unmatched(ours: &[String], theirs: &[String]) -> Found {
    let is_in_one = |path: &str, others: &[String]| {
        others.iter().any(|other| is_in(path, other) || is_in(other, path) || other.is_empty())
    };
    let of = |paths: &[String], others: &[String], only: Only| {
        let alone = paths.iter().filter(|path| !is_in_one(path, others));
        alone.map(|path| (path.clone(), only)).collect::<Vec<_>>()
    };
    let ours_only = of(ours, theirs, Only::Ours);
    ours_only.into_iter().chain(of(theirs, ours, Only::Theirs)).collect()
}

/// The paths that differ in our view, by keys alone: a list is one value.
fn differences(case: &Case) -> Vec<String> {
    let differences = compare(&document(&case.desired), &document(&case.current));
    let keys = |steps: &[Step]| {
        let list = steps.first() == Some(&Step::from("interfaces"));
        let own = if list { steps.get(2..).unwrap_or_default() } else { &steps[1..] };
        let mut keys: Vec<&str> = match &steps[0] {
            Step::Key(key) => vec![key],
            _ => Vec::new(),
        };
        for step in own {
            let Step::Key(key) = step else { break };
            keys.push(key);
        }
        keys.join("/")
    };
    differences.iter().map(|difference| keys(difference.path.steps())).collect()
}

fn document(tree: &Value) -> Document {
    Document::from_value(tree.clone()).expect("what was made is a mapping")
}

/// What nmstate calls the difference, as it would print it.
fn gen_diff(case: &Case) -> Result<Value, String> {
    let state = |value: &Value| {
        serde_json::from_value::<NetworkState>(value.clone()).map_err(|error| error.to_string())
    };
    let (desired, current) = (state(&case.desired)?, state(&case.current)?);
    let difference = desired.gen_diff(&current).map_err(|error| error.to_string())?;
    serde_json::to_value(&difference).map_err(|error| error.to_string())
}

/// The paths of all values that are no mappings.
fn leaves(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                leaves(value, format!("{path}/{key}"), paths);
            }
        }
        _ => paths.push(path),
    }
}
