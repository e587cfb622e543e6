//! The scenarios on other programs than the two Terraforms: what `make opentofu` runs.
//!
//! A program is a Terraform or an OpenTofu. Nothing is left out because a program lacks something:
//! such a scenario has to fail and to say what is missing, as the table [`NEEDS`] foresees it. At
//! the end these are listed, and any other failure is one.
//!
//! - [`nextest`]: the tests, and how they ended
//! - [`report`]: what came of them, in `target/scenarios.json`

mod nextest;
mod report;

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::terraform::{NEEDS, Terraform, is_below, lacking};
use crate::workers::say;
use nextest::Ended;
use report::{Outcome, Program, Row};

/// What of the acceptance tests is a scenario that runs a program: whatever is below these names.
const SCENARIOS: [&str; 6] = [
    "terraform",
    "roundtrip::a_representative_few",
    "ansible::examples::one_inventory_for_both",
    "ansible::same",
    "faults::link_cut",
    "faults::provider_killed",
];

/// Where scenarios that run on two versions run once.
const SECOND_VERSION: &str = "::terraform_1_15";

/// Which tests are run.
#[derive(Debug, Clone, clap::Args)]
pub struct Choice {
    /// All acceptance tests, also those that run no Terraform
    #[arg(long)]
    pub all: bool,
    /// Only tests with one of these in their name
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
}

impl Choice {
    fn includes(&self, test: &str) -> bool {
        let is_scenario = self.all || SCENARIOS.iter().any(|name| is_below(test, name));
        let has = |word: &String| test.contains(word.as_str());
        let is_meant = self.words.is_empty() || self.words.iter().any(has);
        is_scenario && is_meant && !test.ends_with(SECOND_VERSION)
    }
}

/// Runs the tests on one program after the other; whether all went as they should.
///
/// # Errors
/// A program that does not run, a table that names tests which do not exist, and tests that cannot
/// be built.
pub fn run(programs: &[PathBuf], choice: &Choice) -> Result<bool> {
    let programs: Vec<Terraform> =
        programs.iter().map(|path| Terraform::at(path)).collect::<Result<_>>()?;
    let tests = nextest::list()?;
    let named = NEEDS.iter().map(|(name, _)| name).chain(&SCENARIOS);
    let unknown: Vec<_> =
        named.filter(|name| !tests.iter().any(|test| is_below(test, name))).collect();
    ensure!(unknown.is_empty(), "there are no tests {unknown:?}, which tables name");
    let chosen: Vec<String> = tests.into_iter().filter(|test| choice.includes(test)).collect();
    ensure!(!chosen.is_empty(), "no test has one of {:?} in its name", choice.words);

    let mut reports = Vec::new();
    for terraform in &programs {
        say(&format!("{} tests with {terraform}", chosen.len()));
        reports.push(on(terraform, &chosen)?);
        report::write(&reports)?;
    }
    reports.iter().for_each(|one| say(&one.text()));
    Ok(reports.iter().all(Program::is_well))
}

/// Runs tests on a program.
fn on(terraform: &Terraform, tests: &[String]) -> Result<Program> {
    let (cannot, can): (Vec<String>, Vec<String>) =
        tests.iter().cloned().partition(|test| lacking(terraform, test).is_some());
    if !cannot.is_empty() {
        say(&format!("{} of them need what it lacks, and have to say so", cannot.len()));
    }
    let mut ended = nextest::run(terraform, &cannot, true)?;
    ended.extend(nextest::run(terraform, &can, false)?);
    let rows = tests.iter().map(|test| {
        let why = lacking(terraform, test);
        let end = ended.iter().find(|end| end.name == *test);
        Row {
            name: test.clone(),
            outcome: outcome(end, why),
            seconds: end.map_or(0.0, |end| end.seconds),
        }
    });
    Ok(Program::new(terraform, rows.collect()))
}

/// What came of a test, which says `lacking` if the program lacks something.
fn outcome(end: Option<&Ended>, lacking: Option<String>) -> Outcome {
    match (end, lacking) {
        (None, _) => Outcome::Failed("it did not run".into()),
        (Some(Ended { printed: None, .. }), None) => Outcome::Passed,
        (Some(Ended { printed: None, .. }), Some(why)) => {
            Outcome::Failed(format!("it passes, but a table says that {why}"))
        }
        (Some(Ended { printed: Some(text), .. }), Some(why)) if text.contains(&why) => {
            Outcome::Cannot(why)
        }
        (Some(Ended { printed: Some(text), .. }), _) => {
            // What a program answered is below that line.
            let is_cause = |line: &&str| line.starts_with("Error: ") && !line.ends_with(':');
            Outcome::Failed(text.lines().find(is_cause).unwrap_or("see above").to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_table_foresees_is_no_failure() {
        let ended = |printed: Option<&str>| Ended {
            name: "one".into(),
            seconds: 1.0,
            printed: printed.map(str::to_owned),
        };
        let why = "OpenTofu 1.12.6 has no actions";
        let of = |printed, lacking: Option<&str>| {
            outcome(Some(&ended(printed)), lacking.map(str::to_owned))
        };
        assert_eq!(of(None, None), Outcome::Passed);
        let said = format!("Error: {why}\n\nStack backtrace:");
        assert_eq!(of(Some(&said), Some(why)), Outcome::Cannot(why.into()));
        assert!(matches!(of(Some("Error: no host"), Some(why)), Outcome::Failed(_)));
        assert!(matches!(of(Some(&said), None), Outcome::Failed(_)));
        assert!(matches!(of(None, Some(why)), Outcome::Failed(_)));
        assert!(matches!(outcome(None, Some(why.into())), Outcome::Failed(_)));
    }

    #[test]
    fn two_versions_run_once() {
        let choice = Choice { all: false, words: vec![] };
        assert!(choice.includes("terraform::lifecycle::drift::terraform_1_11"));
        assert!(!choice.includes("terraform::lifecycle::drift::terraform_1_15"));
        assert!(!choice.includes("lab::a_host_can_do_without"));
        assert!(Choice { all: true, words: vec![] }.includes("lab::a_host_can_do_without"));
        let choice = Choice { all: false, words: vec!["kinds::veth".into(), "drift".into()] };
        assert!(choice.includes("terraform::lifecycle::drift::terraform_1_11"));
        assert!(!choice.includes("terraform::kinds::vxlan"));
    }
}
