//! An SSH session that runs many commands at once over one login.
//!
//! libssh2 sessions are not concurrent, so one thread owns each session (`pump`) and everybody
//! else holds a [`Session`]: a handle that sends it orders and is woken with the answers. A jump
//! host is a session like any other, one of whose channels is the socket of the next session.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, UnixStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use self::channel::{Start, Task};
use self::pump::Orders;
use super::Output;
use crate::error::{Error, ErrorKind};
use crate::target::Endpoint;

mod auth;
mod channel;
mod host_key;
mod known_hosts;
mod pump;

/// Addresses of one name are tried this long after each other (RFC 8305 recommends 250 ms).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// A logged-in session; clones share it, and the last one to go ends it.
#[derive(Clone, Debug)]
pub struct Session {
    host: Arc<str>,
    orders: Arc<Orders>,
    host_key: Arc<str>,
    /// What carries this session, when that is another session.
    _carrier: Option<Arc<Session>>,
}

impl Session {
    /// Connects, through the jump hosts if there are any, checks host keys and logs in.
    pub(super) async fn open(name: &str, endpoint: &Endpoint) -> Result<Session, Error> {
        let mut carrier: Option<Session> = None;
        for jump in &endpoint.jumps {
            let hop = Session::hop(name, jump, carrier).await.map_err(|error| {
                let message = format!("jump host `{}`: {}", jump.host, error.message);
                Error { kind: ErrorKind::JumpHost, message, ..error }
            })?;
            carrier = Some(hop);
        }
        Session::hop(name, endpoint, carrier).await
    }

    async fn hop(
        name: &str,
        endpoint: &Endpoint,
        carrier: Option<Session>,
    ) -> Result<Session, Error> {
        let socket = match &carrier {
            None => connect(name, endpoint).await?,
            Some(carrier) => carrier.forward(endpoint).await?,
        };
        let deadline = Instant::now() + endpoint.login_timeout;
        let (orders, host_key) = pump::start(name, endpoint.clone(), socket, deadline).await?;
        Ok(Session {
            host: name.into(),
            orders: Arc::new(orders),
            host_key: host_key.into(),
            _carrier: carrier.map(Arc::new),
        })
    }

    /// The key that the host has shown, such as `ssh-ed25519 AAAA...`.
    pub fn host_key(&self) -> &str {
        &self.host_key
    }

    /// Whether the session has ended.
    pub fn is_closed(&self) -> bool {
        self.orders.is_closed()
    }

    /// Runs a command line.
    pub(super) async fn exec(
        &self,
        line: &str,
        stdin: Vec<u8>,
        timeout: Duration,
    ) -> Result<Output, Error> {
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + timeout;
        self.orders.send(Task::exec(line, stdin, deadline, reply)).map_err(|()| self.lost())?;
        answer.await.map_err(|_| self.lost())?
    }

    /// Starts a command line and returns a stream of its standard input and output.
    pub(super) async fn open_stream(&self, line: &str) -> Result<UnixStream, Error> {
        let ours = self.stream(Start::Exec(line.to_owned()), Duration::from_secs(10)).await?;
        ours.set_nonblocking(true)
            .and_then(|()| UnixStream::from_std(ours))
            .map_err(|cause| self.failure(&cause))
    }

    /// A socket whose other end is `endpoint`, as this session's host reaches it.
    async fn forward(&self, endpoint: &Endpoint) -> Result<OwnedFd, Error> {
        let start = Start::Forward(endpoint.host.clone(), endpoint.port);
        let stream = self.stream(start, endpoint.connect_timeout).await.map_err(|error| {
            let message = format!(
                "the jump host cannot reach {}:{}: {}",
                endpoint.host, endpoint.port, error.message
            );
            Error { kind: ErrorKind::JumpHost, message, ..error }
        })?;
        Ok(stream.into())
    }

    async fn stream(&self, start: Start, timeout: Duration) -> Result<StdUnixStream, Error> {
        let (ours, theirs) = StdUnixStream::pair().map_err(|cause| self.failure(&cause))?;
        theirs.set_nonblocking(true).map_err(|cause| self.failure(&cause))?;
        let (reply, ready) = oneshot::channel();
        let task = Task::stream(start, theirs, Instant::now() + timeout, reply);
        self.orders.send(task).map_err(|()| self.lost())?;
        ready.await.map_err(|_| self.lost())??;
        Ok(ours)
    }

    fn lost(&self) -> Error {
        Error::new(ErrorKind::Unreachable, &*self.host, "the SSH connection was lost")
    }

    fn failure(&self, cause: &std::io::Error) -> Error {
        let message = format!("no local socket for a channel: {cause}");
        Error::new(ErrorKind::Protocol, &*self.host, message)
    }
}

/// A TCP connection to whichever address of the host answers first.
async fn connect(name: &str, endpoint: &Endpoint) -> Result<OwnedFd, Error> {
    let place = format!("{}:{}", endpoint.host, endpoint.port);
    let attempt = async {
        let addresses = tokio::net::lookup_host((endpoint.host.as_str(), endpoint.port))
            .await
            .map_err(|cause| {
                let message = format!("cannot resolve `{}`: {cause}", endpoint.host);
                Error::new(ErrorKind::Unreachable, name, message)
                    .with_hint("check the spelling of the address, or set `address`")
            })?;
        first_answer(addresses.collect()).await.map_err(|cause| {
            let message = format!("cannot connect to {place}: {cause}");
            Error::new(ErrorKind::Unreachable, name, message)
                .with_hint("check that the host is up and that sshd listens on this port")
        })
    };
    let stream =
        tokio::time::timeout(endpoint.connect_timeout, attempt).await.map_err(|_| {
            let limit = endpoint.connect_timeout.as_secs_f32();
            let message = format!("{place} did not answer within {limit} s");
            Error::new(ErrorKind::ConnectTimeout, name, message).with_hint(
                "check the address, firewalls on the way, or raise `ssh.connect_timeout`",
            )
        })??;
    let prepare = || {
        stream.set_nodelay(true)?;
        // Without an answer for this long the kernel gives the connection up, and so do we.
        let patience = (endpoint.keepalive_interval * 3).as_millis();
        if let (Ok(patience @ 1..), true) = (u32::try_from(patience), cfg!(target_os = "linux")) {
            rustix::net::sockopt::set_tcp_user_timeout(&stream, patience)?;
        }
        stream.into_std().map(OwnedFd::from)
    };
    prepare().map_err(|cause: std::io::Error| {
        Error::new(ErrorKind::Unreachable, name, format!("lost the connection to {place}: {cause}"))
    })
}

async fn first_answer(addresses: Vec<SocketAddr>) -> std::io::Result<TcpStream> {
    let mut attempts = JoinSet::new();
    for (address, turn) in addresses.into_iter().zip(0..) {
        attempts.spawn(async move {
            tokio::time::sleep(ATTEMPT_DELAY * turn).await;
            TcpStream::connect(address).await
        });
    }
    let mut failure = std::io::Error::other("the name has no address");
    while let Some(attempt) = attempts.join_next().await {
        match attempt {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(cause)) => failure = cause,
            Err(cause) => failure = std::io::Error::other(cause),
        }
    }
    Err(failure)
}
