//! Tests of callbacks: real ones, our own, and those that nobody should believe.

use super::*;
use crate::encode;
use proptest::prelude::*;

fn callback() -> Callback {
    Callback {
        urls: vec!["https://app.example.com/done?id=1".into()],
        body: "object=${object}&size=${size}&order=${x:order}".into(),
        vars: vec![("x:order".into(), "47 11".into())],
        ..Callback::default()
    }
}

fn json(body: &str) -> Callback {
    Callback { body: body.into(), body_type: BodyType::Json, ..callback() }
}

fn refused(change: impl FnOnce(&mut Callback)) -> String {
    let mut callback = callback();
    change(&mut callback);
    callback.encode().unwrap_err().to_string()
}

fn values(name: &str) -> Option<String> {
    let value = match name {
        "object" => "dir/a \"b\".png",
        "size" => "5",
        _ => return None,
    };
    Some(value.to_owned())
}

const URL: &str = "aHR0cHM6Ly9nb3NzcHVibGljLmFsaWNkbi5jb20vY2FsbGJhY2tfcHViX2tleV92MS5wZW0=";

/// The three requests that OSS itself signed; docs/callbacks.md says whence.
const CAPTURED: [(&str, &str, &str, &str); 3] = [
    (
        "/index.php",
        "?id=1&index=2",
        "bucket=yonghu-test",
        "kKQeGTRccDKyHB3H9vF+xYMSrmhMZjzzl2/kdD1ktNVgbWEfYTQG0G2SU/RaHBovRCE8OkQDjC3uG33esH2txA==",
    ),
    (
        "/api/v3/callback/oss/TnXx5E5VyfJUyM1UdkdDu1rtnJ34EbmH",
        "",
        r#"{"name":"2f7b2ccf30e9270ea920f1ab8a4037a546a2f0d5.jpg","source_name":"1/1_hFRtDLgM_2f7b2ccf30e9270ea920f1ab8a4037a546a2f0d5.jpg","size":114020,"pic_info":"810,539"}"#,
        "e5LwzwTkP9AFAItT4YzvdJOHd0Y0wqTMWhsV/h5SG90JYGAmMd+8LQyj96R+9qUfJWjMt6suuUh7LaOryR87Dw==",
    ),
    (
        "/api/File/15/upload_notify/",
        "",
        "filename=zmaplex%2F20210407_14%3A31%3A41_286180%2F20200130021612_pnfqp.jpg&size=112595",
        "aMYUW1arI/qpU7cp/DCGXS56iFJPxwe7K3QIFVvbtSgiE6vwuu4/HuBxyDDX5IKU8vSJg/BI956SzVsRQt969g==",
    ),
];

fn delivered<'a>(
    (path, query, body, authorization): (&'a str, &'a str, &'a str, &'a str),
) -> Delivered<'a> {
    let (authorization, key_url) = (Some(authorization), Some(URL));
    Delivered { authorization, key_url, path, query, body: body.as_bytes() }
}

#[test]
fn the_requests_that_oss_signed_are_believed() {
    let key = PublicKey::from_pem(PUBLIC_KEY).unwrap();
    for captured in CAPTURED {
        assert_eq!(verify(&delivered(captured), &key), Ok(()), "{captured:?}");
    }
}

#[test]
fn nothing_else_is_believed() {
    let key = PublicKey::from_pem(PUBLIC_KEY).unwrap();
    let good = delivered(CAPTURED[0]);
    let cause = |request: Delivered<'_>| verify(&request, &key).unwrap_err().cause;
    assert_eq!(cause(Delivered { path: "/index.phq", ..good }), "signature_mismatch");
    assert_eq!(cause(Delivered { query: "?index=2&id=1", ..good }), "signature_mismatch");
    assert_eq!(cause(Delivered { query: "", ..good }), "signature_mismatch");
    assert_eq!(cause(Delivered { body: b"bucket=yonghu-tesu", ..good }), "signature_mismatch");
    assert_eq!(cause(Delivered { authorization: None, ..good }), "header_missing");
    assert_eq!(cause(Delivered { authorization: Some("?"), ..good }), "signature_malformed");
    assert_eq!(cause(Delivered { authorization: Some(""), ..good }), "header_missing");
    assert_eq!(cause(Delivered { key_url: None, ..good }), "header_missing");
    assert_eq!(cause(Delivered { key_url: Some(""), ..good }), "header_missing");
    let other = PublicKey::from_pem(TEST_PUBLIC_KEY).unwrap();
    assert_eq!(verify(&good, &other).unwrap_err().cause, "signature_mismatch");
    // An encoded path is the same path.
    assert_eq!(verify(&Delivered { path: "/%69ndex.php", ..good }, &key), Ok(()));
}

#[test]
fn only_the_host_of_oss_may_keep_the_key() {
    let cause = |url: &str| check_key_url(&STANDARD.encode(url)).map_err(|error| error.cause);
    for url in [
        "http://gosspublic.alicdn.com/callback_pub_key_v1.pem",
        "https://gosspublic.alicdn.com/callback_pub_key_v1.pem",
        "HTTPS://GossPublic.alicdn.com:443/k?v=1#f",
        "http://gosspublic.alicdn.com/",
    ] {
        assert_eq!(cause(url), Ok(url.to_owned()));
    }
    for url in [
        "http://gosspublic.alicdn.com",
        "http://gosspublic.alicdn.com.evil.com/k.pem",
        "http://evil.com/gosspublic.alicdn.com/k.pem",
        "http://gosspublic.alicdn.com@evil.com/k.pem",
        "http://evil.com\\@gosspublic.alicdn.com/k.pem",
        "http://user@gosspublic.alicdn.com/k.pem",
        "http://gosspublic.alicdn.com:8080/k.pem",
        "https://gosspublic.alicdn.com:80/k.pem",
        "http://agosspublic.alicdn.com/k.pem",
        "http://gosspublic.alicdn.com./k.pem",
        "ftp://gosspublic.alicdn.com/k.pem",
        "file:///k.pem",
        "http:///gosspublic.alicdn.com/k.pem",
        "http://gosspublic.alicdn.com\\@evil.com/k.pem",
        "http://gosspublic.alicdn.com\\.evil.com/k.pem",
        "http://gosspublic.alicdn.com/\\@evil.com/k.pem",
        "http://gosspublic.alicdn.com#@evil.com/",
        "http://gosspublic.alicdn.com?@evil.com/",
        "http://gosspublic.alicdn.com?.evil.com/",
        "http://gosspublic.alicdn.com:80@evil.com/",
        "http://evil.com?http://gosspublic.alicdn.com/",
        "http://evil.com#@gosspublic.alicdn.com/",
    ] {
        assert_eq!(cause(url), Err("key_url_refused"), "{url}");
    }
    for url in [
        "",
        "gosspublic.alicdn.com/k.pem",
        "http://gosspublic.alicdn.com\n.evil.com/",
        " http://gosspublic.alicdn.com/",
    ] {
        assert_eq!(cause(url), Err("key_url_malformed"), "{url}");
    }
    assert_eq!(check_key_url("%").unwrap_err().cause, "key_url_malformed");
}

#[test]
fn our_own_signature_is_verified_with_our_own_key() {
    let (private, public) = (
        PrivateKey::from_pem(TEST_PRIVATE_KEY).unwrap(),
        PublicKey::from_pem(TEST_PUBLIC_KEY).unwrap(),
    );
    let message = string_to_sign("/a%20b/%E6%95%B0%2F", "?q=%20", b"body");
    assert_eq!(message, "/a b/数/?q=%20\nbody".as_bytes());
    let signature = private.sign(&message).unwrap();
    assert_eq!(signature.len(), 88);
    assert!(public.verify(&message, &signature));
    assert!(!public.verify(b"other", &signature));
    for pem in
        ["", "x", PUBLIC_KEY, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    {
        assert!(PrivateKey::from_pem(pem).is_err());
    }
    let error = PublicKey::from_pem(TEST_PRIVATE_KEY).err().unwrap().to_string();
    assert!(!error.contains("MII"), "{error}");
}

#[test]
fn both_values_are_written_and_read_back() {
    let callback = Callback {
        urls: vec!["http://a.example.com/1".into(), "b.example.com:8080/2".into()],
        host: Some("a.example.com".into()),
        sni: true,
        ..callback()
    };
    let encoded = callback.encode().unwrap();
    let json = String::from_utf8(STANDARD.decode(&encoded.callback).unwrap()).unwrap();
    assert!(
        json.contains(r#""callbackUrl":"http://a.example.com/1;b.example.com:8080/2""#),
        "{json}"
    );
    assert!(json.contains(r#""callbackSNI":true"#), "{json}");
    let parsed = Callback::parse(&encoded.callback, encoded.callback_var.as_deref()).unwrap();
    assert_eq!(parsed, callback);
}

#[test]
fn a_callback_that_oss_would_refuse_is_refused_with_its_field() {
    let with_url = |url: &str| refused(|callback| callback.urls = vec![url.to_owned()]);
    assert!(refused(|callback| callback.urls = vec![]).contains("url"));
    assert!(refused(|callback| callback.urls = vec!["a.com".into(); 6]).contains("1 to 5"));
    assert!(with_url("http://例子.com/").contains("percent-encoded"));
    assert!(with_url("http://a.com/a b").contains("percent-encoded"));
    assert!(with_url("http://a.com;http://b.com").contains("';'"));
    assert!(with_url("ftp://a.com").contains("http or https"));
    assert!(with_url("http://[::1]/").contains("IPv6"));
    assert!(with_url("http:///path").contains("host"));
    assert!(with_url("www.callback-example.com:test").contains("number"));
    assert!(with_url("http://user@a.com/").contains("host"));
    assert!(refused(|callback| callback.body.clear()).contains("body"));
    assert!(refused(|callback| callback.body = "x".repeat(4000)).contains("5 KB"));
    assert!(refused(|callback| callback.body = "a=${objct}".into()).contains("${objct}"));
    assert!(refused(|callback| callback.host = Some("http://a.com".into())).contains("host"));
    for name in ["order", "x:", "x:Order", "X:order", "x:or der", "x:é"] {
        let words = refused(|callback| callback.vars = vec![(name.into(), "v".into())]);
        assert!(words.contains("vars") && words.contains("small letters"), "{words}");
    }
    let long = ("x:v".to_owned(), "v".repeat(4000));
    assert!(refused(|callback| callback.vars = vec![long]).contains("vars"));
    assert!(json(r#"{"a":"${object}"}"#).encode().unwrap_err().to_string().contains("quotes"));
    assert!(BodyType::of("text/plain").is_err());
}

#[test]
fn what_is_no_callback_is_not_read() {
    let of = |json: &str| Callback::parse(&STANDARD.encode(json), None);
    assert!(of(r#"{"callbackUrl":"a.com","callbackBody":"b"}"#).is_ok());
    assert!(
        of(
            r#"{"callbackUrl":"a.com;","callbackBody":"b","callbackHost":"","callbackBodyType":""}"#
        )
        .is_ok()
    );
    for json in [
        "[]",
        "{",
        "{}",
        r#"{"callbackUrl":"a.com"}"#,
        r#"{"callbackUrl":"a.com","callbackBody":""}"#,
        r#"{"callbackUrl":"a.com","callbackBody":1}"#,
        r#"{"callbackUrl":"a.com;a;a;a;a;a","callbackBody":"b"}"#,
        r#"{"callbackUrl":"a.com","callbackBody":"b","callbackBodyType":"text/plain"}"#,
    ] {
        assert!(of(json).is_err(), "{json}");
    }
    assert!(Callback::parse("{}", None).is_err());
    let good = callback().encode().unwrap().callback;
    for vars in [r#"{"order":"1"}"#, r#"{"x:order":1}"#, "[]"] {
        assert!(Callback::parse(&good, Some(&STANDARD.encode(vars))).is_err(), "{vars}");
    }
}

#[test]
fn a_body_is_filled_as_its_type_wants() {
    assert_eq!(callback().fill_body(values), "object=dir%2Fa%20%22b%22.png&size=5&order=47%2011");
    let body = r#"{"object":${object},"size":${size},"order":${x:order},"none":${etag}}"#;
    assert_eq!(
        json(body).fill_body(values),
        r#"{"object":"dir/a \"b\".png","size":5,"order":"47 11","none":""}"#
    );
    let literal = Callback { body: "a=$5&b=${size}&c=${".into(), ..callback() };
    assert_eq!(literal.fill_body(values), "a=$5&b=5&c=${");
    let from_form = Callback { body: "${x:other}${x:none}".into(), ..callback() };
    assert_eq!(from_form.fill_body(|name| (name == "x:other").then(|| "v".into())), "v");
}

#[test]
fn a_nonce_must_be_long_and_carried_by_the_body() {
    let with = |mut callback: Callback, nonce: &str| {
        callback.add_nonce(nonce).map(|()| callback.vars).map_err(|error| error.to_string())
    };
    let nonce = "0123456789abcdef";
    assert!(with(callback(), nonce).unwrap_err().contains("nonce=${x:nonce}"));
    assert!(with(callback(), "short").unwrap_err().contains("16"));
    assert!(!with(callback(), "0123456789 abcdef").unwrap_err().contains("0123"));
    let form = Callback { body: "a=1&nonce=${x:nonce}".into(), ..callback() };
    assert_eq!(with(form, nonce).unwrap()[1], ("x:nonce".to_owned(), nonce.to_owned()));
    assert!(with(json(r#"{"nonce":${x:nonce},"size":${size}}"#), nonce).is_ok());
    assert!(with(json(r#"{"other":${x:nonce}}"#), nonce).is_err());
    let twice = Callback { vars: vec![("x:nonce".into(), nonce.into())], ..callback() };
    assert!(with(twice, nonce).unwrap_err().contains("vars"));
}

#[test]
fn a_nonce_is_found_in_either_type_of_body() {
    assert_eq!(nonce_of(b"a=b&nonce=x%2By&nonce=z", BodyType::Form).as_deref(), Some("x+y"));
    assert_eq!(nonce_of(b"anonce=x", BodyType::Form), None);
    assert_eq!(nonce_of(br#"{"nonce":"x"}"#, BodyType::Json).as_deref(), Some("x"));
    for body in ["{\"nonce\":1}", "[]", "nonce=x", ""] {
        assert_eq!(nonce_of(body.as_bytes(), BodyType::Json), None, "{body}");
    }
}

proptest! {
    #[test]
    fn whatever_can_be_written_is_read_back(
        names in proptest::collection::btree_set("x:[a-z0-9_]{1,8}", 0..4), values in proptest::collection::vec(any::<String>(), 4),
        body in "[^$]{1,50}", sni in any::<bool>(), urls in proptest::collection::vec("(https?://)?[a-z]{1,9}\\.com(:[1-9]{1,4})?(/[a-z%0-9]{0,9})?", 1..6),
    ) {
        let vars = names.into_iter().zip(values).collect();
        let callback = Callback { urls, body, sni, vars, ..Callback::default() };
        let encoded = callback.encode().unwrap();
        prop_assert_eq!(Callback::parse(&encoded.callback, encoded.callback_var.as_deref()).unwrap(), callback);
    }

    #[test]
    fn no_body_loses_its_plain_text(body in "[${}a-z:.]{0,30}") {
        let callback = Callback { body: body.clone(), vars: vec![], ..callback() };
        let filled = callback.fill_body(|name| Some(format!("${{{name}}}")));
        prop_assert_eq!(encode::decode(&filled), body);
    }

    #[test]
    fn a_filled_json_body_is_json_whatever_the_values(value in any::<String>(), size in any::<u32>()) {
        let callback = json(r#"{"object":${object},"size":${size}}"#);
        let filled = callback.fill_body(|name| Some(if name == "size" { size.to_string() } else { value.clone() }));
        let parsed: Value = serde_json::from_str(&filled).unwrap();
        prop_assert_eq!(parsed["object"].as_str(), Some(value.as_str()));
    }

    #[test]
    fn a_parser_of_anything_never_panics(text in any::<String>(), bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = Callback::parse(&text, Some(&text));
        let _ = Callback::parse(&STANDARD.encode(&bytes), None);
        let _ = check_key_url(&STANDARD.encode(&bytes));
        let _ = PublicKey::from_pem(&text);
    }
}
