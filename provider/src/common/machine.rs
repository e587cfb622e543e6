//! Which machine a resource lives on: not the one with a name or an address, but the one with the
//! machine id that the state knows.
//!
//! A name may come to mean another machine (reinstalled, replaced, an address given away), and
//! nothing may be restored or destroyed there. A machine may get another name or address, and is
//! still the one. Where one side has no machine id, the names have to do.

use nmstate_engine::{Error, ErrorKind, Snapshot};
use tfplugin::Value;

/// The length of a machine id in hexadecimal digits.
const DIGITS: usize = 32;

/// How the host that answers stands to the one of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The machine of the state, whatever its name.
    Same,
    /// Another machine under another name.
    Elsewhere,
    /// Another machine under the same name.
    Replaced,
}

/// The machine id of a host, null when it has none: an image that was never booted has an empty
/// file, or the word `uninitialized`.
pub(crate) fn identity(snapshot: &Snapshot) -> Value {
    let id = snapshot.machine_id.as_str();
    let is_id = id.len() == DIGITS && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { id.into() } else { Value::Null }
}

/// How the host `name` with this identity stands to the one of `state`.
pub(super) fn standing(state: &Value, name: &str, identity: &Value) -> Standing {
    let known = state.attribute("machine_id");
    let has_name = state.attribute("host").as_str().is_none_or(|known| known == name);
    let is_same = match (known.as_str(), identity.as_str()) {
        (Some(known), Some(found)) => known == found,
        _ => has_name,
    };
    match (is_same, has_name) {
        (true, _) => Standing::Same,
        (false, true) => Standing::Replaced,
        (false, false) => Standing::Elsewhere,
    }
}

/// A name that has come to mean another machine.
pub(super) fn replaced(name: &str, state: &Value, identity: &Value) -> Error {
    let known = state.attribute("machine_id").as_str().unwrap_or_default();
    let found = identity.as_str().unwrap_or_default();
    let message = format!("another machine answers: `{found}`, where `{known}` was before");
    Error::new(ErrorKind::Configuration, name, message).with_hint(
        "if the host was reinstalled or replaced, take its resources out of the state \
         (`terraform state rm`, or a `removed` block) and apply again; otherwise point `host` at \
         the right machine",
    )
}

/// A host that was unknown at plan has to turn out to be the machine that has the resource:
/// replacing was not planned.
pub(super) fn same_host(name: &str, state: &Value) -> Error {
    let before = state.attribute("host").as_str().unwrap_or_default();
    Error::new(ErrorKind::Configuration, name, format!("the host was `{before}` before"))
        .with_hint("plan again: now that the host is known, the resource will be replaced")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_counts_and_not_its_name() {
        let standing = |known: Option<&str>, name: &str, found: Option<&str>| {
            let id = |id: Option<&str>| id.map_or(Value::Null, Value::from);
            let state = Value::object([("host", Value::from("web1")), ("machine_id", id(known))]);
            standing(&state, name, &id(found))
        };
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
}
