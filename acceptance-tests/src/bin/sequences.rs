//! `make sequences-hosts`: random sequences on namespace hosts, see `acceptance_tests::sequences`.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use acceptance_tests::sequences;
use clap::Parser;

/// Plays the sequences that the provider's model has written, and goes on where it was ended.
#[derive(Parser)]
#[command(name = "sequences")]
struct Arguments {
    /// The directory of the sequences, one file each
    directory: PathBuf,
    /// Hosts side by side
    #[arg(long, default_value_t = 3)]
    hosts: u16,
}

fn main() -> ExitCode {
    let Arguments { directory, hosts } = Arguments::parse();
    match sequences::run(&directory, hosts) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\nsequences: {error:#}");
            ExitCode::FAILURE
        }
    }
}
