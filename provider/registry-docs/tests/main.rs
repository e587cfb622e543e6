//! The pages in `docs/`, and what they must hold.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod complete;
mod links;
mod troubleshooting;

use std::path::{Path, PathBuf};

use registry_docs::{Pages, pages, stale};
use terraform_provider_nmstate::provider::NmstateProvider;

#[test]
fn no_page_is_stale() {
    let complaints = stale(&generated(), &root()).unwrap();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn generated() -> Pages {
    pages(&NmstateProvider::default(), &root()).unwrap()
}
