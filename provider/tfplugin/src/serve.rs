//! The life of the process: handshake, serving, and an end that never hangs core.
//!
//! Core starts the process, reads one line from standard output and connects. It ends when core says
//! so, when a signal says so, or when core is gone: an orphan would hold remote connections that
//! nobody will ever use again. In all cases the socket is removed and the provider may let go of
//! what it holds.

mod handshake;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::timeout;
use tonic::transport::Server;

use crate::provider::Provider;
use crate::service::{Routes, Running, Service};
use crate::socket::Socket;
use crate::tls::{self, TlsError};

/// Core waits this long for the first line, so nobody connects later.
const FIRST_CONNECTION: Duration = Duration::from_secs(60);

/// How long the last connection may be gone before core counts as gone.
const LOST_CONNECTION: Duration = Duration::from_secs(5);

/// What an orphan or a terminated process still gives the calls that run, after it cancelled them.
const LAST_CALLS: Duration = Duration::from_secs(60);

/// How long the answer to the request to end may take to reach core.
const LAST_ANSWER: Duration = Duration::from_millis(500);

/// Core kills two seconds after its request to end: half of that is for [`Provider::close`].
const CLOSING: Duration = Duration::from_secs(1);

/// How to serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The provider's source address, for example `registry.terraform.io/nmstate/nmstate`.
    pub address: String,
    /// Started by hand: no handshake, print how Terraform can attach instead.
    pub debug: bool,
}

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Started by hand and not by core.
    #[error(
        "this program is a Terraform provider: Terraform or OpenTofu starts it by itself when a \
         configuration asks for it; to debug it, start it with `--debug`"
    )]
    NotAPlugin,
    /// Core does not speak protocol 6.
    #[error("the caller speaks plugin protocol {0}, not 6: use Terraform 1.5 or later")]
    Protocol(String),
    /// The socket, the handshake line or a signal handler failed.
    #[error("cannot {0}: {1}")]
    Io(&'static str, #[source] io::Error),
    /// Mutual TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The server ended by itself.
    #[error("the server failed: {0}")]
    Transport(#[from] tonic::transport::Error),
}

impl Options {
    /// Options from the command line; `--debug` is the only argument.
    pub fn from_arguments(
        address: impl Into<String>,
        arguments: impl IntoIterator<Item = String>,
    ) -> Self {
        let debug =
            arguments.into_iter().any(|argument| matches!(&*argument, "--debug" | "-debug"));
        Self { address: address.into(), debug }
    }
}

/// The whole `main` of a provider: log, runtime, [`serve`], exit status.
pub fn run<P: Provider>(provider: P, options: Options) -> ExitCode {
    crate::log::install();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&ServeError::Io("start", error)),
    };
    let served = runtime.block_on(serve(provider, options));
    // A blocking task must not hold up the exit.
    runtime.shutdown_background();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Serves until core or a signal says that it is done, or core is gone.
///
/// # Errors
/// The process was not started by core, or the server cannot listen.
pub async fn serve<P: Provider>(provider: P, options: Options) -> Result<(), ServeError> {
    if !options.debug {
        handshake::check()?;
    }
    // From here on Ctrl-C, which a terminal sends to core and to us, is core's to handle.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(in_step("handle signals"))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(in_step("handle signals"))?;
    let tls = if options.debug { None } else { handshake::client_certificate() };
    let tls = tls.map(|certificate| tls::server(&certificate)).transpose()?;
    let socket = Socket::bind().map_err(in_step("listen on a socket"))?;
    let line = if options.debug {
        handshake::reattach(&options.address, socket.path())
    } else {
        handshake::line(socket.path(), tls.as_ref().map(|(_, certificate)| &**certificate))
    };
    let provider = Arc::new(provider);
    let running = Running::new();
    let ending = watch::Sender::new(false);
    let open = watch::Sender::new(0);
    let service = Service::new(Arc::clone(&provider), running.clone(), options.debug);
    let routes = Routes::new(service, ending.clone());
    let (connections, _directory) = socket.connections(tls.map(|(config, _)| config), open.clone());
    say(&line).map_err(in_step("write to standard output"))?;

    let server = Server::builder().serve_with_incoming(routes, connections);
    let mut ending = ending.subscribe();
    let interrupted = async {
        loop {
            interrupt.recv().await;
            if options.debug {
                return;
            }
        }
    };
    let cancelled = tokio::select! {
        served = server => return Ok(served?),
        // The sender lives in the routes.
        _ = ending.wait_for(|ending| *ending) => false,
        () = interrupted => true,
        _ = terminate.recv() => true,
        () = orphaned(open.subscribe()), if !options.debug => true,
    };
    if cancelled {
        provider.stop().await;
        // Whatever still runs after that ends with the process.
        let _ = timeout(LAST_CALLS, running.none()).await;
    }
    // Core closes its connection once it has read the answer to its request to end.
    let mut open = open.subscribe();
    let closed = timeout(LAST_ANSWER, open.wait_for(|count| *count == 0));
    let _ = tokio::join!(closed, timeout(CLOSING, provider.close()));
    Ok(())
}

/// Waits until core is gone: it never came, or its last connection stayed away.
async fn orphaned(mut open: watch::Receiver<usize>) {
    let mut patience = FIRST_CONNECTION;
    // The sender lives as long as the server; without it nobody can connect either.
    while timeout(patience, open.wait_for(|count| *count > 0)).await.is_ok() {
        if open.wait_for(|count| *count == 0).await.is_err() {
            return;
        }
        patience = LOST_CONNECTION;
    }
}

fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

fn failed(error: &ServeError) -> ExitCode {
    // Nobody is left to be told when this cannot be written.
    let _ = writeln!(io::stderr(), "{error}");
    ExitCode::FAILURE
}

fn in_step(step: &'static str) -> impl Fn(io::Error) -> ServeError {
    move |error| ServeError::Io(step, error)
}
