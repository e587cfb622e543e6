//! What nmstate documents mean: keys, canonical form, comparison and validation, without any I/O.
