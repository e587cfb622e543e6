//! Work on hosts, spread over several of them side by side.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::iter;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::record::Kind;

/// How many hosts there are at once.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Namespace hosts: work on them waits nearly all the time.
    pub namespace_hosts: u16,
    /// VM hosts: without KVM each takes a core.
    pub vm_hosts: u16,
}

/// What of a long table is run, and how: the command line of its program.
#[derive(Debug, clap::Args)]
pub struct Selection {
    /// Only cells with each of these words in their name, and with none that follows a `!`
    words: Vec<String>,
    /// Namespace hosts side by side
    #[arg(long, default_value_t = 4)]
    namespace_hosts: u16,
    /// VM hosts side by side
    #[arg(long, default_value_t = 1)]
    vm_hosts: u16,
    /// Run what is known again
    #[arg(long)]
    pub again: bool,
}

impl Selection {
    /// Whether the cell with these words in its name is meant.
    #[must_use]
    pub fn includes(&self, name: &[&str]) -> bool {
        self.words.iter().all(|word| match word.strip_prefix('!') {
            Some(word) => !name.contains(&word),
            None => name.contains(&word.as_str()),
        })
    }

    /// How many hosts it runs on at once.
    #[must_use]
    pub fn pace(&self) -> Pace {
        Pace { namespace_hosts: self.namespace_hosts, vm_hosts: self.vm_hosts }
    }
}

impl Pace {
    fn of(self, kind: Kind) -> u16 {
        match kind {
            Kind::Namespace => self.namespace_hosts,
            Kind::Vm => self.vm_hosts,
        }
    }
}

/// Spreads `items` over workers, as many per kind as the pace allows. Each is called once, with a
/// name that no other has, and takes items in their order until none is left.
pub(crate) fn spread<T: Send>(
    items: Vec<T>,
    kind: impl Fn(&T) -> Kind,
    pace: Pace,
    work: impl Fn(&str, &mut dyn Iterator<Item = T>) + Sync,
) {
    let (vm, namespace): (VecDeque<T>, VecDeque<T>) =
        items.into_iter().partition(|item| kind(item) == Kind::Vm);
    let queues = [(Kind::Namespace, Mutex::new(namespace)), (Kind::Vm, Mutex::new(vm))];
    let work = &work;
    thread::scope(|scope| {
        for (kind, queue) in &queues {
            for number in 1..=usize::from(pace.of(*kind)).min(locked(queue).len()) {
                let name = format!("{}{number}", kind.name());
                scope.spawn(move || {
                    work(&name, &mut iter::from_fn(|| locked(queue).pop_front()));
                });
            }
        }
    });
}

/// What a worker that panicked has left is as good as what any other has.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints progress. A closed standard output is no reason to stop.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Selection;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        selection: Selection,
    }

    #[test]
    fn words_choose_and_a_mark_leaves_out() {
        let of = |words: &[&str]| {
            let arguments = ["program"].iter().chain(words);
            Program::try_parse_from(arguments).unwrap().selection
        };
        let name = ["vm", "power-loss", "at", "persist"];
        assert!(of(&[]).includes(&name));
        assert!(of(&["persist", "vm"]).includes(&name));
        assert!(!of(&["vm", "pending"]).includes(&name));
        assert!(of(&["vm", "!pending"]).includes(&name));
        assert!(!of(&["vm", "!persist"]).includes(&name));
    }
}
