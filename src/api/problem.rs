//! What the API answers when it cannot give a URL: one shape, a number for each cause.

use serde::Serialize;
use std::borrow::Cow;

/// Why there is no URL. The table of these stands in the OpenAPI document as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The body is not JSON, names a field twice, or is nested too deeply.
    Malformed,
    /// A required field is missing.
    Missing,
    /// A field has a value of another type.
    WrongType,
    /// A value is too small, too large, too short, too long, or holds what it must not.
    OutOfRange,
    /// The file name has no extension, or one that is not in the table.
    Extension,
    /// The content type is not one of the extension's.
    ContentType,
    /// The file is larger than its category may be.
    TooLarge,
    /// There is no API key in the request.
    NoKey,
    /// The API key is not known.
    WrongKey,
    /// There is nothing at this path.
    Route,
    /// The path knows another method only.
    Method,
    /// The body took too long to arrive.
    Slow,
    /// The body is larger than it may be.
    Body,
    /// The key has asked too often.
    TooMany,
    /// A bug.
    Internal,
    /// Nobody told where the bucket is, or who signs.
    NotConfigured,
    /// There are no credentials, they have ended, or the object's name cannot be signed.
    Signing,
}

impl Cause {
    /// The number in `code`; the HTTP status is its first three digits.
    pub const fn code(self) -> u32 {
        match self {
            Self::Malformed => 40001,
            Self::Missing => 40002,
            Self::WrongType => 40003,
            Self::OutOfRange => 40004,
            Self::Extension => 40005,
            Self::ContentType => 40006,
            Self::TooLarge => 40007,
            Self::NoKey => 40101,
            Self::WrongKey => 40102,
            Self::Route => 40401,
            Self::Method => 40501,
            Self::Slow => 40801,
            Self::Body => 41301,
            Self::TooMany => 42901,
            Self::Internal => 50001,
            Self::NotConfigured => 50002,
            Self::Signing => 50003,
        }
    }

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        (self.code() / 100) as u16
    }
}

/// An error as clients see it. Nothing of what a client or a provider sent is ever in it.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    #[serde(skip)]
    pub(crate) cause: Cause,
    code: u32,
    message: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl Problem {
    /// An error that no single field is to blame for.
    pub fn new(cause: Cause, message: impl Into<Cow<'static, str>>) -> Self {
        Self { cause, code: cause.code(), message: message.into(), field: None }
    }

    /// An error of one field.
    pub fn of(field: &'static str, cause: Cause, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field), ..Self::new(cause, message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_code_message_and_perhaps_a_field() {
        let json = |problem| serde_json::to_string(&problem).unwrap();
        assert_eq!(
            json(Problem::new(Cause::Route, "words")),
            r#"{"code":40401,"message":"words"}"#
        );
        assert_eq!(
            json(Problem::of("filename", Cause::Extension, "words")),
            r#"{"code":40005,"message":"words","field":"filename"}"#
        );
        assert_eq!(Cause::Extension.status(), 400);
        assert_eq!(Cause::Signing.status(), 500);
    }
}
