//! The way in for the fuzz target `wire`: everything that is decoded from what core sends. Only
//! compiled by the fuzzer.

use prost::Message;

use crate::json::{self, RawState};
use crate::msgpack;
use crate::types::Type;
use crate::wire;

/// Decodes the bytes in every way that core's bytes are: as each request, and, where a line with a
/// type comes first, the rest as a value of that type.
///
/// # Panics
/// What was read and written again is not read as the same: a mistake.
pub fn decode(bytes: &[u8]) {
    messages(bytes);
    let _ = RawState::new(bytes.to_vec()).to_value();
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let (kind, value) = (&bytes[..end], &bytes[end + 1..]);
    let Ok(kind) = Type::from_json(kind) else { return };
    assert_eq!(Type::from_json(&kind.to_json()).as_ref(), Ok(&kind), "a type survives");
    let _ = json::decode(value, &kind);
    if let Ok(decoded) = msgpack::decode(value, &kind) {
        let written = msgpack::encode(&decoded, &kind).expect("what was read has the type");
        assert_eq!(msgpack::decode(&written, &kind).as_ref(), Ok(&decoded), "a value survives");
    }
}

fn messages(bytes: &[u8]) {
    let _ = wire::ValidateProviderConfigRequest::decode(bytes);
    let _ = wire::ConfigureProviderRequest::decode(bytes);
    let _ = wire::ValidateResourceConfigRequest::decode(bytes);
    let _ = wire::UpgradeResourceStateRequest::decode(bytes);
    let _ = wire::UpgradeResourceIdentityRequest::decode(bytes);
    let _ = wire::ReadResourceRequest::decode(bytes);
    let _ = wire::PlanResourceChangeRequest::decode(bytes);
    let _ = wire::ApplyResourceChangeRequest::decode(bytes);
    let _ = wire::ImportResourceStateRequest::decode(bytes);
    let _ = wire::MoveResourceStateRequest::decode(bytes);
    let _ = wire::ValidateDataResourceConfigRequest::decode(bytes);
    let _ = wire::ReadDataSourceRequest::decode(bytes);
    let _ = wire::CallFunctionRequest::decode(bytes);
}
