//! One line. Core insists on three texts with these names and on exactly six digits of a second;
//! anything else is shown as the raw line.

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;
use tracing::Level;

const STAMP: &[FormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

pub(super) fn line(
    now: OffsetDateTime,
    level: Level,
    module: &str,
    mut fields: Map<String, Json>,
) -> String {
    let message = match fields.shift_remove("message") {
        Some(Json::String(message)) => message,
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let mut line = Map::new();
    line.insert("@level".into(), level.as_str().to_ascii_lowercase().into());
    line.insert("@message".into(), message.into());
    line.insert("@module".into(), module.into());
    line.insert("@timestamp".into(), now.format(STAMP).unwrap_or_default().into());
    line.extend(fields.into_iter().filter(|(name, _)| !name.starts_with('@')));
    Json::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_core_insists_on() {
        let mut fields = Map::new();
        fields.insert("message".into(), "two\nlines".into());
        fields.insert("host".into(), "a".into());
        fields.insert("@level".into(), 7.into());
        let now = OffsetDateTime::from_unix_timestamp_nanos(1_700_000_000_000_001_999).unwrap();
        assert_eq!(
            line(now, Level::WARN, "x", fields),
            r#"{"@level":"warn","@message":"two\nlines","@module":"x","#.to_owned()
                + r#""@timestamp":"2023-11-14T22:13:20.000001Z","host":"a"}"#
        );
    }
}
