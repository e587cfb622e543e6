//! What a key means, in Markdown: the one text that every derived form shows.

use super::{Access, Key, Kind};

/// Limits of the number types that keys are stored in: they say nothing about networks.
const STORAGE_LIMITS: [i64; 4] = [u32::MAX as i64, i32::MAX as i64, i64::MAX, i64::MIN];

impl Key {
    /// The meaning with unit, range, words and first version, in sentences.
    #[must_use]
    pub fn description(&self) -> String {
        let mut text = self.doc.trim_end_matches('.').to_owned();
        text.push('.');
        if !self.unit.is_empty() {
            text.push_str(&format!(" Unit: {}.", self.unit));
        }
        text.push_str(&self.range());
        text.push_str(&self.words());
        if self.fixed {
            text.push_str(" NetworkManager does not change it on an interface that is there.");
        }
        if !self.since.is_empty() {
            text.push_str(&format!(" Needs nmstate {} or newer.", self.since));
        }
        text
    }

    fn range(&self) -> String {
        let Kind::Integer { min, max, .. } = self.kind else { return String::new() };
        let is_bound = |limit: i64| !STORAGE_LIMITS.contains(&limit);
        match (min, max) {
            // Some meanings tell their range themselves.
            (_, max) if self.doc.contains(&format!(" to {max}")) => String::new(),
            (min, max) if is_bound(max) && is_bound(min) => format!(" From {min} to {max}."),
            (_, max) if is_bound(max) => format!(" At most {max}."),
            (min @ 1.., _) => format!(" At least {min}."),
            _ => String::new(),
        }
    }

    fn words(&self) -> String {
        let Kind::Enum { choices, open, .. } = self.kind else { return String::new() };
        let is_read = self.access == Access::ReadOnly;
        let words: Vec<String> = choices
            .iter()
            .filter(|choice| choice.settable || is_read)
            .map(|choice| format!("`{}`", choice.name))
            .collect();
        // Some meanings explain their words themselves.
        if words.is_empty() || words.iter().all(|word| self.doc.contains(word.as_str())) {
            return String::new();
        }
        format!(" {} {}.", if open { "For example" } else { "One of" }, words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Choice;
    use super::*;

    const WORDS: &[Choice] = &[Choice::new("slow"), Choice::new("fast")];

    #[test]
    fn a_key_tells_what_it_takes() {
        let key = Key::u32("wait").unit("seconds").since("2.2.9").doc("How long");
        assert_eq!(key.description(), "How long. Unit: seconds. Needs nmstate 2.2.9 or newer.");
        let key = Key::choice("rate", WORDS).doc("How often");
        assert_eq!(key.description(), "How often. One of `slow`, `fast`.");
        let key = Key::choice("rate", WORDS).open().doc("How often");
        assert_eq!(key.description(), "How often. For example `slow`, `fast`.");
        let key = Key::choice("rate", WORDS).doc("How often: `slow` or `fast`");
        assert_eq!(key.description(), "How often: `slow` or `fast`.");
    }

    #[test]
    fn limits_of_storage_are_no_range() {
        let text = |min, max| Key::integer("number", min, max).doc("A number").description();
        assert_eq!(text(0, i64::from(u32::MAX)), "A number.");
        assert_eq!(text(1, i64::MAX), "A number. At least 1.");
        assert_eq!(text(1, 4094), "A number. From 1 to 4094.");
    }
}
