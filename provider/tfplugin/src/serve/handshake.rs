//! The first words between core and a plugin, in the environment and on standard output.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;

use super::ServeError;

/// Tells a start by core from a start by a curious user; no secret.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Was the process started by a core that speaks protocol 6?
pub(super) fn check() -> Result<(), ServeError> {
    if std::env::var(COOKIE.0).is_ok_and(|cookie| cookie == COOKIE.1) {
        check_protocol(std::env::var("PLUGIN_PROTOCOL_VERSIONS").ok())
    } else {
        Err(ServeError::NotAPlugin)
    }
}

/// The certificate of core; without it core speaks plain text.
pub(super) fn client_certificate() -> Option<String> {
    std::env::var("PLUGIN_CLIENT_CERT").ok().filter(|certificate| !certificate.is_empty())
}

/// The line that core waits for: where to connect and whom to expect there.
pub(super) fn line(socket: &Path, certificate: Option<&[u8]>) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    format!("1|6|unix|{}|grpc|{certificate}\n", socket.display())
}

/// What to put into the environment of core so that it uses this process.
pub(super) fn reattach(address: &str, socket: &Path) -> String {
    let config = json!({
        address: {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": "unix", "String": socket.display().to_string() },
        }
    });
    format!("TF_REATTACH_PROVIDERS='{config}'\n")
}

fn check_protocol(offered: Option<String>) -> Result<(), ServeError> {
    match offered {
        Some(versions) if !versions.split(',').any(|version| version.trim() == "6") => {
            Err(ServeError::Protocol(versions))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_six_parts() {
        assert_eq!(line(Path::new("/s"), None), "1|6|unix|/s|grpc|\n");
        assert_eq!(line(Path::new("/s"), Some(&[0, 1])), "1|6|unix|/s|grpc|AAE\n");
    }

    #[test]
    fn only_protocol_6_is_spoken() {
        assert!(check_protocol(Some("6,5".to_owned())).is_ok());
        assert!(check_protocol(None).is_ok());
        assert!(check_protocol(Some("5".to_owned())).is_err());
    }
}
