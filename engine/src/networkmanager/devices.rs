//! Devices: how far one is, and back to what had it before.
//!
//! nmstate calls an interface up that NetworkManager still configures, and gives each that it
//! configures a profile of its own: of neither there is a word in a document.

use zbus::zvariant::{ObjectPath, OwnedObjectPath};

use super::NetworkManager;
use super::profiles::Profiles;
use crate::error::{Error, ErrorKind};

#[zbus::proxy(
    interface = "org.freedesktop.NetworkManager.Device",
    default_service = "org.freedesktop.NetworkManager"
)]
trait Device {
    #[zbus(property(emits_changed_signal = "false"))]
    fn set_managed(&self, managed: bool) -> zbus::Result<()>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn active_connection(&self) -> zbus::Result<OwnedObjectPath>;
    /// `NMDeviceState`.
    #[zbus(property(emits_changed_signal = "false"))]
    fn state(&self) -> zbus::Result<u32>;
}

#[zbus::proxy(
    interface = "org.freedesktop.NetworkManager.Connection.Active",
    default_service = "org.freedesktop.NetworkManager"
)]
trait Active {
    #[zbus(property(emits_changed_signal = "false"))]
    fn connection(&self) -> zbus::Result<OwnedObjectPath>;
}

impl NetworkManager {
    /// The thing that an interface still waits for, if NetworkManager is not done with it. One that it does not
    /// know, as in user space, waits for nothing.
    pub(crate) async fn waits_for(&self, interface: &str) -> Result<Option<&'static str>, Error> {
        let state = async {
            let path = self.proxy.get_device_by_ip_iface(interface).await?;
            self.device(&path).await?.state().await
        };
        match self.call("the state of a device", state).await {
            Ok(state) => Ok(waited_for(state)),
            Err(error) if error.kind == ErrorKind::Unreachable => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Activates a shared profile on an interface, unless it is active there; false when there is no
    /// such profile. A rollback takes it back.
    pub(crate) async fn activate(
        &self,
        profiles: &Profiles,
        profile: &str,
        interface: &str,
    ) -> Result<bool, Error> {
        let Some(path) = profiles.shared(profile) else { return Ok(false) };
        let activate = async {
            let device = self.proxy.get_device_by_ip_iface(interface).await?;
            if self.profile_of(&device).await.is_ok_and(|active| active.as_str() == path) {
                return Ok(());
            }
            let (profile, any) = (ObjectPath::try_from(path)?, ObjectPath::try_from("/")?);
            self.proxy.activate_connection(&profile, &device, &any).await.map(drop)
        };
        self.call("a profile to a device", activate).await.map(|()| true)
    }

    /// Leaves a device alone from now on.
    pub(super) async fn unmanage(&self, interface: &str) -> zbus::Result<()> {
        let path = self.proxy.get_device_by_ip_iface(interface).await?;
        self.device(&path).await?.set_managed(false).await
    }

    /// The profile that is active on a device.
    async fn profile_of(&self, device: &OwnedObjectPath) -> zbus::Result<OwnedObjectPath> {
        let active = self.device(device).await?.active_connection().await?;
        let builder = ActiveProxy::builder(self.proxy.inner().connection());
        builder.destination(self.process())?.path(active)?.build().await?.connection().await
    }

    async fn device<'a>(&'a self, path: &'a OwnedObjectPath) -> zbus::Result<DeviceProxy<'a>> {
        let builder = DeviceProxy::builder(self.proxy.inner().connection());
        builder.destination(self.process())?.path(path)?.build().await
    }
}

/// The thing that a device waits for in the states between `NM_DEVICE_STATE_DISCONNECTED` and
/// `NM_DEVICE_STATE_ACTIVATED` of `nm-dbus-interface.h`.
fn waited_for(state: u32) -> Option<&'static str> {
    match state {
        40 | 50 => Some("its link, or for somebody to let it in"),
        60 => Some("a secret"),
        70..=90 => Some("an address"),
        _ => None,
    }
}
