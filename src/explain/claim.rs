//! What a signature claims to sign, the texts that follow from it, and whether a secret made it.

use crate::credentials::Credentials;
use crate::encode::{self, Hex};
use crate::presign::Version;
use crate::v4::SignedHeaders;
use crate::{crypto, v1, v4};
use smallvec::SmallVec;
use zeroize::Zeroize;

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the query: a presigned URL.
    Query,
    /// In the Authorization header.
    Header,
}

/// A query parameter that a signature may cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The decoded name.
    pub name: String,
    /// The decoded value.
    pub value: String,
    /// How the pair stands in the signed text, where a signer wrote it in another way than OSS.
    pub text: Option<String>,
}

/// All that a signature covers, read from the request that carries it.
#[derive(Clone)]
pub struct Claim {
    /// The signature's version.
    pub version: Version,
    /// Where it stands.
    pub place: Place,
    /// The HTTP method.
    pub method: String,
    /// The bucket.
    pub bucket: Option<String>,
    /// The decoded key.
    pub key: String,
    /// How the key stands in the signed text, where a signer wrote it in another way than OSS.
    pub key_text: Option<String>,
    /// All query parameters but the signature; in version 1 also without id and end.
    pub query: Vec<Parameter>,
    /// All headers: lower-case names, trimmed values, each name once.
    pub headers: Vec<(String, String)>,
    /// The names in `x-oss-additional-headers`, in order.
    pub additional: Vec<String>,
    /// The Host header.
    pub host: String,
    /// The AccessKey id.
    pub access_key_id: String,
    /// `x-oss-date`, or version 1's end or date, as it stands in the text.
    pub date: String,
    /// The region of the scope.
    pub region: String,
    /// The product of the scope.
    pub product: String,
    /// The signature itself.
    pub signature: String,
}

/// The texts on the way to a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct Texts {
    /// Version 4 alone has one.
    pub canonical_request: Option<String>,
    /// What the signature is the code of.
    pub string_to_sign: String,
}

impl Claim {
    /// The value of a header.
    pub fn header(&self, lower_name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(name, _)| name == lower_name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|own| own.name == name).map(|own| own.value.as_str())
    }

    /// The security token, wherever it stands.
    pub fn token(&self) -> Option<&str> {
        match (self.version, self.place) {
            (Version::V4, Place::Query) => self.parameter("x-oss-security-token"),
            (Version::V1, Place::Query) => self.parameter("security-token"),
            // The SDK's signer of version 1 names the header without "x-oss-".
            (_, Place::Header) => {
                self.header("x-oss-security-token").or_else(|| self.header("security-token"))
            }
        }
    }

    /// Whether OSS makes a header part of the text.
    pub fn covers(&self, lower_name: &str) -> bool {
        lower_name.starts_with("x-oss-")
            || matches!(lower_name, "content-type" | "content-md5")
            || (self.version == Version::V4 && self.additional.iter().any(|n| n == lower_name))
    }

    /// The headers that OSS makes part of the text: lower-case names and values, in order.
    pub fn covered_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, _)| self.covers(name))
    }

    /// The texts, as OSS computes them.
    pub fn texts(&self) -> Texts {
        match self.version {
            Version::V1 => Texts { canonical_request: None, string_to_sign: self.v1_text() },
            Version::V4 => {
                let canonical = self.canonical_request();
                let text = v4::string_to_sign(&self.date, &self.region, &self.product, &canonical);
                Texts { canonical_request: Some(canonical), string_to_sign: text }
            }
        }
    }

    /// The signature that `secret` makes.
    pub fn sign(&self, secret: &str) -> String {
        let text = self.texts().string_to_sign;
        if self.version == Version::V1 {
            return v1::Session::new(Credentials::new("", secret, None)).sign(&text);
        }
        let day = self.date.get(..8).unwrap_or(&self.date);
        let mut key = v4::derive_key(secret, day, &self.region, &self.product);
        let code = crypto::hmac_sha256(&key, text.as_bytes());
        key.zeroize();
        Hex::of(&code).as_str().to_owned()
    }

    /// Whether `secret` made the signature. Takes the same time wherever the two differ.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        crypto::same(self.sign(secret).as_bytes(), self.signature.as_bytes())
    }

    fn canonical_request(&self) -> String {
        let mut out = format!("{}\n", self.method);
        let key = self.key_text.clone().unwrap_or_else(|| encode::path(&self.key));
        v4::push_resource_path(&mut out, self.bucket.as_deref(), &key);
        out.push('\n');
        let mut pairs: Vec<_> = self.query.iter().map(Parameter::encoded).collect();
        pairs.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        v4::push_query(&mut out, pairs.iter().map(|(_, pair)| pair.as_str()));
        out.push('\n');
        let mut headers: SignedHeaders<'_> = self.covered_headers().collect();
        let additional: Vec<_> = self.additional.iter().map(String::as_str).collect();
        if additional.contains(&"host") && self.header("host").is_none() {
            headers.push(("host", &self.host));
        }
        let payload = self.header("x-oss-content-sha256").unwrap_or(v4::UNSIGNED_PAYLOAD);
        v4::push_headers_and_payload(&mut out, headers, &additional, payload);
        out
    }

    fn v1_text(&self) -> String {
        let value = |name| self.header(name).unwrap_or_default();
        let head = [&self.method, value("content-md5"), value("content-type"), &self.date];
        let oss = self.covered_headers().filter(|(name, _)| name.starts_with("x-oss-"));
        let mut path = "/".to_owned();
        if let Some(bucket) = &self.bucket {
            path = format!("/{bucket}/");
        }
        path.push_str(self.key_text.as_deref().unwrap_or(&self.key));
        let sub_resources = self.query.iter().filter(|own| v1::is_sub_resource(&own.name));
        let mut sub_resources: SmallVec<[_; 8]> = sub_resources
            .map(|own| (own.name.as_str(), own.text.as_deref().unwrap_or(&own.value)))
            .collect();
        v1::string_to_sign(head, oss.collect(), &path, &mut sub_resources)
    }
}

impl Parameter {
    /// A parameter that is signed as OSS signs it.
    pub fn new(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: value.to_owned(), text: None }
    }

    /// The encoded name, to sort by, and the pair as version 4 signs it.
    fn encoded(&self) -> (String, String) {
        let name = encode::query(&self.name);
        let pair = match &self.text {
            Some(text) => text.clone(),
            None if self.value.is_empty() => name.clone(),
            None => format!("{name}={}", encode::query(&self.value)),
        };
        (name, pair)
    }
}
