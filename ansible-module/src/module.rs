//! What Ansible calls: a file of arguments in, one JSON object out, whatever happens.
//!
//! Over SSH standard error is merged into standard output, so nothing else is ever printed, not
//! even the message of a panic. The loss of the connection is a signal to the terminal's session;
//! this process leaves that session before it touches the network.

use std::io::Write;
use std::panic;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use crate::answer::Answer;
use crate::arguments::Arguments;
use crate::task;

/// What makes this binary the module that was started by itself.
pub const AGAIN: &str = "--again";

/// Carries out one call.
pub fn run(arguments: Option<&Path>) -> ExitCode {
    // Whoever leads a group of processes cannot leave; a process that it starts can.
    if !leave_terminal()
        && let Some(arguments) = arguments
        && let Ok(status) =
            Command::new("/proc/self/exe").arg(AGAIN).arg(arguments).stdin(Stdio::null()).status()
    {
        return if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    answer(arguments)
}

/// [`run`] in a process of its own.
pub fn run_again(arguments: &Path) -> ExitCode {
    leave_terminal();
    answer(Some(arguments))
}

fn answer(arguments: Option<&Path>) -> ExitCode {
    on_panic(|answer| {
        print(answer);
        end();
    });
    print(&match arguments.map(std::fs::read_to_string) {
        Some(Ok(text)) => carry_out(&text),
        Some(Err(cause)) => {
            Answer::failed(&format!("cannot read the arguments: {cause}")).finish(None)
        }
        None => Answer::failed("this is an Ansible module: use it in a playbook").finish(None),
    });
    // Ansible reads the object and not the status.
    ExitCode::SUCCESS
}

/// Has a panic deliver an answer like any other end, in place of the message that it prints.
pub(crate) fn on_panic(deliver: impl Fn(&str) + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let text = info.payload().downcast_ref::<&str>().copied();
        let said = text.or(info.payload().downcast_ref::<String>().map(String::as_str));
        let said = said.unwrap_or("no message");
        let message = format!(
            "the module has a fault of its own: {said} at {place} (a change that it had begun is \
             undone by NetworkManager)"
        );
        deliver(&Answer::failed(&message).finish(None));
    }));
}

/// Ends the process, because after its answer there is nothing to do for whoever panicked.
#[expect(clippy::exit, reason = "a panic of another task would go on to a second answer")]
pub(crate) fn end() {
    std::process::exit(1);
}

/// The signal of a terminal that hangs up is for those in its session alone: leaves it, or says that
/// it cannot.
pub(crate) fn leave_terminal() -> bool {
    rustix::process::setsid().is_ok()
}

fn carry_out(text: &str) -> String {
    match Arguments::read(text) {
        Err(wrong) => Answer::failed(&wrong.join("; ")).finish(None),
        Ok(arguments) => task::perform(&arguments, text).finish(Some(&arguments)),
    }
}

fn print(answer: &str) {
    let mut stdout = std::io::stdout().lock();
    // Nobody is left to tell when standard output is gone.
    let _ = stdout.write_all(answer.as_bytes()).and_then(|()| stdout.write_all(b"\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer_too() {
        let (sender, answers) = std::sync::mpsc::channel();
        on_panic(move |answer| {
            let _ = sender.send(answer.to_owned());
        });
        let outcome = panic::catch_unwind(|| panic!("out of luck"));
        let _ = panic::take_hook();
        assert!(outcome.is_err());
        let text = answers.try_recv().unwrap();
        let value: nmstate_schema::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["failed"], true);
        assert!(value["msg"].as_str().unwrap().contains("out of luck at "), "{text}");
    }
}
