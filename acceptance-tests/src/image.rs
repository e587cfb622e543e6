//! The root filesystem of hosts and the VM disk made of it, by Debian release.
//!
//! A root filesystem lies in a directory named by a hash of its recipe: a changed recipe makes a new
//! one, and hosts that run from the old one are not disturbed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cache::{Cache, NMSTATE_VERSION, short_hex};
use crate::command::{as_root, run};
use crate::lock::lock;

const MIRROR: &str = "http://deb.debian.org/debian";
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
    // NetworkManager leaves the keys of MACsec to it.
    "wpasupplicant",
    "qemu-guest-agent",
];
const EARLY: &str = include_str!("image/early.sh");
const CUSTOMIZE: &str = include_str!("image/customize.sh");

/// Which Debian a host runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Release {
    /// The current one, with the kernel for virtual machines.
    #[default]
    Stable,
    /// The one that is being made, for what needs more: NetworkManager with Open vSwitch, which the
    /// current one is without, and a kernel with every feature (HSR).
    Next,
}

impl Release {
    /// The name in words and in `host.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Next => "next",
        }
    }

    fn suite(self) -> &'static str {
        match self {
            Self::Stable => "trixie",
            Self::Next => "forky",
        }
    }

    fn packages(self) -> String {
        let more: &[&str] = match self {
            Self::Stable => &["linux-image-cloud-amd64"],
            Self::Next => &["linux-image-amd64", "network-manager-ovs", "openvswitch-switch"],
        };
        [PACKAGES, more].concat().join(",")
    }

    /// Changes with anything that the root filesystem is made of.
    fn recipe_key(self) -> String {
        let mut hash = Sha256::new();
        for part in [self.suite(), NMSTATE_VERSION, &self.packages(), EARLY, CUSTOMIZE] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        short_hex(&hash.finalize())
    }
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
    pub(crate) fn image(&self, release: Release) -> Result<Image> {
        let key = release.recipe_key();
        let directory = self.directory.join("images").join(&key);
        let image = Image { key, directory };
        if image.directory.exists() {
            return Ok(image);
        }
        let _lock = lock(&self.directory.join("image.lock"))?;
        if !image.directory.exists() {
            self.build_image(release, &image)?;
        }
        Ok(image)
    }

    fn build_image(&self, release: Release, image: &Image) -> Result<()> {
        let building = image.directory.with_extension("new");
        if building.exists() {
            run(as_root("rm").arg("-rf").arg(&building))?;
        }
        fs::create_dir_all(&building)?;
        let rootfs = building.join("rootfs");
        let early = building.join("early.sh");
        fs::write(&early, EARLY)?;
        // The one waits for packages and disk, the other for the processor.
        let nmstatectl = thread::scope(|scope| {
            let nmstatectl = scope.spawn(|| self.nmstatectl());
            (self.progress)("building the root filesystem of the hosts");
            run(as_root("mmdebstrap")
                .args(["--variant=minbase", &format!("--include={}", release.packages())])
                // A mirror of what is being made may be older than it says itself that it may be.
                .arg("--aptopt=Acquire::Check-Valid-Until false")
                .arg(format!("--essential-hook=sh -eu '{}' \"$1\"", early.display()))
                .arg(release.suite())
                .arg(&rootfs)
                .arg(MIRROR))?;
            nmstatectl.join().map_err(|_| anyhow!("the build of nmstatectl panicked"))?
        })?;
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
            .args([raw.as_os_str(), "3G".as_ref()]))?;
        run(Command::new("qemu-img")
            .args(["convert", "-f", "raw", "-O", "qcow2"])
            .args([&raw, &new]))?;
        run(as_root("rm").arg("-f").arg(&raw))?;
        fs::rename(&new, &disk).with_context(|| format!("cannot create `{}`", disk.display()))?;
        Ok(disk)
    }
}
