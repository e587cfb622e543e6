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

/// The errors and warnings in what was printed, a line for each paragraph, without a frame and without the place in
/// the configuration.
pub fn messages(output: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let (mut inside, mut paragraph) = (false, false);
    for line in output.lines() {
        let line = line.trim_start_matches(['\u{2502}', '\u{2577}', '\u{2575}']);
        let text = line.trim();
        let number = text.split_once(':').map(|(number, _)| number).unwrap_or_default();
        let source = text.starts_with("with ")
            || text.starts_with("on ")
            || (!number.is_empty() && number.chars().all(|c| c.is_ascii_digit()));
        if text.starts_with("Error: ") || text.starts_with("Warning: ") {
            found.push(text.to_owned());
            inside = true;
        } else if text.starts_with('\u{2500}') {
            // The rule below which Terraform gives advice.
            inside = false;
        } else if inside
            && !text.is_empty()
            && !source
            && let Some(message) = found.last_mut()
        {
            message.push(if paragraph { '\n' } else { ' ' });
            message.push_str(text);
        }
        paragraph = text.is_empty();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_loses_its_frame_and_place() {
        let framed = "\
\u{2577}
\u{2502} Error: host `server`: the change cut the connection; no
\u{2502} answer for 12.3 s
\u{2502}
\u{2502}   with nmstate_interface.management,
\u{2502}   on mistake.tf line 1, in resource \"x\" \"y\":
\u{2502}    1: resource \"x\" \"y\" {
\u{2502}
\u{2575}
";
        let expected = "Error: host `server`: the change cut the connection; no answer for 12.3 s";
        assert_eq!(messages(framed), [expected]);
        let plain = "\
Plan: 1 to add

Warning: the change touches `eth0`

  with x.y,
  on mistake.tf line 2, in resource \"x\" \"y\":
   2:   name = \"eth0\"

it is confirmed only over a new login

\u{2500}\u{2500}\u{2500}

Note: you did not use -out
";
        let expected = "Warning: the change touches `eth0`\nit is confirmed only over a new login";
        assert_eq!(messages(plain), [expected]);
    }
}
