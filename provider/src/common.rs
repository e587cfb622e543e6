//! What all resources have in common: the host and the machine that it is, what destroying does,
//! what a change is watched by, and what its transaction did.
//!
//! The attributes are described here once, and a resource hands its requests through: [`Refresh`]
//! looks at the host of a state, [`Plan`] at the one of a configuration, [`Job`] carries a document
//! out. Each of them adds the common attributes to what the resource makes of its own.
//!
//! `transaction` is null unless the provider asks for it: a value that changes with each apply has
//! to be planned as unknown, and would stand in every plan beside what really changes.

use tfplugin::{Attribute, AttributePath, Diagnostics, Mode, Schema, Type, Value};

use crate::original::OnDestroy;
use crate::{report, settings, taking_over};

mod forgotten;
mod home;
mod job;
mod limit;
mod machine;
mod others;
mod plan;
mod refresh;

pub(crate) use job::{Job, lets_go};
pub(crate) use machine::identity;
pub(crate) use plan::{Plan, plan_destroy};
pub(crate) use refresh::Refresh;

/// The schema of a resource with these attributes of its own.
pub(crate) fn schema(description: String, own: Vec<Attribute>) -> Schema {
    let mut attributes = vec![
        Attribute::optional_computed("host", Type::String).described(
            "The host: a key of the provider's `hosts`, or an SSH destination where the provider \
             allows that. Defaults to the provider's `host`. Another name for the same machine is \
             an update in place; another machine replaces the resource.",
        ),
        Attribute::optional_computed("on_destroy", Type::String).described(
            "What destroying does: `restore` puts back what was there before the resource (the \
             default for what it did not create), `absent` removes (the default for what it \
             created), `keep` leaves everything as it is.",
        ),
    ];
    attributes.extend(own);
    attributes.extend([
        settings::probes_attribute(
            "What is asked before and after a change of this resource, beside the provider's \
             `probes`: what has worked before and does not any more undoes it.",
        ),
        Attribute::optional("settle_timeout", Type::Number).described(
            "Seconds for which probes that fail after a change of this resource are asked again \
             before it is undone. Of changes that travel together the longest counts. Defaults to \
             `checkpoint.settle_timeout` of the provider.",
        ),
        limit::attribute(),
        taking_over::attribute(),
        Attribute::computed("machine_id", Type::String).described(
            "The content of `/etc/machine-id`, which together with the SSH host key says that \
                 the host is the same.",
        ),
        Attribute::nested(
            "transaction",
            Mode::Computed,
            tfplugin::Nesting::Single,
            report::transaction_attributes(),
        )
        .described(
            "What the last transaction of this resource did; null when there was none, and unless \
             the provider says `report_in_state = true`.",
        ),
    ]);
    Schema { version: 0, description, attributes }
}

/// The common attributes that only a configuration gives.
const GIVEN: [&str; 4] = ["probes", "settle_timeout", limit::ATTRIBUTE, taking_over::ATTRIBUTE];

/// Checks the common attributes of a configuration.
pub(crate) fn validate(config: &Value, diagnostics: &mut Diagnostics) {
    let root = AttributePath::root();
    settings::choice(config, &root, "on_destroy", &OnDestroy::WORDS, diagnostics);
    settings::seconds(config, &root, "settle_timeout", 0, diagnostics);
    settings::probes(config, diagnostics);
    limit::validate(config, diagnostics);
}
