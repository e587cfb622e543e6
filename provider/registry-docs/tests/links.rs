//! A link on a page leads somewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::generated;

#[test]
fn every_link_leads_somewhere() {
    let pages = generated().files;
    let places: BTreeMap<&str, BTreeSet<String>> =
        pages.iter().map(|(name, text)| (name.as_str(), anchors(name, text))).collect();
    let mut followed = 0;
    for (name, text) in &pages {
        for target in targets(text) {
            if target.contains("://") {
                continue;
            }
            let (page, anchor) = target.split_once('#').unwrap_or((target, ""));
            let page = if page.is_empty() { name.clone() } else { beside(name, page) };
            let known = places.get(page.as_str());
            let known = known.unwrap_or_else(|| panic!("{name}: `{target}` is no page"));
            assert!(anchor.is_empty() || known.contains(anchor), "{name}: no `{target}`");
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed}");
}

fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The named places of a page; a name that is there twice is a mistake.
fn anchors(name: &str, text: &str) -> BTreeSet<String> {
    let named = text.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut found = BTreeSet::new();
    for anchor in named {
        assert!(found.insert(anchor.to_owned()), "{name}: `{anchor}` twice");
    }
    let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    for heading in headings {
        let plain: String = heading.to_lowercase().chars().filter(kept).collect();
        found.insert(plain.replace(' ', "-"));
    }
    found
}

/// The page that a relative link means.
fn beside(name: &str, target: &str) -> String {
    let mut folders: Vec<&str> = name.split('/').collect();
    folders.pop();
    for part in target.split('/') {
        match part {
            ".." => drop(folders.pop()),
            "." => {}
            _ => folders.push(part),
        }
    }
    folders.join("/")
}
