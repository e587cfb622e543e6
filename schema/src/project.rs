//! A host's state seen through a document: in the document's own words where [`compare`] finds it to be
//! as the document says, and with the host's values where it differs.
//!
//! Drift so reads as a change of the very keys that the user wrote, and of nothing else.

use serde_json::{Map, Value as Json};

use crate::canonical::{canonical_value, normal_entry};
use crate::compare::compare;
use crate::document::Document;
use crate::keys::{Key, Kind, STATE, Section};
use crate::path::Step;
use crate::walk::{self, item_step};

/// `desired` with the values that `current`, in canonical form, has instead; `desired` itself
/// when the host satisfies it.
pub fn project(desired: &Document, current: &Document) -> Json {
    let mut seen = desired.as_value().clone();
    for difference in compare(desired, current) {
        let place = Place { outer: None, host: Some(current.as_value()) };
        let steps = difference.path.steps();
        place.correct(&Kind::Section(&STATE), &mut seen, steps, difference.current.as_ref());
    }
    seen
}

/// A place in a document.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The type of the interface that it belongs to.
    outer: Option<&'a str>,
    /// The value that the host has there, as far as it can be told.
    host: Option<&'a Json>,
}

impl Place<'_> {
    /// Makes what is `steps` below a value what was `found` there; false if nothing is left of the
    /// value.
    fn correct(self, kind: &Kind, value: &mut Json, steps: &[Step], found: Option<&Json>) -> bool {
        let Some((step, rest)) = steps.split_first() else {
            return match found {
                Some(found) => {
                    *value = in_order_of(kind, value, found);
                    true
                }
                None => false,
            };
        };
        match (kind, step) {
            (Kind::Section(section), Step::Key(name)) => {
                self.correct_key(section, value, name, rest, found);
                true
            }
            (Kind::List { item, .. }, Step::Item(_) | Step::Index(_)) => {
                self.correct_item(item, value, step, rest, found)
            }
            _ => true,
        }
    }

    fn correct_key(
        self,
        section: &'static Section,
        value: &mut Json,
        name: &str,
        rest: &[Step],
        found: Option<&Json>,
    ) {
        if let (Some(shorthand), false) = (section.shorthand, value.is_object()) {
            *value = Json::Object(Map::from_iter([(shorthand.to_owned(), value.take())]));
        }
        let Json::Object(map) = value else { return };
        let own_type = walk::interface_type(section, map, self.outer).map(str::to_owned);
        // A document may leave the type to the host.
        let shown_type = || walk::interface_type(section, self.host?.as_object()?, None);
        let outer = own_type.as_deref().or_else(shown_type);
        let Some(key) = section.key_for(name, outer) else {
            match found {
                Some(found) => map.insert(name.to_owned(), found.clone()),
                None => map.shift_remove(name),
            };
            return;
        };
        if rest.is_empty() && key.sensitive {
            remove(map, key);
            return;
        }
        if let (Kind::Map(_), [Step::Key(entry)]) = (&key.kind, rest) {
            let spelled = map.iter_mut().find(|(spelled, _)| key.is_named(spelled));
            if let Some((_, Json::Object(entries))) = spelled {
                let mut names = entries.keys();
                let own = names.find(|name| normal_entry(section, key, name) == *entry);
                let own = own.unwrap_or(entry).clone();
                match found {
                    Some(found) => entries.insert(own, found.clone()),
                    None => entries.shift_remove(&own),
                };
            }
            return;
        }
        let place = Place { outer, host: self.host.and_then(|host| host.get(key.name)) };
        let spelled = map.keys().find(|spelled| key.is_named(spelled)).cloned();
        match spelled {
            Some(spelled) => {
                let is_left = map
                    .get_mut(&spelled)
                    .is_some_and(|inner| place.correct(&key.kind, inner, rest, found));
                if !is_left {
                    map.shift_remove(&spelled);
                }
            }
            // What the document does not say follows from what it says.
            None => {
                let shown = if rest.is_empty() { found } else { place.host };
                if let Some(shown) = shown {
                    map.insert(key.name.to_owned(), shown.clone());
                }
            }
        }
    }

    fn correct_item(
        self,
        item: &Kind,
        value: &mut Json,
        step: &Step,
        rest: &[Step],
        found: Option<&Json>,
    ) -> bool {
        let Json::Array(items) = value else { return true };
        let is_it =
            |index: usize, one: &Json| item_step(item, &canonical_value(item, one), index) == *step;
        let position = items.iter().enumerate().position(|(index, one)| is_it(index, one));
        let shown = self.host.and_then(Json::as_array);
        match (position, found) {
            (Some(position), _) => {
                let host = shown.and_then(|all| {
                    all.iter()
                        .enumerate()
                        .find(|(index, one)| is_it(*index, one))
                        .map(|(_, one)| one)
                });
                let place = Place { host, ..self };
                if !place.correct(item, &mut items[position], rest, found) {
                    // A document may say one twice.
                    let mut index = 0..;
                    items.retain(|one| !is_it(index.next().unwrap_or_default(), one));
                }
            }
            (None, Some(found)) if rest.is_empty() => items.push(found.clone()),
            // Written in another way than it is compared, as a range of VLANs.
            (None, _) => match shown {
                Some(shown) => *value = Json::Array(shown.clone()),
                None => return false,
            },
        }
        true
    }
}

fn remove(map: &mut Map<String, Json>, key: &Key) {
    map.retain(|spelled, _| !key.is_named(spelled));
}

/// The value found on a host; of a list of items that are told apart, the declared ones in the order of
/// the host, which is all that a difference of the whole list is about.
fn in_order_of(kind: &Kind, declared: &Json, found: &Json) -> Json {
    if let (
        Kind::List { item: item @ Kind::Section(section), .. },
        Json::Array(own),
        Json::Array(there),
    ) = (kind, declared, found)
        && !section.identity.is_empty()
    {
        let step = |one: &Json| item_step(item, &canonical_value(item, one), 0);
        let position = |one: &Json| there.iter().position(|other| step(other) == step(one));
        let mut sorted = own.clone();
        sorted.sort_by_key(position);
        return Json::Array(sorted);
    }
    found.clone()
}
