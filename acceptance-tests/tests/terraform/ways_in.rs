//! Every way to reach a host and to log in there, through to a bridge that exists afterwards.
//!
//! What SSH does is the same for each version of Terraform, so these run on one. Nothing of the
//! person who runs them takes part: the home directory is the workspace.

mod host_key;
mod login;
mod privilege;
mod route;
mod secrets;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use acceptance_tests::terraform::{Run, Version};
use acceptance_tests::{Host, Temporary};
use anyhow::{Context, Result, ensure};

use super::Scenario;

/// The resource that each of these applies.
const BRIDGE: &str = "resource \"nmstate_linux_bridge\" \"br0\" {\n  name = \"br0\"\n}\n";
/// Longer than the lab takes to start an sshd again.
const RESTART_LIMIT: Duration = Duration::from_secs(15);

impl Scenario<Temporary> {
    fn way(name: &str) -> Result<Self> {
        Self::namespace(Version::V1_11, &format!("way-{name}-"))
    }
}

impl<H: std::ops::Deref<Target = Host>> Scenario<H> {
    /// The lab's host as a destination of this user.
    fn destination(&self, user: &str) -> String {
        format!("{user}@{}:{}", self.host.address(), self.host.port())
    }

    /// `identity_file` and `known_hosts_file` as the lab has them.
    fn lab_files(&self) -> String {
        format!("{}\n{}", self.lab_identity(), self.lab_known_hosts())
    }

    fn lab_identity(&self) -> String {
        format!("identity_file = \"{}\"", self.host.identity_file().display())
    }

    fn lab_known_hosts(&self) -> String {
        format!("known_hosts_file = \"{}\"", self.host.known_hosts_file().display())
    }

    /// Configures one bridge on the host of this name. `ssh` is all that the `ssh` attribute has.
    fn configure_way(&self, host: &str, ssh: &str, settings: &str) -> Result<()> {
        self.workspace.configure(&format!(
            "provider \"nmstate\" {{\nhost = \"{host}\"\nssh = {{\n{ssh}\n}}\n{settings}\n}}\n{BRIDGE}"
        ))
    }

    /// A command of Terraform that sees only this of its surroundings.
    fn terraform(&self, verb: &str) -> Command {
        let mut command = self.workspace.command([verb]);
        command.env("HOME", self.workspace.path());
        command
    }

    fn run_way(&self, verb: &str) -> Result<Run> {
        Ok(Run::from(self.terraform(verb).output()?))
    }

    /// Applies the bridge, finds it on the host, and plans once more.
    fn apply_bridge(&self) -> Result<()> {
        self.run_way("apply")?.succeeded()?;
        self.host.shell("test -d /sys/class/net/br0")?;
        self.plan_bridge()
    }

    /// The plan of a bridge that exists has seen the host, and has nothing to do.
    fn plan_bridge(&self) -> Result<()> {
        let logins = self.host.logins()?;
        let run = self.run_way("plan")?.succeeded()?;
        ensure!(run.stdout.contains("No changes."), "{}", run.stdout);
        ensure!(self.host.logins()? > logins, "the plan did not log in");
        Ok(())
    }

    /// The error of a plan that cannot succeed; it has each of these words.
    fn plan_fails(&self, words: &[&str]) -> Result<String> {
        let error = self.run_way("plan")?.failed()?;
        for word in words {
            ensure!(error.contains(word), "`{word}` is missing in: {error}");
        }
        Ok(error)
    }

    /// Gives a user of the host a password.
    fn set_password(&self, user: &str, password: &str) -> Result<()> {
        let line = format!("{user}:{password}\n");
        let output = self.host.exec_with_input(&["chpasswd"], line.as_bytes())?;
        ensure!(output.status == 0, "{}", output.stderr);
        Ok(())
    }

    /// Puts settings before all others of the host's sshd, and waits until they hold.
    fn configure_sshd(&self, settings: &str) -> Result<()> {
        let listening = || -> Result<usize> {
            let log = self.host.shell("cat /run/lab/sshd.log")?;
            Ok(log.lines().filter(|line| line.starts_with("Server listening")).count())
        };
        let before = listening()?;
        let script = format!(
            "printf '%s\\n' '{settings}' >/etc/ssh/sshd_config.d/00-way.conf\n\
             kill \"$(cat /run/sshd.pid)\""
        );
        self.host.shell(&script)?;
        let started = Instant::now();
        while listening()? == before {
            ensure!(started.elapsed() < RESTART_LIMIT, "sshd did not start again");
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// The public key of the host, as a known_hosts line has it.
    fn host_public_key(&self) -> Result<String> {
        public_key(&self.host)
    }
}

/// A host's public key: its type and its base64 form.
pub(super) fn public_key(host: &Host) -> Result<String> {
    let file = host.known_hosts_file();
    let line = fs::read_to_string(&file)?;
    let mut words = line.split_whitespace().skip(1);
    let (kind, key) = words.next().zip(words.next()).context("a known_hosts line has a key")?;
    Ok(format!("{kind} {key}"))
}
