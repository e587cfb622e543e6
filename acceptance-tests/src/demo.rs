//! The main job on a VM host, with progress: what `make demo` shows.
//!
//! The configuration is the one in `examples/demo`, copied into a workspace of its own, so what is
//! shown is what a user can copy. Nothing is staged: the figures are measured, the errors are the
//! provider's own, and a step that does not end as it should ends the demo with everything that
//! Terraform or OpenTofu printed.

mod screen;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::terraform::{Run, Terraform, Workspace, differing};
use crate::{Host, Kind, Lab, Request};
use screen::Screen;

/// Takes the address of the management NIC away, as a typing error in a configuration would.
const MISTAKE: &str = "\
resource \"nmstate_interface\" \"management\" {
  name = \"eth0\"
  type = \"ethernet\"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = \"10.0.2.51\", prefix_length = 24 }]
  }
}
";

/// What the apply has made.
const SHOW: &str = "ip -br address show dev br0; ip -br address show dev bond0.100; \
                    ip route show 198.51.100.0/24; grep nameserver /etc/resolv.conf";

/// What somebody does by hand on the host.
const DRIFT: &str = "ip link set br0 mtu 1400";

/// Shows everything; the host stays.
pub fn run() -> Result<()> {
    let mut screen = Screen::new();
    let host = start_host(&mut screen)?;
    let demo = Demo { workspace: workspace(&mut screen, &host)?, host };
    let before = demo.configured()?;
    demo.plan(&mut screen)?;
    demo.apply(&mut screen)?;
    demo.second_plan(&mut screen)?;
    demo.drift(&mut screen)?;
    demo.repair(&mut screen)?;
    demo.cut(&mut screen)?;
    demo.destroy(&mut screen, &before)?;
    screen.end(&demo.host);
    Ok(())
}

struct Demo {
    workspace: Workspace,
    host: Host,
}

fn start_host(screen: &mut Screen) -> Result<Host> {
    screen.step("Start a host", "a Debian VM with NetworkManager, nmstatectl and sshd");
    let lab = Lab::from_environment()?.with_progress(screen::say);
    let running = lab.host("demo1").and_then(|host| host.is_running()).unwrap_or(false);
    let hosts = lab.up(&Request::new(Kind::Vm, "demo", 1))?;
    let host = hosts.into_iter().next().context("the lab started no host")?;
    if running {
        screen.line("it runs already: back to its clean snapshot");
        host.reset()?;
    }
    let links = host.shell("ls /sys/class/net")?;
    screen.line(&format!("NICs: {}", links.split_whitespace().collect::<Vec<_>>().join(" ")));
    screen.done();
    Ok(host)
}

fn workspace(screen: &mut Screen, host: &Host) -> Result<Workspace> {
    let terraform = Terraform::any()?;
    let (product, command) = (terraform.product(), terraform.product().command());
    screen.step(
        &format!("Prepare {product}"),
        &format!("{command} init, with examples/demo/main.tf"),
    );
    screen.line(&format!("program: {}, {terraform}", terraform.program().display()));
    let workspace = Workspace::new(terraform)?;
    // The example names the provider itself.
    workspace.write("versions.tf", "")?;
    workspace.write("terraform.tfvars", &variables(host))?;
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/demo/main.tf");
    let configuration = fs::read_to_string(&example)
        .with_context(|| format!("cannot read `{}`", example.display()))?;
    workspace.configure(&configuration)?;
    screen.done();
    Ok(workspace)
}

fn variables(host: &Host) -> String {
    format!(
        "address          = \"{}\"\nport             = {}\nuser             = \"{}\"\n\
         identity_file    = \"{}\"\nknown_hosts_file = \"{}\"\n",
        host.address(),
        host.port(),
        host.user(),
        host.identity_file().display(),
        host.known_hosts_file().display()
    )
}

impl Demo {
    fn plan(&self, screen: &mut Screen) -> Result<()> {
        screen.step("Plan", &self.line("plan -out=demo.plan"));
        let run = self.workspace.run(["plan", "-out=demo.plan"])?.succeeded()?;
        screen.plan(&run.stdout);
        screen.done();
        Ok(())
    }

    fn apply(&self, screen: &mut Screen) -> Result<()> {
        screen.step("Apply", &self.line("apply demo.plan"));
        screen.line(
            "twice (what refers to another waits for it): checkpoint, apply, new SSH login, commit",
        );
        let run = self.workspace.run(["apply", "demo.plan"])?.succeeded()?;
        screen.progress(&run.stdout);
        let shown = self.host.shell(SHOW)?;
        screen.line("on the host:");
        screen.lines(shown.lines());
        screen.done();
        Ok(())
    }

    fn second_plan(&self, screen: &mut Screen) -> Result<()> {
        screen.step("Plan again", &self.line("plan -detailed-exitcode"));
        self.nothing_to_do(screen)?;
        screen.done();
        Ok(())
    }

    fn drift(&self, screen: &mut Screen) -> Result<()> {
        screen.step("Change the host by hand", DRIFT);
        self.host.shell(DRIFT)?;
        screen.line(&self.line("plan -detailed-exitcode finds:"));
        let run = self.workspace.run(["plan", "-detailed-exitcode"])?;
        if run.status != 2 {
            bail!("the plan did not find the drift:\n{}", everything(&run));
        }
        screen.plan(&run.stdout);
        screen.done();
        Ok(())
    }

    fn repair(&self, screen: &mut Screen) -> Result<()> {
        screen.step("Repair it", &self.line("apply, and plan once more"));
        let run = self.workspace.apply()?;
        screen.progress(&run.stdout);
        self.nothing_to_do(screen)?;
        screen.done();
        Ok(())
    }

    fn cut(&self, screen: &mut Screen) -> Result<()> {
        screen.step("Cut the connection", "a wrong address for eth0, which carries SSH");
        self.workspace.write("mistake.tf", MISTAKE)?;
        screen.line(&self.line("plan -out=mistake.plan warns:"));
        let plan = self.workspace.run(["plan", "-out=mistake.plan"])?.succeeded()?;
        screen.messages(&plan.stdout);
        screen.line(&self.line("apply mistake.plan all the same:"));
        let run = self.workspace.run(["apply", "mistake.plan"])?;
        let text = everything(&run);
        if run.status == 0 || !text.contains("no answer for") {
            bail!("the change did not cut the connection:\n{text}");
        }
        screen.messages(&run.stderr);
        let seconds = outage(&text).with_context(|| format!("no seconds of outage in:\n{text}"))?;
        screen.line(&format!("outage: {seconds} s, ended by the host itself"));
        fs::remove_file(self.workspace.path().join("mistake.tf"))?;
        self.nothing_to_do(screen)?;
        screen.done();
        Ok(())
    }

    fn destroy(&self, screen: &mut Screen, before: &Value) -> Result<()> {
        screen.step("Destroy", &self.line("destroy"));
        let run = self.workspace.destroy()?;
        screen.progress(&run.stdout);
        let after = self.configured()?;
        let mut differences = Vec::new();
        differing(before, &after, "", &mut differences);
        ensure!(
            differences.is_empty(),
            "the host is not as before; `nmstatectl show -r` differs at: {}",
            differences.join(", ")
        );
        screen.line("`nmstatectl show -r` on the host is the same as before the first apply");
        screen.done();
        Ok(())
    }

    fn nothing_to_do(&self, screen: &mut Screen) -> Result<()> {
        let run = self.workspace.run(["plan", "-detailed-exitcode"])?;
        if run.status != 0 {
            bail!("the plan is not empty:\n{}", everything(&run));
        }
        screen.line(&self.line("plan: no changes"));
        Ok(())
    }

    /// What a user types for this, such as `tofu plan`.
    fn line(&self, arguments: &str) -> String {
        format!("{} {arguments}", self.workspace.terraform().product().command())
    }

    fn configured(&self) -> Result<Value> {
        let shown = self.host.shell("nmstatectl show -r --json")?;
        serde_json::from_str(&shown).context("`nmstatectl show` answered no JSON")
    }
}

fn everything(run: &Run) -> String {
    format!("{}{}", run.stdout, run.stderr)
}

/// The seconds in `no answer for 12.3 s`.
fn outage(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("no answer for")?;
    rest.split(['\u{2502}', ' ', '\n']).find(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outage_is_found_across_a_line_break() {
        assert_eq!(outage("cut; no answer for 12.3 s; the host"), Some("12.3"));
        assert_eq!(outage("no answer for\n\u{2502} 9.0 s"), Some("9.0"));
        assert_eq!(outage("all is well"), None);
    }
}
