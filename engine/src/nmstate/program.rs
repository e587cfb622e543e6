//! What speaks nmstate on a host: its own program, or the agent, brought there when it is lacking.
//!
//! Every script chooses by itself, from words that are the same for all of them: so there is no
//! state about it on either side, and an agent that was changed or removed is noticed by the next
//! script. The agent travels on standard input like a document, and not over SFTP: that writes as the
//! login user and may be off, and the place belongs to root.

use std::time::Duration;

use super::{Client, failure};
use crate::agent::Engine;
use crate::error::{Error, ErrorKind};
use crate::target::Target;
use crate::transport::Output;

const INSTALL: &str = concat!(include_str!("prelude.sh"), include_str!("install.sh"));

/// A few megabytes over a slow line.
const INSTALL_TIMEOUT: Duration = Duration::from_secs(300);

/// The first version that does all that is asked of a host: it resolves policies.
pub(super) const NEEDED: &str = "2.2.9";

/// The third and the fourth word of the prelude.
#[derive(Clone, Debug)]
pub(super) struct Program {
    engine: &'static str,
    agents: String,
}

impl Program {
    /// The words for a host.
    pub(super) async fn of(target: &Target) -> Result<Program, Error> {
        let engine = match target.engine {
            Engine::Auto => NEEDED,
            Engine::Nmstatectl => return Ok(Program { engine: "nmstatectl", agents: "-".into() }),
            Engine::Agent => "agent",
        };
        let hashes = target.agents.hashes().await.map_err(|cause| unreadable(target, &cause))?;
        let words = hashes.iter().map(|(machine, hash)| format!("{machine}:{hash},"));
        let agents: String = words.collect();
        Ok(Program { engine, agents: if agents.is_empty() { "-".into() } else { agents } })
    }

    /// The words themselves.
    pub(super) fn words(&self) -> [&str; 2] {
        [self.engine, &self.agents]
    }
}

impl Client {
    /// Runs a script that speaks nmstate, and brings the agent along where the host lacks it.
    pub(super) async fn ask(
        &self,
        script: &str,
        input: &[u8],
        timeout: Duration,
    ) -> Result<Output, Error> {
        let output = self.run_script(script, input, timeout).await?;
        let Some(machine) = lacking(&output, "wanted") else { return Ok(output) };
        self.install(&machine).await?;
        self.run_script(script, input, timeout).await
    }

    async fn install(&self, machine: &str) -> Result<(), Error> {
        let agents = &self.target.agents;
        let content =
            agents.read(machine).await.ok_or_else(|| failure::missing(&self.target, machine))?;
        let content = content.map_err(|cause| unreadable(&self.target, &cause))?;
        tracing::info!(host = self.name(), machine, bytes = content.len(), "sending the agent");
        let output = self.run_script(INSTALL, &content, INSTALL_TIMEOUT).await?;
        match output.success() {
            true => Ok(()),
            false => Err(failure::install(self.name(), &output.stderr_text())),
        }
    }

    /// Why a script found nothing that speaks nmstate, if so.
    pub(super) fn check_program(&self, output: &Output) -> Result<(), Error> {
        if let Some(machine) = lacking(output, "missing") {
            return Err(failure::missing(&self.target, &machine));
        }
        match lacking(output, "wanted") {
            None => Ok(()),
            Some(_) => Err(failure::changed(self.name())),
        }
    }
}

/// The host's machine, when a script has ended with this word for what it lacks.
fn lacking(output: &Output, word: &str) -> Option<String> {
    let text = output.stdout_text();
    let machine = text.lines().last()?.strip_prefix(word)?.strip_prefix(' ')?;
    Some(machine.to_owned())
}

fn unreadable(target: &Target, cause: &std::io::Error) -> Error {
    let directory = target.agents.directory().display();
    let message = format!("cannot read the agents in `{directory}`: {cause}");
    Error::new(ErrorKind::Configuration, target.name(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_the_last_line() {
        let output = |text: &str| Output { stdout: text.into(), ..Output::default() };
        let found = lacking(&output("user 0\nwanted x86_64\n"), "wanted");
        assert_eq!(found.as_deref(), Some("x86_64"));
        assert_eq!(lacking(&output("wanted x86_64\nshow\n{}\n"), "wanted"), None);
        assert_eq!(lacking(&output("missing vax\n"), "wanted"), None);
    }
}
