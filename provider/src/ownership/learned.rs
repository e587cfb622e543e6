//! What a host shows and nobody has configured: addresses, routes and name servers that came from
//! DHCP or a router, and what the kernel says another program has set.

use std::collections::BTreeMap;

use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;

use super::{LeftOut, Reason};

/// The addresses of interfaces that no document decides about.
pub(super) fn addresses<'a>(interfaces: impl Iterator<Item = &'a Json>) -> Vec<LeftOut> {
    let mut found = Vec::new();
    for interface in interfaces {
        let name = text(interface, "name").unwrap_or_default();
        for family in ["ipv4", "ipv6"] {
            for address in list(interface, &[family, "address"]) {
                if let Some(reason) = origin(address) {
                    let ip = text(address, "ip").unwrap_or_default();
                    let what = format!("address `{ip}` of `{name}`");
                    found.push(LeftOut { what, reason });
                }
            }
        }
    }
    found
}

/// Where an address came from that nobody has configured.
fn origin(address: &Json) -> Option<Reason> {
    match text(address, "protocol") {
        // The kernel's own, on every interface.
        Some("lo" | "kernel_ll") => return None,
        Some("ra") => return Some(Reason::Learned),
        Some(_) => return Some(Reason::Foreign),
        None => {}
    }
    let time = text(address, "valid-life-time");
    time.is_some_and(|time| time != "forever").then_some(Reason::Learned)
}

/// Routes in effect that are not configured, a line for each interface: a routing table may be long.
pub(super) fn routes(state: &Document) -> Vec<LeftOut> {
    let routes = state.as_value().get("routes");
    let lists = ["config", "running"].map(|key| routes.map_or(Vec::new(), |all| list(all, &[key])));
    let [config, running] = lists;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for route in running.into_iter().filter(|route| !config.contains(route)) {
        *counts.entry(text(route, "next-hop-interface").unwrap_or_default()).or_default() += 1;
    }
    let line = |(name, count): (&str, usize)| {
        let routes = if count == 1 { "route" } else { "routes" };
        LeftOut { what: format!("{count} {routes} over `{name}`"), reason: Reason::Learned }
    };
    counts.into_iter().map(line).collect()
}

/// Name servers in use that are not configured.
pub(super) fn name_servers(state: &Document) -> Vec<LeftOut> {
    let Some(resolver) = state.as_value().get("dns-resolver") else { return Vec::new() };
    let servers = |key| list(resolver, &[key, "server"]);
    let configured = servers("config");
    let learned = servers("running").into_iter().filter(|server| !configured.contains(server));
    learned
        .filter_map(Json::as_str)
        .map(|server| LeftOut { what: format!("name server `{server}`"), reason: Reason::Learned })
        .collect()
}

fn list<'a>(value: &'a Json, keys: &[&str]) -> Vec<&'a Json> {
    let inner = keys.iter().try_fold(value, |value, key| value.get(key));
    inner.and_then(Json::as_array).into_iter().flatten().collect()
}

fn text<'a>(value: &'a Json, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Json::as_str)
}
