//! Faults at every step of every kind of change: what `make faults` runs (invariant I1).
//!
//! A cell is a fault, a step and a change. Its host starts clean, is brought into the state before
//! the change, and then the real Terraform applies the change with a provider whose transaction is
//! held at the step for a moment (`failpoints`). In that moment the fault is put in. However it
//! ends, the host has to be within T + 15 s of being up what it was before or what was desired:
//! the state that nmstate shows, the profiles on disk, no checkpoint, nothing that still works on
//! it, and a login. What Terraform said has to be true.
//!
//! "As desired" is what the same change makes of a host when nothing goes wrong; that run comes
//! first. Most cells run on namespace hosts. What their kernel or their clock cannot have runs on
//! VM hosts: bonds and VLANs, lost power, a clock that jumps, a network that loses packets.
//!
//! - [`table`]: the faults, steps and changes
//! - [`subject`]: a host and the Terraform that changes it
//! - [`inject`]: how a fault is put in and taken away
//! - [`watcher`]: when the host answers
//! - [`state`]: what a host is, and what it is compared with
//! - [`cell`]: one cell from start to end
//! - [`results`]: `target/faults.json` and `target/faults.md`

mod cell;
mod gate;
mod inject;
mod results;
mod state;
mod subject;
mod table;
mod watcher;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::record::Kind;
use crate::terraform::provider_with_failpoints;
use crate::workers::{self, Pace, locked, say};
use crate::{Host, Lab, SHARED_MACHINE};
use cell::run_cell;
use results::{Results, Row};
use state::State;
use subject::Subject;

pub use table::{Cell, Change, Fault, Step, cells};

/// How often a run and its host are looked at.
const RHYTHM: Duration = Duration::from_millis(100);

/// T of the transactions on a host, in seconds. The change and a new login have to fit in.
fn timeout(host: &Host) -> u64 {
    match host.kind() {
        Kind::Namespace => 10,
        Kind::Vm => host.limits().transaction.as_secs(),
    }
}

/// What changes make of a host when nothing goes wrong, each made once.
type References = Mutex<HashMap<(Change, Kind), Arc<Mutex<Option<State>>>>>;

/// Runs cells and writes the results after each; whether all of them ended well. What
/// `target/faults.json` has of this very provider with the same program is run only `again`.
pub fn run(cells: Vec<Cell>, pace: Pace, again: bool) -> Result<bool> {
    let begun = Instant::now();
    let program = Subject::terraform()?.to_string();
    say(&format!("with {program}"));
    let results = Mutex::new(Results::open(&provider_with_failpoints()?, program, again)?);
    let known = |cell: &Cell| locked(&results).has(cell);
    let (known, open): (Vec<Cell>, Vec<Cell>) = cells.into_iter().partition(known);
    say(&format!("{} cells to run, {} are known", open.len(), known.len()));
    let total = open.len();
    let references = References::default();
    // By change, so that what one cell has made is at hand for the next.
    workers::spread(open, Cell::kind, pace, |name, cells| {
        let name = format!("faults-{name}");
        Worker { name, references: &references, results: &results, total }.work(cells);
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    say(&format!("{} in {:.0} min", results.sum(), begun.elapsed().as_secs_f32() / 60.0));
    Ok(results.all_ok())
}

/// One host and what runs on it.
struct Worker<'a> {
    name: String,
    references: &'a References,
    results: &'a Mutex<Results>,
    total: usize,
}

impl Worker<'_> {
    /// Runs cells until none is left. A lab that fails gets a new host, and the cell another try.
    fn work(&self, cells: &mut dyn Iterator<Item = Cell>) {
        let mut subject = None;
        for cell in cells {
            let mut outcome = self.run(&mut subject, cell);
            if let Err(error) = &outcome {
                say(&format!("{}: {error:#}; once more", self.name));
                outcome = self.run(&mut subject, cell);
            }
            let row = outcome.unwrap_or_else(|error| Row::without_end(cell, &error));
            match locked(self.results).add(&row, self.total) {
                Ok(line) => say(&line),
                Err(error) => say(&format!("{}: {error:#}", self.name)),
            }
        }
    }

    fn run(&self, subject: &mut Option<Subject>, cell: Cell) -> Result<Row> {
        let ready = match subject.take() {
            Some(subject) => subject,
            None => Subject::new(&Lab::from_environment()?, cell.kind(), &self.name)?,
        };
        let row = tried(&ready, self.references, cell)?;
        *subject = Some(ready);
        Ok(row)
    }
}

/// Runs cells one after another on a host of their own; an error says which did not end well. A VM
/// host that fails gets another one in its place, as in a run.
pub fn prove(cells: &[Cell]) -> Result<()> {
    let first = cells.first().context("no cell is named")?;
    let name = match first.kind() {
        Kind::Namespace => first.host_name(),
        Kind::Vm => SHARED_MACHINE.to_owned(),
    };
    let start = || Subject::new(&Lab::from_environment()?, first.kind(), &name);
    let mut subject = start()?;
    let references = References::default();
    let mut wrong = Vec::new();
    for cell in cells {
        ensure!(cell.kind() == first.kind(), "{cell} needs another kind of host");
        let row = match tried(&subject, &references, *cell) {
            Ok(row) => row,
            // An emulated machine may stand still beside other load.
            Err(error) if first.kind() == Kind::Vm => {
                say(&format!("{cell}: {error:#}; once more"));
                // Its name is free only when it has ended.
                drop(subject);
                subject = start()?;
                tried(&subject, &references, *cell)?
            }
            Err(error) => return Err(error),
        };
        say(&row.line());
        wrong.extend((!row.ok).then(|| row.line()));
    }
    subject.end()?;
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// A cell's row. A lab that fails ends the run; a product that fails is a row.
fn tried(subject: &Subject, references: &References, cell: Cell) -> Result<Row> {
    let key = (cell.change, cell.kind());
    let reference = Arc::clone(locked(references).entry(key).or_default());
    // Others that need it wait for the one that makes it.
    let desired = {
        let mut reference = locked(&reference);
        match &*reference {
            Some(state) => state.clone(),
            None => {
                let (state, line) = cell::undisturbed(subject, cell.change)?;
                say(&line);
                reference.insert(state).clone()
            }
        }
    };
    run_cell(subject, cell, &desired)
}
