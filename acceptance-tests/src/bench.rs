//! What the product costs, measured: the program behind `make bench`.
//!
//! Every figure stands beside a baseline of the same run wherever there is one, because the
//! machine and its load differ more than the program does. The goals are printed and never
//! asserted: a busy machine is no bug.

mod fleet;
mod measure;
mod scale;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::terraform::{Terraform, Workspace, provider_binary, provider_block};
use crate::{HostOptions, Kind, Lab, Temporary};
use measure::{Samples, seconds};
use table::{Entry, Table};

/// A certificate as core sends it, P-521; its key is thrown away, as nobody connects.
const CLIENT_CERTIFICATE: &str = include_str!("bench/client.pem");

/// The one resource that is the baseline of the many.
const ONE: &str = "\
resource \"nmstate_linux_bridge\" \"one\" {
  name    = \"one\"
  options = { stp = { enabled = false } }
}
";

/// With the one, 50: bridges on veths with an address each, a route over each, the resolver.
const FORTY_NINE: &str = r#"
locals {
  numbers = toset([for number in range(16) : tostring(number)])
}

resource "nmstate_interface" "veth" {
  for_each = local.numbers
  name     = "veth${each.key}"
  type     = "veth"
  veth     = { peer = "peer${each.key}" }
}

resource "nmstate_linux_bridge" "bridge" {
  for_each = local.numbers
  name     = "br${each.key}"
  port     = [{ name = nmstate_interface.veth[each.key].name }]
  options  = { stp = { enabled = false } }
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "10.77.${each.key}.1", prefix_length = 24 }]
  }
}

resource "nmstate_route" "route" {
  for_each           = local.numbers
  destination        = "10.78.${each.key}.0/24"
  next_hop_interface = nmstate_linux_bridge.bridge[each.key].name
  next_hop_address   = "10.77.${each.key}.254"
}

resource "nmstate_dns_resolver" "this" {
  server = ["192.0.2.53"]
}
"#;

/// A part of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Start, memory and contact of the provider, and documents of thousands of interfaces.
    Provider,
    /// Ten bridges on 64 hosts by Ansible.
    Fleet,
}

/// Measures these parts, prints the table and writes `target/bench.json`.
pub fn run(parts: &[Part]) -> Result<()> {
    let mut table = Table::default();
    for part in parts {
        match part {
            Part::Provider => measure_provider(&mut table)?,
            Part::Fleet => fleet::measure(&mut table)?,
        }
    }
    table.print();
    let path = target_directory().join("bench.json");
    table.write(&path).with_context(|| format!("cannot write `{}`", path.display()))?;
    measure::say(&format!("\nwritten to {}", path.display()));
    Ok(())
}

fn measure_provider(table: &mut Table) -> Result<()> {
    let provider = provider_binary()?;
    start_up(&provider, table)?;
    scale::measure(table)?;
    let lab = Lab::from_environment()?;
    let host = lab.temporary(Kind::Namespace, "bench", &HostOptions::default())?;
    let terraform = Terraform::any()?;
    table.planned_by(terraform.to_string());
    let bench = Bench { workspace: Workspace::with_provider(terraform, &provider)?, host };
    bench.login(table)?;
    bench.memory(&provider, table)?;
    bench.many(table)
}

struct Bench {
    // The workspace goes first: nothing may run against a host that is gone.
    workspace: Workspace,
    host: Temporary,
}

/// From the start of the process to its handshake line, as core waits for it.
fn start_up(provider: &Path, table: &mut Table) -> Result<()> {
    measure::say("start of the provider, 30 times");
    let mut starts = Samples::default();
    let mut baseline = Samples::default();
    for _ in 0..30 {
        baseline.push(measure::start_of_true()?);
        starts.push(measure::start_of_provider(provider, CLIENT_CERTIFICATE)?);
    }
    let (median, p95) = (starts.quantile(0.5), starts.quantile(0.95));
    let start = Entry::new("provider_start_median", median * 1000.0, "ms");
    table.add(start.against("start of /bin/true", baseline.quantile(0.5) * 1000.0).goal("< 10 ms"));
    let start = Entry::new("provider_start_p95", p95 * 1000.0, "ms");
    table.add(start.against("start of /bin/true", baseline.quantile(0.95) * 1000.0));
    Ok(())
}

impl Bench {
    /// One login by the provider, beside the OpenSSH client's.
    fn login(&self, table: &mut Table) -> Result<()> {
        measure::say("SSH logins");
        self.configure(ONE)?;
        let (mut ours, mut openssh) = (Samples::default(), Samples::default());
        for _ in 0..5 {
            let mut plan = self.workspace.command(["plan"]);
            let output = plan.env("TF_LOG_PROVIDER", "debug").output()?;
            let log = String::from_utf8_lossy(&output.stderr);
            let login = measure::logged_login(&log)
                .with_context(|| format!("the provider's log names no login:\n{log}"))?;
            ours.push(login);
            openssh.push(seconds(|| {
                let status = self.host.ssh_command(self.host.user()).arg("true").status()?;
                ensure!(status.success(), "`ssh` cannot log in");
                Ok(())
            })?);
        }
        let login = Entry::new("ssh_login", ours.quantile(0.5) * 1000.0, "ms");
        table.add(login.against("ssh HOST true", openssh.quantile(0.5) * 1000.0));
        Ok(())
    }

    /// The provider's resident memory after a plan, with its connection to the host open.
    fn memory(&self, provider: &Path, table: &mut Table) -> Result<()> {
        measure::say("memory with one host");
        self.configure(ONE)?;
        let serving = measure::Serving::start(provider)?;
        let idle = serving.memory()?;
        let mut plan = self.workspace.command(["plan"]);
        let output = plan.env("TF_REATTACH_PROVIDERS", serving.reattach()).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let after = serving.memory()?;
        let resident = Entry::new("provider_resident_one_host", after.resident, "MB");
        table.add(resident.against("before the plan", idle.resident).goal("< 20 MB"));
        table.add(Entry::new("provider_resident_peak", after.peak, "MB"));
        Ok(())
    }

    /// What 50 resources cost beside one.
    fn many(&self, table: &mut Table) -> Result<()> {
        measure::say("a plan of 1 resource");
        self.configure(ONE)?;
        self.workspace.apply()?;
        let one = self.plan()?;
        measure::say("50 resources");
        self.configure(&format!("{ONE}{FORTY_NINE}"))?;
        let transactions = self.calls("apply")?;
        let first = seconds(|| self.workspace.apply().map(drop))?;
        let transactions = self.calls("apply")? - transactions;

        let contact = (self.host.logins()?, self.calls("show")?);
        self.workspace.run(["plan"])?.succeeded()?;
        let logins = self.host.logins()? - contact.0;
        let shows = self.calls("show")? - contact.1;
        let fifty = self.plan()?;
        let unchanged = seconds(|| self.workspace.apply().map(drop))?;

        let plan_of_one = "plan of 1 resource";
        table.add(Entry::new("plan_of_1", one, "s"));
        table.add(Entry::new("plan_of_50", fifty, "s").against(plan_of_one, one));
        table.add(Entry::new("logins_for_plan_of_50", logins as f64, "").goal("1"));
        table.add(Entry::new("shows_for_plan_of_50", shows as f64, "").goal("1"));
        table.add(Entry::new("unchanged_apply_of_50", unchanged, "s").against("its plan", fifty));
        table.add(Entry::new("first_apply_of_49", first, "s").against("its plan", fifty));
        table.add(
            Entry::new("transactions_for_first_apply_of_49", transactions as f64, "")
                .against("resources", 49.0),
        );
        Ok(())
    }

    fn configure(&self, text: &str) -> Result<()> {
        self.workspace.configure(&format!("{}{text}", provider_block(&[&*self.host], "")))
    }

    /// The seconds of a plan, median of three.
    fn plan(&self) -> Result<f64> {
        let mut plans = Samples::default();
        for _ in 0..3 {
            plans.push(seconds(|| self.workspace.run(["plan"])?.succeeded().map(drop))?);
        }
        Ok(plans.quantile(0.5))
    }

    fn calls(&self, verb: &str) -> Result<usize> {
        let calls = self.host.nmstatectl_calls()?;
        Ok(calls.iter().filter(|call| call.split(' ').next() == Some(verb)).count())
    }
}

fn target_directory() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    workspace.unwrap_or(Path::new(".")).join("target")
}
