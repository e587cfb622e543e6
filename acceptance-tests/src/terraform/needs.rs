//! The scenarios that cannot do without something that not every program has.
//!
//! Such a scenario fails on a program without it, and says what is missing; nothing is skipped. The
//! program `scenarios` expects just that of those that stand here, lists them at the end, and takes
//! any other failure for one.

use std::thread;

use anyhow::{Result, bail};

use super::feature::Feature;
use super::program::{Product, Terraform};

/// What a scenario cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A feature of the program.
    Feature(Feature),
    /// A program of this product.
    Product(Product),
}

/// The names of the tests, each with what it needs. A name also stands for the tests below it.
pub const NEEDS: [(&str, Need); 10] = [
    ("terraform::examples::opentofu::enabled", Need::Feature(Feature::Enabled)),
    ("terraform::examples::opentofu::encryption", Need::Feature(Feature::Encryption)),
    ("terraform::examples::opentofu::fleet", Need::Feature(Feature::ProviderForEach)),
    ("terraform::examples::opentofu::hand_over", Need::Product(Product::OpenTofu)),
    ("terraform::examples::resources::found_by_identity", Need::Feature(Feature::ImportByIdentity)),
    (
        "terraform::examples::valid::every_import_by_identity_is_valid",
        Need::Feature(Feature::ImportByIdentity),
    ),
    ("terraform::kinds::identity", Need::Feature(Feature::ImportByIdentity)),
    ("terraform::moved", Need::Feature(Feature::MovedBetweenTypes)),
    ("terraform::query", Need::Feature(Feature::ListResources)),
    ("terraform::secrets::write_only", Need::Feature(Feature::WriteOnly)),
];

/// What a program lacks that the test of this name needs.
pub fn lacking(terraform: &Terraform, test: &str) -> Option<String> {
    let (_, need) = NEEDS.iter().find(|(name, _)| is_below(test, name))?;
    match *need {
        Need::Feature(feature) => (!terraform.has(feature)).then(|| terraform.lacks(feature)),
        Need::Product(product) => {
            (terraform.product() != product).then(|| format!("{terraform} is no {product}"))
        }
    }
}

/// Whether a name stands for a test.
pub(crate) fn is_below(test: &str, name: &str) -> bool {
    test.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Fails with what the program lacks that the running test needs. A test runs in a thread with its
/// name.
pub(super) fn of_this_test(terraform: &Terraform) -> Result<()> {
    match thread::current().name().and_then(|test| lacking(terraform, test)) {
        Some(lacking) => bail!(lacking),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_the_tests_below_it() {
        assert!(is_below("terraform::kinds::moved", "terraform::kinds::moved"));
        assert!(is_below("terraform::kinds::moved::terraform_1_15", "terraform::kinds::moved"));
        assert!(!is_below("terraform::kinds::moved_twice", "terraform::kinds::moved"));
        assert!(!is_below("terraform::kinds", "terraform::kinds::moved"));
    }
}
