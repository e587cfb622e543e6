//! Values that nobody keeps, values that functions give, and how they are kept.

use acceptance_tests::terraform::Workspace;
use anyhow::{Result, ensure};
use serde_json::json;

use super::{Ground, Trouble, bridge, kept_state, run};
use crate::terraform::outputs;

const SECRET: &str = "s3cret-of-the-port";

pub(super) fn write_only(ground: &Ground<'_>) -> Result<(), Trouble> {
    let workspace = ground.managing(&port("eth1", &format!("\"{SECRET}\"")))?;
    run(&workspace, &["apply"])?;
    Ok(only_the_host_has_it(ground, &workspace, SECRET)?)
}

pub(super) fn ephemeral(ground: &Ground<'_>) -> Result<(), Trouble> {
    let variable = "variable \"secret\" {\n  type      = string\n  ephemeral = true\n}\n";
    let workspace = ground.managing(&format!("{variable}{}", port("eth2", "var.secret")))?;
    run(&workspace, &["apply", "-var=secret=an0ther-one"])?;
    Ok(only_the_host_has_it(ground, &workspace, "an0ther-one")?)
}

/// A NIC with a password that is written only.
fn port(name: &str, secret: &str) -> String {
    format!(
        "resource \"nmstate_interface\" \"port\" {{\n  name = \"{name}\"\n  type = \"veth\"\n  \
         ieee_802_1x = {{\n    identity            = \"lab\"\n    eap_methods         = [\"md5\"]\n    \
         password_wo         = {secret}\n    password_wo_version = 1\n  }}\n}}\n"
    )
}

fn only_the_host_has_it(ground: &Ground<'_>, workspace: &Workspace, secret: &str) -> Result<()> {
    let profiles = ground.host.shell("cat /etc/NetworkManager/system-connections/*")?;
    ensure!(profiles.contains(secret), "the host does not have the secret");
    let state = kept_state(workspace)?;
    ensure!(state.contains("password_wo_version") && !state.contains(secret), "{state}");
    Ok(())
}

const MERGED: &str = "{ hostname = { config = \"a\" } }, { interfaces = [{ name = \"b\" }] }";

pub(super) fn functions(ground: &Ground<'_>) -> Result<(), Trouble> {
    let call = format!("output \"merged\" {{\n  value = provider::nmstate::merge({MERGED})\n}}\n");
    merges(&ground.workspace(&call)?)
}

pub(super) fn functions_of_configured(ground: &Ground<'_>) -> Result<(), Trouble> {
    // The data source has the provider configured.
    let call = format!(
        "data \"nmstate_interface\" \"br0\" {{\n  name = \"br0\"\n}}\n\
         output \"merged\" {{\n  value = provider::nmstate::merge({MERGED})\n}}\n"
    );
    merges(&ground.managing(&call)?)
}

pub(super) fn functions_of_alias(ground: &Ground<'_>) -> Result<(), Trouble> {
    let call = format!(
        "provider \"nmstate\" {{\n  alias = \"other\"\n}}\n\
         output \"merged\" {{\n  value = provider::nmstate::other::merge({MERGED})\n}}\n"
    );
    merges(&ground.workspace(&call)?)
}

fn merges(workspace: &Workspace) -> Result<(), Trouble> {
    run(workspace, &["apply"])?;
    let outputs = outputs(workspace)?;
    let expected = json!({ "hostname": { "config": "a" }, "interfaces": [{ "name": "b" }] });
    Ok(check(outputs["merged"] == expected, &outputs.to_string())?)
}

pub(super) fn encryption(ground: &Ground<'_>) -> Result<(), Trouble> {
    let encryption = r#"
terraform {
  encryption {
    key_provider "pbkdf2" "passphrase" {
      passphrase = "a passphrase of the tests"
    }
    method "aes_gcm" "this" {
      keys = key_provider.pbkdf2.passphrase
    }
    state {
      method = method.aes_gcm.this
    }
    plan {
      method = method.aes_gcm.this
    }
  }
}
"#;
    let workspace = ground.managing(&format!("{encryption}{}", bridge("brsecret", "")))?;
    run(&workspace, &["apply"])?;
    let state = kept_state(&workspace)?;
    check(state.contains("encrypted_data") && !state.contains("brsecret"), &state)?;
    run(&workspace, &["destroy"])?;
    Ok(check(!ground.has_interface("brsecret")?, "the bridge is still there")?)
}

fn check(is_so: bool, otherwise: &str) -> Result<()> {
    ensure!(is_so, "{otherwise}");
    Ok(())
}
