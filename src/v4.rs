//! Signature version 4
//! (<https://help.aliyun.com/en/oss/developer-reference/add-signatures-to-urls>).

use crate::clock;
use crate::credentials::{Credentials, OwnedCredentials};
use crate::crypto::{self, HmacKey, Midstate, Padded};
use crate::encode;
use crate::query::{Query, SigningParameters};
use crate::request::{Parameters, Request};
use smallvec::SmallVec;
use zeroize::{Zeroize, Zeroizing};

/// The algorithm's name, which stands in the URL and in the string to sign.
pub const ALGORITHM: &str = "OSS4-HMAC-SHA256";
/// What is signed in place of the body's hash.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
const TERMINATOR: &str = "aliyun_v4_request";
const SIGNATURE: &str = "&x-oss-signature=";

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
    /// What follows those blocks: all but the digest at `digest_at` never changes either.
    tail: Padded,
    digest_at: usize,
    /// The query in the URL, and as it is signed, around `x-oss-expires`: for requests that have no
    /// parameters of their own, which are most.
    url_query: Around,
    canonical_query: Around,
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
        let mut session = Self {
            who: who.into(),
            second,
            credential: encode::query(&format!("{}/{scope}", who.id)),
            encoded_token: who.token.map(encode::query),
            key,
            inner,
            tail: Padded::new((64 + head.len() - rest.len()) as u64, &[rest, &[0; 64]].concat()),
            digest_at: rest.len(),
            url_query: Around::split(""),
            canonical_query: Around::split(""),
            date,
        };
        let (mut url, mut canonical) = (String::new(), String::new());
        let parameters = session.parameters("\n", "");
        let mut query = Query::write(&mut url, &Parameters::default(), &parameters);
        push_query(&mut canonical, query.sorted(&url));
        session.url_query = Around::split(&url);
        session.canonical_query = Around::split(&canonical);
        session
    }

    /// The signature of a canonical request.
    pub fn sign(&self, canonical_request: &str) -> Hex {
        let mut tail = self.tail;
        tail.replace(self.digest_at, hex(&crypto::sha256(canonical_request.as_bytes())).as_bytes());
        hex(&self.key.finish(self.inner.finish_padded(&tail)))
    }

    fn parameters<'s>(&'s self, expires: &'s str, additional: &'s str) -> SigningParameters<'s, 6> {
        let token = self.encoded_token.as_deref().unwrap_or_default();
        SigningParameters {
            added: [
                ("x-oss-signature-version", ALGORITHM),
                ("x-oss-date", &self.date),
                ("x-oss-expires", expires),
                ("x-oss-credential", &self.credential),
                ("x-oss-security-token", token),
                ("x-oss-additional-headers", additional),
            ],
            sorted: &[5, 3, 1, 2, 4, 0],
            kept_in_place: 4,
            signature: "x-oss-signature",
        }
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
    /// Where the percent-encoded key begins in the URL.
    pub key_start: usize,
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
    let mut canonical = String::with_capacity(512);
    canonical.push_str(&request.method);
    canonical.push('\n');
    push_resource_path(&mut canonical, request.signed_bucket(), &url[subject.key_start..]);
    canonical.push('\n');
    let additional = present_additional(subject);
    let mut expires_text = itoa::Buffer::new();
    let expires = expires_text.format(expires);
    if request.query.is_empty() && additional.is_empty() {
        session.url_query.push_around(url, expires);
        session.canonical_query.push_around(&mut canonical, expires);
    } else {
        let joined = additional.join("%3B");
        let parameters = session.parameters(expires, &joined);
        push_query(&mut canonical, Query::write(url, &request.query, &parameters).sorted(url));
    }
    let headers = signed_headers(subject, &additional);
    let payload = request.headers.get("x-oss-content-sha256");
    let payload = payload.map_or(UNSIGNED_PAYLOAD, |header| header.trimmed());
    push_canonical_rest(&mut canonical, headers, &additional, payload);
    url.push_str(SIGNATURE);
    url.push_str(session.sign(&canonical).as_str());
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

/// Appends encoded and sorted pairs.
pub fn push_query<'q>(out: &mut String, pairs: impl Iterator<Item = &'q str>) {
    for (at, pair) in pairs.enumerate() {
        if at > 0 {
            out.push('&');
        }
        out.push_str(pair);
    }
}

/// Appends what follows method, path and query in the canonical request, the text that V4 signs.
pub fn push_canonical_rest(
    out: &mut String,
    headers: SignedHeaders<'_>,
    additional: &[&str],
    payload: &str,
) {
    out.push('\n');
    push_sorted_headers(out, headers);
    out.push('\n');
    for (at, name) in additional.iter().enumerate() {
        if at > 0 {
            out.push(';');
        }
        out.push_str(name);
    }
    out.push('\n');
    out.push_str(payload);
}

/// A text around the one thing in it that changes.
struct Around {
    before: String,
    after: String,
}

impl Around {
    /// Splits a text at the only `\n` in it.
    fn split(text: &str) -> Self {
        let (before, after) = text.split_once('\n').unwrap_or((text, ""));
        Self { before: before.to_owned(), after: after.to_owned() }
    }

    fn push_around(&self, out: &mut String, middle: &str) {
        out.push_str(&self.before);
        out.push_str(middle);
        out.push_str(&self.after);
    }
}

/// Lower-case names and trimmed values of the header fields that are to be signed.
pub type SignedHeaders<'r> = SmallVec<[(&'r str, &'r str); 8]>;

/// Appends the line `name:value` of each header, in the order of their names.
pub(crate) fn push_sorted_headers(out: &mut String, mut headers: SignedHeaders<'_>) {
    headers.sort_by_key(|(name, _)| *name);
    for (name, value) in headers {
        out.push_str(name);
        out.push(':');
        out.push_str(value);
        out.push('\n');
    }
}

/// The string to sign of a canonical request, as [`Session::sign`] hashes it.
pub fn string_to_sign(date: &str, region: &str, product: &str, canonical_request: &str) -> String {
    let mut out = format!(
        "{ALGORITHM}\n{date}\n{}/{region}/{product}/{TERMINATOR}\n",
        date.get(..8).unwrap_or(date)
    );
    out.push_str(hex(&crypto::sha256(canonical_request.as_bytes())).as_str());
    out
}

fn signed_headers<'r>(subject: &'r Subject<'r>, additional: &[&str]) -> SignedHeaders<'r> {
    let mut signed: SignedHeaders<'r> = subject
        .request
        .headers
        .iter()
        .filter(|header| header.is_signed_by_default() || additional.contains(&header.lower_name()))
        .map(|header| (header.lower_name(), header.trimmed()))
        .collect();
    if additional.contains(&"host") {
        signed.retain(|(name, _)| *name != "host");
        signed.push(("host", subject.host));
    }
    signed
}

/// The additional headers that the request really has: OSS knows no others.
fn present_additional<'r>(subject: &'r Subject<'_>) -> SmallVec<[&'r str; 4]> {
    let is_present = |name: &&str| {
        let given = || subject.request.headers.get(name);
        *name == "host" || given().is_some_and(|header| !header.value().is_empty())
    };
    subject.additional.iter().map(String::as_str).filter(is_present).collect()
}

/// The digits of 32 bytes.
pub type Hex = const_hex::Buffer<32>;

fn hex(bytes: &[u8; 32]) -> Hex {
    let mut buffer = Hex::new();
    buffer.format(bytes);
    buffer
}
