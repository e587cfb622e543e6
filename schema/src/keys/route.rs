//! Routes and policy routing rules.

use super::kinds::ONLY_ABSENT;
use super::{Choice, Key, Kind, Literal, Order, Section, Text};

const STATES: &[Choice] = &[Choice::new("absent"), Choice::new("ignore")];
const TYPES: &[Choice] =
    &[Choice::new("blackhole"), Choice::new("unreachable"), Choice::new("prohibit")];
const FAMILIES: &[Choice] =
    &[Choice::new("ipv4"), Choice::new("ipv6"), Choice::query_only("unknown")];

/// All routes of a host.
pub(super) static ROUTES: Section = Section::new(
    "routes",
    "The routes of a host",
    &[
        Key::list("running", &Kind::Section(&ROUTE), Order::Unordered)
            .read_only()
            .volatile()
            .doc("The routes in effect, those learned from the network among them"),
        Key::list("config", &Kind::Section(&ROUTE), Order::Unordered).doc(
            "The static routes; routes that are not listed stay, and are removed with \
                    `state: absent`",
        ),
    ],
);

/// A route.
pub static ROUTE: Section = Section::new(
    "route",
    "A static route",
    &[
        Key::choice("state", STATES).doc(
            "`absent` removes every static route that has the given values, whatever \
                    its other values",
        ),
        Key::formatted("destination", Text::IpNetwork).doc(
            "The network that the route leads to, in CIDR notation; the default route \
                    is `0.0.0.0/0` or `::/0`",
        ),
        Key::reference("next-hop-interface").doc("The interface that packets leave by"),
        Key::formatted("next-hop-address", Text::Ip).doc(
            "The address of the gateway; left out where the destination is on the \
                    link",
        ),
        Key::integer("metric", -1, u32::MAX as i64)
            .doc("The cost of the route, lower is preferred; -1 lets NetworkManager choose"),
        Key::u32("table-id").doc("The routing table; 254, the main table, when left out"),
        Key::integer("weight", 1, 256).since("2.2.5").doc(
            "The share of traffic among several IPv4 routes to one destination, from \
                    1 to 256",
        ),
        Key::choice("route-type", TYPES).since("2.2.20").doc(
            "Drops packets instead of forwarding them: `blackhole` silently, \
                    `unreachable` and `prohibit` with an ICMP message",
        ),
        Key::formatted("source", Text::Ip)
            .since("2.2.37")
            .doc("The source address that the host prefers on this route"),
        Key::u32("mtu").since("2.2.42").unit("bytes").doc("The largest packet on this route"),
        Key::boolean("lock-mtu")
            .since("2.2.62")
            .default(Literal::Bool(false))
            .doc("Whether path MTU discovery leaves `mtu` alone"),
        Key::u32("advmss")
            .since("2.2.48")
            .unit("bytes")
            .doc("The largest TCP segment to announce to peers"),
        Key::integer("cwnd", 1, u32::MAX as i64)
            .since("2.2.27")
            .unit("segments")
            .doc("The largest TCP congestion window"),
        Key::u32("initcwnd")
            .since("2.2.42")
            .unit("segments")
            .doc("The initial TCP congestion window"),
        Key::u32("initrwnd").since("2.2.42").unit("segments").doc("The initial TCP receive window"),
        Key::boolean("quickack")
            .since("2.2.48")
            .default(Literal::Bool(false))
            .doc("Whether TCP acknowledges every segment at once"),
        Key::reference("vrf-name")
            .since("2.2.57")
            .doc("The VRF whose routing table holds the route, in place of `table-id`"),
    ],
)
.identity(&[
    "destination",
    "next-hop-interface",
    "next-hop-address",
    "table-id",
    "vrf-name",
    "route-type",
    "metric",
]);

/// All policy routing rules of a host.
pub(super) static ROUTE_RULES: Section = Section::new(
    "route rules",
    "The policy routing rules of a host",
    &[Key::list("config", &Kind::Section(&ROUTE_RULE), Order::Unordered).doc(
        "The rules; rules that are not listed stay, and are removed with `state: \
                    absent`",
    )],
);

/// A policy routing rule.
pub static ROUTE_RULE: Section = Section::new(
    "route rule",
    "A policy routing rule, which chooses the routing table of a packet",
    &[
        Key::choice("state", ONLY_ABSENT).doc(
            "`absent` removes every rule that has the given values, whatever its \
                    other values",
        ),
        Key::choice("family", FAMILIES)
            .since("2.2.5")
            .doc("`ipv4` or `ipv6`; taken from `ip-from` or `ip-to` when left out"),
        Key::formatted("ip-from", Text::IpNetwork)
            .doc("The network of the source address, in CIDR notation"),
        Key::formatted("ip-to", Text::IpNetwork)
            .doc("The network of the destination address, in CIDR notation"),
        Key::integer("priority", -1, u32::MAX as i64).doc(
            "The position of the rule, lower is asked first; -1 lets NetworkManager \
                    choose",
        ),
        Key::u32("route-table").doc("The routing table to use; 254, the main table, when left out"),
        Key::u32("fwmark").hex().since("2.2.5").doc(
            "The firewall mark of the packet, a number or a hexadecimal string such \
                    as `0x30`",
        ),
        Key::u32("fwmask")
            .hex()
            .since("2.2.5")
            .doc("The bits of the firewall mark that are looked at; needs `fwmark`"),
        Key::choice("action", TYPES).since("2.2.5").doc(
            "Drops the packet in place of looking up a route: `blackhole` silently, \
                    `unreachable` and `prohibit` with an ICMP message",
        ),
        Key::text("iif").since("2.2.5").doc("The interface that the packet came in by"),
        Key::u32("suppress-prefix-length")
            .aliases(&["suppress_prefixlength"])
            .strict()
            .since("2.2.15")
            .unit("bits")
            .doc("Ignores routes whose prefix is this long or shorter"),
    ],
)
.identity(&[
    "family",
    "ip-from",
    "ip-to",
    "priority",
    "route-table",
    "fwmark",
    "fwmask",
    "action",
    "iif",
]);
