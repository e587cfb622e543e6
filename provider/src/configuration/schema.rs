//! The schema of the provider block.

use tfplugin::{Attribute, Mode, Nesting, Schema, Type};

use crate::settings;

/// The schema of the provider block.
pub(crate) fn schema() -> Schema {
    Schema {
        version: 0,
        description: "Manages the network state of Linux hosts with nmstate over SSH. A change is \
                      confirmed only over a new SSH login; otherwise the host goes back by itself."
            .into(),
        attributes: vec![
            optional(
                "host",
                Type::String,
                "Default host of resources that name none: a key of `hosts`. Without `hosts`, or \
                 with `destinations`, also an SSH destination (`[user@]host[:port]`, an alias of \
                 the SSH client configuration, or `local` for the machine that runs Terraform or \
                 OpenTofu). Defaults to the environment variable `NMSTATE_HOST`.",
            ),
            nested(
                "hosts",
                Nesting::Map,
                vec![
                    optional(
                        "address",
                        Type::String,
                        "SSH destination of the host: a name or an address, with `:port` if needed. \
                         Defaults to the key in `hosts`.",
                    ),
                    nested(
                        "ssh",
                        Nesting::Single,
                        ssh_attributes(),
                        "SSH settings of this host alone.",
                    ),
                    optional("sudo", Type::Bool, "As `sudo` of the provider, for this host alone."),
                    optional(
                        "sudo_password",
                        Type::String,
                        "As `sudo_password` of the provider, for this host alone.",
                    )
                    .sensitive(),
                    optional(
                        "engine",
                        Type::String,
                        "As `engine` of the provider, for this host alone.",
                    ),
                ],
                "Hosts by the name that resources use in `host`. What an entry leaves out comes \
                 from the provider's own settings, then from the SSH client configuration. Entries \
                 with the same address, port, user, jump hosts and host key are one host, and have \
                 to be the same in all else.",
            ),
            optional(
                "destinations",
                Type::Bool,
                "Whether `host` may be an SSH destination where there are `hosts`, too. False by \
                 default: a name that is no key of `hosts` is an error, because a slip of the pen \
                 would lead to another machine.",
            ),
            nested("ssh", Nesting::Single, ssh_attributes(), "SSH settings of all hosts."),
            optional(
                "sudo",
                Type::Bool,
                "Whether `nmstatectl` and `systemd-stdio-bridge` run through `sudo -n`. By default \
                 they do when the login user is not root.",
            ),
            optional(
                "sudo_password",
                Type::String,
                "The password that `sudo` asks for. Without it, sudo must not ask for one.",
            )
            .sensitive(),
            optional(
                "engine",
                Type::String,
                "What speaks nmstate on the hosts: `nmstatectl`, which is there; `agent`, nmstate \
                 itself, which the provider brings along, so that a host needs NetworkManager and \
                 nothing else; or `auto` (the default), which takes `nmstatectl` where there is \
                 2.2.9 or newer, and else the agent where there is one for the host's machine.",
            ),
            optional(
                "agent_directory",
                Type::String,
                "Path of a directory with agents, each a file named `nmstate-agent-MACHINE` with \
                 the word of `uname -m`. Defaults to the directory of the provider's program.",
            ),
            nested(
                "checkpoint",
                Nesting::Single,
                vec![
                    optional(
                        "timeout",
                        Type::Number,
                        "Seconds after which the host takes an unconfirmed change back by itself. \
                         From 5 up; 30 by default.",
                    ),
                    optional(
                        "lock_timeout",
                        Type::Number,
                        "Seconds to wait for somebody else's pending checkpoint. 60 by default.",
                    ),
                    optional(
                        "settle_timeout",
                        Type::Number,
                        "Seconds for which probes that fail after a change are asked again before \
                         it is undone. 10 by default.",
                    ),
                    optional(
                        "persist",
                        Type::String,
                        "When a change is written to disk: `after-commit` (the default), so that a \
                         reboot before falls back to the state before; `at-once`, with the change \
                         itself; `never`, so that the next reboot undoes it.",
                    ),
                ],
                "The NetworkManager checkpoint that guards every change.",
            ),
            settings::probes_attribute(
                "What is asked before and after every change: what has worked before and does not \
                 any more undoes it. Replaces the default, which is the default gateways and a DNS \
                 lookup; an empty list asks nothing.",
            ),
            optional(
                "report_dir",
                Type::String,
                "Path of a directory for one JSON file about each transaction, readable by its \
                 owner alone and without secrets.",
            ),
            optional(
                "report_in_state",
                Type::Bool,
                "Whether resources keep in `transaction` what their last transaction did. False by \
                 default, because such an attribute is \"known after apply\" in every plan that \
                 changes something.",
            ),
            optional(
                "adopt",
                Type::Bool,
                "Whether creating a resource may take over what is on the host already, such as an \
                 interface that somebody has configured. True by default: the plan names what \
                 goes. `false` makes that an error, so that only an import takes over.",
            ),
            optional(
                "unreachable",
                Type::String,
                "What to do when a host cannot be reached during a refresh: `error` (the default) \
                 fails its resources, `warn` warns and keeps their state.",
            ),
        ],
    }
}

fn ssh_attributes() -> Vec<Attribute> {
    let secret =
        |name: &str, description: &str| optional(name, Type::String, description).sensitive();
    vec![
        optional(
            "user",
            Type::String,
            "Login user. Defaults to the SSH client configuration, then the current user.",
        ),
        optional(
            "port",
            Type::Number,
            "TCP port. Defaults to the SSH client configuration, then 22.",
        ),
        optional("identity_file", Type::String, "Path of the private key to log in with."),
        secret("private_key", "Private key in PEM or OpenSSH form, instead of `identity_file`."),
        secret("passphrase", "Passphrase of the private key."),
        secret("password", "Password to log in with, tried after keys."),
        optional(
            "agent",
            Type::Bool,
            "Whether to offer the keys of the SSH agent. True by default.",
        ),
        optional(
            "jump",
            Type::String,
            "Jump hosts as in `ProxyJump`: `[user@]host[:port]`, several with commas.",
        ),
        optional(
            "config_file",
            Type::String,
            "Path of the SSH client configuration. `~/.ssh/config` by default, `none` for none.",
        ),
        optional(
            "known_hosts_file",
            Type::String,
            "Path of the file with known host keys. `~/.ssh/known_hosts` by default.",
        ),
        optional(
            "host_key",
            Type::String,
            "The only host key to accept: a public key (`ssh-ed25519 AAAA...`) or its fingerprint (`SHA256:...`).",
        ),
        optional(
            "host_key_policy",
            Type::String,
            "`strict` (the default) accepts known host keys only; `accept-new` also learns the key of a host that has none yet.",
        ),
        optional(
            "connect_timeout",
            Type::Number,
            "Seconds until a host counts as unreachable. 10 by default.",
        ),
    ]
}

fn optional(name: &str, value_type: Type, description: &str) -> Attribute {
    Attribute::optional(name, value_type).described(description)
}

fn nested(
    name: &str,
    nesting: Nesting,
    attributes: Vec<Attribute>,
    description: &str,
) -> Attribute {
    Attribute::nested(name, Mode::Optional, nesting, attributes).described(description)
}
