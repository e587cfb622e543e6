//! `nmstatectl` on a host: one look at everything, and an apply that outlives its connection.
//!
//! A look is one remote command: a constant script answers all questions and ends with the output
//! of a single `nmstatectl show`, because logins and processes are what a refresh costs.
//!
//! An apply may cut the very connection that it came over. So a constant script starts a runner in
//! a session of its own, which reads the whole document first (an incomplete one is never applied),
//! pipes it into `nmstatectl`, and leaves status, output and log in a private directory under a
//! name that we chose: whoever comes back over another connection finds the result there.
//! Documents and the sudo password travel on standard input only.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{Duration, Instant};

use nmstate_schema::document::Document;
use nmstate_schema::keys::kernel_modules;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::sync::OnceCell;

use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::snapshot::{Management, Snapshot};
use crate::target::Target;
use crate::transport::{Connection, Output};
use program::Program;
use session::Session;

mod failure;
mod policy;
mod program;
mod questions;
mod secrets;
mod session;

pub use failure::readable;
pub use policy::Resolution;

/// One look, with the kernel modules that it asks for in their place.
static SNAPSHOT: LazyLock<String> = LazyLock::new(|| {
    let script = concat!(include_str!("nmstate/prelude.sh"), include_str!("nmstate/snapshot.sh"));
    script.replace("@MODULES@", &kernel_modules().collect::<Vec<_>>().join("|"))
});
const BRIDGE: &str = concat!(include_str!("nmstate/prelude.sh"), include_str!("nmstate/bridge.sh"));
const BRIDGE_CHECK: &str =
    concat!(include_str!("nmstate/prelude.sh"), include_str!("nmstate/bridge_check.sh"));
const RUNNER: &str = concat!(include_str!("nmstate/prelude.sh"), include_str!("nmstate/runner.sh"));
const START: &str = include_str!("nmstate/start.sh");
const COLLECT: &str = include_str!("nmstate/collect.sh");
const CLEAN: &str = include_str!("nmstate/clean.sh");
const END_OF_DOCUMENT: &str = "\n# end of document\n";

/// A `show` of hundreds of interfaces takes a few seconds on a slow host.
const SHOW_TIMEOUT: Duration = Duration::from_secs(60);
/// nmstate retries activations for about 126 s before it gives up.
pub(crate) const APPLY_TIMEOUT: Duration = Duration::from_secs(180);
const SHORT_TIMEOUT: Duration = Duration::from_secs(10);

/// A host that we are logged in to.
#[derive(Clone, Debug)]
pub struct Client {
    target: Arc<Target>,
    connection: Connection,
    program: Program,
    session: Arc<OnceCell<Session>>,
}

/// The name of an apply on its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket(String);

/// What becomes of an applied document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplyMode {
    /// Committed by nmstate itself when it has verified the state; otherwise the checkpoint is
    /// left pending.
    pub commit: bool,
    /// Nothing is written to disk.
    pub memory_only: bool,
    /// The time after which NetworkManager undoes a change that nobody commits.
    pub timeout: Duration,
}

/// How an apply stands.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The host knows nothing of it: it was never started.
    None,
    /// It still runs.
    Pending,
    /// nmstate has applied the document; the checkpoint waits for its commit.
    Applied {
        /// The D-Bus path of the checkpoint, as the log names it.
        checkpoint: Option<String>,
    },
    /// nmstate has failed, and has undone what it did unless it was killed.
    Failed {
        /// Why.
        error: Error,
        /// The D-Bus path of its last checkpoint.
        checkpoint: Option<String>,
    },
    /// Somebody else's checkpoint is in the way.
    Conflict,
}

impl Client {
    /// Logs in; every call makes a new connection.
    pub async fn open(target: Arc<Target>) -> Result<Client, Error> {
        let program = Program::of(&target).await?;
        let connection = Connection::open(&target).await?;
        Ok(Client { target, connection, program, session: Arc::default() })
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    pub(crate) fn name(&self) -> &str {
        self.target.name()
    }

    /// Looks at the host: one command, one `nmstatectl show`.
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        let output = self.ask(&SNAPSHOT, &[], SHOW_TIMEOUT).await?;
        self.check_program(&output)?;
        self.read_snapshot(&output)
    }

    fn read_snapshot(&self, output: &Output) -> Result<Snapshot, Error> {
        let name = self.target.name();
        let text = output.stdout_text();
        let lines = text.split_inclusive('\n');
        let mut snapshot_of = (String::new(), String::new(), None);
        let mut program = None;
        let mut modules = None;
        let mut state = None;
        let mut offset = 0;
        for line in lines {
            offset += line.len();
            let (word, rest) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
            match word {
                "machine-id" => snapshot_of.0 = rest.to_owned(),
                "version" => {
                    snapshot_of.1 = rest.rsplit(' ').next().unwrap_or_default().to_owned();
                }
                "program" => program = Some(rest),
                "modules" => modules = Some(rest.split(' ').map(str::to_owned).collect()),
                "connection" => snapshot_of.2 = rest.split(' ').nth(2).map(str::to_owned),
                "show" => {
                    state = Some(&text[offset..]);
                    break;
                }
                // A login script may print what it likes before ours runs.
                _ => {}
            }
        }
        let (machine_id, nmstate_version, local_address) = snapshot_of;
        let log = output.stderr_text();
        if !output.success() {
            return Err(failure::show(name, program, &log));
        }
        let state = state.and_then(|state| serde_json::from_str(state).ok());
        let state = state.ok_or_else(|| {
            Error::new(ErrorKind::Protocol, name, "`nmstatectl show` did not answer with a state")
                .with_detail(failure::without_values(&log))
        })?;
        let state = Document::from_value(state).map_err(|findings| {
            let first = findings.first().map(|f| format!("{}: {}", f.path, f.message));
            let message = format!(
                "`nmstatectl show` has a state that is not understood: {}",
                first.unwrap_or_default()
            );
            Error::new(ErrorKind::Protocol, name, message)
        })?;
        let management = local_address
            .and_then(|text| text.split('%').next()?.parse::<IpAddr>().ok())
            .map(|address| Management::find(address.to_canonical(), &state));
        Ok(Snapshot {
            state,
            nmstate_version,
            machine_id,
            host_key: self.connection.shown_key(),
            management,
            modules,
            taken: Instant::now(),
            canonical: OnceLock::new(),
            secrets: OnceCell::new(),
        })
    }

    /// Starts an apply under `ticket` and waits for its result.
    pub async fn apply(
        &self,
        ticket: &Ticket,
        document: &Document,
        mode: ApplyMode,
    ) -> Result<Outcome, Error> {
        let mut input = self.password_line();
        input.extend_from_slice(document.to_json().as_bytes());
        input.extend_from_slice(END_OF_DOCUMENT.as_bytes());
        let seconds = mode.timeout.as_secs().to_string();
        let mut argv = vec!["sh", "-c", START, "sh", &ticket.0, RUNNER];
        argv.extend(self.prelude());
        argv.extend(["--timeout", &seconds]);
        argv.extend((!mode.commit).then_some("--no-commit"));
        argv.extend(mode.memory_only.then_some("--memory-only"));
        let output = self.run(&argv, input, APPLY_TIMEOUT).await?;
        self.read_outcome(&output)
    }

    /// Asks for the result of an apply, and waits a few seconds for it.
    pub async fn collect(&self, ticket: &Ticket, wait: Duration) -> Result<Outcome, Error> {
        let tenths = (wait.as_millis() / 100).to_string();
        let argv = ["sh", "-c", COLLECT, "sh", &ticket.0, &tenths];
        let output = self.run(&argv, Vec::new(), wait * 2 + SHORT_TIMEOUT).await?;
        self.read_outcome(&output)
    }

    fn read_outcome(&self, output: &Output) -> Result<Outcome, Error> {
        let text = output.stdout_text();
        let log = output.stderr_text();
        let line = text.lines().find_map(|line| match line {
            "none" => Some(Outcome::None),
            "pending" => Some(Outcome::Pending),
            "status 0" => Some(Outcome::Applied { checkpoint: failure::checkpoint(&log) }),
            _ => line.starts_with("status ").then(|| failure::apply(self.target.name(), &log)),
        });
        line.ok_or_else(|| {
            let message = "the host did not report the result of the apply";
            Error::new(ErrorKind::Protocol, self.target.name(), message)
                .with_detail(failure::without_values(&log))
        })
    }

    /// Removes the result of an apply from the host.
    pub async fn clean(&self, ticket: &Ticket) -> Result<(), Error> {
        let argv = ["sh", "-c", CLEAN, "sh", &ticket.0];
        self.run(&argv, Vec::new(), SHORT_TIMEOUT).await.map(drop)
    }

    /// The numeric user that the bridge to D-Bus runs as, and the stream to it.
    pub(crate) async fn bus_stream(&self) -> Result<(u32, UnixStream), Error> {
        let user = self.session().await?.user;
        let mut argv = vec!["sh", "-c", BRIDGE, "sh"];
        argv.extend(self.prelude());
        let mut stream = self.connection.open_stream(&argv).await.map_err(|e| self.named(e))?;
        stream.write_all(&self.password_line()).await.map_err(|cause| {
            let message = format!("cannot write to the bridge to D-Bus: {cause}");
            Error::new(ErrorKind::Unreachable, self.target.name(), message)
        })?;
        Ok((if self.privileges()[0] == "never" { user } else { 0 }, stream))
    }

    /// Says why the bridge to D-Bus does not work, when the host has a reason.
    pub(crate) async fn check_bridge(&self) -> Result<(), Error> {
        let output = self.run_script(BRIDGE_CHECK, &[], SHORT_TIMEOUT).await?;
        match output.success() {
            true => Ok(()),
            false => Err(failure::bridge(self.target.name(), &output.stderr_text())),
        }
    }

    /// Runs a script that begins with the prelude.
    async fn run_script(
        &self,
        script: &str,
        input: &[u8],
        timeout: Duration,
    ) -> Result<Output, Error> {
        let mut argv = vec!["sh", "-c", script, "sh"];
        argv.extend(self.prelude());
        let mut stdin = self.password_line();
        stdin.extend_from_slice(input);
        self.run(&argv, stdin, timeout).await
    }

    async fn run(&self, argv: &[&str], stdin: Vec<u8>, timeout: Duration) -> Result<Output, Error> {
        self.connection.exec(argv, stdin, timeout).await.map_err(|error| self.named(error))
    }

    fn named(&self, error: Error) -> Error {
        Error { host: self.target.name().to_owned(), ..error }
    }

    /// The words of the prelude.
    fn prelude(&self) -> [&str; 4] {
        let ([mode, password], [engine, agents]) = (self.privileges(), self.program.words());
        [mode, password, engine, agents]
    }

    fn privileges(&self) -> [&'static str; 2] {
        match &self.target.sudo {
            Some(sudo) if !sudo.enabled => ["never", "-"],
            Some(sudo) if sudo.password.is_some() => ["automatic", "password"],
            Some(_) | None => ["automatic", "-"],
        }
    }

    fn password_line(&self) -> Vec<u8> {
        let sudo = self.target.sudo.as_ref().filter(|sudo| sudo.enabled);
        let password = sudo.and_then(|sudo| sudo.password.as_ref()).map(Secret::expose);
        password.map(|password| format!("{password}\n").into_bytes()).unwrap_or_default()
    }
}

impl Ticket {
    /// A name that no other apply has.
    pub fn new() -> Ticket {
        // Every state is seeded by the operating system's randomness.
        let number = || RandomState::new().build_hasher().finish();
        Ticket(format!("nmstate-{:016x}{:016x}", number(), number()))
    }
}

impl Default for Ticket {
    fn default() -> Ticket {
        Ticket::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Inventory, resolve};

    #[tokio::test]
    async fn an_apply_that_arrives_after_its_result_was_asked_for_is_refused() {
        let target = resolve("local", &Inventory::default()).unwrap();
        let client = Client::open(Arc::new(target)).await.unwrap();
        let ticket = Ticket::new();
        let found = client.collect(&ticket, Duration::ZERO).await.unwrap();
        assert!(matches!(found, Outcome::None), "{found:?}");
        let mode = ApplyMode { commit: false, memory_only: true, timeout: SHORT_TIMEOUT };
        let late = client.apply(&ticket, &Document::default(), mode).await.unwrap_err();
        assert!(late.detail.is_some_and(|log| log.contains("too late")));
        client.clean(&ticket).await.unwrap();
    }
}
