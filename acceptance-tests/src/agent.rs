//! Runs commands in a VM host through the guest agent, which needs no network.

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::host::ExecOutput;
use crate::qmp::Connection;

/// An agent that is there answers in milliseconds; one that is not never does.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Precedes a synchronisation in both directions; it is in no JSON text.
const SENTINEL: u8 = 0xff;

/// Runs a command in the machine in `directory` and waits for its end.
pub(crate) fn exec(directory: &Path, argv: &[&str], input: &[u8]) -> Result<ExecOutput> {
    let request = json!({
        // As with `nsenter`, a program that is not there gives exit status 127.
        "path": "/usr/bin/env",
        "arg": argv,
        "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root", "LANG=C.UTF-8", "TERM=dumb"],
        "input-data": STANDARD.encode(input),
        "capture-output": true,
    });
    let started = call(directory, "guest-exec", &request)?;
    let question = json!({ "pid": started["pid"] });
    let mut pause = Duration::from_millis(10);
    loop {
        let state = call(directory, "guest-exec-status", &question)?;
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
    call(directory, "guest-ping", &json!({})).is_ok()
}

fn call(directory: &Path, command: &str, arguments: &Value) -> Result<Value> {
    let mut connection = Connection::open(directory, "agent.sock", TIMEOUT)?;
    // Old answers may still be on their way: to a client that gave up, or from before a reset.
    // A command goes out only when the agent is known to listen, so that none is run late.
    let id = json!(std::process::id());
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

fn text(data: &Value) -> Result<String> {
    let bytes = STANDARD.decode(data.as_str().unwrap_or_default())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
