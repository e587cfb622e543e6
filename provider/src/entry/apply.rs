//! Putting an entry on the host, changing it there, taking it away.

use nmstate_engine::{Error, ErrorKind};
use tfplugin::{ApplyRequest, ApplyResponse, AttributePath, Diagnostics, Value};

use super::{Attributes, EntryResource, Kind, attributes};
use crate::fleet::{Member, known_host, same_host};
use crate::layout::within_entry;
use crate::original::{OnDestroy, Original};
use crate::{planning, report};

impl<K: Kind> EntryResource<K> {
    /// Carries a plan out; what fails leaves the state as it was (design rule 6).
    pub(super) async fn apply_entry(
        &self,
        request: ApplyRequest,
        diagnostics: &mut Diagnostics,
    ) -> ApplyResponse {
        let prior = attributes(&request.prior);
        if request.is_destroy() {
            return match self.destroy(&request, &prior, diagnostics).await {
                Ok(()) => ApplyResponse::default(),
                Err(error) => {
                    report::error(diagnostics, &error, None);
                    ApplyResponse::unchanged(request)
                }
            };
        }
        let planned = attributes(&request.planned);
        let config = attributes(&request.config);
        let outcome = async {
            let (name, member) = {
                let fleet = self.shared.fleet()?;
                known_host(fleet.resolve(config.get("host").unwrap_or(&Value::Null))?)?
            };
            same_host(prior.get("host"), &name)?;
            let (mut state, original) = self.create_or_update(&member, &request, &prior).await?;
            state.insert("host".into(), name.into());
            let on_destroy = planned.get("on_destroy").filter(|value| !value.is_unknown());
            let on_destroy = on_destroy
                .cloned()
                .unwrap_or_else(|| OnDestroy::default_for(&original).word().into());
            state.insert("on_destroy".into(), on_destroy);
            let identity = self.identity_of(&state);
            Ok::<_, Error>(ApplyResponse {
                state: Value::Map(state),
                private: original.write(),
                identity,
            })
        };
        match outcome.await {
            Ok(response) => response,
            Err(error) => {
                let path = self.attribute_of(&error, &config);
                report::error(diagnostics, &error, path);
                ApplyResponse::unchanged(request)
            }
        }
    }

    async fn create_or_update(
        &self,
        member: &Member,
        request: &ApplyRequest,
        prior: &Attributes,
    ) -> Result<(Attributes, Original), Error> {
        let config = attributes(&request.config);
        let planned = attributes(&request.planned);
        let entry = self.entry(if self.kind.is_replaced() { &planned } else { &config });
        let previous = (!request.is_create()).then(|| self.entry(prior));
        let snapshot = member.host.snapshot().await?;
        let desired =
            Self::document(self.kind.desired(&entry, previous.as_ref(), snapshot.canonical()))?;
        let applied = member.host.apply(desired.clone()).await?;

        let found = self.kind.find(applied.after.canonical(), &entry).ok_or_else(|| {
            let text = format!("{} is not there after the change", self.kind.label(&entry));
            Error::new(ErrorKind::Verification, member.host.name(), text)
        })?;
        let actual = self.layout.attributes_of(&found);
        let state = self
            .layout
            .fields
            .iter()
            .map(|field| {
                let name = &field.attribute;
                let actual = actual.get(name).unwrap_or(&Value::Null);
                let planned = planned.get(name).unwrap_or(&Value::Null);
                (name.clone(), planning::settle(&field.key.kind, planned, actual))
            })
            .collect();

        let existed = self.kind.find(applied.before.canonical(), &entry).is_some();
        let original = Original::read(&request.private).extended(
            request.is_create() && !existed,
            &desired,
            &applied.before.state,
        );
        Ok((state, original))
    }

    async fn destroy(
        &self,
        request: &ApplyRequest,
        prior: &Attributes,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Error> {
        let original = Original::read(&request.private);
        let entry = self.entry(prior);
        let absent = self.kind.absent(&entry);
        let json = match OnDestroy::of(prior.get("on_destroy"), &original) {
            OnDestroy::Keep => return Ok(()),
            OnDestroy::Absent if !original.created() => absent,
            // What was created goes, and what it had taken, such as ports, is put back.
            OnDestroy::Absent | OnDestroy::Restore => match original.restoring(&absent) {
                Some(json) => json,
                None if original.created() => absent,
                None => {
                    diagnostics.warning(
                        format!(
                            "{} stays as it is: nothing is known about what was there before",
                            self.kind.label(&entry)
                        ),
                        "set `on_destroy = \"absent\"` to remove it",
                    );
                    return Ok(());
                }
            },
        };
        let fleet = self.shared.fleet()?;
        let (_, member) = known_host(fleet.resolve(prior.get("host").unwrap_or(&Value::Null))?)?;
        member.host.apply(Self::document(json)?).await.map(|_| ())
    }

    /// The attribute that an engine error is about, when it names a place in this entry.
    fn attribute_of(&self, error: &Error, attributes: &Attributes) -> Option<AttributePath> {
        match error.kind {
            ErrorKind::Verification | ErrorKind::InvalidDocument | ErrorKind::NmstatectlTooOld => {
                self.layout.attribute_path(within_entry(error.path.as_ref()?), attributes)
            }
            ErrorKind::Configuration => Some("host".into()),
            _ => None,
        }
    }
}
