//! `make bench`: what the product costs, as a table and as `target/bench.json`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use acceptance_tests::bench::{self, Part};
use clap::Parser;

/// Measures what the product costs.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    /// Parts to measure: `provider`, `fleet`; both by default
    #[arg(value_parser = part)]
    parts: Vec<Part>,
}

fn main() -> ExitCode {
    let Arguments { parts } = Arguments::parse();
    match bench::run(if parts.is_empty() { &Part::ALL } else { &parts }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\nbench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn part(word: &str) -> Result<Part, &'static str> {
    match word {
        "provider" => Ok(Part::Provider),
        "fleet" => Ok(Part::Fleet),
        _ => Err("use `provider` or `fleet`"),
    }
}
