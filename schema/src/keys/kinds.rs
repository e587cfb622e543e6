//! Kinds that several sections share.

use super::{Choice, Kind, Text};

pub(super) const PLAIN: Kind = Kind::Text(Text::Plain);
pub(super) const IP: Kind = Kind::Text(Text::Ip);
pub(super) const REFERENCE: Kind = Kind::Text(Text::InterfaceReference);

pub(super) const VLAN_PROTOCOLS: &[Choice] = &[Choice::new("802.1q"), Choice::new("802.1ad")];
pub(super) const MPTCP_FLAGS: &[Choice] = &[
    Choice::new("signal"),
    Choice::new("subflow"),
    Choice::new("backup"),
    Choice::new("fullmesh"),
];
pub(super) const MPTCP_FLAG: Kind =
    Kind::Enum { choices: MPTCP_FLAGS, open: false, lenient: false };
pub(super) const ONLY_ABSENT: &[Choice] = &[Choice::new("absent")];
pub(super) const FAMILY_CHOICES: &[Choice] = &[Choice::new("ipv4"), Choice::new("ipv6")];
