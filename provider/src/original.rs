//! What was there before Terraform took over, and what destroying does with it (design rule 8).
//!
//! The record lives in the resource's private bytes: it is no attribute, because nobody
//! configures it and a plan has nothing to say about it. What it means is the schema's
//! ([`Record`]); here it is read, also in its first form, and written.

use nmstate_engine::Applied;
use nmstate_schema::document::Document;
use nmstate_schema::record::{Record, upgrade};
use nmstate_schema::undo::Undo;
use nmstate_schema::{Declaration, Value as Json};
use serde::{Deserialize, Serialize, Serializer};
use tfplugin::Value;

use crate::others;

/// What destroying a resource does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDestroy {
    /// Put back what was there before Terraform took over.
    Restore,
    /// Remove the entry from the host.
    Absent,
    /// Leave the host alone.
    Keep,
}

/// The record of what was there.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub(crate) struct Original {
    record: Record,
    /// The declaration of the resource since its last apply, without secrets.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_tree")]
    declared: Option<Document>,
    /// The text that tells the resource from all others, since its first apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

/// Private bytes of any version.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Stored {
    record: Option<Record>,
    declared: Option<Json>,
    by: Option<String>,
    /// Of the first form: whether nothing was applied since the resource took over.
    untouched: bool,
    /// Of the first form: what puts back what was there.
    document: Json,
}

/// A document as its tree.
fn as_tree<S: Serializer>(document: &Option<Document>, serializer: S) -> Result<S::Ok, S::Error> {
    document.as_ref().map(Document::as_value).serialize(serializer)
}

impl OnDestroy {
    /// The words of a configuration.
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("restore", Self::Restore), ("absent", Self::Absent), ("keep", Self::Keep)];

    /// The word for a configuration.
    fn word(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::Absent => "absent",
            Self::Keep => "keep",
        }
    }

    /// Whether a resource's state says that destroying leaves everything as it is.
    pub(crate) fn is_keep(state: &Value) -> bool {
        Self::of(state) == Some(Self::Keep)
    }

    /// What a resource's state says; nothing when that is left to the record.
    pub(crate) fn of(state: &Value) -> Option<Self> {
        let word = state.attribute("on_destroy").as_str();
        Self::WORDS.into_iter().find(|(known, _)| word == Some(*known)).map(|(_, meaning)| meaning)
    }

    /// The word that a state keeps whose configuration says nothing: an earlier version wrote down
    /// what that comes to.
    pub(crate) fn kept(state: &Value, original: &Original) -> Value {
        let own = if original.record.has_made() { Self::Absent } else { Self::Restore };
        match Self::of(state) {
            Some(word) if word == own => word.word().into(),
            _ => Value::Null,
        }
    }
}

impl Original {
    /// Reads the private bytes. Nothing, or nothing of ours, is an empty record.
    pub(crate) fn read(private: &[u8]) -> Self {
        let stored: Stored = serde_json::from_slice(private).unwrap_or_default();
        let record = stored.record.unwrap_or_else(|| upgrade(&stored.document, !stored.untouched));
        let declared = stored.declared.and_then(|tree| Document::from_value(tree).ok());
        Self { record, declared, by: stored.by }
    }

    /// The private bytes.
    pub(crate) fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The record of what is taken over as it is.
    pub(crate) fn adopted(shown: &Document, host: &Document) -> Self {
        Self { record: Record::of_found(shown, host), ..Self::default() }
    }

    /// The declaration of the resource since its last apply; `None` where it had none of this version.
    pub(crate) fn declaration(&self) -> Option<Declaration> {
        Some(self.declaring(self.declared.clone()?))
    }

    /// The same of what it declares by now.
    pub(crate) fn declaring(&self, document: Document) -> Declaration {
        // One that was never applied is told by what it says.
        let by = self.by.clone().unwrap_or_else(|| document.to_json());
        Declaration { by, document }
    }

    /// Whether something came into being with the resource.
    pub(crate) fn has_made(&self) -> bool {
        self.record.has_made()
    }

    /// What puts back what was there.
    pub(crate) fn undo(&self) -> Undo {
        self.record.undo()
    }

    /// What is to be undone when only `declared` is declared any more; `current` is the host.
    pub(crate) fn dropping(&self, declared: &Document, current: &Document) -> Undo {
        let (_, dropped) = self.record.clone().reduced(declared, current);
        dropped.undo()
    }

    /// The record after a change to `sent`, which took the place of the entries of `replaced`, for the
    /// sake of what is `declared`. `postponed` is what other resources of the run would have undone.
    #[must_use]
    pub(crate) fn after(
        self,
        sent: &Document,
        declared: &Document,
        replaced: &Document,
        applied: &Applied,
        postponed: &Undo,
    ) -> Self {
        let before = &applied.before.state;
        let after = &applied.after.state;
        let record = self.record.replacing(replaced, after).extended(Record::of(sent, before));
        let (kept, dropped) = record.reduced(sent, before);
        let record = kept
            .extended(dropped.remaining(&applied.left_out))
            .settled(after)
            .inheriting(postponed)
            .inheriting_entries(postponed, sent, after);
        let by = self.by.or_else(|| Some(others::new_name()));
        Self { record, declared: Some(others::remembered(declared, after)), by }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(word: &str) -> Value {
        Value::object([("on_destroy", word)])
    }

    #[test]
    fn foreign_private_bytes_are_an_empty_record() {
        assert_eq!(Original::read(b"\xff\x00"), Original::default());
        let host =
            Document::parse("interfaces: [{name: eth1, type: ethernet, mtu: 1500}]").unwrap();
        let desired = Document::parse("interfaces: [{name: eth1, mtu: 1400}]").unwrap();
        let record = Original::adopted(&desired, &host);
        assert_eq!(Original::read(&record.write()), record);
        assert!(!record.undo().is_empty());
    }

    #[test]
    fn a_record_of_the_first_form_is_read() {
        let first = json!({"created": true, "untouched": false, "document":
            {"interfaces": [{"name": "br0", "type": "linux-bridge", "state": "absent"}]}});
        let record = Original::read(first.to_string().as_bytes());
        assert!(record.has_made() && !record.undo().is_empty());
        let imported = json!({"created": false, "untouched": true, "document":
            {"interfaces": [{"name": "eth1", "type": "ethernet", "mtu": 1500}]}});
        assert!(Original::read(imported.to_string().as_bytes()).undo().is_empty());
    }

    #[test]
    fn a_word_that_an_earlier_version_wrote_down_stays() {
        let made = json!({"created": true, "document":
            {"interfaces": [{"name": "br0", "type": "linux-bridge", "state": "absent"}]}});
        let made = Original::read(made.to_string().as_bytes());
        assert_eq!(OnDestroy::kept(&state("absent"), &made), "absent".into());
        assert_eq!(OnDestroy::kept(&state("keep"), &made), Value::Null);
        assert_eq!(OnDestroy::kept(&state("restore"), &Original::default()), "restore".into());
        assert_eq!(OnDestroy::kept(&Value::object([("name", "br0")]), &made), Value::Null);
    }
}
