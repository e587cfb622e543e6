//! The named moments of a transaction: in the log, and where tests hold it to inject a fault.
//!
//! With the feature `failpoints` the variable `FAILPOINTS="pending=return(1500)"` holds a
//! transaction for 1500 ms when it reaches `pending`. Without the feature none of this is built.

/// Says that a step is reached: `before_apply`, `during_apply`, `pending`, `commit` (found
/// good), `save` (new profiles are on disk) or `persist` (committed).
pub(super) async fn reached(step: &'static str) {
    tracing::debug!(step, "transaction");
    #[cfg(feature = "failpoints")]
    {
        static READ: std::sync::Once = std::sync::Once::new();
        // Forgotten, because what it holds is for the whole life of the process.
        READ.call_once(|| std::mem::forget(fail::FailScenario::setup()));
        let held = fail::eval(step, |milliseconds| {
            milliseconds.and_then(|text| text.parse().ok()).unwrap_or(0)
        });
        if let Some(milliseconds) = held {
            tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
        }
    }
    #[cfg(not(feature = "failpoints"))]
    std::future::ready(()).await;
}
