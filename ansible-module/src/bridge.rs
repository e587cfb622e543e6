//! `systemd-stdio-bridge`: standard input and output as the system bus, for hosts without systemd.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::thread;

const SOCKETS: [&str; 2] = ["/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket"];

/// Carries bytes both ways until the bus closes; with `--version` says only that it is there.
pub fn run(words: &[String]) -> ExitCode {
    if words.iter().any(|word| word == "--version") {
        return ExitCode::SUCCESS;
    }
    match carry() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn carry() -> io::Result<()> {
    let mut bus = SOCKETS
        .iter()
        .map(UnixStream::connect)
        .reduce(io::Result::or)
        .unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()))?;
    let mut to_bus = bus.try_clone()?;
    thread::spawn(move || {
        let _ = copy(&mut io::stdin().lock(), &mut to_bus);
        let _ = to_bus.shutdown(Shutdown::Write);
    });
    copy(&mut bus, &mut io::stdout().lock())
}

/// Every message at once: nobody may wait for a full buffer.
fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut chunk = vec![0; 16 * 1024];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                to.write_all(&chunk[..count])?;
                to.flush()?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
