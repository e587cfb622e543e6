//! The provider's program. Terraform starts it without arguments; by hand it does what they say, see
//! `--help`.

use std::ffi::OsString;
use std::process::ExitCode;

use terraform_provider_nmstate::commands;
use terraform_provider_nmstate::provider::NmstateProvider;
use tfplugin::Options;

/// The source address that configurations use.
const ADDRESS: &str = "registry.terraform.io/nmstate/nmstate";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if !commands::is_plugin(&arguments) {
        return commands::run(arguments);
    }
    let arguments = arguments.into_iter().map(|one| one.to_string_lossy().into_owned());
    tfplugin::run(NmstateProvider::default(), Options::from_arguments(ADDRESS, arguments))
}
