//! The provider's binary, and its block for lab hosts.

use std::path::PathBuf;

use anyhow::Result;

use crate::Host;
use crate::built::beside;

/// The provider block for lab hosts, each under its own name; the first is the default.
pub fn provider_block(hosts: &[&Host], settings: &str) -> String {
    let entries: String = hosts
        .iter()
        .map(|host| {
            format!(
                "    {} = {{\n      address = \"{}:{}\"\n      ssh = {{\n        user             = \"{}\"\n        \
                 identity_file    = \"{}\"\n        known_hosts_file = \"{}\"\n      }}\n    }}\n",
                host.name(),
                host.address(),
                host.port(),
                host.user(),
                host.identity_file().display(),
                host.known_hosts_file().display()
            )
        })
        .collect();
    let default = hosts.first().map_or("", |host| host.name());
    format!(
        "provider \"nmstate\" {{\n  host = \"{default}\"\n  hosts = {{\n{entries}  }}\n  ssh = {{\n    \
         agent       = false\n    config_file = \"none\"\n  }}\n{settings}\n}}\n"
    )
}

/// The provider that cargo built beside this program, or the one that `NMSTATE_PROVIDER` names.
pub fn provider_binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("NMSTATE_PROVIDER") {
        return Ok(path.into());
    }
    beside("terraform-provider-nmstate", "build")
}

/// The provider whose transactions can be held at a step; what users get cannot do that.
pub(crate) fn provider_with_failpoints() -> Result<PathBuf> {
    beside("failpoints/terraform-provider-nmstate", "build-failpoints")
}
