//! The server in the hands of a real core, and of somebody who is not core.
//!
//! `terraform` is taken from the path, or from the variable `TERRAFORM`; without it these tests
//! fail, since a plugin that was never tried with a core is not tested.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests are tests too")]

mod bench;
mod lifecycle;
mod peer;
mod values;
