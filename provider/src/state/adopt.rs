//! Taking over a whole host, and what names its document.

use nmstate_engine::Error;
use nmstate_schema::canonical::settable;
use nmstate_schema::document::Document;
use nmstate_schema::keys;
use tfplugin::{IdentityAttribute, IdentitySchema, ImportResponse, Type, Value};

use super::DESIRED;
use crate::common::identity;
use crate::document::{dynamic, refused};
use crate::fleet::known_host;
use crate::machine_record::MachineRecord;
use crate::original::Original;
use crate::shared::Shared;

/// What names the document of a host.
pub(super) fn identity_schema() -> IdentitySchema {
    let host = IdentityAttribute {
        name: "host".into(),
        kind: Type::String,
        description: "The host; the provider's own when left out.".into(),
        required_for_import: false,
    };
    IdentitySchema { version: 0, attributes: vec![host] }
}

/// The identity that a document has already, or else the one of its state: core refuses another
/// identity for the same object, and a host may get another name.
pub(super) fn lasting_identity(known: Option<Value>, state: &Value) -> Option<Value> {
    let host = state.attribute("host");
    known
        .filter(|known| !known.is_null() && known.is_wholly_known())
        .or_else(|| Some(Value::object([("host", host.clone())])))
}

/// Everything that is configured on a host, as the state of a resource.
pub(super) async fn adopt(shared: &Shared, host: &Value) -> Result<ImportResponse, Error> {
    let (name, member) = known_host(shared.fleet()?.resolve(host)?)?;
    let snapshot = member.host.snapshot().await?;
    let desired = settable(&keys::STATE, snapshot.state.as_value());
    let document = Document::from_value(desired.clone()).map_err(|findings| refused(&findings))?;
    let original = Original::adopted(&document, &snapshot.state);
    let state = Value::object([
        ("host", Value::from(name)),
        (DESIRED, dynamic(&desired)),
        ("machine_id", identity(&snapshot)),
    ]);
    let identity = lasting_identity(None, &state);
    let record = MachineRecord::default().with(snapshot.host_key.as_ref());
    Ok(ImportResponse { state, private: record.beside(original.write()), identity })
}
