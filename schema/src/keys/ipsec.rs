//! IPsec by Libreswan. The names are those of `ipsec.conf`.

use serde_json::{Map, Value};

use super::family;
use super::kinds::FAMILY_CHOICES;
use super::{Choice, Key, Literal, Section};
use crate::finding::Finding;
use crate::phrase::Phrase;

const INTERFACES: &[Choice] = &[Choice::new("yes"), Choice::new("no")];
const TYPES: &[Choice] = &[Choice::new("tunnel"), Choice::new("transport")];

/// The settings of an IPsec connection.
pub(super) static LIBRESWAN: Section = Section::new(
    "Libreswan",
    "The settings of an IPsec connection",
    &[
        Key::boolean("nm-auto-defaults")
            .strict()
            .since("2.2.57")
            .default(Literal::Bool(true))
            .doc("Whether NetworkManager adds its own defaults"),
        Key::text("right").required().since("2.2.20").doc("The address or name of the peer"),
        Key::text("rightid").since("2.2.20").doc("The identity of the peer"),
        Key::text("rightrsasigkey")
            .since("2.2.20")
            .doc("The RSA public key of the peer, or `%cert`"),
        Key::text("rightcert").since("2.2.33").doc("The name of the peer's certificate"),
        Key::text("rightca")
            .since("2.2.57")
            .doc("The certification authority of the peer's certificate"),
        Key::text("rightsubnet")
            .since("2.2.27")
            .doc("The network behind the peer, in CIDR notation"),
        Key::text("rightsubnets")
            .since("2.2.62")
            .doc("The networks behind the peer, separated by commas"),
        Key::text("rightprotoport")
            .since("2.2.57")
            .doc("The protocol and port of the peer, such as `tcp/443`"),
        Key::text("left").since("2.2.20").doc("The address of this host, or `%defaultroute`"),
        Key::text("leftid").since("2.2.20").doc("The identity of this host"),
        Key::text("leftrsasigkey")
            .since("2.2.20")
            .doc("The RSA public key of this host, or `%cert`"),
        Key::text("leftcert").since("2.2.20").doc("The name of this host's certificate"),
        Key::text("leftsendcert")
            .since("2.2.57")
            .doc("When the certificate is sent: `always`, `never` or `sendifasked`"),
        Key::text("leftsubnet")
            .since("2.2.33")
            .doc("The network behind this host, in CIDR notation"),
        Key::text("leftsubnets")
            .since("2.2.62")
            .doc("The networks behind this host, separated by commas"),
        Key::text("leftprotoport")
            .since("2.2.57")
            .doc("The protocol and port of this host, such as `tcp/443`"),
        Key::boolean("leftmodecfgclient")
            .strict()
            .since("2.2.27")
            .doc("Whether the peer assigns the address of this host"),
        Key::text("psk").sensitive().since("2.2.20").doc("The pre-shared key"),
        Key::text("authby")
            .since("2.2.27")
            .doc("How the peers authenticate each other, such as `rsasig` or `secret`"),
        Key::text("ikev2")
            .since("2.2.20")
            .doc("Whether version 2 of the key exchange is used, such as `insist` or `no`"),
        Key::text("ike").since("2.2.20").doc("The algorithms of the key exchange"),
        Key::text("esp").since("2.2.20").doc("The algorithms of the tunnel"),
        Key::text("ikelifetime")
            .since("2.2.20")
            .doc("How long keys of the key exchange are used, such as `24h`"),
        Key::text("salifetime")
            .since("2.2.20")
            .doc("How long keys of the tunnel are used, such as `8h`"),
        Key::u64("dpddelay")
            .since("2.2.27")
            .unit("seconds")
            .doc("The time between checks that the peer is alive"),
        Key::u64("dpdtimeout")
            .since("2.2.27")
            .unit("seconds")
            .doc("How long a silent peer counts as alive"),
        Key::text("dpdaction")
            .since("2.2.27")
            .doc("What happens when the peer is dead, such as `restart`"),
        Key::numbered("ipsec-interface", INTERFACES)
            .open()
            .since("2.2.27")
            .doc("The number of the virtual interface of the connection, or `yes` or `no`"),
        Key::choice("type", TYPES).since("2.2.27").doc(
            "Whether whole packets (`tunnel`) or only their contents (`transport`) \
                    are protected",
        ),
        Key::choice("hostaddrfamily", FAMILY_CHOICES)
            .since("2.2.27")
            .doc("The family of the peers' addresses, `ipv4` or `ipv6`"),
        Key::choice("clientaddrfamily", FAMILY_CHOICES)
            .since("2.2.27")
            .doc("The family of the networks behind the peers, `ipv4` or `ipv6`"),
        Key::boolean("require-id-on-certificate")
            .strict()
            .since("2.2.37")
            .doc("Whether the certificate of the peer must hold its identity"),
    ],
)
.check(check_libreswan);

fn check_libreswan(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    for (family, keys) in
        [("hostaddrfamily", ["right", "left"]), ("clientaddrfamily", ["rightsubnet", "leftsubnet"])]
    {
        match section.get(family).and_then(Value::as_str) {
            Some(word @ ("ipv4" | "ipv6")) => {
                let reason = Phrase::from("{} is `{}`: correct one of them").key(family).with(word);
                family::check_family(section, &keys, (word == "ipv6", &reason), findings);
            }
            _ => family::check_alike(section, &keys, findings),
        }
    }
}
