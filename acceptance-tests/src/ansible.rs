//! The real `ansible-playbook` from PyPI, with the collection as `make collection` builds it.
//!
//! Every run has a home, an inventory and a recorder of its own; nothing of the user's Ansible is
//! read. What tasks return is read from the recorder, because what is printed is for people.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::built::built;
use crate::command::run;
use crate::limits::Limits;
use crate::lock::lock;
use crate::{Host, Lab};

/// Writes what tasks return as JSON.
const RECORDER: &str = include_str!("ansible/record.py");
/// The collection's tarball, by the version of the workspace.
const TARBALL: &str = concat!("nmstate-host-", env!("CARGO_PKG_VERSION"), ".tar.gz");

/// The package of the community's collections that goes with the newest ansible-core.
const COMMUNITY: &str = "12.3.0";

/// A version of ansible-core that scenarios run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 2.14.18: the oldest that the collection is for.
    V2_14,
    /// 2.19.14: the newest for Python 3.11.
    V2_19,
}

impl Version {
    /// All versions that scenarios run on.
    pub const ALL: [Version; 2] = [Version::V2_14, Version::V2_19];

    /// The version's number.
    pub fn number(self) -> &'static str {
        match self {
            Version::V2_14 => "2.14.18",
            Version::V2_19 => "2.19.14",
        }
    }
}

/// The programs of Ansible.
#[derive(Debug, Clone)]
pub struct Ansible {
    programs: PathBuf,
}

/// A directory with an inventory and playbooks, removed at the end.
#[derive(Debug)]
pub struct Project {
    directory: TempDir,
    ansible: Ansible,
    /// Where collections are found.
    collections: PathBuf,
    /// The network namespace that Ansible runs in, if not this machine's own.
    namespace: Option<String>,
    /// How long a host may take to a login.
    login_limit: Duration,
}

/// What one run of a playbook printed and what its tasks returned.
#[derive(Debug)]
pub struct Play {
    /// The exit status.
    pub status: i32,
    /// Standard output and standard error.
    pub output: String,
    /// What the tasks returned, in order.
    pub results: Vec<TaskResult>,
}

/// What one task returned on one host.
#[derive(Debug)]
pub struct TaskResult {
    /// The host.
    pub host: String,
    /// The name of the task.
    pub task: String,
    /// `ok`, `failed` or `unreachable`.
    pub status: String,
    /// The result.
    pub value: Value,
}

impl Ansible {
    /// This version from PyPI, installed once into the lab's cache.
    pub fn of(version: Version) -> Result<Ansible> {
        let package = format!("ansible-core=={}", version.number());
        Ansible::installed(&format!("ansible-core-{}", version.number()), &[&package])
    }

    /// The newest version with the collections of the community, to be compared with.
    pub(crate) fn with_collections() -> Result<Ansible> {
        let core = format!("ansible-core=={}", Version::V2_19.number());
        let community = format!("ansible=={COMMUNITY}");
        Ansible::installed(&format!("ansible-{COMMUNITY}"), &[&core, &community])
    }

    fn installed(name: &str, packages: &[&str]) -> Result<Ansible> {
        let lab = Lab::from_environment()?;
        let cache = lab.cache();
        let environment = cache.directory.join(name);
        let programs = environment.join("bin");
        fs::create_dir_all(&cache.directory)?;
        let _lock = lock(&cache.directory.join(format!("{name}.lock")))?;
        let finished = environment.join("finished");
        if !finished.exists() {
            (cache.progress)(&format!("installing {}", packages.join(" ")));
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))
                .context("python3 with its module venv is needed: apt-get install python3-venv")?;
            run(Command::new(programs.join("pip")).args(["install", "-q"]).args(packages))?;
            // Without one Ansible looks for the user's.
            fs::write(environment.join("ansible.cfg"), "")?;
            fs::write(&finished, "")?;
        }
        Ok(Ansible { programs })
    }

    /// One of its programs, such as `ansible-galaxy`, that reads no settings of the user.
    pub fn command(&self, program: &str) -> Command {
        self.command_within(program, None)
    }

    fn command_within(&self, program: &str, namespace: Option<&str>) -> Command {
        let program = self.programs.join(program);
        let mut command = match namespace {
            None => Command::new(program),
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", namespace]).arg(program);
                command
            }
        };
        command
            .env("ANSIBLE_CONFIG", self.programs.join("../ansible.cfg"))
            .env("ANSIBLE_NOCOLOR", "1")
            .env_remove("SSH_AUTH_SOCK")
            .stdin(Stdio::null());
        command
    }
}

impl Project {
    /// A project whose inventory is these hosts, with the collection that was built.
    pub fn new(hosts: &[&Host]) -> Result<Project> {
        Project::on(Version::V2_19, hosts)
    }

    /// The same on this version.
    pub fn on(version: Version, hosts: &[&Host]) -> Result<Project> {
        Project::with(Ansible::of(version)?, hosts)
    }

    /// The same with these programs.
    pub(crate) fn with(ansible: Ansible, hosts: &[&Host]) -> Result<Project> {
        let directory = tempfile::Builder::new().prefix("nmstate-play-").tempdir()?;
        let project = Project {
            directory,
            ansible,
            collections: built("collection", "collection")?,
            namespace: None,
            login_limit: hosts
                .iter()
                .map(|host| host.limits().login)
                .max()
                .unwrap_or(Limits::FIXED.login),
        };
        fs::create_dir(project.path().join("callback"))?;
        project.write("callback/record.py", RECORDER)?;
        let lines: Vec<String> = hosts
            .iter()
            .map(|host| entry(host, host.address(), host.port(), &host.known_hosts_file()))
            .collect();
        project.write("inventory.ini", &format!("[servers]\n{}\n", lines.join("\n")))?;
        Ok(project)
    }

    /// A project in the network namespace of the lab, where a host has its management address.
    pub fn beside(host: &Host) -> Result<Project> {
        let namespace = host.controller_namespace().context("a VM host has no such namespace")?;
        let project = Project::new(&[])?;
        let known = fs::read_to_string(host.known_hosts_file())?;
        let key = known.split_once(' ').context("a host has a key")?.1;
        let address = host.management_address().to_string();
        project.write("known_hosts", &format!("{address} {key}"))?;
        let line = entry(host, &address, 22, &project.path().join("known_hosts"));
        project.write("inventory.ini", &format!("[servers]\n{line}\n"))?;
        Ok(Project { namespace: Some(namespace), ..project })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.path().join(name), text).with_context(|| format!("cannot write `{name}`"))
    }

    /// Runs a play over all hosts with these tasks, to its end.
    pub fn play(&self, tasks: &str, arguments: &[&str]) -> Result<Play> {
        self.write_play("", tasks)?;
        self.run("play.yml", arguments)
    }

    /// Writes such a play as `play.yml`, with further lines for its head.
    pub fn write_play(&self, head: &str, tasks: &str) -> Result<()> {
        let indented: String = tasks
            .trim_start_matches('\n')
            .lines()
            .fold(String::new(), |text, line| format!("{text}    {line}\n"));
        self.write(
            "play.yml",
            &format!("- hosts: servers\n  gather_facts: false\n{head}  tasks:\n{indented}"),
        )
    }

    /// Runs a playbook of the project to its end.
    pub fn run<S: AsRef<OsStr>>(&self, playbook: &str, arguments: &[S]) -> Result<Play> {
        let record = self.path().join("record.jsonl");
        fs::write(&record, "")?;
        let output = self.command(playbook, arguments).output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Play {
            status: output.status.code().unwrap_or(-1),
            output: format!("{}{}", text(&output.stdout), text(&output.stderr)),
            results: self.recorded()?,
        })
    }

    /// Starts a playbook; its output is thrown away.
    pub fn start(&self, playbook: &str) -> Result<Child> {
        fs::write(self.path().join("record.jsonl"), "")?;
        let mut command = self.command::<&str>(playbook, &[]);
        Ok(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
    }

    /// What the tasks of the last run have returned so far.
    pub fn recorded(&self) -> Result<Vec<TaskResult>> {
        let lines = fs::read_to_string(self.path().join("record.jsonl"))?;
        let read = |line: &str| -> Result<TaskResult> {
            let mut entry: Value = serde_json::from_str(line)?;
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let (host, task, status) = (text("host"), text("task"), text("status"));
            Ok(TaskResult { host, task, status, value: entry["result"].take() })
        };
        lines.lines().map(read).collect()
    }

    fn command<S: AsRef<OsStr>>(&self, playbook: &str, arguments: &[S]) -> Command {
        let mut command =
            self.ansible.command_within("ansible-playbook", self.namespace.as_deref());
        command
            .current_dir(self.path())
            .env("ANSIBLE_HOME", self.path().join("home"))
            .env("ANSIBLE_SSH_CONTROL_PATH_DIR", self.path().join("cp"))
            .env("ANSIBLE_SSH_ARGS", "-C -o ControlMaster=auto -o ControlPersist=15s")
            .env("ANSIBLE_TIMEOUT", self.login_limit.as_secs().to_string())
            .env("ANSIBLE_COLLECTIONS_PATH", &self.collections)
            .env("ANSIBLE_INVENTORY", self.path().join("inventory.ini"))
            .env("ANSIBLE_CALLBACK_PLUGINS", self.path().join("callback"))
            .env("ANSIBLE_CALLBACKS_ENABLED", "record")
            .env("RECORD", self.path().join("record.jsonl"))
            .arg(playbook)
            .args(arguments);
        command
    }
}

impl Play {
    /// Fails with everything that was printed unless the play succeeded.
    pub fn succeeded(self) -> Result<Play> {
        ensure!(self.status == 0, "ansible-playbook answered {}:\n{}", self.status, self.output);
        Ok(self)
    }

    /// What the task of this name returned on the first host.
    pub fn result(&self, task: &str) -> Result<&Value> {
        let found = self.results.iter().find(|result| result.task == task);
        let found = found.with_context(|| format!("no result of `{task}`:\n{}", self.output))?;
        Ok(&found.value)
    }
}

/// The collection's tarball that `make collection` has built.
pub fn tarball() -> Result<PathBuf> {
    built(TARBALL, "collection")
}

/// A line of an inventory.
fn entry(host: &Host, address: &str, port: u16, known_hosts: &Path) -> String {
    format!(
        "{} ansible_host={address} ansible_port={port} ansible_user={} \
         ansible_ssh_private_key_file={} ansible_ssh_common_args='-F none -o BatchMode=yes -o \
         IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile={}'",
        host.name(),
        host.user(),
        host.identity_file().display(),
        known_hosts.display(),
    )
}
