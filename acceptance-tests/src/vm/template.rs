//! Booted machines to copy, one per form of machine, in the cache.
//!
//! A template is made by a lab of its own with one host in it, so a boot that was interrupted is
//! found by the next one and ended like any host. Its disk gets its final name when all of it is
//! written, so what has that name is whole.
//!
//! NetworkManager and sshd have run in it, and do not run when it is saved: a copy starts them
//! after it has become a host of its own, and nothing holds the identity of another.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::machine::{CLEAN, Hardware, Machine};
use super::{Vm, guest};
use crate::cache::Cache;
use crate::host::Backend as _;
use crate::lab::Site;
use crate::lock::lock;
use crate::record::{HostOptions, Kind, Record};
use crate::{agent, qmp, ready};

/// What is done to a booted machine before it is saved. `nmstatectl` reads most of what a host
/// will read again.
pub(super) const REST: &str = "nmstatectl show >/dev/null; systemctl stop ssh NetworkManager; sync";

/// The disk of the booted machine; booted now when the cache has none.
pub(super) fn of(cache: &Cache, hardware: &Hardware) -> Result<PathBuf> {
    let machines = cache.directory.join("machines");
    let finished = machines.join(&hardware.key).with_extension("qcow2");
    if finished.exists() {
        return Ok(finished);
    }
    let _lock = lock(&finished.with_extension("lock"))?;
    if finished.exists() {
        return Ok(finished);
    }
    (cache.progress)(&format!(
        "booting the machine that all VM hosts are copies of ({})",
        hardware.accelerator.description()
    ));
    let workshop =
        Site { directory: machines.join(format!("{}.new", hardware.key)), cache: cache.clone() };
    let Hardware { release, data_links, .. } = *hardware;
    let options = HostOptions { release, data_links, ..HostOptions::default() };
    let mut record = Record::new("template", Kind::Vm, 1, &options);
    let directory = workshop.host_directory(&record.name);
    // What an interrupted boot left.
    if let Some(mut left) = Record::load(&directory)? {
        Vm.stop(&workshop, &mut left)?;
    }
    remove(&workshop.directory)?;
    fs::create_dir_all(&directory)?;
    let machine = Machine::new(&workshop, &record, hardware)?;
    let booted = boot(&workshop, &mut record, &machine);
    if booted.is_err() {
        Vm.stop(&workshop, &mut record)?;
    }
    booted?;
    File::open(machine.disk())?.sync_all()?;
    fs::rename(machine.disk(), &finished)
        .with_context(|| format!("cannot create `{}`", finished.display()))?;
    remove(&workshop.directory)?;
    Ok(finished)
}

fn boot(site: &Site, record: &mut Record, machine: &Machine) -> Result<()> {
    let directory = site.host_directory(&record.name);
    machine.create_disk()?;
    machine.spawn(site, record, &[])?;
    ready::wait_for(site, record, "boot", || agent::answers(&directory))?;
    guest::seed(site, record)?;
    ready::wait_until_ready(site, record)?;
    guest::shell(site, record, REST)?;
    qmp::monitor(&directory, &format!("savevm {CLEAN}"))?;
    // Only QEMU itself writes the last of the disk's tables.
    qmp::execute(&directory, "quit", &json!({}))?;
    let deadline = Instant::now() + Duration::from_secs(60);
    while record.is_running() {
        if Instant::now() > deadline {
            bail!("the machine that VM hosts are copies of did not end within 60 s");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)
            .with_context(|| format!("cannot remove `{}`", directory.display()))?;
    }
    Ok(())
}
