//! Signature version 1
//! (<https://help.aliyun.com/en/oss/developer-reference/ddd-signatures-to-urls>).
//!
//! OSS no longer offers it for new buckets; version 4 is the default.

use crate::credentials::{Credentials, OwnedCredentials};
use crate::crypto::HmacSha1Key;
use crate::encode;
use crate::query::{Query, SigningParameters};
use crate::request::{Parameters, Request};
use crate::v4::{SignedHeaders, push_sorted_headers};
use base64::{Engine, engine::general_purpose::STANDARD};
use smallvec::SmallVec;

const TOKEN: &str = "security-token";
/// In the place of an end: no encoded text has it.
const END: &str = "\n";

/// What an AccessKey signs with.
#[derive(Clone)]
pub struct Session {
    who: OwnedCredentials,
    encoded_id: String,
    encoded_token: String,
    /// The query of requests without parameters of their own, before and behind the end.
    plain_query: [String; 2],
    key: HmacSha1Key,
}

impl Session {
    /// Prepares to sign.
    pub fn new(who: Credentials<'_>) -> Self {
        let encoded_id = encode::query(who.id);
        let encoded_token = encode::query(who.token.unwrap_or_default());
        let plain_query = plain_query(&parameters(&encoded_id, END, &encoded_token));
        let key = HmacSha1Key::new(who.secret.as_bytes());
        Self { who: who.into(), encoded_id, encoded_token, plain_query, key }
    }

    /// Whether this session signs for `who`.
    pub fn is_of(&self, who: Credentials<'_>) -> bool {
        self.who.as_ref() == who
    }

    /// The signature, in Base64, of a string to sign.
    pub fn sign(&self, string_to_sign: &str) -> String {
        STANDARD.encode(self.key.sign(string_to_sign.as_bytes()))
    }
}

fn parameters<'s>(id: &'s str, expires: &'s str, token: &'s str) -> SigningParameters<'s, 3> {
    SigningParameters {
        added: [("OSSAccessKeyId", id), ("Expires", expires), (TOKEN, token)],
        sorted: &[],
        kept_in_place: 2,
        signature: "Signature",
    }
}

/// The query that `Query` makes of parameters whose end is [`END`], in two.
fn plain_query(parameters: &SigningParameters<'_, 3>) -> [String; 2] {
    let mut query = String::new();
    Query::write(&mut query, &Parameters::default(), parameters);
    let (before, behind) = query.split_once(END).unwrap_or_default();
    [before.to_owned(), behind.to_owned()]
}

/// Appends a code in Base64, percent-encoded.
///
/// Which characters are escaped is chance: no branch depends on it, for none could be foreseen.
fn push_escaped_base64(code: [u8; 20], out: &mut String) {
    const ESCAPED: [([u8; 3], usize); 128] = {
        let (mut table, mut at) = ([([0; 3], 1); 128], 0);
        while at < 128 {
            table[at].0[0] = at as u8;
            at += 1;
        }
        table[b'+' as usize] = (*b"%2B", 3);
        table[b'/' as usize] = (*b"%2F", 3);
        table[b'=' as usize] = (*b"%3D", 3);
        table
    };
    let (mut base64, mut escaped, mut length) = ([0; 28], [0; 28 * 3], 0);
    // 20 bytes make 28 characters.
    let _ = STANDARD.encode_slice(code, &mut base64);
    for character in base64 {
        let (text, its_length) = ESCAPED[usize::from(character & 127)];
        escaped[length..length + 3].copy_from_slice(&text);
        length += its_length;
    }
    out.push_str(str::from_utf8(&escaped[..length]).unwrap_or_default());
}

/// Whether a query parameter is a sub-resource, which V1 signs; it signs no other parameter.
///
/// The documented names, those of the official SDK, and every `x-oss-*`: OSS documents
/// `x-oss-process` and signs `x-oss-traffic-limit`, `x-oss-ac-*` and the like, which the Python SDK
/// leaves out (its V1 URLs with `process=` are refused).
pub fn is_sub_resource(name: &str) -> bool {
    name.starts_with("x-oss-") || SUB_RESOURCES.binary_search(&name).is_ok()
}

/// Sorted by bytes. From the page above, its header-mode sibling
/// (<https://help.aliyun.com/document_detail/31951.htm>) and the Python SDK 1.4.1.
const SUB_RESOURCES: [&str; 50] = [
    "acl",
    "append",
    "bucketInfo",
    "callback",
    "callback-var",
    "cloudboxes",
    "cname",
    "comp",
    "continuation-token",
    "cors",
    "delete",
    "endTime",
    "img",
    "lifecycle",
    "live",
    "location",
    "logging",
    "objectMeta",
    "partNumber",
    "position",
    "qos",
    "referer",
    "regionList",
    "replication",
    "replicationLocation",
    "replicationProgress",
    "resourceGroup",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "security-token",
    "sequential",
    "startTime",
    "stat",
    "status",
    "style",
    "styleName",
    "symlink",
    "tagging",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "vod",
    "website",
];

/// Writes the URL of a request. `push_base` appends what stands before the key.
///
/// `expires` is in seconds since 1970. The string to sign stands in the same buffer before.
pub fn sign_url(
    session: &Session,
    request: &Request<'_>,
    expires: i64,
    url: &mut String,
    push_base: impl FnOnce(&mut String),
) {
    let mut digits = itoa::Buffer::new();
    let expires = digits.format(expires);
    url.clear();
    push_request_text(url, request, expires, session.who.as_ref().token);
    let code = session.key.sign(url.as_bytes());
    url.clear();
    push_base(url);
    encode::push_path(url, request.key.as_deref().unwrap_or_default());
    if request.query.is_empty() {
        let [before, behind] = &session.plain_query;
        [before, expires, behind].into_iter().for_each(|part| url.push_str(part));
    } else {
        let parameters = parameters(&session.encoded_id, expires, &session.encoded_token);
        Query::write(url, &request.query, &parameters);
    }
    url.push_str("&Signature=");
    push_escaped_base64(code, url);
}

/// The string to sign of a request.
pub fn request_text(request: &Request<'_>, expires: &str, token: Option<&str>) -> String {
    let mut out = String::new();
    push_request_text(&mut out, request, expires, token);
    out
}

fn push_request_text(out: &mut String, request: &Request<'_>, expires: &str, token: Option<&str>) {
    let value = |name| request.headers.get(name).map_or("", |header| header.trimmed());
    push_head(out, [&request.method, value("content-md5"), value("content-type"), expires]);
    // Mostly there are none: the list for them alone takes a twentieth of the time.
    if !request.headers.is_empty() {
        let oss_headers = request.headers.iter().filter(|header| header.is_oss());
        let oss_headers = oss_headers.map(|header| (header.lower_name(), header.trimmed()));
        push_sorted_headers(out, oss_headers.collect());
    }
    out.push('/');
    if let Some(bucket) = request.signed_bucket() {
        out.push_str(bucket);
        out.push('/');
    }
    out.push_str(request.key.as_deref().unwrap_or_default());
    let own = request.query.iter().filter(|(name, _)| is_sub_resource(name) && *name != TOKEN);
    let mut sub_resources: SmallVec<[_; 4]> =
        own.chain(token.map(|token| (TOKEN, token))).collect();
    push_sub_resources(out, &mut sub_resources);
}

/// The string to sign of texts that the caller has already picked.
///
/// `head` is method, Content-MD5, Content-Type, and date or end; `path` is `/bucket/key`, not
/// encoded; `sub_resources` are decoded.
pub fn string_to_sign(
    head: [&str; 4],
    oss_headers: SignedHeaders<'_>,
    path: &str,
    sub_resources: &mut [(&str, &str)],
) -> String {
    let mut out = String::with_capacity(512);
    push_head(&mut out, head);
    push_sorted_headers(&mut out, oss_headers);
    out.push_str(path);
    push_sub_resources(&mut out, sub_resources);
    out
}

fn push_head(out: &mut String, head: [&str; 4]) {
    for line in head {
        out.push_str(line);
        out.push('\n');
    }
}

fn push_sub_resources(out: &mut String, sub_resources: &mut [(&str, &str)]) {
    sub_resources.sort_unstable();
    for (at, (name, value)) in sub_resources.iter().enumerate() {
        out.push(if at == 0 { '?' } else { '&' });
        out.push_str(name);
        if !value.is_empty() {
            out.push('=');
            out.push_str(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_sub_resources_is_sorted() {
        assert!(SUB_RESOURCES.is_sorted());
    }

    #[test]
    fn every_x_oss_parameter_is_a_sub_resource() {
        assert!(is_sub_resource("x-oss-process"));
        assert!(is_sub_resource("uploadId"));
        assert!(!is_sub_resource("Expires"));
        assert!(!is_sub_resource("list-type"));
    }
}
