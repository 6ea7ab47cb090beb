//! The HTTP presign API from bytes to bytes.

#![allow(clippy::unwrap_used)]

use ossign::api::{Answer, Api, Body, Call, Caller, NewObject, Settings, Signer, Trouble, World};
use ossign::clock::SECOND;
use ossign::credentials::Credentials;
use ossign::endpoint::{Endpoint, Network, Tls};
use ossign::presign::{Target, Version};
use ossign::session::Session;
use serde_json::{Value, json};

const NOW: i64 = 1_767_225_600 * SECOND;
const KEY: &str = "a-key-for-tests";
/// `printf a-key-for-tests | sha256sum`
const DIGEST: &str = "9820c1b539cc6f62af43c98efcc40f2901b5e523720cf9983810bdfd3f87eb56";

struct Fixed {
    target: Target,
    end: Option<i64>,
    trouble: Option<Trouble>,
    name: Option<&'static str>,
}

impl World for Fixed {
    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble> {
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = at as u8;
        }
        Ok(())
    }

    fn sign<T>(&self, now: i64, with: impl FnOnce(&Signer<'_>) -> T) -> Result<T, Trouble> {
        if let Some(trouble) = &self.trouble {
            return Err(trouble.clone());
        }
        let who = Credentials::new("id", "hidden-secret", Some("hidden-token"));
        let session = Session::new(&self.target, who, now / SECOND).unwrap();
        Ok(with(&Signer { target: &self.target, session: &session, who, end: self.end }))
    }

    fn names(&self) -> bool {
        self.name.is_some()
    }

    fn name(&self, object: &NewObject<'_>) -> Option<Result<String, Trouble>> {
        self.name.map(|name| Ok(format!("{name}{}.{}", object.caller, object.extension)))
    }
}

fn world() -> Fixed {
    let target = Target {
        endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
        region: "cn-hangzhou".into(),
        product: "oss".into(),
        ..Target::default()
    };
    Fixed { target, end: None, trouble: None, name: None }
}

fn api(more: Value) -> Api {
    let mut settings = json!({
        "bucket": "examplebucket",
        "api_keys": [{ "name": "web", "sha256": DIGEST }],
    });
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    Api::new(serde_json::from_value::<Settings>(settings).unwrap()).unwrap()
}

fn ask(api: &Api, world: &Fixed, path: &str, body: &Value) -> (Answer, Value) {
    let body = body.to_string();
    let call = Call {
        method: "POST",
        path,
        caller: Caller::Key(Some(KEY.as_bytes())),
        body: Body::Whole(body.as_bytes()),
        now: NOW,
    };
    let answer = api.handle(&call, world);
    let json = serde_json::from_slice(&answer.body).unwrap();
    (answer, json)
}

const ONE: &str = "/api/oss/presign-put";
const BATCH: &str = "/api/oss/presign-put/batch";

fn photo() -> Value {
    json!({ "filename": "照片.JPG", "content_type": "image/jpg" })
}

#[test]
fn one_file_has_its_two_urls_and_a_name_of_its_own() {
    let (answer, json) = ask(&api(json!({})), &world(), ONE, &photo());
    assert_eq!((answer.status, answer.code, answer.urls), (200, 0, 1));
    let data = &json["data"];
    assert_eq!(json["code"], 0);
    let key = "uploads/2026/01/01/000102030405060708090a0b0c0d0e0f.jpg";
    assert_eq!(data["object_key"], key);
    assert_eq!(data["content_type"], "image/jpeg");
    assert_eq!(data["expire_at"], 1_767_225_600 + 3600);
    let url = data["upload_url"].as_str().unwrap();
    assert!(url.starts_with(&format!(
        "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/{key}?x-oss-signature-version="
    )));
    assert!(url.contains("&x-oss-expires=3600&") && url.contains("hidden-token"));
    assert_eq!(
        data["access_url"],
        format!("https://examplebucket.oss-cn-hangzhou.aliyuncs.com/{key}")
    );
    assert_eq!(data.as_object().unwrap().len(), 5);
}

#[test]
fn a_batch_answers_each_file_in_its_place() {
    let body = json!({ "files": [photo(), { "filename": "a.exe", "content_type": "image/png" }, photo()],
                       "expire_seconds": 60 });
    let (answer, json) = ask(&api(json!({})), &world(), BATCH, &body);
    let data = &json["data"];
    assert_eq!((answer.status, answer.urls), (200, 2));
    assert_eq!(
        (&data["total"], &data["success"], &data["failed"]),
        (&json!(3), &json!(2), &json!(1))
    );
    let items = data["items"].as_array().unwrap();
    assert_ne!(items[0]["object_key"], items[2]["object_key"]);
    assert_eq!(items[1].as_object().unwrap().keys().collect::<Vec<_>>(), ["error"]);
    assert_eq!(items[1]["error"]["code"], 40005);
    assert_eq!(items[0]["expire_at"], 1_767_225_660);
}

#[test]
fn a_batch_of_bad_files_asks_nobody_for_credentials() {
    let failing = Fixed { trouble: Some(Trouble::Failed("down".into())), ..world() };
    let (answer, json) = ask(&api(json!({})), &failing, BATCH, &json!({ "files": [{}, 5] }));
    assert_eq!((answer.status, &json["data"]["failed"]), (200, &json!(2)));
}

#[test]
fn no_url_outlives_the_credentials() {
    let ending = Fixed { end: Some(NOW + 90 * SECOND), ..world() };
    let (_, json) = ask(&api(json!({ "access_url": "presigned" })), &ending, ONE, &photo());
    let data = &json["data"];
    assert_eq!(data["expire_at"], 1_767_225_690);
    assert_eq!(data["access_expire_at"], 1_767_225_690);
    for url in ["upload_url", "access_url"] {
        assert!(data[url].as_str().unwrap().contains("x-oss-expires=90&"), "{data}");
    }
    let ended = Fixed { end: Some(NOW), ..world() };
    let (answer, json) = ask(&api(json!({})), &ended, ONE, &photo());
    assert_eq!((answer.status, &json["code"]), (500, &json!(50003)));
    assert_eq!(answer.note.as_deref(), Some("the credentials have ended"));
}

#[test]
fn a_url_of_temporary_credentials_claims_twelve_hours_at_most() {
    let week = json!({ "access_url": "presigned", "access_expire_seconds": 604_800 });
    let (_, json) = ask(&api(week), &world(), ONE, &photo());
    let data = &json["data"];
    assert_eq!(data["access_expire_at"], 1_767_225_600 + 43_200);
    assert!(data["access_url"].as_str().unwrap().contains("x-oss-expires=43200&"), "{data}");
}

#[test]
fn a_url_of_version_1_and_temporary_credentials_lasts_twelve_hours_at_most() {
    let week = json!({ "access_url": "presigned", "access_expire_seconds": 604_800 });
    let v1 = Target { version: Version::V1, ..world().target };
    let (_, json) = ask(&api(week), &Fixed { target: v1, ..world() }, ONE, &photo());
    let data = &json["data"];
    assert_eq!(data["access_expire_at"], 1_767_225_600 + 43_200);
    assert!(data["access_url"].as_str().unwrap().contains("Expires=1767268800&"), "{data}");
}

#[test]
fn trouble_is_500_and_its_words_are_not_for_clients() {
    for (trouble, code) in
        [(Trouble::NotConfigured("hush".into()), 50002), (Trouble::Failed("hush".into()), 50003)]
    {
        let world = Fixed { trouble: Some(trouble), ..world() };
        let (answer, json) = ask(&api(json!({})), &world, ONE, &photo());
        assert_eq!((answer.status, &json["code"]), (500, &json!(code)));
        assert!(!json.to_string().contains("hush") && answer.note.as_deref() == Some("hush"));
    }
    let nowhere = Fixed { target: Target { endpoint: None, ..world().target }, ..world() };
    assert_eq!(ask(&api(json!({})), &nowhere, ONE, &photo()).1["code"], 50002);
}

#[test]
fn keys_routes_and_methods_are_checked_before_the_body() {
    let (api, world) = (api(json!({})), world());
    let call = |method, path, key: Option<&'static str>, body| {
        let caller = Caller::Key(key.map(str::as_bytes));
        let answer = api.handle(&Call { method, path, caller, body, now: NOW }, &world);
        (answer.code, answer.headers.iter().map(|(name, _)| *name).skip(2).collect::<Vec<_>>())
    };
    let bad = Body::Whole(b"{");
    assert_eq!(call("POST", ONE, None, bad), (40101, vec!["www-authenticate"]));
    assert_eq!(call("POST", ONE, Some(""), bad), (40101, vec!["www-authenticate"]));
    assert_eq!(call("POST", ONE, Some("other"), bad), (40102, vec!["www-authenticate"]));
    assert_eq!(call("POST", ONE, Some(KEY), bad), (40001, vec![]));
    assert_eq!(call("POST", ONE, Some(KEY), Body::TooLarge), (41301, vec![]));
    assert_eq!(call("POST", ONE, Some(KEY), Body::Late), (40801, vec![]));
    assert_eq!(call("POST", ONE, Some(KEY), Body::Whole(&[b' '; 131_073])), (41301, vec![]));
    assert_eq!(call("GET", ONE, None, bad), (40501, vec!["allow"]));
    for path in
        ["", "/", "/api/oss", "/api/oss/presign-put/", "/api/oss/presign-put/batch/x", "//x"]
    {
        assert_eq!(call("POST", path, Some(KEY), bad), (40401, vec![]), "{path}");
    }
}

#[test]
fn a_key_has_a_prefix_and_a_rate_of_its_own() {
    let key = json!({ "name": "web", "sha256": DIGEST, "prefix": "web/",
                      "rate_limit": { "requests": 1, "seconds": 30 } });
    let (api, world) = (api(json!({ "api_keys": [key] })), world());
    let (answer, json) = ask(&api, &world, ONE, &photo());
    assert!(json["data"]["object_key"].as_str().unwrap().starts_with("web/uploads/2026/"));
    assert_eq!(answer.caller.as_deref(), Some("web"));
    let (answer, json) = ask(&api, &world, ONE, &photo());
    assert_eq!((answer.status, &json["code"]), (429, &json!(42901)));
    assert!(answer.headers.contains(&("retry-after", "30".to_owned())));
}

#[test]
fn a_caller_who_is_known_needs_no_key() {
    let body = photo().to_string();
    let call = Call {
        method: "POST",
        path: ONE,
        caller: Caller::Known("somebody"),
        body: Body::Whole(body.as_bytes()),
        now: NOW,
    };
    let own = Fixed { name: Some("own/"), ..world() };
    let answer = api(json!({})).handle(&call, &own);
    let json: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(json["data"]["object_key"], "own/somebody.jpg");
    let wrong = Fixed { name: Some("/"), ..world() };
    let answer = api(json!({})).handle(&call, &wrong);
    assert_eq!((answer.status, answer.code), (500, 50003));
    assert!(!answer.note.unwrap().contains("somebody"));
}

#[test]
fn no_name_has_a_segment_that_clients_take_out_of_urls() {
    let body = json!({ "files": [photo(), photo()] }).to_string();
    let answer = |name, caller, body: &str| {
        let api = api(json!({ "object_key": "of/{key}/{random}.{ext}" }));
        let call = Call {
            method: "POST",
            path: if body.contains("files") { BATCH } else { ONE },
            caller: Caller::Known(caller),
            body: Body::Whole(body.as_bytes()),
            now: NOW,
        };
        api.handle(&call, &Fixed { name, ..world() })
    };
    for (name, caller) in [
        (None, "../x"),
        (None, ".."),
        (None, "a/./b"),
        (Some("../"), "x"),
        (Some("a/../"), "x"),
        (Some("a/./"), "x"),
    ] {
        let one = answer(name, caller, &photo().to_string());
        assert_eq!((one.status, one.code), (500, 50003), "{name:?} {caller}");
        assert!(one.note.unwrap().contains("segment"));
    }
    for (name, caller) in [(None, "..x"), (None, ".x./y"), (Some("a../"), "x"), (Some(".a/"), "x")]
    {
        let one = answer(name, caller, &photo().to_string());
        assert_eq!(one.status, 200, "{name:?} {caller}");
    }
    let batch = answer(Some("../"), "x", &body);
    assert_eq!(batch.status, answer(Some("/"), "x", &body).status);
}

#[test]
fn parts_of_a_name_with_such_a_segment_are_not_signed() {
    let named = Fixed { name: Some("a/"), ..world() };
    let api = api(json!({ "multipart": true }));
    assert_eq!(ask(&api, &named, PARTS, &with(parts(5), "object_key", "a/x.mp4")).0.status, 200);
    let (answer, json) = ask(&api, &named, PARTS, &with(parts(5), "object_key", "a/../x.mp4"));
    assert_eq!((answer.status, &json["field"]), (400, &json!("object_key")), "{json}");
}

#[test]
fn options_change_the_urls() {
    let data =
        |settings: Value, body: Value| ask(&api(settings), &world(), ONE, &body).1["data"].clone();
    let domain = data(json!({ "access_url": "https://cdn.example.com/x/" }), photo());
    let key = domain["object_key"].as_str().unwrap();
    assert_eq!(domain["access_url"], format!("https://cdn.example.com/x/{key}"));

    let mut sized = photo();
    sized["content_length"] = json!(12);
    let exact = data(json!({ "content_length": true }), sized.clone());
    assert_eq!(exact["content_length"], 12);
    let url = exact["upload_url"].as_str().unwrap();
    assert!(url.contains("x-oss-additional-headers=content-length&"), "{url}");
    // Without the option the field is one of those that nobody knows.
    assert_eq!(data(json!({}), sized)["content_length"], Value::Null);

    let callback = json!({ "url": "https://example.com/", "body": "b=${bucket}" });
    let url = data(json!({ "callback": callback }), photo())["upload_url"].clone();
    assert!(url.as_str().unwrap().contains("?callback=ey"), "{url}");
}

#[test]
fn version_1_signs_no_length_and_says_so() {
    let v1 = Target { version: Version::V1, ..world().target };
    assert!(api(json!({})).check_target(&v1).is_ok());
    let error = api(json!({ "max_bytes": { "image": 5 } })).check_target(&v1).unwrap_err();
    assert!(error.to_string().contains("signature_version"));
    let (_, json) = ask(&api(json!({})), &Fixed { target: v1, ..world() }, ONE, &photo());
    assert!(
        json["data"]["upload_url"]
            .as_str()
            .unwrap()
            .contains("?OSSAccessKeyId=id&Expires=1767229200&")
    );
}

#[test]
fn a_form_bounds_the_size_without_being_told_it() {
    const FORM: &str = "/api/oss/presign-post";
    let callback = json!({ "url": "https://example.com/", "body": "b=${bucket}&c=${x:c}",
                           "vars": { "x:c": "d" } });
    let settings =
        json!({ "form_upload": true, "max_bytes": { "image": 10 }, "callback": callback });
    let (answer, json) = ask(&api(settings), &world(), FORM, &photo());
    assert_eq!((answer.status, answer.urls), (200, 1));
    let (data, fields) = (&json["data"], &json["data"]["fields"]);
    assert_eq!(data["upload_url"], "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/");
    assert_eq!(fields["key"], data["object_key"]);
    assert_eq!(fields["Content-Type"], "image/jpeg");
    assert_eq!((&fields["success_action_status"], &fields["x:c"]), (&json!("200"), &json!("d")));
    assert_eq!(fields["x-oss-security-token"], "hidden-token");
    let policy = ossign::form::Policy::decode(fields["policy"].as_str().unwrap()).unwrap();
    assert!(policy.to_json().contains(r#"["content-length-range",0,10]"#), "{}", policy.to_json());
    assert_eq!(ask(&api(json!({})), &world(), FORM, &photo()).1["code"], 40401);
}

const MULTIPART: &str = "/api/oss/presign-multipart";
const PARTS: &str = "/api/oss/presign-multipart/parts";
const FILM: &str = "uploads/2026/01/01/000102030405060708090a0b0c0d0e0f.mp4";

fn film(size: u64) -> Value {
    json!({ "filename": "a.mp4", "content_type": "video/mp4", "size": size })
}

fn parts(size: u64) -> Value {
    json!({ "object_key": FILM, "upload_id": "AB01", "size": size, "part_size": 8 << 20 })
}

fn with(mut object: Value, name: &str, value: impl Into<Value>) -> Value {
    object[name] = value.into();
    object
}

#[test]
fn an_upload_in_parts_is_begun_and_gone_on_with() {
    let callback = json!({ "url": "https://example.com/", "body": "a=${object}" });
    let api = api(json!({ "multipart": true, "callback": callback }));
    let (answer, json) = ask(&api, &world(), MULTIPART, &film(20_000_000));
    assert_eq!((answer.status, answer.urls), (200, 0), "{json}");
    let data = &json["data"];
    assert_eq!((&data["object_key"], &data["part_count"]), (&json!(FILM), &json!(3)));
    assert_eq!((&data["size"], &data["part_size"]), (&json!(20_000_000), &json!(8 << 20)));
    let url = data["initiate"]["url"].as_str().unwrap();
    assert!(url.contains(&format!("/{FILM}?uploads&x-oss-")) && !url.contains("callback"), "{url}");
    assert_eq!(data["initiate"]["method"], "POST");
    assert_eq!(data["initiate"]["headers"], json!({ "Content-Type": "video/mp4" }));

    let (answer, json) = ask(&api, &world(), PARTS, &parts(20_000_000));
    assert_eq!((answer.status, answer.urls), (200, 3), "{json}");
    let data = &json["data"];
    let last = &data["parts"][2];
    assert_eq!((&last["offset"], &last["length"]), (&json!(16_777_216), &json!(3_222_784)));
    let url = last["upload_url"].as_str().unwrap();
    assert!(url.contains("?uploadId=AB01&partNumber=3&"), "{url}");
    let method = |name: &str| data[name]["method"].clone();
    assert_eq!((method("complete"), method("abort")), (json!("POST"), json!("DELETE")));
    assert!(data["complete"]["url"].as_str().unwrap().contains("&callback="));
    assert!(!data["abort"]["url"].as_str().unwrap().contains("callback"));
    assert_eq!(data["list_parts"].as_array().unwrap().len(), 1);
    assert_eq!(data["expire_at"], 1_767_225_600 + 3600);
    // A URL to read would be one for whoever knows an object's name.
    assert_eq!(data.as_object().unwrap().len(), 5);
}

#[test]
fn parts_are_asked_for_by_number_a_thousand_at_most() {
    let api = api(json!({ "multipart": true }));
    let numbers = |asked: &Value| {
        let (_, json) = ask(&api, &world(), PARTS, asked);
        let parts = json["data"]["parts"].as_array().map(|parts| {
            parts.iter().map(|part| part["part_number"].as_u64().unwrap()).collect::<Vec<_>>()
        });
        parts.ok_or(json["code"].as_u64().unwrap())
    };
    let large = parts(20_000_000_000);
    assert_eq!(numbers(&large), Ok((1..=1000).collect()));
    assert_eq!(numbers(&with(large.clone(), "part_numbers", vec![2385, 1])), Ok(vec![2385, 1]));
    assert_eq!(numbers(&with(large.clone(), "part_numbers", json!([]))), Ok(vec![]));
    for wrong in [json!([2386]), json!([0]), json!([-1]), json!(vec![1; 1001])] {
        assert_eq!(numbers(&with(large.clone(), "part_numbers", wrong)), Err(40004));
    }
    let (_, json) = ask(&api, &world(), PARTS, &large);
    assert_eq!(json["data"]["list_parts"].as_array().unwrap().len(), 3);
    let url = json["data"]["list_parts"][2]["url"].as_str().unwrap();
    assert!(url.contains("&max-parts=1000&part-number-marker=2000&"), "{url}");
}

#[test]
fn only_objects_that_the_caller_may_have_named_have_parts() {
    let keys = json!([{ "name": "web", "sha256": DIGEST, "prefix": "of-web/" }]);
    let capped =
        |caps: Value| api(json!({ "multipart": true, "api_keys": keys, "max_bytes": caps }));
    let mut api = capped(json!({}));
    let code = |api: &Api, world: &Fixed, key: &str| {
        let (_, json) = ask(api, world, PARTS, &with(parts(1), "object_key", key));
        assert!(json.get("field").is_none_or(|field| field == "object_key"));
        json["code"].as_u64().unwrap()
    };
    assert_eq!(code(&api, &world(), &format!("of-web/{FILM}")), 0);
    for foreign in [FILM, "of-web/secret.mp4", "/", "of-app/x.mp4", "of-web/x"] {
        assert_eq!(code(&api, &world(), foreign), 40004, "{foreign}");
    }
    let naming = Fixed { name: Some("mine/"), ..world() };
    assert_eq!((code(&api, &naming, "mine/web.mp4"), code(&api, &naming, "mine/web")), (0, 40004));
    for refused in ["/web.mp4", "\\web.mp4"] {
        assert_eq!(code(&api, &naming, refused), 40004, "{refused}");
    }
    api = capped(json!({ "image": 10 }));
    assert_eq!((code(&api, &naming, "mine/web.mp4"), code(&api, &naming, "mine/web")), (0, 40004));
}

#[test]
fn a_cap_of_size_holds_for_all_parts_together() {
    let api = api(json!({ "multipart": true, "max_bytes": { "video": 20_000_000 } }));
    let code = |path, body: &Value| ask(&api, &world(), path, body).1["code"].as_u64().unwrap();
    assert_eq!(code(MULTIPART, &film(20_000_000)), 0);
    assert_eq!(code(MULTIPART, &film(20_000_001)), 40007);
    assert_eq!(code(PARTS, &parts(20_000_001)), 40007);
    // A file that is cut into parts of many sizes would have room for more.
    let (_, json) = ask(&api, &world(), MULTIPART, &with(film(20_000_000), "part_size", 102_400));
    assert_eq!(json["data"]["part_size"], 8 << 20);
    assert_eq!(code(PARTS, &with(parts(20_000_000), "part_size", 102_400)), 40004);
    let (_, json) = ask(&api, &world(), PARTS, &parts(20_000_000));
    let part = &json["data"]["parts"][0];
    let url = part["upload_url"].as_str().unwrap();
    assert!(url.contains("x-oss-additional-headers=content-length"), "{url}");
    assert!(part.get("headers").is_none());
}
