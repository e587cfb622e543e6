//! The thread that owns a session: login first, then every channel's bytes, until nobody is left.
//!
//! libssh2 keeps one input queue per session: a read for one channel may take in packets of
//! another. So the loop goes round until no task moves and none has input waiting, and only then
//! sleeps in `poll` on the socket, the wake pipe and the local ends of streams.

use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{ErrorCode, Session};
use tokio::sync::oneshot;

use super::channel::{Failure, Step, Task};
use super::{auth, host_key};
use crate::error::{Error, ErrorKind};
use crate::target::Endpoint;

/// `LIBSSH2_ERROR_TIMEOUT`.
const TIMED_OUT: ErrorCode = ErrorCode::Session(-9);
/// A reply that another task's read took in is looked for again after this long.
const REPLY_POLL: Duration = Duration::from_millis(5);
/// How the end of an idle connection shows.
#[cfg(target_os = "linux")]
const HANG_UP: PollFlags = PollFlags::RDHUP;
#[cfg(not(target_os = "linux"))]
const HANG_UP: PollFlags = PollFlags::empty();
/// The longest sleep when nothing is due.
const IDLE_POLL: Duration = Duration::from_secs(60);

/// The way to the thread: tasks go in, a byte wakes it.
#[derive(Debug)]
pub(super) struct Orders {
    tasks: Option<Sender<Task>>,
    wake: UnixStream,
}

impl Orders {
    /// Hands a task to the thread, if that still runs.
    pub(super) fn send(&self, task: Task) -> Result<(), ()> {
        let tasks = self.tasks.as_ref().ok_or(())?;
        tasks.send(task).map_err(|_| ())?;
        (&self.wake).write_all(&[0]).map_err(|_| ())
    }

    /// Whether the thread has ended.
    pub(super) fn is_closed(&self) -> bool {
        // The thread's end of the pipe is closed with the thread, and only then.
        let mut watched = [PollFd::new(&self.wake, PollFlags::empty())];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        matches!(poll(&mut watched, Some(&now)), Ok(1..))
    }
}

impl Drop for Orders {
    fn drop(&mut self) {
        self.tasks = None;
        let _ = self.wake.write_all(&[0]);
    }
}

/// Logs in over a connected socket on a new thread, which then serves the session. The text is the
/// host's public key.
pub(super) async fn start(
    name: &str,
    endpoint: Endpoint,
    socket: OwnedFd,
    deadline: Instant,
) -> Result<(Orders, String), Error> {
    let name = name.to_owned();
    let host = name.clone();
    let (tasks, incoming) = channel();
    let (logged_in, outcome) = oneshot::channel();
    let thread = move || -> std::io::Result<(UnixStream, UnixStream)> {
        let (wake, woken) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        Ok((wake, woken))
    };
    let no_thread = |cause: std::io::Error| {
        Error::new(ErrorKind::Protocol, &*host, format!("cannot start an SSH thread: {cause}"))
    };
    let (wake, woken) = thread().map_err(no_thread)?;
    std::thread::Builder::new()
        .name(format!("ssh {name}"))
        .spawn(move || {
            let watched = socket.try_clone().map_err(|cause| {
                Error::new(ErrorKind::Protocol, &*name, format!("cannot watch a socket: {cause}"))
            });
            let session = watched.and_then(|watched| {
                let (session, host_key) = login(&name, &endpoint, socket, &watched, deadline)?;
                Ok((session, host_key, watched))
            });
            let (session, host_key, socket) = match session {
                Ok(session) => session,
                Err(error) => return drop(logged_in.send(Err(error))),
            };
            if logged_in.send(Ok(host_key)).is_ok() {
                Pump { name, session, socket, woken, incoming, tasks: Vec::new() }.run();
            }
        })
        .map_err(no_thread)?;
    let ended = |_| no_thread(std::io::Error::other("it ended early"));
    let host_key = outcome.await.map_err(ended)??;
    Ok((Orders { tasks: Some(tasks), wake }, host_key))
}

/// Handshake, host key, authentication: blocking, with one deadline over all. The session takes the
/// socket; `watched` is the same one.
fn login(
    name: &str,
    endpoint: &Endpoint,
    socket: OwnedFd,
    watched: &OwnedFd,
    deadline: Instant,
) -> Result<(Session, String), Error> {
    let started = Instant::now();
    let protocol = |cause: ssh2::Error| {
        let message = format!("SSH handshake with {endpoint}: {}", cause.message());
        Error::new(ErrorKind::Unreachable, name, message)
            .with_hint("check that an SSH server listens on this port")
    };
    let mut session = Session::new().map_err(protocol)?;
    let expected = host_key::Expected::new(name, endpoint)?;
    expected.prefer_known_types(&session).map_err(protocol)?;
    session.set_tcp_stream(socket);
    session.set_timeout(milliseconds_until(deadline));
    session.handshake().map_err(|cause| {
        if cause.code() != TIMED_OUT {
            return protocol(cause);
        }
        let message = format!("{endpoint} accepts connections but does not speak SSH");
        Error::new(ErrorKind::ConnectTimeout, name, message)
            .with_hint("check that an SSH server listens there and that the host is not overloaded")
    })?;
    let host_key = expected.check(&session)?;
    session.set_timeout(milliseconds_until(deadline));
    auth::authenticate(name, endpoint, &session, watched)?;
    tracing::debug!(host = name, milliseconds = started.elapsed().as_millis(), "logged in");
    session.set_blocking(false);
    let interval = u32::try_from(endpoint.keepalive_interval.as_secs()).unwrap_or(0);
    session.set_keepalive(false, interval);
    Ok((session, host_key))
}

fn milliseconds_until(deadline: Instant) -> u32 {
    let left = deadline.saturating_duration_since(Instant::now()).as_millis();
    // Zero would mean no limit.
    u32::try_from(left).unwrap_or(u32::MAX).max(1)
}

struct Pump {
    name: String,
    session: Session,
    socket: OwnedFd,
    woken: UnixStream,
    incoming: Receiver<Task>,
    tasks: Vec<Task>,
}

impl Pump {
    fn run(mut self) {
        let mut open = true;
        while open || !self.tasks.is_empty() {
            open = self.take_orders();
            if !open && self.tasks.iter().all(|task| task.interest().is_none()) {
                // The last handle is gone; streams alone may go on (they carry other sessions).
                break;
            }
            let full = match self.round() {
                Ok(full) => full,
                Err(reason) => return self.abort(&reason),
            };
            self.give_up_late();
            let keepalive = match self.session.keepalive_send() {
                Ok(0) | Err(_) => IDLE_POLL,
                Ok(seconds) => Duration::from_secs(seconds.into()),
            };
            if let Err(cause) = self.sleep(open, full, keepalive) {
                return self.abort(&cause.to_string());
            }
        }
        let _ = self.session.disconnect(None, "done", None);
    }

    /// Takes in new tasks; false when no handle is left.
    fn take_orders(&mut self) -> bool {
        let mut bytes = [0; 64];
        while matches!(self.woken.read(&mut bytes), Ok(1..)) {}
        loop {
            match self.incoming.try_recv() {
                Ok(task) => self.tasks.push(task),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// Steps every task until none moves; true when a packet is half sent.
    fn round(&mut self) -> Result<bool, String> {
        loop {
            let mut moved = false;
            let mut opening = false;
            let mut index = 0;
            while index < self.tasks.len() {
                let task = &mut self.tasks[index];
                // libssh2 keeps the state of one opening channel per session.
                if task.is_opening() && std::mem::replace(&mut opening, true) {
                    index += 1;
                    continue;
                }
                let step = match task.step(&self.session) {
                    Ok(step) => step,
                    Err(Failure::Session(reason)) => return Err(reason),
                    Err(Failure::Channel(reason)) => {
                        task.fail(Error::new(ErrorKind::Protocol, &*self.name, reason));
                        Step::Done
                    }
                };
                match step {
                    Step::Idle => index += 1,
                    Step::Moved => {
                        moved = true;
                        index += 1;
                    }
                    Step::Done => {
                        moved = true;
                        self.tasks.remove(index);
                    }
                    Step::Full => {
                        // It goes first in the next round.
                        self.tasks[..=index].rotate_right(1);
                        return Ok(true);
                    }
                }
            }
            if !moved && !self.tasks.iter().any(Task::has_input) {
                return Ok(false);
            }
        }
    }

    fn give_up_late(&mut self) {
        let now = Instant::now();
        let name = &self.name;
        self.tasks.retain_mut(|task| {
            let late = task.deadline().is_some_and(|deadline| deadline <= now);
            if late || task.is_abandoned() {
                let error = task.timed_out(name);
                task.fail(error);
                return false;
            }
            true
        });
    }

    fn sleep(&self, open: bool, full: bool, keepalive: Duration) -> std::io::Result<()> {
        let now = Instant::now();
        let mut limit = keepalive.min(IDLE_POLL);
        if self.tasks.iter().any(Task::awaits_reply) {
            limit = limit.min(REPLY_POLL);
        }
        for deadline in self.tasks.iter().filter_map(Task::deadline) {
            limit = limit.min(deadline.saturating_duration_since(now));
        }
        let flags = match (self.tasks.is_empty(), full) {
            // Only a channel's read takes bytes off the socket: without one, watch for its end.
            (true, _) => HANG_UP,
            (false, true) => PollFlags::IN | PollFlags::OUT,
            (false, false) => PollFlags::IN,
        };
        let mut watched = vec![PollFd::from_borrowed_fd(self.socket.as_fd(), flags)];
        if open {
            watched.push(PollFd::from_borrowed_fd(self.woken.as_fd(), PollFlags::IN));
        }
        for (socket, reading, writing) in self.tasks.iter().filter_map(Task::interest) {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, reading);
            flags.set(PollFlags::OUT, writing);
            if !flags.is_empty() {
                watched.push(PollFd::from_borrowed_fd(socket.as_fd(), flags));
            }
        }
        let limit = Timespec::try_from(limit).map_err(std::io::Error::other)?;
        match poll(&mut watched, Some(&limit)) {
            Ok(_) if self.tasks.is_empty() && !watched[0].revents().is_empty() => {
                Err(std::io::Error::other("the host closed it"))
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(cause) => Err(cause.into()),
        }
    }

    fn abort(mut self, reason: &str) {
        // Whoever sends from now on is told by the closed pipe; whoever sent before, here.
        drop(self.woken);
        self.tasks.extend(self.incoming.try_iter());
        let message = format!("the SSH connection was lost: {reason}");
        tracing::debug!(host = self.name, reason, "connection lost");
        for task in &mut self.tasks {
            task.fail(Error::new(ErrorKind::Unreachable, &*self.name, message.clone()));
        }
    }
}
