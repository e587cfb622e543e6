//! One call, cut off from all others.
//!
//! Each runs in a task of its own: a panic ends that task and becomes an error of that call, and a
//! call whose connection breaks still runs to its end, since a change to a remote system must not
//! stop half-way.

use std::pin::Pin;

use tokio::sync::watch;
use tonic::{Response, Status};
use tracing::Instrument as _;

use super::translate;
use crate::diagnostics::Diagnostics;
use crate::wire;

/// How many calls run now.
#[derive(Clone)]
pub(crate) struct Running(watch::Sender<usize>);

impl Running {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Waits until no call runs.
    pub(crate) async fn none(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Runs `call`, which answers `None` when an error says it all.
    pub(super) async fn answer<T, F>(
        &self,
        method: &'static str,
        subject: &str,
        call: F,
    ) -> Result<Response<T>, Status>
    where
        T: Reply,
        F: for<'a> FnOnce(&'a mut Diagnostics) -> Pending<'a, T> + Send + 'static,
    {
        let guard = Guard::new(self.0.clone());
        let work = async move {
            let _guard = guard;
            let mut diagnostics = Diagnostics::new();
            let reply = call(&mut diagnostics).await;
            (reply, diagnostics)
        };
        let span = tracing::debug_span!("call", method, subject);
        let (reply, diagnostics) = match tokio::spawn(work.instrument(span)).await {
            Ok(done) => done,
            Err(error) => (None, crashed(method, error)),
        };
        let mut reply = reply.unwrap_or_default();
        reply.say(diagnostics);
        Ok(Response::new(reply))
    }
}

/// The future of a call.
pub(super) type Pending<'a, T> = Pin<Box<dyn Future<Output = Option<T>> + Send + 'a>>;

/// A response that carries diagnostics.
pub(super) trait Reply: Default + Send + 'static {
    fn say(&mut self, diagnostics: Diagnostics);
}

macro_rules! reply {
    ($($name:ident),* $(,)?) => { $(
        impl Reply for wire::$name {
            fn say(&mut self, diagnostics: Diagnostics) {
                self.diagnostics = translate::diagnostics(diagnostics);
            }
        }
    )* };
}

reply!(
    GetMetadataResponse,
    GetProviderSchemaResponse,
    GetResourceIdentitySchemasResponse,
    GetFunctionsResponse,
    ValidateProviderConfigResponse,
    ValidateResourceConfigResponse,
    ValidateDataResourceConfigResponse,
    ValidateListResourceConfigResponse,
    ConfigureProviderResponse,
    UpgradeResourceStateResponse,
    UpgradeResourceIdentityResponse,
    ReadResourceResponse,
    PlanResourceChangeResponse,
    ApplyResourceChangeResponse,
    ImportResourceStateResponse,
    MoveResourceStateResponse,
    ReadDataSourceResponse,
);

impl Reply for wire::CallFunctionResponse {
    /// A function reports one error; those of the server itself end up here.
    fn say(&mut self, diagnostics: Diagnostics) {
        if let Some(first) = diagnostics.into_iter().next() {
            let text = format!("{}: {}", first.summary, first.detail);
            self.error = Some(wire::FunctionError { text, function_argument: None });
        }
    }
}

/// Counts a call while it runs, however it ends.
struct Guard(watch::Sender<usize>);

impl Guard {
    fn new(count: watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

fn crashed(method: &str, error: tokio::task::JoinError) -> Diagnostics {
    let reason = match error.try_into_panic() {
        Ok(payload) => crate::log::panic_text(payload.as_ref()).to_owned(),
        Err(error) => error.to_string(),
    };
    let mut diagnostics = Diagnostics::new();
    diagnostics.error(
        format!("the provider panicked in {method}: {reason}"),
        "this is a mistake in the provider; please report it with the log that TF_LOG=debug writes",
    );
    diagnostics
}
