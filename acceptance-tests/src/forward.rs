//! Carries TCP connections from 127.0.0.1 to a namespace host.
//!
//! The listening socket is opened in the machine's network namespace and handed to a process
//! that runs in the lab's namespace: accepting happens here, connecting happens there, and no
//! address, route or rule is added to the machine itself. A host whose management path is cut
//! therefore accepts connections and stays silent, exactly as QEMU's port forwarding does.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// How long the host may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);

/// Serves the listening socket that is this process's standard input; never returns in success.
pub fn serve_standard_input(destination: SocketAddr) -> Result<()> {
    let descriptor = io::stdin().as_fd().try_clone_to_owned().context("no standard input")?;
    serve(&TcpListener::from(descriptor), destination)
}

/// Carries what comes to a listening socket; never returns in success.
pub(crate) fn serve(listener: &TcpListener, destination: SocketAddr) -> Result<()> {
    loop {
        let (client, _) = listener.accept().context("cannot accept a connection")?;
        thread::spawn(move || carry(client, destination));
    }
}

/// A connection that cannot be made is closed: the client sees the end of the stream.
fn carry(client: TcpStream, destination: SocketAddr) -> io::Result<()> {
    let server = TcpStream::connect_timeout(&destination, CONNECT_TIMEOUT)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (client_reader, server_writer) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || pump(client_reader, server_writer));
    pump(server, client);
    Ok(())
}

fn pump(mut reader: TcpStream, mut writer: TcpStream) {
    // However the copy ends, what matters is that both sides learn of it.
    let _ = io::copy(&mut reader, &mut writer);
    let _ = writer.shutdown(Shutdown::Write);
    let _ = reader.shutdown(Shutdown::Read);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn carries_both_directions_until_the_end() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let destination = server.local_addr().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || serve(&listener, destination));
        thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let mut question = String::new();
            stream.read_to_string(&mut question).unwrap();
            stream.write_all(question.to_uppercase().as_bytes()).unwrap();
        });
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"up and back").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "UP AND BACK");
    }
}
