//! An sshd of the test's own: temporary keys, a free port, ended with the value.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nmstate_engine::target::{HostSettings, Inventory, SshSettings};
use tempfile::TempDir;

pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) user: String,
    directory: TempDir,
    process: Child,
}

impl Server {
    /// Starts sshd; panics with the reason when it is not installed.
    pub(crate) fn start() -> Server {
        Server::start_with("")
    }

    /// As [`Server::start`], with more lines of configuration.
    pub(crate) fn start_with(lines: &str) -> Server {
        let sshd = Path::new("/usr/sbin/sshd");
        assert!(sshd.exists(), "these tests need sshd: apt-get install openssh-server");
        // sshd insists on its empty directory, which only the distribution's service makes.
        let _ = std::fs::create_dir_all("/run/sshd");
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for (name, kind, passphrase) in [
            ("host_ed25519", "ed25519", ""),
            ("host_ecdsa", "ecdsa", ""),
            ("id", "ed25519", ""),
            ("id_locked", "ed25519", "open sesame"),
            ("id_stranger", "ecdsa", ""),
        ] {
            keygen(&["-q", "-t", kind, "-N", passphrase, "-f", at(name).to_str().unwrap()]);
        }
        let keys =
            ["id.pub", "id_locked.pub"].map(|name| std::fs::read_to_string(at(name)).unwrap());
        std::fs::write(at("authorized_keys"), keys.concat()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host_ed25519\n\
             HostKey {0}/host_ecdsa\nAuthorizedKeysFile {0}/authorized_keys\nUsePAM no\n\
             StrictModes no\nPasswordAuthentication no\nPidFile {0}/pid\n\
             AllowTcpForwarding yes\nMaxStartups 100\nMaxSessions 20\nLogLevel ERROR\n{lines}",
            directory.path().display()
        );
        std::fs::write(at("sshd_config"), config).unwrap();
        let process = Command::new(sshd)
            .args(["-D", "-e", "-f", at("sshd_config").to_str().unwrap()])
            .stderr(std::fs::File::create(at("log")).unwrap())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout);
        let user = user.unwrap().trim().to_owned();
        let server = Server { port, user, directory, process };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = std::fs::read_to_string(server.file("log")).unwrap();
            assert!(started.elapsed() < Duration::from_secs(10), "sshd does not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        server.know("host_ed25519.pub");
        server
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Ends the processes of its connections; false when there is none.
    pub(crate) fn end_connections(&self) -> bool {
        let parent = self.process.id().to_string();
        Command::new("pkill").args(["-KILL", "-P", &parent]).status().unwrap().success()
    }

    /// Makes the known_hosts file hold exactly this key.
    pub(crate) fn know(&self, key: &str) {
        let key = std::fs::read_to_string(self.file(key)).unwrap();
        let line = format!("[127.0.0.1]:{} {key}", self.port);
        std::fs::write(self.file("known_hosts"), line).unwrap();
    }

    pub(crate) fn fingerprint(&self, key: &str) -> String {
        let output = keygen(&["-lf", self.file(key).to_str().unwrap()]);
        output.split_whitespace().nth(1).unwrap().to_owned()
    }

    /// Settings that log in.
    pub(crate) fn settings(&self) -> SshSettings {
        SshSettings {
            user: Some(self.user.clone()),
            port: Some(self.port),
            identity_file: Some(vec![self.file("id")]),
            known_hosts_file: Some(self.file("known_hosts")),
            config_file: Some(None),
            agent: Some(false),
            ..SshSettings::default()
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn inventory(ssh: SshSettings) -> Inventory {
    let defaults = HostSettings { ssh, ..HostSettings::default() };
    Inventory { defaults, ..Inventory::default() }
}

fn keygen(arguments: &[&str]) -> String {
    let output = Command::new("ssh-keygen").args(arguments).output().unwrap();
    assert!(output.status.success(), "ssh-keygen: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
