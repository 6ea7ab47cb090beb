//! What can go wrong, in the words of the official SDK where it has words for it.

use std::fmt;

/// The error of this crate. Python sees each variant as the exception class of the same name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A setting or field that no working URL can be made of.
    #[error("invalid field, {}.", describe(field, reason))]
    ParamInvalid {
        /// The field's name.
        field: String,
        /// What is wrong with it, where there is more to say than its name.
        reason: Option<Reason>,
    },
    /// A bucket name that OSS does not allow.
    #[error("Bucket name is invalid, got {name}.")]
    BucketNameInvalid {
        /// The name as given.
        name: String,
    },
    /// An object name that OSS does not allow, or that no client can ask for.
    #[error("Object name is invalid{}.", reason.as_ref().map(|r| format!(": key {r}")).unwrap_or_default())]
    ObjectNameInvalid {
        /// What is wrong with it, where the SDK itself would not have refused it.
        reason: Option<Reason>,
    },
    /// A URL that would be valid for longer than seven days, or not at all.
    #[error("{}", match reason {
        None => "expires should be not greater than 604800(seven days)".to_owned(),
        Some(reason) => format!("expires {reason}"),
    })]
    PresignExpiration {
        /// What is wrong with it, where it is not the seven days.
        reason: Option<Reason>,
    },
}

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A value and the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The value as given; never a secret.
    pub value: String,
    /// The rule, as in "must not start with '/'".
    pub rule: &'static str,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' {}", self.value.escape_debug(), self.rule)
    }
}

impl Error {
    /// A field without a reason, in the SDK's own words.
    pub fn field(field: &str) -> Self {
        Self::ParamInvalid { field: field.to_owned(), reason: None }
    }

    /// A field whose `value` breaks `rule`.
    pub fn invalid(field: &str, value: &str, rule: &'static str) -> Self {
        Self::ParamInvalid { field: field.to_owned(), reason: Some(Reason::new(value, rule)) }
    }

    /// A key that breaks `rule`.
    pub fn key(value: &str, rule: &'static str) -> Self {
        Self::ObjectNameInvalid { reason: Some(Reason::new(value, rule)) }
    }

    /// A validity that breaks `rule`.
    pub fn expires(value: String, rule: &'static str) -> Self {
        Self::PresignExpiration { reason: Some(Reason { value, rule }) }
    }
}

impl Reason {
    /// Long values are cut: an error is read by people.
    fn new(value: &str, rule: &'static str) -> Self {
        const LONGEST: usize = 80;
        let value = match value.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}...", &value[..end]),
            None => value.to_owned(),
        };
        Self { value, rule }
    }
}

fn describe(field: &str, reason: &Option<Reason>) -> String {
    reason.as_ref().map_or_else(|| field.to_owned(), |reason| format!("{field}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_reason_the_words_are_the_sdks() {
        assert_eq!(Error::field("endpoint").to_string(), "invalid field, endpoint.");
        let key = Error::ObjectNameInvalid { reason: None };
        assert_eq!(key.to_string(), "Object name is invalid.");
        let expires = Error::PresignExpiration { reason: None };
        assert_eq!(expires.to_string(), "expires should be not greater than 604800(seven days)");
    }

    #[test]
    fn a_reason_names_field_value_and_rule() {
        let error = Error::invalid("region", "oss-cn-hangzhou", "must not start with 'oss-'");
        assert_eq!(
            error.to_string(),
            "invalid field, region: 'oss-cn-hangzhou' must not start with 'oss-'."
        );
        let long = Error::key(&"长".repeat(2000), "is too long").to_string();
        assert!(long.chars().count() < 150, "{long}");
    }
}
