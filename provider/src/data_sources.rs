//! What can be read of a host without being managed.
//!
//! All data sources are one implementation over [`Question`]: find the host, ask, put the answer
//! beside the configuration. They share the host's one snapshot, so any number of them costs one
//! login and one `show`; only a policy needs a command of its own. An error is on the attribute
//! that is its cause, which is the host unless a question says otherwise.
//!
//! A host is shown as `nmstatectl show` shows it, or with `running_config` as `show
//! --running-config` does: without what the network or the kernel has set. The latter is derived
//! from the same snapshot by the key table.

mod diff;
mod interface;
mod interfaces;
mod policy;
mod routes;
mod state;

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use nmstate_engine::{Error, Snapshot};
use nmstate_schema::Value as Json;
use nmstate_schema::canonical::{equivalent, settable};
use nmstate_schema::keys::{self, Key};
use tfplugin::{Attribute, DataSource, Diagnostics, Mode, Schema, Shape, Type, Value};

use crate::fleet::{Member, known_host};
use crate::shared::Shared;
use crate::{convert, report};

/// All data sources.
pub(crate) fn all(shared: &Arc<Shared>) -> Vec<Arc<dyn DataSource>> {
    fn over(question: impl Question, shared: &Arc<Shared>) -> Arc<dyn DataSource> {
        Arc::new(HostDataSource { question, shared: Arc::clone(shared) })
    }
    vec![
        over(state::State, shared),
        over(interface::Interface::new(), shared),
        over(interfaces::Interfaces, shared),
        over(routes::Routes, shared),
        over(diff::Diff, shared),
        over(policy::Policy, shared),
    ]
}

/// What is particular to one data source.
#[async_trait]
trait Question: Send + Sync + 'static {
    /// The name of the data source type.
    fn type_name(&self) -> &'static str;
    /// What it is for, for the registry.
    fn description(&self) -> &'static str;
    /// The attributes beside `host`.
    fn attributes(&self) -> Vec<Attribute>;
    /// Checks a configuration, which may hold unknown values anywhere.
    fn validate(&self, _config: &Value, _diagnostics: &mut Diagnostics) {}
    /// The computed attributes, and as diagnostics what could not be told.
    async fn answer(
        &self,
        config: &Value,
        member: &Member,
        diagnostics: &mut Diagnostics,
    ) -> Result<Answer, Failure>;
}

/// Computed attributes by name.
type Answer = Vec<(String, Value)>;

/// Why there is no answer.
struct Failure {
    error: Error,
    attribute: &'static str,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, attribute: "host" }
    }
}

/// The data source of a question.
struct HostDataSource<Q> {
    question: Q,
    shared: Arc<Shared>,
}

impl<Q: Question> HostDataSource<Q> {
    async fn ask(&self, config: &Value, diagnostics: &mut Diagnostics) -> Result<Answer, Failure> {
        let fleet = self.shared.fleet()?;
        let (name, member) = known_host(fleet.resolve(config.attribute("host"))?)?;
        let mut answer = self.question.answer(config, &member, diagnostics).await?;
        answer.push(("host".into(), name.into()));
        Ok(answer)
    }
}

#[async_trait]
impl<Q: Question> DataSource for HostDataSource<Q> {
    fn type_name(&self) -> &str {
        self.question.type_name()
    }

    fn schema(&self) -> Schema {
        let mut attributes = vec![Attribute::optional_computed("host", Type::String).described(
            "The host: a key of the provider's `hosts`, or an SSH destination where the provider \
             allows that. Defaults to the provider's `host`.",
        )];
        attributes.extend(self.question.attributes());
        Schema { version: 0, description: self.question.description().into(), attributes }
    }

    async fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        self.question.validate(config, diagnostics);
    }

    async fn read(&self, mut config: Value, diagnostics: &mut Diagnostics) -> Value {
        match self.ask(&config, diagnostics).await {
            Ok(answer) => {
                for (name, value) in answer {
                    config.set_attribute(name, value);
                }
            }
            Err(Failure { error, attribute }) => {
                report::error(diagnostics, &error, Some(attribute.into()));
            }
        }
        config
    }
}

/// The attribute that [`seen`] looks at.
fn running_config() -> Attribute {
    Attribute::optional("running_config", Type::Bool).described(
        "Whether to show only what is configured, as `nmstatectl show --running-config` does: \
         without addresses and routes that the host has learned and without what cannot be set. \
         False by default: everything that nmstate shows.",
    )
}

/// The host's state as the configuration wants to see it.
fn seen<'a>(config: &Value, snapshot: &'a Snapshot) -> Cow<'a, Json> {
    let shown = snapshot.state.as_value();
    if config.attribute("running_config").as_bool() == Some(true) {
        Cow::Owned(settable(&keys::STATE, shown))
    } else {
        Cow::Borrowed(shown)
    }
}

/// The items of a list in a state.
fn items<'a>(state: &'a Json, pointer: &str) -> impl Iterator<Item = &'a Json> {
    state.pointer(pointer).and_then(Json::as_array).into_iter().flatten()
}

/// The filter of a key: items that have another value are left out.
pub(crate) fn filter(key: &'static Key, description: &str) -> Attribute {
    let mut filter = convert::attribute(convert::attribute_name(key.name), key);
    filter.mode = Mode::Optional;
    filter.described(description)
}

/// Whether an item has the values that the configuration gives for these keys, in any spelling.
pub(crate) fn passes(config: &Value, keys: &[&'static Key], item: &Json) -> bool {
    keys.iter().all(|key| {
        let wanted = config.attribute(&convert::attribute_name(key.name));
        match convert::to_json(&key.kind, wanted) {
            None => true,
            Some(wanted) => {
                equivalent(&key.kind, &wanted, item.get(key.name).unwrap_or(&Json::Null))
            }
        }
    })
}

/// An attribute that only the host decides about, at every level.
fn computed(mut attribute: Attribute) -> Attribute {
    attribute.mode = Mode::Computed;
    if let Shape::Nested(_, inner) = &mut attribute.shape {
        *inner = std::mem::take(inner).into_iter().map(computed).collect();
    }
    attribute
}
