//! Getting back to a host that a change may have moved or cut off.
//!
//! The old address and every address that the change itself gives to the path of the connection
//! are tried side by side, all for the same host key: whoever answers with it is the host.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nmstate_schema::carried;
use nmstate_schema::document::Document;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use crate::error::{Error, ErrorKind};
use crate::nmstate::Client;
use crate::snapshot::Snapshot;
use crate::target::Target;

/// A new round of attempts begins this long after the last one, whose attempts go on.
const ROUND: Duration = Duration::from_secs(2);
/// How often the host is asked for a sign of life.
const HEARTBEAT: Duration = Duration::from_millis(250);

/// All the ways to one host; the first is the one that the host answered over last.
#[derive(Debug)]
pub(super) struct Ways(Vec<Arc<Target>>);

impl Ways {
    pub(super) fn new(target: Arc<Target>) -> Ways {
        Ways(vec![target])
    }

    /// Where the host answered last.
    pub(super) fn current(&self) -> &Arc<Target> {
        &self.0[0]
    }

    /// Adds addresses of the same host, which has to show the same key there.
    pub(super) fn add(&mut self, addresses: impl IntoIterator<Item = IpAddr>, client: &Client) {
        let Some(key) = client.host_key() else { return };
        for address in addresses {
            let target = Arc::new(self.current().at(address, key));
            let is_known = |known: &Arc<Target>| known.destination() == target.destination();
            if !self.0.iter().any(is_known) {
                self.0.push(target);
            }
        }
    }

    /// Connects anew over whichever way answers first, trying until the deadline.
    pub(super) async fn open(&mut self, deadline: Instant) -> Result<Client, Error> {
        let mut attempts = JoinSet::new();
        let mut failure = Error::new(ErrorKind::Unreachable, self.current().name(), "no answer");
        loop {
            let round = Instant::now();
            for (index, target) in self.0.iter().enumerate() {
                let target = Arc::clone(target);
                attempts.spawn(async move { (index, Client::open(target).await) });
            }
            let pause = sleep_until((round + ROUND).min(deadline).into());
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    Some(attempt) = attempts.join_next() => match attempt {
                        Ok((index, Ok(client))) => {
                            self.0[..=index].rotate_right(1);
                            return Ok(client);
                        }
                        Ok((0, Err(error))) => failure = error,
                        Ok(_) | Err(_) => {}
                    },
                    () = &mut pause => break,
                }
            }
            if Instant::now() >= deadline {
                return Err(failure);
            }
        }
    }
}

/// The addresses that a change gives to what carries the connection, in the words of the document.
pub fn new_addresses(desired: &Document, before: &Snapshot) -> Vec<IpAddr> {
    let old = addresses(before.state.interfaces());
    let given = addresses(carriers(desired, before).into_iter());
    given.into_iter().filter(|address| !old.contains(address)).collect()
}

/// Whether the change leaves it to the network which addresses the path of the connection gets.
pub(super) fn is_dynamic(desired: &Document, before: &Snapshot) -> bool {
    carriers(desired, before).into_iter().any(|interface| {
        [("ipv4", "dhcp"), ("ipv6", "dhcp"), ("ipv6", "autoconf")]
            .iter()
            .any(|(family, key)| interface[*family][*key] == true)
    })
}

/// The desired interfaces that the connection goes through.
fn carriers<'a>(desired: &'a Document, before: &Snapshot) -> Vec<&'a nmstate_schema::Value> {
    let management = before.management.as_ref().and_then(|one| one.interface.as_deref());
    let Some(management) = management else { return Vec::new() };
    let names = carried(desired, management);
    let carries = |interface: &&nmstate_schema::Value| {
        interface["name"].as_str().is_some_and(|name| names.contains(name))
    };
    desired.interfaces().filter(carries).collect()
}

fn addresses<'a>(interfaces: impl Iterator<Item = &'a nmstate_schema::Value>) -> BTreeSet<IpAddr> {
    interfaces
        .flat_map(|interface| {
            ["ipv4", "ipv6"].map(|family| interface[family]["address"].as_array())
        })
        .flatten()
        .flatten()
        .filter_map(|address| address["ip"].as_str()?.parse().ok())
        .filter(|address: &IpAddr| match address {
            IpAddr::V4(address) => !address.is_link_local(),
            IpAddr::V6(address) => !address.is_unicast_link_local(),
        })
        .collect()
}

/// Signs of life over a connection: what is sent to the host comes back.
pub(super) struct Heartbeat {
    stream: Option<UnixStream>,
}

impl Heartbeat {
    pub(super) async fn start(client: &Client) -> Heartbeat {
        let stream = timeout(HEARTBEAT * 8, client.echo_stream()).await;
        Heartbeat { stream: stream.ok().and_then(Result::ok) }
    }

    /// Waits for the next sign of life; false when none came within `patience`.
    pub(super) async fn beat(&mut self, patience: Duration) -> bool {
        let next = Instant::now() + HEARTBEAT;
        let Some(stream) = &mut self.stream else {
            sleep_until((Instant::now() + patience).into()).await;
            return false;
        };
        let answer = async {
            stream.write_all(b".").await.ok()?;
            let mut byte = [0];
            (stream.read(&mut byte).await.ok()? == 1).then_some(())
        };
        let alive = matches!(timeout(patience, answer).await, Ok(Some(())));
        if !alive {
            self.stream = None;
            return false;
        }
        sleep_until(next.into()).await;
        true
    }

    /// Ends when there has been no sign of life for `patience`.
    pub(super) async fn silence(&mut self, patience: Duration) {
        while self.beat(patience).await {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Management;

    fn before(interface: &str) -> Snapshot {
        let state = Document::parse(
            "interfaces: [{name: eth0, type: ethernet, ipv4: {enabled: true, \
             address: [{ip: 192.0.2.1, prefix-length: 24}]}}]",
        )
        .unwrap();
        let management = Management {
            local_address: "192.0.2.1".parse().unwrap(),
            interface: Some(interface.to_owned()),
        };
        Snapshot::with_state(state, Some(management))
    }

    #[test]
    fn the_new_addresses_of_the_path_are_candidates() {
        let desired = Document::parse(
            "interfaces:\n\
             - {name: br0, type: linux-bridge, bridge: {port: [{name: eth0}]}, ipv4: {enabled: true, \
               address: [{ip: 192.0.2.1, prefix-length: 24}, {ip: 192.0.2.9, prefix-length: 24}]}, \
               ipv6: {enabled: true, autoconf: true, address: [{ip: 'fe80::1', prefix-length: 64}]}}\n\
             - {name: eth1, type: ethernet, ipv4: {enabled: true, \
               address: [{ip: 192.0.2.10, prefix-length: 24}]}}\n",
        )
        .unwrap();
        let found = new_addresses(&desired, &before("eth0"));
        assert_eq!(found, ["192.0.2.9".parse::<IpAddr>().unwrap()]);
        assert!(is_dynamic(&desired, &before("eth0")));
        assert!(!is_dynamic(&desired, &before("eth1")));
    }
}
