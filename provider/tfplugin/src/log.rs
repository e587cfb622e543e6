//! Log lines as core reads them: one hclog JSON object a line on standard error.
//!
//! Off unless the user asks with `TF_LOG_PROVIDER` or `TF_LOG`; core filters and stamps the lines
//! once more. The libraries underneath are heard only from warnings up: their detail is about
//! frames and would drown the provider's own lines.

mod format;

use std::fmt;
use std::io::Write as _;
use std::panic::PanicHookInfo;

use serde_json::{Map, Value as Json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry, Scope};

/// Writes events, with the fields of the spans around them, as hclog JSON on standard error.
#[derive(Debug)]
pub struct Layer {
    level: LevelFilter,
}

impl Layer {
    /// From this level up.
    #[must_use]
    pub const fn new(level: LevelFilter) -> Self {
        Self { level }
    }
}

/// The level that the user asks for with `TF_LOG_PROVIDER`, or else `TF_LOG`.
#[must_use]
pub fn level() -> LevelFilter {
    let asked = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    parse_level(asked("TF_LOG_PROVIDER").or_else(|| asked("TF_LOG")).as_deref())
}

/// Makes [`Layer`] with [`level`] the log of this process and lets a panic leave a line that core
/// shows to the user. Does nothing when there is a log already.
pub fn install() {
    let subscriber = Registry::default().with(Layer::new(level()));
    // A second call, or a program with a log of its own.
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(panicked));
}

/// The text of a panic.
pub(crate) fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no reason given")
}

/// Core looks for lines that begin like this and shows them also when logging is off.
fn panicked(info: &PanicHookInfo<'_>) {
    let text = panic_text(info.payload()).replace('\n', " ");
    let place = info.location().map(|place| format!(" at {place}")).unwrap_or_default();
    write_line(&format!("panic: {text}{place}"));
}

fn parse_level(asked: Option<&str>) -> LevelFilter {
    match asked.map(str::to_ascii_lowercase).as_deref() {
        None | Some("off") => LevelFilter::OFF,
        Some("error") => LevelFilter::ERROR,
        Some("warn") => LevelFilter::WARN,
        Some("info") => LevelFilter::INFO,
        Some("debug") => LevelFilter::DEBUG,
        // `json` asks core for another format; what is no level counts as the lowest, as in core.
        Some(_) => LevelFilter::TRACE,
    }
}

fn is_library(target: &str) -> bool {
    let root = target.split("::").next().unwrap_or_default();
    matches!(root, "h2" | "hyper" | "hyper_util" | "rustls" | "tokio" | "tonic" | "tower" | "mio")
}

fn write_line(line: &str) {
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to be told when the log itself cannot be written.
    let _ = stderr.write_all(format!("{line}\n").as_bytes());
}

impl<S> tracing_subscriber::Layer<S> for Layer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        let loud = *metadata.level() <= Level::WARN || !is_library(metadata.target());
        loud && *metadata.level() <= self.level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.0.extend(outer.0.clone());
            }
        }
        event.record(&mut fields);
        let metadata = event.metadata();
        let now = time::OffsetDateTime::now_utc();
        write_line(&format::line(now, *metadata.level(), metadata.target(), fields.0));
    }
}

/// The fields of a span or event.
#[derive(Default)]
struct Fields(Map<String, Json>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_like_core_reads_them() {
        assert_eq!(parse_level(None), LevelFilter::OFF);
        assert_eq!(parse_level(Some("OFF")), LevelFilter::OFF);
        assert_eq!(parse_level(Some("Debug")), LevelFilter::DEBUG);
        assert_eq!(parse_level(Some("JSON")), LevelFilter::TRACE);
    }

    #[test]
    fn libraries_are_known_by_their_root() {
        assert!(is_library("h2::codec::framed_read"));
        assert!(!is_library("h2o::x"));
    }
}
