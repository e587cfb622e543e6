//! Waiting for somebody else's word that a change is good.
//!
//! An engine that runs on the host itself cannot make the connection that proves a change. Whoever
//! can make it says so with a file; one that was there before the change proves nothing and is
//! removed first. Without the word the change is undone when the time of its checkpoint is up, as
//! if nobody were there to say anything; a file with an objection in it undoes the change at once.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Objection, Transaction};

/// How often is looked for the word.
const RHYTHM: Duration = Duration::from_millis(100);
/// The limit for a look at a file.
const LOOK_TIMEOUT: Duration = Duration::from_secs(5);

impl Transaction<'_> {
    /// Waits until the change is approved; at once when nobody has to.
    pub(super) async fn approved(&self) -> Result<(), Objection> {
        let Some(approval) = &self.options.approval else { return Ok(()) };
        let timeout = self.options.timeout();
        let deadline = Instant::now() + timeout;
        let (awaited, given) =
            (approval.awaited.to_string_lossy(), approval.given.to_string_lossy());
        let run = async |argv: &[&str]| {
            self.client.probe(argv, LOOK_TIMEOUT).await.map_err(Objection::Lost)
        };
        let begun = match run(&["rm", "-f", &given]).await? {
            Ok(_) => run(&["touch", &awaited]).await?,
            Err(reason) => Err(reason),
        };
        if let Err(reason) = begun {
            return Err(Objection::Unapproved(format!(
                "nobody could be asked to confirm: {reason}"
            )));
        }
        loop {
            let said = run(&["cat", &given]).await?;
            if let Ok(objection) = &said {
                return match objection.lines().next() {
                    None => Ok(()),
                    Some(objection) => Err(Objection::Refused(objection.to_owned())),
                };
            }
            if Instant::now() >= deadline {
                return Err(Objection::Unapproved(format!(
                    "{} did not confirm the change within {} s",
                    approval.who,
                    timeout.as_secs()
                )));
            }
            sleep(RHYTHM).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use nmstate_schema::document::Document;
    use tokio::sync::watch;

    use super::*;
    use crate::nmstate::Client;
    use crate::target::{Inventory, resolve};
    use crate::transaction::{Approval, Change, Options};

    async fn approved(directory: &Path) -> Result<(), Objection> {
        let target = Arc::new(resolve("local", &Inventory::default()).unwrap());
        let client = Client::open(Arc::clone(&target)).await.unwrap();
        let change = Change::from(Document::default());
        let approval = Approval {
            who: "somebody".to_owned(),
            awaited: directory.join("awaited"),
            given: directory.join("given"),
        };
        let options = Options {
            timeout: Options::MINIMUM_TIMEOUT,
            approval: Some(approval),
            ..Options::default()
        };
        let (_sender, cancelled) = watch::channel(false);
        Transaction::new(target, client, &change, &options, cancelled).approved().await
    }

    #[tokio::test]
    async fn a_word_counts_when_it_is_given_after_the_change() {
        let directory = tempfile::tempdir().unwrap();
        let (awaited, given) = (directory.path().join("awaited"), directory.path().join("given"));
        let give = async {
            while !awaited.exists() {
                sleep(RHYTHM).await;
            }
            std::fs::write(&given, "").unwrap();
        };
        let (outcome, ()) = tokio::join!(approved(directory.path()), give);
        assert!(outcome.is_ok());
    }

    #[tokio::test]
    async fn an_objection_is_a_word_too() {
        let directory = tempfile::tempdir().unwrap();
        let (awaited, given) = (directory.path().join("awaited"), directory.path().join("given"));
        let object = async {
            while !awaited.exists() {
                sleep(RHYTHM).await;
            }
            let new = directory.path().join("new");
            std::fs::write(&new, "it does not answer\n").unwrap();
            std::fs::rename(&new, &given).unwrap();
        };
        let (outcome, ()) = tokio::join!(approved(directory.path()), object);
        let Err(Objection::Refused(reason)) = outcome else { panic!("somebody has objected") };
        assert_eq!(reason, "it does not answer");
    }

    #[tokio::test]
    async fn a_word_that_was_there_before_is_none() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("given"), "").unwrap();
        let Err(Objection::Unapproved(reason)) = approved(directory.path()).await else {
            panic!("nobody has approved")
        };
        assert_eq!(reason, "somebody did not confirm the change within 5 s");
        assert!(directory.path().join("awaited").exists());
    }
}
