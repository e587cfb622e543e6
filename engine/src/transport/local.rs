//! This machine as a host: the same commands without a shell or a network in between.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::Command;

use super::Output;
use crate::error::{Error, ErrorKind};

/// Runs a command with all of its input, and waits for its end.
pub(super) async fn exec(
    programs: Option<&Path>,
    argv: &[&str],
    stdin: Vec<u8>,
    timeout: Duration,
) -> Result<Output, Error> {
    let mut child = command(programs, argv)?
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| cannot_start(argv, &cause))?;
    let input = child.stdin.take();
    let feed = async move {
        if let Some(mut input) = input {
            // A program that does not read its input to the end is no failure of ours.
            let _ = input.write_all(&stdin).await;
        }
    };
    let run = async { tokio::join!(feed, child.wait_with_output()).1 };
    let output = tokio::time::timeout(timeout, run)
        .await
        .map_err(|_| {
            let message = format!("`{}` did not finish within {} s", argv[0], timeout.as_secs());
            Error::new(ErrorKind::Remote, "local", message)
        })?
        .map_err(|cause| cannot_start(argv, &cause))?;
    let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
    Ok(Output {
        status: output.status.code().unwrap_or(-1),
        signal: signal.map(|number| number.to_string()),
        stdout: output.stdout,
        stderr: output.stderr,
    })
}

/// Starts a command and returns a stream of its standard input and output.
pub(super) fn open_stream(programs: Option<&Path>, argv: &[&str]) -> Result<UnixStream, Error> {
    let (ours, theirs) = UnixStream::pair().map_err(|cause| cannot_start(argv, &cause))?;
    let mut child = command(programs, argv)?
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|cause| cannot_start(argv, &cause))?;
    let (Some(mut input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Error::new(ErrorKind::Protocol, "local", "a command started without pipes"));
    };
    tokio::spawn(async move {
        let (mut reader, mut writer) = theirs.into_split();
        let feed = async move {
            let _ = tokio::io::copy(&mut reader, &mut input).await;
        };
        let drain = async move {
            let mut chunk = vec![0; 16 * 1024];
            while let Ok(count @ 1..) = output.read(&mut chunk).await {
                if writer.write_all(&chunk[..count]).await.is_err() {
                    break;
                }
            }
        };
        tokio::join!(feed, drain);
        let _ = child.wait().await;
    });
    Ok(ours)
}

fn command(programs: Option<&Path>, argv: &[&str]) -> Result<Command, Error> {
    let [program, arguments @ ..] = argv else {
        return Err(Error::new(ErrorKind::Protocol, "local", "a command without words"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    if let Some(programs) = programs {
        let mut path = programs.as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()));
        command.env("PATH", path);
    }
    Ok(command)
}

fn cannot_start(argv: &[&str], cause: &std::io::Error) -> Error {
    let program = argv.first().copied().unwrap_or_default();
    Error::new(ErrorKind::Remote, "local", format!("cannot run `{program}`: {cause}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[tokio::test]
    async fn programs_that_come_along_are_found_first() {
        let directory = tempfile::tempdir().unwrap();
        symlink("/bin/echo", directory.path().join("nmstatectl")).unwrap();
        let run = async |programs| {
            let argv = ["sh", "-c", "nmstatectl found; command -v ls"];
            exec(programs, &argv, Vec::new(), Duration::from_secs(5)).await.unwrap().stdout_text()
        };
        let found = run(Some(directory.path())).await;
        assert!(found.starts_with("found\n") && found.contains("/ls"), "{found}");
        assert!(!run(None).await.starts_with("found"));
    }
}
