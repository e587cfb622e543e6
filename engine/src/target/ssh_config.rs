//! The part of `~/.ssh/config` that says where a host is and how to log in there (ssh_config(5)).
//!
//! An own reader: the crate at hand does not keep `UserKnownHostsFile` and `StrictHostKeyChecking`
//! apart from what it does not support, and users expect exactly these. As in OpenSSH the first
//! value of an option wins, identity files add up, and a `Match` on something that we cannot judge
//! does not apply.

use std::path::{Path, PathBuf};

use crate::glob::{pattern_list_matches, wildcard_matches};

/// OpenSSH's own limit for nested `Include`.
const MAXIMUM_DEPTH: usize = 16;

/// What the configuration says about one host.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct HostConfig {
    pub(super) host_name: Option<String>,
    pub(super) user: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) identity_files: Vec<String>,
    pub(super) identities_only: Option<bool>,
    pub(super) identity_agent: Option<String>,
    pub(super) proxy_jump: Option<String>,
    pub(super) user_known_hosts_files: Option<Vec<String>>,
    pub(super) strict_host_key_checking: Option<String>,
    pub(super) host_key_alias: Option<String>,
    pub(super) connect_timeout: Option<u64>,
    pub(super) server_alive_interval: Option<u64>,
}

/// Reads configuration files, later ones for what earlier ones leave open.
pub(super) fn read(files: &[PathBuf], home: &Path, alias: &str, user: Option<&str>) -> HostConfig {
    let mut reader = Reader {
        home,
        alias,
        found: HostConfig { user: user.map(str::to_owned), ..HostConfig::default() },
    };
    for file in files {
        reader.file(file, true, 0);
    }
    reader.found
}

struct Reader<'a> {
    home: &'a Path,
    alias: &'a str,
    found: HostConfig,
}

impl Reader<'_> {
    fn file(&mut self, file: &Path, applies: bool, depth: usize) {
        let Ok(bytes) = std::fs::read(file) else { return };
        let base = match file.starts_with("/etc") {
            true => PathBuf::from("/etc/ssh"),
            false => self.home.join(".ssh"),
        };
        let mut active = applies;
        for line in String::from_utf8_lossy(&bytes).lines() {
            let Some((keyword, arguments)) = split(line) else { continue };
            match keyword.as_str() {
                "host" => active = applies && pattern_list_matches(&arguments, self.alias),
                "match" => active = applies && self.matches(&arguments),
                "include" if depth < MAXIMUM_DEPTH => {
                    for pattern in &arguments {
                        for file in expand(&base.join(tilde(pattern, self.home))) {
                            self.file(&file, active, depth + 1);
                        }
                    }
                }
                _ if active => self.option(&keyword, &arguments),
                _ => {}
            }
        }
    }

    fn matches(&self, arguments: &[String]) -> bool {
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let (criterion, negated) = match word.strip_prefix('!') {
                Some(criterion) => (criterion, true),
                None => (word.as_str(), false),
            };
            if criterion.eq_ignore_ascii_case("all") {
                continue;
            }
            let Some(list) = words.next() else { return false };
            let subject = match criterion.to_ascii_lowercase().as_str() {
                "host" => self.found.host_name.as_deref().unwrap_or(self.alias).to_owned(),
                "originalhost" => self.alias.to_owned(),
                "user" => {
                    self.found.user.clone().or(super::endpoint::current_user()).unwrap_or_default()
                }
                "localuser" => super::endpoint::current_user().unwrap_or_default(),
                _ => return false,
            };
            let patterns: Vec<_> = list.split(',').collect();
            if pattern_list_matches(&patterns, &subject) == negated {
                return false;
            }
        }
        !arguments.is_empty()
    }

    fn option(&mut self, keyword: &str, arguments: &[String]) {
        let Some(first) = arguments.first() else { return };
        let found = &mut self.found;
        let text = |field: &mut Option<String>| {
            field.get_or_insert_with(|| first.clone());
        };
        match keyword {
            "hostname" => text(&mut found.host_name),
            "user" => text(&mut found.user),
            "identityagent" => text(&mut found.identity_agent),
            "proxyjump" => text(&mut found.proxy_jump),
            "stricthostkeychecking" => text(&mut found.strict_host_key_checking),
            "hostkeyalias" => text(&mut found.host_key_alias),
            "port" => found.port = found.port.or(first.parse().ok()),
            "connecttimeout" => {
                found.connect_timeout = found.connect_timeout.or(first.parse().ok());
            }
            "serveraliveinterval" => {
                found.server_alive_interval = found.server_alive_interval.or(first.parse().ok());
            }
            "identitiesonly" => {
                found.identities_only.get_or_insert(first.eq_ignore_ascii_case("yes"));
            }
            "identityfile" => found.identity_files.push(first.clone()),
            "userknownhostsfile" => {
                found.user_known_hosts_files.get_or_insert_with(|| arguments.to_vec());
            }
            _ => {}
        }
    }
}

/// A line's keyword in lower case and its arguments; `None` for comments and empty lines.
fn split(line: &str) -> Option<(String, Vec<String>)> {
    let line = line.trim();
    let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    if keyword.is_empty() || keyword.starts_with('#') {
        return None;
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    Some((keyword.to_ascii_lowercase(), words(rest)))
}

/// Splits at blanks outside double quotes; a `#` that begins a word begins a comment.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '#' if word.is_none() && !quoted => break,
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Replaces a leading `~` by the home directory.
pub(super) fn tilde(text: &str, home: &Path) -> PathBuf {
    match text.strip_prefix('~') {
        Some("") => home.to_owned(),
        Some(rest) if rest.starts_with('/') => home.join(&rest[1..]),
        Some(_) | None => PathBuf::from(text),
    }
}

/// Replaces `%x` tokens; an unknown one stays as it is.
pub(super) fn tokens(text: &str, value: impl Fn(char) -> Option<String>) -> String {
    let mut result = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, characters.clone().next()) {
            ('%', Some('%')) => {
                result.push('%');
                characters.next();
            }
            ('%', Some(token)) => match value(token) {
                Some(value) => {
                    result.push_str(&value);
                    characters.next();
                }
                None => result.push('%'),
            },
            (c, _) => result.push(c),
        }
    }
    result
}

/// The files that a path with wildcards stands for, in order.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let name = component.as_os_str().to_string_lossy();
        if !name.contains(['*', '?']) {
            found.iter_mut().for_each(|path| path.push(component));
            continue;
        }
        let mut next = Vec::new();
        for directory in &found {
            let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
            next.extend(entries.map(|entry| entry.path()).filter(|path| {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                wildcard_matches(&name, &file) && !file.starts_with('.')
            }));
        }
        next.sort();
        found = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str, alias: &str) -> HostConfig {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join(".ssh");
        std::fs::create_dir_all(directory.join("conf.d")).unwrap();
        std::fs::write(directory.join("config"), text).unwrap();
        std::fs::write(directory.join("conf.d/10-a.conf"), "Host inc\n  Port 2201\n").unwrap();
        std::fs::write(directory.join("conf.d/20-b.conf"), "Host inc\n Port 1\n User bob\n")
            .unwrap();
        read(&[directory.join("config")], home.path(), alias, None)
    }

    #[test]
    fn the_first_value_wins_and_identity_files_add_up() {
        let text = "Host web* !web9\n  HostName=10.0.0.1\n  IdentityFile ~/a\n\
                    Host *\n  HostName 10.0.0.2\n  identityfile \"/b c\" # comment\n  User al\n";
        let found = config(text, "web1");
        assert_eq!(found.host_name.as_deref(), Some("10.0.0.1"));
        assert_eq!(found.identity_files, ["~/a", "/b c"]);
        assert_eq!(found.user.as_deref(), Some("al"));
        assert_eq!(config(text, "web9").host_name.as_deref(), Some("10.0.0.2"));
    }

    #[test]
    fn include_with_wildcards_and_within_a_block() {
        let found = config("Include conf.d/*.conf\n", "inc");
        assert_eq!((found.port, found.user.as_deref()), (Some(2201), Some("bob")));
        assert_eq!(config("Host x\nInclude conf.d/*\n", "inc"), HostConfig::default());
    }

    #[test]
    fn match_on_what_can_be_judged() {
        assert_eq!(config("Match host web*,db\n Port 7\n", "web1").port, Some(7));
        assert_eq!(config("Match all\n Port 7\n", "web1").port, Some(7));
        assert_eq!(config("Match exec true\n Port 7\n", "web1").port, None);
        assert_eq!(config("Match !host web1\n Port 7\n", "web1").port, None);
    }

    #[test]
    fn tokens_are_replaced() {
        let value = |token| (token == 'h').then(|| "web1".to_owned());
        assert_eq!(tokens("%h.example.%%.%x", value), "web1.example.%.%x");
    }
}
