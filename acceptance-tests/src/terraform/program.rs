//! A program that runs configurations: a Terraform or an OpenTofu.
//!
//! The first line that it prints of itself says which it is, and its version; what it can do
//! follows from these (see [`Feature`]).

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::feature::Feature;
use super::library::{self, Version};
use super::needs;

/// The environment variable that names the program for everything that would choose one itself.
pub const GIVEN: &str = "NMSTATE_TERRAFORM";

/// Who makes a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// HashiCorp's.
    Terraform,
    /// The fork under the Linux Foundation.
    OpenTofu,
}

/// A `terraform` or `tofu`.
#[derive(Debug, Clone)]
pub struct Terraform {
    program: PathBuf,
    product: Product,
    /// As the program says it, such as `1.12.6`.
    version: String,
    /// Its first two numbers.
    minor: (u16, u16),
}

impl Product {
    /// Both of them.
    pub const ALL: [Product; 2] = [Product::Terraform, Product::OpenTofu];

    /// The name in words.
    pub fn name(self) -> &'static str {
        match self {
            Product::Terraform => "Terraform",
            Product::OpenTofu => "OpenTofu",
        }
    }

    /// What is typed to run it.
    pub fn command(self) -> &'static str {
        match self {
            Product::Terraform => "terraform",
            Product::OpenTofu => "tofu",
        }
    }
}

impl Terraform {
    /// The program that `NMSTATE_TERRAFORM` names, else that of this version.
    ///
    /// # Errors
    /// There is none, or it lacks what the test that asks for it needs (see [`super::NEEDS`]).
    pub fn of(version: Version) -> Result<Terraform> {
        let terraform = match Terraform::given()? {
            Some(given) => given,
            None => Terraform::pinned(version)?,
        };
        needs::of_this_test(&terraform)?;
        Ok(terraform)
    }

    /// The program of this version, whatever `NMSTATE_TERRAFORM` says: `terraform` from PATH when
    /// it is the one, else the library, installed once into the lab's cache.
    ///
    /// # Errors
    /// It cannot be installed.
    pub fn pinned(version: Version) -> Result<Terraform> {
        match Terraform::at(Path::new("terraform")) {
            Ok(found) if found.version == version.number() => Ok(found),
            _ => library::installed(version),
        }
    }

    /// Any program at all: the one that `NMSTATE_TERRAFORM` names, `terraform` or `tofu` from
    /// PATH, else the library.
    ///
    /// # Errors
    /// The one that is named does not run, or none can be installed.
    pub fn any() -> Result<Terraform> {
        if let Some(given) = Terraform::given()? {
            return Ok(given);
        }
        let in_path = Product::ALL.map(|one| Terraform::at(Path::new(one.command())));
        match in_path.into_iter().find_map(Result::ok) {
            Some(found) => Ok(found),
            None => library::installed(Version::V1_15),
        }
    }

    /// The program that `NMSTATE_TERRAFORM` names.
    ///
    /// # Errors
    /// It does not run, or is neither a Terraform nor an OpenTofu.
    pub fn given() -> Result<Option<Terraform>> {
        let path = env::var_os(GIVEN).filter(|path| !path.is_empty());
        let Some(path) = path.map(PathBuf::from) else { return Ok(None) };
        Terraform::at(&path)
            .with_context(|| format!("{GIVEN} names `{}`", path.display()))
            .map(Some)
    }

    /// The program at this path, or with this name in PATH.
    ///
    /// # Errors
    /// It does not run, or is neither a Terraform nor an OpenTofu.
    pub fn at(path: &Path) -> Result<Terraform> {
        // It runs in the directories of configurations.
        let is_name = path.components().count() == 1;
        let program = if is_name { path.to_owned() } else { std::path::absolute(path)? };
        // An empty file, because one that does not exist is complained about on standard output.
        let output = command(&program, None)
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .arg("version")
            .output()
            .with_context(|| format!("cannot run `{}`", program.display()))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let (product, version, minor) = introduced(&printed).with_context(|| {
            format!("`{}` is neither a Terraform nor an OpenTofu: {printed}", program.display())
        })?;
        Ok(Terraform { program, product, version: version.to_owned(), minor })
    }

    /// How to start it by hand.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Who makes it.
    pub fn product(&self) -> Product {
        self.product
    }

    /// Its version, such as `1.12.6`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its version without the last number, such as `1.12`.
    pub fn minor(&self) -> String {
        format!("{}.{}", self.minor.0, self.minor.1)
    }

    /// Whether it has a feature.
    pub fn has(&self, feature: Feature) -> bool {
        feature.since(self.product).is_some_and(|first| self.minor >= first)
    }

    /// What is said of it where it does not have a feature.
    pub fn lacks(&self, feature: Feature) -> String {
        format!("{self} has no {}", feature.name())
    }

    /// A command of the program, without the user's settings, in a network namespace if one is
    /// named.
    pub(super) fn command(&self, namespace: Option<&str>) -> Command {
        command(&self.program, namespace)
    }
}

impl fmt::Display for Product {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Display for Terraform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.product, self.version)
    }
}

fn command(program: &Path, namespace: Option<&str>) -> Command {
    let mut command = match namespace {
        None => Command::new(program),
        Some(namespace) => {
            let mut command = Command::new("ip");
            command.args(["netns", "exec", namespace]).arg(program);
            command
        }
    };
    command
        .env_remove("TF_CLI_CONFIG_FILE")
        .env_remove("TF_LOG")
        .env_remove("SSH_AUTH_SOCK")
        .env_remove("NMSTATE_HOST")
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        .stdin(Stdio::null());
    command
}

/// The product and version in what a program prints of itself, `OpenTofu v1.12.6`.
fn introduced(printed: &str) -> Option<(Product, &str, (u16, u16))> {
    let (name, version) = printed.lines().next()?.split_once(" v")?;
    let product = Product::ALL.into_iter().find(|product| product.name() == name)?;
    let mut numbers = version.split(['.', '-']).map_while(|number| number.parse().ok());
    Some((product, version, (numbers.next()?, numbers.next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_introduces_itself() {
        let printed = "OpenTofu v1.12.6\non linux_amd64\n";
        assert_eq!(introduced(printed), Some((Product::OpenTofu, "1.12.6", (1, 12))));
        let printed = "Terraform v1.16.0-dev\non linux_amd64\n";
        assert_eq!(introduced(printed), Some((Product::Terraform, "1.16.0-dev", (1, 16))));
        for printed in ["", "GNU bash, version 5.2", "Terraform v1\n", "Pulumi v3.1.0\n"] {
            assert_eq!(introduced(printed), None, "{printed}");
        }
    }
}
