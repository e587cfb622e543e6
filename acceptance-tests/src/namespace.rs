//! Namespace hosts: a network, mount, pid and uts namespace over an overlay of the root
//! filesystem, with their own D-Bus, NetworkManager and sshd.
//!
//! The other ends of all their links lie in one *outer* network namespace of the lab, so that
//! nothing shows in the machine's own. Cutting takes the outer end of the management link off
//! the lab's bridge: packets vanish in both directions while the host keeps its carrier, as
//! behind a switch that fails.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::command::{is_root, output, run};
use crate::host::{Backend, ExecOutput, run_with_input};
use crate::image::Image;
use crate::lab::Site;
use crate::lock::lock;
use crate::process::{Process, detached};
use crate::record::Record;

const BOOT: &str = include_str!("namespace/boot.sh");
/// Network of the management links, from the block for benchmarks (RFC 2544): no real network.
const NETWORK: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);
pub(crate) const PREFIX_LENGTH: u8 = 15;
/// Locally administered, and no host's.
const BRIDGE_MAC: &str = "02:4c:42:00:00:01";

/// Starts and ends namespace hosts.
#[derive(Debug)]
pub(crate) struct Namespace;

impl Backend for Namespace {
    fn start(&self, site: &Site, record: &mut Record) -> Result<()> {
        require_root()?;
        let image = site.cache.image(record.options.release)?;
        let store = prepare_store(site, record)?;
        create_links(site, record)?;
        start_forwarder(site, record)?;
        boot(site, record, &image, &store)
    }

    fn stop(&self, site: &Site, record: &mut Record) -> Result<()> {
        require_root()?;
        halt(site, record)?;
        if let Some(forwarder) = record.forwarder.take() {
            forwarder.kill()?;
        }
        remove_store(site, record)
    }

    fn reset(&self, site: &Site, record: &mut Record) -> Result<()> {
        require_root()?;
        halt(site, record)?;
        remove_store(site, record)?;
        self.start(site, record)
    }

    fn save(&self, _: &Site, _: &Record, _: &str) -> Result<bool> {
        Ok(false)
    }

    fn load(&self, _: &Site, record: &mut Record, name: &str) -> Result<()> {
        bail!("host `{}` was never saved as `{name}`: a namespace host cannot be", record.name);
    }

    fn reboot(&self, site: &Site, record: &mut Record) -> Result<()> {
        require_root()?;
        halt(site, record)?;
        self.start(site, record)
    }

    fn lose_power(&self, _: &Site, record: &mut Record) -> Result<()> {
        bail!(
            "host `{}` cannot lose what it has not written: its memory is this machine's; use \
             `--kind vm`",
            record.name
        );
    }

    fn set_link(&self, site: &Site, record: &Record, up: bool) -> Result<()> {
        require_root()?;
        let mut command = Command::new("ip");
        command.args(["-n", &outer(site), "link", "set", &outer_link(record, 0)]);
        run(if up { command.args(["master", "mgmt"]) } else { command.arg("nomaster") })?;
        Ok(())
    }

    fn exec(&self, _: &Site, record: &Record, argv: &[&str], input: &[u8]) -> Result<ExecOutput> {
        require_root()?;
        let main = record.main.as_ref().filter(|main| main.is_alive());
        let main = main.with_context(|| format!("host `{}` does not run", record.name))?;
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", main.child()?));
        command.args(["--mount", "--uts", "--net", "--pid", "--root", "--wd", "--", "env", "-i"]);
        command.arg("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.args(["HOME=/root", "LANG=C.UTF-8", "TERM=dumb"]).args(argv);
        run_with_input(command, input)
    }

    fn management_address(&self, record: &Record) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(NETWORK) + 1 + u32::from(record.index))
    }

    fn controller_namespace(&self, site: &Site) -> Option<String> {
        Some(outer(site))
    }

    fn forward(&self, _: &Site, record: &Record, _: Ipv4Addr) -> Result<u16> {
        bail!("host `{}` has its addresses in the lab's own namespace", record.name)
    }
}

/// Removes the outer namespace when the last host is gone.
pub(crate) fn remove_outer(site: &Site) -> Result<()> {
    let outer = outer(site);
    if namespace_exists(&outer) {
        run(Command::new("ip").args(["netns", "delete", &outer]))?;
    }
    Ok(())
}

fn require_root() -> Result<()> {
    if !is_root() {
        bail!("namespace hosts need root rights; run as root, or use `--kind vm`");
    }
    Ok(())
}

fn outer(site: &Site) -> String {
    format!("nml-{}", site.key())
}

fn inner(site: &Site, record: &Record) -> String {
    format!("nml-{}-{}", site.key(), record.name)
}

/// Name of the outer end of a link; number 0 is the management link.
fn outer_link(record: &Record, number: u8) -> String {
    match number {
        0 => format!("h{}mgmt", record.index),
        number => format!("h{}eth{number}", record.index),
    }
}

fn namespace_exists(name: &str) -> bool {
    Path::new("/run/netns").join(name).exists()
}

/// Locally administered, and the same after each reset.
fn mac(record: &Record, number: u8) -> String {
    let [high, low] = record.index.to_be_bytes();
    format!("02:4c:41:{high:02x}:{low:02x}:{number:02x}")
}

fn create_links(site: &Site, record: &Record) -> Result<()> {
    let outer = outer(site);
    {
        let _lock = lock(&site.directory.join("outer.lock"))?;
        if !namespace_exists(&outer) {
            run(Command::new("ip").args(["netns", "add", &outer]))?;
            let gateway = Ipv4Addr::from(u32::from(NETWORK) + 1);
            // An address of its own: else it takes the lowest of its ports, and whenever a host
            // comes or goes the others lose packets.
            batch(
                &outer,
                &format!(
                    "link set lo up\nlink add mgmt address {BRIDGE_MAC} type bridge\n\
                     address add {gateway}/{PREFIX_LENGTH} dev mgmt\nlink set mgmt up\n"
                ),
            )?;
        }
    }
    let inner = inner(site, record);
    if !namespace_exists(&inner) {
        run(Command::new("ip").args(["netns", "add", &inner]))?;
    }
    let mut commands = String::new();
    for number in 0..=record.options.data_links {
        let outside = outer_link(record, number);
        let inside = if number == 0 { "mgmt0".to_owned() } else { format!("eth{number}") };
        let mac = mac(record, number);
        writeln!(
            commands,
            "link add {outside} type veth peer name {inside} address {mac} netns {inner}"
        )?;
        writeln!(commands, "link set {outside} up")?;
    }
    if !record.cut {
        writeln!(commands, "link set {} master mgmt", outer_link(record, 0))?;
    }
    batch(&outer, &commands)
}

fn batch(namespace: &str, commands: &str) -> Result<()> {
    use std::io::Write as _;
    let mut child = Command::new("ip")
        .args(["-n", namespace, "-batch", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run `ip`; `lab setup` installs it")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(commands.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!(
            "`ip -n {namespace} -batch` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

/// The directory of the host's overlay, with the files that only this host has.
fn prepare_store(site: &Site, record: &Record) -> Result<PathBuf> {
    let store = store(site, record);
    if store.join("upper").exists() {
        return Ok(store);
    }
    for part in ["upper", "work", "root"] {
        fs::create_dir_all(store.join(part))?;
    }
    let mut script = String::new();
    for file in site.seed(record)? {
        let path = store.join("seed").join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, &file.content)?;
        // `install` makes no difference to directories that the image already has.
        writeln!(
            script,
            "install -D -m {:o} seed/{path} root/{path}",
            file.mode,
            path = file.path
        )?;
    }
    if !record.options.nmstatectl {
        script.push_str("rm root/usr/local/bin/nmstatectl root/usr/local/lib/lab/nmstatectl\n");
    }
    fs::write(store.join("first-boot.sh"), script)?;
    Ok(store)
}

/// Overlays need a filesystem that can hold one, which an overlay (a container) is not.
fn store(site: &Site, record: &Record) -> PathBuf {
    let own = site.host_directory(&record.name).join("store");
    let shared_memory =
        PathBuf::from("/dev/shm").join(format!("nml-{}", site.key())).join(&record.name);
    if own.exists() {
        return own;
    }
    if shared_memory.exists() || is_overlay(&site.directory) { shared_memory } else { own }
}

fn is_overlay(directory: &Path) -> bool {
    output(Command::new("stat").args(["--file-system", "--format=%T"]).arg(directory))
        .is_ok_and(|output| output.stdout.starts_with(b"overlay"))
}

fn remove_store(site: &Site, record: &Record) -> Result<()> {
    let store = store(site, record);
    if store.exists() {
        fs::remove_dir_all(&store)
            .with_context(|| format!("cannot remove `{}`", store.display()))?;
    }
    Ok(())
}

fn boot(site: &Site, record: &mut Record, image: &Image, store: &Path) -> Result<()> {
    let unmanaged = !record.options.managed_management;
    let management = if unmanaged || !record.options.networkmanager {
        format!("{}/{PREFIX_LENGTH}", Namespace.management_address(record))
    } else {
        String::new()
    };
    let mut command = detached("ip");
    command
        .args(["netns", "exec", &inner(site, record)])
        .args(["unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child"])
        .args(["sh", "-c", BOOT])
        .env("LOWER", image.rootfs())
        .env("STORE", store)
        .env("HOST", &record.name)
        .env("MANAGEMENT", management)
        .env("NETWORKMANAGER", if record.options.networkmanager { "1" } else { "0" })
        .current_dir("/");
    let directory = site.host_directory(&record.name);
    record.image.clone_from(&image.key);
    record.main = Some(Process::spawn(&mut command, &directory.join("console.log"))?);
    // Whatever happens to this process from here on, the host is not lost.
    record.save(&directory)
}

/// Ends the host's processes and takes its links away; the overlay stays.
fn halt(site: &Site, record: &mut Record) -> Result<()> {
    if let Some(main) = record.main.take() {
        main.kill_with_child()?;
    }
    let inner = inner(site, record);
    if namespace_exists(&inner) {
        // The links go with the namespace, but only when the kernel gets to it; a name that is
        // still taken would fail the next start.
        let outer = outer(site);
        for number in 0..=record.options.data_links {
            let link = outer_link(record, number);
            output(Command::new("ip").args(["-n", &outer, "link", "delete", &link]))?;
        }
        run(Command::new("ip").args(["netns", "delete", &inner]))?;
    }
    Ok(())
}

fn start_forwarder(site: &Site, record: &mut Record) -> Result<()> {
    if record.forwarder.as_ref().is_some_and(Process::is_alive) {
        return Ok(());
    }
    // The port of before, so that known hosts and inventories stay true.
    let listener = TcpListener::bind(("127.0.0.1", record.port))
        .with_context(|| format!("port {} of 127.0.0.1 is taken", record.port))?;
    record.port = listener.local_addr()?.port();
    let destination = format!("{}:22", Namespace.management_address(record));
    let mut command = detached("ip");
    command
        .args(["netns", "exec", &outer(site)])
        .arg(site.program()?)
        .args(["forward", &destination])
        .stdin(OwnedFd::from(listener))
        .current_dir("/");
    let directory = site.host_directory(&record.name);
    record.forwarder = Some(Process::spawn(&mut command, &directory.join("forward.log"))?);
    record.save(&directory)
}
