//! Signature version 4
//! (<https://help.aliyun.com/en/oss/developer-reference/add-signatures-to-urls>).

use crate::clock;
use crate::credentials::{Credentials, OwnedCredentials};
use crate::crypto::{self, HmacKey};
use crate::encode::{self, Hex};
use crate::lanes::Seal;
use crate::query::{Query, SigningParameters};
use crate::request::{Header, Parameters, Request};
use smallvec::SmallVec;
use std::sync::OnceLock;
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
    seal: Seal,
    /// For requests without parameters of their own: what the first of them has in common with most
    /// others.
    plain: OnceLock<PlainTexts>,
}

/// What stands around the key of a request without parameters of its own. Few long pieces: a
/// processor waits longer for a text that was written in many short ones.
pub(crate) struct PlainTexts {
    expires: i64,
    /// In the URL, from the path up to the signature.
    query: String,
    /// In the canonical request, before the key.
    beginning: String,
    /// In the canonical request, after the key: the query and [`NO_HEADERS`].
    ending: String,
}

/// How the canonical request of a request without headers ends.
const NO_HEADERS: &str = "\n\nUNSIGNED-PAYLOAD";

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
            Self::with_key(self.seal.key(), self.who.as_ref(), region, product, second, date)
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
        Self {
            who: who.into(),
            second,
            credential: encode::query(&format!("{}/{scope}", who.id)),
            encoded_token: who.token.map(encode::query),
            seal: Seal::new(key, head.as_bytes()),
            plain: OnceLock::new(),
            date,
        }
    }

    /// What is ready for a request without parameters of its own, where it is valid for as long as
    /// the first such request, which most are.
    pub(crate) fn plain_texts(&self, request: &Request<'_>, expires: i64) -> Option<&PlainTexts> {
        if !request.query.is_empty() {
            return None;
        }
        let texts = self.plain.get_or_init(|| self.make_plain_texts(request, expires));
        (texts.expires == expires).then_some(texts)
    }

    fn make_plain_texts(&self, request: &Request<'_>, expires: i64) -> PlainTexts {
        let (mut query, mut beginning) = (String::new(), String::new());
        let (mut digits, mut ending) = (itoa::Buffer::new(), "\n".to_owned());
        let parameters = self.parameters(digits.format(expires), "");
        let mut pairs = Query::write(&mut query, &Parameters::default(), &parameters);
        push_query(&mut ending, pairs.sorted(&query));
        query.push_str(SIGNATURE);
        push_beginning(&mut beginning, request);
        PlainTexts { expires, query, beginning, ending: ending + "\n" + NO_HEADERS }
    }

    /// The signature of a canonical request.
    pub fn sign(&self, canonical_request: &str) -> Hex {
        self.seal.sign(canonical_request.as_bytes())
    }

    /// What signs canonical requests, many at once too.
    pub(crate) fn seal(&self) -> &Seal {
        &self.seal
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

/// Writes the URL of a request that [`Session::plain_texts`] knows. `push_base` appends what stands
/// before the key.
///
/// The canonical request stands in the same buffer before: while a processor waits for its hash, it
/// writes the URL.
pub(crate) fn write_plain_url(
    session: &Session,
    texts: &PlainTexts,
    request: &Request<'_>,
    out: &mut String,
    push_base: impl FnOnce(&mut String),
) {
    out.clear();
    if texts.has_beginning_of(request) {
        out.push_str(&texts.beginning);
    } else {
        push_beginning(out, request);
    }
    let (key, key_start) = (request.key.as_deref().unwrap_or_default(), out.len());
    encode::push_path(out, key);
    let is_plain = out.len() - key_start == key.len();
    if request.headers.is_empty() {
        out.push_str(&texts.ending);
    } else {
        out.push_str(&texts.ending[..texts.ending.len() - NO_HEADERS.len()]);
        push_canonical_rest(out, request, &[], "");
    }
    let signature = session.sign(out);
    out.clear();
    push_base(out);
    if is_plain {
        out.push_str(key);
    } else {
        encode::push_path(out, key);
    }
    out.push_str(&texts.query);
    out.push_str(signature.as_str());
}

impl PlainTexts {
    /// Whether `beginning` is that of this request.
    fn has_beginning_of(&self, request: &Request<'_>) -> bool {
        let Some(bucket) = &request.bucket else { return false };
        let rest = self.beginning.strip_prefix(&*request.method);
        let rest = rest.and_then(|rest| rest.strip_prefix("\n/")?.strip_prefix(&**bucket));
        request.signed_bucket.is_none() && rest == Some("/")
    }
}

/// Appends what stands before the key in the canonical request.
fn push_beginning(out: &mut String, request: &Request<'_>) {
    out.push_str(&request.method);
    out.push('\n');
    push_resource_path(out, request.signed_bucket(), "");
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
    push_beginning(&mut canonical, request);
    canonical.push_str(&url[subject.key_start..]);
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
    let payload = payload.map_or(UNSIGNED_PAYLOAD, |header| header.trimmed());
    push_headers_and_payload(out, headers, additional, payload);
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
#[allow(clippy::unwrap_used)]
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
            let (mut long, mut short) = ("https://h/".to_owned(), String::new());
            let key_start = long.len();
            encode::push_path(&mut long, &key);
            let texts = session.plain_texts(&request, expires).unwrap();
            write_plain_url(&session, texts, &request, &mut short, |out| out.push_str("https://h/"));
            let subject = Subject { request: &request, key_start, additional: &[], host: "" };
            sign_any_url(&session, &subject, expires, &mut long);
            prop_assert_eq!(short, long);
        }
    }
}
