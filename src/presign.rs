//! Where URLs point to, when they are valid, and which requests can have one.

use crate::clock::{SECOND, iso_extended};
use crate::encode;
use crate::endpoint::{self, AddressStyle, Endpoint};
use crate::error::{Error, Result};
use crate::request::{Header, Request};
use std::sync::Arc;

/// The longest that a V4 URL may be valid: seven days.
pub const LONGEST_SECONDS: i64 = 604_800;
/// The longest that OSS documents for a V4 URL of temporary credentials: twelve hours.
pub const LONGEST_TEMPORARY_SECONDS: i64 = 43_200;
/// How long a URL is valid where nobody says: fifteen minutes.
pub const DEFAULT_SECONDS: i64 = 900;
/// The longest key, in UTF-8 bytes.
pub const LONGEST_KEY: usize = 1023;

/// How requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// HMAC-SHA1; not offered for buckets made since 2025-09.
    V1,
    /// HMAC-SHA256.
    #[default]
    V4,
}

/// Where URLs point to, and what holds for each of them.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// Scheme and host; without one, every request is refused.
    pub endpoint: Option<Endpoint>,
    /// Where the bucket's name goes.
    pub style: AddressStyle,
    /// The region that V4 signs, or the id of the cloud box.
    pub region: String,
    /// The product that V4 signs: `oss`, or `oss-cloudbox`.
    pub product: String,
    /// The signature's version.
    pub version: Version,
    /// Lower-case names of headers that V4 signs beyond those it always signs; sorted.
    pub additional_headers: Arc<[String]>,
    /// Headers that every request has unless it sets its own.
    pub default_headers: Vec<(String, String)>,
}

/// When a URL is signed and when it ends, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it is signed.
    pub now: i64,
    /// When it ends.
    pub expiration: i64,
}

impl Window {
    /// Whole seconds of validity, cut towards zero.
    pub fn seconds(&self) -> i64 {
        (self.expiration - self.now) / SECOND
    }

    /// The same end, signed `backdate` microseconds earlier, for servers whose clock is behind. A URL of
    /// version 1 does not say when it was signed.
    ///
    /// # Errors
    /// As [`Window::check`], and [`Error::PresignExpiration`] where both together are more than seven
    /// days, which are all that version 4 has.
    pub fn backdated(self, version: Version, backdate: i64) -> Result<Self> {
        self.check(version)?;
        if version == Version::V1 || backdate == 0 {
            return Ok(self);
        }
        let window = Self { now: self.now - backdate, ..self };
        if window.expiration - window.now > LONGEST_SECONDS * SECOND {
            let seconds = |micros: i64| micros as f64 / SECOND as f64;
            let (valid, before) = (seconds(self.expiration - self.now), seconds(backdate));
            let value = format!("{valid} s + backdate {before} s");
            return Err(Error::expires(value, "must be at most 604800 s (seven days) together"));
        }
        Ok(window)
    }

    /// Refuses a URL that OSS would never accept (EC 0002-00000232, 0002-00000236).
    ///
    /// # Errors
    /// [`Error::PresignExpiration`] for less than one second, and with V4 more than seven days.
    pub fn check(&self, version: Version) -> Result<()> {
        if self.seconds() < 1 {
            let left = (self.expiration - self.now) as f64 / SECOND as f64;
            let until = iso_extended(self.expiration.div_euclid(SECOND));
            let value = format!("{left} s (until {until})");
            return Err(Error::expires(value, "must be at least 1 second from now"));
        }
        if version == Version::V4 && self.expiration - self.now > LONGEST_SECONDS * SECOND {
            return Err(Error::PresignExpiration { reason: None });
        }
        Ok(())
    }
}

impl Target {
    /// Fills the headers that requests have by default, and refuses what OSS must refuse.
    ///
    /// # Errors
    /// In this order: [`Error::ParamInvalid`] without an endpoint, [`Error::BucketNameInvalid`],
    /// [`Error::ObjectNameInvalid`], and [`Error::ParamInvalid`] for a region or a header.
    pub fn prepare(&self, request: &mut Request<'_>) -> Result<()> {
        self.endpoint()?;
        if let Some(bucket) = request.bucket.as_deref() {
            check_bucket(bucket)?;
        }
        if let Some(key) = request.key.as_deref() {
            check_key(key)?;
        }
        for (name, value) in &self.default_headers {
            request.headers.set_default(name, value);
        }
        request.headers.check()
    }

    /// Refuses what only a signed URL cannot have.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for a query parameter that V4 signs beside a header of the same name
    /// with another value, and for a callback in header and query, which OSS answers with an error.
    pub fn check_signed(&self, request: &Request<'_>) -> Result<()> {
        if request.query.get("callback").is_some()
            && request.headers.get("x-oss-callback").is_some()
        {
            // Not shown: it may hold a URL that nobody else is to know.
            let rule = "must not be given beside the query parameter callback";
            return Err(Error::invalid("header x-oss-callback", "...", rule));
        }
        if self.version == Version::V1
            || (request.query.is_empty() && request.headers.get("x-oss-date").is_none())
        {
            return Ok(());
        }
        for header in request.headers.iter() {
            if header.is_oss() && contradicts(request, &header) {
                let field = format!("header {}", header.lower_name());
                let rule = "must not differ from the query parameter of the same name";
                return Err(Error::invalid(&field, header.value(), rule));
            }
        }
        Ok(())
    }

    /// The URL without any signature, for anonymous access.
    pub fn unsigned_url(&self, request: &Request<'_>) -> Result<String> {
        let mut url = String::with_capacity(256);
        self.push_location(request, &mut url)?;
        for (at, (name, value)) in request.query.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            encode::push_query(&mut url, name);
            url.push('=');
            encode::push_query(&mut url, value);
        }
        Ok(url)
    }

    #[inline]
    pub(crate) fn endpoint(&self) -> Result<&Endpoint> {
        self.endpoint.as_ref().ok_or_else(|| self.no_endpoint())
    }

    /// The SDK's words, unless it would have made a host of this region.
    #[cold]
    fn no_endpoint(&self) -> Error {
        let plain = self.region.strip_suffix('\n').unwrap_or(&self.region);
        match (endpoint::check_region(plain), endpoint::check_region(&self.region)) {
            (Ok(()), Err(error)) => error,
            (Err(error), _) if plain.starts_with("oss-") => error,
            _ => Error::field("endpoint"),
        }
    }

    /// Appends scheme, host and path; returns where the key begins.
    pub(crate) fn push_location(&self, request: &Request<'_>, url: &mut String) -> Result<usize> {
        self.endpoint()?.push_base(url, self.style, request.bucket.as_deref());
        let key_start = url.len();
        encode::push_path(url, request.key.as_deref().unwrap_or_default());
        Ok(key_start)
    }

    /// The host, where it is among the additional headers.
    pub(crate) fn signed_host(&self, request: &Request<'_>) -> Result<String> {
        if !self.additional_headers.iter().any(|name| name == "host") {
            return Ok(String::new());
        }
        Ok(self.endpoint()?.host_header(self.style, request.bucket.as_deref()))
    }
}

/// Whether V4's own parameters, or the caller's, say something else than this header does.
fn contradicts(request: &Request<'_>, header: &Header<'_>) -> bool {
    let name = header.lower_name();
    name == "x-oss-date" || request.query.get(name).is_some_and(|other| other != header.trimmed())
}

/// What a bucket's name is made of. Names are short: to look each byte up is faster than to compare
/// them side by side.
static IN_BUCKETS: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0_u8);
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        byte += 1;
    }
    table
};

pub(crate) fn check_bucket(name: &str) -> Result<()> {
    let bytes = name.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'-');
    let valid = (3..=63).contains(&bytes.len())
        && bytes.iter().fold(true, |valid, byte| valid & IN_BUCKETS[usize::from(*byte)])
        && edge(bytes.first())
        && edge(bytes.last());
    if valid { Ok(()) } else { Err(Error::BucketNameInvalid { name: name.to_owned() }) }
}

/// Whether a key is one that OSS allows, and that clients can ask for.
#[inline]
pub(crate) fn is_key(key: &str) -> bool {
    (1..=LONGEST_KEY).contains(&key.len()) && !matches!(key.as_bytes()[0], b'/' | b'\\')
}

fn check_key(key: &str) -> Result<()> {
    if is_key(key) {
        return Ok(());
    }
    if key.is_empty() || (key.len() > 1024 && key.chars().count() > 1024) {
        return Err(Error::ObjectNameInvalid { reason: None });
    }
    if key.len() > LONGEST_KEY {
        return Err(Error::key(key, "must not be longer than 1023 bytes of UTF-8"));
    }
    Err(Error::key(key, "must not start with '/' or '\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Network, Tls};

    fn target(version: Version) -> Target {
        Target {
            endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
            region: "cn-hangzhou".to_owned(),
            product: "oss".to_owned(),
            version,
            ..Target::default()
        }
    }

    fn request(key: &str) -> Request<'_> {
        Request {
            method: "GET".into(),
            bucket: Some("bucket".into()),
            key: Some(key.into()),
            ..Request::default()
        }
    }

    #[test]
    fn an_end_that_is_past_is_refused_with_its_time() {
        let window = Window { now: 1_767_225_600 * SECOND, expiration: 1_767_225_599 * SECOND + 1 };
        let said = window.check(Version::V4).unwrap_err().to_string();
        let until = "expires '-0.999999 s (until 2025-12-31T23:59:59Z)' must be at least 1 second";
        assert!(said.starts_with(until), "{said}");
    }

    #[test]
    fn a_key_that_no_client_can_ask_for_is_refused() {
        let target = target(Version::V4);
        for key in ["", "/a", "\\a", &"k".repeat(1024), &"数".repeat(342)] {
            assert!(target.prepare(&mut request(key)).is_err(), "{key}");
        }
        for key in ["a", "a//b", "..", &"k".repeat(1023), &"数".repeat(341)] {
            assert!(target.prepare(&mut request(key)).is_ok(), "{key}");
        }
    }

    #[test]
    fn a_bucket_name_has_3_to_63_of_a_few_characters() {
        for name in ["ab", "-ab", "ab-", "Abc", "a.b", "a_b", &"a".repeat(64), ""] {
            assert!(check_bucket(name).is_err(), "{name}");
        }
        for name in ["abc", "1-2", &"a".repeat(63)] {
            assert!(check_bucket(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_parameter_that_contradicts_a_signed_header_is_refused() {
        let target = target(Version::V4);
        let mut request = request("k");
        request.headers.set("X-Oss-Traffic-Limit", "819200");
        request.query.set("x-oss-traffic-limit", "819200");
        assert!(target.check_signed(&request).is_ok());
        request.query.set("x-oss-traffic-limit", "819201");
        assert!(target.check_signed(&request).is_err());
    }

    #[test]
    fn a_callback_stands_in_the_header_or_in_the_query() {
        for version in [Version::V4, Version::V1] {
            let mut request = request("k");
            request.query.set("callback", "e30=");
            assert!(target(version).check_signed(&request).is_ok());
            request.headers.set("X-Oss-Callback", "e30=");
            assert!(target(version).check_signed(&request).is_err());
        }
    }

    #[test]
    fn a_window_is_one_second_to_seven_days() {
        let check = |micros, version| Window { now: 10, expiration: 10 + micros }.check(version);
        assert!(check(SECOND - 1, Version::V1).is_err());
        assert!(check(-SECOND, Version::V4).is_err());
        assert!(check(SECOND, Version::V4).is_ok());
        assert!(check(LONGEST_SECONDS * SECOND, Version::V4).is_ok());
        assert!(check(LONGEST_SECONDS * SECOND + 1, Version::V4).is_err());
        assert!(check(LONGEST_SECONDS * SECOND + 1, Version::V1).is_ok());
    }

    #[test]
    fn a_backdated_window_ends_when_it_was_to_end() {
        let window = |seconds| Window { now: 1000 * SECOND, expiration: (1000 + seconds) * SECOND };
        let backdated = window(10).backdated(Version::V4, 60 * SECOND).unwrap();
        assert_eq!(backdated, Window { now: 940 * SECOND, expiration: 1010 * SECOND });
        assert_eq!(window(10).backdated(Version::V1, 60 * SECOND), Ok(window(10)));
        assert!(window(0).backdated(Version::V4, 60 * SECOND).is_err());
        assert!(window(LONGEST_SECONDS - 60).backdated(Version::V4, 60 * SECOND).is_ok());
        let both = window(LONGEST_SECONDS).backdated(Version::V4, 60 * SECOND).unwrap_err();
        let words =
            "expires '604800 s + backdate 60 s' must be at most 604800 s (seven days) together";
        assert_eq!(both.to_string(), words);
    }
}
