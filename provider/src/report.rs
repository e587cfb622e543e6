//! The engine's errors and the schema's findings as Terraform diagnostics, on the attribute that
//! is the cause.
//!
//! The first line says what failed and why; the detail says what to do next. The raw log of
//! nmstate goes to the provider's own log only (design rule 6).

use nmstate_engine::Error;
use nmstate_schema::validate::Finding;
use tfplugin::{AttributePath, Diagnostics};

use crate::configuration::Unreachable;
use crate::fleet::Fleet;

/// Adds an engine error, on `attribute` when there is one.
pub(crate) fn error(
    diagnostics: &mut Diagnostics,
    error: &Error,
    attribute: Option<AttributePath>,
) {
    log(error);
    let hint = hint(error);
    match attribute {
        Some(path) => diagnostics.attribute_error(path, error.to_string(), hint),
        None => diagnostics.error(error.to_string(), hint),
    }
}

/// Adds an engine error as a warning.
pub(crate) fn warning(diagnostics: &mut Diagnostics, error: &Error, consequence: &str) {
    log(error);
    let hint = hint(error);
    let detail =
        if hint.is_empty() { consequence.to_owned() } else { format!("{consequence}\n\n{hint}") };
    diagnostics.warning(error.to_string(), detail);
}

/// A refresh could not reach the host: an error, or a warning when the provider says so.
pub(crate) fn refresh_failed(diagnostics: &mut Diagnostics, fleet: &Fleet, failure: &Error) {
    match fleet.unreachable() {
        Unreachable::Warn if failure.kind.is_unreachable() => {
            warning(diagnostics, failure, "the state of its resources stays as it was");
        }
        Unreachable::Warn | Unreachable::Error => {
            error(diagnostics, failure, Some("host".into()));
        }
    }
}

/// Adds a finding of the validation, on `attribute`.
pub(crate) fn finding(
    diagnostics: &mut Diagnostics,
    finding: &Finding,
    attribute: Option<AttributePath>,
) {
    let detail = finding.hint.clone().unwrap_or_default();
    match attribute {
        Some(path) => diagnostics.attribute_error(path, finding.message.clone(), detail),
        None => diagnostics.error(format!("{}: {}", finding.path, finding.message), detail),
    }
}

fn hint(error: &Error) -> String {
    error.hint.clone().unwrap_or_default()
}

fn log(error: &Error) {
    if let Some(detail) = &error.detail {
        tracing::debug!(host = %error.host, "{error}: {detail}");
    }
}
