//! The policy of a form upload: until when it is good, and what the form's fields must be
//! (<https://www.alibabacloud.com/help/en/oss/developer-reference/postobject>, appendix).

use crate::clock;
use crate::error::{Error, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::fmt;

/// The largest object that one upload can make: 5 GB.
pub const LARGEST_OBJECT: u64 = 5 << 30;

/// What is said of bounds of a file's size that are none.
pub const RANGE: &str =
    "must be (least, most), two ints with 0 <= least <= most <= 5368709120 bytes";

/// What one field of the form, or the file's size, must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// The field has this value.
    Equal(String, String),
    /// The field's value begins so; an empty text lets every value pass.
    StartsWith(String, String),
    /// The field has one of these values.
    In(String, Vec<String>),
    /// The field has none of these values.
    NotIn(String, Vec<String>),
    /// The file has so many bytes, from the first number to the second.
    LengthRange(u64, u64),
}

impl Condition {
    /// The field that it is about; none where it is about the file's size.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Equal(field, _)
            | Self::StartsWith(field, _)
            | Self::In(field, _)
            | Self::NotIn(field, _) => Some(field),
            Self::LengthRange(..) => None,
        }
    }

    /// For people to read: as it stands in a policy, but for what is a secret there, a token or the
    /// nonce of a callback.
    pub fn shown(&self) -> String {
        match self {
            Self::Equal(field, _) if is_secret(field) => {
                Self::Equal(field.clone(), "...".to_owned()).to_string()
            }
            other => other.to_string(),
        }
    }

    /// Whether it is about this field. OSS does not tell capitals from small letters in names.
    pub fn is_about(&self, field: &str) -> bool {
        self.field().is_some_and(|own| own.eq_ignore_ascii_case(field))
    }

    /// Whether a value of its field meets it.
    pub fn allows(&self, value: &str) -> bool {
        match self {
            Self::Equal(_, expected) => expected == value,
            Self::StartsWith(_, prefix) => value.starts_with(prefix),
            Self::In(_, values) => values.iter().any(|other| other == value),
            Self::NotIn(_, values) => !values.iter().any(|other| other == value),
            Self::LengthRange(..) => true,
        }
    }

    /// Refuses what no form could meet, or what OSS does not take.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] with the field `conditions` or `content_length_range`.
    pub fn check(&self) -> Result<()> {
        let wrong = |rule| Err(Error::invalid("conditions", &self.to_string(), rule));
        match self {
            Self::LengthRange(min, max) if min > max || *max > LARGEST_OBJECT => {
                let value = format!("({min}, {max})");
                Err(Error::invalid("content_length_range", &value, RANGE))
            }
            Self::In(_, values) | Self::NotIn(_, values) if values.is_empty() => {
                wrong("must list at least one value")
            }
            _ if !self.field().is_none_or(is_field_name) => {
                wrong("must name a field: letters, digits, '-', '_', '.' and ':'")
            }
            _ => Ok(()),
        }
    }

    /// Reads one entry of `conditions`, in any of the forms that OSS documents.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] with the entry and what it should be.
    pub fn of_json(entry: &Value) -> Result<Self> {
        let wrong = |rule| Error::invalid("conditions", &entry.to_string(), rule);
        if let Value::Object(map) = entry {
            let mut entries = map.iter();
            return match (entries.next(), entries.next()) {
                (Some((field, Value::String(value))), None) => {
                    Ok(Self::Equal(field.clone(), value.clone()))
                }
                _ => Err(wrong("must be {\"field\": \"value\"} where it is an object")),
            };
        }
        let Value::Array(parts) = entry else {
            return Err(wrong("must be an object or a list"));
        };
        match (parts.first().and_then(Value::as_str), &parts[parts.len().min(1)..]) {
            (Some("content-length-range"), [min, max]) => match (min.as_u64(), max.as_u64()) {
                (Some(min), Some(max)) => Ok(Self::LengthRange(min, max)),
                _ => Err(wrong("must hold two whole numbers of bytes")),
            },
            (Some(operator), [Value::String(field), value]) => {
                let field = field.strip_prefix('$').unwrap_or(field).to_owned();
                Self::of_operator(operator, field, value).ok_or_else(|| wrong(OPERATORS))
            }
            _ => Err(wrong(OPERATORS)),
        }
    }

    fn of_operator(operator: &str, field: String, value: &Value) -> Option<Self> {
        let text = || value.as_str().map(str::to_owned);
        let texts = || {
            let values = value.as_array()?.iter();
            values.map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        };
        Some(match operator {
            "eq" => Self::Equal(field, text()?),
            "starts-with" => Self::StartsWith(field, text()?),
            "in" => Self::In(field, texts()?),
            "not-in" => Self::NotIn(field, texts()?),
            _ => return None,
        })
    }
}

const OPERATORS: &str = "must be [\"eq\" or \"starts-with\", \"$field\", \"text\"], \
    [\"in\" or \"not-in\", \"$field\", [\"text\", ...]] or [\"content-length-range\", least, most]";

/// As it stands in a policy. The bucket and what names the key are written as OSS's own samples write
/// them, as objects.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = match self {
            Self::Equal(field, value) if field == "bucket" || is_signing_field(field) => {
                json!({field: value})
            }
            Self::Equal(field, value) => json!(["eq", format!("${field}"), value]),
            Self::StartsWith(field, value) => json!(["starts-with", format!("${field}"), value]),
            Self::In(field, values) => json!(["in", format!("${field}"), values]),
            Self::NotIn(field, values) => json!(["not-in", format!("${field}"), values]),
            Self::LengthRange(min, max) => json!(["content-length-range", min, max]),
        };
        write!(f, "{entry}")
    }
}

fn is_secret(field: &str) -> bool {
    ["x-oss-security-token", "x:nonce"].iter().any(|name| name.eq_ignore_ascii_case(field))
}

/// Whether a field of a form can have this name.
pub(super) fn is_field_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
    !name.is_empty() && name.bytes().all(allowed)
}

/// Whether a field belongs to the signature, and not to the object.
pub(super) fn is_signing_field(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "x-oss-signature-version",
        "x-oss-credential",
        "x-oss-date",
        "x-oss-security-token",
        "x-oss-signature",
        "ossaccesskeyid",
        "signature",
        "policy",
    ];
    NAMES.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// Until when a form is good, and what its fields must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Microseconds since 1970; written in whole milliseconds.
    pub expiration: i64,
    /// What must hold, all of it.
    pub conditions: Vec<Condition>,
}

impl Policy {
    /// The policy as JSON.
    ///
    /// A `$` in a value is written `\u0024`: OSS wants it escaped, and `\$` would be no JSON.
    pub fn to_json(&self) -> String {
        let mut out =
            format!("{{\"expiration\":\"{}\",\"conditions\":[", clock::iso_millis(self.expiration));
        for (at, condition) in self.conditions.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            let text = condition.to_string();
            match condition.field() {
                // The one dollar sign that is a sign stands before the field's name.
                Some(field) if text.starts_with('[') => {
                    let name = format!("\"${field}\"");
                    let (operator, value) = text.split_once(&name).unwrap_or((&text, ""));
                    out.push_str(operator);
                    out.push_str(&name);
                    out.push_str(&value.replace('$', "\\u0024"));
                }
                _ => out.push_str(&text.replace('$', "\\u0024")),
            }
        }
        out.push_str("]}");
        out
    }

    /// Reads the JSON of a policy.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for what OSS refuses (EC 0006-00000207 to 0006-00000224): text that is
    /// no JSON, no or another `expiration` than `2026-01-01T00:00:00.000Z`, no conditions.
    pub fn of_json(text: &str) -> Result<Self> {
        let wrong = |field, value: &Value, rule| Error::invalid(field, &value.to_string(), rule);
        let policy: Value = serde_json::from_str(&unescape_dollars(text))
            .map_err(|error| Error::invalid("policy", &error.to_string(), "must be JSON"))?;
        let expiration = &policy["expiration"];
        let expiration =
            expiration.as_str().and_then(clock::parse_iso_millis).ok_or_else(|| {
                wrong(
                    "expiration",
                    expiration,
                    "must be a time such as \"2026-01-01T00:00:00.000Z\"",
                )
            })?;
        let conditions = policy["conditions"].as_array().filter(|all| !all.is_empty());
        let conditions = conditions.ok_or_else(|| {
            wrong("conditions", &policy["conditions"], "must be a list of at least one condition")
        })?;
        let conditions = conditions.iter().map(Condition::of_json).collect::<Result<_>>()?;
        Ok(Self { expiration, conditions })
    }

    /// Reads the value of the form's field `policy`.
    ///
    /// # Errors
    /// As [`Self::of_json`], and for what is no Base64 of UTF-8.
    pub fn decode(encoded: &str) -> Result<Self> {
        let json = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let wrong = || Error::invalid("policy", encoded, "must be the Base64 of JSON in UTF-8");
        Self::of_json(&json.ok_or_else(wrong)?)
    }
}

/// Turns OSS's own escape `\$`, which JSON does not know, into `$`.
fn unescape_dollars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, characters.as_str().chars().next()) {
            ('\\', Some('$')) => {}
            ('\\', Some(escaped)) => {
                out.extend(['\\', escaped]);
                characters.next();
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in super::super) fn conditions() -> impl Strategy<Value = Condition> {
        let field = || "[a-zA-Z][a-z:_-]{0,12}";
        let values = || proptest::collection::vec(any::<String>(), 1..4);
        prop_oneof![
            (field(), any::<String>()).prop_map(|(f, v)| Condition::Equal(f, v)),
            (field(), any::<String>()).prop_map(|(f, v)| Condition::StartsWith(f, v)),
            (field(), values()).prop_map(|(f, v)| Condition::In(f, v)),
            (field(), values()).prop_map(|(f, v)| Condition::NotIn(f, v)),
            (0..9u64, 9..LARGEST_OBJECT).prop_map(|(min, max)| Condition::LengthRange(min, max)),
        ]
    }

    proptest! {
        #[test]
        fn a_policy_is_read_back_as_it_was_written(
            conditions in proptest::collection::vec(conditions(), 1..6), millis in 0..4_102_444_800_000i64,
        ) {
            let policy = Policy { expiration: millis * 1000, conditions };
            let json = policy.to_json();
            prop_assert!(json.matches('$').count() <= policy.conditions.len());
            prop_assert_eq!(Policy::of_json(&json).unwrap(), policy);
        }
    }

    #[test]
    fn the_documented_policies_are_read() {
        let policy = Policy::of_json(
            r#"{"expiration":"2013-12-01T12:00:00Z","conditions":[["content-length-range",0,10485760],
            {"bucket":"ahaha"},{"A":"a"},["eq","success_action_status","200"],
            ["starts-with","$key","a\$b\\$"],["not-in","$cache-control",["no-cache"]]]}"#,
        );
        let expected = [
            Condition::LengthRange(0, 10_485_760),
            Condition::Equal("bucket".into(), "ahaha".into()),
            Condition::Equal("A".into(), "a".into()),
            Condition::Equal("success_action_status".into(), "200".into()),
            Condition::StartsWith("key".into(), "a$b\\$".into()),
            Condition::NotIn("cache-control".into(), vec!["no-cache".into()]),
        ];
        assert_eq!(policy.unwrap().conditions, expected);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let with = |conditions: &str| {
            Policy::of_json(&format!(
                r#"{{"expiration":"2023-02-19T13:19:00.000Z","conditions":{conditions}}}"#
            ))
        };
        for conditions in [
            "[]",
            "123",
            "[123]",
            "[[]]",
            r#"[["$key"]]"#,
            r#"[["eq","$key"]]"#,
            r#"[["like","$key","x"]]"#,
            r#"[["not-in","$key","x"]]"#,
            r#"[["eq","$key",["x"]]]"#,
            r#"[["content-length-range",1]]"#,
            r#"[["content-length-range",-1,5]]"#,
            r#"[["content-length-range","1","5"]]"#,
            r#"[{"a":"b","c":"d"}]"#,
            "[{}]",
            r#"[{"a":1}]"#,
        ] {
            assert!(with(conditions).is_err(), "{conditions}");
        }
        assert!(with(r#"[{"a":"b"}]"#).is_ok());
        for text in ["", "[]", "{}", r#"{"expiration":123,"conditions":[{"a":"b"}]}"#] {
            assert!(Policy::of_json(text).is_err(), "{text}");
        }
        assert!(Policy::decode("no base64!").is_err());
    }

    #[test]
    fn a_range_has_an_order_and_an_end() {
        for (min, max, valid) in
            [(0, 0, true), (1, LARGEST_OBJECT, true), (2, 1, false), (0, LARGEST_OBJECT + 1, false)]
        {
            assert_eq!(Condition::LengthRange(min, max).check().is_ok(), valid, "{min} {max}");
        }
        assert!(Condition::In("key".into(), vec![]).check().is_err());
        assert!(Condition::Equal(String::new(), "v".into()).check().is_err());
    }
}
