//! The QEMU machine protocol.
