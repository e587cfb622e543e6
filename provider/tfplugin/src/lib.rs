//! A server for Terraform plugin protocol 6: handshake, mutual TLS, values, schemas and traits.
