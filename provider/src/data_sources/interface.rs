//! `nmstate_interface`: one interface by name, with the attributes of the resource of that name.

use async_trait::async_trait;
use nmstate_engine::{Error, ErrorKind};
use nmstate_schema::Value as Json;
use nmstate_schema::document::Document;
use serde_json::Map;
use tfplugin::{Attribute, Diagnostics, Mode, Value};

use super::{Answer, Failure, Question, computed, running_config, seen};
use crate::entry::Kind;
use crate::fleet::Member;
use crate::layout::Layout;
use crate::{checks, convert, kinds};

const KIND: kinds::interface::Interface = kinds::interface::Interface { of_type: None };

/// The data source `nmstate_interface`.
pub(super) struct Interface {
    layout: Layout,
}

impl Interface {
    pub(super) fn new() -> Self {
        Self { layout: Layout::interface() }
    }
}

#[async_trait]
impl Question for Interface {
    fn type_name(&self) -> &'static str {
        "nmstate_interface"
    }

    fn description(&self) -> &'static str {
        "A network interface of any type. What the host does not show is null, write-only settings \
         among it; of a list nothing."
    }

    fn attributes(&self) -> Vec<Attribute> {
        let mut attributes = vec![running_config()];
        attributes.extend(self.layout.attributes().into_iter().map(|attribute| {
            let mut attribute = computed(attribute);
            match attribute.name.as_str() {
                "name" => attribute.mode = Mode::Required,
                // A bridge and its own interface may share a name with Open vSwitch.
                "type" => attribute.mode = Mode::OptionalComputed,
                _ => {}
            }
            attribute
        }));
        attributes
    }

    async fn answer(
        &self,
        config: &Value,
        member: &Member,
        _diagnostics: &mut Diagnostics,
    ) -> Result<Answer, Failure> {
        let snapshot = member.host.snapshot().await?;
        let name = config.attribute("name").as_str().unwrap_or_default();
        let mut wanted = Map::from_iter([("name".to_owned(), Json::from(name))]);
        let of_type = config.attribute("type").as_str();
        wanted.extend(of_type.map(|of_type| ("type".to_owned(), Json::from(of_type))));
        let state = Document::from_value(seen(config, &snapshot).into_owned());
        let found = state.ok().and_then(|state| KIND.find(&state, &Json::Object(wanted)));
        let Some(found) = found else {
            let what = of_type.map_or_else(String::new, |of_type| format!(" of type `{of_type}`"));
            let message = format!("interface `{name}`{what} does not exist");
            let hint = format!("the host has {}", checks::interface_names(&snapshot));
            let error =
                Error::new(ErrorKind::Configuration, member.host.name(), message).with_hint(hint);
            return Err(Failure { error, attribute: "name" });
        };
        let mut attributes = self.layout.attributes_of(&found);
        if let Some(of_type) = of_type {
            attributes.insert("type".into(), of_type.into());
        }
        for field in self.layout.fields.iter().filter(|field| field.fits(&found)) {
            if let Some(value) = attributes.get_mut(&field.attribute) {
                *value = convert::with_lists(&field.key.kind, std::mem::take(value));
            }
        }
        Ok(attributes.into_iter().collect())
    }
}
