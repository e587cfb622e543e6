//! The seam between the queue of a host and the host itself, so that the queue can be tested alone.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nmstate_schema::policy::Policy;
use tokio::sync::{Mutex, watch};

use super::GATHERING_WINDOW;
use crate::error::{Error, ErrorKind};
use crate::networkmanager::{Configured, NetworkManager};
use crate::nmstate::{Client, Resolution};
use crate::secrets::Secrets;
use crate::snapshot::Snapshot;
use crate::target::Target;
use crate::transaction::{Change, Done, Options, Transaction};

/// What the actor does with a host.
#[async_trait]
pub(super) trait Backend: Send + Sync + 'static {
    /// One look.
    async fn snapshot(&self) -> Result<Snapshot, Error>;
    /// One policy.
    async fn resolve(&self, policy: &Policy) -> Result<Resolution, Error>;
    /// What the profiles of NetworkManager configure.
    async fn configured(&self) -> Result<Configured, Error>;
    /// The secrets of the host.
    async fn secrets(&self) -> Result<Secrets, Error>;
    /// One transaction.
    async fn transact(
        &self,
        change: &Change,
        cancelled: watch::Receiver<bool>,
    ) -> Result<Done, Error>;
    /// How long a change settles that does not say.
    fn settle_timeout(&self) -> Duration;
    /// How long a change waits for others.
    fn gathering_window(&self) -> Duration {
        GATHERING_WINDOW
    }
    /// Ends the connection.
    async fn close(&self);
}

/// A host that is reached over a transport; the connection is made when it is needed and kept.
pub(super) struct RemoteBackend {
    options: Options,
    way: Mutex<Way>,
}

/// Where the host is: a change may move it.
struct Way {
    target: Arc<Target>,
    client: Option<Client>,
}

impl RemoteBackend {
    pub(super) fn new(target: Target, options: Options) -> RemoteBackend {
        let way = Way { target: Arc::new(target), client: None };
        RemoteBackend { options, way: Mutex::new(way) }
    }

    /// The connection at hand, or a new one; the second value says whether it is new.
    async fn client(&self) -> Result<(Client, bool), Error> {
        let mut way = self.way.lock().await;
        if let Some(client) = way.client.as_ref().filter(|client| !client.is_closed()) {
            return Ok((client.clone(), false));
        }
        let client = Client::open(Arc::clone(&way.target)).await?;
        way.client = Some(client.clone());
        Ok((client, true))
    }

    /// A connection that answers: an old one may be dead without anybody having noticed.
    async fn live_client(&self) -> Result<Client, Error> {
        let (client, new) = self.client().await?;
        if new || client.ping(Duration::from_secs(5)).await.is_ok() {
            return Ok(client);
        }
        self.close().await;
        Ok(self.client().await?.0)
    }
}

#[async_trait]
impl Backend for RemoteBackend {
    async fn snapshot(&self) -> Result<Snapshot, Error> {
        let (client, new) = self.client().await?;
        match client.snapshot().await {
            Err(error) if error.kind == ErrorKind::Unreachable && !new => {
                self.close().await;
                self.client().await?.0.snapshot().await
            }
            outcome => outcome,
        }
    }

    async fn resolve(&self, policy: &Policy) -> Result<Resolution, Error> {
        self.live_client().await?.resolve(policy).await
    }

    async fn configured(&self) -> Result<Configured, Error> {
        let client = self.live_client().await?;
        NetworkManager::connect(&client).await?.configured().await
    }

    async fn secrets(&self) -> Result<Secrets, Error> {
        self.live_client().await?.secrets().await
    }

    async fn transact(
        &self,
        change: &Change,
        cancelled: watch::Receiver<bool>,
    ) -> Result<Done, Error> {
        let client = self.live_client().await?;
        let target = Arc::clone(&self.way.lock().await.target);
        let mut transaction = Transaction::new(target, client, change, &self.options, cancelled);
        let outcome = transaction.run().await;
        let (client, target) = transaction.into_client();
        *self.way.lock().await = Way { target, client: Some(client) };
        outcome
    }

    fn settle_timeout(&self) -> Duration {
        self.options.settle_timeout
    }

    async fn close(&self) {
        self.way.lock().await.client = None;
    }
}
