//! A few of the documents of `make roundtrip`; all of them take hours.

use acceptance_tests::roundtrip::{self, Cell};
use acceptance_tests::{Kind, roundtrip::Form, roundtrip::Variant};
use anyhow::Result;

/// One host for all of them: most of the time goes into its start and into Terraform's.
#[test]
fn a_representative_few() -> Result<()> {
    let few = [
        ("veth-addresses", Variant::NumbersAsStrings, Form::State),
        ("bridge-addresses", Variant::Addresses, Form::State),
        ("route-link", Variant::AsWritten, Form::Typed),
    ];
    let is_one = |cell: &Cell| few.contains(&(cell.document(), cell.variant, cell.form));
    let cells: Vec<Cell> = roundtrip::cells()?.into_iter().filter(is_one).collect();
    anyhow::ensure!(cells.len() == few.len(), "not all of {few:?} are there");
    roundtrip::prove(&cells)
}

/// What the issue of these documents asks of them: enough, and every type that a host can have.
#[test]
fn the_documents_cover_the_types() -> Result<()> {
    let cells = roundtrip::cells()?;
    let documents: std::collections::BTreeSet<_> = cells.iter().map(Cell::document).collect();
    assert!(documents.len() >= 60, "{documents:?}");
    let types: std::collections::BTreeSet<_> =
        cells.iter().flat_map(Cell::interface_types).collect();
    // These need hardware, or a peer.
    let apart = ["infiniband", "ipsec", "xfrm", "loopback"];
    for known in nmstate_schema::keys::interface_types() {
        assert!(types.contains(known.name) != apart.contains(&known.name), "{}", known.name);
    }
    for variant in Variant::ALL {
        assert!(cells.iter().any(|cell| cell.variant == variant), "{}", variant.name());
    }
    assert!(cells.iter().any(|cell| roundtrip::place(cell).0 == Kind::Vm));
    Ok(())
}
