//! What can be seen of a request without the secret, in the order in which OSS checks it.

use super::cause::Cause;
use super::claim::Place;
use super::host::Domain;
use super::read::Reading;
use crate::clock::{self, SECOND};
use crate::endpoint;
use crate::presign::{LONGEST_SECONDS, Version};
use crate::v4;

/// How far signer and server may be apart, in seconds.
pub const SKEW: i64 = 900;
/// The longest that a URL signed with temporary credentials may be valid, in seconds.
pub const LONGEST_STS: i64 = 43_200;

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

    fn v4_values(&mut self) {
        let version = self.reading.parameter("x-oss-signature-version").unwrap_or_default();
        if !version.is_empty() && version != v4::ALGORITHM {
            let detail = format!("x-oss-signature-version is '{}'", shown(version));
            self.number(Cause::SignatureVersionInvalid, "0002-00000066", detail);
        }
        self.v4_scope(self.reading.parameter("x-oss-credential").unwrap_or_default());
        let signature = &self.reading.claim.signature;
        if !signature.is_empty() && !is_hex_digest(signature) {
            let detail = format!(
                "x-oss-signature has {} characters; it must be 64 of 0-9 and a-f",
                signature.chars().count()
            );
            self.note(Cause::SignatureMalformed, detail);
        }
    }

    fn v4_scope(&mut self, credential: &str) {
        let (scope, date) = (&self.reading.scope, &self.reading.claim.date);
        if credential.is_empty() {
            return;
        }
        let shown_credential = shown(credential);
        if !scope.is_whole {
            let detail = format!(
                "the credential '{shown_credential}' is not id/day/region/product/aliyun_v4_request"
            );
            return self.number(Cause::CredentialMalformed, "0002-00000224", detail);
        }
        if scope.day.len() != 8
            || clock::parse_iso_basic(&format!("{}T000000Z", scope.day)).is_none()
        {
            let detail =
                format!("the day '{}' in the credential is not YYYYMMDD", shown(&scope.day));
            self.number(Cause::CredentialMalformed, "0002-00000223", detail);
        } else if clock::parse_iso_basic(date).is_some() && !date.starts_with(&scope.day) {
            let detail = format!("the credential is for {}, and x-oss-date is {date}", scope.day);
            self.note(Cause::CredentialDateMismatch, detail);
        }
        self.region(&scope.region, &scope.product);
    }

    fn region(&mut self, region: &str, product: &str) {
        const EC: &str = "0002-00000226";
        if endpoint::check_region(region).is_err() {
            let detail = match region.strip_prefix("oss-") {
                Some(plain) => format!("the region '{region}' must be '{plain}', without 'oss-'"),
                None => format!("'{}' is no region", shown(region)),
            };
            return self.number(Cause::RegionMalformed, EC, detail);
        }
        let host = self.reading.location.region();
        let known = host
            .map(|region| (region, "of the host"))
            .or(self.context.region.map(|r| (r, "given")));
        if let Some((other, whose)) = known.filter(|(other, _)| *other != region) {
            let detail = format!("signed for region {region}, and the one {whose} is {other}");
            self.number(Cause::RegionMismatch, EC, detail);
        }
        let expected = if region.starts_with("cb-") { "oss-cloudbox" } else { "oss" };
        if matches!(self.reading.location.domain, Domain::Oss(_)) && product != expected {
            let detail = format!("signed for product '{}', not '{expected}'", shown(product));
            self.note(Cause::ProductWrong, detail);
        }
    }

    fn v4_time(&mut self) {
        let (claim, text) = (&self.reading.claim, &self.reading.expires);
        let now = clock::second_of(self.context.now);
        if !claim.date.is_empty() && self.times.signed_at.is_none() {
            let detail =
                format!("x-oss-date is '{}', not of the form 20260101T000000Z", shown(&claim.date));
            self.note(Cause::DateMalformed, detail);
        }
        match number(text) {
            None if !text.is_empty() => {
                let detail = format!("x-oss-expires is '{}', not a number", shown(text));
                self.number(Cause::ExpiresMalformed, "0002-00000216", detail);
            }
            Some(seconds) if !(1..=LONGEST_SECONDS).contains(&seconds) => {
                let detail = format!("x-oss-expires is {seconds}, not from 1 to {LONGEST_SECONDS}");
                self.number(Cause::ExpiresOutOfRange, "0002-00000232", detail);
            }
            Some(seconds) if seconds > LONGEST_STS && claim.token().is_some() => {
                let detail =
                    format!("x-oss-expires is {seconds}, more than {LONGEST_STS} with a token");
                self.number(Cause::ExpiresTooLongForSts, "0002-00000232", detail);
            }
            _ => {}
        }
        if let Some(signed_at) = self.times.signed_at.filter(|at| at - SKEW > now) {
            let early = signed_at - now;
            let detail = format!("signed at {}, {} from now", claim.date, span(early));
            self.number(Cause::NotYetValid, "0002-00000235", detail);
        }
        self.expired("0002-00000236");
    }

    fn v1_values(&mut self) {
        let text = &self.reading.expires;
        if !text.is_empty() && self.times.expiration.is_none() {
            let detail = format!("Expires is '{}', not a Unix time in seconds", shown(text));
            self.number(Cause::ExpiresMalformed, "0002-00000070", detail);
        }
        self.expired("0002-00000069");
        let signature = &self.reading.claim.signature;
        if signature.contains(' ') && is_v1_digest(&signature.replace(' ', "+")) {
            let detail = "a '+' of the signature arrives as a space: it is not written %2B";
            self.number(Cause::SignaturePlusBecameSpace, "0002-00000040", detail.to_owned());
        } else if !signature.is_empty() && !is_v1_digest(signature) {
            let detail = format!(
                "Signature has {} characters; it must be the Base64 of 20 bytes, 28 characters",
                signature.chars().count()
            );
            self.number(Cause::SignatureMalformed, "0002-00000040", detail);
        }
    }

    fn expired(&mut self, ec: &'static str) {
        // As OSS, which compares with the fraction of a second: the last second is not whole.
        let late = |end: &i64| end.saturating_mul(SECOND) < self.context.now;
        if let Some(end) = self.times.expiration.filter(late) {
            let late = clock::second_of(self.context.now) - end;
            let detail = format!("ended at {}, {} ago", clock::iso_extended(end), span(late));
            self.number(Cause::Expired, ec, detail);
        }
    }

    /// Of requests that carry the signature in a header.
    fn header_values(&mut self) {
        let claim = &self.reading.claim;
        if claim.version == Version::V4 && !self.reading.scope.is_whole {
            let detail = "the Credential of the Authorization header is malformed".to_owned();
            self.number(Cause::CredentialMalformed, "0002-00000213", detail);
        } else if claim.version == Version::V4 {
            if !claim.date.starts_with(&self.reading.scope.day) {
                let detail = format!(
                    "the credential is for {}, x-oss-date is {}",
                    self.reading.scope.day,
                    shown(&claim.date)
                );
                self.number(Cause::CredentialDateMismatch, "0002-00000212", detail);
            }
            self.region(&self.reading.scope.region, &self.reading.scope.product);
        }
        let now = clock::second_of(self.context.now);
        match self.times.signed_at {
            None => {
                let detail = format!("'{}' is no date of a request", shown(&claim.date));
                self.number(Cause::DateMalformed, "0002-00000503", detail);
            }
            Some(at) if (at - now).abs() > SKEW => {
                let detail =
                    format!("signed at {}, {} off", shown(&claim.date), span((at - now).abs()));
                self.number(Cause::ClockSkewed, "0002-00000504", detail);
            }
            Some(_) => {}
        }
    }

    fn access_key_id(&mut self) {
        let id = &self.reading.claim.access_key_id;
        // OSS says letters, digits and ". _ ="; ids for tests have hyphens, too.
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._=-".contains(c);
        if !id.is_empty() && !id.chars().all(allowed) {
            let detail = format!("'{}' has a character that no AccessKey id has", shown(id));
            self.number(Cause::AccessKeyIdMalformed, "0002-00000073", detail);
        }
    }

    fn token(&mut self) {
        let (claim, received) = (&self.reading.claim, &self.reading.received);
        if claim.place == Place::Header || claim.token().is_some_and(|token| !token.is_empty()) {
            return;
        }
        let in_header = [V4_TOKEN, V1_TOKEN].iter().any(|name| received.header(name).is_some());
        if in_header {
            let detail = "the security token is sent as a header; a presigned URL holds it itself";
            self.number(Cause::TokenOnlyInHeader, "0002-00000005", detail.to_owned());
        } else if claim.access_key_id.starts_with("STS.") {
            let detail = format!(
                "the id {} is a temporary one, and the URL has no token",
                shown(&claim.access_key_id)
            );
            self.note(Cause::TokenMissing, detail);
        }
    }

    fn place(&mut self) {
        let location = &self.reading.location;
        // Version 4 has compared its own region already.
        let given = self.context.region.filter(|_| self.reading.claim.version == Version::V1);
        if let Some((own, given)) = location.region().zip(given).filter(|(own, given)| own != given)
        {
            let detail = format!("the host is that of region {}, not {given}", shown(own));
            self.note(Cause::EndpointWrong, detail);
        }
        match (&location.bucket, self.context.bucket) {
            (None, _) if location.domain == Domain::Custom => {
                let detail = format!(
                    "nothing says which bucket {} belongs to",
                    shown(self.reading.received.host)
                );
                self.note(Cause::HostUnknown, detail);
            }
            (Some(own), Some(given)) if own != given => {
                let detail = format!("the URL is for bucket {}, not {}", shown(own), shown(given));
                self.note(Cause::BucketWrong, detail);
            }
            _ => {}
        }
    }

    fn headers(&mut self) {
        let claim = &self.reading.claim;
        if self.context.knows_headers && claim.version == Version::V4 {
            for name in claim.additional.iter().filter(|name| *name != "host") {
                if claim.header(&name.to_lowercase()).is_none() {
                    let detail = format!(
                        "the URL says that the header {} is signed; it was not sent",
                        shown(name)
                    );
                    self.found.push(Finding::new(Cause::HeaderMissing, detail));
                }
            }
        }
        if claim.place == Place::Header {
            return;
        }
        for (name, value) in claim.headers.iter().filter(|(name, _)| name.starts_with("x-oss-")) {
            if claim.parameter(name).is_some_and(|other| other != value) {
                let detail = format!(
                    "the header {} differs from the parameter of the same name",
                    shown(name)
                );
                self.found.push(Finding::new(Cause::HeaderContradictsQuery, detail));
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

fn is_hex_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// 27 characters of Base64 and one `=`.
fn is_v1_digest(text: &str) -> bool {
    let body = text.strip_suffix('=').unwrap_or_default();
    body.len() == 27 && body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

/// A text of the request for people: cut, and without control characters.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    let cut: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
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

    #[test]
    fn digests_have_their_length_and_letters() {
        assert!(is_hex_digest(&"0f".repeat(32)) && !is_hex_digest(&"0F".repeat(32)));
        assert!(is_v1_digest("dcLTea+Yh9ApirQ8o8dOPqtvJXQ=") && !is_v1_digest("dcLTea"));
    }
}
