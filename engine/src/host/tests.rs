//! The queue against a host that exists only here.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use nmstate_schema::document::Document;
use nmstate_schema::merge::merge;
use nmstate_schema::policy::Policy;
use nmstate_schema::undo::Undo;
use tokio::sync::watch;

use super::Host;
use super::backend::Backend;
use crate::error::{Error, ErrorKind};
use crate::networkmanager::Configured;
use crate::nmstate::Resolution;
use crate::secrets::Secrets;
use crate::snapshot::Snapshot;
use crate::transaction::{Change, Done, Report};

/// Takes every document as it is, except that it refuses what mentions `bad`, and `late` before `c`
/// is there, and that `slow` takes until it is cancelled.
#[derive(Default)]
struct FakeHostBackend {
    state: Mutex<Vec<Document>>,
    looks: AtomicUsize,
    questions: AtomicUsize,
    transactions: Mutex<Vec<String>>,
    settled: Mutex<Vec<Option<Duration>>>,
    unreachable: bool,
    refuses: bool,
}

impl FakeHostBackend {
    fn now(&self) -> Arc<Snapshot> {
        let state = merge(&self.state.lock().unwrap()).expect("the fake's documents fit together");
        Arc::new(Snapshot::with_state(state, None))
    }
}

#[async_trait]
impl Backend for FakeHostBackend {
    async fn snapshot(&self) -> Result<Snapshot, Error> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        if self.unreachable {
            return Err(Error::new(ErrorKind::Unreachable, "fake", "no answer"));
        }
        Ok((*self.now()).clone())
    }

    async fn resolve(&self, _policy: &Policy) -> Result<Resolution, Error> {
        let captured = serde_json::Map::new();
        Ok(Resolution { captured, desired: self.now().state.clone() })
    }

    async fn configured(&self) -> Result<Configured, Error> {
        Ok(Configured::default())
    }

    async fn secrets(&self) -> Result<Secrets, Error> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        match self.refuses {
            true => Err(Error::new(ErrorKind::Sudo, "fake", "refused")),
            false => Ok(Secrets::of(&self.now().state)),
        }
    }

    async fn transact(
        &self,
        change: &Change,
        mut cancelled: watch::Receiver<bool>,
    ) -> Result<Done, Error> {
        let desired = &change.document;
        let names = desired.interfaces().filter_map(|interface| interface["name"].as_str());
        let names = names.collect::<Vec<_>>().join(",");
        self.transactions.lock().unwrap().push(names.clone());
        self.settled.lock().unwrap().push(change.settle_timeout);
        tokio::time::sleep(Duration::from_millis(20)).await;
        let is_early = names == "late" && self.now().state.interface("c").is_none();
        if names.contains("bad") || is_early {
            return Err(Error::new(ErrorKind::InvalidDocument, "fake", "refused"));
        }
        if names.contains("slow") {
            cancelled.wait_for(|cancelled| *cancelled).await.expect("a cancel");
            return Err(Error::new(ErrorKind::Cancelled, "fake", "cancelled"));
        }
        let before = self.now();
        let mut state = self.state.lock().unwrap();
        state.retain(|document| merge(&[document.clone(), desired.clone()]).is_ok());
        state.push(desired.clone());
        drop(state);
        let report = Arc::new(Report::empty());
        Ok(Done { before, after: self.now(), report: Some(report), kept: Undo::default() })
    }

    fn settle_timeout(&self) -> Duration {
        Duration::from_secs(10)
    }

    async fn close(&self) {}
}

fn interface(name: &str, mtu: u32) -> Document {
    let text = format!("interfaces: [{{name: {name}, type: dummy, state: up, mtu: {mtu}}}]");
    Document::parse(&text).expect("a valid document")
}

fn host(backend: FakeHostBackend) -> (Host, Arc<FakeHostBackend>) {
    let backend = Arc::new(backend);
    (Host::with_backend("fake".to_owned(), backend.clone()), backend)
}

async fn apply_all(host: &Host, documents: Vec<Document>) -> Vec<Result<bool, ErrorKind>> {
    let tasks: Vec<_> = documents
        .into_iter()
        .map(|document| {
            let host = host.clone();
            tokio::spawn(async move { host.apply(document).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        answers.push(answer.map(|applied| applied.changed).map_err(|error| error.kind));
    }
    answers
}

#[tokio::test]
async fn any_number_of_callers_share_one_look() {
    let (host, backend) = host(FakeHostBackend::default());
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let host = host.clone();
            tokio::spawn(async move { host.snapshot().await.is_ok() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert!(host.snapshot().await.is_ok());
    assert_eq!(backend.looks.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_secrets_are_asked_for_once_per_look_and_never_by_the_look() {
    for refuses in [false, true] {
        let (host, backend) = host(FakeHostBackend { refuses, ..FakeHostBackend::default() });
        let look = host.snapshot().await.unwrap();
        assert_eq!(backend.questions.load(Ordering::SeqCst), 0);
        let asks = (0..10).map(|_| {
            let (host, look) = (host.clone(), Arc::clone(&look));
            tokio::spawn(async move { host.secrets(&look).await.is_err() })
        });
        for ask in asks.collect::<Vec<_>>() {
            assert_eq!(ask.await.unwrap(), refuses);
        }
        assert_eq!(backend.questions.load(Ordering::SeqCst), 1);
        // What a change has left is looked at anew.
        let after = host.apply(interface("a", 1400)).await.unwrap().after;
        assert_eq!(host.secrets(&after).await.is_err(), refuses);
        assert_eq!(backend.questions.load(Ordering::SeqCst), 2);
        assert_eq!(backend.looks.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn an_unreachable_host_fails_all_at_once() {
    let (host, backend) = host(FakeHostBackend { unreachable: true, ..FakeHostBackend::default() });
    let asks = (0..10).map(|_| {
        let host = host.clone();
        tokio::spawn(async move { host.snapshot().await.unwrap_err().kind })
    });
    for ask in asks.collect::<Vec<_>>() {
        assert_eq!(ask.await.unwrap(), ErrorKind::Unreachable);
    }
    assert_eq!(host.apply(interface("a", 1400)).await.unwrap_err().kind, ErrorKind::Unreachable);
    assert_eq!(backend.looks.load(Ordering::SeqCst), 1);
    assert!(backend.transactions.lock().unwrap().is_empty());
}

#[tokio::test]
async fn changes_that_come_together_are_one_transaction() {
    let (host, backend) = host(FakeHostBackend::default());
    let documents = ["a", "b", "c"].map(|name| interface(name, 1400)).to_vec();
    assert_eq!(apply_all(&host, documents).await, [Ok(true); 3]);
    assert_eq!(*backend.transactions.lock().unwrap(), ["a,b,c"]);
    let after = host.snapshot().await.unwrap();
    assert!(after.state.interface("b").is_some());
    assert_eq!(backend.looks.load(Ordering::SeqCst), 0, "the transaction has left its snapshot");
}

#[tokio::test]
async fn changes_that_travel_together_settle_as_long_as_the_slowest_needs() {
    let (host, backend) = host(FakeHostBackend::default());
    let settling = |name, seconds: Option<u64>| Change {
        settle_timeout: seconds.map(Duration::from_secs),
        ..interface(name, 1400).into()
    };
    for (one, other, longest) in [(Some(3), Some(5), 5), (Some(3), None, 10), (None, Some(20), 20)]
    {
        let (one, other) = (host.apply(settling("a", one)), host.apply(settling("b", other)));
        let (one, other) = tokio::join!(one, other);
        assert!(one.is_ok() && other.is_ok());
        let settled = backend.settled.lock().unwrap().pop();
        assert_eq!(settled, Some(Some(Duration::from_secs(longest))));
    }
}

/// As Terraform's resources do: each looks at the host before it knows its change.
#[tokio::test]
async fn a_change_waits_for_those_who_still_look() {
    let (host, backend) = host(FakeHostBackend::default());
    host.snapshot().await.unwrap();
    let tasks = ["a", "b", "c"].map(|name| {
        let host = host.clone();
        tokio::spawn(async move {
            let delay = if name == "c" { 60 } else { 0 };
            tokio::time::sleep(Duration::from_millis(delay)).await;
            host.snapshot().await.unwrap();
            tokio::time::sleep(Duration::from_millis(delay)).await;
            host.apply(interface(name, 1400)).await.unwrap();
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*backend.transactions.lock().unwrap(), ["a,b,c"]);
}

#[tokio::test]
async fn a_group_that_fails_is_tried_one_by_one() {
    let (host, backend) = host(FakeHostBackend::default());
    let documents = ["a", "bad", "c"].map(|name| interface(name, 1400)).to_vec();
    let answers = apply_all(&host, documents).await;
    assert_eq!(answers, [Ok(true), Err(ErrorKind::InvalidDocument), Ok(true)]);
    assert_eq!(*backend.transactions.lock().unwrap(), ["a,bad,c", "a", "bad", "c", "bad"]);
}

#[tokio::test]
async fn what_is_refused_is_tried_again_after_what_it_may_need() {
    let (host, backend) = host(FakeHostBackend::default());
    let documents = ["late", "bad", "c", "bad2"].map(|name| interface(name, 1400)).to_vec();
    let answers = apply_all(&host, documents).await;
    let refused = || Err(ErrorKind::InvalidDocument);
    assert_eq!(answers, [Ok(true), refused(), Ok(true), refused()]);
    let expected = ["late,bad,c,bad2", "late", "bad", "c", "bad2", "late", "bad", "bad2"];
    assert_eq!(*backend.transactions.lock().unwrap(), expected);
}

#[tokio::test]
async fn changes_that_contradict_each_other_are_transactions_of_their_own() {
    let (host, backend) = host(FakeHostBackend::default());
    let documents = vec![interface("a", 1400), interface("b", 1400), interface("a", 1500)];
    let answers = apply_all(&host, documents).await;
    assert_eq!(answers, [Ok(true); 3]);
    assert_eq!(*backend.transactions.lock().unwrap(), ["a,b", "a"]);
}

#[tokio::test]
async fn nothing_is_changed_after_a_cancel() {
    let (host, backend) = host(FakeHostBackend::default());
    host.cancel();
    assert_eq!(host.apply(interface("a", 1400)).await.unwrap_err().kind, ErrorKind::Cancelled);
    assert!(backend.transactions.lock().unwrap().is_empty());
}

fn limited(name: &str, milliseconds: u64) -> Change {
    let deadline = Some(Instant::now() + Duration::from_millis(milliseconds));
    Change { deadline, ..interface(name, 1400).into() }
}

#[tokio::test]
async fn what_runs_out_of_time_is_cancelled_alone() {
    let (host, backend) = host(FakeHostBackend::default());
    let (slow, other) =
        tokio::join!(host.apply(limited("slow", 300)), host.apply(limited("b", 9000)));
    assert_eq!(slow.unwrap_err().kind, ErrorKind::Cancelled);
    assert!(other.unwrap().changed, "the other had time left");
    assert_eq!(*backend.transactions.lock().unwrap(), ["slow,b", "b"]);
    assert!(host.apply(interface("c", 1400)).await.is_ok(), "the host is not cancelled");
}

#[tokio::test]
async fn what_still_waits_when_its_time_is_up_is_never_begun() {
    let (host, backend) = host(FakeHostBackend::default());
    let begun = Instant::now();
    let first = tokio::spawn({
        let host = host.clone();
        async move { host.apply(limited("slow", 1500)).await }
    });
    tokio::time::sleep(Duration::from_millis(400)).await;
    let error = host.apply(limited("b", 100)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert!(begun.elapsed() < Duration::from_millis(1400), "it waited for the other");
    assert_eq!(first.await.unwrap().unwrap_err().kind, ErrorKind::Cancelled);
    assert_eq!(host.apply(limited("c", 0)).await.unwrap_err().kind, ErrorKind::Cancelled);
    assert_eq!(*backend.transactions.lock().unwrap(), ["slow"]);
}
