//! Which machine a resource lives on: not the one with a name or an address, but the one with the
//! machine id that the state knows, and with the host key that the record knows.
//!
//! A name may come to mean another machine (reinstalled, replaced, an address given away), and
//! nothing may be restored or destroyed there. A machine may get another name or address, and is
//! still the one. Machines that were cloned have one id, and keys of their own. Where one side has
//! no machine id, the names have to do.

use nmstate_engine::{Error, ErrorKind, HostKey, Snapshot};
use tfplugin::Value;

use crate::machine_record::MachineRecord;

/// The length of a machine id in hexadecimal digits.
const DIGITS: usize = 32;

/// How to give a machine an identity of its own.
pub(super) const NEW_IDENTITY: &str = "a cloned machine gets an id of its own by `rm -f /etc/machine-id /var/lib/dbus/machine-id; \
     systemd-machine-id-setup`, and host keys of its own by `rm /etc/ssh/ssh_host_*; ssh-keygen -A` \
     (Debian: `dpkg-reconfigure openssh-server`) and a restart of sshd";

/// How the host that answers stands to the one of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The machine of the state, whatever its name.
    Same,
    /// The name and the machine id of the state, and another host key than it has shown before: the
    /// machine with a new key, or a clone of it.
    NewKey,
    /// Another machine under another name.
    Elsewhere,
    /// Another machine under the same name.
    Replaced,
}

/// A machine, as it shows itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    id: Option<String>,
    key: Option<HostKey>,
}

/// The machine of a resource, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The name that led there.
    pub(super) host: Option<&'a str>,
    /// The machine id.
    pub(super) id: Option<&'a str>,
    /// The host keys.
    pub(super) record: &'a MachineRecord,
}

/// The machine id of a host, null when it has none: an image that was never booted has an empty
/// file, or the word `uninitialized`.
pub(crate) fn identity(snapshot: &Snapshot) -> Value {
    Machine::of(snapshot).id.map_or(Value::Null, Value::from)
}

impl Machine {
    /// The machine that a snapshot is of.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let id = snapshot.machine_id.as_str();
        let is_id = id.len() == DIGITS && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        Self { id: is_id.then(|| id.to_owned()), key: snapshot.host_key.clone() }
    }

    /// The key that it has shown.
    pub(crate) fn key(&self) -> Option<&HostKey> {
        self.key.as_ref()
    }

    /// Whether it has this machine id.
    pub(super) fn has_id(&self, id: &str) -> bool {
        self.id.as_deref() == Some(id)
    }

    /// Whether the two are one machine, or clones down to the host key; `None` where the two have
    /// shown keys that cannot be compared.
    pub(super) fn is_like(&self, other: &Self) -> Option<bool> {
        match (&self.id, &other.id) {
            (Some(one), Some(another)) if one == another => {
                let (one, another) = (self.key.as_ref()?, other.key.as_ref()?);
                (one.key_type == another.key_type).then(|| one.fingerprint == another.fingerprint)
            }
            _ => Some(false),
        }
    }

    fn told(&self, with_key: bool) -> String {
        told(self.id.as_deref(), self.key.as_ref().map(|key| &*key.fingerprint), with_key)
    }
}

impl<'a> Known<'a> {
    /// What a state and its record know.
    pub(super) fn of(state: &'a Value, record: &'a MachineRecord) -> Self {
        let text = |name| state.attribute(name).as_str();
        Self { host: text("host"), id: text("machine_id"), record }
    }

    /// Whether this name is the one of the state, which may have none yet.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.host.is_none_or(|known| known == name)
    }

    /// How the host `name`, which shows itself as `found`, stands to it.
    pub(super) fn standing(&self, name: &str, found: &Machine) -> Standing {
        let has_name = self.is_named(name);
        match (self.id, found.id.as_deref()) {
            (Some(known), Some(id)) if known == id => {
                match (self.record.has(found.key()), has_name) {
                    (Some(false), true) => Standing::NewKey,
                    (Some(false), false) => Standing::Elsewhere,
                    (Some(true) | None, _) => Standing::Same,
                }
            }
            (Some(_), Some(_)) if has_name => Standing::Replaced,
            (Some(_), Some(_)) => Standing::Elsewhere,
            _ if has_name => Standing::Same,
            _ => Standing::Elsewhere,
        }
    }
}

/// A name that has come to mean another machine.
pub(super) fn replaced(name: &str, known: &Known<'_>, found: &Machine) -> Error {
    let key = known.record.beside_key(found.key());
    let with_key = key.is_some() && found.key.is_some();
    let (found, known) = (found.told(with_key), told(known.id, key, with_key));
    let message = format!("another machine answers: {found}, where {known} was before");
    Error::new(ErrorKind::Configuration, name, message).with_hint(
        "if the host was reinstalled or replaced, take its resources out of the state \
         (`terraform state rm`, or a `removed` block) and apply again; otherwise point `host` at \
         the right machine",
    )
}

/// A host that was unknown at plan has to turn out to be the machine that has the resource:
/// replacing was not planned.
pub(super) fn same_host(name: &str, known: &Known<'_>) -> Error {
    let before = known.host.unwrap_or_default();
    Error::new(ErrorKind::Configuration, name, format!("the host was `{before}` before"))
        .with_hint("plan again: now that the host is known, the resource will be replaced")
}

fn told(id: Option<&str>, key: Option<&str>, with_key: bool) -> String {
    let id = format!("`{}`", id.unwrap_or_default());
    match key.filter(|_| with_key) {
        Some(key) => format!("{id} with the host key `{key}`"),
        None => id,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A machine with this id and this key of type `ssh-ed25519`.
    pub(in super::super) fn machine(id: Option<&str>, key: Option<&str>) -> Machine {
        let key = key.map(|text| HostKey {
            key_type: "ssh-ed25519".to_owned(),
            fingerprint: text.to_owned(),
        });
        Machine { id: id.map(str::to_owned), key }
    }

    /// The record of a machine with such a key.
    pub(in super::super) fn record(key: Option<&str>) -> MachineRecord {
        MachineRecord::default().with(machine(None, key).key())
    }

    const ID: Option<&str> = Some("a");

    fn standing(known: [Option<&str>; 2], name: &str, found: [Option<&str>; 2]) -> Standing {
        let record = record(known[1]);
        let known = Known { host: Some("web1"), id: known[0], record: &record };
        known.standing(name, &machine(found[0], found[1]))
    }

    #[test]
    fn the_machine_counts_and_not_its_name() {
        let standing = |known, name, found| standing([known, None], name, [found, None]);
        let (one, other) = (Some("a"), Some("b"));
        assert_eq!(standing(one, "web1", one), Standing::Same);
        assert_eq!(standing(one, "web2", one), Standing::Same);
        assert_eq!(standing(one, "web2", other), Standing::Elsewhere);
        assert_eq!(standing(one, "web1", other), Standing::Replaced);
        // Without a machine id on one side, names are compared.
        for (known, found) in [(None, one), (one, None), (None, None)] {
            assert_eq!(standing(known, "web1", found), Standing::Same);
            assert_eq!(standing(known, "web2", found), Standing::Elsewhere);
        }
    }

    #[test]
    fn a_clone_has_another_key() {
        let (key, other) = (Some("SHA256:k"), Some("SHA256:o"));
        assert_eq!(standing([ID, key], "web1", [ID, key]), Standing::Same);
        assert_eq!(standing([ID, key], "web2", [ID, key]), Standing::Same);
        assert_eq!(standing([ID, key], "web2", [ID, other]), Standing::Elsewhere);
        assert_eq!(standing([ID, key], "web1", [ID, other]), Standing::NewKey);
        // What is not known on one side says nothing.
        for (known, found) in [(None, key), (key, None)] {
            assert_eq!(standing([ID, known], "web1", [ID, found]), Standing::Same);
            assert_eq!(standing([ID, known], "web2", [ID, found]), Standing::Same);
        }
        // Another id is another machine, whatever its key.
        assert_eq!(standing([ID, key], "web1", [Some("b"), key]), Standing::Replaced);
        assert_eq!(standing([ID, key], "web2", [Some("b"), key]), Standing::Elsewhere);
    }

    #[test]
    fn both_machines_are_told() {
        let told = |known: [Option<&str>; 2], found: [Option<&str>; 2]| {
            let record = record(known[1]);
            let known = Known { host: Some("web1"), id: known[0], record: &record };
            replaced("web1", &known, &machine(found[0], found[1])).message
        };
        let (key, other) = (Some("SHA256:k"), Some("SHA256:o"));
        assert_eq!(
            told([ID, key], [ID, other]),
            "another machine answers: `a` with the host key `SHA256:o`, where `a` with the host key \
             `SHA256:k` was before"
        );
        for keys in [[None, other], [key, None]] {
            assert_eq!(
                told([ID, keys[0]], [Some("b"), keys[1]]),
                "another machine answers: `b`, where `a` was before"
            );
        }
    }

    #[test]
    fn likeness_needs_keys_of_one_type() {
        let one = machine(ID, Some("SHA256:k"));
        assert_eq!(one.is_like(&one), Some(true));
        assert_eq!(one.is_like(&machine(ID, Some("SHA256:o"))), Some(false));
        assert_eq!(one.is_like(&machine(Some("b"), Some("SHA256:k"))), Some(false));
        assert_eq!(one.is_like(&machine(ID, None)), None);
        assert_eq!(machine(None, Some("SHA256:k")).is_like(&one), Some(false));
    }
}
