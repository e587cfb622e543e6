//! `nmstatectl show -s`: the secrets of a host, of which only hashes outlive the answer.

use nmstate_schema::document::Document;

use super::{Client, SHOW_TIMEOUT, failure};
use crate::error::{Error, ErrorKind};
use crate::secrets::Secrets;
use crate::transport::Output;

const SECRETS: &str = concat!(include_str!("prelude.sh"), include_str!("secrets.sh"));

impl Client {
    /// Asks for the secrets of the host.
    pub(crate) async fn secrets(&self) -> Result<Secrets, Error> {
        let output = self.ask(SECRETS, &[], SHOW_TIMEOUT).await?;
        self.check_program(&output)?;
        read(self.name(), &output)
    }
}

/// Nothing that the host has printed is quoted: anything in it may be a secret.
fn read(name: &str, output: &Output) -> Result<Secrets, Error> {
    let text = output.stdout_text();
    let (head, answer) = text.split_once("\nshow\n").unwrap_or((&text, ""));
    if !output.success() {
        let program = head.lines().find_map(|line| line.strip_prefix("program "));
        let error = failure::show(name, program, &output.stderr_text());
        return Err(Error { detail: None, ..error });
    }
    let state = serde_json::from_str(answer).ok();
    let state = state.and_then(|state| Document::from_value(state).ok()).ok_or_else(|| {
        Error::new(ErrorKind::Protocol, name, "`nmstatectl show -s` did not answer with a state")
    })?;
    Ok(Secrets::of(&state))
}

#[cfg(test)]
mod tests {
    use nmstate_schema::path::Path;
    use nmstate_schema::secrets::secrets;

    use super::*;

    const STATE: &str = r#"{"interfaces": [{"name": "eth1", "type": "ethernet",
        "802.1x": {"identity": "me", "password": "s3cret"}}]}"#;

    fn output(stdout: &str, stderr: &str, status: i32) -> Output {
        Output { stdout: stdout.into(), stderr: stderr.into(), status, ..Output::default() }
    }

    fn place() -> Path {
        secrets(&Document::parse(STATE).unwrap()).remove(0).0
    }

    #[test]
    fn tells_a_secret_from_another_and_shows_none() {
        let text = format!("Welcome!\nprogram /usr/bin/nmstatectl\nshow\n{STATE}\n");
        let found = read("web1", &output(&text, "", 0)).unwrap();
        assert_eq!(found.has(&place(), &"s3cret".into()), Some(true));
        assert_eq!(found.has(&place(), &"0ther".into()), Some(false));
        assert_eq!(found.has(&Path::new(), &"s3cret".into()), None);
        let debug = format!("{found:?}");
        assert!(!debug.contains("s3cret") && !debug.contains("eth1"), "{debug}");
        let masked = text.replace("s3cret", "<_password_hid_by_nmstate>");
        let masked = read("web1", &output(&masked, "", 0)).unwrap();
        assert_eq!(masked.has(&place(), &"s3cret".into()), None);
    }

    #[test]
    fn no_error_quotes_the_answer() {
        let cut = format!("program /usr/bin/nmstatectl\nshow\n{}", &STATE[..STATE.len() - 3]);
        for (stdout, stderr, status, kind) in [
            (cut.as_str(), "", 0, ErrorKind::Protocol),
            (cut.as_str(), "NmstateError: Bug: s3cret", 1, ErrorKind::Remote),
            (
                "program /usr/bin/nmstatectl\nshow\n",
                "sudo: a password is required",
                1,
                ErrorKind::Sudo,
            ),
        ] {
            let error = read("web1", &output(stdout, stderr, status)).unwrap_err();
            assert_eq!((error.kind, &error.detail), (kind, &None), "{error:?}");
        }
    }
}
