//! What a transaction went through, for people who want to know what their network did.

use std::fmt;
use std::time::{Duration, Instant};

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is done yet.
    Idle,
    /// The host is looked at, and others' changes are waited for.
    Baseline,
    /// nmstate works on the host.
    Applying,
    /// The change stands, and NetworkManager undoes it unless it is committed.
    Pending,
    /// The change is committed.
    Confirmed,
    /// The host is as it was before.
    Reverted,
}

/// What a transaction did, proven from the host.
#[derive(Clone, Debug)]
pub struct Report {
    /// The last state.
    pub state: State,
    /// What happened when.
    pub timeline: Timeline,
    /// The D-Bus path of our checkpoint.
    pub checkpoint: Option<String>,
    /// From the last answer before to the first answer after, when the change cut the connection.
    pub outage: Option<Duration>,
}

impl Report {
    /// Of a transaction that has not begun.
    pub(crate) fn empty() -> Report {
        Report { state: State::Idle, timeline: Timeline::default(), checkpoint: None, outage: None }
    }
}

/// Events with their time since the start of the transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline(Vec<(Duration, String)>);

impl Timeline {
    /// The events in order.
    pub fn events(&self) -> &[(Duration, String)] {
        &self.0
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (at, event)) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            write!(formatter, "{separator}{:.1} s {event}", at.as_secs_f32())?;
        }
        Ok(())
    }
}

/// Keeps the report while the transaction runs.
pub(super) struct Recorder {
    started: Instant,
    last_answer: Instant,
    report: Report,
}

impl Recorder {
    pub(super) fn new() -> Recorder {
        let now = Instant::now();
        Recorder { started: now, last_answer: now, report: Report::empty() }
    }

    pub(super) fn enter(&mut self, state: State, event: &str) {
        self.report.state = state;
        self.note(event);
    }

    pub(super) fn note(&mut self, event: &str) {
        tracing::debug!(event, "transaction");
        self.report.timeline.0.push((self.started.elapsed(), event.to_owned()));
    }

    pub(super) fn checkpoint(&mut self, path: &str) {
        self.report.checkpoint = Some(path.to_owned());
    }

    /// The host has answered just now.
    pub(super) fn answered(&mut self) {
        self.last_answer = Instant::now();
    }

    /// How long the host has not answered.
    pub(super) fn silence(&self) -> Duration {
        self.last_answer.elapsed()
    }

    /// The host answers again.
    pub(super) fn back(&mut self) {
        let silence = self.silence();
        self.report.outage = Some(self.report.outage.map_or(silence, |before| before.max(silence)));
        self.note("the host answers again");
        self.answered();
    }

    pub(super) fn report(&self) -> &Report {
        &self.report
    }
}
