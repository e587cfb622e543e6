//! Documents through the real Terraform and back: what `make roundtrip` runs (invariant I4).
//!
//! A cell is a document in one spelling, written as `nmstate_state` or as a resource for each of
//! its entries. It is applied; a second plan is empty and a refresh finds nothing; it is imported
//! into another workspace, which changes nothing; one value is changed, and the plan shows that
//! one; it is destroyed, and the host is as before.
//!
//! A document runs on a namespace host if each kernel has its types, and on a VM host otherwise: on
//! one of the next Debian if the current one lacks them.
//!
//! - [`document`]: the documents, one file each
//! - [`variant`]: their spellings
//! - [`form`]: documents as configurations
//! - [`beside`]: what other programs have beside a document
//! - [`cell`]: one cell from start to end
//! - [`results`]: what came of them, in `target/roundtrip.json`

mod beside;
mod cell;
mod document;
mod form;
mod results;
mod variant;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, ensure};

use crate::image::Release;
use crate::record::{HostOptions, Kind};
use crate::terraform::{Terraform, provider_binary};
use crate::workers::{self, Pace, locked, say};
use crate::{Lab, Temporary};
use document::Document;
use results::Results;

pub use cell::Cell;
pub use document::Place;
pub use form::Form;
pub use variant::Variant;

/// Every document in each spelling that differs from its file, in each form that it has.
///
/// # Errors
/// A file that is no document.
pub fn cells() -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for document in Document::all()? {
        for variant in Variant::ALL {
            let Some(spelled) = variant.of(&document.state) else { continue };
            for form in Form::ALL {
                if form.of(&spelled).is_some() {
                    cells.push(Cell { document: document.clone(), variant, form });
                }
            }
        }
    }
    Ok(cells)
}

/// The host that a cell runs on.
pub fn place(cell: &Cell) -> Place {
    cell.document.place()
}

/// Runs cells and writes the results after each; whether all of them are well. What
/// `target/roundtrip.json` has of this very provider with the same program is run only `again`.
///
/// # Errors
/// Results that cannot be written. What fails, the product or the lab, is a result.
pub fn run(cells: Vec<Cell>, pace: Pace, again: bool) -> Result<bool> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let file = workspace.join("target/roundtrip.json");
    let terraform = Terraform::any()?;
    let program = terraform.to_string();
    say(&format!("with {program}"));
    let results = Mutex::new(Results::open(file, &provider_binary()?, program, again)?);
    let known = |cell: &Cell| locked(&results).has(cell);
    let (known, mut open): (Vec<Cell>, Vec<Cell>) = cells.into_iter().partition(known);
    say(&format!("{} cells to run, {} are known", open.len(), known.len()));
    let total = open.len();
    // A host is made once for all cells that need the same.
    open.sort_by_key(|cell| place(cell).1 == Release::Next);
    workers::spread(
        open,
        |cell| place(cell).0,
        pace,
        |name, cells| {
            let mut ready = None;
            for cell in cells {
                let outcome = run_on(&mut ready, name, &cell, &terraform);
                let why = outcome.as_ref().err().map(|error| format!("{error:#}"));
                match locked(&results).add(&cell, why.as_deref(), total) {
                    Ok(line) => say(&line),
                    Err(error) => say(&format!("{name}: {error:#}")),
                }
            }
        },
    );
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    say(&results.sum());
    Ok(results.all_ok())
}

/// A host, and the document that was on it last.
struct Ready {
    place: Place,
    document: String,
    host: Temporary,
}

/// Runs a cell on the host that is ready if it is one for it. It becomes a clean one for another
/// document only: a cell that ends well leaves the host as it was before the document.
fn run_on(ready: &mut Option<Ready>, name: &str, cell: &Cell, terraform: &Terraform) -> Result<()> {
    let (on, document) = (place(cell), cell.document().to_owned());
    let host = match ready.take() {
        Some(last)
            if last.place == on && (last.document == document || last.host.reset().is_ok()) =>
        {
            last.host
        }
        // The one that is there ends before another starts.
        other => {
            drop(other);
            temporary(on, &format!("roundtrip-{name}"))?
        }
    };
    let outcome = cell.run(&host, terraform);
    if outcome.is_ok() || host.reset().is_ok() {
        *ready = Some(Ready { place: on, document, host });
    }
    outcome
}

/// Runs cells on a host of their own; an error says which are not well.
///
/// # Errors
/// A lab that fails, and cells that are not well.
pub fn prove(cells: &[Cell]) -> Result<()> {
    ensure!(!cells.is_empty(), "there is no such cell");
    let mut wrong = Vec::new();
    let on = (Kind::Namespace, Release::Stable);
    let terraform = Terraform::any()?;
    let host = temporary(on, "roundtrip")?;
    for cell in cells {
        ensure!(place(cell) == on, "`{}` needs a VM host", cell.document());
        if let Err(error) = cell.run(&host, &terraform) {
            let (variant, form) = (cell.variant.name(), cell.form.name());
            wrong.push(format!("{} {variant} {form}: {error:#}", cell.document()));
            host.reset()?;
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn temporary((kind, release): Place, name: &str) -> Result<Temporary> {
    let options = HostOptions { release, ..HostOptions::default() };
    Lab::from_environment()?.temporary(kind, name, &options)
}
