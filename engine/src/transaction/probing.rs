//! Asking probes before and after a change.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::{Objection, RETRY_DELAY, Transaction};
use crate::error::{Error, ErrorKind};
use crate::probe::{Probe, ProbeOutcome, Surroundings, ask};

/// How many probes a host is asked at once: sshd allows ten channels in a connection.
const SIDE_BY_SIDE: usize = 5;

/// What is watched during this change.
#[derive(Debug, Default)]
pub(super) struct Watch {
    probes: Vec<Probe>,
    /// Families whose default gateway answered before the change.
    gateways: [bool; 2],
}

impl Transaction<'_> {
    /// Asks all probes before the change. Those that fail are dropped; a required one that fails
    /// ends the transaction before anything is touched.
    pub(super) async fn baseline(&mut self) -> Result<(), Error> {
        let mut probes: Vec<Probe> = Vec::new();
        let brought = self.change.probes.iter();
        for probe in self.options.probes.iter().chain(brought) {
            match probes.iter_mut().find(|known| known.check == probe.check) {
                // Two resources may ask for the same, one more strictly.
                Some(known) => {
                    known.required |= probe.required;
                    known.timeout = known.timeout.max(probe.timeout);
                }
                None => probes.push(probe.clone()),
            }
        }
        if probes.is_empty() {
            return Ok(());
        }
        let limit = |probe: &Probe| probe.timeout.min(Probe::MAXIMUM_BASELINE);
        let answers = self.ask_all(&probes, [false; 2], limit).await?;
        self.recorder.answered();
        let mut failed = None;
        let mut dropped = Vec::new();
        for (probe, answer) in probes.into_iter().zip(answers) {
            let before = answer.as_ref().map(drop).map_err(Clone::clone);
            let outcome = ProbeOutcome { probe: probe.to_string(), before, after: None };
            self.recorder.report_mut().probes.push(outcome);
            match answer {
                Ok(gateways) => {
                    if gateways != [false; 2] {
                        self.watch.gateways = gateways;
                    }
                    self.watch.probes.push(probe);
                }
                Err(reason) if probe.required => {
                    failed.get_or_insert((probe, reason));
                }
                // Nobody asked for the defaults: that they do not fit is no news.
                Err(_) if Probe::defaults().contains(&probe) => {}
                Err(_) => dropped.push(probe.to_string()),
            }
        }
        self.recorder.note("probed");
        if !dropped.is_empty() {
            let message =
                format!("not watched, because it fails before the change: {}", dropped.join(", "));
            self.recorder.report_mut().warnings.push(message);
        }
        let Some((probe, reason)) = failed else { return Ok(()) };
        let message = format!(
            "nothing was changed: the required probe `{probe}` fails already before the change: \
             {reason}"
        );
        Err(Error::new(ErrorKind::Probe, self.name(), message)
            .with_hint("mend what it asks for, or take `required` from the probe"))
    }

    /// Asks what is watched until all of it passes, or the settle time-out is over.
    pub(super) async fn settled(&self) -> Result<Vec<String>, Objection> {
        let settle_timeout = self.change.settle_timeout.unwrap_or(self.options.settle_timeout);
        let deadline = Instant::now() + settle_timeout;
        let mut open: Vec<Probe> = self.watch.probes.clone();
        let mut passed = Vec::new();
        loop {
            let left = || deadline.saturating_duration_since(Instant::now());
            let limit = |probe: &Probe| probe.timeout.min(left()).max(Duration::from_secs(1));
            let answers = self.ask_all(&open, self.watch.gateways, limit).await;
            let answers = answers.map_err(Objection::Lost)?;
            let mut failing = Vec::new();
            for (probe, answer) in std::mem::take(&mut open).into_iter().zip(answers) {
                match answer {
                    Ok(_) => passed.push(probe.to_string()),
                    Err(reason) => {
                        failing.push((probe.to_string(), reason));
                        open.push(probe);
                    }
                }
            }
            if failing.is_empty() {
                return Ok(passed);
            }
            if Instant::now() >= deadline {
                return Err(Objection::Probes { passed, failing });
            }
            sleep(RETRY_DELAY).await;
        }
    }

    /// Notes how the probes went after the change.
    pub(super) fn note_probes(&mut self, passed: &[String], failing: &[(String, String)]) {
        for outcome in &mut self.recorder.report_mut().probes {
            if passed.contains(&outcome.probe) {
                outcome.after = Some(Ok(()));
            }
            if let Some((_, reason)) = failing.iter().find(|(probe, _)| *probe == outcome.probe) {
                outcome.after = Some(Err(reason.clone()));
            }
        }
    }

    async fn ask_all(
        &self,
        probes: &[Probe],
        gateways: [bool; 2],
        limit: impl Fn(&Probe) -> Duration,
    ) -> Result<Vec<Result<[bool; 2], String>>, Error> {
        let places = Arc::new(Semaphore::new(SIDE_BY_SIDE));
        let around = Surroundings { client: &self.client, desired: &self.document, gateways };
        let answers = join_all(probes.iter().map(|probe| {
            let (places, limit) = (Arc::clone(&places), limit(probe));
            async move {
                let _place = places.acquire().await;
                ask(probe, around, limit).await
            }
        }));
        answers.await.into_iter().collect()
    }
}
