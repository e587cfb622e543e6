//! Commands, streams, host keys, keys and jump hosts.

use std::time::Duration;

use nmstate_engine::target::{HostKeyPolicy, SshSettings, resolve};
use nmstate_engine::transport::Connection;
use nmstate_engine::{Error, ErrorKind, Secret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{Server, inventory};

const LIMIT: Duration = Duration::from_secs(20);

async fn open(server: &Server, settings: SshSettings) -> Result<Connection, Error> {
    Connection::open(&resolve(&server.address(), &inventory(settings)).unwrap()).await
}

async fn sh(connection: &Connection, script: &str) -> String {
    let output = connection.exec(&["sh", "-c", script], Vec::new(), LIMIT).await.unwrap();
    assert!(output.success(), "{output:?}");
    output.stdout_text()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_give_back_output_status_and_signal() {
    let server = Server::start();
    let connection = open(&server, server.settings()).await.unwrap();
    let script = "cat; echo problem >&2; exit 7";
    let output = connection.exec(&["sh", "-c", script], b"in".to_vec(), LIMIT).await.unwrap();
    assert_eq!(
        (output.status, output.stdout_text(), output.stderr_text()),
        (7, "in".to_owned(), "problem\n".to_owned())
    );
    let output = connection.exec(&["sh", "-c", "kill -9 $$"], Vec::new(), LIMIT).await.unwrap();
    assert_eq!(output.signal.as_deref(), Some("KILL"));
    assert!(!output.success());
    let words = ["printf", "%s|", "it's", "$HOME", "a  b", ""];
    let output = connection.exec(&words, Vec::new(), LIMIT).await.unwrap();
    assert_eq!(output.stdout_text(), "it's|$HOME|a  b||");
}

/// What other channels receive meanwhile is not the end of this one.
#[tokio::test(flavor = "multi_thread")]
async fn the_status_may_come_long_after_the_output() {
    let server = Server::start();
    let connection = open(&server, server.settings()).await.unwrap();
    let patient = connection.clone();
    let script = "sleep 0.5; exec <&- >&- 2>&-; sleep 0.5; exit 7";
    let exec = tokio::spawn(async move {
        patient.exec(&["sh", "-c", script], Vec::new(), LIMIT).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let chatter = ["sh", "-c", "while sleep 0.01; do echo on; done"];
    let mut stream = connection.open_stream(&chatter).await.unwrap();
    let mut answer = [0; 64];
    while !exec.is_finished() {
        assert!(stream.read(&mut answer).await.unwrap() > 0);
    }
    assert_eq!(exec.await.unwrap().status, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn megabytes_go_both_ways_on_several_channels_at_once() {
    let server = Server::start();
    let connection = open(&server, server.settings()).await.unwrap();
    let tasks = (0..6u8).map(|number| {
        let connection = connection.clone();
        tokio::spawn(async move {
            let data: Vec<u8> = (0..3_000_000u32).map(|i| (i as u8).wrapping_mul(number)).collect();
            let output = connection.exec(&["cat"], data.clone(), LIMIT).await.unwrap();
            assert!(output.stdout == data, "channel {number} changed its data");
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    // A command that does not read its input.
    let output = connection.exec(&["true"], vec![b'x'; 5_000_000], LIMIT).await.unwrap();
    assert!(output.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_the_input_and_output_of_a_command() {
    let server = Server::start();
    let connection = open(&server, server.settings()).await.unwrap();
    let mut stream = connection.open_stream(&["cat"]).await.unwrap();
    for round in 0..20 {
        stream.write_all(format!("round {round}\n").as_bytes()).await.unwrap();
        let mut answer = [0; 7];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer[..6], b"round ");
        let mut rest = vec![0; format!("{round}\n").len() - 1];
        stream.read_exact(&mut rest).await.unwrap();
    }
    assert_eq!(sh(&connection, "echo beside").await, "beside\n");
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_takes_too_long_is_an_error_and_the_session_lives() {
    let server = Server::start();
    let connection = open(&server, server.settings()).await.unwrap();
    let error = connection.exec(&["sleep", "30"], Vec::new(), Duration::from_millis(200)).await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::Remote);
    assert_eq!(sh(&connection, "echo on").await, "on\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_noticed() {
    let server = Server::start();
    let connection = open(&server, server.settings()).await.unwrap();
    // sshd has one process per connection, the parent of the command's shell.
    let script = "parent=$PPID; (sleep 0.3; kill -9 $parent) >/dev/null 2>&1 & sleep 30";
    let error = connection.exec(&["sh", "-c", script], Vec::new(), LIMIT).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
    assert!(connection.exec(&["true"], Vec::new(), LIMIT).await.is_err());
    assert!(connection.is_closed());
}

/// Not a failed login: whoever follows a host to a new address goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_lost_during_the_login_is_told_from_a_refusal() {
    let user = "AuthorizedKeysCommandUser root\nAuthorizedKeysCommand /usr/bin/sleep 30\n";
    let server = Server::start_with(user);
    let connecting = {
        let stranger = Some(vec![server.file("id_stranger")]);
        let settings = SshSettings { identity_file: stranger, ..server.settings() };
        let target = resolve(&server.address(), &inventory(settings)).unwrap();
        tokio::spawn(async move { Connection::open(&target).await })
    };
    // The server asks a slow command about the key; by now the login waits for its answer.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(server.end_connections());
    let error = connecting.await.unwrap().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error}");
    assert!(error.message.contains("was lost during the login"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn host_keys_are_strict_by_default() {
    let server = Server::start();
    let shown = server.fingerprint("host_ed25519.pub");

    std::fs::write(server.file("known_hosts"), "").unwrap();
    let error = open(&server, server.settings()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::HostKeyUnknown);
    assert!(error.hint.unwrap().contains("host_key_policy"));

    let stranger = std::fs::read_to_string(server.file("id.pub")).unwrap();
    let line = format!("[127.0.0.1]:{} {stranger}", server.port);
    std::fs::write(server.file("known_hosts"), &line).unwrap();
    for policy in [HostKeyPolicy::Strict, HostKeyPolicy::AcceptNew] {
        let settings = SshSettings { host_key_policy: Some(policy), ..server.settings() };
        let error = open(&server, settings).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::HostKeyMismatch);
        assert!(error.message.contains(&shown), "{error}");
        assert!(error.message.contains(&server.fingerprint("id.pub")), "{error}");
        assert!(error.hint.unwrap().contains("ssh-keygen -R"));
    }

    let settings = SshSettings { host_key: Some(shown), ..server.settings() };
    open(&server, settings).await.unwrap();
    let key = std::fs::read_to_string(server.file("host_ecdsa.pub")).unwrap();
    let settings = SshSettings { host_key: Some(key), ..server.settings() };
    open(&server, settings).await.expect("a pinned key chooses the type that is asked for");
    let settings = SshSettings { host_key: Some("SHA256:AAAA".to_owned()), ..server.settings() };
    assert_eq!(open(&server, settings).await.unwrap_err().kind, ErrorKind::HostKeyMismatch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_key_of_any_type_is_asked_for_and_new_ones_are_remembered() {
    let server = Server::start();
    server.know("host_ecdsa.pub");
    open(&server, server.settings()).await.expect("the known type is asked for");

    std::fs::write(server.file("known_hosts"), "# no line end").unwrap();
    let settings =
        SshSettings { host_key_policy: Some(HostKeyPolicy::AcceptNew), ..server.settings() };
    open(&server, settings).await.unwrap();
    open(&server, server.settings()).await.expect("strict now knows the key");
    let text = std::fs::read_to_string(server.file("known_hosts")).unwrap();
    assert!(text.contains(&format!("\n[127.0.0.1]:{} ssh-ed25519 ", server.port)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_with_passphrases_and_errors_that_say_what_was_tried() {
    let server = Server::start();
    let locked = SshSettings {
        identity_file: Some(vec![server.file("missing"), server.file("id_locked")]),
        ..server.settings()
    };
    let error = open(&server, locked.clone()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Authentication);
    assert!(error.message.contains("needs a passphrase"), "{error}");
    assert!(error.message.contains("missing`: No such file"), "{error}");
    let opened = SshSettings { passphrase: Some(Secret::new("open sesame")), ..locked };
    open(&server, opened).await.unwrap();

    let text = std::fs::read_to_string(server.file("id")).unwrap();
    let given = SshSettings {
        identity_file: None,
        private_key: Some(Secret::new(text)),
        ..server.settings()
    };
    open(&server, given).await.unwrap();

    let stranger =
        SshSettings { identity_file: Some(vec![server.file("id_stranger")]), ..server.settings() };
    let error = open(&server, stranger).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Authentication);
    assert!(error.message.contains("id_stranger"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn through_two_jump_hosts() {
    let (first, second, goal) = (Server::start(), Server::start(), Server::start());
    let known: String = [&first, &second, &goal]
        .map(|server| std::fs::read_to_string(server.file("known_hosts")).unwrap())
        .concat();
    std::fs::write(goal.file("known_hosts"), known).unwrap();
    let keys = [&first, &second, &goal].map(|server| server.file("id")).to_vec();
    let jump = [&first, &second].map(|server| format!("{}@{}", server.user, server.address()));
    let settings =
        SshSettings { jump: Some(jump.join(",")), identity_file: Some(keys), ..goal.settings() };
    let connection = open(&goal, settings.clone()).await.unwrap();
    let from_second = sh(&connection, "echo ${SSH_CONNECTION##* }").await;
    assert_eq!(from_second.trim(), goal.port.to_string());
    let data = vec![b'j'; 2_000_000];
    let output = connection.exec(&["cat"], data.clone(), LIMIT).await.unwrap();
    assert!(output.stdout == data);

    drop(second);
    let error = open(&goal, settings).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::JumpHost);
    assert!(error.message.contains("127.0.0.1"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unreachable_hosts_fail_within_the_connect_timeout() {
    let server = Server::start();
    let settings =
        SshSettings { connect_timeout: Some(Duration::from_millis(300)), ..server.settings() };
    let at = |address: &str| {
        let target = resolve(address, &inventory(settings.clone())).unwrap();
        async move { Connection::open(&target).await.unwrap_err() }
    };
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = at(&format!("127.0.0.1:{free}")).await;
    assert_eq!(refused.kind, ErrorKind::Unreachable);
    assert!(refused.message.contains("refused"), "{refused}");
    assert_eq!(at("no-such-host.invalid").await.kind, ErrorKind::Unreachable);
    // A listener whose queue is full takes no connection and refuses none.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings =
        SshSettings { login_timeout: Some(Duration::from_millis(300)), ..settings.clone() };
    let address = silent.local_addr().unwrap().to_string();
    let target = resolve(&address, &inventory(settings)).unwrap();
    let error = Connection::open(&target).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConnectTimeout, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_a_host_too() {
    let target = resolve("local", &inventory(SshSettings::default())).unwrap();
    let connection = Connection::open(&target).await.unwrap();
    let output = connection.exec(&["cat"], vec![b'l'; 1_000_000], LIMIT).await.unwrap();
    assert_eq!((output.status, output.stdout.len()), (0, 1_000_000));
    let mut stream = connection.open_stream(&["cat"]).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"hello");
}
