//! The documents: one file each in `acceptance-tests/roundtrip`.
//!
//! A file is a mapping with the `document`, and the one value to `change`: its `path`, as messages
//! print it, and what it becomes. `before` is a document that is applied without Terraform first,
//! for what the document stands on and does not manage itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use nmstate_schema::Value;
use nmstate_schema::document::Document as Parsed;

use crate::image::Release;
use crate::record::Kind;

/// The types that a namespace host has on any kernel that runs the lab. What others a kernel has
/// differs from machine to machine; a VM host has nearly all.
const NAMESPACE_TYPES: [&str; 7] =
    ["ethernet", "veth", "linux-bridge", "mac-vlan", "mac-vtap", "vxlan", "loopback"];

/// The types and keys of what a host of the current Debian lacks.
const NEXT_TYPES: [&str; 3] = ["ovs-bridge", "ovs-interface", "hsr"];
const NEXT_KEYS: [&str; 2] = ["ovs-db", "ovn"];

/// The host that a document runs on.
pub type Place = (Kind, Release);

/// A document, and how it is put to the test.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// The name of the file.
    pub(super) name: String,
    pub(super) state: Value,
    /// What is on the host before, by whom nobody asks.
    pub(super) before: Option<Value>,
    /// A JSON pointer into the state, and the new value there.
    pub(super) change: (String, Value),
}

impl Document {
    /// All of them, by name.
    pub(super) fn all() -> Result<Vec<Document>> {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/roundtrip"));
        let files = fs::read_dir(folder).with_context(|| format!("no `{}`", folder.display()))?;
        let paths: BTreeSet<_> =
            files.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
        let documents = paths.iter().filter(|path| path.extension().is_some_and(|is| is == "yml"));
        documents.map(|path| Document::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Document> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let parsed = Parsed::parse(&fs::read_to_string(path)?)
            .map_err(|findings| anyhow!("{name}: {findings:?}"))?;
        let mut file = parsed.into_value();
        let before = Some(file["before"].take()).filter(|before| !before.is_null());
        let (state, change) = (file["document"].take(), file["change"].take());
        let pointer = change["path"].as_str().with_context(|| format!("{name}: no `change`"))?;
        let pointer = format!("/{}", pointer.replace(['.', '['], "/").replace(']', ""));
        let old = state.pointer(&pointer);
        let old = old.with_context(|| format!("{name}: nothing is at `{pointer}`"))?;
        ensure!(*old != change["to"], "{name}: the change is none");
        let to = change["to"].clone();
        Ok(Document { name, before, change: (pointer, to), state })
    }

    /// The host that has all of its types.
    pub(super) fn place(&self) -> Place {
        let states = || [Some(&self.state), self.before.as_ref()].into_iter().flatten();
        let interfaces = states().filter_map(|state| state["interfaces"].as_array()).flatten();
        let types: Vec<&str> =
            interfaces.filter_map(|interface| interface["type"].as_str()).collect();
        let has_key = |key: &&str| states().any(|state| state.get(*key).is_some());
        if types.iter().any(|name| NEXT_TYPES.contains(name)) || NEXT_KEYS.iter().any(has_key) {
            (Kind::Vm, Release::Next)
        } else if types.iter().all(|name| NAMESPACE_TYPES.contains(name)) {
            (Kind::Namespace, Release::Stable)
        } else {
            (Kind::Vm, Release::Stable)
        }
    }
}
