//! Signature version 4
//! (<https://help.aliyun.com/en/oss/developer-reference/add-signatures-to-urls>).

use crate::clock;
use crate::credentials::{Credentials, OwnedCredentials};
use crate::crypto::{self, HmacKey, Midstate};
use crate::encode;
use crate::query::{Query, SigningParameters};
use crate::request::{Header, Request};
use smallvec::SmallVec;
use std::borrow::Cow;
use zeroize::{Zeroize, Zeroizing};

/// The algorithm's name, which stands in the URL and in the string to sign.
pub const ALGORITHM: &str = "OSS4-HMAC-SHA256";
/// What is signed in place of the body's hash.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
const TERMINATOR: &str = "aliyun_v4_request";
const SIGNATURE: &str = "x-oss-signature";

/// The key that signatures of one day are made with, apart from secret, region and product also
/// known as the scope.
pub fn derive_key(secret: &str, day: &str, region: &str, product: &str) -> [u8; 32] {
    let secret = Zeroizing::new(format!("aliyun_v4{secret}"));
    [day, region, product, TERMINATOR]
        .iter()
        .fold(None, |key: Option<[u8; 32]>, part| {
            let key = key.as_ref().map_or(secret.as_bytes(), |key| key.as_slice());
            Some(crypto::hmac_sha256(key, part.as_bytes()))
        })
        .unwrap_or_default()
}

/// Whether a header of this lower-case name is signed without being asked for.
pub fn is_signed_by_default(lower_name: &str) -> bool {
    lower_name.starts_with("x-oss-") || matches!(lower_name, "content-type" | "content-md5")
}

/// All that stays the same for the requests that one AccessKey signs in one second.
pub struct Session {
    who: OwnedCredentials,
    second: i64,
    date: String,
    credential: String,
    encoded_token: Option<String>,
    key: HmacKey,
    /// After the key's inner pad and the whole blocks of the string to sign that never change.
    inner: Midstate,
    /// What follows those blocks and still never changes.
    rest: String,
}

impl Session {
    /// Prepares to sign at `second`, counted from 1970.
    pub fn new(who: Credentials<'_>, region: &str, product: &str, second: i64) -> Self {
        let date = clock::iso_basic(second);
        let day = &date[..8];
        let mut key_bytes = derive_key(who.secret, day, region, product);
        let key = HmacKey::new(&key_bytes);
        key_bytes.zeroize();
        Self::with_key(key, who, region, product, second, date)
    }

    /// The session of another second. The key is derived again only where the day differs.
    pub fn at(&self, region: &str, product: &str, second: i64) -> Self {
        let date = clock::iso_basic(second);
        if date[..8] == self.date[..8] {
            Self::with_key(self.key, self.who.as_ref(), region, product, second, date)
        } else {
            Self::new(self.who.as_ref(), region, product, second)
        }
    }

    /// Whether this session signs for `who`.
    pub fn is_of(&self, who: Credentials<'_>) -> bool {
        self.who.as_ref() == who
    }

    /// The second in which this session signs.
    pub fn second(&self) -> i64 {
        self.second
    }

    fn with_key(
        key: HmacKey,
        who: Credentials<'_>,
        region: &str,
        product: &str,
        second: i64,
        date: String,
    ) -> Self {
        let scope = format!("{}/{region}/{product}/{TERMINATOR}", &date[..8]);
        let head = format!("{ALGORITHM}\n{date}\n{scope}\n");
        let (inner, rest) = key.inner.absorb(head.as_bytes());
        let rest = head[head.len() - rest.len()..].to_owned();
        Self {
            who: who.into(),
            second,
            credential: encode::query(&format!("{}/{scope}", who.id)),
            encoded_token: who.token.map(encode::query),
            date,
            key,
            inner,
            rest,
        }
    }

    /// The signature, in hex, of a canonical request.
    pub fn sign(&self, canonical_request: &str) -> String {
        let mut tail = String::with_capacity(2 * 64);
        tail.push_str(&self.rest);
        push_hex(&mut tail, &crypto::sha256(canonical_request.as_bytes()));
        let code = self.key.finish(self.inner.finish(tail.as_bytes()));
        tail.clear();
        push_hex(&mut tail, &code);
        tail
    }

    /// The parameters that V4 adds to a query, in the order in which the SDK appends them.
    fn parameters<'s>(&'s self, expires: &'s str, additional: &'s str) -> [(&'s str, &'s str); 6] {
        [
            ("x-oss-signature-version", ALGORITHM),
            ("x-oss-date", &self.date),
            ("x-oss-expires", expires),
            ("x-oss-credential", &self.credential),
            ("x-oss-security-token", self.encoded_token.as_deref().unwrap_or_default()),
            ("x-oss-additional-headers", additional),
        ]
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// A request with what signing needs to know beyond it.
pub struct Subject<'r> {
    /// The request.
    pub request: &'r Request<'r>,
    /// `/bucket/key`, percent-encoded, whatever the address style.
    pub path: &'r str,
    /// Lower-case names of headers to be signed that would not be by default; sorted.
    pub additional: &'r [String],
    /// The host to be signed, where `host` is one of those.
    pub host: &'r str,
}

/// Appends query and signature to a URL that ends with its path; returns the canonical request.
pub fn sign_url(
    session: &Session,
    subject: &Subject<'_>,
    expires: i64,
    url: &mut String,
) -> String {
    let request = subject.request;
    let additional = present_additional(subject);
    let (expires, joined) = (expires.to_string(), additional.join("%3B"));
    let signing = SigningParameters {
        all: &session.parameters(&expires, &joined),
        kept_in_place: 4,
        signature: SIGNATURE,
    };
    let mut query = Query::write(url, &request.query, &signing);
    let headers = signed_headers(subject, &additional);
    let payload = request.headers.get("x-oss-content-sha256");
    let canonical = canonical_request(
        &request.method,
        subject.path,
        query.sorted(url),
        &headers,
        &additional,
        payload.map_or(UNSIGNED_PAYLOAD, |header| header.trimmed()),
    );
    signing.push_signature(url, &session.sign(&canonical));
    canonical
}

/// Appends `/bucket/key`, which is signed whatever the address style. The key is encoded already.
pub fn push_resource_path(out: &mut String, bucket: Option<&str>, encoded_key: &str) {
    out.push('/');
    if let Some(bucket) = bucket {
        encode::push_path(out, bucket);
        out.push('/');
    }
    out.push_str(encoded_key);
}

/// The canonical request: what V4 hashes and signs.
///
/// `query` is encoded and sorted; `headers` are lower-case names with their values, in any order.
pub fn canonical_request<'q>(
    method: &str,
    path: &str,
    query: impl Iterator<Item = &'q str>,
    headers: &[(Cow<'_, str>, &str)],
    additional: &[&str],
    payload: &str,
) -> String {
    let mut out = String::with_capacity(512);
    out.push_str(method);
    out.push('\n');
    out.push_str(path);
    out.push('\n');
    for (at, pair) in query.enumerate() {
        if at > 0 {
            out.push('&');
        }
        out.push_str(pair);
    }
    out.push('\n');
    push_sorted_headers(&mut out, headers);
    out.push('\n');
    for (at, name) in additional.iter().enumerate() {
        if at > 0 {
            out.push(';');
        }
        out.push_str(name);
    }
    out.push('\n');
    out.push_str(payload);
    out
}

/// The string to sign of a canonical request, as [`Session::sign`] hashes it.
pub fn string_to_sign(date: &str, region: &str, product: &str, canonical_request: &str) -> String {
    let mut out = format!(
        "{ALGORITHM}\n{date}\n{}/{region}/{product}/{TERMINATOR}\n",
        date.get(..8).unwrap_or(date)
    );
    push_hex(&mut out, &crypto::sha256(canonical_request.as_bytes()));
    out
}

/// Appends `name:value` lines in the order of the names.
pub(crate) fn push_sorted_headers(out: &mut String, headers: &[(Cow<'_, str>, &str)]) {
    let mut sorted: SmallVec<[&(Cow<'_, str>, &str); 8]> = headers.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, value) in sorted {
        out.push_str(name);
        out.push(':');
        out.push_str(value);
        out.push('\n');
    }
}

type SignedHeaders<'r> = SmallVec<[(Cow<'r, str>, &'r str); 4]>;

fn signed_headers<'r>(subject: &'r Subject<'_>, additional: &[&'r str]) -> SignedHeaders<'r> {
    let mut signed: SignedHeaders<'r> = subject
        .request
        .headers
        .iter()
        .map(|header: &Header<'_>| (header.lower_name(), header.trimmed()))
        .filter(|(name, _)| is_signed_by_default(name) || additional.contains(&&**name))
        .collect();
    if additional.contains(&"host") {
        signed.retain(|(name, _)| name != "host");
        signed.push((Cow::Borrowed("host"), subject.host));
    }
    signed
}

/// The additional headers that the request really has: OSS knows no others.
fn present_additional<'r>(subject: &'r Subject<'_>) -> SmallVec<[&'r str; 4]> {
    subject
        .additional
        .iter()
        .map(String::as_str)
        .filter(|name| {
            *name == "host"
                || subject.request.headers.get(name).is_some_and(|header| !header.value.is_empty())
        })
        .collect()
}

fn push_hex(out: &mut String, bytes: &[u8; 32]) {
    let mut hex = [0u8; 64];
    // 32 bytes always fit 64 digits.
    if const_hex::encode_to_slice(bytes, &mut hex).is_ok() {
        out.push_str(std::str::from_utf8(&hex).unwrap_or_default());
    }
}
