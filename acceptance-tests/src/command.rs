//! Runs other programs. A failure names the whole command and what it wrote, because that is all
//! that is left of it in a test log.

use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// Runs `command` with nothing on its standard input and returns its standard output.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    if !output.status.success() {
        bail!(
            "`{command:?}` failed with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs `command` and returns what came of it, failure included.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().with_context(|| {
        format!(
            "cannot run `{}`; `lab setup` installs what the lab needs",
            command.get_program().display()
        )
    })
}

/// A command with root rights: as it is for root, else through `sudo -n`.
pub(crate) fn as_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "--", program]);
    command
}

/// Whether this process has root rights.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
