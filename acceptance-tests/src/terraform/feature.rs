//! What not every program has, and since which version each product has it.
//!
//! The versions come from the change logs of both products. A test run tries each feature with the
//! provider on a real host (`what_works_where`) and fails where the program and this table differ.

use super::program::Product;

/// Something that a program can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// `import` blocks.
    ImportBlocks,
    /// `-generate-config-out` of a plan.
    GeneratedConfiguration,
    /// Identities of resources in the state.
    Identity,
    /// `identity` in an `import` block.
    ImportByIdentity,
    /// Write-only attributes.
    WriteOnly,
    /// Ephemeral values in write-only attributes.
    EphemeralValues,
    /// Functions, where there is no provider block.
    Functions,
    /// Functions beside a configured provider.
    FunctionsOfConfigured,
    /// Functions of an alias, `provider::NAME::ALIAS::FUNCTION`.
    FunctionsOfAlias,
    /// `moved` from one resource type to another.
    MovedBetweenTypes,
    /// `removed` blocks.
    Removed,
    /// `mock_provider` in tests that plan.
    Mocks,
    /// The same in tests that apply. Terraform makes up values for write-only attributes, too, and
    /// then finds fault with them.
    MocksApplied,
    /// List resources and `query`.
    ListResources,
    /// `action` blocks.
    Actions,
    /// `for_each` in a provider block.
    ProviderForEach,
    /// `enabled` in `lifecycle`.
    Enabled,
    /// `destroy = false` in the `lifecycle` of a resource.
    DestroyFalse,
    /// `prevent_destroy` by a variable.
    PreventDestroyByVariable,
    /// `-exclude` of a plan and an apply.
    Exclude,
    /// Encryption of state and plan.
    Encryption,
    /// Deferred changes.
    Deferral,
}

/// A row of the table.
struct Row {
    feature: Feature,
    /// What it is called in records.
    id: &'static str,
    /// What a program that lacks it has none of; Markdown.
    name: &'static str,
    terraform: Option<(u16, u16)>,
    opentofu: Option<(u16, u16)>,
}

const fn row(
    feature: Feature,
    id: &'static str,
    name: &'static str,
    terraform: Option<(u16, u16)>,
    opentofu: Option<(u16, u16)>,
) -> Row {
    Row { feature, id, name, terraform, opentofu }
}

/// All features, in the order of pages.
#[rustfmt::skip]
const TABLE: [Row; 22] = [
    row(Feature::ImportBlocks, "import-blocks", "`import` blocks", Some((1, 5)), Some((1, 6))),
    row(Feature::GeneratedConfiguration, "generated-configuration", "generated configuration", Some((1, 5)), Some((1, 6))),
    row(Feature::Identity, "identity", "identities of resources", Some((1, 12)), Some((1, 12))),
    row(Feature::ImportByIdentity, "import-by-identity", "import by identity", Some((1, 12)), Some((1, 12))),
    row(Feature::WriteOnly, "write-only", "write-only attributes", Some((1, 11)), Some((1, 11))),
    row(Feature::EphemeralValues, "ephemeral-values", "ephemeral values in write-only attributes", Some((1, 11)), Some((1, 11))),
    row(Feature::Functions, "functions", "functions without a provider block", Some((1, 8)), Some((1, 7))),
    row(Feature::FunctionsOfConfigured, "functions-configured", "functions beside a provider block", Some((1, 8)), Some((1, 7))),
    row(Feature::FunctionsOfAlias, "functions-of-alias", "functions of an alias", None, Some((1, 7))),
    row(Feature::MovedBetweenTypes, "moved", "`moved` between resource types", Some((1, 8)), Some((1, 10))),
    row(Feature::Removed, "removed", "`removed` blocks", Some((1, 7)), Some((1, 7))),
    row(Feature::Mocks, "mocks", "mocks in tests that plan", Some((1, 7)), Some((1, 8))),
    row(Feature::MocksApplied, "mocks-applied", "mocks in tests that apply", None, Some((1, 8))),
    row(Feature::ListResources, "list-resources", "list resources (`query`)", Some((1, 14)), None),
    row(Feature::Actions, "actions", "actions", Some((1, 14)), None),
    row(Feature::ProviderForEach, "provider-for-each", "`for_each` in a provider block", None, Some((1, 9))),
    row(Feature::Enabled, "enabled", "`enabled` in `lifecycle`", None, Some((1, 11))),
    row(Feature::DestroyFalse, "destroy-false", "`destroy = false` in `lifecycle`", None, Some((1, 12))),
    row(Feature::PreventDestroyByVariable, "prevent-destroy", "`prevent_destroy` by a variable", None, Some((1, 12))),
    row(Feature::Exclude, "exclude", "`-exclude`", None, Some((1, 9))),
    row(Feature::Encryption, "encryption", "encryption of state and plan", None, Some((1, 7))),
    row(Feature::Deferral, "deferral", "deferred changes", None, None),
];

impl Feature {
    /// All features, in the order of pages.
    pub fn all() -> impl Iterator<Item = Feature> {
        TABLE.iter().map(|row| row.feature)
    }

    /// What it is called in records.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// What a program that lacks it has none of, in Markdown.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The first version of a product that has it.
    pub fn since(self, product: Product) -> Option<(u16, u16)> {
        match product {
            Product::Terraform => self.row().terraform,
            Product::OpenTofu => self.row().opentofu,
        }
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.feature == self).expect("every feature has a row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_a_row_in_its_place() {
        for (place, feature) in Feature::all().enumerate() {
            assert_eq!(place, feature as usize, "{}", feature.id());
        }
    }
}
