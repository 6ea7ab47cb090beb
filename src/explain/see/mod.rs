//! What can be seen of a request without the secret, in the order in which OSS checks it.

mod around;
mod values;

use super::cause::Cause;
use super::claim::Place;
use super::read::Reading;
use crate::clock;
use crate::presign::Version;
use std::net::IpAddr;

/// How far signer and server may be apart, in seconds.
pub const SKEW: i64 = 900;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub cause: Cause,
    /// OSS's number for it, if there is one.
    pub ec: Option<&'static str>,
    /// The same in words, with names and values; never with a secret, token or signature.
    pub detail: String,
}

impl Finding {
    /// A finding without a number.
    pub fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self { cause, ec: None, detail: detail.into() }
    }

    /// A finding with one.
    pub fn numbered(cause: Cause, ec: &'static str, detail: impl Into<String>) -> Self {
        Self { cause, ec: Some(ec), detail: detail.into() }
    }
}

/// What is known besides the request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The time, in microseconds since 1970.
    pub now: i64,
    /// The bucket's region, where it is known.
    pub region: Option<&'a str>,
    /// The bucket, where it is known.
    pub bucket: Option<&'a str>,
    /// Whether the headers are all that the client sent, rather than not known.
    pub knows_headers: bool,
    /// The address that the request came from, where it is known.
    pub source_ip: Option<IpAddr>,
}

/// When a request was signed and when it ends, in seconds since 1970, as far as it says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// When it was signed.
    pub signed_at: Option<i64>,
    /// When it ends.
    pub expiration: Option<i64>,
}

impl Times {
    /// Of a request, whether or not they are possible.
    pub fn of(reading: &Reading<'_>) -> Self {
        let claim = &reading.claim;
        let expires = number(&reading.expires);
        match (claim.version, claim.place) {
            (Version::V4, Place::Query) => {
                let signed_at = clock::parse_iso_basic(&claim.date);
                let end = signed_at.zip(expires).and_then(|(at, seconds)| at.checked_add(seconds));
                Self { signed_at, expiration: end }
            }
            (Version::V1, Place::Query) => Self { signed_at: None, expiration: expires },
            (Version::V4, Place::Header) => {
                Self { signed_at: clock::parse_iso_basic(&claim.date), expiration: None }
            }
            (Version::V1, Place::Header) => {
                let date = &claim.date;
                let at = clock::parse_http_date(date).or_else(|| clock::parse_iso_basic(date));
                Self { signed_at: at, expiration: None }
            }
        }
    }
}

/// All that is wrong, what OSS meets first before what it meets later.
pub fn findings(reading: &Reading<'_>, context: Context<'_>) -> Vec<Finding> {
    let mut eyes = Eyes { reading, context, times: Times::of(reading), found: Vec::new() };
    match (reading.claim.version, reading.claim.place) {
        (Version::V4, Place::Query) => {
            eyes.parameters();
            eyes.v4_values();
            eyes.v4_time();
        }
        (Version::V1, Place::Query) => {
            eyes.parameters();
            eyes.v1_values();
        }
        (_, Place::Header) => eyes.header_values(),
    }
    eyes.access_key_id();
    eyes.token();
    eyes.place();
    eyes.restrictions();
    eyes.headers();
    eyes.found.sort_by_key(|finding| finding.cause);
    eyes.found
}

struct Eyes<'e, 'a> {
    reading: &'e Reading<'a>,
    context: Context<'e>,
    times: Times,
    found: Vec<Finding>,
}

impl Eyes<'_, '_> {
    fn note(&mut self, cause: Cause, detail: String) {
        self.found.push(Finding::new(cause, detail));
    }

    fn number(&mut self, cause: Cause, ec: &'static str, detail: String) {
        self.found.push(Finding::numbered(cause, ec, detail));
    }

    /// Missing, empty and repeated parameters of the signature.
    fn parameters(&mut self) {
        if self.reading.received.header("authorization").is_some() {
            let words = "the URL is presigned, and the request has an Authorization header, too";
            self.note(Cause::HeaderAndQuerySigned, words.to_owned());
        }
        for name in self.reading.own_parameters() {
            let ecs = numbers_of(name);
            match self.reading.parameter(name) {
                None => self.found.push(Finding {
                    cause: Cause::ParameterMissing,
                    ec: ecs.0,
                    detail: format!("the URL has no parameter {name}"),
                }),
                Some("") => self.found.push(Finding {
                    cause: Cause::ParameterEmpty,
                    ec: ecs.1,
                    detail: format!("the parameter {name} is empty"),
                }),
                Some(_) => {}
            }
        }
        if self.reading.parameter("x-oss-additional-headers") == Some("") {
            let detail = "the parameter x-oss-additional-headers is empty".to_owned();
            self.number(Cause::ParameterEmpty, "0002-00000076", detail);
        }
        self.repeated();
    }

    /// Version 1 takes the first of several; there, only explaining mentions them.
    fn repeated(&mut self) {
        for name in self.reading.own_parameters().iter().chain(&[V4_TOKEN, V1_TOKEN]) {
            let times = self.reading.parameters.iter().filter(|own| own.name == *name).count();
            if times > 1 && self.reading.claim.version == Version::V4 {
                let detail = format!("the parameter {name} stands in the URL {times} times");
                self.note(Cause::ParameterRepeated, detail);
            }
        }
    }
}

const V4_TOKEN: &str = "x-oss-security-token";
const V1_TOKEN: &str = "security-token";

/// OSS's numbers for a missing and for an empty parameter.
fn numbers_of(name: &str) -> (Option<&'static str>, Option<&'static str>) {
    match name {
        "x-oss-expires" => (Some("0002-00000215"), Some("0002-00000216")),
        "x-oss-credential" => (Some("0002-00000217"), Some("0002-00000218")),
        "x-oss-signature" => (Some("0002-00000219"), Some("0002-00000220")),
        "Expires" => (Some("0002-00000067"), Some("0002-00000068")),
        "OSSAccessKeyId" => (Some("0002-00000071"), Some("0002-00000072")),
        "Signature" => (Some("0002-00000074"), Some("0002-00000075")),
        _ => (None, None),
    }
}

/// A whole number as OSS reads one: digits, and perhaps a minus.
fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// A text of the request for people: cut, and without control characters.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    let plain =
        |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    let cut: String = text.chars().take(LONGEST).map(plain).collect();
    if text.chars().nth(LONGEST).is_some() { cut + "..." } else { cut }
}

/// A number of seconds for people: `2 h 5 min`.
pub fn span(seconds: i64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (size, name) in units {
        if rest >= size && parts.len() < 2 {
            parts.push(format!("{} {name}", rest / size));
            rest %= size;
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units() {
        for (seconds, text) in [(0, "0 s"), (59, "59 s"), (3600, "1 h"), (90_061, "1 d 1 h")] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn a_number_is_digits() {
        for text in ["", "+5", " 5", "5 ", "1e3", "-", "0x1", "99999999999999999999"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!((number("-5"), number("007")), (Some(-5), Some(7)));
    }
}
