//! The beginning of a change: who decides over it, and until when it has time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::watch;
use tokio::time::sleep_until;

use crate::error::{Error, ErrorKind};

/// The right to decide over a change: its queue takes it to begin, and who waits takes it to give
/// up.
#[derive(Clone, Default)]
pub(super) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Whether nobody has taken it before.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

/// The error of a change whose time was up before it began.
pub(super) fn out_of_time(name: &str) -> Error {
    Error::new(ErrorKind::Cancelled, name, "its time was up before anything was changed")
}

/// A cancel that comes by itself at the deadline.
pub(super) fn cancelled_at(
    deadline: Instant,
    mut cancelled: watch::Receiver<bool>,
) -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        let cancel = async {
            if cancelled.wait_for(|cancelled| *cancelled).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = cancel => {}
            () = sleep_until(deadline.into()) => {}
            () = sender.closed() => return,
        }
        sender.send_replace(true);
    });
    receiver
}
