//! What a host had and has no more: a card that was pulled out, a device whose driver has left it.
//!
//! A destroy has nothing to do there and succeeds, and what it cannot put back is said. A plan is also
//! what Terraform looks at a host with before a destroy, and an error there would keep everything else
//! from being destroyed. So what a resource of the state has lost is a warning in the plan. An apply
//! plans once more, without a look before, and there it is an error.

use nmstate_schema::undo::{LeftOut, Reason, Thing, Undo};
use nmstate_schema::{Value as Json, can_be_made};
use serde_json::json;

/// The way out for a resource that needs what is gone.
pub(crate) const WAY_OUT: &str = "if it is gone for good, remove the resource's block, or take it out of the state with \
     `terraform state rm`; if it comes back, apply again";

/// True if no document can make the interface of an entry: it is a card, or nothing says what it is.
pub(crate) fn needs_what_is_there(interface: &Json) -> bool {
    let text = |key: &str| interface.get(key).and_then(Json::as_str);
    let is_named = text("identifier").is_none_or(|by| by == "name");
    let is_there = match text("state") {
        Some("absent" | "ignore") => false,
        // To nmstate a card that is not there is down.
        Some("down") => text("type").is_none(),
        _ => true,
    };
    is_named && is_there && !can_be_made(interface)
}

/// What a destroy undoes when the resource's own interface is gone. It is not made anew: it was there
/// before, and somebody else has taken it away.
pub(crate) fn without(undo: Undo, interface: &str) -> (Undo, Option<LeftOut>) {
    let (undo, had_it) = undo.leaving(interface);
    let thing = || Thing::Interface(json!({ "name": interface }));
    (undo, had_it.then(|| LeftOut { thing: thing(), reason: Reason::Gone }))
}

#[cfg(test)]
mod tests {
    use nmstate_schema::document::Document;
    use nmstate_schema::record::Record;

    use super::*;

    #[test]
    fn only_a_card_is_not_made() {
        let needs = |text: &str| {
            let document = Document::parse(&format!("interfaces: [{text}]")).unwrap();
            document.interfaces().all(needs_what_is_there)
        };
        for card in [
            "{name: eth2, type: ethernet}",
            "{name: eth2}",
            "{name: eth2, state: down}",
            "{name: eth2, type: veth}",
        ] {
            assert!(needs(card), "{card}");
        }
        for other in [
            "{name: br0, type: linux-bridge}",
            "{name: eth2, type: veth, veth: {peer: eth3}}",
            "{name: eth2, type: ethernet, state: absent}",
            "{name: eth2, state: absent}",
            "{name: eth2, type: ethernet, state: down}",
            "{name: a, type: ethernet, identifier: mac-address, mac-address: '02:00:00:00:00:01'}",
        ] {
            assert!(!needs(other), "{other}");
        }
    }

    #[test]
    fn what_a_resource_has_found_is_not_made_anew() {
        let parse = |text| Document::parse(text).unwrap();
        let host = parse("interfaces: [{name: br0, type: linux-bridge, state: up, mtu: 1500}]");
        let declared = parse("interfaces: [{name: br0, mtu: 1400}]");
        let undo = || Record::of(&declared, &host).undo();
        let nothing = parse("interfaces: []");
        assert_eq!(undo().resolve([], &nothing).document.interfaces().count(), 1);
        let (left, said) = without(undo(), "br0");
        assert_eq!(left.resolve([], &nothing).document.interfaces().count(), 0);
        assert_eq!(said.unwrap().to_string(), "interface `br0` is not put back: it is gone");
        assert_eq!(without(left, "br0").1, None);
    }
}
