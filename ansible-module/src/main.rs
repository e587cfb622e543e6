//! The module binary `nmstate`. It has no behaviour yet: it answers every call with one JSON
//! object that says so, which is what Ansible shows to the user.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let answer =
        br#"{"failed": true, "msg": "this build of the nmstate module has no behaviour yet"}"#;
    let mut stdout = std::io::stdout().lock();
    // Nobody is left to tell when standard output is gone.
    let _ = stdout.write_all(answer).and_then(|()| stdout.write_all(b"\n"));
    ExitCode::FAILURE
}
