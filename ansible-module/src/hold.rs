//! A change that waits for the controller to come back over a new connection.
//!
//! The change may cut the very connection that Ansible waits on. So the module starts itself again
//! in a session of its own, and returns before the network is touched; the holder begins when the
//! module has gone. It lets the engine work as anywhere, with one more condition: a file in a
//! private directory, which the controller makes over a connection that it has opened after the
//! change. Without the file the change is undone when its time is up. What came of it is left in
//! the same directory for whoever comes back.
//!
//! The arguments go to the holder on its standard input: there may be secrets in them.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nmstate_engine::transaction::Options;

use crate::answer::Answer;
use crate::arguments::{Arguments, Task};
use crate::module;
use crate::place::Place;
use crate::task;

/// What makes this binary a holder.
pub const FLAG: &str = "--hold";
/// The key of the answer that tells the action plugin about a holder.
pub const KEY: &str = "_nmstate_hold";

/// The process that holds the change.
const PROCESS: &str = "process";
/// Made when the change waits for the controller.
const AWAITED: &str = "awaited";
/// Made by the controller.
const GIVEN: &str = "confirmed";
/// What came of the change.
const RESULT: &str = "result";

/// What the module's answer needs to reach the controller over the connection at hand.
const HEAD_START: Duration = Duration::from_millis(300);
/// The longest that a module may take to end after it has answered.
const MODULE_LIMIT: Duration = Duration::from_secs(10);
/// What nmstate, probes and the way back may take beside the time-outs of a change.
const WORK_LIMIT: Duration = Duration::from_secs(180);
/// How long a result waits to be read.
const RESULT_LIMIT: Duration = Duration::from_secs(600);

/// How long the controller may have to wait for the result of a change.
pub fn patience(options: &Options) -> Duration {
    options.lock_timeout + options.settle_timeout + 2 * options.timeout + WORK_LIMIT
}

/// Starts a holder for a call; its directory, as text for the controller.
///
/// # Errors
/// There is no place for the directory, or the process cannot be started.
pub fn start(text: &str) -> io::Result<String> {
    let place = Place::new()?;
    let mut holder = Command::new("/proc/self/exe")
        .arg(FLAG)
        .arg(place.directory())
        .arg(std::process::id().to_string())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    fs::write(place.directory().join(PROCESS), holder.id().to_string())?;
    if let Some(mut input) = holder.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    Ok(place.keep().to_string_lossy().into_owned())
}

/// Carries out the change of a call, and keeps the result until it is read.
pub fn run(directory: &Path, module: u32) -> ExitCode {
    module::leave_terminal();
    let broken = directory.to_owned();
    module::on_panic(move |answer| {
        let _ = leave(&broken, answer);
        module::end();
    });
    let place = Place::adopt(directory);
    let mut text = String::new();
    let answer = match io::stdin().lock().read_to_string(&mut text) {
        Ok(_) => {
            let begun = Instant::now();
            while std::os::unix::process::parent_id() == module && begun.elapsed() < MODULE_LIMIT {
                thread::sleep(Duration::from_millis(20));
            }
            thread::sleep(HEAD_START);
            carry_out(&text, &place)
        }
        Err(cause) => Answer::failed(&format!("the change was not begun: {cause}")).finish(None),
    };
    if leave(directory, &answer).is_err() {
        return ExitCode::FAILURE;
    }
    let written = Instant::now();
    while directory.exists() && written.elapsed() < RESULT_LIMIT {
        thread::sleep(Duration::from_secs(1));
    }
    ExitCode::SUCCESS
}

/// Leaves what came of the change, whole or not at all.
fn leave(directory: &Path, answer: &str) -> io::Result<()> {
    let new = directory.join("result.new");
    fs::write(&new, answer)?;
    fs::rename(&new, directory.join(RESULT))
}

fn carry_out(text: &str, place: &Place) -> String {
    let mut arguments = match Arguments::read(text) {
        Ok(arguments) => arguments,
        Err(wrong) => return Answer::failed(&wrong.join("; ")).finish(None),
    };
    let Task::Change(wanted) = &mut arguments.task else {
        return Answer::failed("there is no change to hold").finish(None);
    };
    if wanted.is_confirmed_from_outside {
        let file = |name: &str| place.directory().join(name);
        wanted.approve_by(file(AWAITED), file(GIVEN));
    }
    let wanted = wanted.clone();
    task::carry_out_held(&arguments, &wanted, place).finish(Some(&arguments))
}
