//! What large documents cost, one measurement for each run: `make bench` starts a process for each,
//! so that the memory of one is not that of another, and reads the line that it prints.
//!
//! `scale compare N` and `scale gen-diff N`: a snapshot of N interfaces in JSON is parsed, brought
//! into its normal form and compared with a document of N interfaces, by us and by nmstate itself.
//! `scale yaml N` and `scale yaml-crate N`: N megabytes of YAML are read, by us and by the YAML
//! crate alone.

use std::error::Error;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use nmstate::NetworkState;
use nmstate_schema::Value;
use nmstate_schema::compare::compare;
use nmstate_schema::document::Document;
use serde_json::json;

/// The shortest of several runs is what the work costs; the rest is the machine's.
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !word.starts_with("--")).collect();
    // A test run starts benchmarks too, without arguments.
    let [what, size] = words[..] else { return Ok(()) };
    let size: usize = size.parse()?;
    let time = match what {
        "compare" => compare_by_us(size)?,
        "gen-diff" => compare_by_nmstate(size)?,
        "yaml" => {
            let text = yaml(size);
            shortest(|| Document::parse(&text).map_err(|findings| findings[0].to_string().into()))?
        }
        "yaml-crate" => {
            let text = yaml(size);
            let options = serde_saphyr::options! { budget: None };
            shortest(|| Ok(serde_saphyr::from_str_with_options::<Value>(&text, options.clone())?))?
        }
        other => return Err(format!("`{other}` is not measured").into()),
    };
    let line = json!({"milliseconds": time.as_secs_f64() * 1000.0, "peak_megabytes": peak()?});
    Ok(writeln!(io::stdout(), "{line}")?)
}

fn compare_by_us(size: usize) -> Result<Duration, Box<dyn Error>> {
    let (shown, desired) = (shown(size).to_string(), Document::from_value(desired(size)));
    let desired = desired.map_err(|findings| findings[0].to_string())?;
    shortest(|| {
        let host = Document::from_value(serde_json::from_str(&shown)?)
            .map_err(|findings| findings[0].to_string())?;
        expect(size, compare(&desired, &host).len())
    })
}

fn compare_by_nmstate(size: usize) -> Result<Duration, Box<dyn Error>> {
    let (shown, desired) = (shown(size).to_string(), serde_json::from_value(desired(size))?);
    let desired: NetworkState = desired;
    shortest(|| {
        let host = NetworkState::new_from_json(&shown)?;
        expect(size, desired.gen_diff(&host)?.interfaces.iter().count())
    })
}

/// Every tenth interface differs.
fn expect(size: usize, differences: usize) -> Result<(), Box<dyn Error>> {
    if differences == size.div_ceil(10) {
        return Ok(());
    }
    Err(format!("{differences} of {size} interfaces differ").into())
}

/// What `show --json` prints of a host with many VLANs.
fn shown(size: usize) -> Value {
    let vlan = |number: usize| {
        json!({"name": format!("vlan{number}"), "type": "vlan", "state": "up", "identifier": "name",
            "mac-address": "52:54:00:AA:00:01", "mtu": 1500, "min-mtu": 0, "max-mtu": 65535,
            "wait-ip": "any", "mptcp": {"address-flags": []}, "accept-all-mac-addresses": false,
            "lldp": {"enabled": false},
            "ipv4": {"enabled": true, "dhcp": false, "auto-route-metric": -1, "forwarding": false,
                "prefix-route-metric": -1,
                "address": [{"ip": address(number), "prefix-length": 24}]},
            "ipv6": {"enabled": true, "dhcp": false, "autoconf": false, "addr-gen-mode": "eui64",
                "address": [{"ip": format!("2001:db8:{number:x}::1"), "prefix-length": 64},
                    {"ip": "fe80::5054:ff:feaa:1", "prefix-length": 64}]},
            "vlan": {"base-iface": "eth1", "id": number % 4094, "protocol": "802.1q",
                "registration-protocol": "none", "reorder-headers": true, "loose-binding": false},
            "ethtool": {"feature": {"rx-gro": true, "tx-checksum-ip-generic": true,
                "tx-tcp-segmentation": true, "tx-generic-segmentation": true, "rx-gro-list": false,
                "tx-nocache-copy": false, "tx-scatter-gather": true, "rx-udp-gro-forwarding": false}}})
    };
    let mut interfaces: Vec<Value> = (0..size).map(vlan).collect();
    interfaces.push(json!({"name": "eth1", "type": "ethernet", "state": "up"}));
    json!({"interfaces": interfaces, "routes": {"running": [], "config": []}})
}

fn desired(size: usize) -> Value {
    let vlan = |number: usize| {
        let mtu = if number.is_multiple_of(10) { 1400 } else { 1500 };
        json!({"name": format!("vlan{number}"), "type": "vlan", "state": "up", "mtu": mtu,
            "ipv4": {"enabled": true, "address": [{"ip": address(number), "prefix-length": 24}]},
            "ipv6": {"enabled": true, "autoconf": false,
                "address": [{"ip": format!("2001:DB8:{number:x}:0::1"), "prefix-length": 64}]},
            "vlan": {"base-iface": "eth1", "id": number % 4094}})
    };
    json!({"interfaces": (0..size).map(vlan).collect::<Vec<_>>()})
}

fn address(number: usize) -> String {
    format!("10.{}.{}.1", number / 256, number % 256)
}

/// This many megabytes of interfaces as people write them.
fn yaml(megabytes: usize) -> String {
    let mut text = "interfaces:\n".to_owned();
    for number in 0.. {
        if text.len() >= megabytes * 1_000_000 {
            break;
        }
        text.push_str(&format!(
            "- name: vlan{number}\n  type: vlan\n  state: up\n  description: uplink of rack {number}\n\
             \x20 ipv4:\n    enabled: true\n    dhcp: false\n    address:\n    - ip: {}\n\
             \x20     prefix-length: 24\n  vlan:\n    base-iface: eth1\n    id: {}\n",
            address(number),
            number % 4094
        ));
    }
    text
}

fn shortest<T>(
    mut work: impl FnMut() -> Result<T, Box<dyn Error>>,
) -> Result<Duration, Box<dyn Error>> {
    let mut shortest = Duration::MAX;
    for _ in 0..RUNS {
        let begun = Instant::now();
        work()?;
        shortest = shortest.min(begun.elapsed());
    }
    Ok(shortest)
}

/// The most memory that the process has ever held, in megabytes of 10^6 bytes.
fn peak() -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?;
    Ok(kibibytes.parse::<f64>()? * 1024.0 / 1e6)
}
