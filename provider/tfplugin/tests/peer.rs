//! Another local user: may reach the socket, does not hold the key of core.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use rcgen::{CertifiedKey, KeyPair};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::bench::toy;

/// The preface of HTTP/2 and an empty SETTINGS frame: a server answers with its own SETTINGS.
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

type Key = CertifiedKey<KeyPair>;

fn key() -> Key {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// A plugin that expects `core`.
struct Plugin {
    child: Child,
    socket: String,
    certificate: CertificateDer<'static>,
}

impl Plugin {
    fn start(core: &Key) -> Self {
        let cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
        let body = STANDARD.encode(core.cert.der());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        let mut child = Command::new(toy())
            .env("TF_PLUGIN_MAGIC_COOKIE", cookie)
            .env("PLUGIN_CLIENT_CERT", pem)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let parts: Vec<_> = line.trim().split('|').collect();
        let certificate = STANDARD_NO_PAD.decode(parts[5]).unwrap().into();
        Self { child, socket: parts[3].to_owned(), certificate }
    }

    /// Says hello with the key of `client`; what the plugin answers first.
    fn greet(&self, client: Option<&Key>) -> std::io::Result<[u8; 9]> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match client {
            Some(client) => {
                let key = PrivateKeyDer::try_from(client.signing_key.serialize_der()).unwrap();
                let key = any_supported_type(&key).unwrap();
                // Unchecked, so that the key of a thief may differ from the certificate.
                let certified =
                    rustls::sign::CertifiedKey::new(vec![client.cert.der().clone()], key);
                config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
            }
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(connection, UnixStream::connect(&self.socket)?);
        stream.write_all(HELLO)?;
        let mut answer = [0; 9];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(Path::new(&self.socket).parent().unwrap());
    }
}

#[test]
fn only_the_certificate_of_core_is_let_in() {
    let core = key();
    let plugin = Plugin::start(&core);
    assert!(plugin.greet(None).is_err(), "nobody was let in");
    assert!(plugin.greet(Some(&key())).is_err(), "somebody else was let in");
    let settings = plugin.greet(Some(&core)).unwrap();
    assert_eq!(settings[3], 4, "a SETTINGS frame is expected");
}

#[test]
fn somebody_with_the_certificate_but_not_its_key_is_refused() {
    let core = key();
    let plugin = Plugin::start(&core);
    let thief = Key { cert: core.cert.clone(), signing_key: KeyPair::generate().unwrap() };
    assert!(plugin.greet(Some(&thief)).is_err(), "a thief was let in");
}

#[test]
fn a_silent_peer_keeps_nobody_out() {
    let core = key();
    let plugin = Plugin::start(&core);
    let silent: Vec<_> = (0..20).map(|_| UnixStream::connect(&plugin.socket).unwrap()).collect();
    assert!(plugin.greet(Some(&core)).is_ok());
    drop(silent);
}

#[test]
fn plain_text_is_not_answered() {
    let plugin = Plugin::start(&key());
    let mut stream = UnixStream::connect(&plugin.socket).unwrap();
    stream.write_all(HELLO).unwrap();
    let mut answer = Vec::new();
    // The plugin closes, with an alert or without.
    let _ = stream.read_to_end(&mut answer);
    assert_ne!(answer.get(3), Some(&4), "{answer:?}");
}

#[test]
fn the_socket_is_in_a_private_directory() {
    let plugin = Plugin::start(&key());
    let directory = Path::new(&plugin.socket).parent().unwrap();
    let mode = std::fs::metadata(directory).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
