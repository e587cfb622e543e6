//! The scenarios that cannot do without a feature that not every program has.
//!
//! Such a scenario fails on a program without the feature, and says what is missing; nothing is
//! skipped. The program `scenarios` expects just that of those that stand here, lists them at the
//! end, and takes any other failure for one.

use std::thread;

use anyhow::Result;

use super::feature::Feature;
use super::program::Terraform;

/// The names of the tests, each with what it needs. A name also stands for the tests below it.
pub const NEEDS: [(&str, Feature); 6] = [
    ("terraform::examples::resources::found_by_identity", Feature::ImportByIdentity),
    ("terraform::examples::valid::every_import_by_identity_is_valid", Feature::ImportByIdentity),
    ("terraform::kinds::identity", Feature::ImportByIdentity),
    ("terraform::kinds::moved", Feature::MovedBetweenTypes),
    ("terraform::query", Feature::ListResources),
    ("terraform::secrets::write_only", Feature::WriteOnly),
];

/// What the test of this name cannot do without.
pub fn need_of(test: &str) -> Option<Feature> {
    NEEDS.iter().find(|(name, _)| is_below(test, name)).map(|(_, feature)| *feature)
}

/// Whether a name stands for a test.
pub(crate) fn is_below(test: &str, name: &str) -> bool {
    test.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Fails with what the program lacks that the running test needs. A test runs in a thread with its
/// name.
pub(super) fn of_this_test(terraform: &Terraform) -> Result<()> {
    match thread::current().name().and_then(need_of) {
        Some(feature) => terraform.needs(feature),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_the_tests_below_it() {
        assert_eq!(need_of("terraform::kinds::identity"), Some(Feature::ImportByIdentity));
        assert_eq!(need_of("terraform::kinds::identity_of_two"), None);
        let version = need_of("terraform::kinds::moved::terraform_1_15");
        assert_eq!(version, Some(Feature::MovedBetweenTypes));
        assert_eq!(need_of("terraform::lifecycle::drift::terraform_1_15"), None);
    }
}
