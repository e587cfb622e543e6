//! The types the key table is written in.
//!
//! Everything that differs from key to key is data here, so that comparison, validation and the
//! derived schemas are one walk over [`Section`] and a JSON value. The two function pointers of a
//! section, [`Section::normal`] and [`Section::check`], hold what relates several keys of that
//! section to each other; nothing else about nmstate is written as code.

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
    /// The meaning, for people who configure networks.
    pub doc: &'static str,
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
        /// Whether a string holding the number is accepted too.
        lenient: bool,
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

/// A mapping with known keys.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// A name in our own words, such as `linux bridge options`.
    pub name: &'static str,
    /// Its keys, in the order in which documentation lists them.
    pub keys: &'static [Key],
    /// The keys that tell one item of an unordered list from another; empty when never in one.
    pub identity: &'static [&'static str],
    /// The key that a bare value stands for: `stp: true` is `stp: {enabled: true}`.
    pub shorthand: Option<&'static str>,
    /// What the section is for.
    pub doc: &'static str,
    /// Brings what several keys say together into the normal form, after each key has been.
    pub normal: Option<fn(&mut Map<String, Value>)>,
    /// Finds contradictions between keys; paths are relative to the section.
    pub check: Option<fn(&Map<String, Value>, &mut Vec<Finding>)>,
}

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
    /// The first nmstate version with the type; empty for 2.1.0 or older.
    pub since: &'static str,
    /// What such an interface is.
    pub doc: &'static str,
}

impl Key {
    const fn new(name: &'static str, kind: Kind) -> Key {
        Key {
            name,
            aliases: &[],
            kind,
            access: Access::Settable,
            required: false,
            sensitive: false,
            volatile: false,
            types: &[],
            since: "",
            unit: "",
            default: None,
            doc: "",
        }
    }

    /// A free string.
    pub const fn text(name: &'static str) -> Key {
        Key::new(name, Kind::Text(Text::Plain))
    }

    /// A string of the given form.
    pub const fn formatted(name: &'static str, text: Text) -> Key {
        Key::new(name, Kind::Text(text))
    }

    /// The name of another interface.
    pub const fn reference(name: &'static str) -> Key {
        Key::new(name, Kind::Text(Text::InterfaceReference))
    }

    /// A boolean that is also accepted as a number or a word.
    pub const fn boolean(name: &'static str) -> Key {
        Key::new(name, Kind::Bool { lenient: true })
    }

    /// A number from `min` to `max` that is also accepted as a string.
    pub const fn integer(name: &'static str, min: i64, max: i64) -> Key {
        Key::new(name, Kind::Integer { min, max, lenient: true, hex: false })
    }

    /// An [`Key::integer`] of 8 bits.
    pub const fn u8(name: &'static str) -> Key {
        Key::integer(name, 0, u8::MAX as i64)
    }

    /// An [`Key::integer`] of 16 bits.
    pub const fn u16(name: &'static str) -> Key {
        Key::integer(name, 0, u16::MAX as i64)
    }

    /// An [`Key::integer`] of 32 bits.
    pub const fn u32(name: &'static str) -> Key {
        Key::integer(name, 0, u32::MAX as i64)
    }

    /// An [`Key::integer`] of 64 bits; the upper half, which no network setting uses, is left out.
    pub const fn u64(name: &'static str) -> Key {
        Key::integer(name, 0, i64::MAX)
    }

    /// One of `choices`.
    pub const fn choice(name: &'static str, choices: &'static [Choice]) -> Key {
        Key::new(name, Kind::Enum { choices, open: false, lenient: false })
    }

    /// One of `choices`, by word or by number.
    pub const fn numbered(name: &'static str, choices: &'static [Choice]) -> Key {
        Key::new(name, Kind::Enum { choices, open: false, lenient: true })
    }

    /// A list.
    pub const fn list(name: &'static str, item: &'static Kind, order: Order) -> Key {
        Key::new(name, Kind::List { item, order })
    }

    /// A mapping with known keys.
    pub const fn section(name: &'static str, section: &'static Section) -> Key {
        Key::new(name, Kind::Section(section))
    }

    /// A mapping with free keys.
    pub const fn map(name: &'static str, value: &'static Kind) -> Key {
        Key::new(name, Kind::Map(value))
    }

    /// Adds other accepted spellings.
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Key {
        self.aliases = aliases;
        self
    }

    /// Takes only the real type: no `"yes"`, no `"1500"`.
    pub const fn strict(mut self) -> Key {
        self.kind = match self.kind {
            Kind::Bool { .. } => Kind::Bool { lenient: false },
            Kind::Integer { min, max, hex, .. } => Kind::Integer { min, max, lenient: false, hex },
            other => other,
        };
        self
    }

    /// Is printed by `show` as a hexadecimal string.
    pub const fn hex(mut self) -> Key {
        self.kind = match self.kind {
            Kind::Integer { min, max, lenient, .. } => {
                Kind::Integer { min, max, lenient, hex: true }
            }
            other => other,
        };
        self
    }

    /// Takes any other string besides its choices.
    pub const fn open(mut self) -> Key {
        self.kind = match self.kind {
            Kind::Enum { choices, lenient, .. } => Kind::Enum { choices, open: true, lenient },
            other => other,
        };
        self
    }

    /// Is only shown.
    pub const fn read_only(mut self) -> Key {
        self.access = Access::ReadOnly;
        self
    }

    /// Is only applied.
    pub const fn write_only(mut self) -> Key {
        self.access = Access::WriteOnly;
        self
    }

    /// Must be given.
    pub const fn required(mut self) -> Key {
        self.required = true;
        self
    }

    /// Is a secret.
    pub const fn sensitive(mut self) -> Key {
        self.sensitive = true;
        self
    }

    /// Changes by itself.
    pub const fn volatile(mut self) -> Key {
        self.volatile = true;
        self
    }

    /// Belongs to these interface types only.
    pub const fn types(mut self, types: &'static [&'static str]) -> Key {
        self.types = types;
        self
    }

    /// Came with this nmstate version.
    pub const fn since(mut self, version: &'static str) -> Key {
        self.since = version;
        self
    }

    /// Is counted in this unit.
    pub const fn unit(mut self, unit: &'static str) -> Key {
        self.unit = unit;
        self
    }

    /// Means this when `show` leaves it out.
    pub const fn default(mut self, value: Literal) -> Key {
        self.default = Some(value);
        self
    }

    /// Means this.
    pub const fn doc(mut self, doc: &'static str) -> Key {
        self.doc = doc;
        self
    }

    /// Whether interfaces of this type have the key; an unknown type has every key.
    pub fn applies_to(&self, interface_type: Option<&str>) -> bool {
        match interface_type {
            Some(name) => self.types.is_empty() || self.types.contains(&name),
            None => true,
        }
    }

    /// Whether `spelling` is the key's name or one of its aliases.
    pub fn is_named(&self, spelling: &str) -> bool {
        self.name == spelling || self.aliases.contains(&spelling)
    }

    /// Whether the key takes part in comparing what is desired with what is there.
    pub fn is_compared(&self) -> bool {
        self.access == Access::Settable && !self.volatile
    }
}

impl Choice {
    /// A word with no other spelling.
    pub const fn new(name: &'static str) -> Choice {
        Choice { name, aliases: &[], settable: true }
    }

    /// A word with other spellings, its number among them.
    pub const fn with_aliases(name: &'static str, aliases: &'static [&'static str]) -> Choice {
        Choice { name, aliases, settable: true }
    }

    /// A word that nmstate only prints.
    pub const fn query_only(name: &'static str) -> Choice {
        Choice { name, aliases: &[], settable: false }
    }
}

impl Section {
    /// A section of these keys.
    pub const fn new(name: &'static str, doc: &'static str, keys: &'static [Key]) -> Section {
        Section { name, keys, identity: &[], shorthand: None, doc, normal: None, check: None }
    }

    /// Is an item of unordered lists, told apart by these keys.
    pub const fn identity(mut self, identity: &'static [&'static str]) -> Section {
        self.identity = identity;
        self
    }

    /// May be written as the bare value of this key.
    pub const fn shorthand(mut self, key: &'static str) -> Section {
        self.shorthand = Some(key);
        self
    }

    /// See the field of the same name.
    pub const fn normal(mut self, normal: fn(&mut Map<String, Value>)) -> Section {
        self.normal = Some(normal);
        self
    }

    /// See the field of the same name.
    pub const fn check(mut self, check: fn(&Map<String, Value>, &mut Vec<Finding>)) -> Section {
        self.check = Some(check);
        self
    }

    /// The first key with this name or alias, whatever the interface type.
    pub fn key(&self, name_or_alias: &str) -> Option<&'static Key> {
        self.key_for(name_or_alias, None)
    }

    /// The key with this name or alias that interfaces of the type have.
    pub fn key_for(
        &self,
        name_or_alias: &str,
        interface_type: Option<&str>,
    ) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.is_named(name_or_alias) && key.applies_to(interface_type))
    }
}

impl Literal {
    /// The value as JSON, in a section with these other keys.
    pub fn value(self, section: &Map<String, Value>) -> Value {
        match self {
            Literal::Bool(value) => value.into(),
            Literal::Integer(value) => value.into(),
            Literal::Text(value) => value.into(),
            Literal::Sibling(name) => section.get(name).cloned().unwrap_or(Value::Null),
        }
    }
}
