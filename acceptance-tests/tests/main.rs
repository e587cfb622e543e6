//! Everything that needs real hosts, in one program.

mod terraform;
