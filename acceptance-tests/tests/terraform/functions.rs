//! Functions: without a host, a provider block or a configured provider.
//!
//! The configurations are the examples that users copy.

use acceptance_tests::terraform::{Terraform, Version, Workspace};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{each_version, example, outputs};

const FUNCTIONS: [&str; 5] = ["parse", "canonical", "diff", "merge", "revert"];

each_version!(examples);

/// Every function once, with the results that its example promises.
fn examples(version: Version) -> Result<()> {
    let workspace = Workspace::new(Terraform::of(version)?)?;
    for function in FUNCTIONS {
        let text = example(&format!("functions/{function}/function.tf"))?;
        workspace.write(&format!("{function}.tf"), &text)?;
    }
    workspace.configure("")?;
    workspace.run(["validate", "-no-color"])?.succeeded()?;
    workspace.apply()?;
    let outputs = outputs(&workspace)?;
    ensure!(outputs["policy_interfaces"] == json!(["eth1.100"]), "{outputs:#}");
    ensure!(outputs["same"] == true, "{outputs:#}");
    ensure!(outputs["changes"] == json!(["interfaces[eth1].mtu: 1500 -> 9000"]), "{outputs:#}");
    let merged = &outputs["merged"];
    ensure!(merged["interfaces"][0]["mtu"] == 9000, "{outputs:#}");
    ensure!(merged["interfaces"][0]["ipv4"]["address"][0]["ip"] == "192.0.2.11", "{outputs:#}");
    ensure!(merged["dns-resolver"]["config"]["server"][1] == "192.0.2.54", "{outputs:#}");
    let way_back = outputs["way_back"].as_str().unwrap_or_default();
    for words in ["\"mtu\": 1500", "\"name\": \"eth1.100\"", "\"state\": \"absent\""] {
        ensure!(way_back.contains(words), "{way_back}");
    }
    // A function gives the same result in every process.
    let run = workspace.run(["plan", "-detailed-exitcode"])?;
    ensure!(run.status == 0, "{}{}", run.stdout, run.stderr);
    Ok(())
}

each_version!(errors);

/// What is wrong is said in words, on the argument, and all of it at once.
fn errors(version: Version) -> Result<()> {
    let workspace = Workspace::new(Terraform::of(version)?)?;
    let level = |name: char, inner: char| {
        format!("{name}: &{name} [{}]\\n", vec![format!("*{inner}"); 9].join(", "))
    };
    let levels = ('b'..='i').zip('a'..='h').map(|(name, inner)| level(name, inner));
    let bomb = format!("a: &a [x, x, x, x, x, x, x, x, x]\\n{}", levels.collect::<String>());
    let deep = "[".repeat(1000);
    let cases: [(&str, String, &[&str]); 7] = [
        (
            "all findings",
            "parse({ interfaces = [{ name = \"eth1\", mut = 1500, mtu = -1 }] })".into(),
            &["2 errors", "`mut`", "did you mean `mtu`", "`-1`"],
        ),
        (
            "a contradiction",
            "merge({ interfaces = [{ name = \"eth1\", mtu = 1500 }] }, {}, \
             \"interfaces: [{name: eth1, mtu: 9000}]\")"
                .into(),
            &["documents 1 and 3", "`interfaces[eth1].mtu`", "`1500`", "`9000`"],
        ),
        (
            "a capture",
            "parse(\"kind: NodeNetworkConfigurationPolicy\\nspec: {capture: {a: b}, desiredState: \
             {}}\")"
                .into(),
            &["spec.capture", "without the host"],
        ),
        (
            "a duplicate key",
            "canonical(\"routes: {}\\nroutes: {}\\n\")".into(),
            &["duplicate", "line 2"],
        ),
        ("no document", "revert({}, [\"eth1\"])".into(), &["a document is a mapping", "desired"]),
        ("a bomb", format!("diff({{}}, \"{bomb}\")"), &["not a valid YAML or JSON document"]),
        ("nesting", format!("parse(\"{deep}\")"), &["not a valid YAML or JSON document"]),
    ];
    for (name, call, words) in cases {
        workspace
            .configure(&format!("output \"x\" {{\n  value = provider::nmstate::{call}\n}}\n"))?;
        let error = workspace.run(["plan"])?.failed()?;
        for word in words {
            ensure!(error.contains(word), "{name}: `{word}` is missing in: {error}");
        }
    }
    Ok(())
}

each_version!(unknown_arguments);

/// What only an apply makes known is unknown in the plan, and no error.
fn unknown_arguments(version: Version) -> Result<()> {
    let workspace = Workspace::new(Terraform::of(version)?)?;
    workspace.configure(
        "resource \"terraform_data\" \"mtu\" {\n  input = 1400\n}\n\
         output \"document\" {\n  value = provider::nmstate::canonical({ interfaces = [{ name = \
         \"eth1\", mtu = terraform_data.mtu.output }] })\n}\n",
    )?;
    workspace.apply()?;
    let found: Value = outputs(&workspace)?;
    let expected = json!({"interfaces": [{"name": "eth1", "mtu": 1400}]});
    ensure!(found["document"] == expected, "{found:#}");
    Ok(())
}
