//! The module binary. Ansible uploads it to the managed host and starts it with a file of
//! arguments; the engine inside starts it again under the names of the programs that it stands for.

use std::process::ExitCode;

use nmstate_ansible::{Role, bridge, hold, module, program};

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    let name = words.next().unwrap_or_default();
    let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    match Role::of(&name, &words) {
        Role::Nmstatectl => program::run(&words),
        Role::Bridge => bridge::run(&words),
        Role::Holder(directory, module) => hold::run(&directory, module),
        Role::Module(arguments) => module::run(arguments.as_deref()),
        Role::SecondModule(arguments) => module::run_again(&arguments),
    }
}
