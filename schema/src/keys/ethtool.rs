//! Settings that the program `ethtool` knows.

use serde_json::{Map, Value};

use super::{Choice, Key, Kind, Section};

/// Unlike other booleans of nmstate, a feature does not take words such as `yes`.
const FEATURE: Kind = Kind::Bool { lenient: false };
const FEC_MODES: &[Choice] =
    &[Choice::new("off"), Choice::new("rs"), Choice::new("baser"), Choice::new("llrs")];

/// The settings that `ethtool` knows. The features of an interface follow those below and above it,
/// and what its driver chooses depends on the link, on its MTU and on the load.
pub(super) static ETHTOOL: Section = Section::new(
    "ethtool",
    "Settings of the driver and the card",
    &[
        Key::section("pause", &PAUSE).of_host().doc("Ethernet flow control"),
        Key::map("feature", &FEATURE).of_host().doc(
            "Offload features by their kernel names, such as `rx-gro`; the short \
                    names of `ethtool`, such as `gro`, are accepted too",
        ),
        Key::section("coalesce", &COALESCE)
            .of_host()
            .doc("How long the card gathers packets before it interrupts the host"),
        Key::section("ring", &RING)
            .of_host()
            .doc("The number of buffers between the card and the host"),
        Key::section("fec", &FEC).of_host().since("2.2.48").doc("Forward error correction"),
    ],
)
.normal(normal_features);

static PAUSE: Section = Section::new(
    "pause frames",
    "Ethernet flow control",
    &[
        Key::boolean("rx").doc("Whether the card obeys pause frames"),
        Key::boolean("tx").doc("Whether the card sends pause frames"),
        Key::boolean("autoneg").doc("Whether flow control is negotiated with the link partner"),
    ],
);

static RING: Section = Section::new(
    "ring buffers",
    "The number of buffers between the card and the host",
    &[
        Key::u32("rx").unit("buffers").doc("The size of the receive ring"),
        Key::u32("rx-max")
            .unit("buffers")
            .read_only()
            .doc("The largest receive ring that the card supports"),
        Key::u32("rx-jumbo").unit("buffers").doc("The size of the receive ring for jumbo frames"),
        Key::u32("rx-jumbo-max")
            .unit("buffers")
            .read_only()
            .doc("The largest receive ring for jumbo frames that the card supports"),
        Key::u32("rx-mini").unit("buffers").doc("The size of the receive ring for small frames"),
        Key::u32("rx-mini-max")
            .unit("buffers")
            .read_only()
            .doc("The largest receive ring for small frames that the card supports"),
        Key::u32("tx").unit("buffers").doc("The size of the send ring"),
        Key::u32("tx-max")
            .unit("buffers")
            .read_only()
            .doc("The largest send ring that the card supports"),
    ],
);

static FEC: Section = Section::new(
    "forward error correction",
    "Forward error correction of the link",
    &[
        Key::boolean("auto").since("2.2.48").doc("Whether the card chooses the mode"),
        Key::choice("mode", FEC_MODES).since("2.2.48").doc(
            "`off`, Reed-Solomon (`rs`), BASE-R (`baser`) or low-latency Reed-Solomon \
                    (`llrs`)",
        ),
    ],
)
.expected(expected_fec);

/// A mode that the card chooses is not the document's.
fn expected_fec(section: &mut Map<String, Value>) {
    if section.get("auto") == Some(&Value::Bool(true)) {
        section.shift_remove("mode");
    }
}

static COALESCE: Section = Section::new(
    "interrupt coalescing",
    "How long the card gathers packets before it interrupts the host",
    &[
        Key::boolean("adaptive-rx")
            .doc("Whether the driver adapts the receive settings to the traffic"),
        Key::boolean("adaptive-tx")
            .doc("Whether the driver adapts the send settings to the traffic"),
        Key::u32("pkt-rate-high")
            .unit("packets per second")
            .doc("The packet rate above which the `-high` settings are used"),
        Key::u32("pkt-rate-low")
            .unit("packets per second")
            .doc("The packet rate below which the `-low` settings are used"),
        Key::u32("rx-frames")
            .unit("packets")
            .doc("How many packets to receive before an interrupt"),
        Key::u32("rx-frames-high").unit("packets").doc("As `rx-frames`, at a high packet rate"),
        Key::u32("rx-frames-irq")
            .unit("packets")
            .doc("As `rx-frames`, while the host handles an interrupt"),
        Key::u32("rx-frames-low").unit("packets").doc("As `rx-frames`, at a low packet rate"),
        Key::u32("rx-usecs")
            .unit("microseconds")
            .doc("How long to wait after a received packet before an interrupt"),
        Key::u32("rx-usecs-high").unit("microseconds").doc("As `rx-usecs`, at a high packet rate"),
        Key::u32("rx-usecs-irq")
            .unit("microseconds")
            .doc("As `rx-usecs`, while the host handles an interrupt"),
        Key::u32("rx-usecs-low").unit("microseconds").doc("As `rx-usecs`, at a low packet rate"),
        Key::u32("sample-interval").unit("seconds").doc("How often the packet rate is measured"),
        Key::u32("stats-block-usecs")
            .unit("microseconds")
            .doc("How often the card updates its statistics in memory"),
        Key::u32("tx-frames").unit("packets").doc("How many packets to send before an interrupt"),
        Key::u32("tx-frames-high").unit("packets").doc("As `tx-frames`, at a high packet rate"),
        Key::u32("tx-frames-irq")
            .unit("packets")
            .doc("As `tx-frames`, while the host handles an interrupt"),
        Key::u32("tx-frames-low").unit("packets").doc("As `tx-frames`, at a low packet rate"),
        Key::u32("tx-usecs")
            .unit("microseconds")
            .doc("How long to wait after a sent packet before an interrupt"),
        Key::u32("tx-usecs-high").unit("microseconds").doc("As `tx-usecs`, at a high packet rate"),
        Key::u32("tx-usecs-irq")
            .unit("microseconds")
            .doc("As `tx-usecs`, while the host handles an interrupt"),
        Key::u32("tx-usecs-low").unit("microseconds").doc("As `tx-usecs`, at a low packet rate"),
    ],
);

/// The kernel name of a feature for each name that the program `ethtool` has for it; the same
/// list as in nmstate's `ethtool.rs`.
const FEATURE_ALIASES: &[(&str, &str)] = &[
    ("rx", "rx-checksum"),
    ("rx-checksumming", "rx-checksum"),
    ("ufo", "tx-udp-fragmentation"),
    ("tso", "tx-tcp-segmentation"),
    ("tcp-segmentation-offload", "tx-tcp-segmentation"),
    ("gso", "tx-generic-segmentation"),
    ("generic-segmentation-offload", "tx-generic-segmentation"),
    ("gro", "rx-gro"),
    ("generic-receive-offload", "rx-gro"),
    ("lro", "rx-lro"),
    ("large-receive-offload", "rx-lro"),
    ("rxvlan", "rx-vlan-hw-parse"),
    ("rx-vlan-offload", "rx-vlan-hw-parse"),
    ("txvlan", "tx-vlan-hw-insert"),
    ("tx-vlan-offload", "tx-vlan-hw-insert"),
    ("ntuple", "rx-ntuple-filter"),
    ("ntuple-filters", "rx-ntuple-filter"),
    ("rxhash", "rx-hashing"),
    ("receive-hashing", "rx-hashing"),
];

fn normal_features(section: &mut Map<String, Value>) {
    let Some(Value::Object(features)) = section.get_mut("feature") else { return };
    *features = std::mem::take(features)
        .into_iter()
        .map(|(name, value)| {
            let alias = FEATURE_ALIASES.iter().find(|(alias, _)| *alias == name);
            (alias.map_or(name, |(_, feature)| (*feature).to_owned()), value)
        })
        .collect();
}
