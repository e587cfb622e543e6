//! The key table: every nmstate key, once.
//!
//! A key is described here and nowhere else. Canonical form, comparison, validation, the Terraform
//! schema, the registry pages and the Ansible documentation are all derived from these sections,
//! so adding a key, or a whole interface type, is adding data.

mod bond;
mod bridge_vlan;
mod build;
mod description;
mod dns;
mod ethernet;
mod ethtool;
mod family;
mod interface;
mod ip;
mod ipsec;
mod kinds;
mod linux_bridge;
mod model;
mod overlay;
mod ovs;
mod route;
mod state;
mod tunnel;
mod types;
mod vlan;

pub use self::dns::{DNS_CLIENT, DNS_RESOLVER, HOSTNAME};
pub use self::interface::INTERFACE;
pub(crate) use self::interface::without_ineffective;
pub use self::model::{
    Access, Check, Choice, Decided, Digits, Extras, Group, Initial, InterfaceType, Key, Kind,
    Literal, Order, Owner, Section, Text,
};
pub use self::route::{ROUTE, ROUTE_RULE};
pub use self::state::{OVN_BRIDGE_MAPPING, OVS_DB, STATE};
pub use self::types::{interface_type, interface_types, is_same_type, kernel_modules};

/// The keys of [`INTERFACE`] that interfaces of a type have.
pub fn interface_keys(type_name: &str) -> impl Iterator<Item = &'static Key> {
    INTERFACE.keys.iter().filter(move |key| key.applies_to(Some(type_name)))
}
