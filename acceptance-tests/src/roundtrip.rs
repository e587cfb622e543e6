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
//! - [`cell`]: one cell from start to end
//! - [`results`]: what came of them, in `target/roundtrip.json`

mod cell;
mod document;
mod form;
mod results;
mod variant;

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Result, ensure};

use crate::image::Release;
use crate::record::{HostOptions, Kind};
use crate::terraform::{Terraform, provider_binary};
use crate::{Lab, Temporary};
use document::Document;
use results::Results;

pub use cell::Cell;
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
pub fn place(cell: &Cell) -> (Kind, Release) {
    cell.document.place()
}

/// Runs cells one after another and writes the results after each; whether all of them are well.
///
/// # Errors
/// A lab that fails; a product that fails is a result.
pub fn run(cells: &[Cell], again: bool) -> Result<bool> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let file = workspace.join("target/roundtrip.json");
    let mut results = Results::open(file, &provider_binary()?, again)?;
    let open: Vec<&Cell> = cells.iter().filter(|cell| !results.has(cell)).collect();
    say(&format!("{} cells to run, {} are known", open.len(), cells.len() - open.len()));
    let places = [
        (Kind::Namespace, Release::Stable),
        (Kind::Vm, Release::Stable),
        (Kind::Vm, Release::Next),
    ];
    for on in places {
        let mut host = None;
        for cell in open.iter().filter(|cell| place(cell) == on) {
            let ready = match host.take() {
                Some(ready) => ready,
                None => temporary(on)?,
            };
            let outcome = cell.run(&ready, Terraform::any);
            let why = outcome.as_ref().err().map(|error| format!("{error:#}"));
            say(&results.add(cell, why.as_deref(), open.len())?);
            // A host that is not as before would spoil the next one.
            ready.reset()?;
            host = Some(ready);
        }
    }
    say(&results.sum());
    Ok(results.all_ok())
}

/// Runs cells on a host of their own; an error says which are not well.
///
/// # Errors
/// A lab that fails, and cells that are not well.
pub fn prove(cells: &[Cell]) -> Result<()> {
    ensure!(!cells.is_empty(), "there is no such cell");
    let mut wrong = Vec::new();
    let on = (Kind::Namespace, Release::Stable);
    let host = temporary(on)?;
    for cell in cells {
        ensure!(place(cell) == on, "`{}` needs a VM host", cell.document());
        if let Err(error) = cell.run(&host, Terraform::any) {
            let (variant, form) = (cell.variant.name(), cell.form.name());
            wrong.push(format!("{} {variant} {form}: {error:#}", cell.document()));
            host.reset()?;
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn temporary((kind, release): (Kind, Release)) -> Result<Temporary> {
    let options = HostOptions { release, ..HostOptions::default() };
    Lab::from_environment()?.temporary(kind, "roundtrip", &options)
}

/// Prints progress. A closed standard output is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
