//! A server for Terraform plugin protocol 6: handshake, mutual TLS, values, schemas and traits.
//!
//! Implement [`Provider`], [`Resource`], [`DataSource`] and [`Function`], and give the provider to
//! [`run`]; the process then speaks with Terraform 1.5 and later and with OpenTofu. The crate knows
//! nothing of what is managed.
//!
//! Goals: what core allows is possible and what core refuses is found by [`rules`] in a unit test;
//! numbers, unknown values and private bytes survive the way through; no call can take the process
//! down; only the core that started the process can drive it; a small tree and a start of a few
//! milliseconds. Not goals: typed wrappers around values, configuration blocks (nested attributes do
//! the same), protocol 5, Windows.
//!
//! * What a provider implements: [`provider`], [`resource`], [`data_source`],
//!   [`list_resource`], [`function`]
//! * What it handles: [`value`], [`number`], [`types`], [`schema`], [`path`], [`diagnostics`],
//!   [`json`] for stored states, [`rules`]
//! * How it is served: [`mod@serve`], [`log`]

pub mod data_source;
pub mod diagnostics;
pub mod function;
pub mod json;
pub mod list_resource;
pub mod log;
pub mod number;
pub mod path;
pub mod provider;
pub mod resource;
pub mod rules;
pub mod schema;
pub mod serve;
pub mod types;
pub mod value;

#[cfg(fuzzing)]
pub mod fuzzing;
mod grpc;
mod msgpack;
mod service;
mod socket;
mod tls;
mod wire;

pub use async_trait::async_trait;
pub use data_source::DataSource;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use function::{Function, FunctionError, FunctionSignature, Parameter};
pub use json::{DecodeError, RawState};
pub use list_resource::{ListRequest, ListResource, Listed};
pub use number::Number;
pub use path::{AttributePath, PathStep};
pub use provider::{ConfigureRequest, Provider};
pub use resource::{
    ApplyRequest, ApplyResponse, IdentityAttribute, IdentitySchema, ImportResponse, MoveRequest,
    MoveResponse, PlanDestroyRequest, PlanRequest, PlanResponse, ReadRequest, ReadResponse,
    Resource, stored,
};
pub use schema::{Attribute, Mode, Nesting, Schema, Shape};
pub use serve::{Options, ServeError, run, serve};
pub use tls::TlsError;
pub use types::Type;
pub use value::Value;
