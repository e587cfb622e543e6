//! Destinations as people write them: `[user@]host[:port]`, IPv6 with and without brackets, `ssh://`.

/// A destination in parts; what it does not say is left to the settings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) user: Option<String>,
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

/// Takes a destination apart, or says why it is none.
pub(super) fn parse(text: &str) -> Result<Address, String> {
    let plain = match text.strip_prefix("ssh://") {
        Some(rest) => rest.trim_end_matches('/'),
        None => text,
    };
    let (user, place) = match plain.rsplit_once('@') {
        Some(("", _)) => return Err(format!("`{text}` has an empty user name")),
        Some((user, place)) => (Some(user.to_owned()), place),
        None => (None, plain),
    };
    let (host, port) = if let Some(rest) = place.strip_prefix('[') {
        let (host, tail) =
            rest.split_once(']').ok_or_else(|| format!("`{text}` lacks a closing `]`"))?;
        match tail.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if tail.is_empty() => (host, None),
            None => return Err(format!("`{text}` has `{tail}` after the address")),
        }
    } else {
        match place.split_once(':') {
            // Two colons: an IPv6 address without brackets, which cannot have a port.
            Some((_, tail)) if tail.contains(':') => (place, None),
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        }
    };
    let odd = |c: char| c.is_whitespace() || c.is_control() || "/'\"`$\\".contains(c);
    if host.is_empty() || host.starts_with('-') || host.contains(odd) {
        return Err(format!("`{text}` is not a host; write `[user@]host[:port]`"));
    }
    let port = match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port @ 1..)) => Some(port),
        Some(_) => return Err(format!("`{text}` has no port from 1 to 65535 after the colon")),
    };
    Ok(Address { user, host: host.to_owned(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        let parts = |text: &str| {
            let address = parse(text).unwrap();
            (address.user.unwrap_or_default(), address.host, address.port.unwrap_or_default())
        };
        let expect = |user: &str, host: &str, port| (user.to_owned(), host.to_owned(), port);
        assert_eq!(parts("web1"), expect("", "web1", 0));
        assert_eq!(parts("root@web1:2222"), expect("root", "web1", 2222));
        assert_eq!(parts("a@b@web1"), expect("a@b", "web1", 0));
        assert_eq!(parts("2001:db8::1"), expect("", "2001:db8::1", 0));
        assert_eq!(parts("me@[2001:db8::1]:22"), expect("me", "2001:db8::1", 22));
        assert_eq!(parts("ssh://me@web1:22/"), expect("me", "web1", 22));
        assert_eq!(parts("fe80::1%eth0"), expect("", "fe80::1%eth0", 0));
        for wrong in
            ["", "-oProxyCommand=x", "web1:0", "web1:ssh", "a b", "@web1", "[::1", "x;$(id)"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
