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

use crate::record::Kind;

/// The types that a namespace host has on any kernel that runs the lab. What others a kernel has
/// differs from machine to machine; a VM host has them all.
const NAMESPACE_TYPES: [&str; 7] =
    ["ethernet", "veth", "linux-bridge", "mac-vlan", "mac-vtap", "vxlan", "loopback"];

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

    /// The kind of host that has all of its types.
    pub(super) fn host_kind(&self) -> Kind {
        let interfaces = [Some(&self.state), self.before.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|state| state["interfaces"].as_array())
            .flatten();
        let has_all = interfaces
            .filter_map(|interface| interface["type"].as_str())
            .all(|name| NAMESPACE_TYPES.contains(&name));
        let is_user_space = ["ovs-db", "ovn"].iter().any(|key| self.state.get(key).is_some());
        if has_all && !is_user_space { Kind::Namespace } else { Kind::Vm }
    }
}
