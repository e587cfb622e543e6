//! The top level of a document, and the settings of the host as a whole.

use serde_json::{Map, Value};

use super::dns::{DNS_RESOLVER, HOSTNAME};
use super::interface::INTERFACE;
use super::kinds::PLAIN;
use super::route::{ROUTE_RULES, ROUTES};
use super::{Choice, Extras, Key, Kind, Order, Section};
use crate::finding::Finding;
use crate::path::Path;

const MAPPING_STATES: &[Choice] = &[Choice::new("present"), Choice::new("absent")];

/// The top level of a document.
pub static STATE: Section = Section::new(
    "network state",
    "The network state of a host",
    &[
        Key::text("description")
            .since("2.2.33")
            .read_only()
            .doc("A remark about the document; the host does not keep it"),
        Key::section("hostname", &HOSTNAME).since("2.2.0").doc("The host name"),
        Key::section("dns-resolver", &DNS_RESOLVER).doc("The DNS settings of the host"),
        Key::section("route-rules", &ROUTE_RULES).doc("The policy routing rules"),
        Key::section("routes", &ROUTES).doc("The routes"),
        Key::list("interfaces", &Kind::Section(&INTERFACE), Order::Unordered)
            .doc("The interfaces; those that are not listed stay as they are"),
        Key::section("ovs-db", &OVS_DB).doc("Global columns of the Open vSwitch database"),
        Key::section("ovn", &OVN).since("2.2.15").doc("The settings of Open Virtual Network"),
    ],
);

/// The global columns of the Open vSwitch database.
pub static OVS_DB: Section = Section::new(
    "global Open vSwitch columns",
    "Columns of the Open vSwitch database for the whole host",
    &[
        Key::map("external_ids", &PLAIN)
            .doc("Keys for programs outside Open vSwitch; a null value deletes the key"),
        Key::map("other_config", &PLAIN).doc("Rarely used settings; a null value deletes the key"),
    ],
)
.empty_resets()
.check(check_ovs_db);

static OVN: Section = Section::new(
    "OVN",
    "The settings of Open Virtual Network",
    &[Key::list("bridge-mappings", &Kind::Section(&OVN_BRIDGE_MAPPING), Order::Unordered)
        .extras(Extras::Tolerated)
        .since("2.2.15")
        .doc(
            "Which bridge carries which physical network; networks that are not \
                    listed stay as they are",
        )],
);

/// The bridge of a physical network.
pub static OVN_BRIDGE_MAPPING: Section = Section::new(
    "OVN bridge mapping",
    "The bridge of a physical network",
    &[
        Key::text("localnet")
            .required()
            .since("2.2.15")
            .doc("The name of the physical network in OVN"),
        Key::choice("state", MAPPING_STATES).since("2.2.15").doc("`absent` removes the mapping"),
        Key::reference("bridge")
            .since("2.2.15")
            .doc("The Open vSwitch bridge that is connected to the network"),
    ],
)
.identity(&["localnet"])
.check(check_mapping);

/// Where Open vSwitch keeps the mappings of OVN.
const MAPPINGS_KEY: &str = "ovn-bridge-mappings";

fn check_ovs_db(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    if section.get("external_ids").is_some_and(|ids| ids.get(MAPPINGS_KEY).is_some()) {
        findings.push(
            Finding::new(
                Path::new().join("external_ids").join(MAPPINGS_KEY),
                format!("`{MAPPINGS_KEY}` cannot be set as a column"),
            )
            .with_hint("use <ovn/bridge-mappings>"),
        );
    }
}

fn check_mapping(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let is_absent = section.get("state").is_some_and(|state| state == "absent");
    if !is_absent && !section.contains_key("bridge") {
        findings.push(
            Finding::new(Path::new(), "a mapping needs the key <bridge>")
                .with_hint("name the Open vSwitch bridge that is connected to the network"),
        );
    }
}
