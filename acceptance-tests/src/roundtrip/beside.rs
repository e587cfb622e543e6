//! Things of other programs on a host beside a document: names, addresses, routes, a rule and ports that
//! nobody declares. A plan speaks of none of it, and a change leaves it alone.

use anyhow::{Result, ensure};
use nmstate_schema::Value;
use nmstate_schema::keys::interface_type;

use crate::Host;

/// Things of other programs, each with what puts it there, what finds it, and what takes it away.
pub(super) struct Beside(Vec<Thing>);

struct Thing {
    put: String,
    find: String,
    take: String,
    /// NetworkManager drops what somebody else has added to an interface that it configures anew, which
    /// a change says.
    goes_with_a_change: bool,
}

impl Beside {
    /// The things that go with the interfaces of a document.
    pub(super) fn of(state: &Value) -> Beside {
        let mut things = vec![Thing::new(
            "ip rule add from 100.88.0.0/15 table 99 pref 99",
            "ip rule show pref 99 | grep -q 100.88.0.0/15",
            "ip rule del pref 99",
        )];
        let interfaces = state["interfaces"].as_array().into_iter().flatten().enumerate();
        for (index, interface) in interfaces {
            let text = |key: &str| interface[key].as_str().unwrap_or_default();
            let (name, of_type) = (text("name"), text("type"));
            let is_in_kernel = interface_type(of_type).is_none_or(|one| !one.is_user_space);
            if !is_in_kernel || !matches!(text("state"), "" | "up") {
                continue;
            }
            // One that is made anew for a change has lost its names, which the change says.
            let index_of = format!("cat /sys/class/net/{name}/ifindex");
            things.push(Thing::new(
                &format!(
                    "ip link property add dev {name} altname beside-{name} && \
                     {index_of} >/run/beside-{name}"
                ),
                &format!(
                    "{{ ip link show dev beside-{name} || ! {index_of} | cmp -s - /run/beside-{name}; }}"
                ),
                &format!("ip link property del dev {name} altname beside-{name}"),
            ));
            let has_addresses = |family: &str| {
                interface[family]["address"].as_array().is_some_and(|all| !all.is_empty())
            };
            if has_addresses("ipv4") {
                things.push(Thing::passing(
                    &format!("ip address add 100.88.{index}.1/28 dev {name}"),
                    &format!("ip -4 address show dev {name} | grep -q 100.88.{index}.1/28"),
                    &format!("ip address del 100.88.{index}.1/28 dev {name}"),
                ));
                things.push(Thing::passing(
                    &format!("ip route add 100.89.{index}.0/24 dev {name} proto 99"),
                    &format!("ip route show proto 99 | grep -q 100.89.{index}.0/24"),
                    &format!("ip route del 100.89.{index}.0/24 proto 99"),
                ));
            }
            if has_addresses("ipv6") {
                let address = format!("2001:db8:18:{}::1/64", index + 1);
                things.push(Thing::passing(
                    &format!("ip address add {address} dev {name} nodad"),
                    &format!("ip -6 address show dev {name} | grep -q {address}"),
                    &format!("ip address del {address} dev {name}"),
                ));
            }
            // As a hypervisor does it: the address of the bridge does not follow one that is so high,
            // unless it is the only port, which is the kernel's choice.
            let ports = interface["bridge"]["port"].as_array().map_or(0, Vec::len);
            if of_type == "linux-bridge" && ports > 0 {
                things.push(Thing::new(
                    &format!(
                        "ip link add beside{index} address fe:00:00:00:00:0{index} type veth \
                         peer name beyond{index} && \
                         nmcli device set beside{index} managed no && \
                         nmcli device set beyond{index} managed no && \
                         ip link set beside{index} up master {name}"
                    ),
                    &format!("ip link show master {name} | grep -q beside{index}@"),
                    &format!("ip link del beside{index}"),
                ));
            }
        }
        Beside(things)
    }

    /// Puts all of it on a host.
    pub(super) fn put(&self, host: &Host) -> Result<()> {
        self.0.iter().try_for_each(|one| host.shell(&one.put).map(drop))
    }

    /// Fails unless all of it is there; after a change, what that leaves.
    pub(super) fn is_there(&self, host: &Host, after_a_change: bool) -> Result<()> {
        let kept = self.0.iter().filter(|one| !(after_a_change && one.goes_with_a_change));
        for Thing { find, .. } in kept {
            let found = host.shell(&format!("{find} >/dev/null && echo yes || true"))?;
            ensure!(found.trim() == "yes", "what another program has is gone: `{find}`");
        }
        Ok(())
    }

    /// Takes away what is left of it.
    pub(super) fn take(&self, host: &Host) -> Result<()> {
        self.0
            .iter()
            .try_for_each(|one| host.shell(&format!("{} 2>/dev/null || true", one.take)).map(drop))
    }
}

impl Thing {
    fn new(put: &str, find: &str, take: &str) -> Thing {
        let [put, find, take] = [put, find, take].map(str::to_owned);
        Thing { put, find, take, goes_with_a_change: false }
    }

    fn passing(put: &str, find: &str, take: &str) -> Thing {
        Thing { goes_with_a_change: true, ..Thing::new(put, find, take) }
    }
}
