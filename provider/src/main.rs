//! The provider's program. Terraform starts it; by hand, `--debug` serves until interrupted and
//! prints how to attach.

use std::process::ExitCode;

use terraform_provider_nmstate::provider::NmstateProvider;
use tfplugin::Options;

/// The source address that configurations use.
const ADDRESS: &str = "registry.terraform.io/nmstate/nmstate";

fn main() -> ExitCode {
    let options = Options::from_arguments(ADDRESS, std::env::args().skip(1));
    tfplugin::run(NmstateProvider::default(), options)
}
