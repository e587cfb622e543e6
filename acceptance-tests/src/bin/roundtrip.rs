//! `make roundtrip`: documents through Terraform and back, see `acceptance_tests::roundtrip`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use acceptance_tests::{Selection, roundtrip};
use clap::Parser;

/// Applies, plans, imports, changes and destroys documents on real hosts.
///
/// A cell is named `HOST-KIND RELEASE DOCUMENT VARIANT FORM`. Writes target/roundtrip.json after
/// each; one that went well with this very provider and program is not run again.
#[derive(Parser)]
#[command(name = "roundtrip")]
struct Arguments {
    #[command(flatten)]
    selection: Selection,
}

fn main() -> ExitCode {
    let Arguments { selection } = Arguments::parse();
    let is_meant = |cell: &roundtrip::Cell| {
        let (kind, release) = roundtrip::place(cell);
        let (variant, form) = (cell.variant.name(), cell.form.name());
        selection.includes(&[kind.name(), release.name(), cell.document(), variant, form])
    };
    let run = || {
        let cells = roundtrip::cells()?.into_iter().filter(is_meant).collect();
        roundtrip::run(cells, selection.pace(), selection.again)
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\nroundtrip: {error:#}");
            ExitCode::FAILURE
        }
    }
}
