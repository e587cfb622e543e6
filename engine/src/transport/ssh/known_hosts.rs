//! What known_hosts files say about a host (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
//!
//! Own reading instead of libssh2's, because that one knows neither patterns nor `@revoked`: a key
//! that its owner has revoked would be accepted.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::glob::pattern_list_matches;
use crate::target::fingerprint;

/// The entries of known_hosts files.
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    revoked: bool,
    hosts: Hosts,
    key_type: String,
    key: Vec<u8>,
    file: PathBuf,
    line: usize,
}

#[derive(Debug)]
enum Hosts {
    Patterns(Vec<String>),
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
}

/// What is known about a key that a host has shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the host's key.
    Known,
    /// Nothing is known about the host.
    Unknown,
    /// The host has other keys: their fingerprints and where they are written.
    Mismatch(Vec<(String, PathBuf, usize)>),
    /// The key must not be used any more.
    Revoked(PathBuf, usize),
}

impl KnownHosts {
    /// Reads files; one that does not exist has no entries, and lines that cannot be read are passed over.
    pub(super) fn read(files: &[PathBuf]) -> KnownHosts {
        let mut known = KnownHosts::default();
        for file in files {
            // A host name in another encoding must not hide the other lines.
            if let Ok(bytes) = std::fs::read(file) {
                known.add(&String::from_utf8_lossy(&bytes), file);
            }
        }
        known
    }

    fn add(&mut self, text: &str, file: &Path) {
        let entries = text.lines().zip(1..).filter_map(|(line, number)| entry(line, file, number));
        self.entries.extend(entries);
    }

    /// The key types that the host is known by.
    pub(super) fn key_types(&self, host: &str, port: u16) -> Vec<&str> {
        let known = |entry: &&Entry| !entry.revoked && entry.is_for(host, port);
        self.entries.iter().filter(known).map(|entry| entry.key_type.as_str()).collect()
    }

    /// Judges the key that a host has shown.
    pub(super) fn check(&self, host: &str, port: u16, key: &[u8]) -> Verdict {
        let about: Vec<_> = self.entries.iter().filter(|e| e.is_for(host, port)).collect();
        if let Some(entry) = about.iter().find(|entry| entry.revoked && entry.key == key) {
            return Verdict::Revoked(entry.file.clone(), entry.line);
        }
        if about.iter().any(|entry| !entry.revoked && entry.key == key) {
            return Verdict::Known;
        }
        let others: Vec<_> = about.iter().filter(|entry| !entry.revoked).collect();
        if others.is_empty() {
            // OpenSSH takes a key that is written without a port for every port of the host.
            if port != 22 && self.check(host, 22, key) == Verdict::Known {
                return Verdict::Known;
            }
            return Verdict::Unknown;
        }
        let shown = |e: &&Entry| (fingerprint(&e.key), e.file.clone(), e.line);
        Verdict::Mismatch(others.iter().map(|entry| shown(entry)).collect())
    }
}

impl Entry {
    fn is_for(&self, host: &str, port: u16) -> bool {
        let name = lookup_name(host, port);
        match &self.hosts {
            Hosts::Hashed { salt, hash } => {
                let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(salt) else { return false };
                mac.update(name.as_bytes());
                mac.verify_slice(hash).is_ok()
            }
            Hosts::Patterns(patterns) => pattern_list_matches(patterns, &name),
        }
    }
}

/// The name that a host's key is written under: `[host]:port` unless the port is 22.
pub(super) fn lookup_name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

/// The key's type and its base64 form, as a known_hosts line has them.
pub(super) fn key_text(key: &[u8]) -> Option<String> {
    // RFC 4253, 6.6: a key blob begins with its type as a string.
    let length = u32::from_be_bytes(key.get(..4)?.try_into().ok()?) as usize;
    let name = std::str::from_utf8(key.get(4..4 + length)?).ok()?;
    Some(format!("{name} {}", STANDARD.encode(key)))
}

fn entry(line: &str, file: &Path, number: usize) -> Option<Entry> {
    let mut words = line.split_whitespace().peekable();
    if words.peek()?.starts_with('#') {
        return None;
    }
    let marker = words.next_if(|word| word.starts_with('@'));
    let revoked = match marker {
        None => false,
        Some("@revoked") => true,
        // libssh2 cannot check host certificates.
        Some(_) => return None,
    };
    let (hosts, key_type, key) = (words.next()?, words.next()?, words.next()?);
    let hosts = match hosts.strip_prefix("|1|") {
        None => Hosts::Patterns(hosts.split(',').map(str::to_owned).collect()),
        Some(hashed) => {
            let (salt, hash) = hashed.split_once('|')?;
            Hosts::Hashed { salt: STANDARD.decode(salt).ok()?, hash: STANDARD.decode(hash).ok()? }
        }
    };
    let key = STANDARD.decode(key).ok()?;
    Some(Entry {
        revoked,
        hosts,
        key_type: key_type.to_owned(),
        key,
        file: file.to_owned(),
        line: number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIJ8mlWYMoLbMPFn6sQqQNdCBbWmv9LBSXPpXr3kLbRHU";
    const OTHER: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIHhqJZCFC5XhJmxhgYRUoUQqC0Ri8xZBcN4L4g1n7W0Z";

    fn check(text: &str, host: &str, port: u16) -> Verdict {
        let mut known = KnownHosts::default();
        known.add(text, Path::new("kh"));
        known.check(host, port, &STANDARD.decode(KEY).unwrap())
    }

    #[test]
    fn names_patterns_and_ports() {
        let line = |hosts: &str| format!("{hosts} ssh-ed25519 {KEY} comment\n");
        assert_eq!(check(&line("web1,10.0.0.1"), "10.0.0.1", 22), Verdict::Known);
        assert_eq!(check(&line("web1"), "WEB1", 22), Verdict::Known);
        assert_eq!(check(&line("*.example.com,!bad.*"), "a.example.com", 22), Verdict::Known);
        assert_eq!(check(&line("*.example.com,!bad.*"), "bad.example.com", 22), Verdict::Unknown);
        assert_eq!(check(&line("[web1]:2222"), "web1", 2222), Verdict::Known);
        assert_eq!(check(&line("[web1]:2222"), "web1", 22), Verdict::Unknown);
        assert_eq!(check(&line("web1"), "web1", 2222), Verdict::Known);
        assert_eq!(check(&line("[2001:db8::1]:2222"), "2001:db8::1", 2222), Verdict::Known);
        assert_eq!(
            check("# comment\n\nbroken line\nweb1 ssh-rsa !!\n", "web1", 22),
            Verdict::Unknown
        );
    }

    #[test]
    fn hashed_names() {
        let salt = [7; 20];
        let mut mac = Hmac::<Sha1>::new_from_slice(&salt).unwrap();
        mac.update(b"[web1]:2222");
        let hash = STANDARD.encode(mac.finalize().into_bytes());
        let line = format!("|1|{}|{hash} ssh-ed25519 {KEY}\n", STANDARD.encode(salt));
        assert_eq!(check(&line, "web1", 2222), Verdict::Known);
        assert_eq!(check(&line, "web2", 2222), Verdict::Unknown);
    }

    #[test]
    fn another_key_is_a_mismatch_and_a_revoked_key_is_refused() {
        let other = format!("web1 ssh-ed25519 {OTHER}\n");
        let expected = fingerprint(&STANDARD.decode(OTHER).unwrap());
        assert_eq!(
            check(&other, "web1", 22),
            Verdict::Mismatch(vec![(expected, PathBuf::from("kh"), 1)])
        );
        let revoked = format!("web1 ssh-ed25519 {KEY}\n@revoked * ssh-ed25519 {KEY}\n");
        assert_eq!(check(&revoked, "web1", 22), Verdict::Revoked(PathBuf::from("kh"), 2));
        let authority = format!("@cert-authority * ssh-ed25519 {KEY}\n");
        assert_eq!(check(&authority, "web1", 22), Verdict::Unknown);
    }
}
