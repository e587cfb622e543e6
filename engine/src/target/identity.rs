//! What makes a host the one that it is: all that leads there, and nothing of how to log in.
//!
//! One address means another machine behind another jump host, or under another host key. A name
//! for a host says nothing: two names that lead to one place are one host.

use std::net::IpAddr;

use super::Destination;
use super::endpoint::Endpoint;

/// All that leads to a host: address, port, user, the alias and the pin of its host key, and the same
/// of each jump host on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostIdentity {
    /// The servers on the way, the host last; none for this machine.
    way: Vec<Server>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Server {
    host: String,
    port: u16,
    user: String,
    host_key_alias: String,
    host_key: Option<String>,
}

impl HostIdentity {
    /// The identity of what a destination leads to.
    pub(super) fn of(destination: &Destination) -> HostIdentity {
        let way = match destination {
            Destination::Local(_) => Vec::new(),
            Destination::Ssh(endpoint) => {
                let jumps = endpoint.jumps.iter().map(Server::of);
                jumps.chain([Server::of(endpoint)]).collect()
            }
        };
        HostIdentity { way }
    }
}

impl Server {
    fn of(endpoint: &Endpoint) -> Server {
        Server {
            host: plain(&endpoint.host),
            port: endpoint.port,
            user: endpoint.user.clone(),
            host_key_alias: plain(&endpoint.host_key_alias),
            host_key: endpoint.host_key.as_deref().map(pinned),
        }
    }
}

/// An address or a name in the one spelling of it.
fn plain(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => host.to_ascii_lowercase(),
    }
}

/// A pinned key in the one spelling of it.
fn pinned(text: &str) -> String {
    #[cfg(feature = "ssh")]
    if let Some(pin) = super::Pin::parse(text) {
        return pin.fingerprint();
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{HostSettings, Inventory, SshSettings, resolve};
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIJ8mlWYMoLbMPFn6sQqQNdCBbWmv9LBSXPpXr3kLbRHU";

    fn inventory(entries: &[(&str, &str, SshSettings)]) -> Inventory {
        let mut inventory = Inventory::default();
        inventory.defaults.ssh = SshSettings {
            user: Some("admin".to_owned()),
            config_file: Some(Some(Path::new("/nonexistent").to_owned())),
            ..SshSettings::default()
        };
        for (name, address, ssh) in entries {
            let address = Some((*address).to_owned());
            let host = HostSettings { address, ssh: ssh.clone(), ..HostSettings::default() };
            inventory.hosts.insert((*name).to_owned(), host);
        }
        inventory
    }

    fn identity(name: &str, inventory: &Inventory) -> HostIdentity {
        resolve(name, inventory).unwrap().identity()
    }

    fn jump(list: &str) -> SshSettings {
        SshSettings { jump: Some(list.to_owned()), ..SshSettings::default() }
    }

    #[test]
    fn one_address_behind_two_jump_hosts_is_two_hosts() {
        let (one, other) = (jump("root@one"), jump("root@other"));
        let inventory = inventory(&[
            ("a", "127.0.0.1:22", one.clone()),
            ("b", "127.0.0.1:22", other),
            ("c", "127.0.0.1", one),
            ("d", "127.0.0.1", SshSettings::default()),
        ]);
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| identity(name, &inventory));
        assert_ne!(a, b);
        assert_eq!(a, c);
        assert_ne!(a, d);
        assert_eq!(identity("admin@127.0.0.1:22", &inventory), d);
    }

    #[test]
    fn each_part_of_the_way_counts() {
        let hops = [
            "root@one",
            "root@one:23",
            "admin@one",
            "root@two",
            "root@one,root@two",
            "root@two,root@one",
        ];
        let names = ["a", "b", "c", "d", "e", "f"];
        let entries = names.iter().zip(hops).map(|(name, list)| (*name, "web1", jump(list)));
        let inventory = inventory(&entries.collect::<Vec<_>>());
        let ways = names.map(|name| identity(name, &inventory));
        for (position, one) in ways.iter().enumerate() {
            assert!(!ways[position + 1..].contains(one), "{}", hops[position]);
        }
        assert_ne!(identity("web1", &inventory), identity("web1:23", &inventory));
        assert_ne!(identity("web1", &inventory), identity("root@web1", &inventory));
        assert_ne!(identity("web1", &inventory), identity("local", &inventory));
    }

    #[test]
    fn spellings_of_one_address_are_one_host() {
        let inventory = inventory(&[]);
        let same = |one, other| assert_eq!(identity(one, &inventory), identity(other, &inventory));
        same("web1", "WEB1:22");
        same("2001:db8::1", "ssh://admin@[2001:DB8:0::1]:22/");
        same("local", "local");
    }

    #[test]
    fn how_to_log_in_does_not_count() {
        let ssh = SshSettings {
            identity_file: Some(vec!["/k/other".into()]),
            known_hosts_file: Some("/kh".into()),
            agent: Some(true),
            ..SshSettings::default()
        };
        let inventory = inventory(&[("a", "web1", ssh), ("b", "web1", SshSettings::default())]);
        assert_eq!(identity("a", &inventory), identity("b", &inventory));
    }

    #[cfg(feature = "ssh")]
    #[test]
    fn a_pinned_key_counts_in_any_spelling() {
        let pinned = |text: String| SshSettings { host_key: Some(text), ..SshSettings::default() };
        let fingerprint = super::super::Pin::parse(&format!("ssh-ed25519 {KEY}")).unwrap();
        let inventory = inventory(&[
            ("key", "web1", pinned(format!("ssh-ed25519 {KEY} root@web1"))),
            ("fingerprint", "web1", pinned(format!("{}=", fingerprint.fingerprint()))),
            ("other", "web1", pinned("SHA256:other".to_owned())),
        ]);
        let key = identity("key", &inventory);
        assert_eq!(key, identity("fingerprint", &inventory));
        assert_ne!(key, identity("other", &inventory));
        assert_ne!(key, identity("web1", &inventory));
    }

    #[test]
    fn the_name_that_a_key_is_known_by_counts() {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("config");
        let text = "Host a b\n HostName 192.0.2.1\nHost a\n HostKeyAlias one\n";
        std::fs::write(&config, text).unwrap();
        let mut inventory = inventory(&[]);
        inventory.defaults.ssh.config_file = Some(Some(config));
        assert_ne!(identity("a", &inventory), identity("b", &inventory));
        assert_eq!(identity("b", &inventory), identity("192.0.2.1", &inventory));
    }
}
