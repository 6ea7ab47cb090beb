//! Signature version 4
//! (<https://help.aliyun.com/en/oss/developer-reference/add-signatures-to-urls>).

use crate::clock;
use crate::credentials::{Credentials, OwnedCredentials};
use crate::crypto::{self, HmacKey, Midstate, Padded};
use crate::encode::{self, Hex};
use crate::lanes::Seal;
use crate::query::{Query, SigningParameters};
use crate::request::{Header, Parameters, Request};
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

/// What a key is good for: the day of a date, region and product.
pub fn scope(date: &str, region: &str, product: &str) -> String {
    format!("{}/{region}/{product}/{TERMINATOR}", date.get(..8).unwrap_or(date))
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
    /// What follows the path in the URL up to the signature, and in the canonical request up to the
    /// headers, around the value of `x-oss-expires`: for requests without parameters of their own.
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
        let scope = scope(&date, region, product);
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
            url_query: Around::default(),
            canonical_query: Around::default(),
            date,
        };
        let (mut url, mut canonical) = (String::new(), "\n".to_owned());
        let parameters = session.parameters(EXPIRES_HERE, "");
        let mut query = Query::write(&mut url, &Parameters::default(), &parameters);
        push_query(&mut canonical, query.sorted(&url));
        session.url_query = Around::split(&(url + SIGNATURE), EXPIRES_HERE);
        session.canonical_query = Around::split(&canonical, EXPIRES_HERE);
        session
    }

    /// The signature of a canonical request.
    pub fn sign(&self, canonical_request: &str) -> Hex {
        // Copied before hashing, for the reason given in [`Midstate::finish`].
        let mut tail = self.tail;
        tail.write_hex(self.digest_at, &crypto::sha256(canonical_request.as_bytes()));
        Hex::of(&self.key.finish(self.inner.finish_padded(&tail)))
    }

    /// What signs many canonical requests at once.
    pub(crate) fn seal(&self) -> Seal {
        Seal::new(self.key, self.inner, self.tail, self.digest_at)
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

/// Appends query and signature to a URL that ends with its path.
pub fn sign_url(session: &Session, subject: &Subject<'_>, expires: i64, url: &mut String) {
    let request = subject.request;
    if request.query.is_empty() && subject.additional.is_empty() {
        sign_plain_url(session, request, subject.key_start, expires, url);
    } else {
        sign_any_url(session, subject, expires, url);
    }
}

/// As [`sign_any_url`] for a request without parameters of its own, which most are: its query is
/// ready in the session, and both texts grow in one buffer.
fn sign_plain_url(
    session: &Session,
    request: &Request<'_>,
    key_start: usize,
    expires: i64,
    url: &mut String,
) {
    let (key, mut digits) = (key_start..url.len(), itoa::Buffer::new());
    let expires = digits.format(expires);
    session.url_query.push_around(url, expires);
    let end = url.len();
    url.push_str(&request.method);
    url.push_str("\n/");
    match (&request.signed_bucket, &request.bucket) {
        (Some(bucket), _) => encode::push_path(url, bucket),
        (None, Some(bucket)) => url.push_str(bucket),
        (None, None) => {}
    }
    if request.signed_bucket().is_some() {
        url.push('/');
    }
    url.extend_from_within(key);
    session.canonical_query.push_around(url, expires);
    if request.headers.is_empty() {
        url.push_str("\n\n\nUNSIGNED-PAYLOAD");
    } else {
        url.push('\n');
        push_canonical_rest(url, request, &[], "");
    }
    let signature = session.sign(&url[end..]);
    url.truncate(end);
    url.push_str(signature.as_str());
}

/// Appends query and signature to a URL that ends with its path; returns the canonical request.
pub fn sign_any_url(
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
    let (mut digits, joined) = (itoa::Buffer::new(), additional.join("%3B"));
    let parameters = session.parameters(digits.format(expires), &joined);
    push_query(&mut canonical, Query::write(url, &request.query, &parameters).sorted(url));
    canonical.push('\n');
    push_canonical_rest(&mut canonical, request, &additional, subject.host);
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

/// Appends what follows method, path and query in the canonical request of a presigned URL.
fn push_canonical_rest(out: &mut String, request: &Request<'_>, additional: &[&str], host: &str) {
    let headers = signed_headers(request, additional, host);
    let payload = request.headers.get("x-oss-content-sha256");
    push_headers_and_payload(
        out,
        headers,
        additional,
        payload.map_or(UNSIGNED_PAYLOAD, |header| header.trimmed()),
    );
}

/// Appends header lines, the names of the additional ones, and what stands for the body.
pub fn push_headers_and_payload(
    out: &mut String,
    headers: SignedHeaders<'_>,
    additional: &[&str],
    payload: &str,
) {
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

/// Stands for the number of seconds in a text that is split there; no part of a URL contains it.
const EXPIRES_HERE: &str = "{expires}";

/// A text around the one thing in it that changes.
#[derive(Default)]
struct Around {
    before: String,
    after: String,
}

impl Around {
    fn split(text: &str, here: &str) -> Self {
        let (before, after) = text.split_once(here).unwrap_or((text, ""));
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
    let mut out = format!("{ALGORITHM}\n{date}\n{}\n", scope(date, region, product));
    out.push_str(Hex::of(&crypto::sha256(canonical_request.as_bytes())).as_str());
    out
}

fn signed_headers<'r>(
    request: &'r Request<'_>,
    additional: &[&str],
    host: &'r str,
) -> SignedHeaders<'r> {
    let is_signed = |header: &Header<'_>| {
        header.is_signed_by_default() || additional.contains(&header.lower_name())
    };
    let mut signed: SignedHeaders<'r> = request
        .headers
        .iter()
        .filter(is_signed)
        .map(|header| (header.lower_name(), header.trimmed()))
        .collect();
    if additional.contains(&"host") && !signed.iter().any(|(name, _)| *name == "host") {
        signed.push(("host", host));
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_region_of_any_length_is_signed() {
        for length in 1..=130 {
            let region = "r".repeat(length);
            let who = Credentials::new("id", "secret", None);
            let session = Session::new(who, &region, "oss", 1_767_225_600);
            let text = string_to_sign("20260101T000000Z", &region, "oss", "canonical");
            let key = derive_key("secret", "20260101", &region, "oss");
            let code = crypto::hmac_sha256(&key, text.as_bytes());
            assert_eq!(session.sign("canonical").as_str(), Hex::of(&code).as_str(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_and_the_long_way_make_the_same_url(
            key in ".{1,80}", bucket in proptest::option::of("[a-z]{3,20}"),
            token in proptest::option::of("[ -~]{1,90}"), expires in 1..604_800i64,
            headers in proptest::collection::vec(("(x-oss-|Content-)[a-zA-Z]{1,9}", "[ -~]{0,9}"), 0..5),
        ) {
            let who = Credentials::new("id+/=", "secret", token.as_deref());
            let session = Session::new(who, "cn-hangzhou", "oss", 1_767_225_600);
            let bucket = bucket.map(Into::into);
            let mut request = Request {
                method: "PUT".into(), bucket, key: Some(key.as_str().into()), ..Request::default()
            };
            for (name, value) in &headers {
                request.headers.set(name, value);
            }
            let mut short = "https://h/".to_owned();
            let key_start = short.len();
            encode::push_path(&mut short, &key);
            let mut long = short.clone();
            sign_plain_url(&session, &request, key_start, expires, &mut short);
            let subject = Subject { request: &request, key_start, additional: &[], host: "" };
            sign_any_url(&session, &subject, expires, &mut long);
            prop_assert_eq!(short, long);
        }
    }
}
