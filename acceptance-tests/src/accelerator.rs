//! KVM when it works, emulation when it does not.
//!
//! That /dev/kvm opens is not enough: inside some virtual machines it does, and a guest never
//! runs. So a kernel is booted for a few seconds, once per boot of this machine.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::image::Image;
use crate::lock::lock;

/// A kernel says its first words within a fraction of a second.
const TRIAL: Duration = Duration::from_secs(5);

/// How QEMU runs the guest's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accelerator {
    Kvm,
    Emulation,
}

impl Accelerator {
    /// Value of QEMU's option `-accel`.
    pub(crate) fn arguments(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Emulation => "tcg,thread=multi",
        }
    }

    /// Name, which is also that of the tests' profile.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Emulation => "emulation",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Kvm => "with KVM",
            Self::Emulation => "emulated, as KVM does not work here",
        }
    }
}

/// What works on this machine; remembered in the cache until the next boot.
pub(crate) fn accelerator(cache: &Cache, image: &Image) -> Result<Accelerator> {
    if File::options().read(true).write(true).open("/dev/kvm").is_err() {
        return Ok(Accelerator::Emulation);
    }
    let _lock = lock(&cache.directory.join("accelerator.lock"))?;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    let note = cache.directory.join("accelerator");
    let noted = fs::read_to_string(&note).unwrap_or_default();
    for accelerator in [Accelerator::Kvm, Accelerator::Emulation] {
        if noted == format!("{boot}{}\n", accelerator.arguments()) {
            return Ok(accelerator);
        }
    }
    (cache.progress)("trying whether KVM works");
    let accelerator =
        if kvm_works(cache, image)? { Accelerator::Kvm } else { Accelerator::Emulation };
    fs::write(&note, format!("{boot}{}\n", accelerator.arguments()))?;
    Ok(accelerator)
}

fn kvm_works(cache: &Cache, image: &Image) -> Result<bool> {
    let console = cache.directory.join("accelerator.log");
    let (kernel, _) = image.boot_files()?;
    File::create(&console)?;
    let mut child = Command::new("qemu-system-x86_64")
        .args(["-accel", "kvm", "-machine", "q35", "-cpu", "max", "-m", "256", "-nodefaults"])
        .args(["-display", "none", "-no-reboot", "-append", "console=ttyS0 panic=-1"])
        .arg("-serial")
        .arg(format!("file:{}", console.display()))
        .arg("-kernel")
        .arg(kernel)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot run qemu-system-x86_64; `lab setup` installs it")?;
    let deadline = Instant::now() + TRIAL;
    let mut spoke = false;
    while !spoke && Instant::now() < deadline && child.try_wait()?.is_none() {
        thread::sleep(Duration::from_millis(50));
        spoke = fs::read(&console)?.windows(13).any(|window| window == b"Linux version");
    }
    // It may have ended by itself, which is no error.
    let _ = child.kill();
    child.wait()?;
    Ok(spoke)
}
