//! Taking over what is there already: said at plan, with what goes, or refused (`adopt = false`).
//!
//! A resource that is replaced finds what it has made itself. While a run plans, its private bytes say
//! so: core hands those of the old half to the new one. While a run applies, the old half was
//! destroyed before. Where `create_before_destroy` turns that round nothing tells the two apart, so
//! there `adopt = false` is an error in the apply.

use nmstate_engine::Snapshot;
use nmstate_schema::Value as Json;
use nmstate_schema::changes::steps;
use nmstate_schema::compare::{Difference, compare};
use nmstate_schema::document::Document;
use nmstate_schema::loss::{Loss, as_ports};
use serde_json::Map;
use tfplugin::{Attribute, Diagnostics, Type, Value};

use crate::checks::Target;
use crate::fleet::{Member, Resolved};
use crate::shared::Shared;

/// The attribute of the provider and of each resource.
pub(crate) const ATTRIBUTE: &str = "adopt";

/// The key of the private bytes that says what a resource is about while it is planned.
const PART: &str = "about";

/// The attribute of a resource.
pub(crate) fn attribute() -> Attribute {
    Attribute::optional(ATTRIBUTE, Type::Bool).described(
        "Whether creating may take over what is on the host already, such as an interface that \
         somebody has configured; the plan then names what goes. `false` makes that an error, and \
         an import the only way. Defaults to `adopt` of the provider.",
    )
}

/// The thing that a new resource finds in its place.
pub(crate) struct TakingOver<'a> {
    /// The resource for messages, such as `interface eth1`.
    pub(crate) label: &'a str,
    /// What the private bytes call the resource.
    pub(crate) resource: &'a str,
    /// The resource type.
    pub(crate) type_name: &'a str,
    /// What an import calls it, if there is a way.
    pub(crate) import_id: Option<String>,
    /// The host.
    pub(crate) member: &'a Member,
    /// True if it may be taken over.
    pub(crate) is_allowed: bool,
}

impl TakingOver<'_> {
    /// Says what goes when `sent` is applied to the host of `snapshot`, or refuses. `is_in_use` tells
    /// whether somebody has configured what is there.
    pub(crate) fn report(
        &self,
        sent: &Document,
        snapshot: &Snapshot,
        is_in_use: bool,
        private: &[u8],
        diagnostics: &mut Diagnostics,
    ) {
        if is_about(private, self.resource) || self.member.is_released(self.resource) {
            return;
        }
        let (host, label) = (self.member.host.name(), self.label);
        if !self.is_allowed && is_in_use {
            let import = self.import_id.as_ref().map_or_else(String::new, |id| {
                format!(
                    ": `terraform import {}.NAME '{id}'`, or an `import` block with that id",
                    self.type_name
                )
            });
            diagnostics.attribute_error(
                ATTRIBUTE,
                format!("host `{host}`: {label} is there already, and `adopt = false` forbids to take it over"),
                format!("import it{import}; or set `adopt = true` on the resource"),
            );
            return;
        }
        let gone: Vec<Difference> = compare(sent, &snapshot.state)
            .into_iter()
            .filter(|one| {
                one.current.as_ref().is_some_and(|there| goes(there, &one.desired, is_in_use))
            })
            .collect();
        if !gone.is_empty() {
            let detail = format!(
                "what is there now and goes: {}; destroying the resource puts it back",
                steps(&gone).join(", ")
            );
            let summary = format!("host `{host}`: {label} is there already, and is taken over");
            diagnostics.warning(summary, detail);
        }
    }
}

/// Says what interfaces lose that a change makes ports.
pub(crate) fn ports(target: &Target<'_>, sent: &Document, diagnostics: &mut Diagnostics) {
    for (port, lost) in as_ports(sent, &target.snapshot.state) {
        let things: Vec<String> = lost.iter().map(Loss::thing).collect();
        diagnostics.warning(
            format!(
                "host `{}`: interface `{port}` becomes a port, and loses what only an interface alone \
                 has: {}",
                target.member.host.name(),
                things.join(", ")
            ),
            "destroying the resource puts it back",
        );
    }
}

/// Notes that this run destroys a resource: what replaces it takes nothing over.
pub(crate) fn release(shared: &Shared, state: &Value, label: &str) {
    let fleet = shared.fleet().ok();
    let host = fleet.and_then(|fleet| fleet.resolve(state.attribute("host")).ok());
    if let Some(Resolved::Known(_, member)) = host {
        member.release(label.to_owned());
    }
}

/// The private bytes of a planned resource that is about `label`.
pub(crate) fn about(label: &str, private: Vec<u8>) -> Vec<u8> {
    let mut parts = serde_json::from_slice::<Map<String, Json>>(&private).unwrap_or_default();
    parts.insert(PART.to_owned(), label.into());
    serde_json::to_vec(&parts).unwrap_or(private)
}

/// True if the private bytes are those of a planned resource that was about `label`.
pub(crate) fn is_about(private: &[u8], label: &str) -> bool {
    let parts = serde_json::from_slice::<Map<String, Json>>(private).unwrap_or_default();
    parts.get(PART).is_some_and(|known| known == label)
}

/// True if a configuration lets a resource take over what is there; `default` is the provider's word.
pub(crate) fn is_allowed(config: &Value, default: bool) -> bool {
    config.attribute(ATTRIBUTE).as_bool().unwrap_or(default)
}

/// True if a value that is there is lost when another is set. Of what nobody has configured only what
/// is listed counts: the rest are the values that everything has.
fn goes(there: &Json, desired: &Json, is_in_use: bool) -> bool {
    match there {
        Json::Null | Json::Bool(false) => false,
        Json::Array(items) => match desired {
            Json::Array(wanted) => items.iter().any(|item| !wanted.contains(item)),
            _ => !items.is_empty(),
        },
        Json::String(text) => is_in_use && !matches!(text.as_str(), "" | "down" | "ignore"),
        _ => is_in_use,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::machine_record::MachineRecord;

    #[test]
    fn a_value_goes_when_it_said_something() {
        assert!(goes(&json!(1500), &json!(1400), true));
        assert!(!goes(&json!(1500), &json!(1400), false));
        assert!(goes(&json!(["a", "b"]), &json!(["a"]), false));
        assert!(!goes(&json!(["a"]), &json!(["a", "b"]), true));
        for nothing in [json!(null), json!(false), json!(""), json!("down"), json!([])] {
            assert!(!goes(&nothing, &json!("up"), true), "{nothing}");
        }
    }

    #[test]
    fn private_bytes_tell_what_a_resource_is_about() {
        let private = about("interface `eth1`", MachineRecord::default().beside(b"{}".to_vec()));
        assert!(is_about(&private, "interface `eth1`") && !is_about(&private, "interface `eth2`"));
        assert!(!is_about(b"", "interface `eth1`") && !is_about(b"\xff", "interface `eth1`"));
    }

    #[test]
    fn a_resource_has_the_last_word() {
        let config = |adopt: Value| Value::object([(ATTRIBUTE, adopt)]);
        assert!(is_allowed(&config(Value::Null), true) && !is_allowed(&config(Value::Null), false));
        assert!(is_allowed(&config(Value::from(true)), false));
        assert!(!is_allowed(&config(Value::from(false)), true));
    }
}
