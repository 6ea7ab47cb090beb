//! Where the server's credentials come from: the environment, a file, or whoever runs the server.

use crate::clock;
use crate::credentials::{Credentials, OwnedCredentials};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Credentials, and when they end.
#[derive(Clone)]
pub struct Given {
    /// Who signs.
    pub who: OwnedCredentials,
    /// Microseconds since 1970.
    pub end: Option<i64>,
}

/// Gives credentials whenever it is asked; it may ask elsewhere, and wait.
pub trait Source: Send + Sync + 'static {
    /// The credentials now.
    ///
    /// # Errors
    /// Words for the log, without anything secret.
    fn give(&self) -> Result<Given, String>;
}

/// The variables that hold an AccessKey: those of the OSS SDKs, and those of all of Alibaba Cloud.
const VARIABLES: [[&str; 3]; 2] = [
    ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"],
    [
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ],
];

/// The credentials of an environment. They do not change.
pub struct Environment(Given);

impl Environment {
    /// Reads the variables.
    ///
    /// # Errors
    /// Words that name the variable that is missing.
    pub fn read(environment: &HashMap<String, String>) -> Result<Self, String> {
        let get = |name| environment.get(name).map(String::as_str).filter(|text| !text.is_empty());
        for [id, secret, token] in VARIABLES {
            let Some(id_given) = get(id) else { continue };
            let secret = get(secret).ok_or_else(|| format!("{secret}: must be set, as {id} is"))?;
            let who = Credentials::new(id_given, secret, get(token)).into();
            return Ok(Self(Given { who, end: None }));
        }
        let [id, secret, _] = VARIABLES[0];
        Err(format!("{id} and {secret}: must be set, or OSSIGN_CREDENTIALS_FILE"))
    }
}

impl Source for Environment {
    fn give(&self) -> Result<Given, String> {
        Ok(self.0.clone())
    }
}

/// A JSON file as STS and the metadata service answer, which somebody keeps fresh.
pub struct File(pub PathBuf);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    access_key_id: String,
    access_key_secret: Zeroizing<String>,
    security_token: Option<Zeroizing<String>>,
    expiration: Option<String>,
}

impl Source for File {
    fn give(&self) -> Result<Given, String> {
        let file = self.0.display();
        let text = std::fs::read_to_string(&self.0).map(Zeroizing::new);
        let text = text.map_err(|error| format!("cannot read {file}: {error}"))?;
        // Words of serde_json could repeat what is in the file.
        let fields: Fields = serde_json::from_str(&text).map_err(|error| {
            let rule = "must be JSON with AccessKeyId and AccessKeySecret";
            format!("{file} {rule}: see line {} column {}", error.line(), error.column())
        })?;
        let end = fields.expiration.map(|text| {
            let rule = "must be as 2026-01-01T00:00:00Z";
            clock::parse_iso_millis(&text).ok_or_else(|| format!("{file}: Expiration {rule}"))
        });
        let token = fields.security_token.as_ref().map(|token| token.as_str());
        let who = Credentials::new(&fields.access_key_id, &fields.access_key_secret, token);
        if who.id.is_empty() || who.secret.is_empty() {
            return Err(format!("{file}: AccessKeyId and AccessKeySecret must not be empty"));
        }
        Ok(Given { who: who.into(), end: end.transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<Given, String> {
        let owned = |pair: &(&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
        Environment::read(&pairs.iter().map(owned).collect())?.give()
    }

    #[test]
    fn both_families_of_variables_are_read_and_what_is_missing_is_named() {
        let oss = [("OSS_ACCESS_KEY_ID", "a"), ("OSS_ACCESS_KEY_SECRET", "b")];
        assert_eq!(environment(&oss).unwrap().who.as_ref(), Credentials::new("a", "b", None));
        let all = [
            ("OSS_ACCESS_KEY_ID", ""),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "a"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "b"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", "c"),
        ];
        assert_eq!(environment(&all).unwrap().who.as_ref(), Credentials::new("a", "b", Some("c")));
        assert!(environment(&[]).err().unwrap().starts_with("OSS_ACCESS_KEY_ID and"));
        assert!(environment(&oss[..1]).err().unwrap().starts_with("OSS_ACCESS_KEY_SECRET: "));
    }

    #[test]
    fn a_file_is_read_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let source = File(folder.path().join("credentials.json"));
        let write = |text: &str| std::fs::write(&source.0, text).unwrap();
        assert!(source.give().err().unwrap().contains("cannot read"));
        write(
            r#"{"AccessKeyId": "a", "AccessKeySecret": "b", "SecurityToken": "c",
                  "Expiration": "2026-01-01T00:00:00Z", "Code": "Success"}"#,
        );
        let given = source.give().unwrap();
        assert_eq!(given.end, Some(1_767_225_600_000_000));
        assert_eq!(given.who.as_ref(), Credentials::new("a", "b", Some("c")));
        for text in [
            "hush",
            r#"{"AccessKeyId": "hush"}"#,
            r#"{"AccessKeyId": "hush", "AccessKeySecret": ""}"#,
            r#"{"AccessKeyId": "a", "AccessKeySecret": "b", "Expiration": "hush"}"#,
        ] {
            write(text);
            assert!(!source.give().err().unwrap().contains("hush"));
        }
    }
}
