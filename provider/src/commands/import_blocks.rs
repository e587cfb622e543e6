//! `import-blocks`: what is configured on hosts, as blocks that take it over.
//!
//! OpenTofu and Terraform before 1.14 have no `terraform query`; this gives them what it gives.
//! No host's network is changed: one login and one `show` each, by the host's nmstatectl or by the
//! agent, which is put where there is none.

mod labels;
mod taken;
mod write;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::hosts::{Hosts, Looked};
use super::{print, say};
use crate::ownership::Seen;
use taken::Host;
use write::Result;

/// Write import blocks of everything that is configured on hosts
///
/// Each interface, route, rule and setting that somebody has configured on the hosts becomes an
/// import block, for `plan -generate-config-out=FILE`. What is left out and why is told on standard
/// error and in the result: the interface that carries the connection, what the network gave, what
/// belongs to another program. No host's network is changed; a host without nmstatectl keeps the
/// agent that is put there to read it. With several hosts the blocks name the
/// host, which a provider block then has to reach under the same name.
#[derive(Debug, Args)]
pub(super) struct ImportBlocks {
    /// What to write: Terraform's language, or its JSON syntax
    #[arg(long, value_enum, default_value_t = Format::Hcl)]
    format: Format,
    /// Take along the interfaces that carry the connection to the host, and the routes over them
    #[arg(long)]
    include_management: bool,
    /// Write also a provider block that reaches the hosts as this command does
    #[arg(long)]
    provider_block: bool,
    #[command(flatten)]
    hosts: Hosts,
}

/// The form of the result.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// Blocks, with comments on what is left out
    Hcl,
    /// An object, with what is left out under `"//"`
    Json,
}

impl ImportBlocks {
    pub(super) async fn run(self) -> Exit {
        let Some(fleet) = self.hosts.fleet() else { return Exit::Usage };
        let looked = self.hosts.look(&fleet).await;
        if looked.is_empty() {
            return Exit::Failed;
        }
        let mut labels = labels::Labels::default();
        let hosts: Vec<Host> = looked
            .iter()
            .map(|Looked { name, snapshot, configured }| {
                let seen = Seen::new(snapshot, configured.as_ref(), self.include_management);
                taken::all(&seen, name, self.hosts.are_several(), &mut labels)
            })
            .collect();
        for line in hosts.iter().flat_map(Host::remarks) {
            say(&line);
        }
        let names = self.hosts.hosts.iter().map(|host| host.name.as_str());
        let is_missing = |name: &&str| !looked.iter().any(|host| host.name == *name);
        let result = Result {
            missing: names.filter(is_missing).collect(),
            provider: self.provider_block.then(|| self.hosts.provider_block()),
            hosts,
        };
        let text = match self.format {
            Format::Hcl => result.hcl(),
            Format::Json => result.json(),
        };
        match print(&text) {
            Exit::Done if !result.missing.is_empty() => Exit::Partial,
            exit => exit,
        }
    }
}
