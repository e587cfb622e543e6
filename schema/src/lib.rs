//! What nmstate documents mean: keys, canonical form, comparison and validation, without any I/O.
//!
//! Everything is derived from one table, [`keys`]: a key's type, spelling, range, default, first
//! version and meaning are written there once, and every other module walks the table beside a
//! JSON tree. A key that the table does not know is carried along unchanged, so that the host's
//! nmstate has the last word on it, but validation reports it.
//!
//! The way of a document through the crate:
//! - [`document`]: parsed once at the edge, from YAML, JSON or a tree; [`policy`]: one that takes
//!   values from its host;
//! - [`validate`]: all that is wrong with it, as far as that can be known without a host, in texts
//!   that leave the names of keys to whoever shows them, see [`Phrase`];
//! - [`versions`]: what of it the nmstate of a host is too old for; [`missing`]: what it needs there;
//! - [`canonical`]: the one normal form, so that spelling never counts as a difference;
//! - [`compare`]: what a host lacks of what is desired, by [`path`]; [`Held`]: which values are the host's
//!   own, because neither a document nor a profile holds them;
//! - [`merge`]: several documents as one change; [`Claims`]: where those of one configuration
//!   contradict each other;
//! - [`revert`]: the document that takes a change back; [`record`]: what was there before, path by
//!   path; [`undo`]: putting it back on a host that others change too; [`Known`]: what those declare;
//!   [`superseded`]: what a new form takes the place of; [`loss`]: what a change took from others;
//! - [`references`]: the interfaces that a document needs; [`scope`]: what it asks for beyond what it mentions;
//! - [`project`]: a host seen through a document; [`changes`]: a change in words and as an excerpt;
//! - `generated`: documents and hosts for property tests, only with that feature;
//! - [`carried`] and [`redact`]: what a connection depends on, and what is a secret; [`secrets`]:
//!   which of a host are not the declared ones.

pub mod canonical;
mod carried;
pub mod changes;
mod claims;
pub mod compare;
mod declared;
pub mod document;
mod existence;
mod finding;
#[cfg(feature = "generated")]
pub mod generated;
mod kernel;
pub mod keys;
mod known;
mod list;
mod lookup;
pub mod loss;
pub mod merge;
mod owner;
pub mod path;
mod phrase;
pub mod policy;
pub mod project;
pub mod record;
mod redact;
pub mod references;
pub mod revert;
pub mod scope;
pub mod secrets;
mod superseded;
mod text;
pub mod undo;
pub mod validate;
pub mod versions;
mod walk;

pub use carried::carried;
pub use claims::{Claims, Contradiction};
pub use existence::{makes_cards, missing};
pub use kernel::not_made;
pub use known::{Declaration, Known};
pub use list::List;
pub use lookup::{Aliases, can_be_made, find_interface, kernel_named};
pub use owner::Held;
pub use phrase::{Names, Nmstate, Phrase};
pub use redact::{redact, redact_at};
pub use serde_json::Value;
pub use superseded::superseded;
pub use text::name_fault;
pub use walk::{item_name, item_step};
