//! `make faults`: faults at every step of every change, see `acceptance_tests::faults`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use acceptance_tests::Pace;
use acceptance_tests::faults::{self, Cell};
use clap::Parser;

/// Puts faults into transactions of real hosts, and shows how they end.
///
/// Writes target/faults.json and target/faults.md after each cell. A cell that ended well with this
/// very provider is not run again.
#[derive(Parser)]
#[command(name = "faults")]
struct Arguments {
    /// Only cells that have each of these words in `HOST-KIND FAULT at STEP of CHANGE`
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
    let is_meant = |cell: &Cell| {
        let name = format!("{} {cell}", cell.kind().name());
        words.iter().all(|word| name.split(' ').any(|part| part == word))
    };
    let cells = faults::cells().into_iter().filter(is_meant).collect();
    match faults::run(cells, Pace { namespace_hosts, vm_hosts }, again) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "\nfaults: {error:#}");
            ExitCode::FAILURE
        }
    }
}
