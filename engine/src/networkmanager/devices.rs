//! Devices that go back to what had them before: to a profile that several share, or to nobody.
//!
//! nmstate gives each interface that it configures a profile of its own, and can say neither.

use zbus::zvariant::{ObjectPath, OwnedObjectPath};

use super::NetworkManager;
use super::profiles::Profiles;
use crate::error::Error;

#[zbus::proxy(
    interface = "org.freedesktop.NetworkManager.Device",
    default_service = "org.freedesktop.NetworkManager"
)]
trait Device {
    #[zbus(property)]
    fn set_managed(&self, managed: bool) -> zbus::Result<()>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn active_connection(&self) -> zbus::Result<OwnedObjectPath>;
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
