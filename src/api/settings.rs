//! What the owner of an API decides, under the same names in Python, in a TOML file and here.

use super::callback::CallbackSettings;
use super::keys::ApiKey;
use super::media::Category;
use super::rate::Rate;
use crate::endpoint::netloc;
use crate::error::{Error, Result};
use crate::presign::check_bucket;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// The settings. All but the bucket have defaults.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where files go.
    pub bucket: String,
    /// What the routes begin with.
    pub path: String,
    /// The pattern of objects' names; see [the names in braces](super::naming).
    pub object_key: String,
    /// `public`: the object's own URL; `presigned`: a presigned GET; or the address of a domain
    /// that serves the bucket, such as `https://cdn.example.com`.
    pub access_url: String,
    /// For how long a presigned `access_url` is valid: 1 s to 7 days.
    pub access_expire_seconds: u32,
    /// Whether requests may have a `content_length`, which is signed: OSS refuses any other size.
    pub content_length: bool,
    /// Whether there are forms to upload with as well.
    pub form_upload: bool,
    /// Whether files can be uploaded in parts as well.
    pub multipart: bool,
    /// The largest file of a category, in bytes. A PUT of such a file needs a `content_length`.
    pub max_bytes: BTreeMap<Category, u64>,
    /// What OSS posts, and where, when a file has arrived.
    pub callback: Option<CallbackSettings>,
    /// Who may ask.
    pub api_keys: Vec<ApiKey>,
    /// How often each of them may ask. There is no limit unless one is set.
    pub rate_limit: Option<Rate>,
    /// The largest body of a request, in bytes.
    pub max_body_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bucket: String::new(),
            path: "/api/oss".to_owned(),
            object_key: "uploads/{yyyy}/{mm}/{dd}/{random}.{ext}".to_owned(),
            access_url: "public".to_owned(),
            access_expire_seconds: 3600,
            content_length: false,
            form_upload: false,
            multipart: false,
            max_bytes: BTreeMap::new(),
            callback: None,
            api_keys: Vec::new(),
            rate_limit: None,
            // Twenty files whose names are all escapes are 68 KB.
            max_body_bytes: 128 * 1024,
        }
    }
}

/// Words about a setting at `path`, of which a text that was given is left out: it may be a key.
pub fn blame(path: &str, words: &str) -> String {
    let words = words.lines().next().unwrap_or_default();
    let words = words.split(" at line ").next().unwrap_or_default();
    let Some((before, after)) = words.split_once('"') else {
        return format!("{path}: {words}");
    };
    let after = after.rsplit_once('"').map_or("", |(_, after)| after);
    format!("{path}: {}{after}", before.trim_end())
}

/// Where files can be read afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Access {
    Public,
    Presigned,
    /// An address, without a `/` at its end.
    Domain(String),
}

impl Access {
    /// # Errors
    /// [`Error::ParamInvalid`] for what is neither of the words nor an address.
    pub(super) fn read(text: &str) -> Result<Self> {
        match text {
            "public" => Ok(Self::Public),
            "presigned" => Ok(Self::Presigned),
            _ => {
                let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
                let plain = |c: char| {
                    c.is_ascii_graphic() && !matches!(c, '?' | '#' | '"' | '<' | '>' | '@')
                };
                let valid = rest.is_some_and(|rest| {
                    let host = rest.split('/').next().unwrap_or_default();
                    netloc::read(host).is_ok() && rest.chars().all(plain)
                });
                let rule =
                    "must be 'public', 'presigned', or an address such as https://cdn.example.com";
                if valid {
                    Ok(Self::Domain(text.trim_end_matches('/').to_owned()))
                } else {
                    Err(Error::invalid("access_url", text, rule))
                }
            }
        }
    }
}

impl Settings {
    /// Reads settings of any format.
    ///
    /// # Errors
    /// The path of the setting that is wrong, and what is wrong with it, as of [`blame`].
    pub fn read<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Self, String> {
        serde_path_to_error::deserialize(from)
            .map_err(|error| blame(&error.path().to_string(), &error.inner().to_string()))
    }

    /// Refuses a bucket, numbers and a path that cannot work.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`].
    pub(super) fn check(&self) -> Result<()> {
        if self.bucket.is_empty() {
            return Err(Error::invalid("bucket", "", "must be given"));
        }
        if check_bucket(&self.bucket).is_err() {
            let rule = "must be 3 to 63 of a-z 0-9 and '-', with no '-' at either end";
            return Err(Error::invalid("bucket", &self.bucket, rule));
        }
        if !(1..=604_800).contains(&self.access_expire_seconds) {
            let value = self.access_expire_seconds.to_string();
            return Err(Error::invalid("access_expire_seconds", &value, "must be 1 to 604800"));
        }
        if !(1024..=64 * 1024 * 1024).contains(&self.max_body_bytes) {
            let value = self.max_body_bytes.to_string();
            return Err(Error::invalid("max_body_bytes", &value, "must be 1024 to 67108864"));
        }
        let segments =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~');
        let path = &self.path;
        if !(path.is_empty() || path.starts_with('/'))
            || path.ends_with('/')
            || !path.chars().all(segments)
        {
            let rule = "must be empty, or start with '/', and not end with '/'";
            return Err(Error::invalid("path", path, rule));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_by_name_and_an_unknown_one_is_refused() {
        let text = r#"{"bucket": "abc", "max_bytes": {"image": 10}, "access_url": "presigned",
            "rate_limit": {"requests": 5, "seconds": 60}}"#;
        let settings: Settings = serde_json::from_str(text).unwrap();
        assert_eq!(settings.max_bytes[&Category::Image], 10);
        assert_eq!(settings.path, "/api/oss");
        assert!(settings.check().is_ok());
        for text in [r#"{"bukket": "b"}"#, r#"{"max_bytes": {"zip": 1}}"#] {
            assert!(serde_json::from_str::<Settings>(text).is_err(), "{text}");
        }
        let wrong = |change: &dyn Fn(&mut Settings)| {
            let mut settings = settings.clone();
            change(&mut settings);
            settings.check().unwrap_err().to_string()
        };
        assert!(wrong(&|s| s.path = "/a/".into()).contains("path"));
        for bucket in ["", "ab", "a.b", "BAD_Bucket"] {
            let words = wrong(&|s| s.bucket = bucket.into());
            assert!(words.contains("bucket: ") && words.contains(bucket), "{words}");
        }
        assert!(wrong(&|s| s.access_expire_seconds = 604_801).contains("access_expire_seconds"));
        assert!(wrong(&|s| s.max_body_bytes = 1).contains("max_body_bytes"));
    }

    #[test]
    fn a_setting_of_another_type_is_named_but_not_shown() {
        let read = |text: &str| {
            let mut json = serde_json::Deserializer::from_str(text);
            Settings::read(&mut json).unwrap_err()
        };
        let error =
            read(r#"{"api_keys": [{"name": "a", "sha256": "b", "rate_limit": "hush \"x"}]}"#);
        assert!(
            error.starts_with("api_keys[0].rate_limit: invalid type: string, expected"),
            "{error}"
        );
        let error = read(r#"{"rate_limit": {"requests": 0, "seconds": 1}}"#);
        assert!(error.starts_with("rate_limit.requests: "), "{error}");
        assert!(
            read(r#"{"bukket": 1}"#).contains("unknown field `bukket`, expected one of `bucket`")
        );
    }

    #[test]
    fn an_access_url_is_a_word_or_an_address() {
        let domain = |text: &str| Access::Domain(text.to_owned());
        assert_eq!(Access::read("public"), Ok(Access::Public));
        assert_eq!(Access::read("https://cdn.example.com/"), Ok(domain("https://cdn.example.com")));
        assert_eq!(Access::read("http://a:80/b:c"), Ok(domain("http://a:80/b:c")));
        for text in [
            "",
            "private",
            "cdn.example.com",
            "https://",
            "https:///a",
            "https://a?b",
            "ftp://a",
            "https://a b",
            "https://a:99999",
            "https://a:b/c",
        ] {
            assert!(Access::read(text).is_err(), "{text}");
        }
    }
}
