//! The plan of a whole document.

mod names;

fn block(desired: &str) -> String {
    format!("resource \"nmstate_state\" \"this\" {{\n  desired = {desired}\n}}\n")
}
