//! Installs the programs that the lab needs, on Debian and its relatives.

use std::env;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::command::{as_root, run};

/// Program, and the Debian package that has it.
const PROGRAMS: &[(&str, &str)] = &[
    ("mmdebstrap", "mmdebstrap"),
    // mmdebstrap only recommends it, but finds the keyring with it.
    ("gpg", "gpg"),
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("qemu-img", "qemu-utils"),
    ("mke2fs", "e2fsprogs"),
    ("ssh", "openssh-client"),
    ("ip", "iproute2"),
    ("unshare", "util-linux"),
];
/// Package whose file tells that it is there.
const KEYRING: (&str, &str) =
    ("/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring");

/// The Debian packages that are missing here.
pub fn missing_packages() -> Vec<&'static str> {
    let mut packages: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| !has_program(program))
        .map(|(_, package)| *package)
        .collect();
    if !Path::new(KEYRING.0).exists() {
        packages.push(KEYRING.1);
    }
    packages
}

/// Installs what is missing with apt-get, as root or through `sudo -n`, and says what.
pub fn install_missing(progress: impl Fn(&str)) -> Result<()> {
    // To install one package may remove another: a backport of qemu-utils goes when an older
    // qemu-system-x86 comes.
    for _ in 0..3 {
        let packages = missing_packages();
        if packages.is_empty() {
            progress("nothing is missing");
            return Ok(());
        }
        progress(&format!("installing {}", packages.join(" ")));
        install(&packages)?;
    }
    let missing = missing_packages();
    ensure!(missing.is_empty(), "still missing after apt-get: {}", missing.join(" "));
    Ok(())
}

fn install(packages: &[&str]) -> Result<()> {
    let context = || format!("install by hand as root: apt-get install {}", packages.join(" "));
    run(as_root("apt-get").args(["update", "-q"])).with_context(context)?;
    run(as_root("env")
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q"])
        .arg("--no-install-recommends")
        .args(packages))
    .with_context(context)?;
    Ok(())
}

/// Administrators' directories count although they may be missing in a user's PATH.
fn has_program(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|directory| directory.join(name).is_file())
}
