//! The Terraform and OpenTofu provider for the network state of Linux hosts.
//!
//! A thin adapter: what network state means is `nmstate-schema`'s, how it reaches a host is
//! `nmstate-engine`'s, the protocol is `tfplugin`'s. What is left is Terraform's view: attributes
//! that follow from the key table, plans that name exactly what changes, and a state that keeps
//! the user's spelling.
//!
//! Configuration and hosts:
//! - [`configuration`]: the provider block
//! - [`fleet`], [`shared`]: from a resource's `host` to the engine's actor
//!
//! Resources over the key table:
//! - [`layout`], [`convert`]: keys as attributes, values both ways
//! - [`planning`]: plan, settle, respell
//! - [`checks`]: what a plan finds wrong or risky on the host
//! - [`original`]: what was there before, for `on_destroy`
//! - [`entry`]: the one implementation; [`kinds`]: what differs between interfaces, routes, rules and
//!   the settings of a host
//!
//! Whole documents:
//! - [`state`]: the resource `nmstate_state`; [`projection`]: a host seen through a document
//! - [`data_sources`]
//!
//! [`provider`] ties them together; [`report`] turns errors into diagnostics.

mod checks;
mod configuration;
mod convert;
mod data_sources;
mod entry;
mod fleet;
mod kinds;
mod layout;
mod original;
mod planning;
mod projection;
pub mod provider;
mod report;
mod shared;
mod state;
