//! The length of the plan of a new thing, and of that what is not known yet.
//!
//! `--no-capture` prints the table of all examples.

use acceptance_tests::Temporary;
use anyhow::{Context, Result, ensure};

use super::resources::{prepared, secrets, workspace};
use super::table::TRIALS;
use crate::terraform::Scenario;

const UNKNOWN: &str = "(known after apply)";

/// Resources of three arguments, with the most lines that may be unknown.
const SMALL: &[(&str, &str, usize)] = &[
    ("linux_bridge", "name = \"br7\"\n  port = [{ name = \"eth1\" }]\n  mtu = 1400", 8),
    ("bond", "name = \"bond7\"\n  mode = \"active-backup\"\n  port = [\"eth1\"]", 8),
    ("vlan", "name = \"eth1.7\"\n  base_iface = \"eth1\"\n  id = 7", 8),
    (
        "route",
        "destination = \"198.51.100.0/24\"\n  next_hop_interface = \"eth1\"\n  \
         next_hop_address = \"203.0.113.254\"",
        3,
    ),
];

/// The lines of the first resource of a plan with this type, and those that are not known.
fn size(plan: &str, type_name: &str) -> Result<(usize, usize)> {
    let head = format!("resource \"{type_name}\"");
    let own = plan.lines().skip_while(|line| !line.contains(&head)).skip(1);
    let own: Vec<&str> = own.take_while(|line| *line != "    }").collect();
    let unknown = own.iter().filter(|line| line.contains(UNKNOWN)).count();
    ensure!(!own.is_empty(), "no {head} in: {plan}");
    Ok((own.len(), unknown))
}

#[test]
fn a_plan_of_three_arguments_says_little_more() -> Result<()> {
    let scenario = prepared("sizes")?;
    for (kind, body, most) in SMALL {
        let type_name = format!("nmstate_{kind}");
        scenario.configure(&format!("resource \"{type_name}\" \"this\" {{\n  {body}\n}}\n"))?;
        let plan = scenario.workspace.run(["plan"])?.succeeded()?.stdout;
        let (lines, unknown) = size(&plan, &type_name)?;
        eprintln!("{type_name} of three arguments: {lines} lines, {unknown} unknown");
        ensure!(unknown <= *most, "{unknown} lines of {type_name} are not known: {plan}");
    }
    examples(&scenario)
}

/// Prints the sizes of all examples.
#[expect(clippy::print_stderr, reason = "the table is what a reader of the run asks for")]
fn examples(scenario: &Scenario<Temporary>) -> Result<()> {
    for (name, _) in TRIALS {
        let planning = workspace(scenario, &[name])?;
        secrets(&planning)?;
        let plan = planning.run(["plan"])?.succeeded()?.stdout;
        let (lines, unknown) = size(&plan, name).with_context(|| name.to_owned())?;
        eprintln!("{name}: {lines} lines, {unknown} unknown");
    }
    Ok(())
}
