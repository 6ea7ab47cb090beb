//! The upload callback of the settings, as every upload URL carries it.

use crate::callback::{BodyType, Callback};
use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What OSS is to tell a server once a file has arrived.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackSettings {
    /// One to five URLs with `;` between them; OSS asks them in order until one answers 200.
    pub url: String,
    /// The body of its request, with variables such as `${object}`.
    pub body: String,
    /// `application/x-www-form-urlencoded`, unless this is `application/json`.
    #[serde(default)]
    pub body_type: Option<String>,
    /// The Host header of its request, where it is not that of the URL.
    #[serde(default)]
    pub host: Option<String>,
    /// Whether OSS names the host when it connects: on for https unless said otherwise.
    #[serde(default)]
    pub sni: Option<bool>,
    /// Variables of one's own, whose names begin with `x:`.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
}

/// What uploads carry: whoever uploads need know nothing of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Carried {
    /// Names and values of the URL's parameters.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// Names and values of a form's fields.
    pub(super) fields: Vec<(String, String)>,
}

/// Both, of the settings.
///
/// # Errors
/// [`ParamInvalid`](crate::error::Error::ParamInvalid) for what OSS would refuse.
pub(super) fn carried(settings: Option<&CallbackSettings>) -> Result<Carried> {
    let Some(settings) = settings else { return Ok(Carried::default()) };
    encoded(settings).map_err(of_callback)
}

/// The error with the setting's whole name in it.
fn of_callback(error: Error) -> Error {
    match error {
        Error::ParamInvalid { field, reason } if field != "callback" => {
            Error::ParamInvalid { field: format!("callback.{field}"), reason }
        }
        other => other,
    }
}

fn encoded(settings: &CallbackSettings) -> Result<Carried> {
    let callback = Callback {
        urls: settings.url.split(';').map(str::to_owned).collect(),
        host: settings.host.clone(),
        body: settings.body.clone(),
        body_type: settings.body_type.as_deref().map_or(Ok(BodyType::default()), BodyType::of)?,
        sni: settings.sni.unwrap_or_else(|| settings.url.starts_with("https:")),
        vars: settings.vars.clone().into_iter().collect(),
    };
    let encoded = callback.encode()?;
    let vars = encoded.callback_var.map(|vars| ("callback-var", vars));
    let mut fields = vec![("callback".to_owned(), encoded.callback.clone())];
    fields.extend(callback.vars);
    let parameters = [("callback", encoded.callback)].into_iter().chain(vars).collect();
    Ok(Carried { parameters, fields })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Carried> {
        carried(Some(&serde_json::from_str(text).unwrap()))
    }

    #[test]
    fn a_callback_becomes_parameters_that_oss_reads() {
        let text = r#"{"url": "https://example.com/", "body": "a=${object}&b=${x:b}",
                       "vars": {"x:b": "c"}}"#;
        let Carried { parameters, fields } = read(text).unwrap();
        let names: Vec<_> = parameters.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["callback", "callback-var"]);
        let callback = Callback::parse(&parameters[0].1, Some(&parameters[1].1)).unwrap();
        assert!(callback.sni && callback.vars == [("x:b".to_owned(), "c".to_owned())]);
        assert_eq!(fields[0], ("callback".to_owned(), parameters[0].1.clone()));
        assert_eq!(fields[1], ("x:b".to_owned(), "c".to_owned()));
        assert!(carried(None).unwrap().parameters.is_empty());
    }

    #[test]
    fn a_callback_that_oss_would_refuse_is_refused() {
        let long = "a".repeat(5000);
        for (field, text) in [
            ("callback.url", r#"{"url": "", "body": "a=${object}"}"#),
            ("callback.body", r#"{"url": "https://example.com/", "body": ""}"#),
            (
                "callback.body_type",
                r#"{"url": "https://example.com/", "body": "a", "body_type": "text/plain"}"#,
            ),
            (
                "callback",
                &format!(r#"{{"url": "https://example.com/", "body": "${{object}}{long}"}}"#),
            ),
        ] {
            let words = read(text).unwrap_err().to_string();
            assert!(words.starts_with(&format!("invalid field, {field}: ")), "{words}");
        }
    }
}
