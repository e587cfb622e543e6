//! The kinds of entry that have a resource of their own.

pub(crate) mod dns_resolver;
pub(crate) mod interface;
pub(crate) mod route;
