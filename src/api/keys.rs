//! Who may ask: API keys, known by their SHA-256 digests only.

use super::naming::{NO_DOTS, has_dots};
use super::rate::{Limit, Rate};
use crate::crypto;
use crate::error::{Error, Result};
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// An API key of the settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// What logs and object names call its owner.
    pub name: String,
    /// The digest of the key: 64 hexadecimal digits.
    pub sha256: String,
    /// What stands in front of the names of objects that it uploads.
    #[serde(default)]
    pub prefix: String,
    /// How often it may ask, where that is not the common rate.
    #[serde(default)]
    pub rate_limit: Option<Rate>,
}

/// The keys, ready to be compared with.
pub(super) struct Keys(Vec<Key>);

pub(super) struct Key {
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) limit: Option<Limit>,
    digest: [u8; 32],
}

impl Keys {
    /// # Errors
    /// [`Error::ParamInvalid`] for a digest that is none, for a name twice, and for a name or a
    /// prefix that cannot be in an object's name.
    pub(super) fn new(keys: Vec<ApiKey>) -> Result<Self> {
        let mut all: Vec<Key> = Vec::with_capacity(keys.len());
        for key in keys {
            if all.iter().any(|other| other.name == key.name) {
                return Err(Error::invalid("api_keys.name", &key.name, "must not be there twice"));
            }
            check_name(&key.name)?;
            check_prefix(&key.prefix)?;
            let digest = digest(&key.sha256).ok_or_else(|| {
                // The value may be the key itself, given by mistake: it is not shown.
                Error::invalid(
                    "api_keys.sha256",
                    "***",
                    "must be the 64 hexadecimal digits of the key's SHA-256",
                )
            })?;
            all.push(Key {
                name: key.name,
                prefix: key.prefix,
                limit: key.rate_limit.map(Limit::new),
                digest,
            });
        }
        Ok(Self(all))
    }

    /// The key that was given, compared with every known one in constant time.
    pub(super) fn find(&self, given: &[u8]) -> Option<&Key> {
        let given = crypto::sha256(given);
        let mut found = None;
        for key in &self.0 {
            if bool::from(key.digest.ct_eq(&given)) {
                found = Some(key);
            }
        }
        found
    }

    /// The key of this name.
    pub(super) fn named(&self, name: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.name == name)
    }
}

fn check_name(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let rule = if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) {
        "must be 1 to 64 of A-Z a-z 0-9 - _ ."
    } else if has_dots(name) {
        "must not be '.' or '..'"
    } else {
        return Ok(());
    };
    Err(Error::invalid("api_keys.name", name, rule))
}

fn check_prefix(prefix: &str) -> Result<()> {
    let rule = if prefix.starts_with(['/', '\\']) {
        "must not start with '/' or '\\'"
    } else if prefix.len() > 256 {
        "must not be longer than 256 bytes"
    } else if prefix.chars().any(char::is_control) {
        "must not hold control characters"
    } else if has_dots(prefix) {
        NO_DOTS
    } else {
        return Ok(());
    };
    Err(Error::invalid("api_keys.prefix", prefix, rule))
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Hex;

    fn key(name: &str, secret: &str) -> ApiKey {
        let sha256 = Hex::of(&crypto::sha256(secret.as_bytes())).as_str().to_owned();
        ApiKey { name: name.to_owned(), sha256, prefix: String::new(), rate_limit: None }
    }

    #[test]
    fn a_key_is_found_by_its_digest() {
        let keys = Keys::new(vec![key("web", "one"), key("app", "two")]).unwrap();
        let name = |given: &[u8]| keys.find(given).map(|key| key.name.clone());
        assert_eq!(name(b"one").as_deref(), Some("web"));
        assert_eq!(name(b"two").as_deref(), Some("app"));
        for other in [&b""[..], b"on", b"one ", b"\xff"] {
            assert_eq!(name(other), None);
        }
    }

    #[test]
    fn a_key_that_is_not_hashed_is_refused_and_not_shown() {
        let plain = ApiKey { sha256: "hush".to_owned(), ..key("web", "one") };
        let error = Keys::new(vec![plain]).err().unwrap().to_string();
        assert!(error.contains("api_keys.sha256") && !error.contains("hush"), "{error}");
        let prefix = ApiKey { prefix: "/a".to_owned(), ..key("web", "one") };
        assert!(Keys::new(vec![prefix]).is_err());
        assert!(Keys::new(vec![key("a", "one"), key("a", "two")]).is_err());
        assert!(Keys::new(vec![key("a/b", "one")]).is_err());
    }

    #[test]
    fn a_segment_that_browsers_take_away_is_refused() {
        for (prefix, is_good) in
            [("../", false), ("a/./", false), ("a/..", false), ("..a/", true), ("a/.b/", true)]
        {
            let keys = Keys::new(vec![ApiKey { prefix: prefix.to_owned(), ..key("web", "one") }]);
            let error = keys.err().map(|error| error.to_string());
            assert_eq!(error.is_none(), is_good, "{prefix}");
            assert!(error.is_none_or(|error| error.contains("api_keys.prefix")));
        }
        for name in [".", ".."] {
            let error = Keys::new(vec![key(name, "one")]).err().unwrap().to_string();
            assert!(error.contains("api_keys.name"), "{error}");
        }
        assert!(Keys::new(vec![key("a..b", "one")]).is_ok());
    }
}
