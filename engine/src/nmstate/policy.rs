//! `nmstatectl policy`: what a host captures, and the state that a policy then asks for.
//!
//! One more command beside the look at everything, because captures are nmstate's own language.
//! The policy travels on standard input like every document.

use nmstate_schema::Value;
use nmstate_schema::document::Document;
use nmstate_schema::policy::Policy;
use serde_json::{Deserializer, Map};

use super::program::NEEDED;
use super::{Client, SHOW_TIMEOUT, failure};
use crate::error::{Error, ErrorKind};
use crate::transport::Output;

const POLICY: &str = concat!(include_str!("prelude.sh"), include_str!("policy.sh"));

/// A policy as its host understands it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    /// What each rule has captured, by name.
    pub captured: Map<String, Value>,
    /// The desired state with the captured values in it.
    pub desired: Document,
}

impl Client {
    /// Resolves a policy against the host as it is; changes nothing.
    pub async fn resolve(&self, policy: &Policy) -> Result<Resolution, Error> {
        let output = self.ask(POLICY, policy.to_json().as_bytes(), SHOW_TIMEOUT).await?;
        self.check_program(&output)?;
        read(self.name(), &output)
    }
}

fn read(name: &str, output: &Output) -> Result<Resolution, Error> {
    let text = output.stdout_text();
    let log = output.stderr_text();
    let unclear = || {
        Error::new(ErrorKind::Protocol, name, "`nmstatectl policy` did not answer with a state")
            .with_detail(failure::without_values(&log))
    };
    let (head, answer) = text.split_once("\npolicy\n").unwrap_or((&text, ""));
    let value = |word: &str| head.lines().find_map(|line| line.strip_prefix(word));
    let version = value("version ").and_then(|line| line.rsplit(' ').next()).unwrap_or_default();
    if is_older(version, NEEDED) {
        let message =
            format!("the host has nmstate `{version}`, and policies need `{NEEDED}` or newer");
        return Err(Error::new(ErrorKind::NmstatectlTooOld, name, message)
            .with_hint("update nmstate on the host, or write the values into the desired state"));
    }
    let (answer, status) = answer.rsplit_once("\nstatus ").ok_or_else(unclear)?;
    if status.trim() != "0" {
        return Err(failure::policy(name, value("program "), &log));
    }
    let mut documents = Deserializer::from_str(answer).into_iter::<Value>();
    let mut next = || documents.next().transpose().map_err(|_| unclear());
    // A policy that says nothing has no output at all, and an empty state is not printed.
    let (captured, desired) = (next()?.unwrap_or_default(), next()?.unwrap_or_default());
    let states = captured.as_object().into_iter().flatten();
    let captured = states.map(|(name, entry)| (name.clone(), entry["state"].clone())).collect();
    let desired = Document::from_value(desired).map_err(|_| unclear())?;
    Ok(Resolution { captured, desired })
}

/// Whether a version, such as `2.2.62`, is known to be older than another.
fn is_older(version: &str, other: &str) -> bool {
    let parts =
        |text: &str| -> Vec<u64> { text.split('.').map_while(|part| part.parse().ok()).collect() };
    let version = parts(version);
    !version.is_empty() && version < parts(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(stdout: &str, stderr: &str) -> Output {
        let (stdout, stderr) = (stdout.into(), stderr.into());
        Output { stdout, stderr, ..Output::default() }
    }

    #[test]
    fn reads_what_was_captured_and_what_is_desired() {
        let head = "program /usr/bin/nmstatectl\nversion nmstatectl 2.2.62\npolicy\n";
        let captured = "{\"up\": {\"metaInfo\": {\"time\": \"t\", \"version\": \"0\"}, \
                        \"state\": {\"interfaces\": [{\"name\": \"eth1\"}]}}}";
        let desired = "{\"interfaces\": [{\"name\": \"eth1\", \"mtu\": 9000}]}";
        let text = format!("{head}{captured}{desired}\n\nstatus 0\n");
        let resolution = read("web1", &output(&text, "")).unwrap();
        assert_eq!(resolution.captured["up"]["interfaces"][0]["name"], "eth1");
        assert_eq!(resolution.desired.as_value()["interfaces"][0]["mtu"], 9000);
        let nothing = read("web1", &output(&format!("{head}\n\nstatus 0\n"), "")).unwrap();
        assert!(nothing.captured.is_empty() && nothing.desired.is_empty());
    }

    #[test]
    fn says_why_there_is_no_answer() {
        let error = |text: &str, log: &str| read("web1", &output(text, log)).unwrap_err();
        let old = error("version nmstatectl 2.2.3\npolicy\n\nstatus 2\n", "error: unrecognized");
        assert_eq!(old.kind, ErrorKind::NmstatectlTooOld);
        assert!(old.message.contains("`2.2.3`") && old.message.contains("`2.2.9`"), "{old}");
        for log in [
            "NmstateError: PolicyError: not found\n| interfaces.\n| ....^",
            "Failed to load from file, tried both YAML and JSON format. Errors: PolicyError: not \
             found\n| interfaces.\n| ....^, PolicyError: not found\n| interfaces.\n| ....^",
        ] {
            let refused = error("version nmstatectl 2.2.62\npolicy\n\nstatus 1\n", log);
            assert_eq!(refused.kind, ErrorKind::InvalidDocument);
            assert_eq!(refused.message, "nmstate refuses: not found in `interfaces.`");
        }
        assert_eq!(error("version nmstatectl 2.2.62\npolicy\n", "").kind, ErrorKind::Protocol);
        assert_eq!(error("Welcome!\n", "").kind, ErrorKind::Protocol);
    }

    #[test]
    fn versions_are_compared_by_number() {
        for (version, expected) in
            [("2.2.8", true), ("2.2.9", false), ("2.10.0", false), ("1.4.5", true), ("", false)]
        {
            assert_eq!(is_older(version, NEEDED), expected, "{version}");
        }
    }
}
