//! `make demo`: the main job on a VM host, with progress.

use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    match acceptance_tests::demo::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\ndemo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
