//! Taking over what exists.

use nmstate_engine::{Error, ErrorKind, Snapshot};
use nmstate_schema::compare::compare_entry;
use nmstate_schema::document::Document;
use nmstate_schema::{Value as Json, validate, versions};
use tfplugin::{AttributePath, Diagnostics, ImportResponse, Value};

use super::{Attributes, EntryResource, Kind, attributes};
use crate::common::identity;
use crate::fleet::known_host;
use crate::layout::within_entry;
use crate::machine_record::MachineRecord;
use crate::original::Original;
use crate::{checks, planning, report};

/// The host and the other parts of an import id.
pub(super) fn split<'a>(kind: &impl Kind, id: &'a str) -> (Option<&'a str>, Vec<&'a str>) {
    let mut parts: Vec<&str> = id.split(',').map(str::trim).collect();
    let host = kind.starts_with_host(&parts).then(|| parts.remove(0));
    (host, parts)
}

impl<K: Kind> EntryResource<K> {
    /// Finds an entry by its import id, `[HOST,]` and the kind's own form.
    pub(super) async fn import_entry(
        &self,
        id: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<ImportResponse> {
        let (host, parts) = split(&self.kind, id);
        self.adopt(&host.map_or(Value::Null, Value::from), &parts, id, diagnostics).await
    }

    /// Takes over the entry that the parts of an import id mean; messages call it `shown`.
    pub(super) async fn adopt(
        &self,
        host: &Value,
        parts: &[&str],
        shown: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<ImportResponse> {
        let outcome = async {
            let fleet = self.shared.fleet()?;
            let (name, member) = known_host(fleet.resolve(host)?)?;
            let snapshot = member.host.snapshot().await?;
            let mut found = self.kind.find_imports(snapshot.canonical(), parts).into_iter();
            let found = found.next().ok_or_else(|| {
                let form = self.kind.import_form();
                let message = format!("`{shown}` is not there");
                Error::new(ErrorKind::Configuration, name.as_str(), message).with_hint(format!(
                    "import with `[HOST,]{form}`; there are {}",
                    checks::interface_names(&snapshot)
                ))
            })?;
            let state = self.adopted(&name, &snapshot, &found);
            let desired = Self::document(self.kind.desired(&found, None))?;
            let original = Original::adopted(&desired, &snapshot.state);
            let identity = self.identity_of(&state);
            Ok::<_, Error>(ImportResponse {
                state: Value::Map(state),
                private: MachineRecord::default()
                    .with(snapshot.host_key.as_ref())
                    .beside(original.write()),
                identity,
            })
        };
        match outcome.await {
            Ok(response) => Some(response),
            Err(error) => {
                report::error(diagnostics, &error, None);
                None
            }
        }
    }

    /// The state of an entry that nothing is known of but what the host shows.
    pub(super) fn adopted(&self, host: &str, snapshot: &Snapshot, found: &Json) -> Attributes {
        let mut state = self.spelled_out(self.as_found(found), found, snapshot);
        state.insert("host".into(), host.into());
        state.insert("machine_id".into(), identity(snapshot));
        state
    }

    /// The same with what is empty or off by its value, wherever that asks for nothing of the host. What
    /// is sent as a whole keeps the form that the host has.
    fn spelled_out(&self, shown: Attributes, found: &Json, snapshot: &Snapshot) -> Attributes {
        if self.kind.is_replaced() {
            return shown;
        }
        let fields = self.layout.fields.iter().filter(|field| field.fits(found));
        let mut all = shown.clone();
        for field in fields {
            let value = shown.get(&field.attribute).unwrap_or(&Value::Null);
            all.insert(field.attribute.clone(), planning::spelled_out(field.key, value));
        }
        let entry = self.entry(&all);
        let findings = match Document::from_value(self.kind.desired(&entry, None)) {
            Ok(document) => {
                let mut findings = validate::validate(&document);
                findings.extend(validate::on_host(&document, &snapshot.state));
                findings.extend(versions::unknown_to(&document, &snapshot.nmstate_version));
                findings
            }
            Err(findings) => findings,
        };
        let differences = compare_entry(self.kind.section(), &entry, found);
        let differing = differences.iter().map(|one| one.path.steps());
        let refused = findings.iter().map(|one| within_entry(&one.path));
        let paths: Vec<AttributePath> = differing
            .chain(refused)
            .filter_map(|steps| self.layout.attribute_path(steps, &all))
            .collect();
        let (shown, mut all) = (Value::Map(shown), Value::Map(all));
        for path in paths {
            if let Some(value) = all.at_mut(&path) {
                *value = shown.at(&path).cloned().unwrap_or_default();
            }
        }
        attributes(&all)
    }
}
