//! `make roundtrip`: documents through Terraform and back, see `acceptance_tests::roundtrip`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use acceptance_tests::{Pace, roundtrip};
use clap::Parser;

/// Applies, plans, imports, changes and destroys documents on real hosts.
///
/// Writes target/roundtrip.json after each. What went well with this very provider is not run again.
#[derive(Parser)]
#[command(name = "roundtrip")]
struct Arguments {
    /// Only cells that have each of these words in `HOST-KIND RELEASE DOCUMENT VARIANT FORM`
    words: Vec<String>,
    /// Namespace hosts side by side
    #[arg(long, default_value_t = 4)]
    namespace_hosts: u16,
    /// VM hosts side by side
    #[arg(long, default_value_t = 1)]
    vm_hosts: u16,
    /// Run what is known again
    #[arg(long)]
    again: bool,
}

fn main() -> ExitCode {
    let Arguments { words, namespace_hosts, vm_hosts, again } = Arguments::parse();
    let is_meant = |cell: &roundtrip::Cell| {
        let (kind, release) = roundtrip::place(cell);
        let (variant, form) = (cell.variant.name(), cell.form.name());
        let name = [kind.name(), release.name(), cell.document(), variant, form];
        words.iter().all(|word| name.contains(&word.as_str()))
    };
    let run = || {
        let cells = roundtrip::cells()?.into_iter().filter(is_meant).collect();
        roundtrip::run(cells, Pace { namespace_hosts, vm_hosts }, again)
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
