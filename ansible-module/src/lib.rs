//! The Ansible modules `nmstate` and `nmstate_info`: one program that runs on the managed host.
//!
//! A thin adapter: what network state means is `nmstate-schema`'s, how a host is changed is
//! `nmstate-engine`'s. What is left is Ansible's view: a file of loosely typed arguments in, one
//! JSON object out, the states of Ansible's resource modules, check mode and diff.
//!
//! The host needs NetworkManager and nothing else: the crate `nmstate` is inside. The engine talks
//! to a program named `nmstatectl`, and this binary is that program too; so what was proven of the
//! engine over SSH holds here unchanged.
//!
//! - [`module`]: what Ansible calls; always one JSON object
//! - [`arguments`], [`options`]: what it is called with, and the one table of it
//! - [`task`]: the states, from a document to the host
//! - [`hold`]: a change that waits for the controller to come back over a new connection
//! - [`answer`]: what is returned, without secrets
//! - [`place`]: a private directory on the host, with the programs that this binary stands for
//! - [`program`], [`bridge`]: `nmstatectl` and `systemd-stdio-bridge`
//! - [`documentation`]: the pages of `ansible-doc`, generated from the key table

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub mod answer;
pub mod arguments;
pub mod bridge;
pub mod documentation;
pub mod hold;
pub mod module;
pub mod options;
pub mod place;
pub mod program;
pub mod task;

/// What this binary is, by the name and the words that it is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ansible's module, with the file of its arguments.
    Module(Option<PathBuf>),
    /// The same, started by itself.
    SecondModule(PathBuf),
    /// The process that carries out a change in a directory, after the module has ended whose
    /// process this is.
    Holder(PathBuf, u32),
    /// nmstate's own program.
    Nmstatectl,
    /// The way to D-Bus.
    Bridge,
}

impl Role {
    /// The role that a command line asks for.
    pub fn of(name: &OsStr, words: &[String]) -> Role {
        let name = Path::new(name).file_name().unwrap_or_default();
        match words {
            _ if name == place::NMSTATECTL => Role::Nmstatectl,
            _ if name == place::BRIDGE => Role::Bridge,
            [flag, directory, module] if flag == hold::FLAG => {
                Role::Holder(directory.into(), module.parse().unwrap_or_default())
            }
            [flag, arguments] if flag == module::AGAIN => Role::SecondModule(arguments.into()),
            words => Role::Module(words.first().map(PathBuf::from)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_binary_by_its_names() {
        let role = |name: &str, words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            Role::of(OsStr::new(name), &words)
        };
        assert_eq!(role("/run/x/bin/nmstatectl", &["show", "--json"]), Role::Nmstatectl);
        assert_eq!(role("systemd-stdio-bridge", &[]), Role::Bridge);
        let holder = Role::Holder("/run/x".into(), 4711);
        assert_eq!(role("/proc/self/exe", &["--hold", "/run/x", "4711"]), holder);
        assert_eq!(role("/tmp/a/AnsiballZ_nmstate", &["/a"]), Role::Module(Some("/a".into())));
        let second = Role::SecondModule("/a".into());
        assert_eq!(role("/proc/self/exe", &["--again", "/a"]), second);
        assert_eq!(role("nmstate", &[]), Role::Module(None));
    }
}
