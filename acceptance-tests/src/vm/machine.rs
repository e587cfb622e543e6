//! The machine under a VM host: its hardware, its disk, and how QEMU is started on them.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::template::REST;
use crate::accelerator::{Accelerator, accelerator};
use crate::cache::{Cache, short_hex};
use crate::command::run;
use crate::image::Release;
use crate::lab::Site;
use crate::process::{Process, detached};
use crate::record::{HostOptions, Record};
use crate::{qmp, ready};

/// Name of the snapshot of the clean host.
pub(super) const CLEAN: &str = "clean";
/// Memory in MiB; NetworkManager and nmstatectl need a fifth of it.
const MEMORY: &str = "384";
/// Two hosts usually run at once. On two cores without KVM, two of them with one processor each do a
/// round trip in two thirds of the time that they take with two each; one host alone takes a tenth more.
const CPUS: &str = "1";
/// The user network, behind a hub: without its link the guest's packets vanish while the guest
/// keeps its carrier, as behind a switch that fails.
pub(super) const UPLINK: &str = "uplink";

/// QEMU 7.2 emulates cmpxchg16b with wrong flags, which now and then panics the kernel's allocator.
/// And what a processor does fast it emulates slowly: a copy by `rep movsb` byte by byte, AVX word by
/// word. Without them a login takes four fifths of the time.
const CPU: &str = "max,-cx16,-erms,-fsrm,-avx,-avx2,-f16c,-fma";
/// A panic is followed by a reboot, so that one in a first boot costs time and no more.
///
/// A program that lies at the same addresses each time is translated by QEMU only once: without
/// `norandmaps` its emulation takes three times as long.
const KERNEL_ARGUMENTS: &str =
    "root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off norandmaps panic=5 quiet";

/// A form of machine: QEMU must find the same again to load a snapshot.
pub(super) struct Hardware {
    /// The disk that a machine boots from for the first time.
    pub(super) disk: PathBuf,
    pub(super) accelerator: Accelerator,
    /// The Debian on the disk.
    pub(super) release: Release,
    /// Number of data interfaces.
    pub(super) data_links: u8,
    /// Changes with all that a booted machine depends on.
    pub(super) key: String,
    arguments: Vec<String>,
}

impl Hardware {
    pub(super) fn new(cache: &Cache, options: &HostOptions) -> Result<Self> {
        let image = cache.image(options.release)?;
        let disk = cache.disk(&image)?;
        let accelerator = accelerator(cache, &image)?;
        let (kernel, initrd) = image.boot_files()?;
        let data_links = options.data_links;
        let mut arguments = arguments(data_links);
        arguments.extend(["-accel", accelerator.arguments()].map(str::to_owned));
        for (option, path) in [("-kernel", kernel), ("-initrd", initrd)] {
            arguments.extend([option.to_owned(), path.display().to_string()]);
        }
        let version = run(Command::new("qemu-system-x86_64").arg("--version"))?;
        // A disk that was made anew from the same recipe may hold newer packages.
        let made = fs::metadata(&disk)?.modified()?;
        let mut hash = Sha256::new();
        let arguments_text = arguments.join(" ");
        for part in [&image.key, &version, &format!("{made:?}"), &arguments_text, REST] {
            hash.update(part);
            hash.update([0]);
        }
        let key = short_hex(&hash.finalize());
        Ok(Self { disk, accelerator, release: options.release, data_links, key, arguments })
    }
}

/// The part of a VM host that stays when the host ends.
pub(super) struct Machine<'a> {
    pub(super) hardware: &'a Hardware,
    directory: PathBuf,
    /// What the snapshot depends on.
    key: String,
}

impl<'a> Machine<'a> {
    pub(super) fn new(site: &Site, record: &Record, hardware: &'a Hardware) -> Result<Self> {
        let directory = site.directory.join("machines").join(&record.name);
        fs::create_dir_all(&directory)?;
        let mut hash = Sha256::new();
        hash.update(&hardware.key);
        hash.update(serde_json::to_string(&record.options)?);
        for file in site.seed(record)? {
            hash.update(file.content);
        }
        let key = short_hex(&hash.finalize());
        Ok(Self { hardware, directory, key })
    }

    pub(super) fn disk(&self) -> PathBuf {
        self.directory.join("disk.qcow2")
    }

    fn key_file(&self) -> PathBuf {
        self.directory.join("snapshot")
    }

    pub(super) fn has_snapshot(&self) -> bool {
        fs::read_to_string(self.key_file()).is_ok_and(|key| key == self.key)
    }

    pub(super) fn remember_snapshot(&self) -> Result<()> {
        Ok(fs::write(self.key_file(), &self.key)?)
    }

    /// Gives it a disk as new.
    pub(super) fn create_disk(&self) -> Result<()> {
        self.forget_snapshot()?;
        run(Command::new("qemu-img")
            .args(["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b"])
            .args([&self.hardware.disk, &self.disk()]))?;
        Ok(())
    }

    /// Gives it a copy of the template's disk.
    ///
    /// A copy and no overlay, because QEMU looks for snapshots in the topmost file only.
    pub(super) fn copy(&self, template: &Path) -> Result<()> {
        self.forget_snapshot()?;
        fs::copy(template, self.disk())
            .with_context(|| format!("cannot copy `{}`", template.display()))?;
        Ok(())
    }

    fn forget_snapshot(&self) -> Result<()> {
        if self.key_file().exists() {
            fs::remove_file(self.key_file())?;
        }
        Ok(())
    }

    /// Starts QEMU and waits until it takes commands.
    pub(super) fn spawn(&self, site: &Site, record: &mut Record, extra: &[&str]) -> Result<()> {
        let directory = site.host_directory(&record.name);
        record.port = free_port(record.port)?;
        let port = record.port;
        let mut command = detached("qemu-system-x86_64");
        command
            .args(&self.hardware.arguments)
            .arg("-drive")
            .arg(format!("file={},format=qcow2,if=virtio", self.disk().display()))
            .args(["-netdev", &format!("user,id={UPLINK},hostfwd=tcp:127.0.0.1:{port}-:22")])
            .args(["-netdev", &format!("hubport,id=port,hubid=0,netdev={UPLINK}")]);
        command.args(["-qmp", "unix:qmp.sock,server=on,wait=off"]).args(extra);
        command.current_dir(&directory);
        record.image.clone_from(&self.key);
        record.main = Some(Process::spawn(&mut command, &directory.join("console.log"))?);
        // Whatever happens to this process from here on, the machine is not lost.
        record.save(&directory)?;
        ready::wait_for(site, record, "take commands", || {
            qmp::execute(site, record, "query-status", &json!({})).is_ok()
        })
    }
}

fn arguments(data_links: u8) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut add = |option: &str, value: String| arguments.extend([option.to_owned(), value]);
    for (option, value) in [
        ("-machine", "q35"),
        ("-cpu", CPU),
        ("-smp", CPUS),
        ("-m", MEMORY),
        ("-display", "none"),
        ("-serial", "file:serial.log"),
        ("-append", KERNEL_ARGUMENTS),
        ("-device", "virtio-rng-pci"),
        // Tells the kernel that it woke up as a copy: its random numbers are its own from then on.
        ("-device", "vmgenid,guid=auto"),
        ("-device", "virtio-serial-pci"),
        ("-chardev", "socket,id=agent,path=agent.sock,server=on,wait=off"),
        ("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
    ] {
        add(option, value.to_owned());
    }
    for number in 0..=data_links {
        // Locally administered. Each machine's links are its own, so all may have the same
        // addresses; and they must, because a copy finds the template's in its memory.
        let mac = format!("02:4c:00:00:00:{number:02x}");
        add("-netdev", format!("hubport,hubid={number},id=net{number}"));
        add("-device", format!("virtio-net-pci,netdev=net{number},id=nic{number},mac={mac}"));
    }
    arguments
}

/// The port of before, or any. Between this and QEMU's start another may take it; QEMU then ends
/// and says so.
pub(super) fn free_port(port: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .with_context(|| format!("port {port} of 127.0.0.1 is taken"))?;
    Ok(listener.local_addr()?.port())
}
