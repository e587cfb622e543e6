//! Bonds.

use super::kinds::{IP, REFERENCE};
use super::{Choice, Initial, Key, Kind, Literal, Order, Section, Text};

mod check;

const MODES: &[Choice] = &[
    Choice::with_aliases("balance-rr", &["0"]),
    Choice::with_aliases("active-backup", &["1"]),
    Choice::with_aliases("balance-xor", &["2"]),
    Choice::with_aliases("broadcast", &["3"]),
    Choice::with_aliases("802.3ad", &["4", "lacp"]),
    Choice::with_aliases("balance-tlb", &["5"]),
    Choice::with_aliases("balance-alb", &["6"]),
    Choice::query_only("unknown"),
];
const AD_SELECT: &[Choice] = &[
    Choice::with_aliases("stable", &["0"]),
    Choice::with_aliases("bandwidth", &["1"]),
    Choice::with_aliases("count", &["2"]),
];
const ALL_PORTS_ACTIVE: &[Choice] =
    &[Choice::with_aliases("dropped", &["0"]), Choice::with_aliases("delivered", &["1"])];
const ARP_ALL_TARGETS: &[Choice] =
    &[Choice::with_aliases("any", &["0"]), Choice::with_aliases("all", &["1"])];
const ARP_VALIDATE: &[Choice] = &[
    Choice::with_aliases("none", &["0"]),
    Choice::with_aliases("active", &["1"]),
    Choice::with_aliases("backup", &["2"]),
    Choice::with_aliases("all", &["3"]),
    Choice::with_aliases("filter", &["4"]),
    Choice::with_aliases("filter_active", &["5"]),
    Choice::with_aliases("filter_backup", &["6"]),
];
const FAIL_OVER_MAC: &[Choice] = &[
    Choice::with_aliases("none", &["0"]),
    Choice::with_aliases("active", &["1"]),
    Choice::with_aliases("follow", &["2"]),
];
const LACP_RATE: &[Choice] =
    &[Choice::with_aliases("slow", &["0"]), Choice::with_aliases("fast", &["1"])];
const PRIMARY_RESELECT: &[Choice] = &[
    Choice::with_aliases("always", &["0"]),
    Choice::with_aliases("better", &["1"]),
    Choice::with_aliases("failure", &["2"]),
];
const XMIT_HASH_POLICY: &[Choice] = &[
    Choice::with_aliases("layer2", &["0"]),
    Choice::with_aliases("layer3+4", &["1"]),
    Choice::with_aliases("layer2+3", &["2"]),
    Choice::with_aliases("encap2+3", &["3"]),
    Choice::with_aliases("encap3+4", &["4"]),
    Choice::with_aliases("vlan+srcmac", &["5"]),
];

/// The largest number that the kernel's driver takes for an option without a limit of its own.
const MOST: i64 = i32::MAX as i64;

/// The settings of a bond.
pub(super) static BOND: Section = Section::new(
    "bond",
    "The settings of a bond",
    &[
        Key::numbered("mode", MODES).doc(
            "How the bond uses its ports; required to create one. `active-backup` and \
                    the `balance` modes work with any switch, `802.3ad` (LACP) needs a \
                    switch that is configured for it",
        ),
        Key::list("port", &REFERENCE, Order::Unordered)
            .aliases(&["ports"])
            .doc("The interfaces that make up the bond; the list is complete"),
        Key::list("ports-config", &Kind::Section(&BOND_PORT), Order::Unordered)
            .since("2.2.20")
            .initial(Initial::Items)
            .doc("Settings of single ports"),
        Key::section("options", &BOND_OPTIONS).doc(
            "The options of the kernel's bonding driver; an empty mapping resets them \
                    all",
        ),
    ],
)
.check(check::bond);

static BOND_PORT: Section = Section::new(
    "bond port",
    "The settings of a port of a bond",
    &[
        Key::reference("name").required().since("2.2.20").doc("The interface"),
        Key::integer("priority", i32::MIN as i64, i32::MAX as i64)
            .since("2.2.20")
            .initially(Literal::Integer(0))
            .doc(
                "The preference for this port when a new active one is chosen, higher is \
                    preferred; modes `active-backup`, `balance-tlb` and `balance-alb`",
            ),
        Key::u16("queue-id")
            .since("2.2.20")
            .initially(Literal::Integer(0))
            .doc("The transmit queue that is bound to this port; 0 for none"),
    ],
)
.identity(&["name"]);

static BOND_OPTIONS: Section = Section::new(
    "bond options",
    "The options of the kernel's bonding driver",
    &[
        Key::integer("ad_actor_sys_prio", 1, u16::MAX as i64)
            .initially(Literal::Integer(65_535))
            .doc(
                "The LACP priority of the host, from 1 to 65535, lower is preferred; mode \
                    `802.3ad`",
            ),
        Key::formatted("ad_actor_system", Text::Mac)
            .doc("The hardware address that the host uses in LACP; mode `802.3ad`"),
        Key::numbered("ad_select", AD_SELECT).initially(Literal::Text("stable")).doc(
            "When another group of ports takes over: `stable` when the active one has \
                    no link left, `bandwidth` or `count` when another has more; mode \
                    `802.3ad`",
        ),
        Key::integer("ad_user_port_key", 0, 1023)
            .initially(Literal::Integer(0))
            .doc("The upper ten bits of the LACP port key, from 0 to 1023; mode `802.3ad`"),
        Key::numbered("all_slaves_active", ALL_PORTS_ACTIVE)
            .initially(Literal::Text("dropped"))
            .doc(
                "Whether frames that arrive on an inactive port are `dropped` or \
                    `delivered`",
            ),
        Key::numbered("arp_all_targets", ARP_ALL_TARGETS).initially(Literal::Text("any")).doc(
            "Whether `any` or `all` of the addresses in `arp_ip_target` must answer \
                    for a port to count as up",
        ),
        Key::integer("arp_interval", 0, MOST)
            .unit("milliseconds")
            .initially(Literal::Integer(0))
            .doc(
                "How often the links are checked with ARP; 0 switches the check off. \
                    Excludes `miimon`",
            ),
        Key::formatted("arp_ip_target", Text::IpList).initially(Literal::Text("")).doc(
            "The IPv4 addresses that are asked when links are checked with ARP, \
                    separated by commas",
        ),
        Key::integer("arp_missed_max", 1, u8::MAX as i64)
            .since("2.2.15")
            .initially(Literal::Integer(2))
            .doc("How many ARP checks may fail before a port counts as down"),
        Key::numbered("arp_validate", ARP_VALIDATE)
            .initially(Literal::Text("none"))
            .doc("On which ports the answers to ARP checks are validated or filtered"),
        Key::boolean("balance_slb")
            .aliases(&["balance-slb"])
            .since("2.2.5")
            .initially(Literal::Bool(false))
            .doc(
                "Whether traffic is balanced by source address and VLAN without help of \
                    the switch; needs mode `balance-xor` and `xmit_hash_policy` \
                    `vlan+srcmac`",
            ),
        Key::integer("downdelay", 0, MOST).unit("milliseconds").initially(Literal::Integer(0)).doc(
            "How long a port may be without link before it is disabled; a multiple of \
                    `miimon`",
        ),
        Key::numbered("fail_over_mac", FAIL_OVER_MAC).initially(Literal::Text("none")).doc(
            "Which hardware address the bond has: that of the first port for good \
                    (`none`), that of the `active` port, or one that the active port takes \
                    over (`follow`); mode `active-backup`",
        ),
        Key::boolean("lacp_active")
            .since("2.2.48")
            .initially(Literal::Bool(true))
            .doc("Whether the host sends LACP frames without being asked; mode `802.3ad`"),
        Key::numbered("lacp_rate", LACP_RATE).initially(Literal::Text("slow")).doc(
            "How often the link partner is asked to send LACP frames: every 30 \
                    seconds (`slow`) or every second (`fast`); mode `802.3ad`",
        ),
        Key::integer("lp_interval", 1, MOST).unit("seconds").initially(Literal::Integer(1)).doc(
            "How often learning packets are sent to the switches; modes `balance-tlb` \
                    and `balance-alb`",
        ),
        Key::integer("miimon", 0, MOST)
            .unit("milliseconds")
            .initial(Initial::Unless("arp_interval", Literal::Integer(100)))
            .doc(
                "How often the links are checked; 0 switches the check off. Excludes \
                    `arp_interval`",
            ),
        Key::integer("min_links", 0, MOST)
            .initially(Literal::Integer(0))
            .doc("How many ports must have a link for the bond to be up; mode `802.3ad`"),
        Key::list("ns_ip6_target", &IP, Order::Unordered).since("2.2.48").doc(
            "The IPv6 addresses that are asked when links are checked with neighbour \
                    solicitations",
        ),
        Key::u8("num_grat_arp").initially(Literal::Integer(1)).doc(
            "How many ARP announcements follow a change of the active port; one \
                    setting with `num_unsol_na`",
        ),
        Key::u8("num_unsol_na").initially(Literal::Integer(1)).doc(
            "How many neighbour advertisements follow a change of the active port; \
                    one setting with `num_grat_arp`",
        ),
        Key::integer("packets_per_slave", 0, u16::MAX as i64)
            .unit("packets")
            .initially(Literal::Integer(1))
            .doc(
                "How many packets to send by one port before the next, 0 for random; mode \
                    `balance-rr`",
            ),
        Key::reference("primary").doc(
            "The port that is used whenever it has a link; modes `active-backup`, \
                    `balance-tlb` and `balance-alb`",
        ),
        Key::numbered("primary_reselect", PRIMARY_RESELECT).initially(Literal::Text("always")).doc(
            "When the primary port is used again: `always`, when it is `better`, or \
                    only after a `failure` of the active one",
        ),
        Key::integer("resend_igmp", 0, 255)
            .initially(Literal::Integer(1))
            .doc("How many IGMP reports follow a change of the active port, from 0 to 255"),
        Key::boolean("tlb_dynamic_lb")
            .initially(Literal::Bool(true))
            .doc("Whether `balance-tlb` moves flows between ports according to their load"),
        Key::integer("updelay", 0, MOST).unit("milliseconds").initially(Literal::Integer(0)).doc(
            "How long a port must have a link before it is used; a multiple of \
                    `miimon`",
        ),
        Key::boolean("use_carrier")
            .initially(Literal::Bool(true))
            .doc("Whether the driver is asked for its link state rather than the card"),
        Key::numbered("xmit_hash_policy", XMIT_HASH_POLICY).initially(Literal::Text("layer2")).doc(
            "What decides by which port a packet is sent: addresses of `layer2`, \
                    `layer2+3`, `layer3+4`, the same inside tunnels (`encap2+3`, \
                    `encap3+4`), or `vlan+srcmac`",
        ),
    ],
)
.empty_is_meant();
