//! What one run of the program printed and answered.

use std::process::Output;

use anyhow::{Result, bail, ensure};

/// What one run of the program printed and answered.
#[derive(Debug)]
pub struct Run {
    /// The exit status; 2 is a non-empty plan with `-detailed-exitcode`.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Fails with everything that was printed unless the run succeeded.
    pub fn succeeded(self) -> Result<Run> {
        if self.status != 0 {
            bail!("terraform answered {}:\n{}{}", self.status, self.stdout, self.stderr);
        }
        Ok(self)
    }

    /// Fails unless the run failed; with what it printed as errors.
    pub fn failed(self) -> Result<String> {
        ensure!(self.status != 0, "terraform did not fail:\n{}", self.stdout);
        // Terraform wraps its messages; a scenario looks for words, not for line breaks.
        let plain = self.stderr.replace(['\u{2502}', '\u{2577}', '\u{2575}'], " ");
        Ok(plain.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
