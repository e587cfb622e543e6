//! Random sequences of configurations against a host in memory.
//!
//! A step is a whole run of Terraform as core makes it: refresh and plan in one process, in an order
//! that nobody defines, then an apply in another process, one instance at a time or side by side.
//! Some steps begin with a run for a part (`-target`), and what is there already may be imported.
//! Between the steps blocks are renamed, indices shift, and somebody changes the host by hand.
//!
//! After each apply that succeeds all that is declared is in force, what nobody declared is as it was
//! unless a warning names it, and the next plan is empty. After the last destroy the host is as it
//! was at the start. The kernel of the host chooses what nobody declares as it likes, with each change:
//! that is no drift, nobody's loss, and never written back.
//!
//! `SEQUENCES` is the number of sequences, `SEQUENCE` the one to run alone, `SEQUENCES_WRITE` a
//! directory for all of them as files.

mod core;
mod world;
mod written;

use std::collections::BTreeSet;

use nmstate_engine::host::SimulatedHost;
use nmstate_schema::Value;
use nmstate_schema::document::Document;

use self::core::{Configured, Core, Outcome, Scope};
use self::world::{Random, World};
use self::written::{Step, Written};

/// The steps of one sequence.
const STEPS: usize = 6;

/// How many sequences run where nothing else is said.
const SEQUENCES: u64 = 100;

#[test]
fn what_is_declared_is_in_force_and_the_rest_stays() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("SEQUENCE") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEQUENCES").unwrap_or(SEQUENCES),
    };
    let is_alone = seeds.end - seeds.start == 1;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let failed: Vec<String> = seeds
        .filter_map(|seed| {
            let failed = runtime.block_on(sequence(seed, STEPS, is_alone)).err()?;
            // The shortest beginning that fails says most.
            let shortest = (1..=STEPS).find_map(|steps| {
                let failed = runtime.block_on(sequence(seed, steps, false)).err()?;
                Some((steps, failed))
            });
            let (steps, failed) = shortest.unwrap_or((STEPS, failed));
            Some(format!("SEQUENCE={seed}, {steps} steps: {failed}"))
        })
        .collect();
    let shown: Vec<&str> = failed.iter().take(40).map(String::as_str).collect();
    assert!(failed.is_empty(), "{} sequences failed:\n{}", failed.len(), shown.join("\n\n"));
}

/// One sequence; the error says what went wrong in which step.
async fn sequence(seed: u64, steps: usize, is_told: bool) -> Result<(), String> {
    let mut random = Random::new(seed);
    let start = World::host(&mut random);
    let host = SimulatedHost::with_whims(&start, seed);
    // What it is to be in the end.
    let shadow = SimulatedHost::new(&start);
    let mut written = Written::new(&start);
    let mut world = World::new();
    let mut core = Core::new(host.clone());
    // A warning has said that something is left, or is not known of any more.
    let mut handed_over = false;
    for step in 0..steps {
        let last = world.clone();
        world.change(&mut random);
        let by_hand = world::by_hand(&host.state(), &mut random);
        if let Some((change, lasts)) = &by_hand {
            host.change(change);
            if *lasts {
                shadow.change(change);
            }
        }
        let (configured, desired) = (world.instances(), world.desired());
        let at =
            |text: String| format!("step {step}: {text}\nconfiguration: {world}\nbefore: {last}");
        if is_told {
            eprintln!("step {step}: {world}\nhost: {}", host.state().to_yaml());
        }
        let (before, sent) = (host.state(), host.transactions().len());
        let scope = Scope::draw(&core, &configured, &mut random).await;
        if is_told {
            eprintln!("with {scope:?}");
        }
        let mut warnings_before = Vec::new();
        if !scope.targets.is_empty() {
            handed_over |= core.parts_with(&configured, &scope);
            match core.apply(&configured, &scope, &mut random).await {
                Outcome::Applied { warnings } => warnings_before = warnings,
                Outcome::Refused(errors) => {
                    return Err(at(format!("refused with {scope:?}: {errors:#?}")));
                }
            }
        }
        written.add(&Step {
            configured: &configured,
            desired: &desired,
            by_hand: by_hand.as_ref(),
            scope: &scope,
        });
        let rest = Scope { targets: BTreeSet::new(), imports: scope.left(&core) };
        let outcome = core.apply(&configured, &rest, &mut random).await;
        if is_told {
            for one in host.transactions().iter().skip(sent) {
                eprintln!("sent: {}", one.to_json());
            }
        }
        match outcome {
            Outcome::Applied { mut warnings } => {
                warnings.extend(warnings_before);
                if is_told {
                    eprintln!("{warnings:#?}");
                }
                // What one at a time could not know of each other is said, and heals.
                if warnings.iter().any(|text| text.contains("is declared here")) {
                    let healed = core.apply(&configured, &Scope::default(), &mut random).await;
                    if let Outcome::Refused(errors) = healed {
                        return Err(at(format!("it does not heal: {errors:#?}")));
                    }
                    handed_over = true;
                }
                handed_over |=
                    warnings.iter().any(|text| text.contains("another resource declares"));
                if let Some(missing) = world.missing(&host.state()) {
                    return Err(at(format!("not in force: {missing}")));
                }
                let [earlier, now] = [&before, &host.state()].map(without_choices);
                if let Some(lost) = world.lost(&last, &shadow.state(), [&earlier, &now]) {
                    let is_said = warnings.iter().any(|text| text.contains(&lost));
                    if !is_said {
                        return Err(at(format!("lost without a word: {lost}\n{warnings:#?}")));
                    }
                }
                let asked = host.transactions().len();
                let again = core.plan(&world.instances(), &mut random).await;
                let again = again.map_err(|text| at(format!("the second plan fails: {text}")))?;
                if !again.is_empty() {
                    return Err(at(format!("the second plan is not empty: {again:?}")));
                }
                if host.transactions().len() != asked {
                    return Err(at("a plan has changed the host".to_owned()));
                }
            }
            // The world has nothing that is forbidden.
            Outcome::Refused(errors) => return Err(at(format!("refused: {errors:#?}"))),
        }
    }
    if let Some(directory) = std::env::var_os("SEQUENCES_WRITE").filter(|_| steps == STEPS) {
        written.write(directory.as_ref(), seed);
    }
    let sent = host.transactions().len();
    match core.apply(&Configured::new(), &Scope::default(), &mut random).await {
        Outcome::Refused(errors) => return Err(format!("the destroy fails: {errors:#?}")),
        Outcome::Applied { .. } => {}
    }
    let end = without_choices(&host.state());
    if is_told {
        for one in host.transactions().iter().skip(sent) {
            eprintln!("sent at last: {}", one.to_json());
        }
    }
    if let Some(written) = host.transactions().iter().find(|sent| has_choices(sent)) {
        return Err(format!("a choice of the kernel was written: {}", written.to_json()));
    }
    let start = shadow.state();
    if end != start && !handed_over {
        return Err(format!(
            "the host is not as at the start: {}\nlast: {world}",
            World::difference(&start, &end)
        ));
    }
    Ok(())
}

/// The keys that the kernel of the host chooses, and no configuration of this world declares.
const CHOICES: [&str; 2] = ["ethtool", "mac-address"];

/// A host without what its kernel has chosen.
fn without_choices(host: &Document) -> Document {
    let mut tree = host.as_value().clone();
    let interfaces = tree["interfaces"].as_array_mut().into_iter().flatten();
    for interface in interfaces.filter_map(Value::as_object_mut) {
        interface.retain(|key, _| !CHOICES.contains(&key.as_str()));
    }
    Document::from_value(tree).unwrap()
}

/// True if a document gives a value to what the kernel chooses.
fn has_choices(document: &Document) -> bool {
    document.interfaces().any(|one| CHOICES.iter().any(|key| one.get(*key).is_some()))
}

/// A document of a text.
fn document(text: &str) -> Document {
    Document::parse(text).unwrap()
}
