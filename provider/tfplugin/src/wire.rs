//! The messages of protocol 6 as they travel, for the calls that this server answers.
//!
//! Written by hand from the protocol's field numbers, so that building needs no protoc. The minor
//! version never travels: fields up to 6.11 are here, and a peer that does not know one skips it.
//! A message `A.B` is named `AB`; `type` is `kind` and `return` is `returns`.

mod data_source;
mod function;
mod list_resource;
mod plugin;
mod provider;
mod resource;
mod schema;
mod value;

pub(crate) use data_source::*;
pub(crate) use function::*;
pub(crate) use list_resource::*;
pub(crate) use plugin::*;
pub(crate) use provider::*;
pub(crate) use resource::*;
pub(crate) use schema::*;
pub(crate) use value::*;
