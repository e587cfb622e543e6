//! VM hosts: QEMU with the root filesystem's own kernel.
//!
//! A first boot takes long, so it happens once per name: what a clean, running host is gets saved
//! as a snapshot inside the machine's disk, which stays when the host ends. Later starts, and
//! every reset, load it. The snapshot belongs to a key over all that it depends on; when that
//! changes, the machine boots anew.
//!
//! eth0 is the management interface, on QEMU's user network, with a NetworkManager profile so that
//! changes to the management path can be tested; eth1 and up each hang on a hub of their own.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::accelerator::{Accelerator, accelerator};
use crate::cache::{Image, short_hex};
use crate::command::run;
use crate::host::{Backend, ExecOutput};
use crate::lab::Site;
use crate::process::{Process, detached};
use crate::record::Record;
use crate::{agent, qmp, ready};

/// Name of the snapshot of the clean host.
const CLEAN: &str = "clean";
/// Memory in MiB; NetworkManager and nmstatectl need a fifth of it.
const MEMORY: &str = "384";
/// The user network, behind a hub: without its link the guest's packets vanish while the guest
/// keeps its carrier, as behind a switch that fails.
const UPLINK: &str = "uplink";

/// QEMU 7.2 emulates cmpxchg16b with wrong flags, which now and then panics the kernel's allocator.
const CPU: &str = "max,-cx16";
/// A panic is followed by a reboot, so that one in a first boot costs time and no more.
const KERNEL_ARGUMENTS: &str =
    "root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off panic=5 quiet";

/// Starts and ends VM hosts.
#[derive(Debug)]
pub(crate) struct Vm;

impl Backend for Vm {
    fn start(&self, site: &Site, record: &mut Record) -> Result<()> {
        let image = site.cache.image()?;
        let machine = Machine::new(site, record, &image)?;
        if machine.has_snapshot() {
            machine.spawn(site, record, &["-loadvm", CLEAN])?;
            return settle(site, record);
        }
        (site.cache.progress)(&format!(
            "first boot of VM host {} ({}; later starts take seconds)",
            record.name,
            machine.accelerator.description()
        ));
        machine.create_disk(&site.cache.disk(&image)?)?;
        machine.spawn(site, record, &[])?;
        let directory = site.host_directory(&record.name);
        ready::wait_for(site, record, "boot", || agent::answers(&directory))?;
        seed(site, record)?;
        ready::wait_until_ready(site, record)?;
        shell(site, record, ": >/run/lab/sshd.log; : >/run/lab/nmstatectl.log; sync")?;
        qmp::monitor(&directory, &format!("savevm {CLEAN}"))?;
        machine.remember_snapshot()
    }

    fn stop(&self, site: &Site, record: &mut Record) -> Result<()> {
        let Some(main) = record.main.take() else { return Ok(()) };
        // It writes its disk's tables out when asked politely.
        let _ = qmp::execute(&site.host_directory(&record.name), "quit", &json!({}));
        let deadline = Instant::now() + Duration::from_secs(5);
        while main.is_alive() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        main.kill()
    }

    fn reset(&self, site: &Site, record: &mut Record) -> Result<()> {
        let machine = Machine::new(site, record, &site.cache.image()?)?;
        if !record.is_running() || !machine.has_snapshot() {
            self.stop(site, record)?;
            return self.start(site, record);
        }
        let directory = site.host_directory(&record.name);
        self.set_link(site, record, true)?;
        qmp::monitor(&directory, &format!("loadvm {CLEAN}"))?;
        qmp::execute(&directory, "cont", &json!({}))?;
        settle(site, record)
    }

    fn reboot(&self, site: &Site, record: &mut Record) -> Result<()> {
        // Only what was written is kept; what the kernel still held back would be lost.
        shell(site, record, "sync")?;
        let directory = site.host_directory(&record.name);
        qmp::execute(&directory, "system_reset", &json!({}))?;
        Ok(())
    }

    fn set_link(&self, site: &Site, record: &Record, up: bool) -> Result<()> {
        let arguments = json!({ "name": UPLINK, "up": up });
        qmp::execute(&site.host_directory(&record.name), "set_link", &arguments)?;
        Ok(())
    }

    fn exec(
        &self,
        site: &Site,
        record: &Record,
        argv: &[&str],
        input: &[u8],
    ) -> Result<ExecOutput> {
        agent::exec(&site.host_directory(&record.name), argv, input)
    }

    /// What QEMU's user network gives to its first client.
    fn management_address(&self, _: &Record) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 2, 15)
    }
}

/// The part of a VM host that stays when the host ends.
struct Machine {
    directory: PathBuf,
    /// What the snapshot depends on.
    key: String,
    accelerator: Accelerator,
    /// The arguments that QEMU needs to be the same when it loads the snapshot.
    hardware: Vec<String>,
}

impl Machine {
    fn new(site: &Site, record: &Record, image: &Image) -> Result<Self> {
        let directory = site.directory.join("machines").join(&record.name);
        fs::create_dir_all(&directory)?;
        let accelerator = accelerator(&site.cache, image)?;
        let (kernel, initrd) = image.boot_files()?;
        let version = run(Command::new("qemu-system-x86_64").arg("--version"))?;
        let mut hardware = hardware(site, record);
        hardware.extend(["-accel", accelerator.arguments()].map(str::to_owned));
        for (option, path) in [("-kernel", kernel), ("-initrd", initrd)] {
            hardware.extend([option.to_owned(), path.display().to_string()]);
        }
        let mut hash = Sha256::new();
        let options = serde_json::to_string(&record.options)?;
        for part in [&image.key, &version, &options, &hardware.join(" ")] {
            hash.update(part);
        }
        for file in site.seed(record)? {
            hash.update(file.content);
        }
        let key = short_hex(&hash.finalize());
        Ok(Self { directory, key, accelerator, hardware })
    }

    fn disk(&self) -> PathBuf {
        self.directory.join("disk.qcow2")
    }

    fn key_file(&self) -> PathBuf {
        self.directory.join("snapshot")
    }

    fn has_snapshot(&self) -> bool {
        fs::read_to_string(self.key_file()).is_ok_and(|key| key == self.key)
    }

    fn remember_snapshot(&self) -> Result<()> {
        Ok(fs::write(self.key_file(), &self.key)?)
    }

    fn create_disk(&self, base: &Path) -> Result<()> {
        if self.key_file().exists() {
            fs::remove_file(self.key_file())?;
        }
        run(Command::new("qemu-img")
            .args(["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b"])
            .args([base, &self.disk()]))?;
        Ok(())
    }

    /// Starts QEMU and waits until it takes commands.
    fn spawn(&self, site: &Site, record: &mut Record, extra: &[&str]) -> Result<()> {
        let directory = site.host_directory(&record.name);
        record.port = free_port(record.port)?;
        let port = record.port;
        let mut command = detached("qemu-system-x86_64");
        command
            .args(&self.hardware)
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
            qmp::execute(&directory, "query-status", &json!({})).is_ok()
        })
    }
}

fn hardware(site: &Site, record: &Record) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut add = |option: &str, value: String| arguments.extend([option.to_owned(), value]);
    for (option, value) in [
        ("-machine", "q35"),
        ("-cpu", CPU),
        ("-smp", "1"),
        ("-m", MEMORY),
        ("-display", "none"),
        ("-serial", "file:serial.log"),
        ("-append", KERNEL_ARGUMENTS),
        ("-device", "virtio-rng-pci"),
        ("-device", "virtio-serial-pci"),
        ("-chardev", "socket,id=agent,path=agent.sock,server=on,wait=off"),
        ("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
    ] {
        add(option, value.to_owned());
    }
    for number in 0..=record.options.data_links {
        let mac = mac(site, record, number);
        add("-netdev", format!("hubport,hubid={number},id=net{number}"));
        add("-device", format!("virtio-net-pci,netdev=net{number},id=nic{number},mac={mac}"));
    }
    arguments
}

/// The port of before, or any. Between this and QEMU's start another may take it; QEMU then ends
/// and says so.
fn free_port(port: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .with_context(|| format!("port {port} of 127.0.0.1 is taken"))?;
    Ok(listener.local_addr()?.port())
}

/// Locally administered, and the same for the same name, as the snapshot holds it.
fn mac(site: &Site, record: &Record, number: u8) -> String {
    let digest = Sha256::digest(format!("{}/{}", site.key(), record.name));
    format!("02:4c:{:02x}:{:02x}:{:02x}:{number:02x}", digest[0], digest[1], digest[2])
}

/// After a snapshot was loaded: the agent is there, and the clock is right.
fn settle(site: &Site, record: &Record) -> Result<()> {
    let directory = site.host_directory(&record.name);
    ready::wait_for(site, record, "wake up", || agent::answers(&directory))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    shell(site, record, &format!("date --utc --set=@{now} >/dev/null"))
}

/// Makes a host of the root filesystem that was booted.
fn seed(site: &Site, record: &Record) -> Result<()> {
    let mut script = String::new();
    for file in site.seed(record)? {
        let (path, content) = (&file.path, STANDARD.encode(&file.content));
        writeln!(script, "rm -f /{path}; echo {content} | base64 -d >/{path}")?;
        writeln!(script, "chmod {:o} /{path}", file.mode)?;
    }
    script.push_str("hostname --file /etc/hostname\n");
    if !record.options.nmstatectl {
        script.push_str("rm /usr/local/bin/nmstatectl /usr/local/lib/lab/nmstatectl\n");
    }
    script.push_str("systemctl reset-failed ssh\nsystemctl restart ssh NetworkManager\n");
    if !record.options.networkmanager {
        script.push_str(
            "nm-online --quiet --timeout=60\n\
             systemctl disable --quiet NetworkManager\nsystemctl stop NetworkManager\n",
        );
    }
    shell(site, record, &script)
}

fn shell(site: &Site, record: &Record, script: &str) -> Result<()> {
    let output = Vm.exec(site, record, &["/bin/sh", "-eu"], script.as_bytes())?;
    if output.status != 0 {
        bail!("cannot prepare host `{}`: {}", record.name, output.stderr.trim());
    }
    Ok(())
}
