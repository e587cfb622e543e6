//! Names of resources: identifiers of Terraform's language, each once for a resource type.

use std::collections::HashSet;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Labels {
    taken: HashSet<(String, String)>,
}

impl Labels {
    /// A name that no other resource of this type has, made of `words`.
    pub(super) fn give(&mut self, resource_type: &str, words: &[&str]) -> String {
        let wanted = identifier(&words.join("_"));
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let mut candidates = std::iter::once(wanted.clone()).chain(numbered);
        let free = |name: &String| self.taken.insert((resource_type.to_owned(), name.clone()));
        candidates.find(free).unwrap_or(wanted)
    }
}

/// A text with what an identifier cannot have replaced.
fn identifier(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let plain: String =
        text.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    let begins = plain.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if begins { plain } else { format!("_{plain}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_what_the_language_allows() {
        for (text, expected) in [
            ("eth0", "eth0"),
            ("bond0.100", "bond0_100"),
            ("br-ex", "br-ex"),
            ("-x", "_-x"),
            ("0eth", "_0eth"),
            ("caf\u{e9}\"${x}\n", "caf____x__"),
            ("to_2001:db8::/32", "to_2001_db8___32"),
            ("", "_"),
        ] {
            assert_eq!(identifier(text), expected, "{text}");
        }
    }

    #[test]
    fn no_two_resources_of_a_type_have_one_name() {
        let mut labels = Labels::default();
        let mut give = |resource_type: &str, words: &[&str]| labels.give(resource_type, words);
        assert_eq!(give("nmstate_vlan", &["eth0.1"]), "eth0_1");
        assert_eq!(give("nmstate_vlan", &["eth0_1"]), "eth0_1_2");
        assert_eq!(give("nmstate_vlan", &["eth0:1"]), "eth0_1_3");
        assert_eq!(give("nmstate_vlan", &["eth0_1_2"]), "eth0_1_2_2");
        assert_eq!(give("nmstate_bond", &["eth0_1"]), "eth0_1");
        assert_eq!(give("nmstate_bond", &["root@web1:22", "bond0"]), "root_web1_22_bond0");
    }
}
