//! How a process begins and ends, well or not.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{Bench, Run, toy};

const SLOW: &str = "resource \"toy_box\" \"a\" {\n name = \"slow\"\n}";

/// Long enough for the slowest machine; no test waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(name: &str, pid: u32) {
    let status = Command::new("kill").args([name, "--", &format!("{pid}")]).status().unwrap();
    assert!(status.success());
}

fn children(pid: u32) -> Vec<u32> {
    let list = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let mut found: Vec<u32> =
        list.unwrap_or_default().split_whitespace().map(|pid| pid.parse().unwrap()).collect();
    if let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) {
        for task in tasks.flatten() {
            let list = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(list.split_whitespace().map(|pid| pid.parse::<u32>().unwrap()));
        }
    }
    found
}

#[test]
fn a_panic_is_an_error_of_that_call() {
    let bench = Bench::new();
    bench.configure(
        "resource \"toy_box\" \"a\" {\n name = \"panic\"\n}\nresource \"toy_box\" \"b\" {\n name = \"b\"\n}",
    );
    bench
        .run(&["apply", "-auto-approve", "-no-color"])
        .failed()
        .says("the provider panicked in apply_resource_change: out of cardboard")
        .says("toy_box.b: Creation complete");
}

#[test]
fn ctrl_c_cancels_the_call_and_not_the_process() {
    let bench = Bench::new();
    let mut command = bench.configure(SLOW).command(&["apply", "-auto-approve", "-no-color"]);
    let core = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the apply begins", || bench.path("boxes/started").exists());
    // A terminal sends the signal to both.
    for plugin in children(core.id()) {
        signal("-INT", plugin);
    }
    signal("-INT", core.id());
    let run = Run::new(core.wait_with_output().unwrap());
    run.failed().says("cancelled").never_says("not cancelled").never_says("crash");
}

#[test]
fn an_orphan_ends_by_itself() {
    let bench = Bench::new();
    let mut command = bench.configure(SLOW).command(&["apply", "-auto-approve", "-no-color"]);
    let mut core = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the apply begins", || bench.path("boxes/started").exists());
    let plugins = children(core.id());
    assert!(!plugins.is_empty());
    signal("-KILL", core.id());
    core.wait().unwrap();
    for plugin in plugins {
        wait_until("the orphan ends", || {
            let stat = std::fs::read_to_string(format!("/proc/{plugin}/stat")).unwrap_or_default();
            stat.is_empty() || stat.contains(") Z ")
        });
    }
}

#[test]
fn plain_text_is_spoken_when_core_wants_it() {
    let bench = Bench::new();
    let mut command =
        bench.configure("data \"toy_count\" \"c\" {}").command(&["plan", "-no-color"]);
    let output = command.env("TF_DISABLE_PLUGIN_TLS", "1").output().unwrap();
    Run::new(output).succeeded().says("Read complete");
}

#[test]
fn nothing_is_left_behind() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("tmp")).unwrap();
    let mut command =
        bench.configure("data \"toy_count\" \"c\" {}").command(&["plan", "-no-color"]);
    Run::new(command.env("TMPDIR", bench.path("tmp")).output().unwrap()).succeeded();
    let left: Vec<_> = std::fs::read_dir(bench.path("tmp")).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_log_is_read_by_core() {
    let bench = Bench::new();
    let mut command =
        bench.configure("data \"toy_count\" \"c\" {}").command(&["plan", "-no-color"]);
    let run = Run::new(command.env("TF_LOG_PROVIDER", "info").output().unwrap()).succeeded();
    let line = run.text.lines().find(|line| line.contains("toy: configured")).unwrap_or_default();
    assert!(line.contains("[INFO]") && line.contains("version="), "{}", run.text);
}

#[test]
fn a_curious_user_is_told_what_this_is() {
    let run = Run::new(Command::new(toy()).env_remove("TF_PLUGIN_MAGIC_COOKIE").output().unwrap());
    run.failed().says("this program is a Terraform provider");
}

/// A process started by hand.
struct Debugged {
    child: Child,
    reattach: String,
}

impl Debugged {
    fn start() -> Self {
        let mut command = Command::new(toy());
        let mut child = command.arg("--debug").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let value = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='").unwrap();
        Self { reattach: value.strip_suffix('\'').unwrap().to_owned(), child }
    }
}

#[test]
fn core_attaches_to_a_process_started_by_hand() {
    let bench = Bench::new();
    let mut debugged = Debugged::start();
    for _ in 0..2 {
        let mut command =
            bench.configure("data \"toy_count\" \"c\" {}").command(&["plan", "-no-color"]);
        let output = command.env("TF_REATTACH_PROVIDERS", &debugged.reattach).output().unwrap();
        Run::new(output).succeeded().says("Read complete");
    }
    signal("-INT", debugged.child.id());
    let status = debugged.child.wait().unwrap();
    assert!(status.success(), "{status}");
}

#[test]
fn stdout_has_the_handshake_and_nothing_else() {
    let mut command = Command::new(toy());
    let cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
    command.env("TF_PLUGIN_MAGIC_COOKIE", cookie).env("TF_LOG", "trace");
    command.env_remove("PLUGIN_CLIENT_CERT").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert!(line.starts_with("1|6|unix|/") && line.ends_with("|grpc|\n"), "{line}");
    // Ctrl-C in a terminal reaches the plugin too, and is for core to handle.
    signal("-INT", child.id());
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "ended by an interrupt");
    signal("-TERM", child.id());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    assert!(child.wait().unwrap().success());
}
