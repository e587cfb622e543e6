//! What nmstate's log means: the checkpoint it made, and why it failed, in one line.
//!
//! The text is the only interface: the exit status is 1 for nearly everything, and D-Bus errors
//! carry the kind `Bug`, so the inner text decides. Values that a verification quotes may be
//! secrets and are cut out before anything is kept.

use nmstate_schema::path::{Path, Step};

pub use self::debug::readable;
use super::Outcome;
use crate::agent::Engine;
use crate::error::{Error, ErrorKind};
use crate::target::Target;

mod debug;

/// The same words in every version from 2.1.0 to 2.2.62.
const CREATED: &str = "Created checkpoint ";
const ERROR: &str = "NmstateError: ";
/// Where agents are on a host, see `prelude.sh`.
const AGENTS: &str = "/var/lib/nmstate-agent";
const UNREADABLE: &str = "tried both YAML and JSON format. Errors: ";

/// The path of the checkpoint that an apply has left pending.
pub(super) fn checkpoint(log: &str) -> Option<String> {
    // nmstate may try the whole apply twice: the last checkpoint is the one that stands.
    let (_, tail) = log.rsplit_once(CREATED)?;
    let path = tail.split_whitespace().next()?;
    path.starts_with("/org/freedesktop/NetworkManager/Checkpoint/").then(|| path.to_owned())
}

/// Why an apply failed.
pub(super) fn apply(name: &str, log: &str) -> Outcome {
    if log.contains("CheckpointConflict") {
        return Outcome::Conflict;
    }
    Outcome::Failed { error: error(name, "apply", None, log), checkpoint: checkpoint(log) }
}

/// Why a `show` failed; `program` is where the host has `nmstatectl`.
pub(super) fn show(name: &str, program: Option<&str>, log: &str) -> Error {
    error(name, "show", program, log)
}

/// Why a policy was not resolved; `program` is where the host has `nmstatectl`. A rule that is
/// wrong is quoted below the reason, with a mark that only a terminal shows in its place.
pub(super) fn policy(name: &str, program: Option<&str>, log: &str) -> Error {
    let text = [UNREADABLE, ERROR].iter().find_map(|mark| log.split_once(mark));
    let Some(text) = text.and_then(|(_, text)| text.strip_prefix("PolicyError: ")) else {
        return error(name, "policy", program, log);
    };
    let mut lines = text.lines();
    let reason = lines.next().unwrap_or_default();
    let rule = lines.next().and_then(|line| line.strip_prefix("| "));
    let rule = rule.map(|rule| format!(" in `{rule}`")).unwrap_or_default();
    Error::new(ErrorKind::InvalidDocument, name, format!("nmstate refuses: {reason}{rule}"))
        .with_hint("correct the rule of the capture, or the name of the captured value")
        .with_detail(without_values(log))
}

/// The host, a machine of this kind, has nothing that speaks nmstate.
pub(super) fn missing(target: &Target, machine: &str) -> Error {
    let directory = target.agents.directory().display();
    let error = |message: String| Error::new(ErrorKind::NmstatectlMissing, target.name(), message);
    let agent = format!("`nmstate-agent-{machine}` into `{directory}`");
    match target.engine {
        Engine::Agent => error(format!("there is no agent for `{machine}`"))
            .with_hint(format!("put {agent}, or set `engine` to `nmstatectl`")),
        Engine::Auto if !directory.to_string().is_empty() => {
            error("`nmstatectl` is not installed".to_owned())
                .with_hint(format!("install the package `nmstate` on the host, or put {agent}"))
        }
        Engine::Auto | Engine::Nmstatectl => error("`nmstatectl` is not installed".to_owned())
            .with_hint("install the package `nmstate` on the host"),
    }
}

/// Why the agent did not come to the host.
pub(super) fn install(name: &str, log: &str) -> Error {
    let error = error(name, "", None, log);
    if error.kind == ErrorKind::Sudo {
        let message = format!("cannot install the agent: {}", error.message);
        return Error { message, ..error }.with_hint(
            "log in once as somebody who may, such as root, or give the password that sudo asks for",
        );
    }
    let last = log.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no message");
    Error::new(ErrorKind::Remote, name, format!("cannot install the agent: {last}"))
        .with_hint(format!("it goes to `{AGENTS}` on the host and needs 10 MB there"))
        .with_detail(log)
}

/// The agent is not as it was sent, although it was sent just now.
pub(super) fn changed(name: &str) -> Error {
    let message = format!("the agent in `{AGENTS}` is not the one that was sent");
    Error::new(ErrorKind::Remote, name, message).with_hint(
        "the directory has to belong to root with mode 755, and the host needs `sha256sum` and \
         `stat`",
    )
}

/// Why the bridge to D-Bus does not start.
pub(super) fn bridge(name: &str, log: &str) -> Error {
    let sudo = error(name, "", None, log);
    if sudo.kind == ErrorKind::Sudo && !log.contains("systemd-stdio-bridge: command not found") {
        return sudo;
    }
    Error::new(ErrorKind::Remote, name, "`systemd-stdio-bridge` is not installed")
        .with_hint("it is part of systemd: install that on the host")
        .with_detail(log)
}

/// A log without the values that a verification quotes.
pub(super) fn without_values(log: &str) -> String {
    let line = |line: &str| match line.split_once(" desire ") {
        Some((before, _)) => format!("{before} (values left out)"),
        None => line.to_owned(),
    };
    log.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn error(name: &str, command: &str, program: Option<&str>, log: &str) -> Error {
    let error = classify(name, command, program.unwrap_or("/usr/bin/nmstatectl"), log);
    error.with_detail(without_values(log))
}

fn classify(name: &str, command: &str, program: &str, log: &str) -> Error {
    let refused = |line: &&str| {
        line.starts_with("sudo:")
            || line.contains("sudo: ")
            || line.contains("sudoers")
            || line.contains("not allowed to execute")
            || line.contains("may not run sudo")
    };
    let no_bus = ["DbusConnectionError", "ServiceUnknown", "NameHasNoOwner", "not activatable"];
    let Some((_, text)) = log.rsplit_once(ERROR) else {
        if let Some(line) = log.lines().rfind(refused) {
            // The agent is its own way to D-Bus.
            let bridge = match program.rsplit_once('/') {
                Some((place, _)) if place.starts_with(AGENTS) => place,
                Some(_) | None => "/usr/bin",
            };
            let hint = format!(
                "allow it to the login user in /etc/sudoers.d, for example `USER ALL=(root) NOPASSWD: \
                 {program}, {bridge}/systemd-stdio-bridge`, or give the password that sudo asks for"
            );
            let message = format!("sudo refused: {line}");
            return Error::new(ErrorKind::Sudo, name, message).with_hint(hint);
        }
        if let Some(position) = log.find("Provide file is not valid") {
            return invalid(name, &log[position..]);
        }
        let last = log.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no message");
        let message = format!("`nmstatectl {command}` failed: {last}");
        return Error::new(ErrorKind::Remote, name, message);
    };
    if no_bus.iter().any(|word| text.contains(word)) {
        return Error::new(ErrorKind::NetworkManagerMissing, name, "NetworkManager does not run")
            .with_hint(
                "install and start NetworkManager: `systemctl enable --now NetworkManager`",
            );
    }
    let (kind, message) = text.split_once(':').unwrap_or(("", text));
    let message = &readable(message.trim());
    match kind {
        "VerificationError" => verification(name, message),
        // The profile of the interface holds them, and nmstate does not take them out of it.
        "InvalidArgument" if message.contains(".dns: this property is not allowed") => {
            let message = "nmstate cannot switch an IP family off on the interface whose profile holds \
                           the name servers";
            Error::new(ErrorKind::InvalidDocument, name, message).with_hint(
                "remove all name servers and search domains in an apply of its own, then switch it off, \
                 and declare them again after that; or leave it on",
            )
        }
        "InvalidArgument" | "PolicyError" | "NotSupportedError" | "NotImplementedError" => {
            Error::new(ErrorKind::InvalidDocument, name, format!("nmstate refuses: {message}"))
        }
        "PermissionError" => {
            let message = format!("`nmstatectl` lacks privileges: {message}");
            Error::new(ErrorKind::Sudo, name, message).with_hint("log in as root or enable `sudo`")
        }
        "DependencyError" => {
            let message = format!("the host lacks something: {message}");
            Error::new(ErrorKind::NmstatectlTooOld, name, message)
        }
        // What NetworkManager says of a profile that differs from the interface in what is set when
        // that is made.
        "Bug" if message.contains("compatible device") => {
            let message = "NetworkManager does not change an interface that is there in this way";
            Error::new(ErrorKind::Remote, name, message)
                .with_hint("remove the interface first, and apply it anew")
        }
        _ => Error::new(ErrorKind::Remote, name, format!("nmstate failed: {message}")),
    }
}

fn invalid(name: &str, text: &str) -> Error {
    let line = text.lines().next().unwrap_or(text);
    let reason = line.split_once(": ").map_or(line, |(_, reason)| reason);
    if reason.contains("unknown field") || reason.contains("unknown variant") {
        let message = format!("the host's nmstate does not know part of the document: {reason}");
        return Error::new(ErrorKind::NmstatectlTooOld, name, message)
            .with_hint("update nmstate on the host, or leave the key out");
    }
    Error::new(ErrorKind::InvalidDocument, name, format!("nmstate refuses: {reason}"))
}

/// `Verification failure: eth1.interface.ipv4.address desire '..', current '..'`
fn verification(name: &str, message: &str) -> Error {
    let place = message
        .strip_prefix("Verification failure: ")
        .and_then(|rest| rest.split(" desire ").next())
        .filter(|place| !place.contains(' '));
    let Some(place) = place else {
        let message = without_values(message);
        return Error::new(ErrorKind::Verification, name, message);
    };
    // Interface names may hold dots; the word after the name is always the same.
    let path = match place.split_once(".interface.") {
        Some((interface, rest)) => {
            let mut path = Path::new();
            path.push(Step::Key("interfaces".to_owned()));
            path.push(Step::Item(interface.to_owned()));
            for key in rest.split('.') {
                path.push(key.parse().map_or_else(|_| Step::Key(key.to_owned()), Step::Index));
            }
            Some(path)
        }
        None => None,
    };
    let shown = path.as_ref().map_or_else(|| place.to_owned(), ToString::to_string);
    let message = format!("`{shown}` did not take on the desired value");
    Error::new(ErrorKind::Verification, name, message).with_path(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "[2026-01-01T00:00:00Z INFO  nmstatectl] Nmstate version: 2.2.62\n\
        [.. INFO  nmstate::query_apply::net_state] Created checkpoint /org/freedesktop/NetworkManager/Checkpoint/3\n\
        [.. INFO  nmstate::query_apply::net_state] Rollbacked to checkpoint /org/freedesktop/NetworkManager/Checkpoint/3\n\
        [.. INFO  nmstate::query_apply::net_state] Created checkpoint /org/freedesktop/NetworkManager/Checkpoint/4\n\
        [.. INFO  nmstate::query_apply::net_state] Skipping commit for checkpoint /org/freedesktop/NetworkManager/Checkpoint/4\n";

    fn failed(log: &str) -> Error {
        match apply("web1", log) {
            Outcome::Failed { error, .. } => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn name_servers_of_an_interface_that_is_switched_off_are_named() {
        let log = "NmstateError: InvalidArgument: Connection(InvalidProperty):ipv4.dns: this property is \
                   not allowed for 'method=disabled'";
        let Outcome::Failed { error, .. } = apply("web1", log) else { panic!("no failure") };
        assert_eq!(error.kind, ErrorKind::InvalidDocument);
        assert!(error.message.contains("holds the name servers"), "{error}");
        assert!(error.hint.is_some_and(|hint| hint.starts_with("remove all name servers")));
    }

    #[test]
    fn the_last_checkpoint_is_ours() {
        let expected = "/org/freedesktop/NetworkManager/Checkpoint/4";
        assert_eq!(checkpoint(LOG).as_deref(), Some(expected));
        assert_eq!(checkpoint("Created checkpoint elsewhere"), None);
        assert_eq!(checkpoint(""), None);
    }

    #[test]
    fn a_verification_names_the_path_and_no_value() {
        let error = failed(
            "x\nNmstateError: VerificationError: Verification failure: eth1.100.interface.ipv4.address \
             desire '[{\"ip\":\"s3cret\"}]', current '[]'\n",
        );
        assert_eq!(error.kind, ErrorKind::Verification);
        assert_eq!(error.path.unwrap().to_string(), "interfaces[eth1.100].ipv4.address");
        assert!(!error.detail.unwrap().contains("s3cret"));
        assert!(!error.message.contains("s3cret"));
    }

    #[test]
    fn kinds() {
        let kind = |log: &str| failed(log).kind;
        assert_eq!(kind("NmstateError: InvalidArgument: no"), ErrorKind::InvalidDocument);
        assert_eq!(
            kind("Provide file is not valid NetworkState or NetworkPolicy: unknown field `x`"),
            ErrorKind::NmstatectlTooOld
        );
        assert_eq!(
            kind("NmstateError: Bug: DbusConnectionError: I/O error"),
            ErrorKind::NetworkManagerMissing
        );
        assert_eq!(kind("sudo: a password is required"), ErrorKind::Sudo);
        assert_eq!(kind("sh: 3: sudo: not found"), ErrorKind::Sudo);
        assert_eq!(kind("NmstateError: Bug: Device(X): y"), ErrorKind::Remote);
        let fixed = "NmstateError: Bug: Manager(UnknownDevice): Failed to find a compatible device \
                     for this connection";
        assert_eq!(failed(fixed).hint.unwrap(), "remove the interface first, and apply it anew");
        assert_eq!(kind("\n"), ErrorKind::Remote);
        let conflict = "NmstateError: Bug: CheckpointConflict: Another checkpoint exists";
        assert!(matches!(apply("web1", conflict), Outcome::Conflict));
    }
}
