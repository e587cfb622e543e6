//! `make bench`: what the provider costs, as a table and as `target/bench.json`.

use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    match acceptance_tests::bench::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\nbench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
