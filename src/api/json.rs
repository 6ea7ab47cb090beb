//! JSON as requests hold it, read strictly: a name twice in one object is an error, and a number
//! with a fraction is no integer.

use super::surrogate::{self, MARK};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A value. Texts without escapes are not copied.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Bool,
    Integer(i64),
    /// A number with a fraction or an exponent, or one beyond 64 bits.
    Number(f64),
    Text(Cow<'a, str>),
    /// A text that is not Unicode: it holds half a surrogate pair.
    Broken,
    Array(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// The name that an object has twice; the words of serde_json cannot be told from those of clients.
const TWICE: &str = "a name stands twice in one object";

impl<'a> Json<'a> {
    /// Reads a whole body.
    ///
    /// # Errors
    /// What is wrong and where, in words that hold nothing of the body.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, String> {
        if body.is_empty() {
            return Err("the body is empty: it must be a JSON object".to_owned());
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return Err("the body is not UTF-8".to_owned());
        };
        Self::parse(text).or_else(|words| match surrogate::marked(text) {
            Some(marked) => Json::parse(&marked).map(Json::unmarked),
            None => Err(words),
        })
    }

    fn parse(text: &'a str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| {
            let words = error.to_string();
            let what = if words.starts_with(TWICE) {
                TWICE
            } else if words.starts_with("recursion limit") {
                "it is nested too deeply"
            } else {
                "its syntax is wrong"
            };
            let (line, column) = (error.line(), error.column());
            format!("the body is not acceptable JSON: {what}, at line {line} column {column}")
        })
    }

    /// The same, with what was marked as broken; nothing is borrowed from the marked copy.
    fn unmarked(self) -> Json<'static> {
        match self {
            Self::Null => Json::Null,
            Self::Bool => Json::Bool,
            Self::Integer(value) => Json::Integer(value),
            Self::Number(value) => Json::Number(value),
            Self::Text(text) if text.contains(MARK) => Json::Broken,
            Self::Text(text) => Json::Text(text.into_owned().into()),
            Self::Broken => Json::Broken,
            Self::Array(values) => Json::Array(values.into_iter().map(Json::unmarked).collect()),
            Self::Object(entries) => {
                let unmarked = |(name, value): (Cow<'_, str>, Self)| {
                    (name.into_owned().into(), value.unmarked())
                };
                Json::Object(entries.into_iter().map(unmarked).collect())
            }
        }
    }

    /// The value of a name in an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find_map(|(other, value)| (other == name).then_some(value))
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Json::Number(value as f64), Json::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Json::Number(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = values.next_element()? {
            all.push(value);
        }
        Ok(Json::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut all: Vec<(Cow<'de, str>, Json<'de>)> = Vec::new();
        while let Some(name) = entries.next_key::<Name<'de>>()? {
            // Few names are looked for, so that only those need be unique; and a body of many
            // names must not cost the square of their number.
            if KNOWN.contains(&&*name.0) && all.iter().any(|(other, _)| *other == name.0) {
                return Err(de::Error::custom(TWICE));
            }
            let value = entries.next_value()?;
            if KNOWN.contains(&&*name.0) {
                all.push((name.0, value));
            }
        }
        Ok(Json::Object(all))
    }
}

/// The names that requests use; others are ignored.
const KNOWN: [&str; 10] = [
    "filename",
    "content_type",
    "expire_seconds",
    "content_length",
    "files",
    "size",
    "part_size",
    "object_key",
    "upload_id",
    "part_numbers",
];

/// A name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(Reader)? {
            Json::Text(text) => Ok(Self(text)),
            _ => Err(de::Error::custom("a name")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_those_without_fraction_and_exponent() {
        let read = |text: &'static str| Json::read(text.as_bytes()).unwrap();
        assert_eq!(read("3600"), Json::Integer(3600));
        assert_eq!(read("3600.0"), Json::Number(3600.0));
        assert_eq!(read("1e2"), Json::Number(100.0));
        assert_eq!(read("true"), Json::Bool);
        assert!(matches!(read("18446744073709551616"), Json::Number(_)));
    }

    #[test]
    fn a_name_twice_is_an_error_however_it_is_escaped() {
        let error = Json::read(br#"{"filename":"a","\u0066ilename":"b"}"#).unwrap_err();
        assert!(error.contains("twice"), "{error}");
        assert!(Json::read(br#"{"other":1,"other":2}"#).is_ok());
    }

    #[test]
    fn half_a_surrogate_pair_breaks_its_own_text_only() {
        let body = br#"{"filename":"\ud83d.jpg","more\ud83d":"\ud83d","content_type":"image/jpeg",
            "files":["\ude00","\ud83d\ude00","\\ud83d",1,1.5,null,true,{"size":"\ud83d"}]}"#;
        let json = Json::read(body).unwrap();
        assert_eq!(json.get("filename"), Some(&Json::Broken));
        assert_eq!(json.get("content_type"), Some(&Json::Text("image/jpeg".into())));
        let files = Json::Array(vec![
            Json::Broken,
            Json::Text("\u{1f600}".into()),
            Json::Text("\\ud83d".into()),
            Json::Integer(1),
            Json::Number(1.5),
            Json::Null,
            Json::Bool,
            Json::Object(vec![("size".into(), Json::Broken)]),
        ]);
        assert_eq!(json.get("files"), Some(&files));
        assert!(matches!(Json::read(br#""\uffff""#), Ok(Json::Text(_))));
    }

    #[test]
    fn an_error_tells_where_and_nothing_of_the_body() {
        for body in
            ["{\"hush\":", "hush", "{\"filename\": \"hush\\ud800\"", "\u{feff}{}", "{} hush"]
        {
            let error = Json::read(body.as_bytes()).unwrap_err();
            assert!(error.contains("line 1 column") && !error.contains("hush"), "{error}");
        }
        let deep = "[".repeat(100_000);
        assert!(Json::read(deep.as_bytes()).unwrap_err().contains("too deeply"));
        assert!(Json::read(b"\xff").unwrap_err().contains("UTF-8"));
        assert!(Json::read(b"").unwrap_err().contains("empty"));
    }
}
