//! When the host answers, seen from where Terraform is: sshd's banner, asked for again and again.

use std::fs::File;
use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::Host;
use crate::record::Kind;

/// Asks in a thread of its own until it is ended.
pub(super) struct Watcher {
    ended: Arc<AtomicBool>,
    /// Between two questions, and for an answer.
    rhythm: Duration,
    patience: Duration,
    thread: JoinHandle<Result<Vec<Instant>>>,
}

impl Watcher {
    /// Begins to ask, from within a network namespace.
    pub(super) fn start(host: &Host, namespace: &str, ways: [SocketAddr; 2]) -> Watcher {
        let namespace = Path::new("/run/netns").join(namespace);
        // Each answer is a process on the host, which costs an emulated one much.
        let rhythm = match host.kind() {
            Kind::Namespace => Duration::from_millis(100),
            Kind::Vm => Duration::from_secs(3),
        };
        // A second on a namespace host, what a login needs on a VM host.
        let patience = host.limits().login / 10;
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let thread = thread::spawn(move || watch(&namespace, &ways, [rhythm, patience], &end));
        Watcher { ended, rhythm, patience, thread }
    }

    /// Stops asking. The longest time since `from` between two answers, without the time that
    /// passes between two questions.
    pub(super) fn end(self, from: Instant) -> Result<Duration> {
        self.ended.store(true, Ordering::Relaxed);
        let answers = self.thread.join().map_err(|_| anyhow!("the watcher panicked"))??;
        let before = answers.iter().rev().find(|at| **at <= from).copied().unwrap_or(from);
        let after = answers.iter().filter(|at| **at > from).copied();
        let times: Vec<Instant> =
            std::iter::once(before).chain(after).chain([Instant::now()]).collect();
        let gaps = times.windows(2).map(|pair| pair[1].duration_since(pair[0]));
        let longest = gaps.max().unwrap_or_default();
        Ok(if longest < self.rhythm + self.patience { Duration::ZERO } else { longest })
    }
}

fn watch(
    namespace: &Path,
    ways: &[SocketAddr],
    [rhythm, patience]: [Duration; 2],
    end: &AtomicBool,
) -> Result<Vec<Instant>> {
    let file = File::open(namespace).with_context(|| format!("no `{}`", namespace.display()))?;
    // Of this thread alone.
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))?;
    let mut answers = Vec::new();
    while !end.load(Ordering::Relaxed) {
        if ways.iter().any(|way| answers_at(way, patience)) {
            answers.push(Instant::now());
        }
        thread::sleep(rhythm);
    }
    Ok(answers)
}

fn answers_at(way: &SocketAddr, patience: Duration) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(way, patience / 2) else { return false };
    let mut banner = [0; 4];
    stream.set_read_timeout(Some(patience)).is_ok()
        && stream.read_exact(&mut banner).is_ok()
        && banner == *b"SSH-"
}
