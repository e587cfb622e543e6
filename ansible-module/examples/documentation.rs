//! Writes the pages of `ansible-doc` into the collection.

use std::path::Path;

use nmstate_ansible::documentation;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("collection/plugins/modules");
    std::fs::write(folder.join("nmstate.py"), documentation::nmstate())?;
    std::fs::write(folder.join("nmstate_info.py"), documentation::nmstate_info())
}
