//! The only place that changes a host: `Idle -> Baseline -> Applying -> Pending -> Confirmed | Reverted`.

use std::time::Duration;

/// How carefully, and how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// T: how long an unconfirmed change stands before NetworkManager undoes it. Default 30 s, at least 5 s.
    pub timeout: Duration,
    /// How long to wait for somebody else's checkpoint. Default 60 s.
    pub lock_timeout: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options { timeout: Duration::from_secs(30), lock_timeout: Duration::from_secs(60) }
    }
}

/// What a transaction did, proven from the host.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What happened when.
    pub timeline: Timeline,
    /// The D-Bus path of our checkpoint.
    pub checkpoint: Option<String>,
    /// How long the host did not answer, when the change cut the connection.
    pub outage: Option<Duration>,
}

/// Events with their time since the start of the transaction.
#[derive(Clone, Debug, Default)]
pub struct Timeline(pub Vec<(Duration, String)>);
