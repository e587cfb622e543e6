//! What is made once and used by every host: nmstatectl, the root filesystem, the VM disk.
//!
//! nmstatectl is in no Debian release, so cargo builds it. The root filesystem lies in a
//! directory named by a hash of its recipe: a changed recipe makes a new one, and hosts that run
//! from the old one are not disturbed. Each step writes beside the final place and renames, so
//! an interrupted build leaves nothing that looks finished.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::command::{as_root, run};
use crate::lock::lock;

const SUITE: &str = "trixie";
const MIRROR: &str = "http://deb.debian.org/debian";
const NMSTATE_VERSION: &str = "2.2.62";
/// What a lab host has besides a minimal Debian.
const PACKAGES: &[&str] = &[
    "systemd-sysv",
    "dbus",
    "network-manager",
    "openssh-server",
    "sudo",
    "udev",
    "kmod",
    "procps",
    "python3",
    "iproute2",
    "iputils-ping",
    "iputils-arping",
    "tcpdump",
    "lz4",
    "qemu-guest-agent",
    "linux-image-cloud-amd64",
];
const EARLY: &str = include_str!("image/early.sh");
const CUSTOMIZE: &str = include_str!("image/customize.sh");

/// Tells a human what takes long.
pub(crate) type Progress = fn(&str);

/// The directory of what is made once.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    pub(crate) directory: PathBuf,
    pub(crate) progress: Progress,
}

/// A root filesystem that hosts start from.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    /// Hash of the recipe.
    pub(crate) key: String,
    directory: PathBuf,
}

impl Image {
    pub(crate) fn rootfs(&self) -> PathBuf {
        self.directory.join("rootfs")
    }

    /// The kernel and the initrd of the root filesystem.
    pub(crate) fn boot_files(&self) -> Result<(PathBuf, PathBuf)> {
        let boot = self.rootfs().join("boot");
        let (mut kernel, mut initrd) = (None, None);
        for entry in fs::read_dir(&boot).context("the image has no /boot")? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with("vmlinuz-") {
                kernel = Some(path);
            } else if name.starts_with("initrd.img-") {
                initrd = Some(path);
            }
        }
        kernel.zip(initrd).with_context(|| format!("no kernel in `{}`", boot.display()))
    }
}

impl Cache {
    /// The root filesystem; built when the cache has none of this recipe.
    pub(crate) fn image(&self) -> Result<Image> {
        let key = recipe_key();
        let directory = self.directory.join("images").join(&key);
        let image = Image { key, directory };
        if image.directory.exists() {
            return Ok(image);
        }
        let _lock = lock(&self.directory.join("image.lock"))?;
        if !image.directory.exists() {
            self.build_image(&image)?;
        }
        Ok(image)
    }

    fn build_image(&self, image: &Image) -> Result<()> {
        let nmstatectl = self.nmstatectl()?;
        (self.progress)("building the root filesystem of the hosts (about 1 minute)");
        let building = image.directory.with_extension("new");
        if building.exists() {
            run(as_root("rm").arg("-rf").arg(&building))?;
        }
        fs::create_dir_all(&building)?;
        let rootfs = building.join("rootfs");
        let early = building.join("early.sh");
        fs::write(&early, EARLY)?;
        run(as_root("mmdebstrap")
            .args(["--variant=minbase", &format!("--include={}", PACKAGES.join(","))])
            .arg(format!("--essential-hook=sh -eu '{}' \"$1\"", early.display()))
            .arg(SUITE)
            .arg(&rootfs)
            .arg(MIRROR))?;
        run(as_root("install")
            .args(["-m", "0755"])
            .arg(&nmstatectl)
            .arg(rootfs.join("usr/local/bin/nmstatectl")))?;
        run(as_root("chroot").arg(&rootfs).args(["/bin/sh", "-eu", "-c", CUSTOMIZE]))?;
        fs::rename(&building, &image.directory)
            .with_context(|| format!("cannot create `{}`", image.directory.display()))
    }

    /// The disk of a VM host, an overlay base in qcow2 format.
    pub(crate) fn disk(&self, image: &Image) -> Result<PathBuf> {
        let disk = image.directory.join("disk.qcow2");
        let _lock = lock(&self.directory.join("disk.lock"))?;
        if disk.exists() {
            return Ok(disk);
        }
        (self.progress)("making the disk of the VM hosts");
        let raw = image.directory.join("disk.raw");
        let new = image.directory.join("disk.new");
        // The size only bounds what a test may write: both formats are sparse.
        run(as_root("mke2fs")
            .args(["-q", "-F", "-t", "ext4", "-d"])
            .arg(image.rootfs())
            .args([raw.as_os_str(), "2G".as_ref()]))?;
        run(Command::new("qemu-img")
            .args(["convert", "-f", "raw", "-O", "qcow2"])
            .args([&raw, &new]))?;
        run(as_root("rm").arg("-f").arg(&raw))?;
        fs::rename(&new, &disk).with_context(|| format!("cannot create `{}`", disk.display()))?;
        Ok(disk)
    }

    fn nmstatectl(&self) -> Result<PathBuf> {
        let root = self.directory.join("nmstatectl");
        let program = root.join("bin/nmstatectl");
        if program.exists() {
            return Ok(program);
        }
        (self.progress)("building nmstatectl, which Debian does not have (about 4 minutes)");
        let log = self.directory.join("build.log");
        let output = File::create(&log)?;
        let status = Command::new("cargo")
            .args(["install", "nmstatectl", "--version", NMSTATE_VERSION, "--locked", "--root"])
            .arg(&root)
            .env("CARGO_TARGET_DIR", self.directory.join("build"))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .status()
            .context("cannot run cargo")?;
        if !status.success() {
            bail!("cargo could not build nmstatectl; see `{}`", log.display());
        }
        remove(&self.directory.join("build"))?;
        Ok(program)
    }
}

fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)
            .with_context(|| format!("cannot remove `{}`", directory.display()))?;
    }
    Ok(())
}

/// Changes with anything that the root filesystem is made of.
fn recipe_key() -> String {
    let mut hash = Sha256::new();
    for part in [SUITE, NMSTATE_VERSION, &PACKAGES.join(","), EARLY, CUSTOMIZE] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    short_hex(&hash.finalize())
}

/// The first 6 bytes of a digest, enough to name things on one machine.
pub(crate) fn short_hex(digest: &[u8]) -> String {
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
