//! One cell from start to end.

use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::inject::{inject, make_ready};
use super::results::{Row, keep_log};
use super::state::State;
use super::subject::{Subject, printed};
use super::table::{Cell, Change, Fault, Step};
use super::watcher::Watcher;
use super::{RHYTHM, timeout};
use crate::record::Kind;

/// NetworkManager undoes a change after T, and needs a moment for it (invariant I1).
const GRACE: u64 = 15;

/// What a change makes of a host when nothing goes wrong, and a line about it.
pub(super) fn undisturbed(subject: &Subject, change: Change) -> Result<(State, String)> {
    let before = subject.prepare(change)?;
    let begun = Instant::now();
    let (namespace, ways) = subject.ways();
    let watcher = Watcher::start(&subject.host, namespace, ways);
    let mut child = subject.start(&change.desired(&subject.place), None)?;
    wait(&mut child, subject.host.limits().run)?;
    let run = printed(child)?;
    let seconds = begun.elapsed().as_secs_f32();
    let away = watcher.end(begun)?.as_secs_f32();
    let state = State::of(&subject.host, &subject.place)?;
    ensure!(run.status == 0, "without a fault {change} failed: {}", run.stderr);
    ensure!(state.difference(&before).is_some(), "{change} changed nothing");
    ensure!(subject.login_works()?, "no login after {change}");
    let kind = subject.place.kind.name();
    let line = format!("without a fault: {kind} {change}: {seconds:.1} s, away {away:.1} s");
    Ok((state, line))
}

/// Runs a cell.
pub(super) fn run_cell(subject: &Subject, cell: Cell, desired: &State) -> Result<Row> {
    let before = subject.prepare(cell.change)?;
    make_ready(subject, cell.fault)?;
    let hold = match subject.place.kind {
        Kind::Namespace if cell.fault != Fault::SecondRun => Duration::from_millis(1500),
        // A second run has to come to the host before the first goes on, a command to a slow one.
        Kind::Namespace | Kind::Vm => subject.host.limits().login * 2 / 5,
    };
    let (namespace, ways) = subject.ways();
    let watcher = Watcher::start(&subject.host, namespace, ways);
    let document = cell.change.desired(&subject.place);
    let mut terraform = subject.start(&document, Some((cell.step, hold)))?;
    if let Err(error) = reach(subject, cell.step, &mut terraform) {
        // Killed by the id that was started here.
        let _ = terraform.kill();
        let run = printed(terraform)?;
        return Err(error.context(format!("{cell}: {}{}", run.stdout, run.stderr)));
    }
    let mut injected = inject(subject, cell, &terraform)?;
    let mut relieved_at = Instant::now();
    let mut alone = None;
    if let Some(lasts) = injected.lasts(&subject.host) {
        sleep_until(injected.at + lasts);
        if injected.leaves_host_alone() {
            // Nobody has helped it, and nobody can.
            alone = Some(settled(subject, [&before, desired], injected.at + lasts));
        }
        injected.relieve(subject)?;
        relieved_at = Instant::now();
    }
    let ended = wait(&mut terraform, subject.host.limits().run);
    if ended.is_err() {
        let _ = terraform.kill();
    }
    let run_ended_at = Instant::now();
    let run = printed(terraform)?;
    if injected.lasts(&subject.host).is_none() {
        injected.relieve(subject)?;
    }
    // A run that ends has left the host at rest; one that was killed leaves it to the host.
    let limit = Duration::from_secs(timeout(&subject.host) + GRACE);
    let deadline = (relieved_at + limit).max(run_ended_at + subject.host.limits().login / 3);
    let found = settled(subject, [&before, desired], deadline);
    let end = Instant::now();
    let login = subject.wait_for_login(deadline)?;
    let away = watcher.end(injected.at)?;
    let said = said(&run.stdout, &run.stderr);

    let mut wrong = Vec::new();
    if let Err(error) = &ended {
        wrong.push(error.to_string());
    }
    if let Some(Err(difference)) = &alone {
        wrong.push(format!("while it was cut off: {difference}"));
    }
    let outcome = match &found {
        Ok(0) => "before",
        Ok(_) => "desired",
        Err(difference) => {
            wrong.push(difference.clone());
            "other"
        }
    };
    if !login {
        wrong.push("no login".to_owned());
    }
    if cell.fault != Fault::ProviderKilled {
        let is_confirmed = outcome == "desired";
        if run.status == 0 && !is_confirmed {
            wrong.push("Terraform reported success".to_owned());
        }
        if said.contains("the host is as it was before") && is_confirmed && before != *desired {
            wrong.push("Terraform reported that the host is as before".to_owned());
        }
    }
    let log = if wrong.is_empty() { String::new() } else { keep_log(&cell, &subject.log())? };
    Ok(Row {
        cell,
        outcome: outcome.to_owned(),
        seconds_unreachable: away.as_secs_f64(),
        seconds_to_end: end.duration_since(injected.at).as_secs_f64(),
        ok: wrong.is_empty(),
        wrong: wrong.join("; "),
        said,
        log,
    })
}

/// Waits until the run is at the step.
fn reach(subject: &Subject, step: Step, terraform: &mut Child) -> Result<()> {
    let deadline = Instant::now() + subject.host.limits().run;
    while !subject.has_reached(step) {
        ensure!(terraform.try_wait()?.is_none(), "the run ended before it came to {step}");
        ensure!(Instant::now() < deadline, "the run did not come to {step}");
        sleep(RHYTHM / 5);
    }
    if step == Step::DuringApply {
        // The step begins before nmstatectl does; what has already ended is as good as begun.
        let begun = Instant::now();
        let works = ["pgrep", "-x", "nmstatectl"];
        while begun.elapsed() < Duration::from_secs(1) && subject.host.exec(&works)?.status != 0 {}
    }
    Ok(())
}

/// Which of the states the host is in; the difference to the first when it is none of them by the
/// deadline. An nmstatectl that nobody waits for any more sets the time of its checkpoint anew before
/// each of its looks, so the time counts from its end.
fn settled(
    subject: &Subject,
    states: [&State; 2],
    deadline: Instant,
) -> std::result::Result<usize, String> {
    let limit = Duration::from_secs(timeout(&subject.host) + GRACE);
    let latest = Instant::now() + subject.host.limits().run;
    let mut deadline = deadline;
    loop {
        let difference = match State::of(&subject.host, &subject.place) {
            Ok(now) => {
                if now.is_in_work() {
                    deadline = deadline.max((Instant::now() + limit).min(latest));
                }
                let differences = states.map(|state| now.difference(state));
                if let Some(index) = differences.iter().position(Option::is_none) {
                    return Ok(index);
                }
                let [before, desired] = differences.map(Option::unwrap_or_default);
                format!("not as before: {before}; not as desired: {desired}")
            }
            Err(error) => format!("{error:#}"),
        };
        if Instant::now() >= deadline {
            return Err(difference);
        }
        // A look is work for a host, seconds of it for an emulated one.
        let rhythm = match subject.place.kind {
            Kind::Namespace => RHYTHM * 3,
            Kind::Vm => RHYTHM * 20,
        };
        sleep(rhythm.min(deadline.saturating_duration_since(Instant::now())));
    }
}

fn wait(child: &mut Child, limit: Duration) -> Result<()> {
    let deadline = Instant::now() + limit;
    while child.try_wait().context("cannot wait for terraform")?.is_none() {
        if Instant::now() >= deadline {
            bail!("the run did not end within {} s", limit.as_secs());
        }
        sleep(RHYTHM);
    }
    Ok(())
}

fn sleep_until(at: Instant) {
    sleep(at.saturating_duration_since(Instant::now()));
}

/// What Terraform said in the end, in one line.
fn said(stdout: &str, stderr: &str) -> String {
    let line = if stderr.contains("Error:") {
        stderr
    } else {
        stdout.trim_end().lines().last().unwrap_or_default()
    };
    let plain = line.replace(['\u{2502}', '\u{2577}', '\u{2575}'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
