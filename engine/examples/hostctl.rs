//! The engine by hand: `hostctl show|apply|time [user@]host[:port] [--identity FILE]
//! [--known-hosts FILE] [--timeout SECONDS] [--lock-timeout SECONDS] [--sudo-password-env NAME]
//! [--cancel-after MILLISECONDS]`; `apply` reads the document from standard input, `time` measures
//! a login and a `show`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nmstate_engine::nmstate::Client;
use nmstate_engine::target::{HostSettings, Inventory, SshSettings, Sudo, resolve};
use nmstate_engine::transaction::Options;
use nmstate_engine::{Error, ErrorKind, Host, Secret};
use nmstate_schema::document::Document;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{:?}: {error}", error.kind);
            if let Some(hint) = error.hint {
                eprintln!("hint: {hint}");
            }
            if let Some(detail) = error.detail {
                eprintln!("detail: {detail}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let wrong = |message: &str| Error::new(ErrorKind::Configuration, "", message);
    let mut words = std::env::args().skip(1);
    let (Some(action), Some(name)) = (words.next(), words.next()) else {
        return Err(wrong("usage: hostctl show|apply|time HOST [OPTION VALUE]..."));
    };
    let mut ssh = SshSettings::default();
    let mut sudo = None;
    let mut cancel_after = None;
    let mut options = Options::default();
    while let (Some(option), Some(value)) = (words.next(), words.next()) {
        let seconds = || value.parse().map(Duration::from_secs).map_err(|_| wrong("not a number"));
        match option.as_str() {
            "--identity" => ssh.identity_file = Some(vec![value.into()]),
            "--known-hosts" => ssh.known_hosts_file = Some(value.into()),
            "--timeout" => options.timeout = seconds()?,
            "--cancel-after" => cancel_after = Some(seconds()? / 1000),
            "--lock-timeout" => options.lock_timeout = seconds()?,
            "--sudo-password-env" => {
                let password = std::env::var(&value).ok().map(Secret::new);
                sudo = Some(Sudo { enabled: true, password });
            }
            _ => return Err(wrong("unknown option")),
        }
    }
    let defaults = HostSettings { ssh, sudo, ..HostSettings::default() };
    let inventory = Inventory { defaults, ..Inventory::default() };
    let target = resolve(&name, &inventory)?;
    let host = Host::new(target.clone(), options);
    if let Some(delay) = cancel_after {
        let host = host.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            host.cancel();
        });
    }
    let started = Instant::now();
    match action.as_str() {
        "show" => {
            let snapshot = host.snapshot().await?;
            println!("{}", snapshot.state.to_yaml());
            eprintln!("version {}, {:?}", snapshot.nmstate_version, snapshot.management);
        }
        "apply" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(|e| wrong(&e.to_string()))?;
            let document = Document::parse(&text).map_err(|findings| {
                wrong(
                    &findings.iter().map(|f| f.message.to_string()).collect::<Vec<_>>().join("; "),
                )
            })?;
            let applied = host.apply(document).await?;
            println!("changed: {}", applied.changed);
            if let Some(report) = applied.report {
                println!("{:?}: {}", report.state, report.timeline);
            }
        }
        "time" => {
            let client = Client::open(Arc::new(target)).await?;
            println!("login: {} ms", started.elapsed().as_millis());
            for _ in 0..5 {
                let started = Instant::now();
                client.snapshot().await?;
                println!("show: {} ms", started.elapsed().as_millis());
            }
        }
        _ => return Err(wrong("the action is `show`, `apply` or `time`")),
    }
    eprintln!("{:.3} s", started.elapsed().as_secs_f32());
    host.close().await;
    Ok(())
}
