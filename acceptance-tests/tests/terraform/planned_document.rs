//! The plan of a whole document: all that will change on the host, and nothing else.

use acceptance_tests::Temporary;
use acceptance_tests::terraform::Version;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{Scenario, each_version};

mod kernel;
mod names;

/// A document of a bridge, another one, and what stands on the first, in YAML.
const DOCUMENT: &str = "
interfaces:
  - {name: br0, type: linux-bridge, mtu: 1450, bridge: {port: [{name: eth1}]},
     ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}}
  - {name: br1, type: linux-bridge}
  - {name: eth2, type: ethernet, mtu: 1400}
routes:
  config:
    - {destination: 198.51.100.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.254}
";

/// The forms in which a document may be written, as `desired` of the resource.
fn forms(document: &str) -> [(&'static str, String); 3] {
    let text = |function: &str| format!("{function}(yamldecode(<<-YAML\n{document}\nYAML\n  ))");
    [
        ("yaml", format!("<<-YAML\n{document}\nYAML\n")),
        ("json", text("jsonencode")),
        ("object", text("")),
    ]
}

fn block(desired: &str) -> String {
    format!("resource \"nmstate_state\" \"this\" {{\n  desired = {desired}\n}}\n")
}

/// The planned differences of the resource, each as its path, what is there and what is desired.
fn differences(plan: &Value) -> Result<Vec<[Value; 3]>> {
    let changes = plan["resource_changes"].as_array().into_iter().flatten();
    let mut own = changes.filter(|one| one["address"] == "nmstate_state.this");
    let change = &own.next().context("the resource is not in the plan")?["change"];
    ensure!(change["actions"] != json!(["no-op"]), "nothing is planned");
    ensure!(change["before"]["differences"].is_null(), "an earlier plan is shown: {change:#}");
    let list = change["after"]["differences"].as_array().context("the differences are unknown")?;
    Ok(list.iter().map(|one| ["path", "from", "to"].map(|key| one[key].clone())).collect())
}

/// Fails unless a plan shows these differences: paths with what is there and what is desired, `...`
/// for any value.
fn shows(scenario: &Scenario<Temporary>, expected: &[(&str, Value, Value)]) -> Result<()> {
    let found = differences(&scenario.workspace.plan()?)?;
    let is_so = |one: &Value, wanted: &Value| {
        one == wanted || (wanted == "..." && one.as_str().is_some_and(|text| text.starts_with('{')))
    };
    let fits = found.len() == expected.len()
        && found.iter().zip(expected).all(|([path, from, to], (place, before, after))| {
            path == place && is_so(from, before) && is_so(to, after)
        });
    ensure!(fits, "expected {expected:#?}\nfound {found:#?}");
    Ok(())
}

/// A card that is as NetworkManager brings it up.
fn bring_up(scenario: &Scenario<Temporary>, card: &str) -> Result<()> {
    let document = format!("{{interfaces: [{{name: {card}, type: ethernet, state: up}}]}}");
    let output =
        scenario.host.exec_with_input(&["nmstatectl", "apply", "-q"], document.as_bytes())?;
    ensure!(output.status == 0, "{}", output.stderr);
    Ok(())
}

const ROUTE: &str = "routes.config[198.51.100.0/24 br0 192.0.2.254 254]";

each_version!(names_every_difference);

/// However the document is written: a create, an update, drift, and none where nothing differs.
fn names_every_difference(version: Version) -> Result<()> {
    // Each version has a part of the forms: a round takes half a minute.
    let is_own = |form: &str| (form == "yaml") == (version == Version::V1_11);
    for (form, desired) in forms(DOCUMENT).into_iter().filter(|(form, _)| is_own(form)) {
        let scenario = Scenario::namespace(version, &format!("plan{form}"))?;
        bring_up(&scenario, "eth2")?;
        let before = scenario.running_config()?;
        scenario.configure(&block(&desired))?;
        let new = |path| (path, Value::Null, json!("..."));
        let eth2 = |from: &str, to: &str| ("interfaces[eth2].mtu", json!(from), json!(to));
        let create =
            [new("interfaces[br0]"), new("interfaces[br1]"), eth2("1500", "1400"), new(ROUTE)];
        shows(&scenario, &create)?;
        scenario.workspace.apply()?;
        let stored = &scenario.workspace.state()?["values"]["root_module"]["resources"][0];
        let kept = stored["values"]["differences"].as_array().map(Vec::len);
        ensure!(kept == Some(create.len()), "{stored:#}");
        scenario.workspace.assert_converged()?;
        for how in ["-input=false", "-refresh=false", "-refresh-only"] {
            let run = scenario.workspace.run(["plan", how, "-detailed-exitcode"])?;
            ensure!(run.status == 0, "the plan is not empty: {}", run.stdout);
        }

        // What is dropped is undone: what was made goes, what was changed is put back.
        let (start, _) = DOCUMENT.split_once("  - {name: br1").context("there is no br1")?;
        let (_, changed) = &forms(&start.replace("1450", "1440"))[match form {
            "yaml" => 0,
            "json" => 1,
            _ => 2,
        }];
        scenario.configure(&block(changed))?;
        let update = [
            ("interfaces[br0].mtu", json!("1450"), json!("1440")),
            ("interfaces[br1].state", json!("up"), json!("absent")),
            eth2("1400", "1500"),
            (ROUTE, json!("..."), Value::Null),
        ];
        shows(&scenario, &update)?;
        scenario.workspace.apply()?;
        scenario.workspace.assert_converged()?;

        scenario.host.shell("ip link set br0 mtu 1300; ip address del 192.0.2.1/24 dev br0")?;
        let address = "{\"ip\":\"192.0.2.1\",\"prefix-length\":24}";
        let drift = [
            ("interfaces[br0].ipv4.address[192.0.2.1/24]", Value::Null, json!(address)),
            ("interfaces[br0].mtu", json!("1300"), json!("1440")),
        ];
        shows(&scenario, &drift)?;
        scenario.workspace.apply()?;
        scenario.workspace.assert_converged()?;

        // Another document that the host satisfies already.
        scenario.configure(&block("{ interfaces = [{ name = \"br0\", mtu = 1440 }] }"))?;
        let found = differences(&scenario.workspace.plan()?)?;
        let is_left = |[path, ..]: &[Value; 3]| path == "interfaces[br0].mtu";
        ensure!(!found.iter().any(is_left), "{found:#?}");
        scenario.workspace.destroy()?;
        let after = scenario.running_config()?;
        ensure!(after == before, "the host is not as before\nbefore: {before:#}\nafter: {after:#}");
    }
    Ok(())
}

/// A host that is as desired already has nothing to change, and a document that is not known yet has
/// nothing to show.
#[test]
fn nothing_and_not_yet() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "plannone")?;
    bring_up(&scenario, "eth1")?;
    scenario.configure(&block("{ interfaces = [{ name = \"eth1\", mtu = 1500 }] }"))?;
    shows(&scenario, &[])?;
    let later = "resource \"terraform_data\" \"mtu\" {\n  input = 1400\n}\n";
    let desired = "{ interfaces = [{ name = \"eth1\", mtu = terraform_data.mtu.output }] }";
    scenario.configure(&format!("{later}{}", block(desired)))?;
    let plan = scenario.workspace.plan()?;
    let changes = plan["resource_changes"].as_array().into_iter().flatten();
    let own = changes.filter(|one| one["address"] == "nmstate_state.this");
    let unknown: Vec<_> = own.map(|one| &one["change"]["after_unknown"]["differences"]).collect();
    ensure!(unknown == [&json!(true)], "{unknown:?}");
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()
}

/// The changes of a replacement are not known before the old one is gone.
#[test]
fn replaced() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "planreplace")?;
    scenario.configure(&block(&forms(DOCUMENT)[0].1))?;
    scenario.workspace.apply()?;
    let replace = "-replace=nmstate_state.this";
    let plan = scenario.workspace.run(["plan", replace])?.succeeded()?;
    let is_unknown = plan.stdout.lines().any(|line| {
        line.contains("differences") && line.trim_end().ends_with("(known after apply)")
    });
    ensure!(is_unknown, "{}", plan.stdout);
    scenario.workspace.run(["apply", replace])?.succeeded()?;
    scenario.workspace.assert_converged()
}

/// The plan of a policy with captures.
#[test]
fn policy() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "planpolicy")?;
    scenario.configure(
        "data \"nmstate_policy\" \"this\" {\n  policy = <<-YAML\n    capture:\n      card: \
         interfaces.name==\"eth1\"\n    desiredState:\n      interfaces:\n        - name: \"{{ \
         capture.card.interfaces.0.name }}\"\n          type: ethernet\n          mtu: 1400\n  \
         YAML\n}\n\nresource \"nmstate_state\" \"this\" {\n  desired = \
         data.nmstate_policy.this.desired\n}\n",
    )?;
    let expected = [
        ("interfaces[eth1].mtu", json!("1500"), json!("1400")),
        ("interfaces[eth1].state", json!("down"), json!("up")),
    ];
    shows(&scenario, &expected)?;
    scenario.workspace.apply()?;
    scenario.workspace.assert_converged()
}

/// A saved plan speaks of the host as it was: core refuses one that the host has left, and nothing is
/// changed.
#[test]
fn of_a_host_that_has_changed() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "planstale")?;
    scenario.configure(&block("{ interfaces = [{ name = \"eth1\", mtu = 1400 }] }"))?;
    scenario.workspace.run(["plan", "-out=plan.bin"])?.succeeded()?;
    // What the plan does not speak of may change.
    scenario.host.shell("ip link set eth2 mtu 1300")?;
    scenario.workspace.run(["apply", "plan.bin"])?.succeeded()?;
    scenario.configure(&block("{ interfaces = [{ name = \"eth1\", mtu = 1420 }] }"))?;
    scenario.workspace.run(["plan", "-out=plan.bin"])?.succeeded()?;
    scenario.host.shell("ip link set eth1 mtu 1300")?;
    let error = scenario.workspace.run(["apply", "plan.bin"])?.failed()?;
    ensure!(error.contains("inconsistent final plan") && error.contains("1300"), "{error}");
    ensure!(scenario.host.shell("cat /sys/class/net/eth1/mtu")?.trim() == "1300");
    scenario.workspace.apply()?;
    ensure!(scenario.host.shell("cat /sys/class/net/eth1/mtu")?.trim() == "1420");
    scenario.workspace.assert_converged()
}

/// A secret is compared and not shown.
#[test]
fn secrets() -> Result<()> {
    let scenario = Scenario::namespace(Version::V1_11, "plansecret")?;
    let dot1x = "{ identity = \"me\", \"eap-methods\" = [\"tls\"], \"private-key\" = \"/k\", \
                 \"client-cert\" = \"/c\", \"private-key-password\" = \"s3cret\" }";
    scenario.configure(&block(&format!(
        "{{ interfaces = [{{ name = \"eth1\", type = \"ethernet\", \"802.1x\" = {dot1x} }}] }}"
    )))?;
    let found = differences(&scenario.workspace.plan()?)?;
    let text = format!("{found:?}");
    ensure!(text.contains("(sensitive value)") && !text.contains("s3cret"), "{text}");
    Ok(())
}
