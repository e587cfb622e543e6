//! Where the interfaces of a document contradict each other.

use serde_json::Value;

use super::Validation;
use crate::document::Document;
use crate::keys::{INTERFACE, Kind, interface_type};
use crate::lookup;
use crate::path::Path;

impl Validation {
    /// One name may be given to one interface in the kernel and one outside.
    pub(super) fn names(&mut self, document: &Document) {
        let mut seen: Vec<(&Value, bool)> = Vec::new();
        for interface in document.interfaces() {
            let Some(name) = interface.get("name") else { continue };
            let place = (name, interface.get("type").is_some_and(lookup::is_user_space));
            if seen.contains(&place) {
                let name = name.as_str().unwrap_or_default();
                let path = Path::new().join("interfaces").join(lookup::item(name));
                self.report(
                    &path,
                    format!("the interface `{name}` is described twice"),
                    "put all its keys into one entry",
                );
            } else {
                seen.push(place);
            }
        }
    }

    /// An interface is a port of one controller.
    pub(super) fn ports(&mut self, document: &Document) {
        let mut owners: Vec<(String, String)> = Vec::new();
        for interface in document.interfaces().filter(|interface| interface["state"] != "absent") {
            let Some(controller) = interface.get("name").and_then(Value::as_str) else { continue };
            let path = Path::new().join("interfaces").join(lookup::item(controller));
            let path = match port_list(interface) {
                Some(section) => path.join(section).join("port"),
                None => path,
            };
            for port in lookup::ports(interface) {
                match owners.iter().find(|(known, _)| *known == port) {
                    Some((_, owner)) if owner == controller => self.report(
                        &path,
                        format!("the port `{port}` is listed twice"),
                        "list it once",
                    ),
                    Some((_, owner)) => self.report(
                        &path,
                        format!("the port `{port}` is also a port of `{owner}`"),
                        "list it under one of them only",
                    ),
                    None => owners.push((port, controller.to_owned())),
                }
            }
        }
        for interface in document.interfaces() {
            let text = |key: &str| interface.get(key).and_then(Value::as_str);
            let (Some(name), Some(controller)) = (text("name"), text("controller")) else {
                continue;
            };
            if let Some((_, owner)) = owners.iter().find(|(port, _)| port == name)
                && owner != controller
            {
                let path = Path::new().join("interfaces").join(lookup::item(name));
                self.report(
                    &path.join("controller"),
                    format!("`{controller}` contradicts `{owner}`, which lists it as its port"),
                    "correct one of them",
                );
            }
        }
    }
}

/// The section of an interface that lists its ports, by its name in the table.
fn port_list(interface: &Value) -> Option<&'static str> {
    let name = interface_type(interface.get("type")?.as_str()?)?.section?;
    let Kind::Section(section) = &INTERFACE.key_for(name, interface["type"].as_str())?.kind else {
        return None;
    };
    section.key("port").map(|_| name)
}
