//! Acceptance tests: real hosts, real programs.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod ansible;
mod faults;
mod lab;
mod roundtrip;
mod terraform;
