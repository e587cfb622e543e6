//! What a resource remembers of its machine beside the machine id, which is an attribute: the host
//! keys that it has shown.
//!
//! A part of its own of the private bytes, so that whoever writes the rest of them need not know it.

use std::collections::BTreeMap;

use nmstate_engine::HostKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The key of the private bytes.
const PART: &str = "machine";

/// The host keys of a machine.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MachineRecord {
    /// Fingerprints by the type of the key: which of its keys a host shows depends on who asks.
    host_keys: BTreeMap<String, String>,
    /// The same of the machine that a resource is planned for. Terraform has one set of private
    /// bytes for both halves of a replacement.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    planned: BTreeMap<String, String>,
}

impl MachineRecord {
    /// Reads the private bytes. Where they say nothing of the machine nothing is known.
    pub(crate) fn read(private: &[u8]) -> Self {
        let parts = serde_json::from_slice::<Map<String, Json>>(private).unwrap_or_default();
        let part = parts.get(PART).cloned().unwrap_or_default();
        serde_json::from_value(part).unwrap_or_default()
    }

    /// The private bytes with this part in its place, and all others as they are.
    pub(crate) fn beside(&self, private: Vec<u8>) -> Vec<u8> {
        if *self == Self::read(&private) {
            return private;
        }
        let mut parts = serde_json::from_slice::<Map<String, Json>>(&private).unwrap_or_default();
        parts.insert(PART.to_owned(), serde_json::to_value(self).unwrap_or_default());
        serde_json::to_vec(&parts).unwrap_or(private)
    }

    /// The record with the key of the machine that a new resource is planned for.
    #[must_use]
    pub(crate) fn planning(self, key: Option<&HostKey>) -> Self {
        Self { planned: Self::default().with(key).host_keys, ..self }
    }

    /// The record of the machine that a new resource was planned for.
    pub(crate) fn planned(self) -> Self {
        Self { host_keys: self.planned, ..Self::default() }
    }

    /// Whether no host key is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.host_keys.is_empty()
    }

    /// Whether the machine has shown this key before; `None` where no key of its type is known.
    pub(crate) fn has(&self, key: Option<&HostKey>) -> Option<bool> {
        let known = self.host_keys.get(&key?.key_type)?;
        Some(*known == key?.fingerprint)
    }

    /// The known fingerprint to tell beside this key: that of its type, or else any.
    pub(crate) fn beside_key(&self, key: Option<&HostKey>) -> Option<&str> {
        let same_type = key.and_then(|key| self.host_keys.get(&key.key_type));
        same_type.or_else(|| self.host_keys.values().next()).map(String::as_str)
    }

    /// The record with a key that the machine shows now. A machine with a new key of one type has
    /// new ones of the others, too.
    #[must_use]
    pub(crate) fn with(mut self, key: Option<&HostKey>) -> Self {
        let Some(key) = key else { return self };
        if self.has(Some(key)) == Some(false) {
            self.host_keys.clear();
        }
        self.host_keys.insert(key.key_type.clone(), key.fingerprint.clone());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::original::Original;

    fn key(key_type: &str, fingerprint: &str) -> HostKey {
        HostKey { key_type: key_type.to_owned(), fingerprint: fingerprint.to_owned() }
    }

    #[test]
    fn other_parts_of_the_private_bytes_stay() {
        let original = br#"{"created":true,"untouched":false,"document":{"interfaces":[]}}"#;
        let record = MachineRecord::default().with(Some(&key("ssh-ed25519", "SHA256:a")));
        let private = record.beside(original.to_vec());
        assert_eq!(MachineRecord::read(&private), record);
        assert_eq!(Original::read(&private), Original::read(original));
        assert_eq!(record.beside(private.clone()), private);
        // What is older, or nobody's.
        for private in [&original[..], b"", b"\xff\x00", b"[]", br#"{"machine": 1}"#] {
            assert!(MachineRecord::read(private).is_empty());
            assert_eq!(MachineRecord::read(&record.beside(private.to_vec())), record);
        }
        assert_eq!(MachineRecord::default().beside(original.to_vec()), original);
    }

    #[test]
    fn both_halves_of_a_replacement_have_their_machine() {
        let [one, other] = ["SHA256:a", "SHA256:b"].map(|text| key("ssh-ed25519", text));
        let private = MachineRecord::default().with(Some(&one)).beside(Vec::new());
        let private = MachineRecord::read(&private).planning(Some(&other)).beside(private);
        assert_eq!(MachineRecord::read(&private).has(Some(&one)), Some(true));
        assert_eq!(MachineRecord::read(&private).planned().has(Some(&other)), Some(true));
        let unseen = MachineRecord::read(&private).planning(None);
        assert!(unseen.planned().is_empty());
    }

    #[test]
    fn keys_of_one_type_are_compared() {
        let [one, other] = ["SHA256:a", "SHA256:b"].map(|text| key("ssh-ed25519", text));
        let rsa = key("ssh-rsa", "SHA256:c");
        let record = MachineRecord::default();
        assert_eq!(record.has(Some(&one)), None);
        let record = record.with(Some(&one)).with(None);
        assert_eq!(record.has(Some(&one)), Some(true));
        assert_eq!(record.has(Some(&other)), Some(false));
        assert_eq!((record.has(Some(&rsa)), record.has(None)), (None, None));
        let both = record.with(Some(&rsa));
        assert_eq!((both.has(Some(&one)), both.has(Some(&rsa))), (Some(true), Some(true)));
        let renewed = both.with(Some(&other));
        assert_eq!(renewed, MachineRecord::default().with(Some(&other)));
        assert_eq!(renewed.beside_key(Some(&rsa)), Some("SHA256:b"));
    }
}
