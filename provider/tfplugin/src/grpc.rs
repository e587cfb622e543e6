//! The service traits that `build.rs` writes.

#![expect(
    unused_qualifications,
    unreachable_pub,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "written by a generator"
)]

tonic::include_proto!("tfplugin6.Provider");
tonic::include_proto!("plugin.GRPCController");
tonic::include_proto!("plugin.GRPCStdio");
