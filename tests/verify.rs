//! What is presigned is accepted as it was meant, and refused once anything in it has changed.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(missing_docs)]

use ossign::clock::SECOND;
use ossign::credentials::Credentials;
use ossign::endpoint::{AddressStyle, Endpoint, Network, Tls};
use ossign::explain::cause::Cause;
use ossign::explain::host::Layout;
use ossign::explain::parse::{self, Received};
use ossign::explain::report::{Question, explain};
use ossign::explain::see::Context;
use ossign::explain::verify::{Facts, Refusal, verify};
use ossign::presign::{Target, Version, Window};
use ossign::request::Request;
use ossign::session::Session;
use ossign::{encode, v4};
use proptest::prelude::*;

const NOW: i64 = 1_767_225_600 * SECOND;
const ID: &str = "LTAIexample";
const SECRET: &str = "a-secret";

#[derive(Debug, Clone)]
struct Case {
    version: Version,
    style: AddressStyle,
    method: &'static str,
    key: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    additional: Vec<String>,
    token: Option<String>,
    expires: i64,
}

impl Case {
    fn url(&self) -> String {
        let endpoint = match self.style {
            AddressStyle::Virtual => Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On),
            AddressStyle::Path => Endpoint::parse("http://127.0.0.1:9000", Tls::On).unwrap(),
            AddressStyle::Cname => Endpoint::parse("img.example.com", Tls::On).unwrap(),
        };
        let target = Target {
            endpoint: Some(endpoint),
            style: self.style,
            region: "cn-hangzhou".into(),
            product: "oss".into(),
            version: self.version,
            additional_headers: self.additional.clone().into(),
            ..Target::default()
        };
        let mut request = Request {
            method: self.method.into(),
            bucket: Some("examplebucket".into()),
            key: Some(self.key.as_str().into()),
            ..Request::default()
        };
        for (name, value) in &self.query {
            request.query.set(name.as_str(), value.as_str());
        }
        for (name, value) in &self.headers {
            request.headers.set(name, value);
        }
        target.prepare(&mut request).unwrap();
        let session = Session::new(&target, self.who(), NOW / SECOND).unwrap();
        let window = Window { now: NOW, expiration: NOW + self.expires * SECOND };
        target.sign(&session, window, &request).unwrap()
    }

    fn who(&self) -> Credentials<'_> {
        Credentials::new(ID, SECRET, self.token.as_deref())
    }

    fn verify(&self, url: &str) -> Result<Facts, Box<Refusal>> {
        let headers: Vec<_> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let Some(parts) = parse::split(url) else { return self.verify_parts("", url, &headers) };
        self.verify_parts(parts.host, parts.target, &headers)
    }

    fn verify_parts(
        &self,
        host: &str,
        target: &str,
        headers: &[(&str, &str)],
    ) -> Result<Facts, Box<Refusal>> {
        let received = Received { method: self.method, host, target, headers };
        let cname = host == "img.example.com";
        let layout = Layout { bucket: cname.then_some("examplebucket"), endpoints: &[] };
        let region = Some("cn-hangzhou");
        let context = Context { now: NOW + SECOND, region, ..Context::default() };
        verify(received, layout, context, &|id| (id == ID).then(|| self.who()))
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let style = prop_oneof![
        Just(AddressStyle::Virtual),
        Just(AddressStyle::Path),
        Just(AddressStyle::Cname)
    ];
    let name = "(x-oss-[a-z]{1,8}|response-content-type|versionId|uploads|[a-z +/&=?数]{1,6})";
    let header = "(x-oss-meta-[a-z]{1,6}|Content-Type|content-md5|range|if-match)";
    (
        prop_oneof![Just(Version::V4), Just(Version::V1)],
        style,
        prop_oneof![Just("GET"), Just("PUT"), Just("HEAD"), Just("POST"), Just("DELETE")],
        "[^/\\\\]\\PC{0,20}",
        proptest::collection::btree_map(name, "[ -~数]{0,8}", 0..4),
        proptest::collection::btree_map(header, "[!-~]{1,8}", 0..4),
        proptest::option::of("[!-~]{20,40}"),
        1..43_200i64,
        any::<bool>(),
    )
        .prop_map(|(version, style, method, key, query, headers, token, expires, adds)| Case {
            version,
            style,
            method,
            key,
            query: query.into_iter().filter(|(name, _)| !is_reserved(name)).collect(),
            additional: additional(&headers, adds),
            headers: headers.into_iter().collect(),
            token,
            expires,
        })
}

/// Names that signing overwrites or that a header of the same name would contradict.
fn is_reserved(name: &str) -> bool {
    name.starts_with("x-oss-")
        && ["date", "expires", "credential"].iter().any(|n| name.ends_with(n))
}

fn additional(headers: &std::collections::BTreeMap<String, String>, adds: bool) -> Vec<String> {
    let plain = headers.keys().filter(|name| ["range", "if-match"].contains(&name.as_str()));
    let mut names: Vec<_> = plain.cloned().collect();
    names.push("host".into());
    names.sort();
    if adds { names } else { Vec::new() }
}

/// Whether two URLs say the same to a server: letters of the host and of escapes have no case, and
/// `localhost`-like names of addresses stay what they are.
fn same(one: &str, other: &str) -> bool {
    let parts = |url: &str| {
        let parts = parse::split(url)?;
        let path = encode::decode_strictly(parts.target.split('?').next()?)?;
        let query = parts.target.split_once('?').map_or("", |(_, query)| query);
        let query = parse::parameters(query).ok()?;
        let query: Vec<_> = query.into_iter().map(|p| (p.name, p.value)).collect();
        Some((parts.host.to_ascii_lowercase(), path, query))
    };
    parts(one) == parts(other)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_presigned_is_accepted_as_it_was_meant(case in cases()) {
        let facts = case.verify(&case.url()).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
        prop_assert_eq!(&facts.method, case.method);
        prop_assert_eq!(facts.bucket.as_deref(), Some("examplebucket"));
        prop_assert_eq!(&facts.key, &case.key);
        prop_assert_eq!(&facts.access_key_id, ID);
        prop_assert_eq!(facts.style, case.style);
        prop_assert_eq!(facts.is_temporary, case.token.is_some());
        prop_assert_eq!(facts.seconds_left, Some(case.expires - 1));
        prop_assert_eq!(facts.parameters, case.query.clone());
    }

    #[test]
    fn every_text_has_an_explanation_without_a_panic(
        case in cases(), harm in ".{0,40}", place in any::<proptest::sample::Index>(),
        xml in "(<Error><Code>SignatureDoesNotMatch</Code><StringToSign>)?.{0,60}\n?.{0,20}",
    ) {
        let mut url = case.url();
        let at = place.index(url.len());
        url.replace_range(at..at + 1, &harm);
        for (url, who) in [(&url, Some(case.who())), (&url, None), (&harm, None)] {
            let report = explain(&Question {
                url,
                method: None,
                headers: Some(&[("Content-Type", harm.as_str()), (harm.as_str(), "x")]),
                layout: Layout::default(),
                context: Context { now: NOW, ..Context::default() },
                // The search is tried elsewhere: here it would take most of the time.
                who: who.filter(|_| at % 128 == 0),
                server_error: Some(&xml),
            });
            prop_assert!(!report.to_string().contains(SECRET));
        }
    }

    #[test]
    fn one_changed_character_anywhere_is_refused(
        case in cases(), place in any::<proptest::sample::Index>(), other in "[ -~]",
    ) {
        let url = case.url();
        let at = place.index(url.len());
        let changed = format!("{}{other}{}", &url[..at], &url[at + 1..]);
        // Which port a request came through, and over TLS or not, is no part of it.
        let origin = url.find("//").unwrap() + 2 + parse::split(&url).unwrap().host.len();
        let unsigned = at < origin && (case.version == Version::V1 || case.additional.is_empty());
        let unsigned = unsigned && case.style != AddressStyle::Virtual;
        prop_assume!(!unsigned && !same(&url, &changed));
        // Version 1 does not sign the id, nor a parameter that is no sub-resource.
        let refused = case.verify(&changed).is_err();
        let unsigned = changed_is_unsigned(&case, &url, &changed);
        prop_assert!(refused || unsigned, "{}", changed);
    }
}

/// Whether a change is one that version 1 does not sign: that of a parameter of no meaning to OSS.
fn changed_is_unsigned(case: &Case, url: &str, changed: &str) -> bool {
    let signed = |url: &str| {
        let query = url.split_once('?').map_or("", |(_, query)| query).to_owned();
        let all = parse::parameters(&query).unwrap_or_default();
        let kept = all.into_iter().map(|p| (p.name, p.value));
        let own = ["OSSAccessKeyId", "Expires", "Signature"];
        let is_signed = |name: &str| ossign::v1::is_sub_resource(name) || own.contains(&name);
        let mut kept: Vec<_> = kept.filter(|(name, _)| is_signed(name)).collect();
        kept.sort();
        (url.split('?').next().unwrap_or_default().to_owned(), kept)
    };
    case.version == Version::V1 && signed(url) == signed(changed)
}

fn plain(version: Version) -> Case {
    Case {
        version,
        style: AddressStyle::Virtual,
        method: "GET",
        key: "dir/a b+c.txt".into(),
        query: vec![],
        headers: vec![],
        additional: vec![],
        token: None,
        expires: 3600,
    }
}

fn cause(result: Result<Facts, Box<Refusal>>) -> Cause {
    result.map_or_else(|refusal| refusal.finding.cause, |_| Cause::Ok)
}

#[test]
fn a_refusal_names_its_cause_and_hides_its_texts() {
    let case = Case { token: Some("a-token-nobody-may-see".into()), ..plain(Version::V4) };
    let url = case.url();
    let shorter = url.replace("x-oss-expires=3600", "x-oss-expires=3599");
    let refusal = case.verify(&shorter).unwrap_err();
    assert_eq!(refusal.finding.cause, Cause::SignatureMismatch);
    assert_eq!(refusal.finding.ec, Some("0002-00000201"));
    let text = &refusal.texts.as_ref().unwrap().string_to_sign;
    assert!(text.starts_with(v4::ALGORITHM));
    assert!(!format!("{refusal:?} {refusal}").contains("nobody"));
    let other = Case { token: Some("another".into()), ..case.clone() };
    assert_eq!(cause(other.verify(&url)), Cause::TokenWrong);
    assert_eq!(cause(case.verify(&plain(Version::V4).url())), Cause::TokenMissing);
    let without = Case { token: None, ..case };
    assert_eq!(cause(without.verify(&url)), Cause::Ok);
}

#[test]
fn an_unknown_id_and_an_unsigned_request_are_refused() {
    let case = plain(Version::V1);
    let url = case.url();
    assert_eq!(cause(case.verify(&url.replace(ID, "LTAIother"))), Cause::AccessKeyUnknown);
    assert_eq!(
        cause(case.verify("https://abc.oss-cn-hangzhou.aliyuncs.com/k")),
        Cause::NotPresigned
    );
    assert_eq!(cause(case.verify(&url.replace("/dir", "/%FF"))), Cause::UrlMalformed);
}

#[test]
fn the_official_signers_headers_are_understood() {
    // The vectors of the SDK's own tests for signatures in the Authorization header.
    let judge = |method, target, headers: &[(&str, &str)], now: i64| {
        let host = "bucket.oss-cn-hangzhou.aliyuncs.com";
        let received = Received { method, host, target, headers };
        let context = Context { now: now * SECOND, ..Context::default() };
        let who = Credentials::new("ak", "sk", None);
        cause(verify(received, Layout::default(), context, &|id| (id == "ak").then_some(who)))
    };
    let authorization = "OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,\
         Signature=e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe";
    let headers = [
        ("Authorization", authorization),
        ("x-oss-date", "20231216T162057Z"),
        ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-oss-head1", "value"),
        ("content-type", "text/plain"),
        ("abc", "value"),
    ];
    let target = "/1234%2B-/123/1.txt?%2Bparam1=value3&%2Bparam2&%7Cparam1=value4&%7Cparam2\
                  &param1=value1&param2";
    let at = 1_702_743_657;
    assert_eq!(judge("PUT", target, &headers, at), Cause::Ok);
    assert_eq!(judge("PUT", target, &headers, at + 901), Cause::ClockSkewed);
    assert_eq!(judge("GET", target, &headers, at), Cause::SignatureMismatch);
}
