//! Runs commands in a VM host through the guest agent, which needs no network.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::host::ExecOutput;
use crate::qmp::Connection;

/// For a first word: whoever asks for it asks again.
const GREETING: Duration = Duration::from_secs(10);

/// Precedes a synchronisation in both directions; it is in no JSON text.
const SENTINEL: u8 = 0xff;

/// Runs a command in the machine in `directory` and waits for its end. `limit` is for each answer of
/// the agent.
pub(crate) fn exec(
    directory: &Path,
    limit: Duration,
    argv: &[&str],
    input: &[u8],
) -> Result<ExecOutput> {
    let request = json!({
        // As with `nsenter`, a program that is not there gives exit status 127.
        "path": "/usr/bin/env",
        "arg": argv,
        "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root", "LANG=C.UTF-8", "TERM=dumb"],
        "input-data": STANDARD.encode(input),
        "capture-output": true,
    });
    let started = call(directory, limit, "guest-exec", &request)?;
    let question = json!({ "pid": started["pid"] });
    let mut pause = Duration::from_millis(10);
    loop {
        let state = call(directory, limit, "guest-exec-status", &question)?;
        if state["exited"] == true {
            let number =
                |key: &str| state[key].as_i64().and_then(|value| i32::try_from(value).ok());
            let signal = number("signal").map_or(0, |signal| 128 + signal);
            return Ok(ExecOutput {
                status: number("exitcode").unwrap_or(signal),
                stdout: text(&state["out-data"])?,
                stderr: text(&state["err-data"])?,
            });
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}

/// Whether the agent answers.
pub(crate) fn answers(directory: &Path) -> bool {
    call(directory, GREETING, "guest-ping", &json!({})).is_ok()
}

fn call(directory: &Path, limit: Duration, command: &str, arguments: &Value) -> Result<Value> {
    let mut connection = Connection::open(directory, "agent.sock", limit)?;
    // Old answers may still be on their way: to a client that gave up, or from before a reset.
    // A command goes out only when the agent is known to listen, so that none is run late.
    let id = json!(next_id());
    let synchronise = json!({ "execute": "guest-sync-delimited", "arguments": { "id": id } });
    connection.send(&[SENTINEL], &synchronise)?;
    loop {
        connection.skip_past(SENTINEL).context("the guest agent does not answer")?;
        if connection.read_line()?["return"] == id {
            break;
        }
    }
    connection.call(command, arguments)
}

/// Unlike any other: the answer to an earlier synchronisation would leave its successor on the way,
/// and each command would then be taken for answered by the one before.
fn next_id() -> u64 {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    u64::from(std::process::id()) << 32 | u64::from(CALLS.fetch_add(1, Ordering::Relaxed))
}

fn text(data: &Value) -> Result<String> {
    let bytes = STANDARD.decode(data.as_str().unwrap_or_default())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    /// Answers as the agent of a machine that boots, which sends to a new client what it owes the
    /// one that gave up. Real agents do so in a moment that no test can hold.
    fn late_fake_agent(listener: &UnixListener) -> std::io::Result<()> {
        let mut owed = Vec::new();
        loop {
            let mut client = BufReader::new(listener.accept()?.0);
            client.get_mut().write_all(&owed)?;
            let first = answer(&mut client)?;
            if owed.is_empty() {
                owed = first;
                continue;
            }
            client.get_mut().write_all(&first)?;
            let second = answer(&mut client)?;
            return client.get_mut().write_all(&second);
        }
    }

    fn answer(client: &mut BufReader<UnixStream>) -> std::io::Result<Vec<u8>> {
        let mut line = Vec::new();
        client.read_until(b'\n', &mut line)?;
        let line = line.strip_prefix(&[SENTINEL]).unwrap_or(&line);
        let request: Value = serde_json::from_slice(line)?;
        let answer = match request["execute"].as_str() {
            Some("guest-sync-delimited") => {
                let mut delimited = vec![SENTINEL];
                delimited
                    .extend(json!({ "return": request["arguments"]["id"] }).to_string().bytes());
                delimited
            }
            _ => json!({ "return": { "pid": 7 } }).to_string().into_bytes(),
        };
        Ok([answer, b"\n".to_vec()].concat())
    }

    #[test]
    fn an_answer_that_was_owed_to_another_call_is_not_taken() {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("agent.sock")).unwrap();
        let agent = thread::spawn(move || late_fake_agent(&listener));
        assert!(call(directory.path(), GREETING, "guest-exec", &json!({})).is_err());
        let answer = call(directory.path(), GREETING, "guest-exec", &json!({})).unwrap();
        assert_eq!(answer["pid"], 7);
        agent.join().unwrap().unwrap();
    }
}
