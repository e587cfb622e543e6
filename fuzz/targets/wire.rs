//! Bytes from Terraform: messages, values in msgpack by a type, values and types in JSON. What can
//! be read is written again, and that is read as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tfplugin::fuzzing;

fuzz_target!(|bytes: &[u8]| fuzzing::decode(bytes));
