//! The types the key table is written in.
//!
//! Everything that differs from key to key is data here, so that comparison, validation and the
//! derived schemas are one walk over [`Section`] and a JSON value. The function pointers of a
//! section, [`Section::normal`], [`Section::expected`] and [`Section::check`], hold what relates
//! several keys of that section to each other, and stand next to the keys that they relate.

use serde_json::{Map, Value};

use crate::finding::Finding;

/// One key of an nmstate document.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The name that `nmstatectl show` prints.
    pub name: &'static str,
    /// Other spellings that nmstate accepts on apply.
    pub aliases: &'static [&'static str],
    /// What values it takes.
    pub kind: Kind,
    /// Who may write it.
    pub access: Access,
    /// Whether its section is invalid without it.
    pub required: bool,
    /// Whether the value is a secret, which `show` masks.
    pub sensitive: bool,
    /// Whether the host changes it by itself (timers, life times, neighbours): never compared.
    pub volatile: bool,
    /// The interface types that have it; empty means all.
    pub types: &'static [&'static str],
    /// The first nmstate version with the key, such as `2.2.20`; empty for 2.1.0 or older.
    pub since: &'static str,
    /// The unit of the value, such as `centiseconds`; empty when it has none.
    pub unit: &'static str,
    /// What it means when `show` leaves the key out, where nmstate knows.
    pub default: Option<Literal>,
    /// What a new interface has where its document leaves the key out, if `default` does not say.
    pub initial: Option<Initial>,
    /// For an unordered list: whether the host may have items that are not listed.
    pub extras: Extras,
    /// The keys of its section, or with a slash of one below it, that decide the value where a
    /// document leaves it out: another value of theirs may bring another value of this.
    pub follows: &'static [&'static str],
    /// The case in which the host chooses a value that people refer to, where a document leaves it out: a plan says
    /// of a new thing that it will be known. See [`Key::owner`] for who may change it later.
    pub decided: Option<Decided>,
    /// Whose the value is as long as neither a document nor a profile holds one.
    pub owner: Owner,
    /// Whether NetworkManager refuses another value for an interface that is there: it has to be
    /// made anew, and nmstate does not do that for this key
    /// (`gen_nm_conn_need_to_deactivate_first` in its `nm/query_apply/apply.rs`).
    pub fixed: bool,
    /// The meaning, for people who configure networks.
    pub doc: &'static str,
}

/// The value of a key that no document has given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Initial {
    /// This one.
    Value(Literal),
    /// This one, unless the key with this name in the same section is given, which excludes it.
    Unless(&'static str, Literal),
    /// For a list: the items that are there, with the initial values of theirs. Any other list is
    /// empty.
    Items,
}

/// A case in which a host chooses the value of a key that a document leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Always.
    Always,
    /// If one of the keys with these names in the same section is true.
    With(&'static [&'static str]),
}

/// Whose a value is that neither a document nor a profile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The user's: it stays as it is until somebody changes it.
    User,
    /// The host's: the kernel, a driver or NetworkManager gives another one when something around it
    /// changes, and may not give the one of before again.
    Host,
}

/// Whether a host may have more items than an unordered list names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extras {
    /// No: a list that is given is exact.
    Differ,
    /// Yes: items are removed with `state: absent`.
    Tolerated,
    /// Only if the key with this name in the same section is true.
    ToleratedIf(&'static str),
}

/// Who may write a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Shown and applied.
    Settable,
    /// Only shown; nmstate accepts and ignores it in a desired document.
    ReadOnly,
    /// Only applied; `show` never prints it.
    WriteOnly,
}

/// The values a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A string.
    Text(Text),
    /// A boolean.
    Bool {
        /// Whether `1`, `"yes"`, `"on"` and the like are accepted too.
        lenient: bool,
    },
    /// A whole number.
    Integer {
        /// The smallest valid value.
        min: i64,
        /// The largest valid value.
        max: i64,
        /// The strings that are accepted for the number.
        text: Digits,
        /// Whether `show` prints it as a hexadecimal string such as `0x30`.
        hex: bool,
    },
    /// One of a set of words.
    Enum {
        /// The words.
        choices: &'static [Choice],
        /// Whether any other string is valid too.
        open: bool,
        /// Whether the number of a choice (one of its aliases) is accepted as a number.
        lenient: bool,
    },
    /// A list.
    List {
        /// What each item is.
        item: &'static Kind,
        /// Whether the order of the items matters.
        order: Order,
    },
    /// A mapping with known keys.
    Section(&'static Section),
    /// A mapping with free keys.
    Map(&'static Kind),
}

/// How a number may be spelled as a string, which nmstate decides key by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// Not at all.
    None,
    /// In decimal digits, with a sign.
    Decimal,
    /// In decimal digits, or in hexadecimal ones after `0x`.
    Hexadecimal,
}

/// What a string holds, which decides its canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Anything.
    Plain,
    /// A hardware address of colon-separated bytes; upper case.
    Mac,
    /// An IP address without prefix length; an IPv6 zone is kept.
    Ip,
    /// A network in CIDR notation: host bits masked, a bare address gets `/32` or `/128`.
    IpNetwork,
    /// A comma-separated list of IP addresses in one string.
    IpList,
    /// The name of the interface that is being described.
    InterfaceName,
    /// The name of another interface.
    InterfaceReference,
    /// The name of a host.
    HostName,
    /// A PCI address such as `0000:00:1f.4`; the domain may be left out.
    PciAddress,
}

/// One word of an [`Kind::Enum`].
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// The word that `show` prints.
    pub name: &'static str,
    /// Other words, and the number, that nmstate accepts for it.
    pub aliases: &'static [&'static str],
    /// Whether it may be applied; words that nmstate only ever prints may not.
    pub settable: bool,
}

/// Whether the order of a list carries meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Item by item, such as DNS servers.
    Exact,
    /// As a set; sections are matched by [`Section::identity`].
    Unordered,
}

/// A value in the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// A boolean.
    Bool(bool),
    /// A number.
    Integer(i64),
    /// A string.
    Text(&'static str),
    /// The value of the key with this name in the same section.
    Sibling(&'static str),
}

/// A check of a section in normal form.
pub type Check = fn(&Map<String, Value>, &mut Vec<Finding>);

/// A mapping with known keys.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// A name in our own words, such as `linux bridge options`.
    pub name: &'static str,
    /// Its keys, in the order in which documentation lists them.
    pub keys: &'static [Key],
    /// The keys that tell one item of an unordered list from another; empty when never in one.
    pub identity: &'static [&'static str],
    /// Where the first of its like is special, the group of an item: the first address of a network is
    /// its primary one.
    pub ranked: Option<Group>,
    /// The key that a bare value stands for: `stp: true` is `stp: {enabled: true}`.
    pub shorthand: Option<&'static str>,
    /// What the section is for.
    pub doc: &'static str,
    /// Brings what several keys say together into the normal form, after each key has been.
    pub normal: Option<fn(&mut Map<String, Value>)>,
    /// The keys that keep the host's value when a desired section leaves them out and that decide
    /// what the others mean.
    pub inherits: &'static [&'static str],
    /// Drops what has no effect beside the other keys from a desired section in normal form.
    pub expected: Option<fn(&mut Map<String, Value>)>,
    /// Whether an empty section asks for nothing to be there, rather than for nothing.
    pub empty_resets: bool,
    /// Whether an empty section resets what a host shows with values all the same, so that nobody
    /// can tell whether it has been.
    pub empty_is_meant: bool,
    /// The keys that an entry with `state: absent` has to give as empty texts to mean only entries
    /// without them: nmstate takes one that is left out for any value.
    pub empty_if_absent: &'static [&'static str],
    /// Finds contradictions between keys; paths are relative to the section.
    pub check: Option<Check>,
}

/// Names the group of an item of a list.
pub type Group = fn(&Map<String, Value>) -> String;

/// One value of the key `type` of an interface.
#[derive(Debug, Clone, Copy)]
pub struct InterfaceType {
    /// The value, such as `linux-bridge`.
    pub name: &'static str,
    /// The key of the type's own section, such as `link-aggregation`.
    pub section: Option<&'static str>,
    /// Whether `state: absent` removes the device itself.
    pub is_virtual: bool,
    /// Whether other interfaces are its ports.
    pub is_controller: bool,
    /// Whether it lives outside the kernel, so that a kernel interface may have the same name.
    pub is_user_space: bool,
    /// The modules of the kernel that make one, any of which will do; empty where the kernel is not asked
    /// for more than it always has. The names are those below `drivers/net` and `net` of its source.
    pub modules: &'static [&'static str],
    /// The first nmstate version with the type; empty for 2.1.0 or older.
    pub since: &'static str,
    /// What such an interface is.
    pub doc: &'static str,
}
