//! A configuration and its state, each in a directory of its own.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::plan::changes;
use super::program::Terraform;
use super::provider::provider_binary;
use super::run::Run;

/// The provider's source address below the registry's host.
const SOURCE: &str = "nmstate/nmstate";
/// The version in the mirror; it follows the workspace.
const PROVIDER_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A directory with a configuration and its state, removed at the end.
#[derive(Debug)]
pub struct Workspace {
    directory: TempDir,
    terraform: Terraform,
    /// The network namespace that Terraform runs in, if not this machine's own.
    namespace: Option<String>,
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

    /// The program that runs here.
    pub fn terraform(&self) -> &Terraform {
        &self.terraform
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
        let mut command = self.terraform.command(self.namespace.as_deref());
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
