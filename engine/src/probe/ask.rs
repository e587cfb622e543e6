//! Asking: on the host over the connection at hand, or from here.

use std::time::Duration;

use nmstate_schema::document::Document;
use tokio::net::TcpStream;

use super::{Check, Probe, place};
use crate::error::Error;
use crate::nmstate::Client;

const GATEWAY: &str = include_str!("gateway.sh");
const TCP: &str = include_str!("tcp.sh");
/// What an answer needs on top of the time that the host is given for it.
const ROUND_TRIP: Duration = Duration::from_secs(2);

/// What a probe has to know beside its own settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    /// The connection to the host.
    pub(crate) client: &'a Client,
    /// What the host is to become; a default route that it removes is not missed.
    pub(crate) desired: &'a Document,
    /// Families (4, 6) whose default gateway answered before; empty before the change.
    pub(crate) gateways: [bool; 2],
}

/// Asks once. The outer error is a lost connection, the inner one the reason why the probe fails;
/// what a gateway probe found tells which families have one.
pub(crate) async fn ask(
    probe: &Probe,
    around: Surroundings<'_>,
    limit: Duration,
) -> Result<Result<[bool; 2], String>, Error> {
    let client = around.client;
    let seconds = limit.as_secs().max(1).to_string();
    let run = |argv: Vec<String>| async move {
        let words: Vec<&str> = argv.iter().map(String::as_str).collect();
        client.probe(&words, limit + ROUND_TRIP).await
    };
    let found = match &probe.check {
        Check::Gateway => {
            let (four, six) = (gateway("4", &seconds), gateway("6", &seconds));
            let limit = limit + ROUND_TRIP;
            let (four, six) =
                tokio::try_join!(client.probe(&four, limit), client.probe(&six, limit))?;
            return Ok(judge_gateways([four, six], around));
        }
        Check::Dns { name } => {
            run(["timeout", &seconds, "getent", "ahosts", name].map(str::to_owned).to_vec())
                .await?
                .map_err(|reason| or(reason, "the name does not resolve"))
        }
        Check::Tcp { address, port } => {
            let port = port.to_string();
            let words = ["sh", "-c", TCP, "sh", address, &port, &seconds];
            client.probe(&words, limit + ROUND_TRIP).await?
        }
        Check::Command { argv } => {
            let words = ["timeout", &seconds].map(str::to_owned).into_iter();
            run(words.chain(argv.iter().cloned()).collect())
                .await?
                .map_err(|reason| or(reason, "no message"))
        }
        Check::ControllerTcp { address, port } => {
            let address = address.clone().or_else(|| client.address()).unwrap_or_default();
            connect(&address, *port, limit).await.map(|()| String::new())
        }
    };
    Ok(found.map(|_| [false; 2]))
}

fn gateway<'a>(family: &'a str, seconds: &'a str) -> [&'a str; 6] {
    ["sh", "-c", GATEWAY, "sh", family, seconds]
}

fn judge_gateways(
    answers: [Result<String, String>; 2],
    around: Surroundings<'_>,
) -> Result<[bool; 2], String> {
    let mut found = [false; 2];
    let destinations = ["0.0.0.0/0", "::/0"];
    for (index, answer) in answers.into_iter().enumerate() {
        let answer = answer?;
        match answer.trim().split_once(' ') {
            Some(("silent", gateway)) => {
                return Err(format!("the default gateway {gateway} does not answer"));
            }
            _ => found[index] = answer.trim() == "answers",
        }
        let removed = around.desired.routes().any(|route| {
            route["state"] == "absent"
                && route["destination"].as_str().is_none_or(|to| to == destinations[index])
        });
        if around.gateways[index] && !found[index] && !removed {
            return Err(format!("the IPv{} default gateway is gone", [4, 6][index]));
        }
    }
    if found == [false; 2] && around.gateways == [false; 2] {
        return Err("there is no default gateway".to_owned());
    }
    Ok(found)
}

async fn connect(address: &str, port: u16, limit: Duration) -> Result<(), String> {
    match tokio::time::timeout(limit, TcpStream::connect((address, port))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(cause)) => Err(format!("{}: {cause}", place(address, port))),
        Err(_) => {
            Err(format!("{} does not answer within {} s", place(address, port), limit.as_secs()))
        }
    }
}

fn or(reason: String, default: &str) -> String {
    if reason.is_empty() { default.to_owned() } else { reason }
}
