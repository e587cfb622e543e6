//! `make faults`: faults at every step of every change, see `acceptance_tests::faults`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use acceptance_tests::Selection;
use acceptance_tests::faults::{self, Cell};
use clap::Parser;

/// Puts faults into transactions of real hosts, and shows how they end.
///
/// A cell is named `HOST-KIND FAULT at STEP of CHANGE`. Writes target/faults.json and
/// target/faults.md after each; one that ended well with this very provider and program is not run again.
#[derive(Parser)]
#[command(name = "faults")]
struct Arguments {
    #[command(flatten)]
    selection: Selection,
}

fn main() -> ExitCode {
    let Arguments { selection } = Arguments::parse();
    let is_meant = |cell: &Cell| {
        let name = format!("{} {cell}", cell.kind().name());
        selection.includes(&name.split(' ').collect::<Vec<_>>())
    };
    let cells = faults::cells().into_iter().filter(is_meant).collect();
    match faults::run(cells, selection.pace(), selection.again) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\nfaults: {error:#}");
            ExitCode::FAILURE
        }
    }
}
