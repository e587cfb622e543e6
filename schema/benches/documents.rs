//! What large documents cost: the figures of `make bench` that need no host, written to the file
//! that is named.
//!
//! Every workload runs in a process of its own, so that the memory of one is not that of another,
//! and beside the library that would do it otherwise.

use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs};

use nmstate_schema::Value;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often each workload is run; the median counts.
const RUNS: usize = 7;

/// The size of the YAML document in bytes.
const YAML_SIZE: usize = 10_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["workload", name, size] => run_workload(name, size),
        [file] => measure(file),
        _ => Err("name the file for the figures".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "documents: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs all workloads and writes what `make bench` adds to its table.
fn measure(file: &str) -> Result<()> {
    let mut figures = Vec::new();
    for size in [1000, 2000, 4000] {
        let ours = workload("compare", size)?;
        let theirs = workload("gen_diff", size)?;
        let goal = |text: &'static str| if size == 1000 { text } else { "linear" };
        let figure = |what: &str, value: f64, unit: &str, baseline: f64, goal: &str| {
            json!({"name": format!("compare_{size}_interfaces_{what}"), "value": value, "unit": unit,
                "baseline": ["gen_diff", baseline], "goal": goal})
        };
        figures.push(figure("time", ours.time, "ms", theirs.time, goal("< 100 ms")));
        figures.push(figure("memory", ours.memory, "MB", theirs.memory, goal("< 200 MB")));
    }
    let (ours, theirs) = (workload("parse", YAML_SIZE)?, workload("saphyr", YAML_SIZE)?);
    for (name, unit, ours, theirs) in [
        ("yaml_10_mb_time", "ms", ours.time, theirs.time),
        ("yaml_10_mb_memory", "MB", ours.memory, theirs.memory),
    ] {
        figures.push(json!({"name": name, "value": ours, "unit": unit,
            "baseline": ["YAML crate alone", theirs], "goal": "ratio < 1.2"}));
    }
    Ok(fs::write(file, format!("{}\n", serde_json::to_string_pretty(&figures)?))?)
}

/// What a workload has cost: milliseconds, and the most that its process held in megabytes of
/// 10^6 bytes.
struct Cost {
    time: f64,
    memory: f64,
}

fn workload(name: &str, size: usize) -> Result<Cost> {
    let mut command = Command::new(env::current_exe()?);
    let output = command.args(["workload", name, &size.to_string()]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let cost: Value = serde_json::from_slice(&output.stdout)?;
    let number = |key: &str| cost[key].as_f64().ok_or("a workload prints its cost");
    Ok(Cost { time: number("time")?, memory: number("memory")? })
}

fn run_workload(name: &str, size: &str) -> Result<()> {
    let size = size.parse()?;
    let mut action: Box<dyn FnMut() -> Result<()>> = match name {
        "compare" => {
            let (shown, desired) = (snapshot(size).to_string(), desired(size));
            Box::new(move || {
                let current = Document::from_value(serde_json::from_str(&shown)?)
                    .map_err(|findings| findings[0].to_string())?;
                expect_changes(compare(&desired, &current).len(), size)
            })
        }
        "gen_diff" => {
            let shown = snapshot(size).to_string();
            let desired = nmstate::NetworkState::new_from_json(&desired(size).to_json())?;
            Box::new(move || {
                let current = nmstate::NetworkState::new_from_json(&shown)?;
                // It finds more: what it adds to bonds and their ports.
                let found = desired.gen_diff(&current)?.interfaces.iter().count();
                expect_changes(found.min(size / 100), size)
            })
        }
        "parse" => {
            let text = yaml(size);
            Box::new(move || {
                black_box(Document::parse(&text).map_err(|findings| findings[0].to_string())?);
                Ok(())
            })
        }
        "saphyr" => {
            let text = yaml(size);
            Box::new(move || {
                let options = serde_saphyr::options! { budget: None };
                let value: Value = serde_saphyr::from_str_with_options(&text, options)
                    .map_err(|error| error.to_string())?;
                black_box(value);
                Ok(())
            })
        }
        other => return Err(format!("`{other}` is no workload").into()),
    };
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        action()?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let cost = json!({"time": times[RUNS / 2], "memory": peak()?});
    Ok(writeln!(io::stdout(), "{cost}")?)
}

/// One interface in a hundred is not as desired.
fn expect_changes(found: usize, size: usize) -> Result<()> {
    if found == size / 100 {
        return Ok(());
    }
    Err(format!("{found} changes, not {}", size / 100).into())
}

/// The interfaces of a host as `show` prints them: bonds with two ports and a VLAN each.
fn snapshot(size: usize) -> Value {
    let interfaces: Vec<Value> = (0..size).map(|index| interface(index, 1500, true)).collect();
    json!({"interfaces": interfaces, "routes": {"config": routes(size)}})
}

fn desired(size: usize) -> Document {
    let mtu = |index: usize| if index.is_multiple_of(100) { 1400 } else { 1500 };
    let interfaces: Vec<Value> =
        (0..size).map(|index| interface(index, mtu(index), false)).collect();
    let state = json!({"interfaces": interfaces, "routes": {"config": routes(size)}});
    Document::from_value(state).unwrap_or_default()
}

fn routes(size: usize) -> Vec<Value> {
    let vlans = (0..size).filter(|index| index % 4 == 3);
    vlans
        .map(|index| {
            json!({"destination": format!("10.{}.{}.0/24", index >> 8, index & 0xff),
                "next-hop-interface": name(index), "next-hop-address": address(index, 254),
                "metric": 100, "table-id": 254})
        })
        .collect()
}

fn name(index: usize) -> String {
    match index % 4 {
        2 => format!("bond{index}"),
        3 => format!("bond{}.7", index - 1),
        _ => format!("eth{index}"),
    }
}

fn address(index: usize, host: usize) -> String {
    format!("100.{}.{}.{host}", 64 + (index >> 8), index & 0xff)
}

fn interface(index: usize, mtu: u64, is_shown: bool) -> Value {
    let mut interface = json!({"name": name(index), "state": "up", "mtu": mtu});
    let off = json!({"enabled": false, "dhcp": false});
    let (kind, section, value) = match index % 4 {
        2 => (
            "bond",
            "link-aggregation",
            json!({"mode": "active-backup", "options": {"miimon": 100},
                "port": [name(index - 2), name(index - 1)]}),
        ),
        3 => ("vlan", "vlan", json!({"base-iface": name(index - 1), "id": 7})),
        _ => ("ethernet", "lldp", json!({"enabled": false})),
    };
    interface["type"] = kind.into();
    interface[section] = value;
    interface["ipv4"] = match index % 4 {
        3 => json!({"enabled": true, "dhcp": false,
            "address": [{"ip": address(index, 1), "prefix-length": 24}]}),
        _ => off.clone(),
    };
    interface["ipv6"] = off;
    if index % 4 < 2 {
        interface["controller"] = name(index - index % 4 + 2).into();
    }
    if is_shown {
        let [high, low] = (index as u16).to_be_bytes();
        interface["mac-address"] = format!("52:54:00:00:{high:02X}:{low:02X}").into();
        interface["identifier"] = "name".into();
        interface["min-mtu"] = 68.into();
        interface["max-mtu"] = 65535.into();
        interface["wait-ip"] = "any".into();
        interface["accept-all-mac-addresses"] = false.into();
        interface["ethtool"] = json!({"feature": {"rx-gro": true, "tx-tcp-segmentation": true,
            "tx-generic-segmentation": true, "rx-checksum": true, "highdma": true}});
    }
    interface
}

/// A document of about this many bytes, as people write it.
fn yaml(size: usize) -> String {
    let mut text = String::with_capacity(size + 300);
    text.push_str("interfaces:\n");
    for index in 0.. {
        if text.len() >= size {
            break;
        }
        let _ = write!(
            text,
            "- name: eth{index}\n  type: ethernet\n  state: up\n  mtu: 1500\n  ipv4:\n    \
             enabled: true\n    address:\n    - ip: 192.0.2.10\n      prefix-length: 24\n  ipv6:\n    \
             enabled: false\n"
        );
    }
    text
}

/// The most memory that this process has held.
fn peak() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: f64 = kibibytes.ok_or("/proc has no `VmHWM`")?.parse()?;
    Ok(kibibytes * 1024.0 / 1e6)
}
