//! The lab as a program. Results are on standard output, progress on standard error.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use acceptance_tests::ansible::{self, Ansible};
use acceptance_tests::terraform::{Terraform, Version};
use acceptance_tests::{Host, HostOptions, Kind, Lab, Release, Request, forward, setup};
use anyhow::{Result, anyhow};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::{Value, json};

/// Real test hosts: NetworkManager, nmstatectl and sshd in namespaces or virtual machines.
///
/// NMSTATE_LAB_DIR is where the lab is kept (target/lab), NMSTATE_LAB_CACHE where the root
/// filesystem and nmstatectl are (target/lab-cache).
#[derive(Parser)]
#[command(name = "lab")]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Install the programs that the lab needs (apt-get, as root or with sudo)
    Setup,
    /// Make what is made once: nmstatectl, the root filesystem, a booted machine, the Terraforms, Ansible
    Prepare,
    /// Print how VM hosts run on this machine: kvm or emulation
    Accelerator,
    /// Start hosts, or find those that run, and wait until SSH answers
    Up(Up),
    /// List the hosts
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a command in a host as root, past its network; the exit status is passed on
    Exec {
        /// Host
        name: String,
        /// Command and its arguments
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
    /// Cut a host's management path in both directions
    Cut {
        /// Host
        name: String,
        /// Restore it after this time; else until `restore` or `reset`
        #[arg(long)]
        seconds: Option<u64>,
    },
    /// End a cut
    Restore {
        /// Host
        name: String,
    },
    /// Make a clean host of it
    Reset {
        /// Host
        name: String,
    },
    /// Run a program of the lab's Ansible, such as `galaxy` or `playbook`
    Ansible {
        /// Its name without `ansible-`
        program: String,
        /// Its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Print the path of a Terraform: NMSTATE_TERRAFORM, the one in PATH, else the lab's own
    Terraform,
    /// Restart a host hard; what is on its disk stays
    Reboot {
        /// Host
        name: String,
    },
    /// End one host, or all
    Down {
        /// Host; all when missing
        name: Option<String>,
    },
    /// Carry connections from the socket on standard input to a host
    #[command(hide = true)]
    Forward {
        /// Where to
        destination: SocketAddr,
    },
}

#[derive(Args)]
struct Up {
    /// How the hosts are made
    #[arg(long, value_enum)]
    kind: KindArgument,
    /// How many
    #[arg(long, default_value_t = 1)]
    count: u16,
    /// Names are this and a number [default: ns or vm]
    #[arg(long)]
    name_prefix: Option<String>,
    /// What the hosts do without
    #[arg(long, value_enum)]
    without: Vec<Without>,
    /// Let NetworkManager manage the management interface of namespace hosts
    #[arg(long)]
    managed_mgmt: bool,
    /// The Debian that the hosts run
    #[arg(long, value_enum, default_value_t = ReleaseArgument::Stable)]
    release: ReleaseArgument,
    /// Number of data interfaces, eth1 and up
    #[arg(long, default_value_t = HostOptions::default().data_links)]
    data_links: u8,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindArgument {
    Namespace,
    Vm,
}

#[derive(Clone, Copy, ValueEnum)]
enum ReleaseArgument {
    Stable,
    Next,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Without {
    Nmstatectl,
    Networkmanager,
}

fn main() -> ExitCode {
    match run(Arguments::parse().action) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            say(&format!("lab: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(action: Action) -> Result<u8> {
    match action {
        Action::Setup => setup::install_missing(say)?,
        Action::Prepare => prepare()?,
        Action::Accelerator => writeln!(io::stdout(), "{}", lab()?.accelerator()?)?,
        Action::Up(up) => show(&lab()?.up(&up.request())?, up.json)?,
        Action::List { json } => show(&lab()?.hosts()?, json)?,
        Action::Exec { name, command } => return exec(&lab()?.host(&name)?, &command),
        Action::Cut { name, seconds } => cut(&lab()?.host(&name)?, seconds)?,
        Action::Restore { name } => lab()?.host(&name)?.restore()?,
        Action::Reset { name } => lab()?.host(&name)?.reset()?,
        Action::Reboot { name } => {
            let host = lab()?.host(&name)?;
            host.reboot()?;
            host.wait_until_ready()?;
        }
        Action::Ansible { program, arguments } => return run_ansible(&program, &arguments),
        Action::Terraform => {
            let terraform = Terraform::any()?;
            writeln!(io::stdout(), "{}", terraform.program().display())?;
        }
        Action::Down { name: Some(name) } => lab()?.host(&name)?.down()?,
        Action::Down { name: None } => lab()?.down()?,
        Action::Forward { destination } => forward::serve_standard_input(destination)?,
    }
    Ok(0)
}

fn lab() -> Result<Lab> {
    Ok(Lab::from_environment()?.with_progress(say))
}

/// Progress and errors. A closed standard error is no reason to stop.
fn say(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// Programs are fetched while the machine is made.
fn prepare() -> Result<()> {
    let lab = lab()?;
    thread::scope(|scope| {
        let programs = scope.spawn(programs);
        lab.prepare()?;
        programs
            .join()
            .map_err(|_| anyhow!("the installation of Terraform and Ansible panicked"))?
    })
}

fn programs() -> Result<()> {
    for version in Version::ALL {
        Terraform::of(version)?;
    }
    for version in ansible::Version::ALL {
        Ansible::of(version)?;
    }
    Ok(())
}

fn run_ansible(program: &str, arguments: &[String]) -> Result<u8> {
    let mut command = Ansible::of(ansible::Version::V2_19)?.command(&format!("ansible-{program}"));
    let status = command.args(arguments).status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}

impl Up {
    fn request(&self) -> Request {
        let (kind, prefix) = match self.kind {
            KindArgument::Namespace => (Kind::Namespace, "ns"),
            KindArgument::Vm => (Kind::Vm, "vm"),
        };
        let prefix = self.name_prefix.as_deref().unwrap_or(prefix);
        Request::new(kind, prefix, self.count).with_options(HostOptions {
            nmstatectl: !self.without.contains(&Without::Nmstatectl),
            networkmanager: !self.without.contains(&Without::Networkmanager),
            managed_management: self.managed_mgmt,
            release: match self.release {
                ReleaseArgument::Stable => Release::Stable,
                ReleaseArgument::Next => Release::Next,
            },
            data_links: self.data_links,
        })
    }
}

fn exec(host: &Host, command: &[String]) -> Result<u8> {
    let argv: Vec<&str> = command.iter().map(String::as_str).collect();
    let output = host.exec(&argv)?;
    io::stdout().write_all(output.stdout.as_bytes())?;
    io::stderr().write_all(output.stderr.as_bytes())?;
    Ok(u8::try_from(output.status).unwrap_or(u8::MAX))
}

fn cut(host: &Host, seconds: Option<u64>) -> Result<()> {
    host.cut()?;
    if let Some(seconds) = seconds {
        say(&format!("{} is cut for {seconds} s", host.name()));
        thread::sleep(Duration::from_secs(seconds));
        host.restore()?;
    }
    Ok(())
}

fn show(hosts: &[Host], as_json: bool) -> Result<()> {
    let mut output = io::stdout().lock();
    if as_json {
        let hosts = hosts.iter().map(describe).collect::<Result<Vec<Value>>>()?;
        writeln!(output, "{}", serde_json::to_string_pretty(&json!({ "hosts": hosts }))?)?;
        return Ok(());
    }
    writeln!(output, "{:<24} {:<10} {:<8} LOGIN", "NAME", "KIND", "STATE")?;
    for host in hosts {
        let login = format!("{:?}", host.ssh_command(host.user())).replace('"', "");
        let (name, kind, state) = (host.name(), host.kind().name(), state(host)?);
        writeln!(output, "{name:<24} {kind:<10} {state:<8} {login}")?;
    }
    Ok(())
}

fn describe(host: &Host) -> Result<Value> {
    Ok(json!({
        "name": host.name(),
        "kind": host.kind(),
        "state": state(host)?,
        "address": host.address(),
        "port": host.port(),
        "user": host.user(),
        "identity_file": host.identity_file(),
        "known_hosts_file": host.known_hosts_file(),
    }))
}

fn state(host: &Host) -> Result<&'static str> {
    Ok(match (host.is_running()?, host.is_cut()?) {
        (false, _) => "stopped",
        (true, true) => "cut",
        (true, false) => "running",
    })
}
