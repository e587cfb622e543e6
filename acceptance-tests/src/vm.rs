//! VM hosts: QEMU with the root filesystem's own kernel.
//!
//! A boot takes long, so it happens once per form of machine: the booted machine is a
//! [`template`] in the cache, and a new host is a copy of its disk, state of the memory included,
//! that is then made a host of its own. The clean, running host is saved once more as a snapshot
//! inside its disk, which stays when the host ends; later starts of the same name, and every
//! reset, load it. Template and snapshot belong to keys over all that they depend on; when that
//! changes, they are made anew.
//!
//! eth0 is the management interface, on QEMU's user network, with a NetworkManager profile so that
//! changes to the management path can be tested; eth1 and up each hang on a hub of their own.

mod guest;
mod machine;
mod template;

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use crate::host::{Backend, ExecOutput};
use crate::lab::Site;
use crate::record::{HostOptions, Record};
use crate::{agent, qmp, ready};
use machine::{CLEAN, Hardware, Machine, UPLINK};

/// A name for hosts that tests start one after another. To make a machine of a copy takes long, and
/// is done once for a name.
pub const SHARED_MACHINE: &str = "machine";

/// Starts and ends VM hosts.
#[derive(Debug)]
pub(crate) struct Vm;

/// Makes what the first VM host with these options would have to wait for.
pub(crate) fn prepare(site: &Site, options: &HostOptions) -> Result<()> {
    template::of(&site.cache, &Hardware::new(&site.cache, options)?).map(drop)
}

impl Backend for Vm {
    fn start(&self, site: &Site, record: &mut Record) -> Result<()> {
        let hardware = Hardware::new(&site.cache, &record.options)?;
        let machine = Machine::new(site, record, &hardware)?;
        let template = template::of(&site.cache, &hardware)?;
        record.measured = Some(template.measured);
        if machine.has_snapshot() {
            machine.spawn(site, record, &["-loadvm", CLEAN])?;
            return guest::settle(site, record);
        }
        machine.copy(&template.disk)?;
        machine.spawn(site, record, &["-loadvm", CLEAN])?;
        guest::settle(site, record)?;
        guest::seed(site, record)?;
        ready::wait_until_ready(site, record)?;
        guest::shell(site, record, ": >/run/lab/sshd.log; : >/run/lab/nmstatectl.log; sync")?;
        // It takes the place of the template's.
        qmp::monitor(site, record, &format!("savevm {CLEAN}"))?;
        machine.remember_snapshot()
    }

    fn stop(&self, site: &Site, record: &mut Record) -> Result<()> {
        let Some(main) = record.main.take() else { return Ok(()) };
        // It writes its disk's tables out when asked politely.
        if qmp::execute(site, record, "quit", &json!({})).is_ok() {
            let deadline = Instant::now() + record.limits().qemu;
            while main.is_alive() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        main.kill()
    }

    fn reset(&self, site: &Site, record: &mut Record) -> Result<()> {
        let hardware = Hardware::new(&site.cache, &record.options)?;
        let machine = Machine::new(site, record, &hardware)?;
        if !record.is_running() || !machine.has_snapshot() {
            self.stop(site, record)?;
            return self.start(site, record);
        }
        self.load(site, record, CLEAN)
    }

    fn save(&self, site: &Site, record: &Record, name: &str) -> Result<bool> {
        qmp::monitor(site, record, &format!("savevm {name}"))?;
        Ok(true)
    }

    fn load(&self, site: &Site, record: &mut Record, name: &str) -> Result<()> {
        self.set_link(site, record, true)?;
        qmp::monitor(site, record, &format!("loadvm {name}"))?;
        qmp::execute(site, record, "cont", &json!({}))?;
        guest::settle(site, record)
    }

    fn reboot(&self, site: &Site, record: &mut Record) -> Result<()> {
        // Only what was written is kept; what the kernel still held back would be lost.
        guest::shell(site, record, "sync")?;
        self.lose_power(site, record)
    }

    fn lose_power(&self, site: &Site, record: &mut Record) -> Result<()> {
        qmp::execute(site, record, "system_reset", &json!({}))?;
        Ok(())
    }

    fn set_link(&self, site: &Site, record: &Record, up: bool) -> Result<()> {
        let arguments = json!({ "name": UPLINK, "up": up });
        qmp::execute(site, record, "set_link", &arguments)?;
        Ok(())
    }

    fn exec(
        &self,
        site: &Site,
        record: &Record,
        argv: &[&str],
        input: &[u8],
    ) -> Result<ExecOutput> {
        agent::exec(&site.host_directory(&record.name), record.limits().agent, argv, input)
    }

    /// What QEMU's user network gives to its first client.
    fn management_address(&self, _: &Record) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 2, 15)
    }

    fn controller_namespace(&self, _: &Site) -> Option<String> {
        None
    }

    fn forward(&self, site: &Site, record: &Record, address: Ipv4Addr) -> Result<u16> {
        let port = machine::free_port(0)?;
        let rule = format!("hostfwd_add {UPLINK} tcp:127.0.0.1:{port}-{address}:22");
        qmp::monitor(site, record, &rule)?;
        Ok(port)
    }
}
