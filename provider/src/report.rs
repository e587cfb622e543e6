//! The engine's errors and reports and the schema's findings as Terraform diagnostics, on the
//! attribute that is the cause.
//!
//! The first line says what failed and why; the detail says what to do next and, when there was a
//! transaction, what happened when. The raw log of nmstate goes to the provider's own log only
//! (design rule 6). Of a change that went well the user hears what needs attention: a warning of
//! the engine, a while without an answer, another address.

use nmstate_engine::Error;
use nmstate_engine::transaction::Report;
use nmstate_schema::Names;
use nmstate_schema::undo::{LeftOut, Reason};
use nmstate_schema::validate::Finding;
use tfplugin::{Attribute, AttributePath, Diagnostics, Mode, Nesting, Type, Value};

use crate::configuration::Unreachable;
use crate::convert;
use crate::fleet::Fleet;

/// Adds an engine error, on `attribute` when there is one.
pub(crate) fn error(
    diagnostics: &mut Diagnostics,
    error: &Error,
    attribute: Option<AttributePath>,
) {
    log(error);
    let detail = detail(error);
    match attribute {
        Some(path) => diagnostics.attribute_error(path, error.to_string(), detail),
        None => diagnostics.error(error.to_string(), detail),
    }
}

/// Adds an engine error as a warning.
pub(crate) fn warning(diagnostics: &mut Diagnostics, error: &Error, consequence: &str) {
    log(error);
    let paragraphs = [consequence.to_owned(), detail(error)];
    diagnostics.warning(error.to_string(), together(paragraphs));
}

/// A refresh could not reach the host: an error, on `attribute` or else on the host, or a warning
/// when the provider says so.
pub(crate) fn refresh_failed(
    diagnostics: &mut Diagnostics,
    fleet: &Fleet,
    failure: &Error,
    attribute: Option<AttributePath>,
) {
    match fleet.unreachable() {
        Unreachable::Warn if failure.kind.is_unreachable() => {
            warning(diagnostics, failure, "the state of its resources stays as it was");
        }
        Unreachable::Warn | Unreachable::Error => {
            error(diagnostics, failure, attribute.or_else(|| host_attribute(failure)));
        }
    }
}

/// The attribute of an error on the way to a host; none when no host is concerned.
pub(crate) fn host_attribute(error: &Error) -> Option<AttributePath> {
    (!error.host.is_empty()).then(|| "host".into())
}

/// Adds a finding about a host or, without one, of the validation, on `attribute`.
pub(crate) fn finding(
    diagnostics: &mut Diagnostics,
    host: Option<&str>,
    finding: &Finding,
    attribute: Option<AttributePath>,
    names: &dyn Names,
) {
    let located = finding.located(names);
    let summary = match host {
        Some(host) => format!("host `{host}`: {located}"),
        None => located,
    };
    let detail = finding.hint.as_ref().map(|hint| hint.text(names)).unwrap_or_default();
    match attribute {
        Some(path) => diagnostics.attribute_error(path, summary, detail),
        None => diagnostics.error(summary, detail),
    }
}

/// A destroy of what Terraform has not changed.
pub(crate) fn untouched(diagnostics: &mut Diagnostics, label: &str) {
    diagnostics.warning(
        format!("{label} stays as it is: it was there before, and nothing of it was changed"),
        "set `on_destroy = \"absent\"` and apply that before, to remove what was declared",
    );
}

/// What was not put back or taken away. That another resource of the run declares it is what a change
/// of an index comes to; a destroy says so.
pub(crate) fn left_out(
    diagnostics: &mut Diagnostics,
    host: &str,
    left_out: &[LeftOut],
    is_destroy: bool,
) {
    for one in left_out {
        let text = format!("host `{host}`: {one}");
        match one.reason {
            Reason::Inherited => tracing::info!(host, "{one}"),
            Reason::Declared if !is_destroy => tracing::info!(host, "{one}"),
            Reason::Declared => diagnostics.warning(
                text,
                "a `moved` block hands a resource over with what is known of the time before; without \
                 one, `on_destroy = \"absent\"` on the other resource removes it in the end",
            ),
            Reason::Reference | Reason::Gone | Reason::OtherPorts => diagnostics.warning(text, ""),
        }
    }
}

/// Says what needs attention of a transaction that went well.
pub(crate) fn confirmed(diagnostics: &mut Diagnostics, host: &str, report: &Report) {
    for warning in &report.warnings {
        diagnostics.warning(format!("host `{host}`: {warning}"), "");
    }
    if let Some(address) = &report.address {
        diagnostics.warning(
            format!("host `{host}`: it is reached at `{address}` since the change"),
            "name that address in the provider block before the next run",
        );
    }
    match report.outage {
        Some(outage) => diagnostics.warning(
            format!("host `{host}`: no answer for {:.1} s during the change", outage.as_secs_f32()),
            timeline(report),
        ),
        None => tracing::info!(host, "{}", timeline(report)),
    }
}

/// The attributes of a transaction's report, in the form of [`Report::to_value`].
pub(crate) fn transaction_attributes() -> Vec<Attribute> {
    let one = |name: &str, value_type: Type, description: &str| {
        Attribute::computed(name, value_type).described(description)
    };
    let list = |name: &str, attributes: Vec<Attribute>, description: &str| {
        Attribute::nested(name, Mode::Computed, Nesting::List, attributes).described(description)
    };
    let texts = || Type::List(Box::new(Type::String));
    vec![
        one("state", Type::String, "How it ended: `confirmed`."),
        one("seconds", Type::Number, "How long it took."),
        one("outage_seconds", Type::Number, "How long the host did not answer, if so."),
        list(
            "timeline",
            vec![
                one("at", Type::Number, "Seconds since the beginning."),
                one("event", Type::String, "What happened."),
            ],
            "What happened when.",
        ),
        list(
            "probes",
            vec![
                one("probe", Type::String, "The probe in words."),
                one("before", Type::String, "`ok`, or why it failed before the change."),
                one("after", Type::String, "`ok`, or why it failed; null when not asked."),
            ],
            "How the probes went.",
        ),
        one("checkpoint", Type::String, "The D-Bus path of the checkpoint."),
        one("address", Type::String, "Where the host is reached since the change moved it."),
        one("differences", texts(), "What the host did not take on."),
        one("warnings", texts(), "What to know although the change is good."),
    ]
}

/// The value of the attribute `transaction`.
pub(crate) fn transaction(report: &Report) -> Value {
    convert::plain_from_json(&report.to_value())
}

/// What to do next, and what happened when.
fn detail(error: &Error) -> String {
    let mut paragraphs = vec![error.hint.clone().unwrap_or_default()];
    if let Some(report) = &error.report {
        paragraphs.extend(report.warnings.iter().cloned());
        paragraphs.push(timeline(report));
    }
    together(paragraphs)
}

fn timeline(report: &Report) -> String {
    format!("timeline: {}", report.timeline)
}

fn together(paragraphs: impl IntoIterator<Item = String>) -> String {
    let filled: Vec<String> = paragraphs.into_iter().filter(|text| !text.is_empty()).collect();
    filled.join("\n\n")
}

fn log(error: &Error) {
    if let Some(detail) = &error.detail {
        tracing::debug!(host = %error.host, "{error}: {detail}");
    }
}
