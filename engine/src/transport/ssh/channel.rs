//! One channel's work, as a state machine that never blocks.
//!
//! Open, start, carry bytes both ways, close. A call that libssh2 could not finish because the
//! socket was full must be repeated before any other call that sends: [`Step::Full`] tells the
//! pump so, and `resume` makes the task repeat exactly that call.

use std::io::{ErrorKind as IoErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use ssh2::{BlockDirections, Channel, ErrorCode, Session};
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind};
use crate::transport::Output;

/// How much is read at once, and how much may wait for a slow reader.
const CHUNK: usize = 32 * 1024;
const MAXIMUM_WAITING: usize = 256 * 1024;

const EAGAIN: ErrorCode = ErrorCode::Session(-37);

/// What a channel is opened for.
pub(super) enum Start {
    /// A command line.
    Exec(String),
    /// A TCP connection from the server to a host and port.
    Forward(String, u16),
}

enum Work {
    Exec { reply: Option<oneshot::Sender<Result<Output, Error>>> },
    Stream { socket: UnixStream, ready: Option<oneshot::Sender<Result<(), Error>>> },
}

/// What a task could do just now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing; it waits for the other side.
    Idle,
    /// Something; there may be more to do.
    Moved,
    /// A packet is half sent: no other task may send before this one went on.
    Full,
    /// It is over.
    Done,
}

/// Why a step failed.
pub(super) enum Failure {
    /// This channel alone is affected.
    Channel(String),
    /// The session is gone.
    Session(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Start,
    Run,
    Close,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Write,
    Eof,
    Stdout,
    Stderr,
}

/// A channel and what is done with it.
pub(super) struct Task {
    start: Start,
    work: Work,
    phase: Phase,
    deadline: Option<Instant>,
    channel: Option<Channel>,
    resume: Option<Call>,
    /// Towards the host: bytes, how many of them are sent, whether more will come, whether that was said.
    outgoing: Vec<u8>,
    sent: usize,
    outgoing_ended: bool,
    eof_sent: bool,
    /// From the host.
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Task {
    /// A command with all of its input.
    pub(super) fn exec(
        line: &str,
        stdin: Vec<u8>,
        deadline: Instant,
        reply: oneshot::Sender<Result<Output, Error>>,
    ) -> Task {
        let work = Work::Exec { reply: Some(reply) };
        Task {
            outgoing: stdin,
            outgoing_ended: true,
            ..Task::new(Start::Exec(line.to_owned()), work, deadline)
        }
    }

    /// A command or TCP connection whose bytes go through `socket`; the deadline is for its start.
    pub(super) fn stream(
        start: Start,
        socket: UnixStream,
        deadline: Instant,
        ready: oneshot::Sender<Result<(), Error>>,
    ) -> Task {
        Task::new(start, Work::Stream { socket, ready: Some(ready) }, deadline)
    }

    fn new(start: Start, work: Work, deadline: Instant) -> Task {
        Task {
            start,
            work,
            phase: Phase::Open,
            deadline: Some(deadline),
            channel: None,
            resume: None,
            outgoing: Vec::new(),
            sent: 0,
            outgoing_ended: false,
            eof_sent: false,
            stdout: Vec::new(),
            stderr: Vec::new(),
        }
    }

    /// When to give up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether an answer of the server is awaited that another task's read may have taken in.
    pub(super) fn awaits_reply(&self) -> bool {
        self.phase != Phase::Run
    }

    /// Whether it is the session's turn to open a channel for it; libssh2 opens one at a time.
    pub(super) fn is_opening(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Whether libssh2 has already taken in something for this task.
    pub(super) fn has_input(&self) -> bool {
        match &self.channel {
            Some(channel) if self.phase == Phase::Run => {
                channel.eof() || (self.wants_output() && channel.read_window().available > 0)
            }
            Some(_) | None => false,
        }
    }

    /// The socket to watch, for reading and for writing.
    pub(super) fn interest(&self) -> Option<(&UnixStream, bool, bool)> {
        let Work::Stream { socket, .. } = &self.work else { return None };
        let reading = self.phase == Phase::Run && !self.outgoing_ended && self.outgoing.is_empty();
        (self.phase == Phase::Run).then_some((socket, reading, !self.stdout.is_empty()))
    }

    /// Whether nobody waits for the outcome any more.
    pub(super) fn is_abandoned(&self) -> bool {
        match &self.work {
            Work::Exec { reply } => reply.as_ref().is_none_or(oneshot::Sender::is_closed),
            Work::Stream { ready, .. } => ready.as_ref().is_some_and(oneshot::Sender::is_closed),
        }
    }

    /// Ends the task with an error.
    pub(super) fn fail(&mut self, error: Error) {
        match &mut self.work {
            Work::Exec { reply } => {
                if let Some(reply) = reply.take() {
                    let _ = reply.send(Err(error));
                }
            }
            Work::Stream { ready, .. } => {
                if let Some(ready) = ready.take() {
                    let _ = ready.send(Err(error));
                }
            }
        }
        if let Some(mut channel) = self.channel.take() {
            let _ = channel.close();
        }
    }

    /// The error for a deadline that has passed.
    pub(super) fn timed_out(&self, host: &str) -> Error {
        let what = match &self.start {
            Start::Exec(line) => format!("`{}`", line.split(' ').next().unwrap_or_default()),
            Start::Forward(host, port) => format!("{host}:{port}"),
        };
        Error::new(ErrorKind::Remote, host, format!("{what} did not answer in time"))
    }

    /// Does what can be done without waiting.
    pub(super) fn step(&mut self, session: &Session) -> Result<Step, Failure> {
        match self.phase {
            Phase::Open => {
                let opened = match &self.start {
                    Start::Exec(_) => session.channel_session(),
                    Start::Forward(host, port) => session.channel_direct_tcpip(host, *port, None),
                };
                match waiting(session, opened)? {
                    Ok(channel) => self.channel = Some(channel),
                    Err(step) => return Ok(step),
                }
                match self.start {
                    Start::Exec(_) => self.phase = Phase::Start,
                    Start::Forward(..) => self.run(),
                }
                Ok(Step::Moved)
            }
            Phase::Start => {
                let (Some(channel), Start::Exec(line)) = (&mut self.channel, &self.start) else {
                    return Ok(Step::Done);
                };
                match waiting(session, channel.exec(line))? {
                    Ok(()) => self.run(),
                    Err(step) => return Ok(step),
                }
                Ok(Step::Moved)
            }
            Phase::Run => self.carry(session),
            Phase::Close => {
                let Some(channel) = &mut self.channel else { return Ok(Step::Done) };
                let closed = channel.close().and_then(|()| match self.work {
                    // The exit status may come after the output, and libssh2's close takes any
                    // packet, another channel's too, for what it waits for.
                    Work::Exec { .. } => channel.wait_close(),
                    Work::Stream { .. } => Ok(()),
                });
                match waiting(session, closed)? {
                    Ok(()) => self.finish(),
                    Err(step) => return Ok(step),
                }
                Ok(Step::Done)
            }
        }
    }

    fn run(&mut self) {
        self.phase = Phase::Run;
        if let Work::Stream { ready, .. } = &mut self.work {
            self.deadline = None;
            if let Some(ready) = ready.take() {
                let _ = ready.send(Ok(()));
            }
        }
    }

    fn carry(&mut self, session: &Session) -> Result<Step, Failure> {
        let mut moved = self.read_socket();
        let calls = [Call::Write, Call::Eof, Call::Stdout, Call::Stderr];
        let first = self.resume.take().unwrap_or(Call::Write) as usize;
        for turn in 0..calls.len() {
            let call = calls[(first + turn) % calls.len()];
            match self.call(call) {
                Ok(progress) => moved |= progress,
                Err(cause) if cause.kind() == IoErrorKind::WouldBlock => {
                    if is_full(session) {
                        self.resume = Some(call);
                        return Ok(Step::Full);
                    }
                }
                // The command no longer reads; what it still says matters.
                Err(_) if matches!(call, Call::Write | Call::Eof) => self.drop_outgoing(),
                Err(cause) => return Err(Failure::Session(cause.to_string())),
            }
        }
        moved |= self.write_socket();
        let flushed = matches!(self.work, Work::Exec { .. }) || self.stdout.is_empty();
        if flushed && self.channel.as_ref().is_none_or(Channel::eof) {
            self.phase = Phase::Close;
            moved = true;
        }
        Ok(if moved { Step::Moved } else { Step::Idle })
    }

    fn call(&mut self, call: Call) -> std::io::Result<bool> {
        let wants_output = self.wants_output();
        let Some(channel) = &mut self.channel else { return Ok(false) };
        let mut chunk = [0; CHUNK];
        match call {
            Call::Write => {
                if self.sent == self.outgoing.len() {
                    return Ok(false);
                }
                let count = channel.write(&self.outgoing[self.sent..])?;
                self.sent += count;
                if self.sent == self.outgoing.len() {
                    self.outgoing.clear();
                    self.sent = 0;
                }
                Ok(count > 0)
            }
            Call::Eof => {
                if !self.outgoing_ended || !self.outgoing.is_empty() || self.eof_sent {
                    return Ok(false);
                }
                channel.send_eof().map_err(std::io::Error::from)?;
                self.eof_sent = true;
                Ok(true)
            }
            Call::Stdout => {
                if !wants_output {
                    return Ok(false);
                }
                let count = channel.read(&mut chunk)?;
                self.stdout.extend_from_slice(&chunk[..count]);
                Ok(count > 0)
            }
            Call::Stderr => {
                let count = channel.stderr().read(&mut chunk)?;
                if matches!(self.work, Work::Exec { .. }) {
                    self.stderr.extend_from_slice(&chunk[..count]);
                }
                Ok(count > 0)
            }
        }
    }

    fn wants_output(&self) -> bool {
        matches!(self.work, Work::Exec { .. }) || self.stdout.len() < MAXIMUM_WAITING
    }

    fn drop_outgoing(&mut self) {
        self.outgoing.clear();
        self.sent = 0;
        self.outgoing_ended = true;
        self.eof_sent = true;
    }

    fn read_socket(&mut self) -> bool {
        let Work::Stream { socket, .. } = &mut self.work else { return false };
        if self.outgoing_ended || !self.outgoing.is_empty() {
            return false;
        }
        let mut chunk = [0; CHUNK];
        match socket.read(&mut chunk) {
            Ok(count @ 1..) => self.outgoing.extend_from_slice(&chunk[..count]),
            Err(cause) if cause.kind() == IoErrorKind::WouldBlock => return false,
            Ok(_) | Err(_) => self.outgoing_ended = true,
        }
        true
    }

    fn write_socket(&mut self) -> bool {
        let Work::Stream { socket, .. } = &mut self.work else { return false };
        if self.stdout.is_empty() {
            return false;
        }
        match socket.write(&self.stdout) {
            Ok(count) => drop(self.stdout.drain(..count)),
            Err(cause) if cause.kind() == IoErrorKind::WouldBlock => return false,
            Err(_) => {
                // Nobody reads any more: end the channel.
                self.stdout.clear();
                self.phase = Phase::Close;
            }
        }
        true
    }

    fn finish(&mut self) {
        let Work::Exec { reply } = &mut self.work else { return };
        let (Some(reply), Some(channel)) = (reply.take(), &self.channel) else { return };
        let _ = reply.send(Ok(Output {
            status: channel.exit_status().unwrap_or(-1),
            signal: channel.exit_signal().ok().and_then(|signal| signal.exit_signal),
            stdout: std::mem::take(&mut self.stdout),
            stderr: std::mem::take(&mut self.stderr),
        }));
    }
}

fn is_full(session: &Session) -> bool {
    matches!(session.block_directions(), BlockDirections::Outbound | BlockDirections::Both)
}

/// Sorts a libssh2 result into done, waiting and failed.
fn waiting<T>(
    session: &Session,
    result: Result<T, ssh2::Error>,
) -> Result<Result<T, Step>, Failure> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(cause) if cause.code() == EAGAIN => {
            Ok(Err(if is_full(session) { Step::Full } else { Step::Idle }))
        }
        Err(cause) => Err(match cause.code() {
            // libssh2's codes for "this channel" are -21 (failure) to -28, see libssh2.h.
            ErrorCode::Session(-28..=-21) => Failure::Channel(cause.message().to_owned()),
            ErrorCode::Session(_) | ErrorCode::SFTP(_) => {
                Failure::Session(cause.message().to_owned())
            }
        }),
    }
}
