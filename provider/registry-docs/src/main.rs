//! Writes `docs/`: run by `make docs`.

use std::path::Path;

use anyhow::{Result, ensure};
use terraform_provider_nmstate::provider::NmstateProvider;

fn main() -> Result<()> {
    let root = std::env::current_dir()?;
    ensure!(
        root.join(registry_docs::TEMPLATES).is_dir(),
        "`{}` is not the top of the repository: run `make docs` there",
        root.display()
    );
    let pages = registry_docs::pages(&NmstateProvider::default(), Path::new(&root))?;
    Ok(registry_docs::write(&pages, &root)?)
}
