//! What must not be seen is seen nowhere: not in what Terraform prints or logs, not in the
//! arguments or the environment of a process on the host, not in a file that stays behind.

use std::fs;

use acceptance_tests::terraform::Run;
use anyhow::{Context, Result, ensure};

use super::Scenario;

/// Opens the login of `viewer`.
const LOGIN: &str = "s3cret-of-the-login";
/// What sudo asks for, which is root's own.
const SUDO: &str = "s3cret-of-root";
/// In the document that is applied.
const DOCUMENT: &str = "s3cret-of-the-port";

/// Notes the words of all processes until told to stop; where nothing is searched later.
const WATCH: &str = "
while [ ! -e /root/stop ]; do
    cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | sort -u >>/root/seen || :
    sleep 0.05
done
";

#[test]
fn stay_secret() -> Result<()> {
    let scenario = Scenario::way("secret")?;
    scenario.set_password("viewer", LOGIN)?;
    scenario.set_password("root", SUDO)?;
    scenario.host.shell(
        "printf '%s\\n' 'Defaults:viewer rootpw' 'viewer ALL=(root) ALL' >/etc/sudoers.d/way\n\
         chmod 0440 /etc/sudoers.d/way",
    )?;
    scenario.configure_sshd("PasswordAuthentication yes")?;
    let ssh = format!(
        "agent = false\nconfig_file = \"none\"\n{}\npassword = \"{LOGIN}\"",
        scenario.lab_known_hosts()
    );
    scenario.configure_way(
        &scenario.destination("viewer"),
        &ssh,
        &format!("sudo_password = \"{SUDO}\""),
    )?;
    scenario.workspace.write("port.tf", &port())?;

    let host = (*scenario.host).clone();
    let watcher = std::thread::spawn(move || host.shell(WATCH));
    let log = scenario.workspace.path().join("provider.log");
    let run = scenario
        .terraform("apply")
        .env("TF_LOG_PROVIDER", "trace")
        .env("TF_LOG_PATH", &log)
        .output();
    scenario.host.shell("touch /root/stop")?;
    let watched = watcher.join().map_err(|_| anyhow::anyhow!("the watcher panicked"))?;
    watched?;
    let run = Run::from(run?);
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    let profiles = "grep -rlF s3cret-of-the-port /etc/NetworkManager/system-connections";
    scenario.host.shell(profiles).context("the secret is to arrive at NetworkManager")?;

    let log = fs::read_to_string(log)?;
    let seen = scenario.host.shell("cat /root/seen")?;
    ensure!(log.contains("logged in"), "the provider's log is missing");
    for word in ["--no-commit", "-S", "systemd-stdio-bridge"] {
        ensure!(seen.lines().any(|line| line == word), "the watcher missed `{word}`");
    }
    for secret in [LOGIN, SUDO, DOCUMENT] {
        let places =
            [("stdout", &run.stdout), ("stderr", &run.stderr), ("log", &log), ("process", &seen)];
        for (place, text) in places {
            let line = text.lines().find(|line| line.contains(secret));
            ensure!(line.is_none(), "`{secret}` is in the {place}: {line:?}");
        }
        let search = ["grep", "-rlF", "-f", "-", "/tmp", "/var/tmp", "/run", "/dev/shm"];
        let found = scenario.host.exec_with_input(&search, format!("{secret}\n").as_bytes())?;
        ensure!(found.stdout.is_empty(), "`{secret}` is in files: {}", found.stdout);
    }
    Ok(())
}

fn port() -> String {
    format!(
        r#"
resource "nmstate_interface" "eth1" {{
  name       = "eth1"
  type       = "ethernet"
  depends_on = [nmstate_linux_bridge.br0]
  ieee_802_1x = {{
    identity    = "lab"
    eap_methods = ["md5"]
    password    = "{DOCUMENT}"
  }}
}}
"#
    )
}
