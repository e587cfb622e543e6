//! The queue of one host, served one request at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use nmstate_schema::merge::merge;
use nmstate_schema::policy::Policy;
use nmstate_schema::undo::{Reason, Undo};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::backend::Backend;
use super::claim::{Claim, cancelled_at, out_of_time};
use super::ledger::Ledger;
use super::{Applied, FAILURE_MEMORY, GATHERING_LIMIT};
use crate::error::{Error, ErrorKind};
use crate::networkmanager::Configured;
use crate::nmstate::Resolution;
use crate::secrets::Secrets;
use crate::snapshot::Snapshot;
use crate::transaction::{Change, Done, Report};

type Reply<T> = oneshot::Sender<Result<T, Error>>;

/// What a host can be asked for.
pub(super) enum Request {
    Snapshot(Reply<Arc<Snapshot>>),
    Resolve(Policy, Reply<Resolution>),
    Configured(Reply<Configured>),
    Secrets(Reply<Secrets>),
    Apply(Change, Reply<Applied>, Claim),
    Close(oneshot::Sender<()>),
}

/// A change and who waits for it.
type Member = (Change, Reply<Applied>);

pub(super) struct Actor {
    name: String,
    backend: Arc<dyn Backend>,
    ledger: Arc<Ledger>,
    requests: mpsc::UnboundedReceiver<Request>,
    cancelled: watch::Receiver<bool>,
    cached: Option<Arc<Snapshot>>,
    failed: Option<(Instant, Error)>,
    /// Taken from the channel, not served yet.
    snapshots: Vec<Reply<Arc<Snapshot>>>,
    policies: VecDeque<(Policy, Reply<Resolution>)>,
    profiles: VecDeque<Reply<Configured>>,
    secrets: VecDeque<Reply<Secrets>>,
    applies: VecDeque<(Member, Claim)>,
    closes: Vec<oneshot::Sender<()>>,
}

impl Actor {
    pub(super) fn new(
        name: String,
        backend: Arc<dyn Backend>,
        ledger: Arc<Ledger>,
        requests: mpsc::UnboundedReceiver<Request>,
        cancelled: watch::Receiver<bool>,
    ) -> Actor {
        Actor {
            name,
            backend,
            ledger,
            requests,
            cancelled,
            cached: None,
            failed: None,
            snapshots: Vec::new(),
            policies: VecDeque::new(),
            profiles: VecDeque::new(),
            secrets: VecDeque::new(),
            applies: VecDeque::new(),
            closes: Vec::new(),
        }
    }

    /// Serves until no handle of the host is left.
    pub(super) async fn run(mut self) {
        while let Some(request) = self.requests.recv().await {
            self.sort(request);
            self.take_waiting();
            while self.serve().await {
                self.take_waiting();
            }
        }
    }

    /// Serves one kind of what waits; false when nothing does.
    async fn serve(&mut self) -> bool {
        if !self.snapshots.is_empty() {
            self.look().await;
        } else if let Some((policy, reply)) = self.policies.pop_front() {
            let answer = self.unless_failed(self.backend.resolve(&policy)).await;
            let _ = reply.send(self.remembered(answer));
        } else if let Some(reply) = self.profiles.pop_front() {
            let answer = self.unless_failed(self.backend.configured()).await;
            let _ = reply.send(self.remembered(answer));
        } else if let Some(reply) = self.secrets.pop_front() {
            let answer = self.unless_failed(self.backend.secrets()).await;
            let _ = reply.send(self.remembered(answer));
        } else if !self.applies.is_empty() {
            self.gather().await;
            self.change().await;
        } else if !self.closes.is_empty() {
            self.backend.close().await;
            for reply in self.closes.drain(..) {
                let _ = reply.send(());
            }
        } else {
            return false;
        }
        true
    }

    /// Takes what comes shortly after the first change. Who looks at the host first is answered
    /// here, because that is what a change of its own follows.
    async fn gather(&mut self) {
        let limit = Instant::now() + GATHERING_LIMIT;
        loop {
            let window = self
                .backend
                .gathering_window()
                .min(limit.saturating_duration_since(Instant::now()));
            match timeout(window, self.requests.recv()).await {
                Ok(Some(request)) => self.sort(request),
                Ok(None) | Err(_) => return,
            }
            self.take_waiting();
            if !self.snapshots.is_empty() {
                self.look().await;
            }
        }
    }

    fn sort(&mut self, request: Request) {
        match request {
            Request::Snapshot(reply) => self.snapshots.push(reply),
            Request::Resolve(policy, reply) => self.policies.push_back((policy, reply)),
            Request::Configured(reply) => self.profiles.push_back(reply),
            Request::Secrets(reply) => self.secrets.push_back(reply),
            Request::Apply(change, reply, claim) => {
                self.applies.push_back(((change, reply), claim));
            }
            Request::Close(reply) => self.closes.push(reply),
        }
    }

    fn take_waiting(&mut self) {
        while let Ok(request) = self.requests.try_recv() {
            self.sort(request);
        }
    }

    /// Answers everybody who wants a snapshot, with at most one look at the host.
    async fn look(&mut self) {
        let outcome = match (&self.cached, self.recent_failure()) {
            (Some(snapshot), _) => Ok(Arc::clone(snapshot)),
            (None, Some(error)) => Err(error),
            (None, None) => self.backend.snapshot().await.map(Arc::new),
        };
        match &outcome {
            Ok(snapshot) => self.cached = Some(Arc::clone(snapshot)),
            Err(error) => self.remember(error),
        }
        // Who has asked meanwhile gets the same answer.
        self.take_waiting();
        for reply in self.snapshots.drain(..) {
            let _ = reply.send(outcome.clone());
        }
    }

    /// An answer of the host, unless it has just not answered.
    async fn unless_failed<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match self.recent_failure() {
            Some(error) => Err(error),
            None => answer.await,
        }
    }

    fn remembered<T>(&mut self, answer: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &answer {
            self.remember(error);
        }
        answer
    }

    /// Carries out everything that waits, in as few transactions as possible.
    async fn change(&mut self) {
        let members = self.next_group();
        let outcome = match members.as_slice() {
            [] => return,
            [(change, _)] => self.transact(change).await,
            _ => match merge(&documents(&members)) {
                Ok(document) => {
                    let changes = || members.iter().map(|(change, _)| change);
                    let default = self.backend.settle_timeout();
                    let change = Change {
                        document,
                        undo: changes().fold(Undo::default(), |all, one| all.and(one.undo.clone())),
                        declared: Vec::new(),
                        probes: changes().flat_map(|change| change.probes.clone()).collect(),
                        settle_timeout: changes()
                            .map(|change| change.settle_timeout.unwrap_or(default))
                            .max(),
                        deadline: changes().filter_map(|change| change.deadline).min(),
                        resend: changes().any(|change| change.resend),
                    };
                    self.transact(&change).await
                }
                Err(_) => return self.one_by_one(members).await,
            },
        };
        match outcome {
            Ok(done) => {
                // What one member leaves to another has to be known before that one goes on.
                let answers: Vec<Applied> =
                    members.iter().map(|(change, _)| self.applied(change, &done)).collect();
                for ((_, reply), answer) in members.into_iter().zip(answers) {
                    let _ = reply.send(Ok(answer));
                }
            }
            Err(error) if members.len() > 1 && self.is_about_a_member(&error) => {
                self.one_by_one(members).await;
            }
            Err(error) => {
                for (_, reply) in members {
                    let _ = reply.send(Err(error.clone()));
                }
            }
        }
    }

    /// The waiting changes up to the first one that contradicts those before it.
    fn next_group(&mut self) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        while let Some((member, claim)) = self.applies.pop_front() {
            let mut together = documents(&members);
            together.push(member.0.document.clone());
            if !members.is_empty() && merge(&together).is_err() {
                self.applies.push_front((member, claim));
                break;
            }
            if claim.take() {
                members.push(member);
            }
        }
        members
    }

    /// Carries out changes each for itself. One that nmstate refuses may need another first, and is
    /// tried again after it: a card lets go of its addresses when it holds no name server any more.
    async fn one_by_one(&mut self, mut members: Vec<Member>) {
        let mut refused: Vec<(Member, Error)> = Vec::new();
        while !members.is_empty() {
            let mut again: Vec<Member> = Vec::new();
            for (change, reply) in members {
                match self.transact(&change).await {
                    Err(error) if error.kind == ErrorKind::InvalidDocument => {
                        refused.push(((change, reply), error));
                    }
                    outcome => {
                        if outcome.as_ref().is_ok_and(|done| done.report.is_some()) {
                            again.extend(refused.drain(..).map(|(member, _)| member));
                        }
                        let _ = reply.send(outcome.map(|done| self.applied(&change, &done)));
                    }
                }
            }
            members = again;
        }
        for ((_, reply), error) in refused {
            let _ = reply.send(Err(error));
        }
    }

    async fn transact(&mut self, change: &Change) -> Result<Done, Error> {
        if *self.cancelled.borrow() {
            let message = "cancelled before anything was changed";
            return Err(Error::new(ErrorKind::Cancelled, &*self.name, message));
        }
        if let Some(error) = self.recent_failure() {
            return Err(error);
        }
        let cancelled = match change.deadline {
            Some(deadline) if deadline <= Instant::now() => return Err(out_of_time(&self.name)),
            Some(deadline) => cancelled_at(deadline, self.cancelled.clone()),
            None => self.cancelled.clone(),
        };
        let mut outcome = self.attempt(change, cancelled.clone()).await;
        // What is kept for others may not stand where it stood any more; that is no reason to fail.
        if let Err(error) = &outcome
            && is_about_the_document(error.kind)
            && self.ledger.let_go()
        {
            tracing::debug!(%error, "tried again without what is kept for others");
            outcome = self.attempt(change, cancelled).await;
        }
        match &outcome {
            Ok(done) => {
                self.cached = Some(Arc::clone(&done.after));
                self.ledger.take_away(&change.undo);
                self.ledger.postpone(done.kept.clone());
            }
            Err(error) => self.remember(error),
        }
        match outcome {
            Ok(done) => Ok(self.with_kept(done).await),
            Err(error) => Err(error),
        }
    }

    /// Puts back at once what a change took from others and can be there: nmstate keeps rules in the
    /// profile of an interface, and loses them with it.
    async fn with_kept(&mut self, done: Done) -> Done {
        let resolved = done.kept.resolve(&self.ledger.documents(), &done.after.state);
        if resolved.document.is_empty() {
            return done;
        }
        let nothing = Change::from(Document::default());
        let outcome = self.attempt(&nothing, self.cancelled.clone()).await;
        let report = done.report.map(|report| {
            let mut report = Report::clone(&report);
            match &outcome {
                Ok(_) => {
                    let labels = resolved.labels();
                    let is_back =
                        |text: &String| labels.iter().any(|label| text.starts_with(label));
                    report.warnings.retain(|warning| !is_back(warning));
                }
                Err(error) => report.warnings.push(format!("it could not be put back: {error}")),
            }
            Arc::new(report)
        });
        let after = match outcome {
            Ok(second) => {
                self.cached = Some(Arc::clone(&second.after));
                second.after
            }
            Err(_) => done.after,
        };
        Done { after, report, ..done }
    }

    async fn attempt(
        &mut self,
        change: &Change,
        cancelled: watch::Receiver<bool>,
    ) -> Result<Done, Error> {
        let change = Change {
            declared: self.ledger.documents(),
            undo: change.undo.clone().and(self.ledger.postponed()),
            ..change.clone()
        };
        self.cached = None;
        self.backend.transact(&change, cancelled).await
    }

    /// The answer to one of the changes that a transaction has carried out.
    fn applied(&self, change: &Change, done: &Done) -> Applied {
        let change = Change { declared: self.ledger.documents(), ..change.clone() };
        let resolved = change.resolve(&done.before.state).unwrap_or_default();
        self.ledger.postpone(resolved.postponed.and(change.undo.made_entries()));
        // What is declared by a change that has its answer still to come, that one takes over.
        let lost = change.undo.resolve(&self.ledger.settled(), &done.before.state).left_out;
        let mut left_out = resolved.left_out;
        for one in left_out.iter_mut().filter(|one| one.reason == Reason::Declared) {
            if !lost.contains(one) {
                one.reason = Reason::Inherited;
            }
        }
        let is_changed = || !compare(&resolved.document, &done.before.state).is_empty();
        Applied {
            changed: done.report.is_some() && is_changed(),
            before: Arc::clone(&done.before),
            after: Arc::clone(&done.after),
            report: done.report.clone(),
            left_out,
        }
    }

    /// Whether the cause of a failed group may lie in one member of it: in its document, or in its
    /// time, which was up before that of the others.
    fn is_about_a_member(&self, error: &Error) -> bool {
        let is_out_of_time = error.kind == ErrorKind::Cancelled && !*self.cancelled.borrow();
        is_out_of_time || is_about_the_document(error.kind)
    }

    fn recent_failure(&self) -> Option<Error> {
        let (at, error) = self.failed.as_ref()?;
        (at.elapsed() < FAILURE_MEMORY).then(|| error.clone())
    }

    fn remember(&mut self, error: &Error) {
        let unreachable = matches!(
            error.kind,
            ErrorKind::Unreachable
                | ErrorKind::ConnectTimeout
                | ErrorKind::HostKeyUnknown
                | ErrorKind::HostKeyMismatch
                | ErrorKind::Authentication
                | ErrorKind::JumpHost
        );
        if unreachable && self.recent_failure().is_none() {
            self.failed = Some((Instant::now(), error.clone()));
        }
    }
}

fn documents(members: &[Member]) -> Vec<Document> {
    members.iter().map(|(change, _)| change.document.clone()).collect()
}

/// Whether the cause may lie in one member of a group.
fn is_about_the_document(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidDocument
            | ErrorKind::NmstatectlTooOld
            | ErrorKind::Verification
            | ErrorKind::Probe
            | ErrorKind::Remote
            | ErrorKind::Reverted
    )
}
