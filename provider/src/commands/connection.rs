//! How hosts are reached: what the provider block says about that, as options.
//!
//! Names, values and words are those of the block's own schema, and the block that the options make
//! is read as one of a configuration is. Secrets are in no argument list, which every user of the
//! machine can read: they come from the environment.

use clap::builder::BoolishValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};
use tfplugin::{Attribute, Shape, Type, Value};

use super::exit;
use crate::configuration::schema;

/// The section of the help.
const HEADING: &str = "Connection";
/// The attribute of the block whose own attributes are options.
const SSH: &str = "ssh";
/// The other attributes of the block that say how hosts are reached.
const SETTINGS: [&str; 4] = ["sudo", "sudo_password", "engine", "agent_directory"];
/// Second names of options, for those who know other programs.
const ALIASES: [(&str, &str); 1] = [("config_file", "ssh-config")];

/// The settings of a connection that are given.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    given: Vec<(Setting, Value)>,
}

/// An attribute of the provider block.
#[derive(Debug, Clone)]
struct Setting {
    /// The attribute that it is within.
    within: Option<&'static str>,
    attribute: Attribute,
}

impl Connection {
    /// The provider block that says the same.
    pub(super) fn block(&self) -> Value {
        Self::block_of(self.given.iter())
    }

    /// The provider block, for others to read.
    pub(super) fn block_without_secrets(&self) -> Value {
        Self::block_of(self.given.iter().filter(|(setting, _)| !setting.attribute.sensitive))
    }

    fn block_of<'a>(given: impl Iterator<Item = &'a (Setting, Value)>) -> Value {
        let mut block = Value::Null;
        for (Setting { within, attribute }, value) in given {
            match within {
                None => block.set_attribute(&*attribute.name, value.clone()),
                Some(within) => {
                    let mut inner = block.attribute(within).clone();
                    inner.set_attribute(&*attribute.name, value.clone());
                    block.set_attribute(*within, inner);
                }
            }
        }
        block
    }
}

impl Args for Connection {
    fn augment_args(command: Command) -> Command {
        let (secrets, options): (Vec<Setting>, Vec<Setting>) =
            settings().into_iter().partition(|setting| setting.attribute.sensitive);
        let variable = |secret: &Setting| {
            format!("\n  {}: {}", secret.variable(), secret.attribute.description)
        };
        let variables: String = secrets.iter().map(variable).collect();
        command
            .args(options.iter().map(Setting::option))
            .after_help(exit::HELP)
            .after_long_help(format!("Secrets, from the environment:{variables}\n\n{}", exit::HELP))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Connection {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Vec::new();
        for setting in settings() {
            let value = match setting.attribute.sensitive {
                true => setting.secret()?,
                false => setting.argument(matches),
            };
            given.extend(value.map(|value| (setting, value)));
        }
        Ok(Self { given })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Setting {
    fn option(&self) -> Arg {
        let name = &self.attribute.name;
        let mut option = Arg::new(name.clone())
            .long(name.replace('_', "-"))
            .help_heading(HEADING)
            .help(self.attribute.description.clone());
        if let Some((_, alias)) = ALIASES.iter().find(|(known, _)| known == name) {
            option = option.visible_alias(*alias);
        }
        match self.attribute.shape {
            Shape::Type(Type::Bool) => option
                .value_name("BOOL")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .value_parser(BoolishValueParser::new()),
            Shape::Type(Type::Number) => {
                option.value_name("NUMBER").value_parser(value_parser!(i64))
            }
            _ if name.ends_with("_file") || name.ends_with("_directory") => {
                option.value_name("PATH")
            }
            _ => option.value_name("TEXT"),
        }
    }

    fn argument(&self, matches: &ArgMatches) -> Option<Value> {
        let name = self.attribute.name.as_str();
        match self.attribute.shape {
            Shape::Type(Type::Bool) => matches.get_one::<bool>(name).map(|flag| (*flag).into()),
            Shape::Type(Type::Number) => matches.get_one::<i64>(name).map(|one| (*one).into()),
            _ => matches.get_one::<String>(name).map(|text| text.as_str().into()),
        }
    }

    /// The variable of the environment that holds a secret.
    fn variable(&self) -> String {
        format!("NMSTATE_{}", self.attribute.name.to_uppercase())
    }

    fn secret(&self) -> Result<Option<Value>, clap::Error> {
        let variable = self.variable();
        match std::env::var(&variable) {
            Ok(secret) => Ok((!secret.is_empty()).then(|| secret.into())),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                let message = format!("the environment variable `{variable}` is not UTF-8\n");
                Err(clap::Error::raw(ErrorKind::InvalidUtf8, message))
            }
        }
    }
}

/// The attributes of the provider block that are settings of a connection.
fn settings() -> Vec<Setting> {
    let mut found = Vec::new();
    for attribute in schema().attributes {
        match attribute.shape {
            Shape::Nested(_, inner) if attribute.name == SSH => {
                let inner = inner.into_iter();
                found.extend(inner.map(|attribute| Setting { within: Some(SSH), attribute }));
            }
            _ if SETTINGS.contains(&attribute.name.as_str()) => {
                found.push(Setting { within: None, attribute });
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Connection, clap::Error> {
        let command = Connection::augment_args(Command::new("test").no_binary_name(true));
        command.try_get_matches_from(words).and_then(|all| Connection::from_arg_matches(&all))
    }

    #[test]
    fn options_are_the_provider_block() {
        let words = [
            "--user=admin",
            "--port",
            "2222",
            "--agent=false",
            "--ssh-config=none",
            "--host-key-policy=accept-new",
            "--sudo",
        ];
        let expected = Value::object([
            (
                "ssh",
                Value::object([
                    ("user", Value::from("admin")),
                    ("port", 2222_i64.into()),
                    ("agent", false.into()),
                    ("config_file", "none".into()),
                    ("host_key_policy", "accept-new".into()),
                ]),
            ),
            ("sudo", true.into()),
        ]);
        assert_eq!(parsed(&words).unwrap().block_without_secrets(), expected);
        assert_eq!(parsed(&[]).unwrap().block_without_secrets(), Value::Null);
        assert!(parsed(&["--port=ssh"]).is_err());
    }

    #[test]
    fn every_setting_of_a_connection_is_an_option_or_a_secret() {
        let command = Connection::augment_args(Command::new("test"));
        let options: Vec<&str> = command.get_opts().filter_map(Arg::get_long).collect();
        let (secrets, others): (Vec<_>, Vec<_>) =
            settings().into_iter().partition(|setting| setting.attribute.sensitive);
        for setting in others {
            let name = setting.attribute.name.replace('_', "-");
            assert!(options.contains(&name.as_str()), "{name}");
        }
        let help = command.get_after_long_help().unwrap().to_string();
        let names: Vec<String> = secrets.iter().map(Setting::variable).collect();
        for name in &names {
            assert!(help.contains(name.as_str()), "{name}");
        }
        // Nobody can give one where others see it.
        assert_eq!(
            names,
            [
                "NMSTATE_PRIVATE_KEY",
                "NMSTATE_PASSPHRASE",
                "NMSTATE_PASSWORD",
                "NMSTATE_SUDO_PASSWORD"
            ]
        );
        for name in ["private-key", "passphrase", "password", "sudo-password"] {
            assert!(!options.contains(&name), "{name}");
        }
    }
}
