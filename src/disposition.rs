//! The name under which a browser saves a download: Content-Disposition as RFC 6266 has it
//! (<https://www.rfc-editor.org/rfc/rfc6266>).

use crate::encode;
use crate::error::{Error, Result};

/// What a browser does with the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Saves it.
    Attachment,
    /// Shows it, if it can.
    Inline,
}

/// The value of Content-Disposition for a file of this name, or without one.
///
/// A name beyond plain ASCII is given twice: for old clients with `_` in place of what they would
/// misread, and percent-encoded (RFC 8187), which all browsers of today prefer.
///
/// # Errors
/// [`Error::ParamInvalid`] for an empty name, `.` and `..`, control characters, `/` and `\`.
pub fn content_disposition(name: Option<&str>, kind: Kind) -> Result<String> {
    let mut value = match kind {
        Kind::Attachment => "attachment",
        Kind::Inline => "inline",
    }
    .to_owned();
    let Some(name) = name else { return Ok(value) };
    check(name)?;
    let fallback: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    value.push_str("; filename=\"");
    value.push_str(&fallback);
    value.push('"');
    if fallback != name {
        value.push_str("; filename*=UTF-8''");
        encode::push_query(&mut value, name);
    }
    Ok(value)
}

/// Whether every client reads a character in quotes alike. Some decode `%41`, and they do not agree
/// on what `\"` means (RFC 6266, appendix D).
fn is_plain(c: char) -> bool {
    (' '..='~').contains(&c) && !matches!(c, '"' | '\\' | '%')
}

fn check(name: &str) -> Result<()> {
    let rule = if name.is_empty() {
        "must not be empty"
    } else if matches!(name, "." | "..") {
        "must be the name of a file"
    } else if name.contains(char::is_control) {
        "must not hold control characters"
    } else if name.contains(['/', '\\']) {
        "must be a name without folders: no '/' and no '\\'"
    } else {
        return Ok(());
    };
    Err(Error::invalid("download_as", name, rule))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attachment(name: &str) -> String {
        content_disposition(Some(name), Kind::Attachment).unwrap()
    }

    #[test]
    fn a_plain_name_is_given_once() {
        assert_eq!(attachment("a b (1).txt"), "attachment; filename=\"a b (1).txt\"");
        assert_eq!(content_disposition(None, Kind::Inline).unwrap(), "inline");
    }

    #[test]
    fn a_name_beyond_ascii_is_given_twice() {
        assert_eq!(
            attachment("报告 (1).pdf"),
            "attachment; filename=\"__ (1).pdf\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%281%29.pdf"
        );
        assert_eq!(
            attachment("50%41 \"off\".txt"),
            "attachment; filename=\"50_41 _off_.txt\"; filename*=UTF-8''50%2541%20%22off%22.txt"
        );
    }

    #[test]
    fn what_is_no_name_of_a_file_is_refused() {
        for name in ["", ".", "..", "a/b", "a\\b", "a\r\nb", "a\0", "\u{7f}", "\u{85}"] {
            assert!(content_disposition(Some(name), Kind::Attachment).is_err(), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn the_value_is_ascii_and_gives_the_name_back(name in "[^\\p{Cc}/\\\\]{1,30}") {
            prop_assume!(name != "." && name != "..");
            let value = attachment(&name);
            prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(value.matches('"').count(), 2);
            let given = match value.split_once("; filename*=UTF-8''") {
                Some((_, encoded)) => encode::decode(encoded),
                None => value["attachment; filename=\"".len()..value.len() - 1].to_owned(),
            };
            prop_assert_eq!(given, name);
        }
    }
}
