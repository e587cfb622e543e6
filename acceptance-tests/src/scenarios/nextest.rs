//! The tests as cargo-nextest lists and runs them. Its progress goes to standard error as always;
//! how each test ended is read from standard output.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command::run as run_command;
use crate::terraform::{GIVEN, Terraform};

/// The test binary of the scenarios.
const BINARY: &str = "acceptance-tests::main";
/// nextest's exit status when a test has failed.
const TESTS_FAILED: i32 = 100;
/// How a test ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) name: String,
    pub(super) seconds: f64,
    /// What it printed if it failed.
    pub(super) printed: Option<String>,
}

/// The names of all acceptance tests.
pub(super) fn list() -> Result<Vec<String>> {
    let all = ["--run-ignored", "all", "--message-format", "json"];
    let listed = run_command(nextest("list", "all()").args(all))?;
    let listed: Value =
        serde_json::from_str(&listed).context("`cargo nextest list` gave no JSON")?;
    let tests = &listed["rust-suites"][BINARY]["testcases"];
    let tests = tests.as_object().with_context(|| format!("no binary `{BINARY}` was listed"))?;
    Ok(tests.keys().cloned().collect())
}

/// Runs tests on a program and says how each ended; quietly if all of them are to fail.
pub(super) fn run(terraform: &Terraform, tests: &[String], quietly: bool) -> Result<Vec<Ended>> {
    if tests.is_empty() {
        return Ok(Vec::new());
    }
    let named: Vec<String> = tests.iter().map(|test| format!("test(={test})")).collect();
    let mut command = nextest("run", &named.join(" | "));
    command
        .args(["--no-fail-fast", "--run-ignored", "all", "--message-format", "libtest-json"])
        .env("NEXTEST_EXPERIMENTAL_LIBTEST_JSON", "1")
        .env(GIVEN, terraform.program())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(if quietly { Stdio::null() } else { Stdio::inherit() });
    let mut child = command.spawn().context("cannot run cargo")?;
    let output = child.stdout.take().context("no standard output")?;
    let mut ended = Vec::new();
    for line in BufReader::new(output).lines() {
        ended.extend(end(&serde_json::from_str(&line?).context("cargo nextest gave no JSON")?));
    }
    let status = child.wait()?;
    ensure!(status.success() || status.code() == Some(TESTS_FAILED), "cargo nextest: {status}");
    Ok(ended)
}

/// The end of a test, if that is what the event says.
fn end(event: &Value) -> Option<Ended> {
    let is_end = event["type"] == "test" && (event["event"] == "ok" || event["event"] == "failed");
    let (_, name) = event["name"].as_str().filter(|_| is_end)?.split_once('$')?;
    let printed = (event["event"] == "failed")
        .then(|| event["stdout"].as_str().unwrap_or_default().to_owned());
    let seconds = event["exec_time"].as_f64().unwrap_or_default();
    Some(Ended { name: name.to_owned(), seconds, printed })
}

/// Of the acceptance tests alone, which are built as one with everything else.
fn nextest(verb: &str, tests: &str) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    let filter = format!("package(acceptance-tests) & ({tests})");
    command.args(["nextest", verb, "--workspace", "-E", &filter]).current_dir(top());
    command
}

/// The top of the repository.
pub(super) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_tell_how_tests_ended() {
        let name = "acceptance-tests::main$terraform::kinds::veth";
        let started = json!({ "type": "test", "event": "started", "name": name });
        assert!(end(&started).is_none());
        let ok = json!({ "type": "test", "event": "ok", "name": name, "exec_time": 2.5 });
        let ended = end(&ok).unwrap();
        assert_eq!((ended.name.as_str(), ended.seconds), ("terraform::kinds::veth", 2.5));
        assert!(ended.printed.is_none());
        let failed = json!({ "type": "test", "event": "failed", "name": name, "stdout": "no" });
        assert_eq!(end(&failed).unwrap().printed.as_deref(), Some("no"));
        assert!(end(&json!({ "type": "suite", "event": "failed", "failed": 1 })).is_none());
    }
}
