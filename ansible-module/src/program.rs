//! `nmstatectl` as the engine calls it, with the crate `nmstate` behind it.
//!
//! Just the command lines of the engine's scripts, and just what is read of the answers: the state,
//! the log with the checkpoint's path, and the line with the kind of an error.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use nmstate::{NetworkPolicy, NetworkState, NmstateError};
use serde_json::{Value, json};

/// The version of the crate inside; a test holds it against `Cargo.lock`.
pub const VERSION: &str = "2.2.62";

/// Carries out one command line.
pub fn run(words: &[String]) -> ExitCode {
    if log::set_logger(&Log).is_ok() {
        log::set_max_level(log::LevelFilter::Info);
    }
    match answer(words) {
        Ok(text) => {
            // A reader that is gone is no failure of the command.
            let _ = writeln!(io::stdout().lock(), "{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            let _ = writeln!(io::stderr().lock(), "{message}");
            ExitCode::FAILURE
        }
    }
}

fn answer(words: &[String]) -> Result<String, String> {
    let mut words = words.iter().map(String::as_str);
    match words.next() {
        Some("version" | "--version" | "-V") => Ok(format!("nmstatectl {VERSION}")),
        Some("show") => show(),
        Some("apply") => apply(words),
        Some("policy") => policy(),
        other => Err(format!("error: unrecognized subcommand '{}'", other.unwrap_or_default())),
    }
}

fn show() -> Result<String, String> {
    let mut state = NetworkState::new();
    state.retrieve().map_err(failure)?;
    serde_json::to_string(&state).map_err(|error| error.to_string())
}

fn apply<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<String, String> {
    let mut state = NetworkState::new_from_yaml(&input()?).map_err(failure)?;
    while let Some(word) = words.next() {
        match word {
            "--no-commit" => state.set_commit(false),
            "--memory-only" => state.set_memory_only(true),
            "--timeout" => {
                let seconds = words.next().and_then(|seconds| seconds.parse().ok());
                state.set_timeout(seconds.ok_or("error: invalid value for '--timeout'")?)
            }
            other => return Err(format!("error: unexpected argument '{other}'")),
        };
    }
    state.apply().map_err(failure)?;
    Ok(String::new())
}

/// What is captured, then the state that is asked for, each as JSON.
fn policy() -> Result<String, String> {
    let policy: NetworkPolicy =
        serde_json::from_str(&input()?).map_err(|error| error.to_string())?;
    if policy.is_empty() {
        return Ok(String::new());
    }
    let mut current = NetworkState::new();
    current.retrieve().map_err(failure)?;
    let captured: HashMap<String, NetworkState> =
        policy.capture.execute(&current).map_err(failure)?;
    let desired = policy.desired.fill_with_captured_data(&captured).map_err(failure)?;
    let shown: Value =
        captured.iter().map(|(name, state)| (name.clone(), json!({ "state": state }))).collect();
    Ok(format!("{shown}\n{}", json!(desired)))
}

fn input() -> Result<String, String> {
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn failure(error: NmstateError) -> String {
    format!("NmstateError: {error}")
}

/// nmstate's own words on standard error, in the form of its program.
struct Log;

impl log::Log for Log {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        let target = metadata.target();
        metadata.level() <= log::Level::Info
            && ["nmstate", "nm_dbus"].iter().any(|one| target.starts_with(one))
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let (level, target) = (record.level(), record.target());
            let _ = writeln!(io::stderr().lock(), "[{level} {target}] {}", record.args());
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_crate() {
        let lock = include_str!("../../Cargo.lock");
        assert!(lock.contains(&format!("name = \"nmstate\"\nversion = \"{VERSION}\"")));
    }

    #[test]
    fn unknown_words_are_refused() {
        for words in [vec!["edit"], vec![]] {
            let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            assert!(answer(&words).unwrap_err().starts_with("error: unrecognized"));
        }
    }
}
