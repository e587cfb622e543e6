//! What the demo shows: numbered steps, their seconds, and of Terraform's output what matters.
//!
//! Terraform prints hundreds of lines; of a plan only the lines that change something stay, and
//! of a message its text without the frame. Everything fits into 100 columns.

use std::env;
use std::io::{self, Write as _};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::Host;
use crate::terraform::messages;

const WIDTH: usize = 100;
const INDENT: &str = "     ";

/// The terminal, and when the step and the demo began.
pub(super) struct Screen {
    number: usize,
    begun: Instant,
    step: Instant,
}

/// Prints a line of detail. A closed standard output is no reason to stop.
pub(super) fn say(text: &str) {
    print(&clipped(&format!("{INDENT}{text}")));
}

impl Screen {
    pub(super) fn new() -> Screen {
        if let Some(seconds) = since_make() {
            print(&format!("Setup and build took {seconds} s."));
        }
        Screen { number: 0, begun: Instant::now(), step: Instant::now() }
    }

    /// Begins a step.
    pub(super) fn step(&mut self, title: &str, what: &str) {
        self.number += 1;
        self.step = Instant::now();
        print(&clipped(&format!("\n{:>2}.  {title}: {what}", self.number)));
    }

    /// Ends a step.
    pub(super) fn done(&self) {
        say(&format!("({:.1} s)", self.step.elapsed().as_secs_f32()));
    }

    pub(super) fn line(&self, text: &str) {
        say(text);
    }

    pub(super) fn lines<'a>(&self, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            say(&format!("  {line}"));
        }
    }

    /// The lines of a plan that change something, and its sum.
    pub(super) fn plan(&self, output: &str) {
        self.lines(changed_lines(output));
    }

    /// What an apply has done.
    pub(super) fn progress(&self, output: &str) {
        let done = |line: &&str| {
            line.contains(" complete after ")
                || line.starts_with("Apply complete!")
                || line.starts_with("Destroy complete!")
        };
        self.lines(output.lines().filter(done));
    }

    /// The texts of warnings and errors, without their frames.
    pub(super) fn messages(&self, output: &str) {
        for message in messages(output) {
            for paragraph in message.lines() {
                let lines = wrapped(paragraph, WIDTH - INDENT.len() - 2);
                self.lines(lines.iter().map(String::as_str));
            }
        }
    }

    /// How it goes on.
    pub(super) fn end(&self, host: &Host) {
        print(&format!("\nThese steps took {:.0} s.", self.begun.elapsed().as_secs_f32()));
        if let Some(seconds) = since_make() {
            print(&format!("With setup and build, `make demo` took {seconds} s."));
        }
        print("The host stays. Log in with:");
        let command = host.ssh_command(host.user());
        let words: Vec<_> =
            command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        // A command line is there to be copied: it is never cut.
        print(&format!("  ssh {}", words.join(" ")));
        print("End it with:");
        print("  make lab-down");
    }
}

/// The seconds since `make demo` began; nothing when the demo was started by hand.
fn since_make() -> Option<u64> {
    let begun = env::var("NMSTATE_DEMO_BEGUN").ok()?.parse().ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    now.checked_sub(begun)
}

fn print(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn clipped(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let kept: String = line.chars().take(WIDTH - 3).collect();
    format!("{kept}...")
}

/// The lines of the planned actions that change something, without what only becomes known later.
fn changed_lines(output: &str) -> impl Iterator<Item = &str> {
    let marker = "will perform the following actions";
    let actions = output.split_once(marker).map_or(output, |(_, actions)| actions);
    actions.lines().filter_map(|line| {
        let text = line.strip_prefix("  ").unwrap_or(line);
        let change = ["+ ", "~ ", "- "].iter().any(|sign| text.trim_start().starts_with(sign));
        let bracket = text.trim_end().ends_with(" {") && text.trim_start().len() == 3;
        let later = text.ends_with("(known after apply)");
        ((change && !bracket && !later) || line.starts_with("Plan:")).then_some(text)
    })
}

/// Breaks a text at spaces.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_shrinks_to_its_changes() {
        let output = "\
Note: Objects have changed outside of Terraform
  ~ resource \"x\" \"y\" {
Terraform will perform the following actions:

  # x.y will be updated in-place
  ~ resource \"x\" \"y\" {
      + id   = (known after apply)
      ~ mtu  = 1400 -> 1500
      ~ port = [
          - {
              - name = \"eth1\" -> null
            },
        ]
        # (1 unchanged attribute hidden)
    }

Plan: 0 to add, 1 to change, 0 to destroy.
";
        let expected = [
            "~ resource \"x\" \"y\" {",
            "    ~ mtu  = 1400 -> 1500",
            "    ~ port = [",
            "            - name = \"eth1\" -> null",
            "Plan: 0 to add, 1 to change, 0 to destroy.",
        ];
        assert_eq!(changed_lines(output).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn texts_break_at_spaces() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("unbreakable", 3), ["unbreakable"]);
    }
}
