//! The Terraform and OpenTofu provider for the network state of Linux hosts.
//!
//! A thin adapter: what network state means is `nmstate-schema`'s, how it reaches a host is
//! `nmstate-engine`'s, the protocol is `tfplugin`'s. What is left is Terraform's view: attributes
//! that follow from the key table, plans that name exactly what changes, and a state that keeps
//! the user's spelling.
//!
//! Configuration and hosts:
//! - [`configuration`]: the provider block; [`settings`]: seconds, words, probes
//! - [`fleet`], [`shared`]: from a resource's `host` to the engine's actor
//!
//! What all resources have in common:
//! - [`common`]: host and machine, probes, transaction
//! - [`machine_record`]: what is remembered of a machine
//!
//! Resources over the key table:
//! - [`layout`], [`convert`]: keys as attributes, values both ways; [`naming`]: what a resource calls
//!   the keys of a finding
//! - [`planning`]: plan, settle, respell; [`secrets`]: what only a configuration has
//! - [`checks`]: what a plan finds wrong on the host; [`risks`]: what may cost the connection
//! - [`hollow`]: sections with nothing in them
//! - [`gone`]: what a host had and has no more; [`taking_over`]: what is there already
//! - [`original`]: what was there before, for `on_destroy`; [`others`]: what of that other resources
//!   declare
//! - [`entry`]: the one implementation; [`kinds`]: what differs between interfaces, routes, rules and
//!   the settings of a host
//!
//! Whole documents:
//! - [`document`]: objects and texts as documents; [`differences`]: what one lacks of another
//! - [`state`]: the resource `nmstate_state`
//! - [`data_sources`]: what can be read without being managed
//! - [`functions`]: documents without a host
//!
//! [`provider`] ties them together; [`report`] turns errors and reports into diagnostics.
//!
//! By hand: [`commands`]: a subcommand each, over the same fleet; [`ownership`]: what on a host is
//! somebody else's; [`hcl`]: Terraform's language

mod checks;
pub mod commands;
mod common;
mod configuration;
mod convert;
mod data_sources;
mod differences;
mod document;
mod entry;
mod fleet;
mod functions;
mod gone;
mod hcl;
mod hollow;
mod kinds;
mod layout;
mod machine_record;
mod naming;
mod original;
mod others;
mod ownership;
mod planning;
pub mod provider;
mod report;
mod risks;
mod secrets;
#[cfg(test)]
mod sequences;
mod settings;
mod shared;
mod state;
mod taking_over;
