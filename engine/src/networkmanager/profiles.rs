//! Which profiles a change has made in memory, and what writes them to disk.
//!
//! `nmstatectl apply --memory-only` puts new and changed profiles below `/run` and leaves those of
//! removed interfaces alone. Others keep profiles in memory on purpose (netplan does), so only
//! what differs from the look before the change is saved.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use futures_util::future::{join_all, try_join_all};
use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use serde_json::{Map, json};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use super::{NetworkManager, held};
use crate::error::{Error, ErrorKind};

/// `NM_SETTINGS_CONNECTION_FLAG_` `NM_GENERATED`, `VOLATILE` and `EXTERNAL`: NetworkManager's own.
pub(super) const NOT_OURS: u32 = 0x2 | 0x4 | 0x8;

/// All profiles at one moment, by UUID: their D-Bus paths are others after a restart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profiles(BTreeMap<String, Profile>);

#[derive(Clone, Debug)]
struct Profile {
    path: String,
    id: String,
    interface: Option<String>,
    file: String,
    in_memory: bool,
    flags: u32,
    /// The IP families whose settings name servers or search domains.
    name_servers: Vec<&'static str>,
    /// The keys of the interface that have a value here, of those that are the host's otherwise.
    held: Map<String, Json>,
    /// All settings but secrets, as text of a stable order.
    settings: String,
}

/// What writes a change to disk, in the order in which a loss of power may interrupt it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writes {
    /// Saves of profiles that the disk does not have: nothing there refers to them yet.
    pub(crate) added: Vec<ProfileCall>,
    /// Saves of profiles that take the place of others, and may refer to the added ones.
    pub(crate) replaced: Vec<ProfileCall>,
    /// What NetworkManager would not take back with a checkpoint.
    pub(crate) last: Vec<ProfileCall>,
}

/// One write to disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProfileCall {
    /// To disk, out of memory.
    Save { path: String, interface: String },
    /// From disk and memory.
    Delete { path: String, interface: String },
    /// The name in `/etc/hostname`; an empty one removes it.
    Hostname { name: String },
    /// Leaves a device alone from now on.
    Unmanage { interface: String },
}

#[zbus::proxy(
    interface = "org.freedesktop.NetworkManager.Settings",
    default_service = "org.freedesktop.NetworkManager",
    default_path = "/org/freedesktop/NetworkManager/Settings"
)]
pub(super) trait Settings {
    fn list_connections(&self) -> zbus::Result<Vec<OwnedObjectPath>>;
    fn save_hostname(&self, hostname: &str) -> zbus::Result<()>;
}

#[zbus::proxy(
    interface = "org.freedesktop.NetworkManager.Settings.Connection",
    default_service = "org.freedesktop.NetworkManager"
)]
pub(super) trait Profile {
    fn get_settings(&self) -> zbus::Result<HashMap<String, HashMap<String, OwnedValue>>>;
    fn save(&self) -> zbus::Result<()>;
    fn delete(&self) -> zbus::Result<()>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn unsaved(&self) -> zbus::Result<bool>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn flags(&self) -> zbus::Result<u32>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn filename(&self) -> zbus::Result<String>;
}

impl Profiles {
    /// The D-Bus path of a profile of this name that is of no one interface.
    pub(super) fn shared(&self, id: &str) -> Option<&str> {
        let mut shared = self.0.values().filter(|one| one.interface.is_none());
        shared.find(|one| one.id == id).map(|one| one.path.as_str())
    }

    /// True if there is such a profile.
    pub(crate) fn has_shared(&self, id: &str) -> bool {
        self.shared(id).is_some()
    }

    /// True if a profile of an interface has name servers or search domains in its settings of an IP
    /// family, `ipv4` or `ipv6`.
    pub(crate) fn hold_name_servers(&self, interface: &str, family: &str) -> bool {
        let mut own = self.0.values().filter(|one| one.interface.as_deref() == Some(interface));
        own.any(|one| one.name_servers.contains(&family))
    }

    /// The values of a host in its profiles that are its own otherwise, as a document for each. A
    /// profile of no one interface may be that of any.
    pub(crate) fn held(&self, host: &Document) -> Vec<Document> {
        let own = self.0.values().filter(|one| one.flags & NOT_OURS == 0 && !one.held.is_empty());
        own.filter_map(|one| {
            let names = match &one.interface {
                Some(name) => vec![name.as_str()],
                None => host.interfaces().filter_map(|one| one["name"].as_str()).collect(),
            };
            let interfaces = names.into_iter().map(|name| {
                let mut interface = one.held.clone();
                interface.insert("name".to_owned(), name.into());
                Json::Object(interface)
            });
            let interfaces: Vec<Json> = interfaces.collect();
            Document::from_value(json!({ "interfaces": interfaces })).ok()
        })
        .collect()
    }

    /// One profile, of an interface, that holds values and name servers.
    #[cfg(test)]
    pub(crate) fn fake(interface: &str, held: &Json, name_servers: &[&'static str]) -> Profiles {
        let mut profile = tests::profile(interface, "/etc/a", "", 0);
        profile.held = held.as_object().cloned().unwrap_or_default();
        profile.name_servers.extend(name_servers);
        Profiles([("uuid".to_owned(), profile)].into())
    }

    /// The deletion of the profiles that nmstate has made for an interface, by its name.
    pub(crate) fn own(&self, interface: &str) -> Vec<ProfileCall> {
        let is_own =
            |one: &&Profile| one.id == interface && one.interface.as_deref() == Some(interface);
        let own = self.0.values().filter(is_own);
        own.map(|one| ProfileCall::Delete {
            path: one.path.clone(),
            interface: interface.to_owned(),
        })
        .collect()
    }

    /// What writes a change to disk: saves for what is in memory now and was not so `before`,
    /// deletions for the profiles of `removed` interfaces.
    pub(crate) fn writes(&self, before: &Profiles, removed: &[String]) -> Writes {
        let mut writes = Writes::default();
        for (uuid, profile) in &self.0 {
            let interface = profile.interface.clone().unwrap_or_default();
            let path = profile.path.clone();
            let known = before.0.get(uuid);
            if removed.contains(&interface) {
                writes.last.push(ProfileCall::Delete { path, interface });
            } else if profile.in_memory
                && profile.flags & NOT_OURS == 0
                && !known.is_some_and(|known| known.is_same(profile))
            {
                let stage = if known.is_some() { &mut writes.replaced } else { &mut writes.added };
                stage.push(ProfileCall::Save { path, interface });
            }
        }
        writes
    }
}

impl NetworkManager {
    /// All profiles as they are now.
    pub(crate) async fn profiles(&self) -> Result<Profiles, Error> {
        let read = async {
            let paths = self.settings().await?.list_connections().await?;
            let profiles = try_join_all(paths.into_iter().map(|path| async move {
                let proxy = self.profile(&path).await?;
                // A profile may go between the list and the question.
                Ok::<_, zbus::Error>(read(&proxy).await.ok())
            }));
            Ok(Profiles(profiles.await?.into_iter().flatten().collect()))
        };
        self.call("its profiles", read).await
    }

    /// Carries calls out side by side, sent in their order; what failed.
    pub(crate) async fn send(&self, calls: &[ProfileCall]) -> Vec<Error> {
        let outcomes = join_all(calls.iter().map(|call| async move {
            tracing::debug!(%call, "to disk");
            let sent = async {
                match call {
                    ProfileCall::Save { path, .. } => self.profile(path).await?.save().await,
                    ProfileCall::Delete { path, .. } => self.profile(path).await?.delete().await,
                    ProfileCall::Hostname { name } => {
                        self.settings().await?.save_hostname(name).await
                    }
                    ProfileCall::Unmanage { interface } => self.unmanage(interface).await,
                }
            };
            let outcome = self.call("an answer", sent).await;
            outcome.map_err(|error| {
                let kind = match error.kind {
                    ErrorKind::Unreachable => ErrorKind::Unreachable,
                    _ => ErrorKind::Remote,
                };
                let message = format!("cannot {call}: {}", error.message);
                Error { kind, message, ..error }
            })
        }));
        outcomes.await.into_iter().filter_map(Result::err).collect()
    }

    pub(super) async fn settings(&self) -> zbus::Result<SettingsProxy<'_>> {
        let builder = SettingsProxy::builder(self.proxy.inner().connection());
        builder.destination(self.process())?.build().await
    }

    pub(super) async fn profile<'a>(&'a self, path: &'a str) -> zbus::Result<ProfileProxy<'a>> {
        let builder = ProfileProxy::builder(self.proxy.inner().connection());
        builder.destination(self.process())?.path(path)?.build().await
    }
}

impl fmt::Display for ProfileCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProfileCall::Save { interface, .. } => write!(f, "save the profile of `{interface}`"),
            ProfileCall::Delete { interface, .. } => {
                write!(f, "delete the profile of `{interface}`")
            }
            ProfileCall::Hostname { name } => write!(f, "save the host name `{name}`"),
            ProfileCall::Unmanage { interface } => write!(f, "leave `{interface}` alone again"),
        }
    }
}

impl Profile {
    fn is_same(&self, other: &Profile) -> bool {
        (&self.interface, &self.file, self.in_memory, &self.settings)
            == (&other.interface, &other.file, other.in_memory, &other.settings)
    }
}

/// A profile and its UUID.
async fn read(proxy: &ProfileProxy<'_>) -> zbus::Result<(String, Profile)> {
    let (settings, unsaved, flags, file) = futures_util::try_join!(
        proxy.get_settings(),
        proxy.unsaved(),
        proxy.flags(),
        proxy.filename()
    )?;
    let text = |key: &str| {
        let value = settings.get("connection")?.get(key)?;
        value.downcast_ref::<&str>().ok().map(str::to_owned)
    };
    let [uuid, id] = ["uuid", "id"].map(|key| text(key).unwrap_or_default());
    let interface = text("interface-name");
    let stable: BTreeMap<_, BTreeMap<_, _>> = settings
        .iter()
        .map(|(section, keys)| {
            // NetworkManager notes there when it last used a profile.
            let keys = keys.iter().filter(|(key, _)| *key != "timestamp");
            (section, keys.map(|(key, value)| (key, format!("{value:?}"))).collect())
        })
        .collect();
    let holds = |family: &&str| {
        let keys = ["dns", "dns-data", "dns-search"];
        keys.iter().any(|&key| settings.get(*family).is_some_and(|all| is_list(all.get(key))))
    };
    let name_servers = ["ipv4", "ipv6"].into_iter().filter(holds).collect();
    let in_memory = unsaved || file.starts_with("/run/");
    let path = proxy.inner().path().to_string();
    let held = held::held(&settings);
    let settings = format!("{stable:?}");
    let profile =
        Profile { path, id, interface, file, in_memory, flags, name_servers, held, settings };
    Ok((uuid, profile))
}

/// True for a list with something in it.
fn is_list(value: Option<&OwnedValue>) -> bool {
    matches!(value.map(|value| &**value), Some(Value::Array(list)) if !list.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn profile(interface: &str, file: &str, settings: &str, flags: u32) -> Profile {
        Profile {
            path: format!("/{interface}"),
            id: interface.to_owned(),
            interface: Some(interface.to_owned()),
            file: file.to_owned(),
            in_memory: file.starts_with("/run/"),
            flags,
            name_servers: Vec::new(),
            held: Map::new(),
            settings: settings.to_owned(),
        }
    }

    #[test]
    fn only_what_the_change_made_in_memory_is_saved_and_what_is_new_first() {
        let profiles = |list: &[(&str, Profile)]| {
            Profiles(list.iter().map(|(uuid, one)| ((*uuid).to_owned(), one.clone())).collect())
        };
        let before = profiles(&[
            ("uuid-1", profile("eth0", "/etc/a", "old", 0)),
            ("uuid-2", profile("eth1", "/run/netplan", "same", 0)),
            ("uuid-3", profile("eth2", "/etc/c", "same", 0)),
            ("uuid-4", profile("eth3", "/run/netplan", "old", 0)),
        ]);
        let after = profiles(&[
            ("uuid-1", profile("eth0", "/run/a", "new", 0)),
            (
                "uuid-2",
                Profile { path: "/7".to_owned(), ..profile("eth1", "/run/netplan", "same", 0) },
            ),
            ("uuid-3", profile("eth2", "/etc/c", "same", 0)),
            ("uuid-4", profile("eth3", "/run/netplan", "new", 0)),
            ("uuid-5", profile("lo", "/run/lo", "new", 8)),
            ("uuid-6", profile("br0", "/run/br0", "new", 0)),
        ]);
        let writes = after.writes(&before, &["eth2".to_owned()]);
        let shown = |calls: &[ProfileCall]| {
            calls.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(shown(&writes.added), "save the profile of `br0`");
        assert_eq!(
            shown(&writes.replaced),
            "save the profile of `eth0`, save the profile of `eth3`"
        );
        assert_eq!(shown(&writes.last), "delete the profile of `eth2`");
    }
}
