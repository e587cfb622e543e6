//! The canonical form of strings that have structure, and whether they are well formed.
//!
//! A string that is malformed has no canonical form: it stays as it is, and validation reports it.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::keys::Text;

/// The form in which `nmstatectl show` prints the string; none when it is malformed.
pub(crate) fn canonical_text(form: Text, text: &str) -> Option<String> {
    match form {
        Text::Plain | Text::InterfaceReference => Some(text.to_owned()),
        Text::InterfaceName => is_interface_name(text).then(|| text.to_owned()),
        Text::Mac => canonical_mac(text),
        Text::Ip => canonical_ip(text),
        Text::IpNetwork => canonical_network(text),
        Text::IpList => text
            .split(',')
            .map(|part| canonical_ip(part.trim()))
            .collect::<Option<Vec<_>>>()
            .map(|parts| parts.join(",")),
        Text::PciAddress => canonical_pci_address(text),
        Text::HostName => is_host_name(text).then(|| text.to_owned()),
    }
}

/// Why the kernel has no interface of this name, or NetworkManager none; none if it can have one.
pub fn name_fault(name: &str) -> Option<String> {
    if name.len() > KERNEL_NAME_LIMIT {
        return Some(format!(
            "the kernel has room for {KERNEL_NAME_LIMIT} bytes, and this has {}",
            name.len()
        ));
    }
    character_fault(name)
}

/// Why nothing that the kernel knows is called so, by a further name of an interface either.
pub(crate) fn alternative_name_fault(name: &str) -> Option<String> {
    if name.len() > ALTERNATIVE_NAME_LIMIT {
        return Some(format!(
            "no name of an interface has more than {ALTERNATIVE_NAME_LIMIT} bytes"
        ));
    }
    character_fault(name)
}

/// Why Open vSwitch has no bridge or port of this name, see NetworkManager's
/// `nm_utils_ifname_valid`.
pub(crate) fn switch_name_fault(name: &str) -> Option<String> {
    let is_wrong = |letter: &char| !letter.is_ascii_graphic() || matches!(letter, '/' | '\\');
    name.chars().find(is_wrong).map(|letter| format!("Open vSwitch allows no {}", shown(letter)))
}

fn character_fault(name: &str) -> Option<String> {
    if RESERVED_NAMES.contains(&name) {
        return Some("the kernel has files of this name".to_owned());
    }
    let is_wrong =
        |letter: &char| letter.is_whitespace() || matches!(letter, '/' | ':' | '%' | '\0');
    name.chars().find(is_wrong).map(|letter| format!("no such name has {}", shown(letter)))
}

fn shown(letter: char) -> String {
    match letter {
        ' ' => "a space".to_owned(),
        letter if letter.is_whitespace() || letter.is_control() => "white space".to_owned(),
        letter => format!("`{letter}`"),
    }
}

/// The longest name of an interface, `IFNAMSIZ` of the kernel less the end of the text.
const KERNEL_NAME_LIMIT: usize = 15;
/// The longest further name of one, `ALTIFNAMSIZ` likewise.
const ALTERNATIVE_NAME_LIMIT: usize = 127;
/// The longest host name.
const HOST_NAME_LIMIT: usize = 64;
/// What NetworkManager makes no interface of: `/proc/sys/net` and `/sys/class/net` have such files.
const RESERVED_NAMES: [&str; 3] = ["all", "default", "bonding_masters"];

/// Reads an IP address, with or without the prefix length and the zone.
pub(crate) fn ip_address(text: &str) -> Option<IpAddr> {
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    let address = address.split_once('%').map_or(address, |(address, _)| address);
    address.parse().ok()
}

/// The address and the prefix length of an address with one; none of anything else.
pub(crate) fn with_length(text: &str) -> Option<(&str, u8)> {
    text.parse::<IpNet>().ok()?;
    let (address, length) = text.split_once('/')?;
    Some((address, length.parse().ok()?))
}

/// Whether the address is one that the kernel gives to an IPv6 interface by itself.
pub(crate) fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

/// Reads a number: decimal, or hexadecimal after `0x`.
pub(crate) fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Reads a boolean word as nmstate does.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "y" => Some(true),
        "0" | "false" | "no" | "off" | "n" => Some(false),
        _ => None,
    }
}

/// What the kernel accepts, as far as it can be told without knowing the type: user-space
/// interfaces and profile names may be longer than the kernel's 15 bytes.
fn is_interface_name(text: &str) -> bool {
    !text.is_empty() && text != "." && text != ".." && !text.contains('\0')
}

/// What NetworkManager keeps as a host name (`nm_utils_validate_hostname`).
fn is_host_name(text: &str) -> bool {
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    text.len() <= HOST_NAME_LIMIT
        && text.split('.').all(|label| !label.is_empty() && label.bytes().all(is_letter))
}

fn canonical_mac(text: &str) -> Option<String> {
    let bytes: Vec<&str> = text.split(':').collect();
    // 6 bytes for Ethernet, 20 for InfiniBand.
    let is_valid = matches!(bytes.len(), 6 | 20)
        && bytes
            .iter()
            .all(|byte| byte.len() == 2 && byte.bytes().all(|digit| digit.is_ascii_hexdigit()));
    is_valid.then(|| text.to_ascii_uppercase())
}

fn canonical_ip(text: &str) -> Option<String> {
    match text.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => {
            let address: std::net::Ipv6Addr = address.parse().ok()?;
            Some(format!("{address}%{zone}"))
        }
        _ => text.parse::<IpAddr>().ok().map(|address| address.to_string()),
    }
}

fn canonical_network(text: &str) -> Option<String> {
    let network = match text.parse::<IpNet>() {
        Ok(network) => network,
        Err(_) => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    Some(network.trunc().to_string())
}

fn canonical_pci_address(text: &str) -> Option<String> {
    let (rest, function) = text.rsplit_once('.')?;
    let parts: Vec<&str> = rest.split(':').collect();
    let (domain, bus, slot) = match parts.as_slice() {
        [bus, slot] => ("0", *bus, *slot),
        [domain, bus, slot] => (*domain, *bus, *slot),
        _ => return None,
    };
    let domain = u16::from_str_radix(domain, 16).ok()?;
    let bus = u8::from_str_radix(bus, 16).ok()?;
    let slot = u8::from_str_radix(slot, 16).ok()?;
    let function = u8::from_str_radix(function, 16).ok()?;
    Some(format!("{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brings_text_into_the_form_that_show_prints() {
        for (form, text, expected) in [
            (Text::Plain, "Any Text", Some("Any Text")),
            (Text::Mac, "52:54:00:aa:bb:0c", Some("52:54:00:AA:BB:0C")),
            (Text::Mac, "52:54:00:aa:bb", None),
            (Text::Mac, "52-54-00-aa-bb-0c", None),
            (Text::Ip, "2001:DB8:0:0::1", Some("2001:db8::1")),
            (Text::Ip, "fe80:0::1%eth1", Some("fe80::1%eth1")),
            (Text::Ip, "::0.0.250.193", Some("::fac1")),
            (Text::Ip, "192.0.2.256", None),
            (Text::Ip, "192.0.2.1%eth1", None),
            (Text::IpNetwork, "192.0.2.7/24", Some("192.0.2.0/24")),
            (Text::IpNetwork, "192.0.2.7", Some("192.0.2.7/32")),
            (Text::IpNetwork, "2001:db8:0::7", Some("2001:db8::7/128")),
            (Text::IpNetwork, "2001:DB8::7/64", Some("2001:db8::/64")),
            (Text::IpNetwork, "default", None),
            (Text::IpNetwork, "192.0.2.0/33", None),
            (Text::IpList, "192.0.2.1, 192.0.2.2", Some("192.0.2.1,192.0.2.2")),
            (Text::PciAddress, "00:1F.4", Some("0000:00:1f.4")),
            (Text::PciAddress, "0000:00:1f.4", Some("0000:00:1f.4")),
            (Text::PciAddress, "00:1f", None),
            (Text::InterfaceName, "", None),
            (Text::InterfaceName, "eth0.10", Some("eth0.10")),
            (Text::HostName, "Web_1.example.org", Some("Web_1.example.org")),
            (Text::HostName, "web 1", None),
            (Text::HostName, "web.", None),
            (Text::HostName, "a..b", None),
        ] {
            assert_eq!(canonical_text(form, text).as_deref(), expected, "{form:?} {text}");
        }
    }

    #[test]
    fn says_why_nothing_is_called_so() {
        for (name, fault) in [
            ("bond0.100", None),
            ("abcdefghijklmno", None),
            ("ä", None),
            (
                "abcdefghijklmnop",
                Some("the kernel has room for 15 bytes, and this has 16".to_owned()),
            ),
            ("eth0/1", Some("no such name has `/`".to_owned())),
            ("eth 0", Some("no such name has a space".to_owned())),
            ("eth0:1", Some("no such name has `:`".to_owned())),
            ("all", Some("the kernel has files of this name".to_owned())),
        ] {
            assert_eq!(name_fault(name), fault, "{name}");
        }
        assert_eq!(alternative_name_fault("abcdefghijklmnop"), None);
        assert!(alternative_name_fault(&"a".repeat(128)).is_some());
        assert_eq!(switch_name_fault("abcdefghijklmnop"), None);
        assert_eq!(switch_name_fault("a/b").unwrap(), "Open vSwitch allows no `/`");
        assert_eq!(canonical_text(Text::HostName, &"a".repeat(65)), None);
    }

    #[test]
    fn reads_lenient_numbers_and_booleans() {
        assert_eq!(integer("1500"), Some(1500));
        assert_eq!(integer("0x30"), Some(48));
        assert_eq!(integer("-1"), Some(-1));
        assert_eq!(integer("1.5"), None);
        for (text, expected) in
            [("yes", Some(true)), ("Off", Some(false)), ("1", Some(true)), ("maybe", None)]
        {
            assert_eq!(boolean(text), expected, "{text}");
        }
    }
}
