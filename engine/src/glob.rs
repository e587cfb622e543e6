//! Patterns for names.

/// Whether all of `name` matches `pattern`, in which `*` is any text and `?` any one character.
pub fn glob_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p).is_some_and(|c| *c == '?' || *c == name[n]) {
            p += 1;
            n += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            p = at + 1;
            n = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Whether a list of patterns, `!` negating, matches a name; the rule of ssh_config(5).
pub(crate) fn pattern_list_matches<S: AsRef<str>>(patterns: &[S], name: &str) -> bool {
    let mut matched = false;
    for pattern in patterns {
        match pattern.as_ref().strip_prefix('!') {
            Some(pattern) if wildcard_matches(pattern, name) => return false,
            Some(_) => {}
            None => matched |= wildcard_matches(pattern.as_ref(), name),
        }
    }
    matched
}

/// Whether a pattern with `*` and `?` matches the whole name, without regard to case.
pub(crate) fn wildcard_matches(pattern: &str, name: &str) -> bool {
    glob_matches(&pattern.to_lowercase(), &name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        assert!(wildcard_matches("WEB*", "web1"));
    }

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("a*b?d", "aXXbbcd", true),
            ("a?c", "ac", false),
            ("web", "web1", false),
            ("eth*", "eth0", true),
            ("eth*", "Eth0", false),
        ] {
            assert_eq!(glob_matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
