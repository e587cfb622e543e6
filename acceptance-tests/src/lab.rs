//! A lab: a directory with hosts in it.
//!
//! Everything about a lab is under its directory, and the directory's path is part of every name
//! that the lab gives, so two labs on one machine never meet. Processes that use the same lab
//! take a file lock per host, and one for the list of hosts.

use std::env;
use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use sha2::{Digest, Sha256};

use crate::accelerator::accelerator;
use crate::cache::{Cache, Progress, short_hex};
use crate::command::run;
use crate::host::{Host, Temporary, write_known_hosts};
use crate::image::Release;
use crate::lock::lock;
use crate::namespace;
use crate::record::{HostOptions, Kind, Record};
use crate::vm;

/// Which hosts to have.
#[derive(Debug, Clone)]
pub struct Request {
    /// How they are made.
    pub kind: Kind,
    /// Their names are this and a number from 1.
    pub name_prefix: String,
    /// How many.
    pub count: u16,
    /// How they differ from the usual host.
    pub options: HostOptions,
}

impl Request {
    /// Usual hosts named `name_prefix` and a number.
    pub fn new(kind: Kind, name_prefix: &str, count: u16) -> Self {
        Self { kind, name_prefix: name_prefix.to_owned(), count, options: HostOptions::default() }
    }

    /// The same hosts with other options.
    #[must_use]
    pub fn with_options(self, options: HostOptions) -> Self {
        Self { options, ..self }
    }
}

/// A lab of hosts.
#[derive(Debug, Clone)]
pub struct Lab {
    site: Arc<Site>,
}

impl Lab {
    /// The lab in `NMSTATE_LAB_DIR` (default `target/lab`) with the cache in `NMSTATE_LAB_CACHE`
    /// (default `target/lab-cache`).
    pub fn from_environment() -> Result<Self> {
        let directory = env::var_os("NMSTATE_LAB_DIR")
            .map_or_else(|| target_directory().join("lab"), PathBuf::from);
        Self::open(&directory)
    }

    /// The lab in `directory`, which is made when missing, with the cache as in
    /// [`Lab::from_environment`].
    pub fn open(directory: &Path) -> Result<Self> {
        let cache = env::var_os("NMSTATE_LAB_CACHE")
            .map_or_else(|| target_directory().join("lab-cache"), PathBuf::from);
        Ok(Self {
            site: Arc::new(Site {
                directory: created(directory)?,
                cache: Cache { directory: created(&cache)?, progress: |_| () },
            }),
        })
    }

    /// Tells `progress` what takes long.
    #[must_use]
    pub fn with_progress(self, progress: Progress) -> Self {
        let mut site = Site::clone(&self.site);
        site.cache.progress = progress;
        Self { site: Arc::new(site) }
    }

    /// Makes what usual hosts start from, so that the first of each kind does not wait for it.
    pub fn prepare(&self) -> Result<()> {
        vm::prepare(&self.site, &HostOptions::default())
    }

    /// How VM hosts run on this machine: `kvm` or `emulation`.
    pub fn accelerator(&self) -> Result<&'static str> {
        let image = self.site.cache.image(Release::default())?;
        Ok(accelerator(&self.site.cache, &image)?.name())
    }

    /// What is made once and used by all labs.
    pub(crate) fn cache(&self) -> &Cache {
        &self.site.cache
    }

    /// Has the hosts of `request` running and waits until SSH answers; those that run are left
    /// as they are.
    pub fn up(&self, request: &Request) -> Result<Vec<Host>> {
        // Once, before the hosts start side by side.
        self.site.cache.image(request.options.release)?;
        self.site.identity()?;
        let hosts: Vec<Result<Host>> = thread::scope(|scope| {
            let starts: Vec<_> = (1..=request.count)
                .map(|number| {
                    let name = format!("{}{number}", request.name_prefix);
                    scope.spawn(move || self.up_one(&name, request.kind, &request.options))
                })
                .collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap_or_else(|_| Err(anyhow!("a start panicked"))))
                .collect()
        });
        hosts.into_iter().collect()
    }

    /// One host of a test's own, which ends when the value is dropped. Name it after the test.
    pub fn temporary(&self, kind: Kind, name: &str, options: &HostOptions) -> Result<Temporary> {
        self.site.cache.image(options.release)?;
        self.site.identity()?;
        self.up_one(name, kind, options).map(Temporary)
    }

    /// The hosts of the lab, running or not, by name.
    pub fn hosts(&self) -> Result<Vec<Host>> {
        let records = self.site.records()?;
        Ok(records.iter().map(|record| Host::new(Arc::clone(&self.site), record)).collect())
    }

    /// The host `name`.
    pub fn host(&self, name: &str) -> Result<Host> {
        let record = Record::load(&self.site.host_directory(name))?;
        let record = record.with_context(|| {
            let names: Vec<String> =
                self.site.records().unwrap_or_default().into_iter().map(|host| host.name).collect();
            format!("the lab has no host `{name}`; it has: {}", names.join(", "))
        })?;
        Ok(Host::new(Arc::clone(&self.site), &record))
    }

    /// Ends every host of the lab.
    pub fn down(&self) -> Result<()> {
        for record in self.site.records()? {
            self.site.down(&record.name)?;
        }
        Ok(())
    }

    fn up_one(&self, name: &str, kind: Kind, options: &HostOptions) -> Result<Host> {
        check_name(name)?;
        let site = &self.site;
        let directory = site.host_directory(name);
        let mut started = None;
        {
            let _lock = site.lock_host(name)?;
            let mut record = site.allocate(name, kind, options)?;
            if record.kind != kind || record.options != *options {
                bail!("host `{name}` is there with other options; `lab down {name}` ends it");
            }
            if !record.is_running() {
                started = Some(Instant::now());
                (site.cache.progress)(&format!("starting {} host {name}", kind.name()));
                let result = kind.backend().start(site, &mut record);
                // Whatever failed, the processes that were started are in the record.
                record.save(&directory)?;
                result?;
                let key = site.host_key(&record.name)?;
                write_known_hosts(&directory.join("known_hosts"), record.port, &key.public)?;
            }
        }
        let host = self.host(name)?;
        host.wait_until_ready()?;
        if let Some(started) = started {
            let seconds = started.elapsed().as_secs_f32();
            (site.cache.progress)(&format!("host {name} answers after {seconds:.1} s"));
        }
        Ok(host)
    }
}

/// Where a lab lies, shared by its hosts.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) directory: PathBuf,
    pub(crate) cache: Cache,
}

/// A file that only one host has.
#[derive(Debug)]
pub(crate) struct SeedFile {
    /// Path below the root directory, without a leading slash.
    pub(crate) path: String,
    pub(crate) mode: u32,
    pub(crate) content: String,
}

/// An SSH key pair as OpenSSH writes it.
#[derive(Debug)]
pub(crate) struct KeyPair {
    pub(crate) private: String,
    pub(crate) public: String,
}

impl Site {
    /// Tells the names that this lab gives from those of another.
    pub(crate) fn key(&self) -> String {
        let mut key = short_hex(&Sha256::digest(self.directory.as_os_str().as_encoded_bytes()));
        key.truncate(6);
        key
    }

    pub(crate) fn host_directory(&self, name: &str) -> PathBuf {
        self.directory.join("hosts").join(name)
    }

    pub(crate) fn identity_file(&self) -> PathBuf {
        self.directory.join("id_ed25519")
    }

    pub(crate) fn lock_host(&self, name: &str) -> Result<File> {
        lock(&self.directory.join("locks").join(name))
    }

    /// The lab's own program, for the processes that it leaves behind.
    pub(crate) fn program(&self) -> Result<PathBuf> {
        let current = env::current_exe()?;
        // A test binary lies in `deps`, one below the program.
        let program = current.ancestors().skip(1).take(2).map(|directory| directory.join("lab"));
        program.into_iter().find(|path| path.is_file()).with_context(|| {
            "the program `lab` is not built; run `cargo build -p acceptance-tests`".to_owned()
        })
    }

    /// The files that make a host of the root filesystem.
    pub(crate) fn seed(&self, record: &Record) -> Result<Vec<SeedFile>> {
        let name = &record.name;
        let host_key = self.host_key(name)?;
        let file =
            |path: &str, mode, content: String| SeedFile { path: path.to_owned(), mode, content };
        let digest = Sha256::digest(format!("{}/{name}", self.key()));
        let machine_id: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let mut files = vec![
            file("etc/hostname", 0o644, format!("{name}\n")),
            file("etc/hosts", 0o644, format!("127.0.0.1 localhost\n127.0.1.1 {name}\n")),
            file("etc/machine-id", 0o444, format!("{machine_id}\n")),
            file("etc/ssh/ssh_host_ed25519_key", 0o600, host_key.private),
            file("etc/ssh/ssh_host_ed25519_key.pub", 0o644, host_key.public),
            file("etc/ssh/lab_authorized_keys", 0o644, self.identity()?.public),
        ];
        files.push(self.management_profile(record));
        Ok(files)
    }

    fn management_profile(&self, record: &Record) -> SeedFile {
        let interface = record.kind.management_interface();
        let managed = record.kind == Kind::Vm || record.options.managed_management;
        if !managed {
            return SeedFile {
                path: "etc/NetworkManager/conf.d/management.conf".to_owned(),
                mode: 0o644,
                content: format!(
                    "[device-management]\nmatch-device=interface-name:{interface}\nmanaged=0\n"
                ),
            };
        }
        let ipv4 = match record.kind {
            Kind::Vm => "method=auto".to_owned(),
            Kind::Namespace => {
                let address: Ipv4Addr = record.kind.backend().management_address(record);
                format!("method=manual\naddress1={address}/{}", namespace::PREFIX_LENGTH)
            }
        };
        SeedFile {
            path: format!("etc/NetworkManager/system-connections/{interface}.nmconnection"),
            mode: 0o600,
            content: format!(
                "[connection]\nid={interface}\ntype=ethernet\ninterface-name={interface}\n\n\
                 [ipv4]\n{ipv4}\n\n[ipv6]\nmethod=disabled\n"
            ),
        }
    }

    /// The key pair that every account of every host accepts.
    pub(crate) fn identity(&self) -> Result<KeyPair> {
        let _lock = lock(&self.directory.join("identity.lock"))?;
        key_pair(&self.identity_file(), "lab")
    }

    /// The host key, the same for the same name.
    pub(crate) fn host_key(&self, name: &str) -> Result<KeyPair> {
        let directory = self.directory.join("keys");
        fs::create_dir_all(&directory)?;
        key_pair(&directory.join(name), name)
    }

    pub(crate) fn records(&self) -> Result<Vec<Record>> {
        let hosts = self.directory.join("hosts");
        let mut records = Vec::new();
        if hosts.exists() {
            for entry in fs::read_dir(&hosts)? {
                records.extend(Record::load(&entry?.path())?);
            }
        }
        records.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(records)
    }

    /// The record of `name`, a new one with the lowest free number when there is none.
    fn allocate(&self, name: &str, kind: Kind, options: &HostOptions) -> Result<Record> {
        let directory = self.host_directory(name);
        if let Some(record) = Record::load(&directory)? {
            return Ok(record);
        }
        let _lock = lock(&self.directory.join("hosts.lock"))?;
        let taken: Vec<u16> = self.records()?.iter().map(|record| record.index).collect();
        let index = (1..=u16::MAX).find(|index| !taken.contains(index));
        let record = Record::new(name, kind, index.context("the lab is full")?, options);
        fs::create_dir_all(&directory)?;
        record.save(&directory)?;
        Ok(record)
    }

    pub(crate) fn down(&self, name: &str) -> Result<()> {
        let _lock = self.lock_host(name)?;
        let directory = self.host_directory(name);
        let Some(mut record) = Record::load(&directory)? else { return Ok(()) };
        let result = record.kind.backend().stop(self, &mut record);
        record.save(&directory)?;
        result?;
        let _lock = lock(&self.directory.join("hosts.lock"))?;
        fs::remove_dir_all(&directory)
            .with_context(|| format!("cannot remove `{}`", directory.display()))?;
        if self.records()?.is_empty() {
            namespace::remove_outer(self)?;
        }
        Ok(())
    }
}

fn key_pair(path: &Path, comment: &str) -> Result<KeyPair> {
    if !path.exists() {
        run(Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f"])
            .arg(path))?;
    }
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    Ok(KeyPair {
        private: read(path)?,
        public: read(Path::new(&format!("{}.pub", path.display())))?,
    })
}

fn created(directory: &Path) -> Result<PathBuf> {
    fs::create_dir_all(directory)
        .and_then(|()| directory.canonicalize())
        .with_context(|| format!("cannot create `{}`", directory.display()))
}

/// The workspace's target directory.
fn target_directory() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    workspace.unwrap_or(Path::new(".")).join("target")
}

/// The name becomes a host name, a file name and part of a namespace's name.
fn check_name(name: &str) -> Result<()> {
    let valid = name.len() <= 40
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.ends_with('-');
    if !valid {
        bail!(
            "`{name}` is not a name for a host; use up to 40 lower-case letters, digits and hyphens"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_in_paths_and_host_names() {
        assert!(check_name("drift-of-mtu1").is_ok());
        for name in ["", "-a", "a-", "A", "a/b", "a.b", "1a", &"a".repeat(41)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
