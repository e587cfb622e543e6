//! The way through jump hosts: which servers lie between here and the goal.
//!
//! A jump host is resolved like any other server, from fewer sources: what proves who we are is
//! handed on, what belongs to one server is not.

use super::address;
use super::endpoint::{Endpoint, Role, Surroundings, pick};
use super::settings::SshSettings;
use crate::error::Error;

/// Longer chains of jump hosts than this are circles.
const MAXIMUM_JUMPS: usize = 8;

impl Surroundings<'_> {
    /// The hops of a `ProxyJump` list that lie before a server: one list for all hosts is common,
    /// and the jump hosts among them need only what comes before themselves.
    pub(super) fn hops<'a>(&self, list: Option<&'a str>, alias: &str, port: u16) -> Vec<&'a str> {
        match list {
            None | Some("" | "none") => Vec::new(),
            Some(list) => list
                .split(',')
                .map(str::trim)
                .take_while(|hop| !is_same_server(self.address(hop), alias, port))
                .collect(),
        }
    }

    /// The destination that a name stands for.
    fn address<'a>(&'a self, name: &'a str) -> &'a str {
        let named = self.inventory.hosts.get(name);
        named.and_then(|host| host.address.as_deref()).unwrap_or(name)
    }

    /// The servers of these hops, with the jumps that they need themselves.
    pub(super) fn jumps(
        &self,
        hops: &[&str],
        settings: [&SshSettings; 2],
        role: Role,
    ) -> Result<Vec<Endpoint>, Error> {
        if hops.is_empty() {
            return Ok(Vec::new());
        }
        let depth = match role {
            Role::Host => 0,
            Role::Jump(depth) => depth + 1,
        };
        if depth > MAXIMUM_JUMPS {
            return Err(self.wrong(format!("the jump hosts `{}` lead in a circle", hops.join(","))));
        }
        let inherited = SshSettings {
            jump: settings.iter().any(|ssh| ssh.jump.is_some()).then(|| "none".to_owned()),
            ..for_jump(settings)
        };
        let mut endpoints = Vec::new();
        for &hop in hops {
            let own =
                self.inventory.hosts.get(hop).map(|host| host.ssh.clone()).unwrap_or_default();
            let mut endpoint =
                self.endpoint(self.address(hop), [&own, &inherited], Role::Jump(depth))?;
            // Only the first hop is reached from here.
            let before = std::mem::take(&mut endpoint.jumps);
            if endpoints.is_empty() {
                endpoints.extend(before);
            }
            endpoints.push(endpoint);
        }
        Ok(endpoints)
    }
}

/// Whether a jump host is the very server that is to be reached.
fn is_same_server(jump: &str, alias: &str, port: u16) -> bool {
    address::parse(jump)
        .is_ok_and(|jump| jump.host == alias && jump.port.is_none_or(|wanted| wanted == port))
}

/// What a jump host takes over from the host behind it: how to prove who we are and whom to trust,
/// but no name, port, pinned key or login password, which belong to one server.
fn for_jump(settings: [&SshSettings; 2]) -> SshSettings {
    SshSettings {
        identity_file: pick(settings, |ssh| &ssh.identity_file),
        private_key: pick(settings, |ssh| &ssh.private_key),
        passphrase: pick(settings, |ssh| &ssh.passphrase),
        agent: pick(settings, |ssh| &ssh.agent),
        config_file: pick(settings, |ssh| &ssh.config_file),
        known_hosts_file: pick(settings, |ssh| &ssh.known_hosts_file),
        host_key_policy: pick(settings, |ssh| &ssh.host_key_policy),
        connect_timeout: pick(settings, |ssh| &ssh.connect_timeout),
        login_timeout: pick(settings, |ssh| &ssh.login_timeout),
        keepalive_interval: pick(settings, |ssh| &ssh.keepalive_interval),
        ..SshSettings::default()
    }
}
