//! What the exit status of a subcommand means, the same for all of them.

use std::process::ExitCode;

/// The end of every help text.
pub(super) const HELP: &str = "\
Exit status:
  0  everything was done
  1  nothing was done: standard error says why
  2  the arguments are wrong
  3  some hosts could not be looked at: the result is that of the others";

/// How a subcommand ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Everything was done.
    Done,
    /// Nothing was done.
    Failed,
    /// The arguments are wrong.
    Usage,
    /// Some hosts could not be looked at.
    Partial,
}

impl Exit {
    /// Done, or not.
    pub(super) fn of(is_done: bool) -> Self {
        if is_done { Exit::Done } else { Exit::Failed }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Partial => 3,
        })
    }
}
