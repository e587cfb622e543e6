//! NetworkManager's checkpoints over D-Bus.
//!
//! A checkpoint is NetworkManager's own dead man's switch: unless somebody destroys it (that is the
//! commit) or moves its time-out, it puts everything back. Only D-Bus can move the time-out, and
//! only D-Bus names who else has one, so the bus is reached directly: `systemd-stdio-bridge` on the
//! host, with its input and output as the socket.
//!
//! Profiles are a matter of their own (`profiles`): a change is made in memory first, so what it
//! made is to be saved when it is found good, which a rollback still takes back, and what it removed
//! to be deleted when it is final. What they configure tells whose a route or a rule is
//! (`configured`), and whose a value (`held`). Devices are given back to what had them before (`devices`), and the host its name
//! servers (`name_servers`).

use std::collections::HashMap;
use std::time::Duration;

use zbus::connection::Builder;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::error::{Error, ErrorKind};
use crate::nmstate::Client;

mod configured;
mod devices;
mod held;
mod name_servers;
mod profiles;

pub use configured::Configured;
pub(crate) use name_servers::GlobalDns;
pub(crate) use profiles::{ProfileCall, Profiles, Writes};

const NAME: &str = "org.freedesktop.NetworkManager";
/// The limit for one answer; a call takes a few milliseconds.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A pending checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its D-Bus path.
    pub path: String,
    /// When it was made, since the host's boot.
    pub created: Duration,
    /// After which time, counted from `created`, NetworkManager rolls back; zero means never.
    pub rollback_timeout: Duration,
    /// How many devices it covers.
    pub devices: usize,
}

/// NetworkManager on one host.
#[derive(Clone, Debug)]
pub struct NetworkManager {
    name: String,
    proxy: ManagerProxy<'static>,
}

#[zbus::proxy(
    interface = "org.freedesktop.NetworkManager",
    default_service = "org.freedesktop.NetworkManager",
    default_path = "/org/freedesktop/NetworkManager"
)]
trait Manager {
    #[zbus(property(emits_changed_signal = "false"))]
    fn checkpoints(&self) -> zbus::Result<Vec<OwnedObjectPath>>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn version(&self) -> zbus::Result<String>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn global_dns_configuration(&self) -> zbus::Result<HashMap<String, OwnedValue>>;
    #[zbus(property)]
    fn set_global_dns_configuration(
        &self,
        dns: HashMap<&'static str, Value<'static>>,
    ) -> zbus::Result<()>;
    fn get_device_by_ip_iface(&self, name: &str) -> zbus::Result<OwnedObjectPath>;
    fn activate_connection(
        &self,
        profile: &ObjectPath<'_>,
        device: &ObjectPath<'_>,
        specific: &ObjectPath<'_>,
    ) -> zbus::Result<OwnedObjectPath>;
    fn checkpoint_destroy(&self, checkpoint: &ObjectPath<'_>) -> zbus::Result<()>;
    fn checkpoint_rollback(
        &self,
        checkpoint: &ObjectPath<'_>,
    ) -> zbus::Result<HashMap<String, u32>>;
    fn checkpoint_adjust_rollback_timeout(
        &self,
        checkpoint: &ObjectPath<'_>,
        add_timeout: u32,
    ) -> zbus::Result<()>;
}

#[zbus::proxy(
    interface = "org.freedesktop.NetworkManager.Checkpoint",
    default_service = "org.freedesktop.NetworkManager"
)]
trait CheckpointObject {
    #[zbus(property(emits_changed_signal = "false"))]
    fn devices(&self) -> zbus::Result<Vec<OwnedObjectPath>>;
    /// Milliseconds of CLOCK_BOOTTIME.
    #[zbus(property(emits_changed_signal = "false"))]
    fn created(&self) -> zbus::Result<i64>;
    /// Seconds.
    #[zbus(property(emits_changed_signal = "false"))]
    fn rollback_timeout(&self) -> zbus::Result<u32>;
}

impl NetworkManager {
    /// Reaches the bus over the client's connection.
    pub async fn connect(client: &Client) -> Result<NetworkManager, Error> {
        let name = client.name().to_owned();
        let (user, stream) = client.bus_stream().await?;
        let connect = async {
            let connection = Builder::unix_stream(stream).user_id(user).build().await?;
            let builder =
                ManagerProxy::builder(&connection).destination(process(&connection).await?)?;
            builder.build().await
        };
        let cause = match tokio::time::timeout(CALL_TIMEOUT, connect).await {
            Ok(Ok(proxy)) => return Ok(NetworkManager { name, proxy }),
            Ok(Err(cause)) => cause.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        // The stream has no standard error: ask for the reason.
        client.check_bridge().await?;
        let message = format!("cannot reach the host's D-Bus: {cause}");
        Err(Error::new(ErrorKind::Remote, name, message)
            .with_hint("check that D-Bus runs on the host"))
    }

    /// The version of NetworkManager.
    pub async fn version(&self) -> Result<String, Error> {
        self.call("its version", self.proxy.version()).await
    }

    /// All pending checkpoints.
    pub async fn checkpoints(&self) -> Result<Vec<Checkpoint>, Error> {
        let mut checkpoints = Vec::new();
        for path in self.call("its checkpoints", self.proxy.checkpoints()).await? {
            let read = async {
                let builder = CheckpointObjectProxy::builder(self.proxy.inner().connection());
                let builder = builder.destination(self.process())?.path(path.clone())?;
                let object = builder.build().await?;
                Ok(Checkpoint {
                    path: path.to_string(),
                    created: Duration::from_millis(object.created().await?.unsigned_abs()),
                    rollback_timeout: Duration::from_secs(object.rollback_timeout().await?.into()),
                    devices: object.devices().await?.len(),
                })
            };
            // It may end between two questions: then it is not pending any more.
            match self.call("a checkpoint", read).await {
                Ok(checkpoint) => checkpoints.push(checkpoint),
                Err(error) if error.kind == ErrorKind::Unreachable => return Err(error),
                Err(_) => {}
            }
        }
        Ok(checkpoints)
    }

    /// Whether the checkpoint is still pending.
    pub async fn is_pending(&self, path: &str) -> Result<bool, Error> {
        let paths = self.call("its checkpoints", self.proxy.checkpoints()).await?;
        Ok(paths.iter().any(|pending| pending.as_str() == path))
    }

    /// Lets the checkpoint stand for `timeout` from now.
    pub async fn extend(&self, path: &str, timeout: Duration) -> Result<(), Error> {
        let path = self.path(path)?;
        let seconds = u32::try_from(timeout.as_secs()).unwrap_or(u32::MAX);
        self.call("more time", self.proxy.checkpoint_adjust_rollback_timeout(&path, seconds)).await
    }

    /// Makes the change final, and sends `calls` along: all of it leaves in one go, so that whoever
    /// is cut off afterwards has not left half of it behind. The outer error is the commit's.
    pub(crate) async fn commit(
        &self,
        path: &str,
        calls: &[ProfileCall],
    ) -> Result<Vec<Error>, Error> {
        let path = self.path(path)?;
        let commit = self.call("the commit", self.proxy.checkpoint_destroy(&path));
        let (committed, outcomes) = futures_util::future::join(commit, self.send(calls)).await;
        committed.map(|()| outcomes)
    }

    /// Puts everything back at once.
    pub async fn rollback(&self, path: &str) -> Result<(), Error> {
        let path = self.path(path)?;
        self.call("the rollback", self.proxy.checkpoint_rollback(&path)).await.map(drop)
    }

    /// Whom all questions go to.
    fn process(&self) -> BusName<'static> {
        self.proxy.inner().destination().to_owned()
    }

    fn path<'a>(&self, path: &'a str) -> Result<ObjectPath<'a>, Error> {
        ObjectPath::try_from(path).map_err(|cause| {
            Error::new(ErrorKind::Protocol, &*self.name, format!("checkpoint `{path}`: {cause}"))
        })
    }

    async fn call<T>(
        &self,
        what: &str,
        call: impl Future<Output = zbus::Result<T>>,
    ) -> Result<T, Error> {
        let refused = |kind, cause: &str| {
            Error::new(kind, &*self.name, format!("NetworkManager did not give {what}: {cause}"))
        };
        match tokio::time::timeout(CALL_TIMEOUT, call).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(cause @ (zbus::Error::MethodError(..) | zbus::Error::FDO(_)))) => {
                Err(refused(ErrorKind::Remote, &cause.to_string()))
            }
            Ok(Err(cause)) => Err(refused(ErrorKind::Unreachable, &cause.to_string())),
            Err(_) => Err(refused(ErrorKind::Unreachable, "no answer")),
        }
    }
}

/// The running process of NetworkManager: after a restart the same D-Bus path is another profile,
/// so what was found out from one process must not be told to the next. Its name when there is none.
async fn process(connection: &zbus::Connection) -> zbus::Result<BusName<'static>> {
    let name = BusName::try_from(NAME)?;
    match DBusProxy::new(connection).await?.get_name_owner(name.clone()).await {
        Ok(owner) => Ok(BusName::from(owner.into_inner())),
        Err(zbus::fdo::Error::NameHasNoOwner(_)) => Ok(name),
        Err(error) => Err(error.into()),
    }
}
