//! The upload callback of the settings, as every upload URL carries it
//! (<https://help.aliyun.com/zh/oss/developer-reference/callback>).

use crate::error::{Error, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

/// The longest that OSS takes, in Base64.
const LONGEST: usize = 5 * 1024;

/// The parameters of the URL: a client that uploads need know nothing of them.
///
/// # Errors
/// [`Error::ParamInvalid`] where URL or body is missing, or the whole is too long.
pub(super) fn parameters(
    callback: Option<&Map<String, Value>>,
) -> Result<Vec<(&'static str, String)>> {
    let Some(callback) = callback else { return Ok(Vec::new()) };
    let wrong = |value: &str, rule| Err(Error::invalid("callback", value, rule));
    for name in ["callbackUrl", "callbackBody"] {
        if callback.get(name).and_then(Value::as_str).is_none_or(str::is_empty) {
            return wrong(name, "must be a text that is not empty");
        }
    }
    const KNOWN: [&str; 5] =
        ["callbackUrl", "callbackBody", "callbackBodyType", "callbackHost", "callbackSNI"];
    if let Some(name) = callback.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return wrong(name, "is not a field of callbacks");
    }
    let encoded = STANDARD.encode(Value::Object(callback.clone()).to_string());
    if encoded.len() > LONGEST {
        return wrong("it", "must not be longer than 5 KB in Base64");
    }
    Ok(vec![("callback", encoded)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(&'static str, String)>> {
        parameters(Some(&serde_json::from_str(text).unwrap()))
    }

    #[test]
    fn a_callback_becomes_one_parameter() {
        let text = r#"{"callbackBody":"a=${object}","callbackUrl":"https://example.com/"}"#;
        let parameters = read(text).unwrap();
        assert_eq!(parameters, [("callback", STANDARD.encode(text))]);
        assert_eq!(super::parameters(None), Ok(Vec::new()));
    }

    #[test]
    fn a_callback_that_oss_would_refuse_is_refused() {
        let long = "a".repeat(5000);
        for text in [
            "{}",
            r#"{"callbackUrl": "https://example.com/"}"#,
            r#"{"callbackUrl": "https://example.com/", "callbackBody": 5}"#,
            r#"{"callbackUrl": "https://example.com/", "callbackBody": "a", "callbackURL": "b"}"#,
            &format!(r#"{{"callbackUrl": "https://example.com/", "callbackBody": "{long}"}}"#),
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
