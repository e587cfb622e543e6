//! Choices of a kernel by itself, at random: features, the hardware address of a bridge, an MTU that
//! no profile holds.

use std::collections::BTreeSet;

use nmstate_schema::Value;
use nmstate_schema::document::Document;
use serde_json::{Map, json};

use super::text;

/// The choices of one kernel, which are the same for the same seed.
#[derive(Debug)]
pub(super) struct Whims {
    number: u64,
    /// The interfaces whose profile has an MTU.
    with_mtu: BTreeSet<String>,
}

impl Whims {
    pub(super) fn new(seed: u64) -> Whims {
        Whims { number: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, with_mtu: BTreeSet::new() }
    }

    /// The state after a change to `desired`, and after what the kernel makes of it.
    pub(super) fn after(&mut self, desired: &Document, state: Document) -> Document {
        for interface in desired.interfaces().filter_map(Value::as_object) {
            let name = text(interface, "name");
            if interface.get("state").is_some_and(|state| state == "absent") {
                self.with_mtu.remove(name);
            } else if interface.get("mtu").is_some_and(|mtu| !mtu.is_null()) {
                self.with_mtu.insert(name.to_owned());
            }
        }
        let mut tree = state.into_value();
        let interfaces = tree.get_mut("interfaces").and_then(Value::as_array_mut);
        for interface in interfaces.into_iter().flatten().filter_map(Value::as_object_mut) {
            let name = text(interface, "name").to_owned();
            self.choose(interface, desired.interface(&name).is_some());
        }
        Document::from_value(tree).unwrap_or_default()
    }

    /// A bridge follows the MTU of its ports when one comes or goes, and those are in its own entry.
    fn choose(&mut self, interface: &mut Map<String, Value>, is_changed: bool) {
        let features = json!({"rx-lro": self.is(2), "rx-gro": true});
        interface.insert("ethtool".to_owned(), json!({ "feature": features }));
        if text(interface, "type") != "linux-bridge" {
            return;
        }
        let address = format!("02:00:00:00:00:0{}", self.below(10));
        interface.insert("mac-address".to_owned(), address.into());
        let is_free = is_changed && !self.with_mtu.contains(text(interface, "name"));
        if is_free && self.is(2) {
            interface.insert("mtu".to_owned(), [1400, 1500][self.is(2) as usize].into());
        }
    }

    fn is(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.number ^= self.number << 13;
        self.number ^= self.number >> 7;
        self.number ^= self.number << 17;
        self.number % limit
    }
}
