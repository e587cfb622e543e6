//! `nmstate_diff`: whether a host is as desired, for `check` blocks and pipelines that change
//! nothing.

use async_trait::async_trait;
use tfplugin::{Attribute, Diagnostics, Mode, Nesting, Type, Value};

use super::{Answer, Failure, Question};
use crate::differences::{attributes, differences};
use crate::fleet::Member;
use crate::{document, secrets};

/// The data source `nmstate_diff`.
pub(super) struct Diff;

#[async_trait]
impl Question for Diff {
    fn type_name(&self) -> &'static str {
        "nmstate_diff"
    }

    fn description(&self) -> &'static str {
        "Whether a host is as desired, and what differs. Changes nothing."
    }

    fn attributes(&self) -> Vec<Attribute> {
        vec![
            Attribute::required("desired", Type::Dynamic).described(
                "The desired state: an object with nmstate's own keys, or its text in YAML or \
                 JSON. What it leaves out is not compared, a list that it gives is exact.",
            ),
            Attribute::computed("satisfied", Type::Bool)
                .described("Whether the host is as desired."),
            Attribute::nested("differences", Mode::Computed, Nesting::List, attributes())
                .described("What is not as desired, sorted by path. Secrets are masked."),
        ]
    }

    fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        let desired = config.attribute("desired");
        if desired.is_wholly_known()
            && let Err(findings) = document::parse_valid(desired)
        {
            document::report(diagnostics, findings, "desired");
        }
    }

    async fn answer(
        &self,
        config: &Value,
        member: &Member,
        diagnostics: &mut Diagnostics,
    ) -> Result<Answer, Failure> {
        let desired = document::parse(config.attribute("desired")).map_err(|findings| Failure {
            error: document::refused(&findings),
            attribute: "desired",
        })?;
        let snapshot = member.host.snapshot().await?;
        let seen = secrets::host::refreshed(member, &snapshot, &desired, diagnostics).await;
        let differences = differences(&desired, &seen);
        Ok(vec![
            ("satisfied".into(), differences.is_empty().into()),
            ("differences".into(), Value::list(differences)),
        ])
    }
}
