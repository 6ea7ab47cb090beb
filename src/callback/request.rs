//! The request that OSS sends: what its signature covers, and whether it came from OSS.

use super::{BodyType, PublicKey};
use crate::encode;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// The one host that OSS keeps its keys at.
const KEY_HOST: &str = "gosspublic.alicdn.com";

/// Why a request was not taken for one of OSS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// A word for programs to compare with, such as `signature_mismatch`.
    pub cause: &'static str,
    /// The sentence.
    pub reason: String,
}

impl Rejection {
    fn new(cause: &'static str, reason: impl Into<String>) -> Self {
        Self { cause, reason: reason.into() }
    }
}

/// The parts of a request that are checked.
#[derive(Clone, Copy)]
pub struct Delivered<'a> {
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The header `x-oss-pub-key-url`.
    pub key_url: Option<&'a str>,
    /// The path as it came, percent-encoded.
    pub path: &'a str,
    /// The query as it came, with its `?`; or nothing.
    pub query: &'a str,
    /// The body as it came.
    pub body: &'a [u8],
}

/// Whether a request came from whoever has the private half of `key`.
///
/// # Errors
/// A [`Rejection`] with what was wrong first.
pub fn verify(request: &Delivered<'_>, key: &PublicKey) -> Result<(), Rejection> {
    let authorization = present("Authorization", request.authorization)?;
    check_key_url(present("x-oss-pub-key-url", request.key_url)?)?;
    if STANDARD.decode(authorization).is_err() {
        let reason = "the header Authorization is not the Base64 of a signature";
        return Err(Rejection::new("signature_malformed", reason));
    }
    let message = string_to_sign(request.path, request.query, request.body);
    if !key.verify(&message, authorization) {
        let reason = "the signature is not that of this path, query and body: it is not from OSS, \
                      or a proxy or a framework changed one of them";
        return Err(Rejection::new("signature_mismatch", reason));
    }
    Ok(())
}

fn present<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, Rejection> {
    let missing = || Rejection::new("header_missing", format!("no header {name}, or an empty one"));
    value.filter(|value| !value.is_empty()).ok_or_else(missing)
}

/// What OSS signs: the path decoded, the query as it is, a line end, the body.
pub fn string_to_sign(path: &str, query: &str, body: &[u8]) -> Vec<u8> {
    let mut out = encode::decode_bytes(path);
    out.extend_from_slice(query.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(body);
    out
}

/// The URL in the header `x-oss-pub-key-url`, if OSS's own host is all that it names.
///
/// # Errors
/// A [`Rejection`] for what is no Base64 of a URL, for any other host, port or user, and for a URL
/// whose host depends on who reads it.
pub fn check_key_url(header: &str) -> Result<String, Rejection> {
    let malformed = || {
        let reason = "the header x-oss-pub-key-url is not the Base64 of a URL";
        Rejection::new("key_url_malformed", reason)
    };
    let bytes = STANDARD.decode(header).map_err(|_| malformed())?;
    let url = String::from_utf8(bytes).map_err(|_| malformed())?;
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(malformed());
    }
    let (scheme, rest) = url.split_once("://").ok_or_else(malformed)?;
    let implied = match scheme.to_ascii_lowercase().as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return Err(refused(&url)),
    };
    // Readers of URLs disagree on whether '\', '?' and '#' end the host, and on which '@' ends a user.
    let Some((authority, _)) = rest.split_once('/') else { return Err(refused(&url)) };
    let host = authority.strip_suffix(implied).unwrap_or(authority);
    if !host.eq_ignore_ascii_case(KEY_HOST) || url.contains(['\\', '@']) {
        return Err(refused(&url));
    }
    Ok(url)
}

fn refused(url: &str) -> Rejection {
    let url: String = url.chars().take(80).collect();
    let reason = format!("the key's URL, {url}, is not one of http(s)://{KEY_HOST}");
    Rejection::new("key_url_refused", reason)
}

/// The value of the field `nonce` of a callback's body.
pub fn nonce_of(body: &[u8], body_type: BodyType) -> Option<String> {
    match body_type {
        BodyType::Json => match serde_json::from_slice::<Value>(body).ok()?.get("nonce")? {
            Value::String(nonce) => Some(nonce.clone()),
            _ => None,
        },
        BodyType::Form => {
            let pairs = std::str::from_utf8(body).ok()?.split('&');
            pairs.into_iter().find_map(|pair| pair.strip_prefix("nonce=")).map(encode::decode)
        }
    }
}
