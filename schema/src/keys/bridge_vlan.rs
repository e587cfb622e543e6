//! VLAN filtering on the ports of a bridge, for Linux bridges and Open vSwitch alike.

use serde_json::{Map, Value, json};

use super::{Choice, Digits, Key, Kind, Literal, Order, Section};
use crate::finding::Finding;
use crate::path::{Path, Step};

const VLAN_MODES: &[Choice] = &[Choice::new("trunk"), Choice::new("access")];

/// VLAN filtering on a port of a bridge.
pub(super) static PORT_VLAN: Section = Section::new(
    "bridge port VLAN filtering",
    "Which VLANs pass a port of a bridge",
    &[
        Key::choice("mode", VLAN_MODES)
            .doc("`access` for a port in one VLAN without tags, `trunk` for tagged frames"),
        Key::integer("tag", 0, 4094).doc(
            "The VLAN of frames without a tag, from 0 to 4094; in trunk mode it needs \
                    `enable-native`",
        ),
        Key::boolean("enable-native")
            .default(Literal::Bool(false))
            .doc("Whether a trunk port takes frames without a tag"),
        Key::list("trunk-tags", &Kind::Section(&TRUNK_TAG), Order::Unordered)
            .doc("The VLANs that pass a trunk port, single ones and ranges"),
    ],
)
.normal(normal_port_vlan)
.empty_resets()
.check(check_port_vlan);

static TRUNK_TAG: Section = Section::new(
    "trunk tag",
    "A VLAN, or a range of VLANs, of a trunk port",
    &[
        Key::integer("id", 0, 4094).digits(Digits::Decimal).doc("A single VLAN, from 0 to 4094"),
        Key::section("id-range", &TRUNK_RANGE).doc("A range of VLANs"),
    ],
)
.identity(&["id", "id-range"]);

static TRUNK_RANGE: Section = Section::new(
    "trunk tag range",
    "A range of VLANs",
    &[
        Key::integer("min", 0, 4094).required().doc("The first VLAN, from 0 to 4094"),
        Key::integer("max", 0, 4094).required().doc("The last VLAN, from 0 to 4094"),
    ],
);

/// The kernel reports single VLANs and ranges as it has stored them; the normal form is the
/// fewest entries that name the same VLANs.
fn normal_port_vlan(section: &mut Map<String, Value>) {
    let Some(Value::Array(tags)) = section.get_mut("trunk-tags") else { return };
    let Some(mut ranges) = tags.iter().map(range).collect::<Option<Vec<_>>>() else { return };
    ranges.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (min, max) in ranges {
        match merged.last_mut() {
            Some((_, last)) if min <= last.saturating_add(1) => *last = max.max(*last),
            _ => merged.push((min, max)),
        }
    }
    *tags = merged
        .into_iter()
        .map(|(min, max)| {
            if min == max {
                json!({"id": min})
            } else {
                json!({"id-range": {"min": min, "max": max}})
            }
        })
        .collect();
}

fn range(tag: &Value) -> Option<(i64, i64)> {
    let range = match (tag.get("id"), tag.get("id-range")) {
        (Some(id), None) => return id.as_i64().map(|id| (id, id)),
        (None, Some(range)) => range,
        _ => return None,
    };
    let (min, max) = (range.get("min")?.as_i64()?, range.get("max")?.as_i64()?);
    (min <= max).then_some((min, max))
}

fn check_port_vlan(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let mode = section.get("mode").and_then(Value::as_str);
    let is_native = section.get("enable-native") == Some(&Value::Bool(true));
    let tags = section.get("trunk-tags").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if mode == Some("access") && is_native {
        findings.push(
            Finding::new(Path::new().join("enable-native"), "an access port has no native VLAN")
                .with_hint("leave <enable-native> out or set <mode: trunk>"),
        );
    }
    if mode == Some("access") && !tags.is_empty() {
        findings.push(
            Finding::new(Path::new().join("trunk-tags"), "an access port has no trunk tags")
                .with_hint("leave <trunk-tags> out or set <mode: trunk>"),
        );
    }
    if mode == Some("trunk") && tags.is_empty() {
        findings.push(
            Finding::new(Path::new().join("trunk-tags"), "a trunk port needs trunk tags")
                .with_hint("list the VLANs that pass, such as <id: 10>"),
        );
    }
    if mode == Some("trunk") && section.contains_key("tag") && !is_native {
        findings.push(
            Finding::new(Path::new().join("tag"), "a trunk port has a tag only as native VLAN")
                .with_hint("set <enable-native: true> or leave <tag> out"),
        );
    }
    for (index, tag) in tags.iter().enumerate() {
        let path = Path::from(vec![Step::from("trunk-tags"), Step::Index(index)]);
        match (tag.get("id"), tag.get("id-range")) {
            (None, None) | (Some(_), Some(_)) => findings.push(
                Finding::new(path, "a trunk tag is either <id> or <id-range>")
                    .with_hint("give exactly one of them"),
            ),
            (None, Some(_)) if range(tag).is_none() => findings.push(
                Finding::new(path.join("id-range"), "<min> is above <max>").with_hint("swap them"),
            ),
            _ => {}
        }
    }
}
