//! Taking over the state of another resource type, for `moved` blocks.
//!
//! Between `nmstate_interface` and a typed resource only the places of the keys differ: the state
//! becomes the entry that it shows and is laid out anew. What all resources share keeps its value,
//! and the record of the original goes along.

use nmstate_schema::Value as Json;
use tfplugin::{Diagnostics, MoveRequest, MoveResponse, Resource, Value};

use super::{EntryResource, Kind, attributes};

impl<K: Kind> EntryResource<K> {
    /// The state of this type for one of another.
    pub(super) fn moved(
        &self,
        request: MoveRequest,
        diagnostics: &mut Diagnostics,
    ) -> Option<MoveResponse> {
        let is_ours = request.source_provider.rsplit('/').next() == Some("nmstate");
        let source = self.kind.source(&request.source_type).filter(|_| is_ours);
        let Some(source) = source else {
            diagnostics.error(
                format!("`{}` cannot be moved to `{}`", request.source_type, self.name),
                "remove the `moved` block and import the object instead",
            );
            return None;
        };
        let source = EntryResource::new(source, self.shared.clone());
        let before = match request.state.decode(&source.schema()) {
            Ok(state) => attributes(&state),
            Err(error) => {
                diagnostics.error("the stored state cannot be read", error.to_string());
                return None;
            }
        };
        let shown = source.kind.complete(source.layout.shown_entry_of(&before));
        let entry = self.kind.complete(shown.clone());
        if entry.get("type") != shown.get("type") {
            let of_type = shown.get("type").and_then(Json::as_str).unwrap_or_default();
            diagnostics.error(
                format!(
                    "{} is of type `{of_type}`: it cannot be moved to `{}`",
                    self.kind.label(&shown),
                    self.name
                ),
                "move it to the resource of its own type",
            );
            return None;
        }
        let mut state = self.layout.attributes_of(&entry);
        for attribute in self.schema().attributes {
            if !state.contains_key(&attribute.name) {
                let value = before.get(&attribute.name).cloned().unwrap_or_default();
                state.insert(attribute.name, value);
            }
        }
        let identity = self.identity_of(&state);
        Some(MoveResponse { state: Value::Map(state), private: request.private, identity })
    }
}
