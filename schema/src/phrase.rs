//! Text that mentions keys of a document.
//!
//! A document, an attribute of Terraform and an option of Ansible call one key by different names.
//! So a text keeps the keys that it mentions apart from its other words, and whoever shows it says
//! what they are called there.
//!
//! A constant text has keys between angle brackets, `<tag>`, deeper ones as `<ipv6/enabled>`, and
//! settings, `<mode: trunk>`. Each `{}` in it stands for a value or for a key, which [`Phrase::with`]
//! and [`Phrase::key`] fill in: what a user has written is never searched for keys.

use std::fmt;

use crate::path::Path;

/// A text that mentions keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrase(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Words(String),
    /// A key, by the keys that lead to it, and the value that it may have.
    Key(Vec<String>, Option<String>),
    Place(Path),
    Gap,
}

/// What the keys of a document are called.
pub trait Names {
    /// The name of a key, by the keys that lead to it from the section that the text is about.
    fn key(&self, keys: &[String]) -> String;

    /// A key with its value, as one writes it.
    fn setting(&self, keys: &[String], value: &str) -> String;

    /// A place in the document; empty for all of it.
    fn place(&self, path: &Path) -> String;
}

/// The names that nmstate has.
#[derive(Debug, Clone, Copy)]
pub struct Nmstate;

impl Names for Nmstate {
    fn key(&self, keys: &[String]) -> String {
        keys.join(".")
    }

    fn setting(&self, keys: &[String], value: &str) -> String {
        format!("{}: {value}", self.key(keys))
    }

    fn place(&self, path: &Path) -> String {
        path.to_string()
    }
}

impl Phrase {
    /// Fills the first `{}` with a value that is left as it is.
    #[must_use]
    pub fn with(self, value: impl fmt::Display) -> Phrase {
        self.fill(Part::Words(value.to_string()))
    }

    /// Fills the first `{}` with a key.
    #[must_use]
    pub fn key(self, name: &str) -> Phrase {
        self.fill(Part::Key(vec![name.to_owned()], None))
    }

    /// Fills the first `{}` with a key and its value.
    #[must_use]
    pub fn setting(self, name: &str, value: impl fmt::Display) -> Phrase {
        self.fill(Part::Key(vec![name.to_owned()], Some(value.to_string())))
    }

    /// Fills the first `{}` with several keys.
    #[must_use]
    pub fn keys<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Phrase {
        let mut parts = Vec::new();
        for name in names {
            if !parts.is_empty() {
                parts.push(Part::Words(", ".to_owned()));
            }
            parts.push(Part::Key(vec![name.to_owned()], None));
        }
        self.replace(parts)
    }

    /// Fills the first `{}` with a place in the document.
    #[must_use]
    pub fn place(self, path: &Path) -> Phrase {
        self.fill(Part::Place(path.clone()))
    }

    /// The text with these names.
    pub fn text(&self, names: &dyn Names) -> String {
        let text = |part: &Part| match part {
            Part::Words(words) => words.clone(),
            Part::Key(keys, None) => format!("`{}`", names.key(keys)),
            Part::Key(keys, Some(value)) => format!("`{}`", names.setting(keys, value)),
            Part::Place(path) => format!("`{}`", names.place(path)),
            Part::Gap => "{}".to_owned(),
        };
        self.0.iter().map(text).collect()
    }

    fn fill(self, part: Part) -> Phrase {
        self.replace(vec![part])
    }

    fn replace(mut self, parts: Vec<Part>) -> Phrase {
        if let Some(gap) = self.0.iter().position(|part| *part == Part::Gap) {
            self.0.splice(gap..=gap, parts);
        }
        self
    }
}

impl From<&'static str> for Phrase {
    fn from(text: &'static str) -> Phrase {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['<', '{']) {
            let (words, tail) = rest.split_at(at);
            let (part, length) = match tail.find(['>', '}']) {
                Some(1) => (Part::Gap, 2),
                Some(end) => (mention(&tail[1..end]), end + 1),
                None => break,
            };
            parts.extend([Part::Words(words.to_owned()), part]);
            rest = &tail[length..];
        }
        parts.push(Part::Words(rest.to_owned()));
        Phrase(parts)
    }
}

/// Words without keys.
impl From<String> for Phrase {
    fn from(text: String) -> Phrase {
        Phrase(vec![Part::Words(text)])
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text(&Nmstate))
    }
}

fn mention(text: &str) -> Part {
    let (keys, value) = match text.split_once(": ") {
        Some((keys, value)) => (keys, Some(value.to_owned())),
        None => (text, None),
    };
    Part::Key(keys.split('/').map(str::to_owned).collect(), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names in which one sees that they were asked for.
    struct Shouted;

    impl Names for Shouted {
        fn key(&self, keys: &[String]) -> String {
            keys.join("/").to_uppercase()
        }

        fn setting(&self, keys: &[String], value: &str) -> String {
            format!("{}={value}", self.key(keys))
        }

        fn place(&self, path: &Path) -> String {
            path.to_string().to_uppercase()
        }
    }

    #[test]
    fn keys_are_named_by_whoever_shows_the_text() {
        let phrase = Phrase::from("set <ipv6/enabled: true> or leave <tag> and {} out");
        let phrase = phrase.key("enable-native");
        assert_eq!(
            phrase.to_string(),
            "set `ipv6.enabled: true` or leave `tag` and `enable-native` out"
        );
        assert_eq!(
            phrase.text(&Shouted),
            "set `IPV6/ENABLED=true` or leave `TAG` and `ENABLE-NATIVE` out"
        );
        let phrase = Phrase::from("one of {}").keys(["a", "b"]);
        assert_eq!(phrase.text(&Shouted), "one of `A`, `B`");
    }

    #[test]
    fn what_a_user_has_written_holds_no_keys() {
        let phrase = Phrase::from("{} is not {}").with("`<tag> {}`").with("a name");
        assert_eq!(phrase.text(&Shouted), "`<tag> {}` is not a name");
        assert_eq!(Phrase::from("<tag>".to_owned()).text(&Shouted), "<tag>");
    }
}
