//! Entries of a host that another form of them takes the place of.
//!
//! nmstate's lists only add: a rule in another form stands beside the old one, and a route in another
//! form is dropped without a word where the old one is. So the old form is removed in the same
//! document.

use serde_json::{Value, json};

use crate::canonical::canonical;
use crate::compare::compare_section;
use crate::document::Document;
use crate::list::List;

/// The entries of `host` that go with what `declared` says, as a document: those that `earlier`, which
/// is what was declared before, had in another form, and a route that is there in another form than the
/// declared one alone.
#[must_use]
pub fn superseded(declared: &Document, earlier: &Document, host: &Document) -> Document {
    let (declared, earlier, host) = (canonical(declared), canonical(earlier), canonical(host));
    let lists = List::ALL.map(|list| {
        let gone: Vec<&Value> = list
            .entries(&host)
            .filter(|found| is_superseded(list, found, [&declared, &earlier, &host]))
            .collect();
        (list.name().to_owned(), json!({ "config": gone }))
    });
    Document::from_tree(lists.into_iter().collect())
}

/// The entries of `host` that a comparison takes for those of `declared` that are not there: of each the
/// one that differs least. Both are in normal form.
pub(crate) fn taken_for(declared: &Document, host: &Document) -> Document {
    let lists = List::ALL.map(|list| {
        let missing = list.entries(declared).filter(|one| {
            one.get("state").is_none() && !list.entries(host).any(|found| is_so(list, one, found))
        });
        let taken: Vec<&Value> = missing
            .filter_map(|one| {
                let forms = list.entries(host).filter(|found| is_form_of(list, one, found));
                forms.min_by_key(|found| compare_section(list.section(), None, one, found).len())
            })
            .collect();
        (list.name().to_owned(), json!({ "config": taken }))
    });
    Document::from_tree(lists.into_iter().collect())
}

fn is_superseded(list: List, found: &Value, documents: [&Document; 3]) -> bool {
    let [declared, earlier, host] = documents;
    let mut forms = list.entries(declared).filter(|one| is_form_of(list, one, found)).peekable();
    if forms.peek().is_none() || list.entries(declared).any(|one| is_so(list, one, found)) {
        return false;
    }
    // Somebody else may have both forms of a route on the host.
    let is_missing = |one: &Value| {
        one.get("state").is_none() && !list.entries(host).any(|found| is_so(list, one, found))
    };
    list.entries(earlier).any(|one| is_so(list, one, found))
        || (list == List::Routes && forms.any(is_missing))
}

/// Whether two entries are told apart by nothing that makes them two.
fn is_form_of(list: List, one: &Value, other: &Value) -> bool {
    list.section().identity.iter().all(|key| one.get(key) == other.get(key))
}

/// Whether an entry of the host is all that a declared one says.
fn is_so(list: List, declared: &Value, found: &Value) -> bool {
    declared.get("state").is_none()
        && compare_section(list.section(), None, declared, found).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(metrics: &[u64]) -> Document {
        let form = |metric: &u64| {
            json!({
                "destination": "198.51.100.0/24",
                "next-hop-interface": "eth1",
                "next-hop-address": "192.0.2.1",
                "table-id": 254,
                "metric": metric,
            })
        };
        let config: Vec<Value> = metrics.iter().map(form).collect();
        Document::from_value(json!({ "routes": { "config": config } })).unwrap()
    }

    fn rules(priorities: &[u64]) -> Document {
        let form = |priority: &u64| json!({ "ip-from": "192.0.2.0/24", "priority": priority });
        let config: Vec<Value> = priorities.iter().map(form).collect();
        Document::from_value(json!({ "route-rules": { "config": config } })).unwrap()
    }

    fn metrics_gone(declared: &[u64], earlier: &[u64], host: &[u64]) -> Vec<u64> {
        let gone = superseded(&routes(declared), &routes(earlier), &routes(host));
        gone.routes().filter_map(|one| one["metric"].as_u64()).collect()
    }

    fn priorities_gone(declared: &[u64], earlier: &[u64], host: &[u64]) -> Vec<u64> {
        let gone = superseded(&rules(declared), &rules(earlier), &rules(host));
        gone.route_rules().filter_map(|one| one["priority"].as_u64()).collect()
    }

    #[test]
    fn the_other_form_of_a_route_goes_where_the_declared_one_is_not() {
        assert_eq!(metrics_gone(&[200], &[], &[100]), [100]);
        assert_eq!(metrics_gone(&[200], &[100], &[100]), [100]);
        assert_eq!(metrics_gone(&[200], &[], &[100, 200]), [0; 0]);
        assert_eq!(metrics_gone(&[200], &[100], &[100, 200]), [100]);
        assert_eq!(metrics_gone(&[100, 200], &[], &[100]), [0; 0]);
        assert_eq!(metrics_gone(&[], &[100], &[100]), [0; 0]);
    }

    #[test]
    fn the_other_form_of_a_rule_goes_where_it_was_declared() {
        assert_eq!(priorities_gone(&[200], &[], &[100]), [0; 0]);
        assert_eq!(priorities_gone(&[200], &[100], &[100]), [100]);
        assert_eq!(priorities_gone(&[200], &[100], &[100, 300]), [100]);
        assert_eq!(priorities_gone(&[100], &[100], &[100]), [0; 0]);
    }

    #[test]
    fn what_is_to_go_takes_the_place_of_nothing() {
        let absent = Document::from_value(json!({ "routes": { "config": [
            { "state": "absent", "destination": "198.51.100.0/24", "next-hop-interface": "eth1",
              "next-hop-address": "192.0.2.1", "table-id": 254 },
        ] } }));
        let gone = superseded(&absent.unwrap(), &Document::default(), &routes(&[100]));
        assert_eq!(gone.routes().count(), 0);
    }
}
