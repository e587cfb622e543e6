//! What the program does by hand: a subcommand each, in a file of its name.
//!
//! Terraform starts the program without arguments, and nothing here runs then. Results go to
//! standard output, in a form for programs with `--format`, and messages to standard error. All
//! subcommands share how hosts are reached ([`connection`]), what their exit status means
//! ([`exit`]), and how they look at hosts ([`hosts`]).

mod connection;
mod exit;
mod hosts;
mod import_blocks;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::hcl::printable;
use exit::Exit;

/// The width of help texts in documents.
const PAGE_WIDTH: usize = 96;

/// A Terraform and OpenTofu provider for the network state of Linux hosts, and what helps beside it.
///
/// Terraform starts this program without arguments. By hand it looks at hosts over SSH, as the
/// provider does.
#[derive(Parser)]
#[command(name = "terraform-provider-nmstate", version, subcommand_required = true)]
#[command(arg_required_else_help = true, after_help = exit::HELP)]
struct CommandLine {
    /// Serve the plugin protocol until interrupted, and print how Terraform attaches
    #[arg(long)]
    debug: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    ImportBlocks(import_blocks::ImportBlocks),
}

impl Command {
    async fn run(self) -> Exit {
        match self {
            Command::ImportBlocks(command) => command.run().await,
        }
    }
}

/// Whether the program is to serve the plugin protocol, and not to do what its arguments say.
#[must_use]
pub fn is_plugin(arguments: &[OsString]) -> bool {
    arguments.first().is_none_or(|first| first == "--debug" || first == "-debug")
}

/// Does what the arguments say, the name of the program not among them.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let name = CommandLine::command().get_name().to_owned();
    let all = std::iter::once(OsString::from(name)).chain(arguments);
    let command = match CommandLine::try_parse_from(all) {
        Ok(line) => line.command,
        Err(error) => {
            // Help is no error, and goes to standard output.
            let is_written = error.print().is_ok();
            return if error.use_stderr() { Exit::Usage } else { Exit::of(is_written) }.into();
        }
    };
    match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(command.run());
            runtime.shutdown_background();
            exit.into()
        }
        Err(error) => {
            say(&format!("error: cannot start: {error}"));
            Exit::Failed.into()
        }
    }
}

/// The help of the program and of each subcommand, by the words that are typed for it.
#[must_use]
pub fn manual() -> Vec<(String, String)> {
    let mut program = CommandLine::command().term_width(PAGE_WIDTH);
    program.build();
    let name = program.get_name().to_owned();
    let mut pages = vec![(name.clone(), program.render_long_help().to_string())];
    for command in program.get_subcommands_mut().filter(|one| one.get_name() != "help") {
        let title = format!("{name} {}", command.get_name());
        pages.push((title, command.render_long_help().to_string()));
    }
    pages
}

/// A message for people. A closed standard error is no reason to stop.
fn say(message: &str) {
    for line in message.lines() {
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
}

/// A result.
fn print(text: &str) -> Exit {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Ok(()) => Exit::Done,
        Err(error) => {
            say(&format!("error: cannot write to standard output: {error}"));
            Exit::Failed
        }
    }
}
