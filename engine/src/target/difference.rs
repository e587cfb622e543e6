//! What two targets do not agree in, beside what leads there.

use super::{Destination, Endpoint, Sudo, Target};

/// The settings that differ, each named once.
#[derive(Default)]
struct Differing(Vec<&'static str>);

impl Target {
    /// The settings in which two targets of one identity differ, by the names that a configuration
    /// has for them.
    pub fn differing_settings(&self, other: &Target) -> Vec<&'static str> {
        let mut differing = Differing::default();
        if let (Destination::Ssh(one), Destination::Ssh(another)) =
            (&self.destination, &other.destination)
        {
            // A jump host takes over much of the host behind it.
            differing.servers(one, another);
            for (one, another) in one.jumps.iter().zip(&another.jumps) {
                differing.servers(one, another);
            }
        }
        let [enabled, wanted] = [self, other].map(|one| one.sudo.as_ref().map(|sudo| sudo.enabled));
        differing.compare("sudo", &enabled, &wanted);
        let password = |sudo: &Sudo| sudo.password.clone();
        let [one, another] = [self, other].map(|one| one.sudo.as_ref().and_then(password));
        differing.compare("sudo_password", &one, &another);
        differing.compare("engine", &self.engine, &other.engine);
        differing.0
    }
}

impl Differing {
    fn compare<T: PartialEq>(&mut self, name: &'static str, one: &T, other: &T) {
        if one != other && !self.0.contains(&name) {
            self.0.push(name);
        }
    }

    fn servers(&mut self, one: &Endpoint, other: &Endpoint) {
        self.compare("ssh.identity_file", &files(one), &files(other));
        self.compare("ssh.private_key", &one.private_key, &other.private_key);
        self.compare("ssh.passphrase", &one.passphrase, &other.passphrase);
        self.compare("ssh.password", &one.password, &other.password);
        self.compare("ssh.agent", &one.agent, &other.agent);
        self.compare("ssh.known_hosts_file", &one.known_hosts_files, &other.known_hosts_files);
        self.compare("ssh.host_key_policy", &one.host_key_policy, &other.host_key_policy);
        self.compare("ssh.connect_timeout", &one.connect_timeout, &other.connect_timeout);
        self.compare("ssh.login_timeout", &one.login_timeout, &other.login_timeout);
        self.compare("ssh.keepalive_interval", &one.keepalive_interval, &other.keepalive_interval);
    }
}

/// The private key files, and how they are used.
fn files(endpoint: &Endpoint) -> impl PartialEq + use<'_> {
    (&endpoint.identity_files, &endpoint.default_identities, endpoint.identities_only)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{HostKeyPolicy, HostSettings, Inventory, SshSettings, resolve};
    use super::*;
    use crate::agent::Engine;
    use crate::secret::Secret;

    /// How two hosts of one address differ when only one of them has these settings.
    fn differing(settings: HostSettings) -> Vec<&'static str> {
        let mut inventory = Inventory::default();
        inventory.defaults.ssh.user = Some("admin".to_owned());
        inventory.defaults.ssh.config_file = Some(None);
        inventory.defaults.ssh.agent = Some(false);
        inventory.defaults.ssh.jump = Some("gate".to_owned());
        let address = Some("web1".to_owned());
        inventory.hosts.insert("a".to_owned(), HostSettings { address, ..settings });
        let [one, other] = ["a", "web1"].map(|name| resolve(name, &inventory).unwrap());
        assert_eq!(one.identity(), other.identity());
        let found = one.differing_settings(&other);
        assert_eq!(other.differing_settings(&one), found);
        found
    }

    fn ssh(set: impl FnOnce(&mut SshSettings)) -> HostSettings {
        let mut settings = HostSettings::default();
        set(&mut settings.ssh);
        settings
    }

    #[test]
    fn each_setting_by_its_name() {
        assert!(differing(HostSettings::default()).is_empty());
        let sudo = |password: Option<&str>| HostSettings {
            sudo: Some(Sudo { enabled: true, password: password.map(Secret::new) }),
            ..HostSettings::default()
        };
        let engine = HostSettings { engine: Some(Engine::Agent), ..HostSettings::default() };
        let second = Some(Duration::from_secs(1));
        for (settings, expected) in [
            (ssh(|ssh| ssh.identity_file = Some(vec!["k".into()])), "ssh.identity_file"),
            (ssh(|ssh| ssh.private_key = Some(Secret::new("k"))), "ssh.private_key"),
            (ssh(|ssh| ssh.passphrase = Some(Secret::new("p"))), "ssh.passphrase"),
            (ssh(|ssh| ssh.password = Some(Secret::new("p"))), "ssh.password"),
            (ssh(|ssh| ssh.agent = Some(true)), "ssh.agent"),
            (ssh(|ssh| ssh.known_hosts_file = Some("k".into())), "ssh.known_hosts_file"),
            (
                ssh(|ssh| ssh.host_key_policy = Some(HostKeyPolicy::AcceptNew)),
                "ssh.host_key_policy",
            ),
            (ssh(|ssh| ssh.connect_timeout = second), "ssh.connect_timeout"),
            (ssh(|ssh| ssh.login_timeout = second), "ssh.login_timeout"),
            (ssh(|ssh| ssh.keepalive_interval = second), "ssh.keepalive_interval"),
            (sudo(None), "sudo"),
            (engine, "engine"),
        ] {
            assert_eq!(differing(settings), [expected]);
        }
        assert_eq!(differing(sudo(Some("p"))), ["sudo", "sudo_password"]);
    }
}
