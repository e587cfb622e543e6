//! `make opentofu`: the scenarios on any program, see `acceptance_tests::scenarios`.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use acceptance_tests::scenarios::{self, Choice};
use clap::Parser;

/// Runs the scenarios on Terraforms and OpenTofus, one after the other.
///
/// Prints at the end what each cannot run and why, and writes target/scenarios.json. What fails for
/// another reason is a failure.
#[derive(Parser)]
#[command(name = "scenarios")]
struct Arguments {
    /// Terraform or OpenTofu: a path, or a name in PATH; may be given several times
    #[arg(long = "program", value_name = "PROGRAM", required = true)]
    programs: Vec<PathBuf>,
    #[command(flatten)]
    choice: Choice,
}

fn main() -> ExitCode {
    let Arguments { programs, choice } = Arguments::parse();
    match scenarios::run(&programs, &choice) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\nscenarios: {error:#}");
            ExitCode::FAILURE
        }
    }
}
