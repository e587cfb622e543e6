//! Booted machines to copy, one per form of machine, in the cache.
//!
//! A template is made by a lab of its own with one host in it, so a boot that was interrupted is
//! found by the next one and ended like any host. Its disk gets its final name when all of it is
//! written, so what has that name is whole. What its boot and a login needed is noted beside it and
//! says how slow this machine is.
//!
//! NetworkManager and sshd have run in it, and do not run when it is saved: a copy starts them
//! after it has become a host of its own, and nothing holds the identity of another.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::machine::{CLEAN, Hardware, Machine};
use super::{Vm, guest};
use crate::cache::Cache;
use crate::command::run;
use crate::host::{Backend as _, Host, write_known_hosts};
use crate::lab::Site;
use crate::limits::Measured;
use crate::lock::lock;
use crate::record::{HostOptions, Kind, Record};
use crate::{agent, qmp, ready};

/// What is done to a booted machine before it is saved. `nmstatectl` reads most of what a host
/// will read again.
pub(super) const REST: &str = "nmstatectl show >/dev/null; systemctl stop ssh NetworkManager; sync";

/// A booted machine.
pub(super) struct Template {
    pub(super) disk: PathBuf,
    /// What its boot needed.
    pub(super) measured: Measured,
}

impl Template {
    /// The one with this disk, if it is finished.
    fn finished(disk: &Path) -> Option<Template> {
        let note = fs::read(note(disk)).ok()?;
        let measured = serde_json::from_slice(&note).ok()?;
        disk.exists().then(|| Template { disk: disk.to_owned(), measured })
    }
}

/// The booted machine; booted now when the cache has none.
pub(super) fn of(cache: &Cache, hardware: &Hardware) -> Result<Template> {
    let machines = cache.directory.join("machines");
    let disk = machines.join(&hardware.key).with_extension("qcow2");
    if let Some(template) = Template::finished(&disk) {
        return Ok(template);
    }
    let _lock = lock(&disk.with_extension("lock"))?;
    if let Some(template) = Template::finished(&disk) {
        return Ok(template);
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
    let measured = booted?;
    let Measured { boot, login } = measured;
    (cache.progress)(&format!("it answered after {boot:.0} s, a login took {login:.1} s"));
    fs::write(note(&disk), serde_json::to_vec_pretty(&measured)?)?;
    File::open(machine.disk())?.sync_all()?;
    fs::rename(machine.disk(), &disk)
        .with_context(|| format!("cannot create `{}`", disk.display()))?;
    remove(&workshop.directory)?;
    Ok(Template { disk, measured })
}

/// The file beside a template that says what its boot needed.
fn note(disk: &Path) -> PathBuf {
    disk.with_extension("json")
}

fn boot(site: &Site, record: &mut Record, machine: &Machine) -> Result<Measured> {
    let directory = site.host_directory(&record.name);
    machine.create_disk()?;
    let begun = Instant::now();
    machine.spawn(site, record, &[])?;
    ready::wait_for(site, record, "boot", || agent::answers(&directory))?;
    guest::seed(site, record)?;
    ready::wait_until_ready(site, record)?;
    let boot = begun.elapsed().as_secs_f32();
    let login = login(site, record)?.as_secs_f32();
    let measured = Measured { boot, login };
    record.measured = Some(measured);
    guest::shell(site, record, REST)?;
    qmp::monitor(site, record, &format!("savevm {CLEAN}"))?;
    // Only QEMU itself writes the last of the disk's tables.
    qmp::execute(site, record, "quit", &json!({}))?;
    let limit = record.limits().qemu;
    let deadline = Instant::now() + limit;
    while record.is_running() {
        if Instant::now() > deadline {
            let limit = limit.as_secs();
            bail!("the machine that VM hosts are copies of did not end within {limit} s");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(measured)
}

/// How long a login takes.
fn login(site: &Site, record: &Record) -> Result<Duration> {
    let key = site.host_key(&record.name)?;
    let known_hosts = site.host_directory(&record.name).join("known_hosts");
    write_known_hosts(&known_hosts, record.port, &key.public)?;
    let host = Host::new(Arc::new(site.clone()), record);
    let begun = Instant::now();
    run(host.ssh_command(host.user()).arg("true"))?;
    Ok(begun.elapsed())
}

fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)
            .with_context(|| format!("cannot remove `{}`", directory.display()))?;
    }
    Ok(())
}
