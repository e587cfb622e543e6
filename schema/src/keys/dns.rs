//! DNS settings and the host name.

use serde_json::{Map, Value};

use super::kinds::PLAIN;
use super::{Decided, Key, Kind, Order, Section, Text};
use crate::finding::Finding;
use crate::path::Path;

/// The DNS settings of a host.
pub static DNS_RESOLVER: Section = Section::new(
    "DNS resolver",
    "The DNS settings of a host",
    &[
        Key::section("running", &DNS_CLIENT)
            .read_only()
            .volatile()
            .doc("The settings in effect, those learned from the network among them"),
        Key::section("config", &DNS_CLIENT)
            .doc("The static settings; an empty mapping removes them all"),
    ],
);

/// What a DNS client is told.
pub static DNS_CLIENT: Section = Section::new(
    "DNS client",
    "Servers, search domains and options",
    &[
        Key::list("server", &Kind::Text(Text::Ip), Order::Exact).doc(
            "The addresses of the name servers, the preferred one first; an IPv6 \
                    link-local address names its interface, as in `fe80::1%eth1`",
        ),
        Key::list("search", &PLAIN, Order::Exact)
            .doc("The domains in which short names are looked up, in order"),
        Key::list("options", &PLAIN, Order::Unordered)
            .since("2.2.20")
            .doc("Options of `resolv.conf`, such as `rotate` or `timeout:1`"),
    ],
)
.empty_resets();

/// The name of a host.
pub static HOSTNAME: Section = Section::new(
    "host name",
    "The name of a host",
    &[
        Key::formatted("running", Text::HostName)
            .since("2.2.0")
            .decided(Decided::Always)
            .follows(&["config"])
            .doc("The name that the kernel has now, up to 63 characters; lost on reboot"),
        Key::formatted("config", Text::HostName)
            .since("2.2.0")
            .doc("The name that is kept in `/etc/hostname`; an empty string removes it"),
    ],
)
.check(check_hostname);

/// The longest name that nmstate gives to the kernel.
const RUNNING_LIMIT: usize = 63;

/// NetworkManager gives the name that is kept to the kernel too.
fn check_hostname(section: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let (running, config) = (section.get("running"), section.get("config"));
    let length = running.and_then(Value::as_str).map(str::len);
    if let Some(message) = match length {
        Some(0) => Some("the host name in effect cannot be empty"),
        Some(length) if length == RUNNING_LIMIT + 1 => Some("nmstate sets at most 63 letters"),
        _ => None,
    } {
        findings.push(
            Finding::new(Path::new().join("running"), message)
                .with_hint("give a name of 1 to 63 letters, or leave <running> out"),
        );
    }
    if let (Some(running), Some(config)) = (running, config)
        && config != ""
        && running != config
    {
        findings.push(
            Finding::new(
                Path::new().join("running"),
                format!("{running} does not last beside the name {config} that is kept")
                    .replace('"', "`"),
            )
            .with_hint("leave <running> out, or give both the same name"),
        );
    }
}
