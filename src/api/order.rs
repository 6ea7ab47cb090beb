//! What a request asks for, checked field by field.

use super::json::Json;
use super::media::{Category, Media, media_of};
use super::problem::{Cause, Problem};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// How many files a batch may have.
pub const FILES: RangeInclusive<usize> = 1..=20;
/// For how many seconds an upload URL may be valid.
pub const EXPIRE_SECONDS: RangeInclusive<i64> = 60..=7200;
/// For how many seconds it is where the request does not say.
pub const DEFAULT_EXPIRE_SECONDS: i64 = 3600;
/// How long a file name or a content type may be, in characters.
pub const LONGEST_TEXT: usize = 255;
/// The largest object that one PUT may make: 5 GB
/// (<https://help.aliyun.com/zh/oss/user-guide/limits>).
pub const LARGEST_PUT: u64 = 5 * 1024 * 1024 * 1024;

/// What is asked of every file beyond its type.
pub(super) struct Rules<'s> {
    /// Whether a `content_length` is looked at.
    pub(super) content_length: bool,
    pub(super) max_bytes: &'s BTreeMap<Category, u64>,
    /// Whether a category with a largest size needs a `content_length`.
    pub(super) must_be_sized: bool,
}

/// A checked request.
pub(super) struct Order<'b> {
    pub(super) files: Vec<Result<File<'b>, Problem>>,
    pub(super) expire_seconds: i64,
}

/// A file that may be uploaded.
pub(super) struct File<'b> {
    pub(super) filename: Cow<'b, str>,
    pub(super) media: &'static Media,
    pub(super) extension: &'static str,
    pub(super) content_length: Option<u64>,
}

impl<'b> Order<'b> {
    /// Reads the request for one file: what is wrong with the file is wrong with the request.
    pub(super) fn one(body: &'b [u8], rules: &Rules<'_>) -> Result<Self, Problem> {
        let body = object(body)?;
        let file = File::read(&body, rules)?;
        Ok(Self { files: vec![Ok(file)], expire_seconds: expire_seconds(&body)? })
    }

    /// Reads the request for several.
    pub(super) fn batch(body: &'b [u8], rules: &Rules<'_>) -> Result<Self, Problem> {
        let body = object(body)?;
        let files = match body.get("files") {
            Some(Json::Array(files)) if FILES.contains(&files.len()) => files,
            Some(Json::Array(_)) => return Err(range("files", "must hold 1 to 20 files")),
            Some(_) => return Err(kind("files", "must be an array of objects")),
            None => return Err(missing("files", "is missing: an array of 1 to 20 files")),
        };
        let expire_seconds = expire_seconds(&body)?;
        let files = files.iter().map(|file| match file {
            Json::Object(_) => File::read(file, rules),
            _ => Err(Problem::new(Cause::WrongType, "a file must be an object")),
        });
        Ok(Self { files: files.collect(), expire_seconds })
    }
}

impl<'b> File<'b> {
    pub(super) fn read(object: &Json<'b>, rules: &Rules<'_>) -> Result<Self, Problem> {
        let filename = text(object, "filename", LONGEST_TEXT)?;
        check_characters(&filename)?;
        let content_type = text(object, "content_type", LONGEST_TEXT)?;
        if content_type.chars().any(char::is_control) {
            return Err(range("content_type", "must not hold control characters"));
        }
        let (media, extension) = media_of(&filename)?;
        if !media.is_called(&content_type) {
            let words =
                format!("does not fit the extension: .{extension} is {}", media.content_type);
            return Err(Problem::of("content_type", Cause::ContentType, words));
        }
        let content_length = rules.content_length(object, media.category)?;
        Ok(Self { filename, media, extension, content_length })
    }
}

impl Rules<'_> {
    fn content_length(
        &self,
        object: &Json<'_>,
        category: Category,
    ) -> Result<Option<u64>, Problem> {
        const FIELD: &str = "content_length";
        let most = self.max_bytes.get(&category).copied();
        if !self.content_length && most.is_none() {
            return Ok(None);
        }
        let length = match object.get(FIELD) {
            None if most.is_some() && self.must_be_sized => {
                return Err(missing(FIELD, "is missing: the size of the file in bytes"));
            }
            None => return Ok(None),
            Some(value) => integer(FIELD, value)?,
        };
        let Ok(length) = u64::try_from(length) else {
            return Err(range(FIELD, "must not be negative"));
        };
        let most = most.unwrap_or(LARGEST_PUT).min(LARGEST_PUT);
        if length > most {
            let words = format!("must be at most {most} bytes for this type of file");
            return Err(Problem::of(FIELD, Cause::TooLarge, words));
        }
        Ok(Some(length))
    }
}

pub(super) fn object(body: &[u8]) -> Result<Json<'_>, Problem> {
    match Json::read(body) {
        Ok(object @ Json::Object(_)) => Ok(object),
        Ok(_) => Err(Problem::new(Cause::WrongType, "the body must be a JSON object")),
        Err(words) => Err(Problem::new(Cause::Malformed, words)),
    }
}

pub(super) fn expire_seconds(object: &Json<'_>) -> Result<i64, Problem> {
    const FIELD: &str = "expire_seconds";
    let Some(value) = object.get(FIELD) else { return Ok(DEFAULT_EXPIRE_SECONDS) };
    match integer(FIELD, value)? {
        seconds if EXPIRE_SECONDS.contains(&seconds) => Ok(seconds),
        _ => Err(range(FIELD, "must be 60 to 7200 seconds")),
    }
}

/// A text of 1 to `longest` characters.
pub(super) fn text<'b>(
    object: &Json<'b>,
    field: &'static str,
    longest: usize,
) -> Result<Cow<'b, str>, Problem> {
    match object.get(field) {
        Some(Json::Text(text)) if text.is_empty() => Err(range(field, "must not be empty")),
        Some(Json::Text(text)) if text.chars().nth(longest).is_some() => {
            Err(range(field, format!("must not be longer than {longest} characters")))
        }
        Some(Json::Text(text)) => Ok(text.clone()),
        Some(Json::Broken) => {
            Err(range(field, "must be valid Unicode: it holds half of a surrogate pair"))
        }
        Some(_) => Err(kind(field, "must be a string")),
        None => Err(missing(field, "is missing: a string")),
    }
}

pub(super) fn integer(field: &'static str, value: &Json<'_>) -> Result<i64, Problem> {
    match value {
        Json::Integer(value) => Ok(*value),
        Json::Number(value) if value.fract() == 0.0 && value.abs() > 9e18 => {
            Err(range(field, "is out of range"))
        }
        _ => Err(kind(field, "must be an integer")),
    }
}

/// Refuses what a file name holds only to deceive: control characters, and those that turn the
/// direction of the text around them, so that `exe.jpg` shows as `gpj.exe`.
fn check_characters(filename: &str) -> Result<(), Problem> {
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if filename.chars().any(|c| c.is_control() || turns(c)) {
        let words = "must not hold control characters or characters that turn the text's direction";
        return Err(range("filename", words));
    }
    Ok(())
}

pub(super) fn missing(field: &'static str, words: &'static str) -> Problem {
    Problem::of(field, Cause::Missing, words)
}

pub(super) fn kind(field: &'static str, words: &'static str) -> Problem {
    Problem::of(field, Cause::WrongType, words)
}

pub(super) fn range(field: &'static str, words: impl Into<Cow<'static, str>>) -> Problem {
    Problem::of(field, Cause::OutOfRange, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(body: &str) -> Option<Cause> {
        let rules =
            Rules { content_length: false, max_bytes: &BTreeMap::new(), must_be_sized: true };
        Order::one(body.as_bytes(), &rules).err().map(|problem| problem.cause)
    }

    #[test]
    fn each_mistake_has_its_cause() {
        let file = r#""filename": "a.png", "content_type": "image/png""#;
        assert_eq!(cause(&format!("{{{file}}}")), None);
        assert_eq!(cause(&format!(r#"{{{file}, "more": [{{}}]}}"#)), None);
        for (body, expected) in [
            ("[]".to_owned(), Cause::WrongType),
            ("{}".to_owned(), Cause::Missing),
            (r#"{"filename": "a.png"}"#.to_owned(), Cause::Missing),
            (r#"{"filename": 1, "content_type": "image/png"}"#.to_owned(), Cause::WrongType),
            (r#"{"filename": "", "content_type": "image/png"}"#.to_owned(), Cause::OutOfRange),
            (r#"{"filename": "a.png", "content_type": ""}"#.to_owned(), Cause::OutOfRange),
            (
                r#"{"filename": "a.png", "content_type": "image/gif"}"#.to_owned(),
                Cause::ContentType,
            ),
            (r#"{"filename": "a", "content_type": "image/png"}"#.to_owned(), Cause::Extension),
            (
                r#"{"filename": "a\u0000.png", "content_type": "image/png"}"#.to_owned(),
                Cause::OutOfRange,
            ),
            (
                r#"{"filename": "a\ud83d.png", "content_type": "image/png"}"#.to_owned(),
                Cause::OutOfRange,
            ),
            (
                r#"{"filename": "a.png", "content_type": "image/png\ud83d"}"#.to_owned(),
                Cause::OutOfRange,
            ),
            (format!(r#"{{{file}, "expire_seconds": "\ud83d"}}"#), Cause::WrongType),
            (
                r#"{"filename": "a\u202egpj.png", "content_type": "image/png"}"#.to_owned(),
                Cause::OutOfRange,
            ),
            (
                r#"{"filename": "a.png", "content_type": "image/png\r\nX: y"}"#.to_owned(),
                Cause::OutOfRange,
            ),
            (
                format!(
                    r#"{{"filename": "{}.png", "content_type": "image/png"}}"#,
                    "长".repeat(252)
                ),
                Cause::OutOfRange,
            ),
            (format!(r#"{{{file}, "expire_seconds": 59}}"#), Cause::OutOfRange),
            (format!(r#"{{{file}, "expire_seconds": 7201}}"#), Cause::OutOfRange),
            (format!(r#"{{{file}, "expire_seconds": 1e300}}"#), Cause::OutOfRange),
            (format!(r#"{{{file}, "expire_seconds": 100000000000000000000}}"#), Cause::OutOfRange),
            (format!(r#"{{{file}, "expire_seconds": 3600.0}}"#), Cause::WrongType),
            (format!(r#"{{{file}, "expire_seconds": true}}"#), Cause::WrongType),
            (format!(r#"{{{file}, "expire_seconds": null}}"#), Cause::WrongType),
            (format!(r#"{{{file}, "expire_seconds": "60"}}"#), Cause::WrongType),
        ] {
            assert_eq!(cause(&body), Some(expected), "{body}");
        }
        assert_eq!(
            cause(&format!(
                r#"{{"filename": "{}.png", "content_type": "image/png"}}"#,
                "长".repeat(251)
            )),
            None
        );
    }

    #[test]
    fn a_cap_of_size_wants_a_content_length() {
        let caps = BTreeMap::from([(Category::Image, 10)]);
        let length = |more: &str, content_length: bool| {
            let body = format!(r#"{{"filename": "a.png", "content_type": "image/png"{more}}}"#);
            let rules = Rules {
                content_length,
                max_bytes: if content_length { &BTreeMap::new() } else { &caps },
                must_be_sized: true,
            };
            let order = Order::one(body.as_bytes(), &rules).map_err(|problem| problem.cause)?;
            order
                .files
                .into_iter()
                .next()
                .unwrap()
                .map(|file| file.content_length)
                .map_err(|_| Cause::Internal)
        };
        assert_eq!(length("", false), Err(Cause::Missing));
        assert_eq!(length(r#", "content_length": 10"#, false), Ok(Some(10)));
        assert_eq!(length(r#", "content_length": 11"#, false), Err(Cause::TooLarge));
        assert_eq!(length(r#", "content_length": -1"#, false), Err(Cause::OutOfRange));
        assert_eq!(length("", true), Ok(None));
        assert_eq!(length(r#", "content_length": 5368709121"#, true), Err(Cause::TooLarge));
    }

    #[test]
    fn a_batch_keeps_the_order_of_good_and_bad_files() {
        let rules =
            Rules { content_length: false, max_bytes: &BTreeMap::new(), must_be_sized: true };
        let good = r#"{"filename": "a.png", "content_type": "image/png"}"#;
        let read = |body: &str| {
            let order = Order::batch(body.as_bytes(), &rules).map_err(|problem| problem.cause)?;
            Ok(order.files.iter().map(Result::is_ok).collect::<Vec<_>>())
        };
        assert_eq!(
            read(&format!(r#"{{"files": [{good}, 5, {{}}, {good}]}}"#)),
            Ok(vec![true, false, false, true])
        );
        assert_eq!(read(r#"{"files": []}"#), Err(Cause::OutOfRange));
        assert_eq!(
            read(&format!(r#"{{"files": [{}]}}"#, [good; 21].join(","))),
            Err(Cause::OutOfRange)
        );
        assert_eq!(read(r#"{"files": {}}"#), Err(Cause::WrongType));
        assert_eq!(read(good), Err(Cause::Missing));
    }
}
