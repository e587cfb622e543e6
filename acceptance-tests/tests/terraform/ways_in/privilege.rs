//! Becoming root on the host: sudo that asks for a password.

use anyhow::{Result, ensure};

use super::Scenario;

const PASSWORD: &str = "pa55 of $the \\'viewer'";

#[test]
fn sudo_with_password() -> Result<()> {
    let scenario = Scenario::way("sudo")?;
    scenario.set_password("viewer", PASSWORD)?;
    scenario
        .host
        .shell("echo 'viewer ALL=(root) ALL' >/etc/sudoers.d/way\nchmod 0440 /etc/sudoers.d/way")?;
    let viewer = scenario.destination("viewer");
    let ssh = format!("agent = false\nconfig_file = \"none\"\n{}", scenario.lab_files());
    let configure = |password: Option<&str>| {
        let setting = password.map(|password| {
            let escaped = password.replace('\\', "\\\\");
            format!("sudo_password = \"{escaped}\"")
        });
        scenario.configure_way(&viewer, &ssh, &setting.unwrap_or_default())
    };
    configure(None)?;
    let error = scenario.run_way("apply")?.failed()?;
    ensure!(error.contains("sudo") && error.contains("password is required"), "{error}");
    ensure!(scenario.host.exec(&["test", "-d", "/sys/class/net/br0"])?.status == 1);

    configure(Some(PASSWORD))?;
    scenario.apply_bridge()?;

    configure(Some("not-the-password"))?;
    let error = scenario.plan_fails(&["sudo"])?;
    ensure!(error.contains("ncorrect password"), "{error}");
    ensure!(!error.contains("not-the-password"), "{error}");

    // With the right password for what sudo asks no password for, it must not reach the program.
    configure(Some(PASSWORD))?;
    scenario.host.shell("echo 'viewer ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/way")?;
    scenario.plan_bridge()
}
