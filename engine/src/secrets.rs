//! The secrets of a host, kept so that they can be recognized and not read.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;

use nmstate_schema::Value;
use nmstate_schema::document::Document;
use nmstate_schema::path::Path;
use nmstate_schema::secrets::secrets;

/// Hashes of the secrets of a host by their places. The key is random and is kept in memory only.
#[derive(Clone)]
pub struct Secrets {
    key: RandomState,
    hashes: HashMap<Path, u64>,
}

impl Secrets {
    /// Those of a state that shows them.
    pub(crate) fn of(state: &Document) -> Secrets {
        let key = RandomState::new();
        let hashes = secrets(state).into_iter().map(|(place, value)| {
            let hash = hash(&key, &value);
            (place, hash)
        });
        Secrets { hashes: hashes.collect(), key }
    }

    /// True if the secret in a place is this value, in normal form; `None` when the host has shown
    /// none there.
    pub fn has(&self, place: &Path, value: &Value) -> Option<bool> {
        self.hashes.get(place).map(|known| *known == hash(&self.key, value))
    }
}

fn hash(key: &RandomState, value: &Value) -> u64 {
    key.hash_one(value.to_string())
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secrets(..)")
    }
}
