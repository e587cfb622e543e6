//! What a transaction went through, for people who want to know what their network did.

use std::fmt;
use std::time::{Duration, Instant};

use nmstate_schema::Value;
use nmstate_schema::compare::Difference;
use serde_json::json;

use crate::probe::ProbeOutcome;

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is done yet.
    Idle,
    /// The host is looked at, probed, and others' changes are waited for.
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
    /// How the probes went.
    pub probes: Vec<ProbeOutcome>,
    /// The destination that the host is reached at since the change moved it.
    pub address: Option<String>,
    /// What the host did not take on, for a change that was undone because of it.
    pub differences: Vec<Difference>,
    /// What the user should know although the change is good.
    pub warnings: Vec<String>,
}

impl State {
    /// The state in one lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            State::Idle => "idle",
            State::Baseline => "baseline",
            State::Applying => "applying",
            State::Pending => "pending",
            State::Confirmed => "confirmed",
            State::Reverted => "reverted",
        }
    }
}

impl Report {
    /// Of a transaction that has not begun.
    pub(crate) fn empty() -> Report {
        Report {
            state: State::Idle,
            timeline: Timeline::default(),
            checkpoint: None,
            outage: None,
            probes: Vec::new(),
            address: None,
            differences: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The report as a JSON object, the form that front doors show: `state`, `seconds` (of the
    /// whole transaction), `outage_seconds`, `timeline` (`at` in seconds, `event`), `probes`
    /// (`probe`, `before`, `after`: `ok` or the reason), `checkpoint`, `address`, `differences`
    /// (paths) and `warnings`. Values of the document are left out: they may be secrets.
    pub fn to_value(&self) -> Value {
        let outcome = |outcome: &Result<(), String>| match outcome {
            Ok(()) => "ok".to_owned(),
            Err(reason) => reason.clone(),
        };
        let probes: Vec<Value> = self
            .probes
            .iter()
            .map(|probe| {
                json!({
                    "probe": probe.probe,
                    "before": outcome(&probe.before),
                    "after": probe.after.as_ref().map(outcome),
                })
            })
            .collect();
        let events = self.timeline.events();
        let timeline: Vec<Value> =
            events.iter().map(|(at, event)| json!({"at": seconds(*at), "event": event})).collect();
        json!({
            "state": self.state.word(),
            "seconds": events.last().map_or(0.0, |(at, _)| seconds(*at)),
            "outage_seconds": self.outage.map(seconds),
            "timeline": timeline,
            "probes": probes,
            "checkpoint": self.checkpoint,
            "address": self.address,
            "differences": self
                .differences
                .iter()
                .map(|difference| difference.path.to_string())
                .collect::<Vec<_>>(),
            "warnings": self.warnings,
        })
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
    /// The last answer before the connection was lost, until the host answers again.
    lost_since: Option<Instant>,
    report: Report,
}

impl Recorder {
    pub(super) fn new() -> Recorder {
        let now = Instant::now();
        Recorder { started: now, last_answer: now, lost_since: None, report: Report::empty() }
    }

    pub(super) fn enter(&mut self, state: State, event: &str) {
        self.report.state = state;
        self.note(event);
    }

    pub(super) fn note(&mut self, event: &str) {
        tracing::debug!(event, "transaction");
        self.report.timeline.0.push((self.started.elapsed(), event.to_owned()));
    }

    /// The connection is lost: until the host answers again, it has been away since its last answer.
    pub(super) fn lost(&mut self, event: &str) {
        if self.lost_since.is_none() {
            self.lost_since = Some(self.last_answer);
            self.note(event);
        }
    }

    /// The host has answered just now.
    pub(super) fn answered(&mut self) {
        self.last_answer = Instant::now();
        if let Some(since) = self.lost_since.take() {
            let away = self.last_answer.duration_since(since);
            self.report.outage = Some(self.report.outage.map_or(away, |before| before.max(away)));
            self.note("the host answers again");
        }
    }

    /// Whether the host has not answered since its connection was lost.
    pub(super) fn is_lost(&self) -> bool {
        self.lost_since.is_some()
    }

    /// How long the host has not answered.
    pub(super) fn silence(&self) -> Duration {
        self.last_answer.elapsed()
    }

    /// The parts that are known at once.
    pub(super) fn report_mut(&mut self) -> &mut Report {
        &mut self.report
    }

    pub(super) fn report(&self) -> &Report {
        &self.report
    }
}

/// Seconds as people read them, to the millisecond.
fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outage_is_from_the_last_answer_to_the_next() {
        let mut recorder = Recorder::new();
        recorder.answered();
        assert_eq!(recorder.report().outage, None);
        recorder.lost("lost the connection");
        recorder.lost("lost the connection");
        std::thread::sleep(Duration::from_millis(20));
        recorder.answered();
        let value = recorder.report().to_value();
        assert!(value["outage_seconds"].as_f64().unwrap() >= 0.02, "{value}");
        let events = value["timeline"].as_array().unwrap().iter().map(|event| &event["event"]);
        assert_eq!(events.collect::<Vec<_>>(), ["lost the connection", "the host answers again"]);
    }
}
