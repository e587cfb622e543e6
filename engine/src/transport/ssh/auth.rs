//! Proving who we are: explicit keys, the agent, default keys, then the password.
//!
//! Whoever reads an authentication error wants to know what was tried, so every attempt leaves a
//! line, including the ones that could not even be made.

use std::os::fd::OwnedFd;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use ssh2::{ErrorCode, KeyboardInteractivePrompt, Prompt, Session};

use crate::error::{Error, ErrorKind};
use crate::secret::Secret;
use crate::target::Endpoint;

/// `LIBSSH2_ERROR_FILE` and `LIBSSH2_ERROR_KEYFILE_AUTH_FAILED`: the private key cannot be read.
const UNREADABLE_KEY: [ErrorCode; 2] = [ErrorCode::Session(-16), ErrorCode::Session(-48)];

/// `LIBSSH2_ERROR_AUTHENTICATION_FAILED`: the host has answered, and said no.
const REFUSED: ErrorCode = ErrorCode::Session(-18);

/// Logs in over a socket, or says what was tried.
pub(super) fn authenticate(
    name: &str,
    endpoint: &Endpoint,
    session: &Session,
    socket: &OwnedFd,
) -> Result<(), Error> {
    let methods = match session.auth_methods(&endpoint.user) {
        Ok(methods) => methods.to_owned(),
        // The question is itself an attempt without any proof, which a server may accept.
        Err(_) if session.authenticated() => return Ok(()),
        Err(cause) => {
            let message = format!("login at {endpoint}: {}", cause.message());
            return Err(Error::new(ErrorKind::Protocol, name, message));
        }
    };
    let offers = |method: &str| methods.split(',').any(|offered| offered == method);
    let mut login = Login { endpoint, session, attempts: Vec::new(), refused: false };
    let done = (offers("publickey") && login.with_keys())
        || (offers("password") && login.with_password())
        || (offers("keyboard-interactive") && login.with_prompts());
    if done {
        return Ok(());
    }
    let attempts = match login.attempts.as_slice() {
        [] => "nothing to try".to_owned(),
        attempts => attempts.join("; "),
    };
    // A host that has refused enough hangs up, and has said why.
    if !login.refused && is_closed(socket) {
        let message = format!("the connection to {endpoint} was lost during the login: {attempts}");
        return Err(Error::new(ErrorKind::Unreachable, name, message)
            .with_hint("try again, or give the host's new address in `hosts` if it has moved"));
    }
    let message = format!("login at {endpoint} failed (the host takes {methods}): {attempts}");
    Err(Error::new(ErrorKind::Authentication, name, message).with_hint(
        "check `ssh.user`, and give a key that the host knows with `ssh.identity_file`, \
         `ssh.private_key` or the ssh-agent",
    ))
}

struct Login<'a> {
    endpoint: &'a Endpoint,
    session: &'a Session,
    attempts: Vec<String>,
    /// Whether the host has said no to any.
    refused: bool,
}

impl Login<'_> {
    fn with_keys(&mut self) -> bool {
        let endpoint = self.endpoint;
        let given = endpoint.private_key.as_ref();
        given.is_some_and(|key| self.with_key("`ssh.private_key`", key.expose()))
            || endpoint.identity_files.iter().any(|file| self.with_file(file, true))
            || (endpoint.agent && self.with_agent())
            || endpoint.default_identities.iter().any(|file| self.with_file(file, false))
    }

    fn with_file(&mut self, file: &Path, explicit: bool) -> bool {
        let label = format!("key `{}`", file.display());
        match std::fs::read_to_string(file) {
            Ok(key) => self.with_key(&label, &key),
            Err(cause) => {
                if explicit {
                    self.attempts.push(format!("{label}: {cause}"));
                }
                false
            }
        }
    }

    fn with_key(&mut self, label: &str, key: &str) -> bool {
        let passphrase = self.endpoint.passphrase.as_ref().map(Secret::expose);
        let encrypted = is_encrypted(key);
        if passphrase.is_none() && encrypted {
            self.attempts.push(format!("{label}: needs a passphrase, set `ssh.passphrase`"));
            return false;
        }
        let user = &self.endpoint.user;
        match self.session.userauth_pubkey_memory(user, None, key, passphrase) {
            // What libssh2 cannot decrypt it may also call a key of an unknown format.
            Err(cause) if encrypted && UNREADABLE_KEY.contains(&cause.code()) => {
                self.attempts.push(format!("{label}: the passphrase does not open it"));
                false
            }
            outcome => self.note(label, outcome),
        }
    }

    fn with_agent(&mut self) -> bool {
        if std::env::var_os("SSH_AUTH_SOCK").is_none() {
            self.attempts.push("ssh-agent: `SSH_AUTH_SOCK` is not set".to_owned());
            return false;
        }
        let identities = self.session.agent().and_then(|mut agent| {
            agent.connect()?;
            agent.list_identities()?;
            let identities = agent.identities()?;
            Ok((agent, identities))
        });
        let (agent, identities) = match identities {
            Ok(found) => found,
            Err(cause) => {
                self.attempts.push(format!("ssh-agent: {}", cause.message()));
                return false;
            }
        };
        let wanted = self.endpoint.identities_only.then(|| self.public_keys());
        let mut offered = 0;
        for identity in identities {
            if wanted.as_ref().is_some_and(|keys| !keys.iter().any(|key| key == identity.blob())) {
                continue;
            }
            offered += 1;
            let outcome = agent.userauth(&self.endpoint.user, &identity);
            if self.note(&format!("agent key `{}`", identity.comment()), outcome) {
                return true;
            }
        }
        if offered == 0 {
            self.attempts.push("ssh-agent: no key that may be offered".to_owned());
        }
        false
    }

    /// The public halves of the identity files, for choosing agent keys.
    fn public_keys(&self) -> Vec<Vec<u8>> {
        let read = |file: &std::path::PathBuf| {
            let mut name = file.clone().into_os_string();
            name.push(".pub");
            let text = std::fs::read_to_string(name).ok()?;
            STANDARD.decode(text.split_whitespace().nth(1)?).ok()
        };
        self.endpoint.identity_files.iter().filter_map(read).collect()
    }

    fn with_password(&mut self) -> bool {
        let Some(password) = &self.endpoint.password else { return false };
        let outcome = self.session.userauth_password(&self.endpoint.user, password.expose());
        self.note("password", outcome)
    }

    fn with_prompts(&mut self) -> bool {
        let Some(password) = &self.endpoint.password else { return false };
        let mut answers = Answers(password);
        let user = &self.endpoint.user;
        let outcome = self.session.userauth_keyboard_interactive(user, &mut answers);
        self.note("keyboard-interactive", outcome)
    }

    fn note(&mut self, label: &str, outcome: Result<(), ssh2::Error>) -> bool {
        match outcome {
            Ok(()) => true,
            Err(cause) => {
                self.refused |= cause.code() == REFUSED;
                self.attempts.push(format!("{label}: {}", cause.message()));
                false
            }
        }
    }
}

/// Whether the other end has gone; libssh2 does not tell that from a refusal.
fn is_closed(socket: &OwnedFd) -> bool {
    let mut byte = [0];
    let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
    match recv(socket, &mut byte, flags) {
        Ok((received, _)) => received == 0,
        Err(cause) => cause != Errno::WOULDBLOCK,
    }
}

/// Answers hidden prompts with the password.
struct Answers<'a>(&'a Secret);

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt<'p>(&mut self, _user: &str, _why: &str, prompts: &[Prompt<'p>]) -> Vec<String> {
        let answer = |prompt: &Prompt<'p>| match prompt.echo {
            true => String::new(),
            false => self.0.expose().to_owned(),
        };
        prompts.iter().map(answer).collect()
    }
}

/// Whether a private key needs a passphrase.
fn is_encrypted(key: &str) -> bool {
    if key.contains("ENCRYPTED") {
        return true;
    }
    // OpenSSH's own form: magic, then the name of the cipher as a string (PROTOCOL.key).
    let body: String = key.lines().filter(|line| !line.starts_with("-----")).collect();
    let Ok(blob) = STANDARD.decode(body.trim()) else { return false };
    blob.strip_prefix(b"openssh-key-v1\0").is_some_and(|rest| !rest.starts_with(b"\0\0\0\x04none"))
}
