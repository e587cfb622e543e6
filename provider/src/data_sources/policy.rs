//! `nmstate_policy`: a policy that captures, resolved against its host.

use async_trait::async_trait;
use nmstate_engine::ErrorKind;
use nmstate_schema::Value as Json;
use tfplugin::{Attribute, Diagnostics, Type, Value};

use super::{Answer, Failure, Question};
use crate::document::{self, dynamic};
use crate::fleet::Member;

/// The data source `nmstate_policy`.
pub(super) struct Policy;

#[async_trait]
impl Question for Policy {
    fn type_name(&self) -> &'static str {
        "nmstate_policy"
    }

    fn description(&self) -> &'static str {
        "A policy resolved against a host: what its captures find there, and the network state \
         that it then asks for. Changes nothing. Needs nmstate 2.2.9 or newer on the host."
    }

    fn attributes(&self) -> Vec<Attribute> {
        vec![
            Attribute::required("policy", Type::Dynamic).described(
                "The policy: a `NodeNetworkConfigurationPolicy` or only its `spec` with `capture` \
                 and `desiredState`, as an object or as text in YAML or JSON.",
            ),
            Attribute::computed("captured", Type::Dynamic)
                .described("The part of the host's state that each capture has found, by name."),
            Attribute::computed("desired", Type::Dynamic).described(
                "The desired state with what was captured in it, for `desired` of `nmstate_state`.",
            ),
        ]
    }

    fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        let policy = config.attribute("policy");
        if policy.is_wholly_known()
            && let Err(findings) = document::parse_policy(policy)
        {
            document::report(diagnostics, findings, "policy");
        }
    }

    async fn answer(
        &self,
        config: &Value,
        member: &Member,
        _diagnostics: &mut Diagnostics,
    ) -> Result<Answer, Failure> {
        let at_policy = |error| Failure { error, attribute: "policy" };
        let policy = document::parse_policy(config.attribute("policy"))
            .map_err(|findings| at_policy(document::refused(&findings)))?;
        let resolution = member.host.resolve(policy).await.map_err(|error| match error.kind {
            ErrorKind::InvalidDocument => at_policy(error),
            _ => error.into(),
        })?;
        Ok(vec![
            ("captured".into(), dynamic(&Json::Object(resolution.captured))),
            ("desired".into(), dynamic(resolution.desired.as_value())),
        ])
    }
}
