//! How long an operation may take: the attribute `timeouts`.
//!
//! A limit bounds the whole operation, the wait for the host included. A change whose time is up is
//! cancelled by the engine, so it ends as every cancelled change does: undone, and proven so. Without
//! a limit the engine's own times count.

use std::time::{Duration, Instant};

use nmstate_engine::{Error, ErrorKind};
use tfplugin::{ApplyRequest, Attribute, AttributePath, Diagnostics, Mode, Nesting, Type, Value};

/// The attribute's name.
pub(super) const ATTRIBUTE: &str = "timeouts";

/// The operations, and what their limits bound.
const OPERATIONS: [(&str, &str); 4] = [
    ("create", "How long creating may take, the wait for the host included."),
    ("read", "How long looking at the host may take, in a refresh and in a plan."),
    ("update", "How long a change in place may take, the wait for the host included."),
    ("delete", "How long destroying may take, the wait for the host included."),
];

/// When the time of an operation is up.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    operation: &'static str,
    /// As the configuration spells it.
    time: String,
    deadline: Instant,
}

/// The attribute `timeouts`.
pub(super) fn attribute() -> Attribute {
    let operations = OPERATIONS
        .map(|(name, description)| Attribute::optional(name, Type::String).described(description));
    Attribute::nested(ATTRIBUTE, Mode::Optional, Nesting::Single, operations.into()).described(
        "How long operations may take, such as `30s`, `5m` or `1h30m`. A change that is not \
         confirmed when its time is up is undone. Without a limit only the times of the \
         provider's `checkpoint` count.",
    )
}

/// Checks the limits of a configuration.
pub(super) fn validate(config: &Value, diagnostics: &mut Diagnostics) {
    let limits = config.attribute(ATTRIBUTE);
    for (operation, _) in OPERATIONS {
        let Some(text) = limits.attribute(operation).as_str() else { continue };
        if duration(text).is_none() {
            diagnostics.attribute_error(
                path(operation),
                format!("`{ATTRIBUTE}.{operation}` cannot be `{text}`"),
                "use numbers with units, such as `30s`, `5m` or `1h30m`, and more than \
                 nothing",
            );
        }
    }
}

impl Limit {
    /// The limit of an apply that begins now: what a configuration says, or what the state of a
    /// resource says that is to be destroyed.
    pub(super) fn of_apply(request: &ApplyRequest) -> Option<Self> {
        if request.is_destroy() {
            return Self::begin(&request.prior, "delete");
        }
        let operation = if request.is_create() { "create" } else { "update" };
        Self::begin(&request.config, operation)
    }

    /// The limit of a look at the host that begins now.
    pub(super) fn of_look(block: &Value) -> Option<Self> {
        Self::begin(block, "read")
    }

    fn begin(block: &Value, operation: &'static str) -> Option<Self> {
        let time = block.attribute(ATTRIBUTE).attribute(operation).as_str()?;
        let deadline = Instant::now().checked_add(duration(time)?)?;
        Some(Self { operation, time: time.to_owned(), deadline })
    }

    /// When the time is up.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The outcome of a change, whose error says so when it is this limit that ended it.
    pub(super) fn named<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        outcome.map_err(|error| match error.kind {
            ErrorKind::Cancelled if Instant::now() >= self.deadline => {
                let what = if error.report.is_some() {
                    "and the change was undone"
                } else {
                    "before anything was changed"
                };
                Error {
                    message: format!("{}, {what}", self.up()),
                    hint: Some(HINT.into()),
                    ..error
                }
            }
            _ => error,
        })
    }

    /// The attribute of an error that this limit has led to.
    pub(super) fn attribute_of(&self, error: &Error) -> Option<AttributePath> {
        error.message.starts_with(&self.up()).then(|| path(self.operation))
    }

    fn up(&self) -> String {
        format!("the time of `{ATTRIBUTE}.{}` (`{}`) was up", self.operation, self.time)
    }
}

/// What to do about a limit that is too short.
const HINT: &str = "raise it when the host or its network needs longer";

/// The outcome of work that changes nothing, or an error when the time is up before.
pub(super) async fn within<T>(
    limit: Option<&Limit>,
    host: &Value,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(limit) = limit else { return work.await };
    tokio::time::timeout_at(limit.deadline.into(), work).await.unwrap_or_else(|_| {
        let message = format!("{} before the host had answered", limit.up());
        let host = host.as_str().unwrap_or_default();
        Err(Error::new(ErrorKind::ConnectTimeout, host, message).with_hint(HINT))
    })
}

fn path(operation: &str) -> AttributePath {
    AttributePath::from(ATTRIBUTE).attribute(operation)
}

fn duration(text: &str) -> Option<Duration> {
    humantime::parse_duration(text).ok().filter(|time| !time.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(operation: &str, time: &str) -> Value {
        Value::object([(ATTRIBUTE, Value::object([(operation, time)]))])
    }

    #[test]
    fn durations_are_those_of_terraform() {
        for (text, seconds) in
            [("30s", 30), ("5m", 300), ("1h30m", 5400), ("2h0m10s", 7210), ("1.5h", 5400)]
        {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
    }

    #[test]
    fn a_bad_duration_is_named_where_it_is() {
        for text in ["", "30", "s", "-5m", "0s", "soon"] {
            let mut diagnostics = Diagnostics::new();
            validate(&block("update", text), &mut diagnostics);
            let found: Vec<_> = diagnostics.iter().collect();
            let [one] = found.as_slice() else { panic!("`{text}`: {found:?}") };
            assert_eq!(one.attribute, Some(path("update")), "`{text}`");
            assert_eq!(one.summary, format!("`timeouts.update` cannot be `{text}`"));
        }
        let mut diagnostics = Diagnostics::new();
        validate(&block("create", "10m"), &mut diagnostics);
        validate(&Value::object([(ATTRIBUTE, Value::Unknown)]), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
    }

    #[test]
    fn each_operation_has_its_own_limit() {
        let (given, null) = (block("delete", "1m"), Value::Null);
        let request = |prior: &Value, planned: &Value, config: &Value| ApplyRequest {
            prior: prior.clone(),
            planned: planned.clone(),
            config: config.clone(),
            ..ApplyRequest::default()
        };
        let operation = |request| Limit::of_apply(&request).map(|limit| limit.operation);
        assert_eq!(operation(request(&given, &null, &null)), Some("delete"));
        let given = block("create", "1m");
        assert_eq!(operation(request(&null, &given, &given)), Some("create"));
        assert_eq!(operation(request(&given, &given, &given)), None);
    }

    #[tokio::test]
    async fn a_limit_that_ends_something_is_named() {
        let limit = Limit::begin(&block("create", "10ms"), "create").unwrap();
        let never = std::future::pending::<Result<(), Error>>();
        let error = within(Some(&limit), &Value::from("web1"), never).await.unwrap_err();
        let expected = "host `web1`: the time of `timeouts.create` (`10ms`) was up before the host \
                        had answered";
        assert_eq!(error.to_string(), expected);
        assert_eq!(limit.attribute_of(&error), Some(path("create")));
        let cancelled = Error::new(ErrorKind::Cancelled, "web1", "cancelled");
        let error = limit.named::<()>(Err(cancelled)).unwrap_err();
        assert!(error.message.ends_with("before anything was changed"), "{error}");
        assert_eq!(error.kind, ErrorKind::Cancelled);
        let other = Error::new(ErrorKind::Probe, "web1", "no answer");
        assert_eq!(limit.attribute_of(&other), None);
        assert_eq!(limit.named::<()>(Err(other)).unwrap_err().message, "no answer");
    }
}
