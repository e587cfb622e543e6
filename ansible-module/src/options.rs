//! The options of both modules: the one table that reading and documentation are made of.

/// An option of a module.
#[derive(Clone, Copy, Debug)]
pub struct ModuleOption {
    /// Its name in a playbook.
    pub name: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// What holds when it is left out, in the words of a playbook; empty when nothing does.
    pub default: &'static str,
    /// What it is for, a paragraph each.
    pub doc: &'static [&'static str],
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// A network state: a mapping, or its text in YAML or JSON.
    Document,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Whole seconds, not fewer than this.
    Seconds(u64),
    /// `true` or `false`.
    Flag,
    /// Checks of the host.
    Probes,
    /// A list of texts.
    Texts,
}

/// The options of the module `nmstate`.
pub const NMSTATE: &[ModuleOption] = &[
    ModuleOption {
        name: "desired_state",
        kind: OptionKind::Document,
        default: "",
        doc: &[
            "The network state that the host shall have, with nmstate's own keys: a mapping, its \
             text in YAML or JSON, or a NodeNetworkConfigurationPolicy.",
            "What it leaves out is not managed and stays as it is, unless O(state) says otherwise. \
             A list that is given is exact. An empty list of interfaces, such as that of a loop \
             without a turn, is nothing to do.",
            "A route or a rule in another form than the one that the host has, such as with another \
             metric or priority, takes the place of that one.",
            "Quote hardware addresses: YAML reads V(52:54:00:12:34:56) as a number.",
        ],
    },
    ModuleOption {
        name: "state",
        kind: OptionKind::Word(&[
            "merged",
            "replaced",
            "overridden",
            "deleted",
            "rendered",
            "gathered",
            "parsed",
        ]),
        default: "merged",
        doc: &[
            "V(merged) changes what O(desired_state) mentions.",
            "V(replaced) replaces what it lists as a whole. Settings of a listed interface that \
             are not mentioned go back to their defaults, those of its type and of its ports \
             among them, such as the spanning tree of a bridge, and ports that are not listed go. \
             What stays is its hardware address, MTU, controller and alternative names, what card and \
             driver decide (C(ethernet), C(ethtool)), C(802.1x), and what cannot be changed \
             without making the interface anew. With C(routes), other static routes over the \
             same interfaces go; with C(route-rules), other rules go; with C(dns-resolver), its \
             lists that are not mentioned are emptied.",
            "V(overridden) does so for the whole host. Interfaces, routes, rules and DNS settings \
             that are not listed go. It can take away the way to the host, and then the host goes \
             back by itself.",
            "V(deleted) removes what is listed: an interface by its name alone, routes and rules \
             that have all the values given, however few, and single entries of the lists of \
             C(dns-resolver), or all of them when none is given. A physical interface loses its \
             configuration.",
            "V(rendered) returns the NetworkManager profiles that O(desired_state) makes, and \
             V(parsed) the state that O(running_config) is the text of; neither looks at the host. \
             V(gathered) returns the state of the host. None of them changes anything.",
        ],
    },
    ModuleOption {
        name: "running_config",
        kind: OptionKind::Text,
        default: "",
        doc: &["The output of C(nmstatectl show) in YAML or JSON, for O(state=parsed)."],
    },
    ModuleOption {
        name: "checkpoint_timeout",
        kind: OptionKind::Seconds(5),
        default: "30",
        doc: &["Seconds until NetworkManager takes back a change that nobody has confirmed."],
    },
    ModuleOption {
        name: "lock_timeout",
        kind: OptionKind::Seconds(0),
        default: "60",
        doc: &["Seconds to wait for somebody else's checkpoint."],
    },
    ModuleOption {
        name: "settle_timeout",
        kind: OptionKind::Seconds(0),
        default: "10",
        doc: &["Seconds for which failing O(probes) are asked again before a change is undone."],
    },
    ModuleOption {
        name: "probes",
        kind: OptionKind::Probes,
        default: "",
        doc: &[
            "What a change must not cost the host. Each is asked before and after; one that fails \
             before is not watched, unless it is C(required).",
            "The default gateways and the resolver when left out; an empty list asks nothing.",
        ],
    },
    ModuleOption {
        name: "persist",
        kind: OptionKind::Word(&["after-commit", "at-once", "never"]),
        default: "after-commit",
        doc: &[
            "When a change is written to disk: V(after-commit) when it is confirmed, so that a \
             reboot before undoes it; V(at-once) with the change; V(never), so that the next \
             reboot undoes it.",
        ],
    },
    ModuleOption {
        name: "confirm",
        kind: OptionKind::Word(&["controller", "host", "none"]),
        default: "controller",
        doc: &[
            "Who finds a change good before it is final.",
            "V(controller): the host shows the desired state, its O(probes) pass, and Ansible has \
             made a new connection after the change, at the old address or at one that the change \
             itself gives. Otherwise the host goes back by itself.",
            "V(host): the host shows the desired state and its O(probes) pass.",
            "V(none): the host shows the desired state.",
        ],
    },
];

/// The options of the module `nmstate_info`.
pub const NMSTATE_INFO: &[ModuleOption] = &[
    ModuleOption {
        name: "gather",
        kind: OptionKind::Word(&["state", "interfaces", "routes", "route_rules", "dns"]),
        default: "state",
        doc: &["What to return: the whole state, or a part of it."],
    },
    ModuleOption {
        name: "name",
        kind: OptionKind::Texts,
        default: "",
        doc: &[
            "Only interfaces with such a name, and routes over them. V(*) is any text, V(?) any \
             one character.",
        ],
    },
    ModuleOption {
        name: "type",
        kind: OptionKind::Texts,
        default: "",
        doc: &["Only interfaces of these types, such as V(bond)."],
    },
    ModuleOption {
        name: "running_config",
        kind: OptionKind::Flag,
        default: "false",
        doc: &["Only what is configured, without what the host has learned or counts by itself."],
    },
];

/// What a probe takes.
pub const PROBE: &[ModuleOption] = &[
    ModuleOption {
        name: "gateway",
        kind: OptionKind::Flag,
        default: "",
        doc: &["V(true): the default gateways answer the host."],
    },
    ModuleOption {
        name: "dns",
        kind: OptionKind::Text,
        default: "",
        doc: &["A name that the host has to resolve."],
    },
    ModuleOption {
        name: "tcp",
        kind: OptionKind::Text,
        default: "",
        doc: &[
            "C(ADDRESS:PORT) to which the host has to open a TCP connection, an IPv6 address in \
             brackets.",
        ],
    },
    ModuleOption {
        name: "command",
        kind: OptionKind::Texts,
        default: "",
        doc: &[
            "A program on the host and its arguments, run without a shell, that has to end with \
             status 0.",
        ],
    },
    ModuleOption {
        name: "controller_tcp",
        kind: OptionKind::Text,
        default: "",
        doc: &[
            "C(ADDRESS:PORT), or C(:PORT) of the host's own address, to which a TCP connection has to \
             open from the controller; for O(confirm=controller).",
        ],
    },
    ModuleOption {
        name: "required",
        kind: OptionKind::Flag,
        default: "false",
        doc: &["Whether it has to pass before the change too, which is not begun otherwise."],
    },
    ModuleOption {
        name: "timeout",
        kind: OptionKind::Seconds(1),
        default: "3",
        doc: &["Seconds for one answer."],
    },
];
