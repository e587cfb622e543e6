//! Secrets of a host beside those that a document declares.
//!
//! A host masks the secrets that it shows, and a comparison takes a masked one for any. Better
//! knowledge is said with [`with_others`], so that [`compare`](crate::compare) stays the one judge.

use serde_json::Value;

use crate::canonical::{canonical, is_masked};
use crate::document::Document;
use crate::lookup;
use crate::path::Path;
use crate::redact::each_secret;

/// The text in place of a secret that is neither the declared one nor unknown.
const ANOTHER_SECRET: &str = "<another secret>";

/// The places of the secrets of a document, each with its value in normal form. One that is masked
/// is none.
pub fn secrets(document: &Document) -> Vec<(Path, Value)> {
    collected(canonical(document), |value| !is_masked(value))
}

/// The secrets that a document declares where a host, in normal form, shows a masked one, each with
/// its place on the host.
pub fn masked(declared: &Document, host: &Document) -> Vec<(Path, Value)> {
    let mut declared = secrets(&lookup::kernel_named(declared, host));
    if !declared.is_empty() {
        let masked = collected(host.clone(), is_masked);
        declared.retain(|(place, _)| masked.iter().any(|(other, _)| other == place));
    }
    declared
}

/// A host, in normal form, whose secrets in these places are known not to be the declared ones.
#[must_use]
pub fn with_others(host: &Document, places: &[Path]) -> Document {
    let mut tree = host.as_value().clone();
    each_secret(&mut tree, &mut |place, value| {
        if places.contains(place) {
            *value = ANOTHER_SECRET.into();
        }
    });
    Document::from_tree(tree)
}

fn collected(document: Document, keep: impl Fn(&Value) -> bool) -> Vec<(Path, Value)> {
    let mut found = Vec::new();
    each_secret(&mut document.into_value(), &mut |place, value| {
        if keep(value) {
            found.push((place.clone(), value.clone()));
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::compare::compare;
    use crate::redact;

    fn port(name: &str, password: &str) -> Document {
        let dot1x = json!({"identity": "me", "eap-methods": ["md5"], "password": password});
        let port = json!({"name": name, "type": "ethernet", "state": "up", "802.1x": dot1x,
            "alt-names": [{"name": "uplink"}]});
        Document::from_value(json!({ "interfaces": [port] })).unwrap()
    }

    fn shown(document: &Document) -> Document {
        canonical(&Document::from_value(redact(document.as_value())).unwrap())
    }

    fn names(found: &[(Path, Value)]) -> Vec<String> {
        found.iter().map(|(place, _)| place.to_string()).collect()
    }

    #[test]
    fn a_secret_is_listed_by_its_place_and_a_masked_one_is_not() {
        let own = port("eth1", "s3cret");
        assert_eq!(names(&secrets(&own)), ["interfaces[eth1].802.1x.password"]);
        assert_eq!(secrets(&own)[0].1, "s3cret");
        assert_eq!(secrets(&shown(&own)), []);
        let macsec = json!({"interfaces": [{"name": "macsec0", "type": "macsec",
            "macsec": {"mka-cak": "00", "mka-ckn": "01"}}]});
        let found = secrets(&Document::from_value(macsec).unwrap());
        assert_eq!(names(&found), ["interfaces[macsec0].macsec.mka-cak"]);
    }

    #[test]
    fn only_what_the_host_masks_is_asked_for() {
        let own = port("eth1", "s3cret");
        assert_eq!(masked(&own, &shown(&own)), secrets(&own));
        // By an alternative name, the place is that of the host.
        let renamed = port("uplink", "s3cret");
        assert_eq!(names(&masked(&renamed, &shown(&own))), ["interfaces[eth1].802.1x.password"]);
        // The host has none, shows it, or nobody declares one.
        let bare = json!({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up"}]});
        let bare = Document::from_value(bare).unwrap();
        assert_eq!(masked(&own, &bare), []);
        assert_eq!(masked(&own, &canonical(&own)), []);
        assert_eq!(masked(&bare, &shown(&own)), []);
        assert_eq!(masked(&shown(&own), &shown(&own)), []);
    }

    #[test]
    fn another_secret_is_a_difference_and_a_masked_one_is_none() {
        let (own, host) = (port("eth1", "s3cret"), shown(&port("eth1", "0ther")));
        assert_eq!(compare(&own, &host), []);
        let places: Vec<Path> = masked(&own, &host).into_iter().map(|(place, _)| place).collect();
        let differences = compare(&own, &with_others(&host, &places));
        let found: Vec<String> = differences.iter().map(|one| one.path.to_string()).collect();
        assert_eq!(found, ["interfaces[eth1].802.1x.password"]);
        assert_eq!(with_others(&host, &[]), host);
    }
}
