//! What serves a connection on the host, and how it is ended from another one.
//!
//! What was sent over a connection that then broke is not gone: TCP keeps it, and when the network
//! comes back it arrives, a command to start or a profile to delete, long after everybody has
//! stopped to count on it. So whoever comes back over a new connection first ends the process that
//! serves the old one, and knows that nothing of it can come any more.

use super::{Client, SHORT_TIMEOUT};
use crate::error::{Error, ErrorKind};

const SESSION: &str = include_str!("session.sh");
const FENCE: &str = include_str!("fence.sh");

/// The host's end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// The numeric login user.
    pub(super) user: u32,
    /// The id, the start and the boot of the process that serves the connection; `None` when the
    /// host does not tell, and on this machine.
    server: Option<[String; 3]>,
}

impl Client {
    /// The host's end of this connection, asked for once.
    pub(super) async fn session(&self) -> Result<&Session, Error> {
        self.session
            .get_or_try_init(|| async {
                let output = self.run(&["sh", "-c", SESSION], Vec::new(), SHORT_TIMEOUT).await?;
                let text = output.stdout_text();
                let mut session = parse(&text).ok_or_else(|| {
                    let message = "`id -u` did not print a number";
                    Error::new(ErrorKind::Protocol, self.name(), message)
                })?;
                if self.host_key().is_none() {
                    session.server = None;
                }
                Ok(session)
            })
            .await
    }

    /// Makes sure that nothing comes any more of what was sent over a connection that broke.
    pub(crate) async fn fence(&self, broken: &Client) -> Result<(), Error> {
        let server = broken.session.get().and_then(|session| session.server.as_ref());
        let Some([process, start, boot]) = server else { return Ok(()) };
        let argv = ["sh", "-c", FENCE, "sh", process, start, boot];
        self.run(&argv, Vec::new(), SHORT_TIMEOUT).await.map(drop)
    }
}

fn parse(text: &str) -> Option<Session> {
    // A login script may print what it likes before ours runs.
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(' ').collect()).collect();
    let server = lines.iter().rev().find_map(|words| match words.as_slice() {
        [process, start, boot]
            if process.parse::<u32>().is_ok() && start.parse::<u64>().is_ok() =>
        {
            Some([*process, *start, *boot].map(str::to_owned))
        }
        _ => None,
    });
    let user = lines.iter().rev().find_map(|words| match words.as_slice() {
        [user] => user.parse().ok(),
        _ => None,
    });
    Some(Session { user: user?, server })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_past_what_else_is_printed() {
        let found = parse("welcome\n1000\n4711 123456 b00t\n").unwrap();
        let server = ["4711", "123456", "b00t"].map(str::to_owned);
        assert_eq!(found, Session { user: 1000, server: Some(server) });
        assert_eq!(parse("0\n"), Some(Session { user: 0, server: None }));
        assert_eq!(parse("welcome\n"), None);
    }
}
