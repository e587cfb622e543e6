//! Checks as users write them: a name and a text.
//!
//! Both front doors take the same words and say the same about what they do not take.

use std::net::Ipv6Addr;

use super::Check;

/// Why a value cannot be, and what can.
pub type Refusal = (String, &'static str);

impl Check {
    /// What a probe can ask, by the names that users write.
    pub const NAMES: [&str; 5] = ["gateway", "dns", "tcp", "command", "controller_tcp"];

    /// A check of this name that is written as one text: `dns`, `tcp` or `controller_tcp`.
    pub fn from_text(name: &str, text: &str) -> Result<Check, Refusal> {
        let refused = |hint| (format!("`{name}` cannot be `{text}`"), hint);
        match name {
            "dns" if is_word(text) => Ok(Check::Dns { name: text.to_owned() }),
            "dns" => Err(refused("use the name of a host, such as `example.com`")),
            "tcp" => {
                let (address, port) = place(text)
                    .ok_or_else(|| refused("use `ADDRESS:PORT`, an IPv6 address in brackets"))?;
                Ok(Check::Tcp { address, port })
            }
            "controller_tcp" => {
                let own = port(text.strip_prefix(':').unwrap_or(text)).map(|port| (None, port));
                let other = || place(text).map(|(address, port)| (Some(address), port));
                let (address, port) = own.or_else(other).ok_or_else(|| {
                    refused("use `:PORT`, or `ADDRESS:PORT` with an IPv6 address in brackets")
                })?;
                Ok(Check::ControllerTcp { address, port })
            }
            _ => Err(refused("use `dns`, `tcp` or `controller_tcp`")),
        }
    }

    /// The check `gateway`, which is there or not.
    pub fn from_flag(is_asked: bool) -> Result<Check, Refusal> {
        match is_asked {
            true => Ok(Check::Gateway),
            false => Err(("`gateway` cannot be `false`".to_owned(), "leave the probe out instead")),
        }
    }

    /// The check `command`; an item that is no text is none.
    pub fn from_words(words: impl IntoIterator<Item = Option<String>>) -> Result<Check, Refusal> {
        let argv: Option<Vec<String>> = words.into_iter().collect();
        let argv = argv.filter(|argv| argv.first().is_some_and(|one| !one.trim().is_empty()));
        let hint =
            "list the program and its arguments, such as `[\"test\", \"-e\", \"/run/ready\"]`";
        let argv = argv.ok_or_else(|| ("`command` names no program".to_owned(), hint))?;
        Ok(Check::Command { argv })
    }
}

/// An address and a port.
fn place(text: &str) -> Option<(String, u16)> {
    let (address, digits) = text.rsplit_once(':')?;
    let address = match address.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').filter(|text| text.parse::<Ipv6Addr>().is_ok())?,
        None => Some(address).filter(|text| is_word(text) && !text.contains(':'))?,
    };
    Some((address.to_owned(), port(digits)?))
}

fn port(digits: &str) -> Option<u16> {
    digits.parse().ok().filter(|port| *port > 0)
}

/// Whether a program takes it for a name and not for an option.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.contains(char::is_whitespace)
}
