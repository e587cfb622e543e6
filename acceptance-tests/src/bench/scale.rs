//! What large documents cost: the benchmark `scale` of the crate `nmstate-schema`, optimised, in a
//! process of its own for each measurement.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::measure::say;
use super::table::{Entry, Table};

/// What one measurement gives.
struct Cost {
    milliseconds: f64,
    megabytes: f64,
}

/// Adds the figures of comparing and of reading YAML.
pub(super) fn measure(table: &mut Table) -> Result<()> {
    say("documents of 1,000 to 4,000 interfaces");
    let one = cost("compare", 1000)?;
    let theirs = cost("gen-diff", 1000)?;
    let entry = Entry::new("compare_1000_interfaces", one.milliseconds, "ms");
    table.add(entry.against("nmstate's gen_diff", theirs.milliseconds).goal("< 100 ms"));
    let entry = Entry::new("compare_1000_interfaces_peak", one.megabytes, "MB");
    table.add(entry.against("nmstate's gen_diff", theirs.megabytes).goal("< 200 MB"));
    for (name, size) in [("compare_2000_interfaces", 2000), ("compare_4000_interfaces", 4000)] {
        let entry = Entry::new(name, cost("compare", size)?.milliseconds, "ms");
        table.add(entry.against("1,000 interfaces", one.milliseconds));
    }
    say("10 MB of YAML");
    let alone = cost("yaml-crate", 10)?;
    let ours = cost("yaml", 10)?;
    let entry = Entry::new("read_10_mb_of_yaml", ours.milliseconds, "ms");
    table.add(entry.against("the YAML crate", alone.milliseconds).goal("ratio < 1.2"));
    let entry = Entry::new("read_10_mb_of_yaml_peak", ours.megabytes, "MB");
    table.add(entry.against("the YAML crate", alone.megabytes));
    Ok(())
}

fn cost(what: &str, size: usize) -> Result<Cost> {
    let output = Command::new("cargo")
        .args(["bench", "-q", "-p", "nmstate-schema", "--bench", "scale", "--", what])
        .arg(size.to_string())
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .context("cannot run `cargo bench`")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`scale {what} {size}` failed: {said}");
    let line: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("`scale {what} {size}` printed no figures"))?;
    let figure = |name: &str| line[name].as_f64().with_context(|| format!("no `{name}`"));
    Ok(Cost { milliseconds: figure("milliseconds")?, megabytes: figure("peak_megabytes")? })
}
