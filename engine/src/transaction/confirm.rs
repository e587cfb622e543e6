//! Over a new connection: is the change good, and if it is, making it final.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::try_join_all;
use nmstate_schema::Value;
use nmstate_schema::compare::{Difference, compare};
use nmstate_schema::path::Path;
use nmstate_schema::record::Keeper;
use nmstate_schema::undo::HandedBack;
use tokio::time::sleep;

use super::connection::Heartbeat;
use super::proof::verify;
use super::{GRACE, SILENCE, State, Transaction, step};
use crate::error::{Error, ErrorKind};
use crate::networkmanager::{NetworkManager, Writes};
use crate::snapshot::Snapshot;

/// A connection may break once or twice for reasons of its own; a path that does not hold one is
/// not good.
const MOST_LOSSES: usize = 2;

const PROBE_HINT: &str = "change what the probe needs along with it, raise `settle_timeout` when it \
                          only needs longer, or leave the probe out";

/// Why the pending change is not good.
pub(super) enum Objection {
    Cancelled,
    Differs(Vec<Difference>),
    Probes {
        passed: Vec<String>,
        failing: Vec<(String, String)>,
    },
    Lost(Error),
    /// Nobody gave the word that it needs.
    Unapproved(String),
    /// Whoever has to give the word says why not.
    Refused(String),
    /// An interface could not go back to the profile that had it.
    Kept(Error),
    /// The name servers that nmstate was not to see could not be given back.
    NameServers(Error),
    /// It is good, but could not be written to disk.
    Unwritten(Error),
}

/// What was seen of a change that is good, and what writes it to disk.
struct Good {
    after: Arc<Snapshot>,
    probes: Vec<String>,
    writes: Writes,
    warnings: Vec<String>,
    /// The interfaces that nothing can have back.
    stranded: Vec<HandedBack>,
}

impl Transaction<'_> {
    /// Commits the change over a new connection if it is good, and undoes it if not.
    pub(super) async fn confirm(
        &mut self,
        checkpoint: &str,
        before: &Arc<Snapshot>,
    ) -> Result<Arc<Snapshot>, Error> {
        let mut losses = 0;
        let mut objection = loop {
            self.reconnect(Instant::now() + self.options.timeout() + GRACE).await?;
            self.recorder.note("connected anew");
            match self.verify_and_commit(checkpoint).await {
                Ok(after) => return Ok(self.confirmed(after, "committed")),
                Err(Objection::Lost(cause)) if !is_answer(&cause) && losses < MOST_LOSSES => {
                    losses += 1;
                    self.recorder.lost("lost the connection");
                }
                Err(objection) => break objection,
            }
        };
        if let Objection::Lost(cause) = &objection {
            if is_answer(cause) {
                self.recorder.note("the checkpoint is gone");
            } else {
                self.recorder.lost("lost the connection");
                self.reconnect(Instant::now() + self.options.timeout() + GRACE).await?;
            }
        }
        if self.roll_back(checkpoint).await? {
            let error = self.objection_error(&objection);
            return Err(self.prove_reverted(before, error).await);
        }
        // The checkpoint is gone: its time was up, NetworkManager was restarted, or a commit was
        // carried out whose answer got lost. What the host shows decides. A write that was refused
        // meanwhile need not be the disk's fault.
        if let Objection::Unwritten(cause) = objection {
            objection = Objection::Lost(cause);
        }
        let mut is_ours = false;
        if matches!(objection, Objection::Lost(_)) {
            match self.adopt().await {
                Ok(Some(after)) => return Ok(self.confirmed(after, "found in force, and good")),
                Ok(None) => {}
                Err(other) => {
                    is_ours = true;
                    objection = other;
                }
            }
        }
        if is_ours {
            // Nobody else will undo what is in force.
            self.put_back(before).await;
        }
        let error = self.objection_error(&objection);
        Err(self.prove_reverted(before, error).await)
    }

    fn confirmed(&mut self, after: Arc<Snapshot>, event: &str) -> Arc<Snapshot> {
        self.recorder.enter(State::Confirmed, event);
        after
    }

    /// Looks at the host until it is as desired and all probes pass, writes it to disk as far as
    /// NetworkManager would take that back, and commits.
    async fn verify_and_commit(&mut self, checkpoint: &str) -> Result<Arc<Snapshot>, Objection> {
        let bus = NetworkManager::connect(&self.client).await.map_err(Objection::Lost)?;
        let mut heartbeat = Heartbeat::start(&self.client).await;
        let judged = self.judge(&bus);
        let good = self.guarded(&bus, checkpoint, &mut heartbeat, judged).await;
        if !matches!(good, Err(Objection::Lost(_))) {
            self.recorder.answered();
        }
        let good = self.noted(good)?;
        let saved = self.save(&bus, &good.writes);
        let saved = self.guarded(&bus, checkpoint, &mut heartbeat, saved).await;
        self.written(saved, "saved")?;
        let failures = bus.commit(checkpoint, &good.writes.last).await.map_err(Objection::Lost)?;
        self.recorder.note("committed");
        step::reached("persist").await;
        let finished = self.alive(&mut heartbeat, self.finish(failures)).await;
        self.written(finished, "written to disk")?;
        self.as_left(good.after).await
    }

    /// Does what is to be done while the change is pending: keeps the checkpoint alive meanwhile,
    /// and ends when the change is cancelled or the connection dead.
    async fn guarded<T>(
        &self,
        bus: &NetworkManager,
        checkpoint: &str,
        heartbeat: &mut Heartbeat,
        task: impl Future<Output = Result<T, Objection>>,
    ) -> Result<T, Objection> {
        let timeout = self.options.timeout();
        bus.extend(checkpoint, timeout).await.map_err(Objection::Lost)?;
        let extend = async {
            loop {
                sleep(timeout / 3).await;
                if let Err(error) = bus.extend(checkpoint, timeout).await {
                    return error;
                }
            }
        };
        let mut cancelled = self.cancelled.clone();
        let cancel = async {
            if cancelled.wait_for(|cancelled| *cancelled).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = cancel => Err(Objection::Cancelled),
            error = extend => Err(Objection::Lost(error)),
            done = self.alive(heartbeat, task) => done,
        }
    }

    /// Does what takes its time, a slow disk's too, and ends when the connection is dead.
    async fn alive<T>(
        &self,
        heartbeat: &mut Heartbeat,
        task: impl Future<Output = Result<T, Objection>>,
    ) -> Result<T, Objection> {
        tokio::select! {
            biased;
            done = task => done,
            () = heartbeat.silence(SILENCE * 3) => Err(self.silent()),
        }
    }

    /// Whether the change is good, and what writes it to disk.
    async fn judge(&self, bus: &NetworkManager) -> Result<Good, Objection> {
        step::reached("pending").await;
        let desired = self.in_force();
        let refused = |objection: fn(Error) -> Objection| {
            move |error: Error| match is_answer(&error) {
                true => objection(error),
                false => Objection::Lost(error),
            }
        };
        if let Some(dns) = &self.name_servers {
            bus.set_global_dns(dns).await.map_err(refused(Objection::NameServers))?;
        }
        let stranded = self.hand_back(bus).await.map_err(refused(Objection::Kept))?;
        let (after, probes, ()) =
            tokio::try_join!(verify(&self.client, &desired), self.settled(), self.approved())?;
        let writes = self.writes(bus).await.map_err(Objection::Lost)?;
        let mut warnings = self.unfinished(bus).await.map_err(Objection::Lost)?;
        warnings.extend(stranded.iter().map(stays_alone));
        step::reached("commit").await;
        Ok(Good { after: Arc::new(after), probes, writes, warnings, stranded })
    }

    /// Warnings of the interfaces that are to be up and that NetworkManager still configures.
    async fn unfinished(&self, bus: &NetworkManager) -> Result<Vec<String>, Error> {
        let is_up = |one: &&Value| one["state"].as_str().is_none_or(|state| state == "up");
        let up = self.document.interfaces().filter(is_up).filter_map(|one| one["name"].as_str());
        let asked =
            up.map(|name| async move { Ok::<_, Error>((name, bus.waits_for(name).await?)) });
        let answers = try_join_all(asked).await?.into_iter();
        let waiting = answers.filter_map(|(name, thing)| {
            let thing = thing?;
            Some(format!("interface `{name}` is not ready: it still waits for {thing}"))
        });
        Ok(waiting.collect())
    }

    /// A change whose checkpoint is gone is taken for ours when it is in force and good: then only
    /// the disk is left to do.
    async fn adopt(&mut self) -> Result<Option<Arc<Snapshot>>, Objection> {
        let now = self.client.snapshot().await.map_err(Objection::Lost)?;
        if !compare(&self.in_force(), &now.state).is_empty() {
            return Ok(None);
        }
        let bus = NetworkManager::connect(&self.client).await.map_err(Objection::Lost)?;
        let good = self.judge(&bus).await;
        let good = self.noted(good)?;
        let mut heartbeat = Heartbeat::start(&self.client).await;
        let saved = self.alive(&mut heartbeat, self.save(&bus, &good.writes)).await;
        self.written(saved, "saved")?;
        let failures = bus.send(&good.writes.last).await;
        let finished = self.alive(&mut heartbeat, self.finish(failures)).await;
        self.written(finished, "written to disk")?;
        self.as_left(good.after).await.map(Some)
    }

    fn noted(&mut self, judged: Result<Good, Objection>) -> Result<Good, Objection> {
        match &judged {
            Ok(good) => {
                self.note_probes(&good.probes, &[]);
                let told = &mut self.recorder.report_mut().warnings;
                let new = good.warnings.iter().filter(|one| !told.contains(one));
                let new: Vec<String> = new.cloned().collect();
                told.extend(new);
                self.handed_back.retain(|one| !good.stranded.contains(one));
            }
            Err(Objection::Probes { passed, failing }) => self.note_probes(passed, failing),
            Err(Objection::Differs(differences)) => {
                self.recorder.report_mut().differences.clone_from(differences);
            }
            Err(_) => {}
        }
        judged
    }

    /// The objection to a connection that is dead without having said so.
    pub(super) fn silent(&self) -> Objection {
        Objection::Lost(Error::new(ErrorKind::Unreachable, self.name(), "no sign of life"))
    }

    fn objection_error(&self, objection: &Objection) -> Error {
        let name = self.name();
        match objection {
            Objection::Cancelled => Error::new(ErrorKind::Cancelled, name, "cancelled"),
            Objection::Differs(differences) => {
                let path = differences.first().map(|difference| difference.path.clone());
                let shown = path.as_ref().map(Path::to_string).unwrap_or_default();
                let message = format!("`{shown}` did not take on the desired value");
                Error::new(ErrorKind::Verification, name, message).with_path(path)
            }
            Objection::Probes { failing, .. } => {
                let shown: Vec<_> = failing
                    .iter()
                    .map(|(probe, reason)| {
                        format!("probe `{probe}` fails since the change: {reason}")
                    })
                    .collect();
                Error::new(ErrorKind::Probe, name, shown.join("; ")).with_hint(PROBE_HINT)
            }
            Objection::Lost(cause)
                if is_answer(cause) && self.recorder.report().outage.is_none() =>
            {
                let message = "the checkpoint ended before the change could be confirmed";
                Error::new(ErrorKind::Reverted, name, message).with_hint(
                    "raise `checkpoint.timeout` when the host needs longer for a login; a restart of \
                     NetworkManager ends a checkpoint too",
                )
            }
            Objection::Lost(_) => {
                let message = "the change cut the connection to the host";
                Error::new(ErrorKind::Reverted, name, message)
            }
            Objection::Unapproved(reason) => {
                Error::new(ErrorKind::Reverted, name, reason).with_hint(
                    "the change may have cut the way to the host; raise the time-out of the checkpoint when it only \
                     needs longer",
                )
            }
            Objection::Refused(reason) => Error::new(ErrorKind::Probe, name, reason).with_hint(PROBE_HINT),
            Objection::Kept(cause) => {
                let message = format!(
                    "an interface cannot go back to the profile that it shared: {}",
                    cause.message
                );
                Error::new(ErrorKind::Reverted, name, message)
                    .with_hint(
                        "see what `nmcli connection up` says of that profile on the host; with \
                         `on_destroy = \"keep\"` the interface stays as it is",
                    )
            }
            Objection::NameServers(cause) => {
                let message =
                    format!("the host could not keep its name servers: {}", cause.message);
                Error::new(ErrorKind::Reverted, name, message)
                    .with_hint("remove the name servers first, and declare them anew afterwards")
            }
            Objection::Unwritten(cause) => {
                let message = format!("the change could not be written to disk: {}", cause.message);
                Error::new(ErrorKind::Reverted, name, message)
                    .with_hint("make room in `/etc/NetworkManager/system-connections`")
            }
        }
    }
}

/// Whether NetworkManager has answered, with a refusal, so that the connection is alive.
fn is_answer(cause: &Error) -> bool {
    cause.kind == ErrorKind::Remote
}

/// The warning of an interface whose shared profile is gone.
fn stays_alone(one: &HandedBack) -> String {
    let profile = match &one.to {
        Keeper::Profile(name) => name.as_str(),
        Keeper::Unmanaged => "",
    };
    format!(
        "interface `{}` keeps a profile of its own with the settings of before: the profile `{profile}` \
         that it shared is not there any more",
        one.interface
    )
}
