//! The states of the module: from a document to the host and back to an answer.

use std::io;

use nmstate_engine::nmstate::readable;
use nmstate_engine::probe::Check;
use nmstate_engine::target::Target;
use nmstate_engine::transaction::{Options, new_addresses};
use nmstate_engine::{Error, ErrorKind, Host, Management, Snapshot, glob_matches};
use nmstate_schema::canonical::{canonical, settable};
use nmstate_schema::document::Document;
use nmstate_schema::scope::Scope;
use nmstate_schema::validate::{Finding, validate};
use nmstate_schema::{Value, carried, keys, redact};
use serde_json::{Map, json};

use crate::answer::Answer;
use crate::arguments::{Arguments, Desired, Question, Task, Wanted};
use crate::hold;
use crate::place::Place;

use self::planned::Planned;

mod planned;
mod secrets;

/// What ends a task before its answer is complete.
type Ended = Box<Answer>;

/// Carries a call out; `text` is what it was read from.
pub fn perform(arguments: &Arguments, text: &str) -> Answer {
    let outcome = match &arguments.task {
        Task::Parsed(document) => Ok(Answer::unchanged().with("parsed", without_learned(document))),
        Task::Rendered(document) => rendered(document),
        Task::Gathered => with_host(Options::default(), async |host| {
            let snapshot = host.snapshot().await.map_err(ended)?;
            Ok(Answer::unchanged().with("gathered", without_learned(&snapshot.state)))
        }),
        Task::Info(question) => with_host(Options::default(), async |host| {
            let snapshot = host.snapshot().await.map_err(ended)?;
            let part = match question.is_configured {
                true => answer_question(question, &without_learned(&snapshot.state)),
                false => answer_question(question, &redact(snapshot.state.as_value())),
            };
            Ok(Answer::unchanged().with(&question.part, part))
        }),
        Task::Change(wanted) => valid(wanted).and_then(|()| {
            with_host(wanted.options.clone(), async |host| {
                change(arguments, wanted, text, host).await
            })
        }),
    };
    outcome.unwrap_or_else(|answer| *answer)
}

/// A change whose controller is not there: carries it out and answers as if it were.
pub(crate) fn carry_out_held(arguments: &Arguments, wanted: &Wanted, place: &Place) -> Answer {
    let outcome = on_host(place, wanted.options.clone(), async |host| {
        let before = host.snapshot().await.map_err(ended)?;
        let planned = Planned::new(wanted, host, &before).await?;
        apply(arguments, planned, host).await
    });
    outcome.unwrap_or_else(|answer| *answer)
}

/// Whether there is nothing wrong that can be known without the host.
fn valid(wanted: &Wanted) -> Result<(), Ended> {
    let Desired::Known(document) = &wanted.desired else { return Ok(()) };
    let findings = match wanted.scope.spell(document) {
        Ok(spelled) => validate(&spelled),
        Err(findings) => findings,
    };
    match findings.is_empty() {
        true => Ok(()),
        false => Err(refused(&findings)),
    }
}

async fn change(
    arguments: &Arguments,
    wanted: &Wanted,
    text: &str,
    host: &Host,
) -> Result<Answer, Ended> {
    let snapshot = host.snapshot().await.map_err(ended)?;
    let planned = Planned::new(wanted, host, &snapshot).await?;
    let is_satisfied = planned.differences.is_empty();
    if !is_satisfied && !arguments.check && !arguments.is_held {
        return apply(arguments, planned, host).await;
    }
    // As it would be: a document that the host satisfies sees itself there.
    let after = planned.document.as_value();
    let answer = Answer::unchanged().with("changed", !is_satisfied).with_change(
        arguments,
        &planned.differences,
        &planned.before,
        after,
    );
    let mut snapshot = Snapshot::clone(&snapshot);
    if let Some(address) = arguments.own_address {
        snapshot.management = Some(Management::find(address, &snapshot.state));
    }
    let answer = warned(answer, wanted, &planned, &snapshot);
    if is_satisfied || arguments.check {
        return Ok(answer);
    }
    let (answer, outside) = watched(answer, arguments, wanted)?;
    // The controller is told where the host may be from now on.
    let addresses = new_addresses(&planned.document, &snapshot);
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let directory = hold::start(text).map_err(cannot_hold)?;
    let held = json!({
        "directory": directory,
        "addresses": addresses,
        "timeout": wanted.options.timeout.as_secs(),
        "patience": hold::patience(&wanted.options).as_secs(),
        "settle_timeout": wanted.options.settle_timeout.as_secs(),
        "probes": outside,
    });
    Ok(answer.with(hold::KEY, held))
}

/// What the controller shall ask after the change, of what it has asked before: as the engine does
/// with the probes that it asks itself.
fn watched(
    mut answer: Answer,
    arguments: &Arguments,
    wanted: &Wanted,
) -> Result<(Answer, Vec<Value>), Ended> {
    let mut watched = Vec::new();
    let mut dropped = Vec::new();
    for (number, probe) in &wanted.outside_probes {
        let Check::ControllerTcp { address, port } = &probe.check else { continue };
        match arguments.unreached.get(&number.to_string()).and_then(Value::as_str) {
            None => watched.push(json!({
                "name": probe.to_string(),
                "address": address,
                "port": port,
                "timeout": probe.timeout.as_secs(),
            })),
            Some(reason) if probe.required => {
                let message = format!(
                    "nothing was changed: the required probe `{probe}` fails already before the \
                     change: {reason} (mend what it asks for, or take `required` from the probe)"
                );
                return Err(Box::new(Answer::failed(&message)));
            }
            Some(_) => dropped.push(probe.to_string()),
        }
    }
    if !dropped.is_empty() {
        let dropped = dropped.join(", ");
        let warning = format!("not watched, because it fails before the change: {dropped}");
        answer = answer.warned(&warning);
    }
    Ok((answer, watched))
}

async fn apply(arguments: &Arguments, planned: Planned, host: &Host) -> Result<Answer, Ended> {
    let has_new_secret = planned.change.resend;
    let applied = host.apply(planned.change).await.map_err(|error| {
        let failed = Answer::error(&error);
        let seen = &planned.before;
        Box::new(failed.with_change(arguments, &planned.differences, seen, seen))
    })?;
    // The host is proven to be as the document says.
    let after = planned.document.as_value();
    let is_changed = applied.changed || (has_new_secret && applied.report.is_some());
    let answer = Answer::unchanged().with("changed", is_changed).with_change(
        arguments,
        &planned.differences,
        &planned.before,
        after,
    );
    Ok(match &applied.report {
        Some(report) => answer.reported(report),
        None => answer,
    })
}

/// What may cost the way to the host is said beforehand.
fn warned(answer: Answer, wanted: &Wanted, planned: &Planned, snapshot: &Snapshot) -> Answer {
    let answer = match &planned.warning {
        Some(warning) => answer.warned(warning),
        None => answer,
    };
    let management = snapshot.management.as_ref().and_then(|one| one.interface.as_deref());
    let Some(management) = management.filter(|_| !planned.differences.is_empty()) else {
        return answer;
    };
    let carriers = carried(&planned.document, management);
    let is_removed = planned.document.interfaces().any(|interface| {
        let named = interface["name"].as_str().is_some_and(|name| carriers.contains(name));
        named && (interface["state"] == "absent" || interface["state"] == "down")
    });
    if !is_removed {
        return answer;
    }
    let why = match wanted.scope {
        Scope::Overridden => "`overridden` removes what is not listed",
        Scope::Merged | Scope::Replaced | Scope::Deleted => "the document removes it",
    };
    answer.warned(&format!("`{management}` carries the connection to the host, and {why}"))
}

fn rendered(document: &Document) -> Result<Answer, Ended> {
    let findings = validate(document);
    if !findings.is_empty() {
        return Err(refused(&findings));
    }
    // Secrets are masked before anything is made of them.
    let masked = redact(document.as_value()).to_string();
    let state = nmstate::NetworkState::new_from_yaml(&masked).map_err(refused_by_nmstate)?;
    let mut rendered = Map::new();
    for (backend, files) in state.gen_conf().map_err(refused_by_nmstate)? {
        let files = files.into_iter().map(|(name, text)| (name, Value::from(text)));
        rendered.insert(backend, Value::Object(files.collect()));
    }
    Ok(Answer::unchanged().with("rendered", rendered))
}

/// A state that can be a desired one: without what the host has learned, counts or hides.
fn without_learned(state: &Document) -> Value {
    let mut state = redact(&settable(&keys::STATE, canonical(state).as_value()));
    if let Some(interfaces) = state.get_mut("interfaces").and_then(Value::as_array_mut) {
        // What is left to others has nothing that was configured.
        interfaces.retain(|interface| interface["state"] != "ignore");
    }
    state
}

fn answer_question(question: &Question, state: &Value) -> Value {
    let fits = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        question.names.is_empty()
            || question.names.iter().any(|pattern| glob_matches(pattern, name))
    };
    let is_wanted = |interface: &Value| {
        let of_type = interface["type"].as_str().unwrap_or_default();
        fits(&interface["name"])
            && (question.types.is_empty() || question.types.iter().any(|one| one == of_type))
    };
    let mut state = state.clone();
    retain(&mut state, "/interfaces", &is_wanted);
    for list in ["/routes/config", "/routes/running"] {
        retain(&mut state, list, &|route| fits(&route["next-hop-interface"]));
    }
    let name = match question.part.as_str() {
        "state" => return state,
        "route_rules" => "route-rules",
        "dns" => "dns-resolver",
        other => other,
    };
    let empty = if name == "interfaces" { json!([]) } else { json!({}) };
    state.get(name).cloned().unwrap_or(empty)
}

fn retain(state: &mut Value, list: &str, keep: &dyn Fn(&Value) -> bool) {
    if let Some(items) = state.pointer_mut(list).and_then(Value::as_array_mut) {
        items.retain(keep);
    }
}

fn with_host<F>(options: Options, work: F) -> Result<Answer, Ended>
where
    F: AsyncFnOnce(&Host) -> Result<Answer, Ended>,
{
    let place = Place::new().map_err(no_place)?;
    on_host(&place, options, work)
}

fn on_host<F>(place: &Place, options: Options, work: F) -> Result<Answer, Ended>
where
    F: AsyncFnOnce(&Host) -> Result<Answer, Ended>,
{
    if !rustix::process::geteuid().is_root() {
        let message = "the module lacks privileges (set `become: true`)";
        return Err(Box::new(Answer::failed(message)));
    }
    let programs = place.programs().map_err(no_place)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(no_place)?;
    let outcome = runtime.block_on(async {
        let host = Host::new(Target::this_machine(programs), options);
        let outcome = work(&host).await;
        host.close().await;
        outcome
    });
    // Nothing that still runs is waited for.
    runtime.shutdown_background();
    outcome
}

fn refused(findings: &[Finding]) -> Ended {
    Box::new(Answer::refused("desired_state", findings))
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn refused_by_nmstate(error: nmstate::NmstateError) -> Ended {
    Box::new(Answer::failed(&format!("nmstate refuses: {}", readable(error.msg()))))
}

fn ended(error: Error) -> Ended {
    let error = match error.kind {
        // The only program that can be missing is one that we bring along.
        ErrorKind::NmstatectlMissing => Error::new(
            ErrorKind::Remote,
            "",
            "the module cannot start itself again (is `/proc` mounted on the host?)",
        ),
        _ => error,
    };
    Box::new(Answer::error(&error))
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn no_place(cause: io::Error) -> Ended {
    let message =
        format!("no place for the module's files in `/run`, `/dev/shm` or `/tmp`: {cause}");
    Box::new(Answer::failed(&message))
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn cannot_hold(cause: io::Error) -> Ended {
    Box::new(Answer::failed(&format!("cannot start the process that holds the change: {cause}")))
}

#[cfg(test)]
mod tests;
