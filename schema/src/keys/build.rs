//! How the table is written: constant builders, so that a key reads as one sentence of data.

use serde_json::{Map, Value};

use super::{
    Access, Check, Choice, Decided, Digits, Extras, Group, Initial, Key, Kind, Literal, Order,
    Owner, Section, Text,
};

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
            initial: None,
            extras: Extras::Differ,
            follows: &[],
            decided: None,
            owner: Owner::User,
            fixed: false,
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

    /// A number from `min` to `max` that is also accepted as a string; in hexadecimal only if it
    /// cannot be negative, as in nmstate's `deserializer.rs`.
    pub const fn integer(name: &'static str, min: i64, max: i64) -> Key {
        let text = if min < 0 { Digits::Decimal } else { Digits::Hexadecimal };
        Key::new(name, Kind::Integer { min, max, text, hex: false })
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
            other => other,
        };
        self.digits(Digits::None)
    }

    /// Takes these spellings of the number as a string.
    pub const fn digits(mut self, text: Digits) -> Key {
        self.kind = match self.kind {
            Kind::Integer { min, max, hex, .. } => Kind::Integer { min, max, text, hex },
            other => other,
        };
        self
    }

    /// Is printed by `show` as a hexadecimal string.
    pub const fn hex(mut self) -> Key {
        self.kind = match self.kind {
            Kind::Integer { min, max, text, .. } => Kind::Integer { min, max, text, hex: true },
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
        self.owner = Owner::Host;
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
        self.owner = Owner::Host;
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

    /// The initial value, where nothing else decides about it.
    pub const fn initially(mut self, value: Literal) -> Key {
        self.initial = Some(Initial::Value(value));
        self
    }

    /// The initial value.
    pub const fn initial(mut self, initial: Initial) -> Key {
        self.initial = Some(initial);
        self
    }

    /// Is a list that need not name all that the host has.
    pub const fn extras(mut self, extras: Extras) -> Key {
        self.extras = extras;
        self
    }

    /// Is decided by these keys of its section, such as `action` or `vxlan/id`, where it is left out.
    pub const fn follows(mut self, keys: &'static [&'static str]) -> Key {
        self.follows = keys;
        self
    }

    /// Is chosen by the host where it is left out.
    pub const fn decided(mut self, decided: Decided) -> Key {
        self.decided = Some(decided);
        self
    }

    /// Is the host's where neither a document nor a profile holds a value.
    pub const fn of_host(mut self) -> Key {
        self.owner = Owner::Host;
        self
    }

    /// Cannot be changed on an interface that is there.
    pub const fn fixed(mut self) -> Key {
        self.fixed = true;
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

    /// Whether `word` is the choice or another spelling of it.
    pub fn is_named(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }

    /// A word that nmstate only prints.
    pub const fn query_only(name: &'static str) -> Choice {
        Choice { name, aliases: &[], settable: false }
    }
}

impl Section {
    /// A section of these keys.
    pub const fn new(name: &'static str, doc: &'static str, keys: &'static [Key]) -> Section {
        Section {
            name,
            keys,
            identity: &[],
            ranked: None,
            shorthand: None,
            doc,
            normal: None,
            inherits: &[],
            expected: None,
            empty_resets: false,
            empty_is_meant: false,
            empty_if_absent: &[],
            check: None,
        }
    }

    /// Is an item of unordered lists, told apart by these keys.
    pub const fn identity(mut self, identity: &'static [&'static str]) -> Section {
        self.identity = identity;
        self
    }

    /// Is an item of lists that are matched by identity, and of which the first of each group is special.
    pub const fn ranked(mut self, group: Group) -> Section {
        self.ranked = Some(group);
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
    pub const fn inherits(mut self, keys: &'static [&'static str]) -> Section {
        self.inherits = keys;
        self
    }

    /// See the field of the same name.
    pub const fn expected(mut self, expected: fn(&mut Map<String, Value>)) -> Section {
        self.expected = Some(expected);
        self
    }

    /// See the field of the same name.
    pub const fn empty_resets(mut self) -> Section {
        self.empty_resets = true;
        self
    }

    /// See the field of the same name.
    pub const fn empty_is_meant(mut self) -> Section {
        self.empty_is_meant = true;
        self
    }

    /// See the field of the same name.
    pub const fn empty_if_absent(mut self, keys: &'static [&'static str]) -> Section {
        self.empty_if_absent = keys;
        self
    }

    /// The entry that removes this one from a list to which documents only add, and none that says
    /// more.
    pub fn removal(&self, entry: &Value) -> Value {
        let mut removal = entry.as_object().cloned().unwrap_or_default();
        removal.insert("state".to_owned(), "absent".into());
        for name in self.empty_if_absent {
            removal.entry(*name).or_insert_with(|| "".into());
        }
        Value::Object(removal)
    }

    /// See the field of the same name.
    pub const fn check(mut self, check: Check) -> Section {
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
