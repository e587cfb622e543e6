//! Linux bridges.

use serde_json::{Map, Value};

use super::bridge_vlan::PORT_VLAN;
use super::kinds::VLAN_PROTOCOLS;
use super::{Choice, Extras, Key, Kind, Literal, Order, Section, Text};

const MULTICAST_ROUTER: &[Choice] = &[
    Choice::with_aliases("auto", &["1"]),
    Choice::with_aliases("disabled", &["0"]),
    Choice::with_aliases("enabled", &["2"]),
];

/// The settings of a Linux bridge.
pub(super) static LINUX_BRIDGE: Section = Section::new(
    "Linux bridge",
    "The settings of a Linux bridge",
    &[
        Key::list("port", &Kind::Section(&PORT), Order::Unordered)
            .extras(Extras::ToleratedIf("allow-extra-ports"))
            .aliases(&["ports"])
            .doc("The interfaces that are connected to the bridge; the list is complete"),
        Key::boolean("allow-extra-ports")
            .strict()
            .write_only()
            .since("2.2.62")
            .doc("Whether ports that are not listed may stay connected"),
        Key::section("options", &OPTIONS).doc("The settings of the bridge as a whole"),
    ],
);

static PORT: Section = Section::new(
    "Linux bridge port",
    "A port of a Linux bridge",
    &[
        Key::reference("name").required().doc("The interface"),
        Key::boolean("stp-hairpin-mode")
            .initially(Literal::Bool(false))
            .doc("Whether frames may leave by the port that they came in by"),
        Key::integer("stp-path-cost", 1, 65535)
            .initially(Literal::Integer(100))
            .doc("The cost of the port in the spanning tree"),
        Key::integer("stp-priority", 0, 63)
            .initially(Literal::Integer(32))
            .doc("The priority of the port in the spanning tree, lower is preferred"),
        Key::section("vlan", &PORT_VLAN)
            .doc("VLAN filtering on the port; an empty mapping removes it"),
    ],
)
.identity(&["name"]);

static OPTIONS: Section = Section::new(
    "Linux bridge options",
    "The settings of a Linux bridge as a whole",
    &[
        Key::section("stp", &STP).doc("The spanning tree protocol"),
        Key::u64("gc-timer")
            .strict()
            .read_only()
            .volatile()
            .unit("centiseconds")
            .doc("The time until old addresses are forgotten next"),
        Key::u64("hello-timer")
            .strict()
            .read_only()
            .volatile()
            .unit("centiseconds")
            .doc("The time until the next spanning tree message"),
        Key::formatted("group-addr", Text::Mac)
            .initially(Literal::Text("01:80:C2:00:00:00"))
            .doc("The hardware address that spanning tree messages are sent to"),
        Key::u16("group-fwd-mask")
            .aliases(&["group-forward-mask"])
            .initially(Literal::Integer(0))
            .doc(
                "Which link-local multicast frames (01:80:C2:00:00:0X) are forwarded, one \
                    bit for each X",
            ),
        Key::u32("hash-max")
            .initially(Literal::Integer(4096))
            .doc("The largest number of multicast groups to remember; a power of 2"),
        Key::integer("mac-ageing-time", 0, 1_000_000)
            .unit("seconds")
            .default(Literal::Integer(300))
            .doc("How long an address is remembered without traffic"),
        Key::boolean("multicast-snooping")
            .initially(Literal::Bool(true))
            .doc("Whether multicast goes only to the ports that asked for it"),
        Key::boolean("multicast-querier")
            .initially(Literal::Bool(false))
            .doc("Whether the bridge asks for multicast members itself"),
        Key::boolean("multicast-query-use-ifaddr").initially(Literal::Bool(false)).doc(
            "Whether the bridge's own IP address is the source of its queries, in \
                    place of 0.0.0.0",
        ),
        Key::numbered("multicast-router", MULTICAST_ROUTER).initially(Literal::Text("auto")).doc(
            "Whether multicast routers are connected to the bridge: `auto` finds out, \
                    `enabled` assumes so, `disabled` assumes not",
        ),
        Key::u32("multicast-last-member-count")
            .initially(Literal::Integer(2))
            .doc("How many queries follow a leave message"),
        Key::u64("multicast-last-member-interval")
            .unit("centiseconds")
            .initially(Literal::Integer(100))
            .doc("The time between queries that follow a leave message"),
        Key::u64("multicast-membership-interval")
            .unit("centiseconds")
            .initially(Literal::Integer(26_000))
            .doc("How long a member is remembered without a report"),
        Key::u64("multicast-querier-interval")
            .unit("centiseconds")
            .initially(Literal::Integer(25_500))
            .doc("How long another querier is believed to be there"),
        Key::u64("multicast-query-interval")
            .unit("centiseconds")
            .initially(Literal::Integer(12_500))
            .doc("The time between general queries"),
        Key::u64("multicast-query-response-interval")
            .unit("centiseconds")
            .initially(Literal::Integer(1000))
            .doc("How long members may take to answer a query"),
        Key::u32("multicast-startup-query-count")
            .initially(Literal::Integer(2))
            .doc("How many queries are sent at startup"),
        // Not every kernel has a tick in which the 3125 of NetworkManager can be counted.
        Key::u64("multicast-startup-query-interval")
            .unit("centiseconds")
            .initially(Literal::Integer(3124))
            .doc("The time between queries at startup"),
        Key::choice("vlan-protocol", VLAN_PROTOCOLS)
            .since("2.2.0")
            .initially(Literal::Text("802.1q"))
            .doc("The kind of VLAN tags that are filtered, `802.1q` or `802.1ad`"),
        Key::integer("vlan-default-pvid", 0, 4094)
            .strict()
            .since("2.2.15")
            .initially(Literal::Integer(1))
            .doc("The VLAN of ports without VLAN filtering of their own, from 0 to 4094"),
    ],
)
.normal(normal_options);

/// While the spanning tree changes, the kernel forgets addresses after twice the forward delay and
/// shows that for the time that was set (`__br_set_topology_change` in its `br_stp.c`).
fn normal_options(section: &mut Map<String, Value>) {
    // Only `show` prints a timer: what is desired is meant.
    let is_shown = section.contains_key("hello-timer");
    let stp = section.get("stp").and_then(Value::as_object);
    let delay = stp
        .filter(|stp| stp.get("enabled") == Some(&Value::Bool(true)))
        .and_then(|stp| stp.get("forward-delay")?.as_u64());
    let ageing = section.get("mac-ageing-time").and_then(Value::as_u64);
    if is_shown && ageing.is_some() && ageing == delay.map(|delay| 2 * delay) {
        section.remove("mac-ageing-time");
    }
}

const STP_ENABLED: Key = Key::boolean("enabled").doc(
    "Whether the bridge takes part in the spanning tree; without it the other settings have no \
                    effect",
);
const FORWARD_DELAY: Key = Key::integer("forward-delay", 2, 30)
    .unit("seconds")
    .initially(Literal::Integer(15))
    .doc("How long a port listens and learns before it forwards, from 2 to 30");
const HELLO_TIME: Key = Key::integer("hello-time", 1, 10)
    .unit("seconds")
    .initially(Literal::Integer(2))
    .doc("The time between messages, from 1 to 10");
const MAX_AGE: Key = Key::integer("max-age", 6, 40)
    .unit("seconds")
    .initially(Literal::Integer(20))
    .doc("How long a message is valid, from 6 to 40");
const STP_PRIORITY: Key = Key::u16("priority")
    .initially(Literal::Integer(32_768))
    .doc("The priority of the bridge, lower is preferred; the lowest becomes the root");

/// The spanning tree protocol of a Linux bridge.
static STP: Section = stp(
    "spanning tree protocol",
    &[STP_ENABLED.initially(Literal::Bool(true)), FORWARD_DELAY, HELLO_TIME, MAX_AGE, STP_PRIORITY],
);

/// The spanning tree protocol of an Open vSwitch bridge.
pub(super) static OVS_STP: Section = stp(
    "Open vSwitch spanning tree protocol",
    &[
        STP_ENABLED.initially(Literal::Bool(false)),
        FORWARD_DELAY,
        HELLO_TIME,
        MAX_AGE,
        STP_PRIORITY,
    ],
);

const fn stp(name: &'static str, keys: &'static [Key]) -> Section {
    Section::new(name, "The spanning tree protocol of a bridge", keys)
        .shorthand("enabled")
        .expected(expected_stp)
}

/// Without a spanning tree its settings have no effect.
fn expected_stp(section: &mut Map<String, Value>) {
    if section.get("enabled") == Some(&Value::Bool(false)) {
        section.retain(|name, _| name == "enabled");
    }
}
