//! MACsec, HSR and IP tunnels.

use serde_json::{Map, Value};

use super::family;
use super::{Choice, Decided, Key, Kind, Literal, Order, Section, Text};
use crate::finding::Finding;
use crate::phrase::Phrase;

const VALIDATION: &[Choice] =
    &[Choice::new("disabled"), Choice::new("check"), Choice::new("strict")];
const OFFLOAD: &[Choice] = &[Choice::new("off"), Choice::new("phy"), Choice::new("mac")];
const HSR_PROTOCOLS: &[Choice] =
    &[Choice::with_aliases("hsr", &["hsr-2010"]), Choice::new("hsr-2012"), Choice::new("prp")];
const TUNNEL_MODES: &[Choice] = &[
    Choice::new("ipip"),
    Choice::new("sit"),
    Choice::new("ip6ip6"),
    Choice::new("ipip6"),
    Choice::query_only("unknown"),
];
const TUNNEL_FLAG: Kind = Kind::Enum { choices: TUNNEL_FLAGS, open: false, lenient: false };
const TUNNEL_FLAGS: &[Choice] = &[
    Choice::new("ign-encap-limit"),
    Choice::new("use-orig-tclass"),
    Choice::new("use-orig-flowlabel"),
    Choice::new("mip6-dev"),
    Choice::new("rcv-dscp-copy"),
    Choice::new("use-orig-fw-mark"),
    Choice::new("allow-local-remote"),
    Choice::query_only("cap-xmit"),
    Choice::query_only("cap-rcv"),
    Choice::query_only("cap-per-packet"),
];

/// The settings of a MACsec interface.
pub(super) static MACSEC: Section = Section::new(
    "MACsec",
    "The settings of a MACsec interface (IEEE 802.1AE)",
    &[
        Key::reference("base-iface")
            .fixed()
            .required()
            .since("2.2.20")
            .doc("The interface whose traffic is protected"),
        Key::boolean("encrypt")
            .strict()
            .required()
            .since("2.2.20")
            .doc("Whether traffic is encrypted rather than only authenticated"),
        Key::text("mka-cak").sensitive().since("2.2.20").doc(
            "The connectivity association key, 32 hexadecimal digits; given together \
                    with `mka-ckn`",
        ),
        Key::text("mka-ckn")
            .since("2.2.20")
            .doc("The name of the connectivity association key, 2 to 64 hexadecimal digits"),
        Key::u32("port")
            .fixed()
            .strict()
            .required()
            .since("2.2.20")
            .doc("The port of the secure channel identifier, from 1 to 65534"),
        Key::choice("validation", VALIDATION).fixed().required().since("2.2.20").doc(
            "What happens to frames that are not authentic: nothing (`disabled`), \
                    they are counted (`check`), or dropped (`strict`)",
        ),
        Key::boolean("send-sci")
            .fixed()
            .strict()
            .required()
            .since("2.2.20")
            .doc("Whether each frame carries the secure channel identifier"),
        Key::choice("offload", OFFLOAD).since("2.2.27").initially(Literal::Text("off")).doc(
            "Where the work is done: in the kernel (`off`), in the `phy` or in the \
                    `mac`",
        ),
    ],
);

/// The settings of an HSR or PRP interface.
pub(super) static HSR: Section = Section::new(
    "HSR",
    "The settings of an HSR or PRP interface (IEC 62439-3)",
    &[
        Key::reference("port1").required().since("2.2.27").doc("The first port"),
        Key::reference("port2").required().since("2.2.27").doc("The second port"),
        Key::reference("interlink")
            .since("2.2.62")
            .doc("The port to another ring or network; protocols `hsr` and `hsr-2012`"),
        Key::formatted("supervision-address", Text::Mac)
            .read_only()
            .decided(Decided::Always)
            .since("2.2.27")
            .doc("The address of supervision frames"),
        Key::u8("multicast-spec")
            .strict()
            .required()
            .since("2.2.27")
            .doc("The last byte of the address of supervision frames, from 0 to 255"),
        Key::choice("protocol", HSR_PROTOCOLS)
            .required()
            .since("2.2.27")
            .doc("The protocol: `hsr` (version of 2010), `hsr-2012` or `prp`"),
    ],
);

/// The settings of an IP tunnel.
pub(super) static IP_TUNNEL: Section = Section::new(
    "IP tunnel",
    "The settings of an IP tunnel",
    &[
        Key::choice("mode", TUNNEL_MODES).since("2.2.62").doc(
            "What is carried in what: IPv4 in IPv4 (`ipip`), IPv6 in IPv4 (`sit`), \
                    IPv6 in IPv6 (`ip6ip6`), IPv4 in IPv6 (`ipip6`)",
        ),
        Key::reference("base-iface").since("2.2.62").doc("The interface that carries the tunnel"),
        Key::formatted("local", Text::Ip).since("2.2.62").doc("The address of this end"),
        Key::formatted("remote", Text::Ip).since("2.2.62").doc("The address of the other end"),
        Key::u8("ttl")
            .strict()
            .since("2.2.62")
            .unit("hops")
            .doc("The hop limit of outer packets; 0 takes it from the inner packet"),
        Key::u8("tos")
            .strict()
            .since("2.2.62")
            .doc("The type of service of outer packets; 1 takes it from the inner packet"),
        Key::integer("flow-label", 0, 0xf_ffff)
            .strict()
            .since("2.2.62")
            .doc("The IPv6 flow label of outer packets, from 0 to 1048575"),
        Key::list("ip6tun-flags", &TUNNEL_FLAG, Order::Unordered)
            .since("2.2.62")
            .doc("Options of tunnels through IPv6"),
        Key::boolean("pmtu-disc")
            .strict()
            .since("2.2.62")
            .doc("Whether the path MTU of the tunnel is discovered"),
        Key::u8("encap-limit")
            .strict()
            .since("2.2.62")
            .doc("How often packets may be encapsulated further in tunnels through IPv6"),
        Key::u32("fwmark").strict().since("2.2.62").doc("The firewall mark of outer packets"),
    ],
)
.check(check_tunnel);

/// The mode decides about the family of outer packets.
fn check_tunnel(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let ends = ["local", "remote"];
    match section.get("mode").and_then(Value::as_str) {
        Some(mode @ ("ipip" | "sit" | "ip6ip6" | "ipip6")) => {
            let is_ipv6 = matches!(mode, "ip6ip6" | "ipip6");
            let outer = if is_ipv6 { "IPv6" } else { "IPv4" };
            let reason = Phrase::from("tunnels with <mode> `{}` are carried by {}");
            let reason = reason.with(mode).with(outer);
            family::check_family(section, &ends, (is_ipv6, &reason), findings);
        }
        _ => family::check_alike(section, &ends, findings),
    }
}
