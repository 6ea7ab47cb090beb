//! One request, read: whom it is about, and what it says.

use super::address::Address;
use super::refusal::Refusal;
use crate::encode;
use crate::server::listen::Peer;
use crate::server::room::RequestId;
use axum::http::header::{AsHeaderName, HOST};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

/// A request without its body.
pub(super) struct Call {
    pub(super) method: Method,
    /// The Host header.
    pub(super) host: String,
    /// Path and query as they were sent.
    pub(super) target: String,
    /// Bucket and key, read from host and path; empty where they name none.
    pub(super) bucket: String,
    pub(super) key: String,
    /// Whether the bucket stands in the path.
    pub(super) is_path_style: bool,
    /// Decoded.
    query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    /// The id of the request.
    pub(super) id: String,
    /// The client's IP address.
    pub(super) peer: Option<String>,
    /// The emulator's time, in seconds since 1970.
    pub(super) now: i64,
}

impl Call {
    /// A request of which nothing but its form is known yet.
    pub(super) fn new(parts: Parts, now: i64) -> Self {
        let id = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_string());
        let host = text(parts.headers.get(HOST).map(|value| value.as_bytes()));
        let query = parts.uri.query().unwrap_or_default();
        Self {
            method: parts.method,
            // Clients of proxies send whole URLs, whose host stands for the header.
            host: parts.uri.authority().map_or(host.unwrap_or_default(), ToString::to_string),
            target: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            bucket: String::new(),
            key: String::new(),
            is_path_style: false,
            query: query.split('&').filter(|pair| !pair.is_empty()).map(decoded_pair).collect(),
            headers: parts.headers,
            id: id.unwrap_or_default(),
            peer,
            now,
        }
    }

    /// Finds out which bucket and key are meant.
    pub(super) fn locate(&mut self, own: Option<&str>) -> Result<(), Refusal> {
        let path = self.target.split('?').next().unwrap_or_default();
        let address = Address::read(&self.host, path, own)?;
        (self.bucket, self.key) = (address.bucket, address.key);
        self.is_path_style = address.is_path_style;
        Ok(())
    }

    /// The first value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters().find_map(|(own, value)| (own == name).then_some(value))
    }

    /// Whether a query parameter is there, with a value or without.
    pub(super) fn has(&self, name: &str) -> bool {
        self.parameter(name).is_some()
    }

    /// Decoded names and values of the query.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A header's value without white space around it; None also where it is no UTF-8.
    pub(super) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        let value = self.headers.get(name)?;
        std::str::from_utf8(value.as_bytes()).ok().map(str::trim)
    }

    /// Whether a header says `true`.
    pub(super) fn says_true(&self, name: &str) -> bool {
        self.header(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

fn decoded_pair(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let decode = |text| encode::decode_form(text).unwrap_or_default();
    (decode(name), decode(value))
}

fn text(bytes: Option<&[u8]>) -> Option<String> {
    bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}
