//! Published signatures, reproduced stage by stage. `vectors/` names the source of each.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot read its vectors must fail.
#![allow(missing_docs)]

use ossign::clock::{self, SECOND};
use ossign::credentials::Credentials;
use ossign::endpoint::{Endpoint, Network, Tls};
use ossign::presign::{Target, Window};
use ossign::request::{Headers, Request};
use ossign::session::Session;
use ossign::{crypto, encode, v1, v4};
use serde_json::Value;

const V4: &str = include_str!("vectors/v4.json");
const V1: &str = include_str!("vectors/v1.json");

struct Vector(Value);

impl Vector {
    fn all(json: &str) -> Vec<Self> {
        let all: Vec<Value> = serde_json::from_str(json).expect("the vectors are JSON");
        all.into_iter().map(Self).collect()
    }

    fn of(name: &str) -> Self {
        let json = if name.starts_with("v4") { V4 } else { V1 };
        Self::all(json).into_iter().find(|vector| vector.0["name"] == name).expect(name)
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().expect(name)
    }

    fn input(&self, name: &str) -> &str {
        self.0["inputs"][name].as_str().unwrap_or_default()
    }

    fn query(&self) -> Vec<(&str, &str)> {
        let pairs = self.0["inputs"]["query"].as_array().into_iter().flatten();
        pairs.map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap())).collect()
    }

    fn headers(&self) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in self.0["inputs"]["headers"].as_object().into_iter().flatten() {
            headers.set(name, value.as_str().unwrap());
        }
        headers
    }

    /// The names to be signed besides, as a client prepares them.
    fn additional(&self) -> Vec<String> {
        let names = self.0["inputs"]["additional"].as_array().into_iter().flatten();
        let mut names: Vec<_> = names.map(|name| name.as_str().unwrap().to_lowercase()).collect();
        names.retain(|name| !name.starts_with("x-oss-"));
        names.sort();
        names
    }

    fn token(&self) -> Option<&str> {
        self.0["inputs"]["token"].as_str()
    }

    fn who(&self) -> Credentials<'_> {
        Credentials::new(self.input("ak"), self.input("sk"), self.token())
    }

    fn request(&self) -> Request<'_> {
        let mut request = Request {
            method: self.input("method").into(),
            bucket: Some(self.input("bucket").into()),
            key: Some(self.input("key").into()),
            ..Request::default()
        };
        for (name, value) in self.query() {
            request.query.set(name, value);
        }
        request.headers = self.headers();
        request
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    encode::Hex::of(bytes).as_str().to_owned()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn check_v4_query(name: &str) {
    let vector = Vector::of(name);
    let (region, product) = (vector.input("region"), vector.input("product"));
    let expires = vector.0["inputs"]["expires"].as_i64().unwrap();
    let second = clock::parse_iso_basic(vector.input("date")).unwrap();
    let (request, additional) = (vector.request(), vector.additional());
    let host = vector.input("bucket").to_owned() + ".oss-cn-hangzhou.aliyuncs.com";

    let session = v4::Session::new(vector.who(), region, product, second);
    let mut url = "https://h/".to_owned();
    let key_start = url.len();
    encode::push_path(&mut url, vector.input("key"));
    let subject =
        v4::Subject { request: &request, key_start, additional: &additional, host: &host };
    let canonical = v4::sign_any_url(&session, &subject, expires, &mut url);
    assert_eq!(canonical, vector.text("canonical_request"), "{name}");
    let text = v4::string_to_sign(vector.input("date"), region, product, &canonical);
    assert_eq!(text, vector.text("string_to_sign"), "{name}");
    assert_eq!(session.sign(&canonical).as_str(), vector.text("signature"), "{name}");

    let target = Target {
        endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
        region: region.to_owned(),
        product: product.to_owned(),
        additional_headers: additional.clone().into(),
        ..Target::default()
    };
    let window = Window { now: second * SECOND, expiration: (second + expires) * SECOND };
    let session = Session::new(&target, vector.who(), second).unwrap();
    let url = target.sign(&session, window, &request).unwrap();
    assert!(url.starts_with(&format!("https://{host}/")), "{url}");
    assert!(url.ends_with(&format!("&x-oss-signature={}", vector.text("signature"))), "{url}");
}

fn check_v4_header(name: &str) {
    let vector = Vector::of(name);
    let (region, product) = (vector.input("region"), vector.input("product"));
    let date = vector.input("date");
    let mut headers = vector.headers();
    headers.set("x-oss-date", date);
    headers.set("x-oss-content-sha256", v4::UNSIGNED_PAYLOAD);
    if let Some(token) = vector.token() {
        headers.set("x-oss-security-token", token);
    }
    let additional = vector.additional();
    let additional: Vec<_> = additional.iter().map(String::as_str).collect();
    let is_signed = |name: &str, by_default: bool| by_default || additional.contains(&name);
    let signed = headers
        .iter()
        .filter(|header| is_signed(header.lower_name(), header.is_signed_by_default()))
        .map(|header| (header.lower_name(), header.trimmed()))
        .collect();

    let mut canonical = format!("{}\n", vector.input("method"));
    let mut key = String::new();
    encode::push_path(&mut key, vector.input("key"));
    v4::push_resource_path(&mut canonical, Some(vector.input("bucket")), &key);
    canonical.push('\n');
    let query = vector.query();
    let mut pairs: Vec<_> =
        query.iter().map(|(name, value)| (encode::query(name), encode::query(value))).collect();
    pairs.sort();
    let joined = |(name, value): &(String, String)| match value.is_empty() {
        true => name.clone(),
        false => format!("{name}={value}"),
    };
    let pairs: Vec<_> = pairs.iter().map(joined).collect();
    v4::push_query(&mut canonical, pairs.iter().map(String::as_str));
    canonical.push('\n');
    v4::push_headers_and_payload(&mut canonical, signed, &additional, v4::UNSIGNED_PAYLOAD);
    assert_eq!(canonical, vector.text("canonical_request"), "{name}");

    let text = v4::string_to_sign(date, region, product, &canonical);
    assert_eq!(text, vector.text("string_to_sign"), "{name}");
    let key = v4::derive_key(vector.input("sk"), &date[..8], region, product);
    let signature = hex(&crypto::hmac_sha256(&key, text.as_bytes()));
    assert_eq!(signature, vector.text("signature"), "{name}");
}

fn pair(text: &str) -> (&str, &str) {
    text.split_once('=').unwrap_or((text, ""))
}

/// The texts of V1 vectors are taken apart and put together again, from the last part to the first.
fn check_v1(name: &str) {
    let vector = Vector::of(name);
    let lines: Vec<_> = vector.text("string_to_sign").split('\n').collect();
    let (head, rest) = lines.split_at(4);
    let (resource, headers) = rest.split_last().unwrap();
    let (path, query) = resource.split_once('?').unwrap_or((resource, ""));
    let mut sub_resources: Vec<_> =
        query.split('&').rev().filter(|text| !text.is_empty()).map(pair).collect();
    let headers = headers.iter().rev().map(|line| line.split_once(':').unwrap()).collect();
    for (name, _) in &sub_resources {
        assert!(v1::is_sub_resource(name), "{name}");
    }

    let head = [head[0], head[1], head[2], head[3]];
    let text = v1::string_to_sign(head, headers, path, &mut sub_resources);
    assert_eq!(text, vector.text("string_to_sign"), "{name}");
    let session = v1::Session::new(vector.who());
    assert_eq!(session.sign(&text), vector.text("signature"), "{name}");
}

fn check_v1_url(name: &str, token: Option<&str>, key: &str, expires: i64) {
    let vector = Vector::of(name);
    let session = v1::Session::new(Credentials::new("ak", vector.input("sk"), token));
    let mut request = Request {
        method: "GET".into(),
        bucket: Some("bucket".into()),
        key: Some(key.to_owned().into()),
        ..Request::default()
    };
    request.query.set("versionId", "versionId");
    let text = v1::request_text(&request, &expires.to_string(), token);
    assert_eq!(text, vector.text("string_to_sign"), "{name}");
    let mut url = String::new();
    v1::sign_url(&session, &request, expires, &mut url, |url| {
        url.push_str("http://bucket.oss-cn-hangzhou.aliyuncs.com/");
    });
    let parts = |url: &str| {
        let mut parts: Vec<_> = url.split(['?', '&']).map(str::to_owned).collect();
        parts.sort();
        parts
    };
    assert_eq!(parts(&url), parts(vector.input("url")), "{name}");
}

#[test]
fn every_published_v4_url_is_signed_alike() {
    for name in [
        "v4-query",
        "v4-query-token",
        "v4-query-additional",
        "v4-query-additional-with-defaults",
        "v4-query-5days",
        "v4-query-cloudbox-additional",
        "v4-query-cloudbox-additional-2",
        "v4-query-official-doc-2023",
        "v4-query-host-2024",
    ] {
        check_v4_query(name);
    }
}

#[test]
fn every_published_v4_header_is_signed_alike() {
    for name in [
        "v4-header",
        "v4-header-token",
        "v4-header-additional",
        "v4-header-cloudbox",
        "v4-header-official-doc-2023",
        "v4-header-2025",
    ] {
        check_v4_header(name);
    }
}

#[test]
fn the_documented_signing_key_signs_the_documented_text() {
    let vector = Vector::of("v4-signing-key-official-doc-2025");
    let (canonical, text) = (vector.text("canonical_request"), vector.text("string_to_sign"));
    assert_eq!(v4::string_to_sign("20250411T064124Z", "cn-hangzhou", "oss", canonical), text);
    let key = unhex(vector.input("signing_key_hex"));
    let signature = hex(&crypto::hmac_sha256(&key, text.as_bytes()));
    assert_eq!(signature, vector.text("signature"));
}

#[test]
fn every_published_v1_text_is_signed_alike() {
    for name in [
        "v1-header-1",
        "v1-header-acl",
        "v1-header-resourceGroup",
        "v1-header-acl-resourceGroup",
        "v1-query-versionId",
        "v1-query-token-plus",
        "v1-query-response-override (test URL has a stray second ?)",
        "v1-query-official-doc",
        "v1-header-official-doc",
    ] {
        check_v1(name);
    }
}

#[test]
fn every_published_v1_url_is_built_alike() {
    check_v1_url("v1-query-versionId", None, "key", 1_699_807_420);
    check_v1_url("v1-query-token-plus", Some("token"), "key+123", 1_699_808_204);
}

#[test]
fn no_vector_is_left_out() {
    assert_eq!((Vector::all(V4).len(), Vector::all(V1).len()), (16, 9));
}
