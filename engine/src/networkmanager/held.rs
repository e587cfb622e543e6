//! Values in a profile that are the host's otherwise.
//!
//! The rest of a profile is no matter of this: whose a value is asks only where the key table leaves it
//! to the host ([`nmstate_schema::Held`]).

use std::collections::HashMap;

use nmstate_schema::Value as Json;
use serde_json::{Map, json};
use zbus::zvariant::{OwnedValue, Value};

/// The settings of a profile by their D-Bus names.
type Settings = HashMap<String, HashMap<String, OwnedValue>>;

/// The settings that have the MTU of an interface.
const WITH_MTU: [&str; 5] =
    ["802-3-ethernet", "802-11-wireless", "infiniband", "ip-tunnel", "wireguard"];

/// The features that NetworkManager sets together, by its name for them (`_ethtool_data` in its
/// `libnm-glib-aux/nm-ethtool.c` and `netdev` in its `nm-platform-utils.c`).
const TOGETHER: [(&str, &[&str]); 3] = [
    ("sg", &["tx-scatter-gather", "tx-scatter-gather-fraglist"]),
    (
        "tso",
        &[
            "tx-tcp-segmentation",
            "tx-tcp-ecn-segmentation",
            "tx-tcp-mangleid-segmentation",
            "tx-tcp6-segmentation",
        ],
    ),
    (
        "tx",
        &[
            "tx-checksum-ipv4",
            "tx-checksum-ip-generic",
            "tx-checksum-ipv6",
            "tx-checksum-fcoe-crc",
            "tx-checksum-sctp",
        ],
    ),
];

/// The keys of an interface that a profile gives a value, which is `true` in place of what it is.
pub(super) fn held(settings: &Settings) -> Map<String, Json> {
    let value = |setting: &str, key: &str| settings.get(setting)?.get(key).map(|value| &**value);
    let is_set = |setting: &str, key: &str| value(setting, key).is_some_and(is_any);
    let mut held = Map::new();
    if WITH_MTU.iter().any(|setting| is_set(setting, "mtu")) {
        held.insert("mtu".to_owned(), true.into());
    }
    // Besides an address it may be a word that lets NetworkManager choose one.
    let assigned = ["802-3-ethernet", "802-11-wireless"].iter().any(|setting| {
        let text = value(setting, "assigned-mac-address");
        text.is_some_and(|text| matches!(text, Value::Str(text) if text.contains(':')))
    });
    if assigned || is_set("bridge", "mac-address") {
        held.insert("mac-address".to_owned(), true.into());
    }
    if is_set("connection", "mptcp-flags") {
        held.insert("mptcp".to_owned(), json!({"address-flags": true}));
    }
    if is_set("ipv6", "token") {
        held.insert("ipv6".to_owned(), json!({"token": true}));
    }
    // -1 leaves it as it is.
    if value("ipv4", "forwarding").is_some_and(|one| matches!(one, Value::I32(0..))) {
        held.insert("ipv4".to_owned(), json!({"forwarding": true}));
    }
    let is_negotiated = is_set("802-3-ethernet", "auto-negotiate");
    if is_negotiated || is_set("802-3-ethernet", "speed") {
        let all = json!({"auto-negotiation": true, "speed": true, "duplex": true});
        held.insert("ethernet".to_owned(), all);
    }
    if let Some(ethtool) = settings.get("ethtool") {
        held.insert("ethtool".to_owned(), of_ethtool(ethtool.keys()).into());
    }
    held
}

/// The settings of `ethtool` by nmstate's names: `ring-rx` is `rx` of `ring`.
fn of_ethtool<'a>(properties: impl Iterator<Item = &'a String>) -> Map<String, Json> {
    let mut groups: Map<String, Json> = Map::new();
    for (group, name) in properties.filter_map(|property| property.split_once('-')) {
        let together = TOGETHER.iter().find(|(all, _)| group == "feature" && *all == name);
        let names = together.map_or(&[][..], |(_, names)| names);
        let group = groups.entry(group).or_insert_with(|| json!({}));
        for name in names.iter().copied().chain([name]) {
            group[name] = true.into();
        }
    }
    groups
}

fn is_any(value: &Value<'_>) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::U8(number) => *number != 0,
        Value::U32(number) => *number != 0,
        Value::I32(number) => *number != 0,
        Value::Str(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: Vec<(&str, &str, Value<'static>)>) -> Json {
        let mut tree = Settings::new();
        for (setting, key, value) in settings {
            let value = OwnedValue::try_from(value).unwrap();
            tree.entry(setting.to_owned()).or_default().insert(key.to_owned(), value);
        }
        held(&tree).into()
    }

    #[test]
    fn what_a_profile_leaves_to_the_host_is_not_held() {
        let nothing = of(vec![
            ("802-3-ethernet", "mtu", 0_u32.into()),
            ("802-3-ethernet", "auto-negotiate", false.into()),
            ("802-3-ethernet", "assigned-mac-address", "stable".into()),
            ("ipv4", "forwarding", (-1_i32).into()),
            ("ipv6", "token", "".into()),
            ("ipv6", "mtu", 1400_u32.into()),
        ]);
        assert_eq!(nothing, json!({}));
    }

    #[test]
    fn what_a_profile_says_is_held_by_nmstates_names() {
        let all = of(vec![
            ("802-3-ethernet", "mtu", 9000_u32.into()),
            ("802-3-ethernet", "assigned-mac-address", "02:00:00:00:00:01".into()),
            ("802-3-ethernet", "speed", 1000_u32.into()),
            ("connection", "mptcp-flags", 0x22_u32.into()),
            ("ipv4", "forwarding", 0_i32.into()),
            ("ipv6", "token", "::42".into()),
            ("ethtool", "feature-lro", false.into()),
            ("ethtool", "feature-sg", true.into()),
            ("ethtool", "coalesce-rx-usecs", 0_u32.into()),
            ("ethtool", "ring-rx-jumbo", 16_u32.into()),
        ]);
        let feature = json!({"lro": true, "sg": true, "tx-scatter-gather": true,
            "tx-scatter-gather-fraglist": true});
        assert_eq!(
            all,
            json!({"mtu": true, "mac-address": true,
                "mptcp": {"address-flags": true},
                "ipv6": {"token": true},
                "ipv4": {"forwarding": true},
                "ethernet": {"auto-negotiation": true, "speed": true, "duplex": true},
                "ethtool": {"feature": feature, "coalesce": {"rx-usecs": true},
                    "ring": {"rx-jumbo": true}}})
        );
    }
}
