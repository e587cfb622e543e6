//! Proving who one is: a key with a passphrase, an agent's key, a password.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use acceptance_tests::Host;
use acceptance_tests::terraform::Run;
use anyhow::{Context, Result, ensure};

use super::{RESTART_LIMIT, Scenario};

const PASSPHRASE: &str = "correct horse battery staple";
const PASSWORD: &str = "pa55-of-the-operator";

#[test]
fn key_with_passphrase() -> Result<()> {
    let scenario = Scenario::way("passphrase")?;
    let root = scenario.destination("root");
    let known_hosts = scenario.lab_known_hosts();
    let settings = |key: &Path, further: &str| {
        format!(
            "agent = false\nconfig_file = \"none\"\n{known_hosts}\nidentity_file = \"{}\"\n{further}",
            key.display()
        )
    };
    let right = format!("passphrase = \"{PASSPHRASE}\"");
    // OpenSSH's own form, and the older PEM.
    let key = new_key(&scenario, "id_own", &["-t", "ed25519"])?;
    let pem = new_key(&scenario, "id_pem", &["-t", "rsa", "-m", "PEM"])?;

    scenario.configure_way(&root, &settings(&key, &right), "")?;
    scenario.apply_bridge()?;
    scenario.configure_way(&root, &settings(&pem, &right), "")?;
    scenario.plan_bridge()?;
    let text = format!(
        "agent = false\nconfig_file = \"none\"\n{known_hosts}\n{right}\n\
         private_key = file(\"{}\")\nidentity_file = \"{}\"",
        key.display(),
        scenario.workspace.path().join("no-such-key").display()
    );
    scenario.configure_way(&root, &text, "")?;
    scenario.plan_bridge()?;

    for key in [&key, &pem] {
        let name = key.display().to_string();
        scenario.configure_way(&root, &settings(key, "passphrase = \"wrong words\""), "")?;
        let error = scenario.plan_fails(&[&name, "the passphrase does not open it"])?;
        ensure!(!error.contains("wrong words"), "{error}");
        scenario.configure_way(&root, &settings(key, ""), "")?;
        scenario.plan_fails(&[&name, "needs a passphrase", "`ssh.passphrase`"])?;
    }
    Ok(())
}

#[test]
fn agent() -> Result<()> {
    let scenario = Scenario::way("agent")?;
    let agent = Agent::start(&scenario.workspace.path().join("agent.sock"))?;
    agent.add(&scenario.host)?;
    let ssh = format!("agent = true\nconfig_file = \"none\"\n{}", scenario.lab_known_hosts());
    scenario.configure_way(&scenario.destination("root"), &ssh, "")?;
    let run = |verb: &str| -> Result<Run> {
        let command = &mut scenario.terraform(verb);
        Ok(Run::from(command.env("SSH_AUTH_SOCK", &agent.socket).output()?))
    };
    run("apply")?.succeeded()?;
    scenario.host.shell("test -d /sys/class/net/br0")?;
    let plan = run("plan")?.succeeded()?;
    ensure!(plan.stdout.contains("No changes."), "{}", plan.stdout);

    // It was the agent's key that let us in: without it there is no way.
    scenario.plan_fails(&["ssh-agent: `SSH_AUTH_SOCK` is not set"])?;
    agent.ssh_add(&[Path::new("-D")])?;
    let error = run("plan")?.failed()?;
    ensure!(error.contains("ssh-agent: no key that may be offered"), "{error}");
    Ok(())
}

#[test]
fn password() -> Result<()> {
    let scenario = Scenario::way("password")?;
    scenario.set_password("operator", PASSWORD)?;
    let operator = scenario.destination("operator");
    let configure = |password: &str| {
        let ssh = format!(
            "agent = false\nconfig_file = \"none\"\n{}\npassword = \"{password}\"",
            scenario.lab_known_hosts()
        );
        scenario.configure_way(&operator, &ssh, "")
    };
    // A host that takes no password says so, and is not sent one.
    configure(PASSWORD)?;
    scenario.plan_fails(&["operator@", "takes publickey", "nothing to try"])?;

    scenario.configure_sshd("PasswordAuthentication yes")?;
    scenario.apply_bridge()?;
    ensure!(accepted(&scenario.host)?.contains("Accepted password for operator"));

    scenario.configure_sshd("KbdInteractiveAuthentication yes")?;
    scenario.plan_bridge()?;
    ensure!(accepted(&scenario.host)?.contains("Accepted keyboard-interactive/pam for operator"));

    configure("not-the-password")?;
    let error =
        scenario.plan_fails(&["operator@", "keyboard-interactive: Authentication failed"])?;
    ensure!(!error.contains("not-the-password"), "{error}");
    Ok(())
}

/// The last login that the host has noted.
fn accepted(host: &Host) -> Result<String> {
    host.shell("grep '^Accepted ' /run/lab/sshd.log | tail -n 1")
}

/// A key of its own that the host's users accept, in the workspace.
fn new_key<H: std::ops::Deref<Target = Host>>(
    scenario: &Scenario<H>,
    name: &str,
    kind: &[&str],
) -> Result<PathBuf> {
    let file = scenario.workspace.path().join(name);
    let mut command = Command::new("ssh-keygen");
    command.arg("-q").args(kind).args(["-N", PASSPHRASE, "-f"]).arg(&file);
    let output = command.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let public = fs::read(file.with_extension("pub"))?;
    let append = ["/bin/sh", "-c", "cat >>/etc/ssh/lab_authorized_keys"];
    let output = scenario.host.exec_with_input(&append, &public)?;
    ensure!(output.status == 0, "{}", output.stderr);
    Ok(file)
}

/// A private ssh-agent that ends with the value.
struct Agent {
    process: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(socket: &Path) -> Result<Agent> {
        let process = Command::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(socket)
            .stdout(Stdio::null())
            .spawn()
            .context("cannot run `ssh-agent`")?;
        let agent = Agent { process, socket: socket.to_owned() };
        let started = Instant::now();
        while !socket.exists() {
            ensure!(started.elapsed() < RESTART_LIMIT, "the ssh-agent does not listen");
            std::thread::yield_now();
        }
        Ok(agent)
    }

    fn add(&self, host: &Host) -> Result<()> {
        self.ssh_add(&[&host.identity_file()])
    }

    fn ssh_add(&self, arguments: &[&Path]) -> Result<()> {
        let mut command = Command::new("ssh-add");
        let output =
            command.arg("-q").args(arguments).env("SSH_AUTH_SOCK", &self.socket).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
