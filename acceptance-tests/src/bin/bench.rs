//! `make bench`: what the product costs, as a table and as `target/bench.json`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use acceptance_tests::bench::{self, Part};
use clap::{Parser, ValueEnum as _};

/// Measures what the product costs.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    /// Parts to measure; all by default
    #[arg(value_enum)]
    parts: Vec<Part>,
}

fn main() -> ExitCode {
    let Arguments { parts } = Arguments::parse();
    match bench::run(if parts.is_empty() { Part::value_variants() } else { &parts }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\nbench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
