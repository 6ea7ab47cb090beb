//! Tests of form uploads: what is signed is accepted, and nothing else.

use super::policy::tests::conditions;
use super::*;
use crate::clock::SECOND;
use crate::credentials::OwnedCredentials;
use crate::endpoint::{Endpoint, Network, Tls};
use proptest::prelude::*;

const NOW: i64 = 1_767_225_600 * SECOND;

fn target(version: Version) -> Target {
    Target {
        endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
        region: "cn-hangzhou".to_owned(),
        product: "oss".to_owned(),
        version,
        ..Target::default()
    }
}

fn draft() -> Draft {
    Draft { bucket: "examplebucket".into(), key: "user/${filename}".into(), ..Draft::default() }
}

fn who(token: Option<&str>) -> Credentials<'_> {
    Credentials::new("id", "secret", token)
}

fn signed(draft: Draft, version: Version, token: Option<&str>) -> Form {
    let window = Window { now: NOW, expiration: NOW + 600 * SECOND };
    draft.sign(&target(version), who(token), window).unwrap()
}

struct Sent {
    fields: Vec<(String, String)>,
    size: u64,
    now: i64,
    token: Option<&'static str>,
}

impl Sent {
    fn of(form: &Form) -> Self {
        Self { fields: form.fields.clone(), size: 5, now: NOW, token: None }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(other, _)| other != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    fn verify(&self) -> std::result::Result<Facts, Refusal> {
        let fields: Vec<_> = self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let bucket = Some("examplebucket");
        let received = Received { fields: &fields, bucket, size: Some(self.size), now: self.now };
        verify(&received, |id| (id == "id").then(|| OwnedCredentials::from(who(self.token))))
    }

    fn cause(&self) -> &'static str {
        self.verify().err().map_or("accepted", |refusal| refusal.cause)
    }
}

#[test]
fn the_known_policy_is_signed_alike_in_both_versions() {
    let policy = concat!(
        "eyJleHBpcmF0aW9uIjoiMjAyMy0xMi0wM1QxMzowMDowMC4wMDBaIiwiY29uZGl0aW9ucyI6W3siYnVja2V0IjoiZXhh",
        "bXBsZWJ1Y2tldCJ9LHsieC1vc3Mtc2lnbmF0dXJlLXZlcnNpb24iOiJPU1M0LUhNQUMtU0hBMjU2In0seyJ4LW9zcy1j",
        "cmVkZW50aWFsIjoiYWsvMjAyMzEyMDMvY24taGFuZ3pob3Uvb3NzL2FsaXl1bl92NF9yZXF1ZXN0In0seyJ4LW9zcy1k",
        "YXRlIjoiMjAyMzEyMDNUMTIxMjEyWiJ9LFsiY29udGVudC1sZW5ndGgtcmFuZ2UiLDEsMTBdLFsiZXEiLCIkc3VjY2Vz",
        "c19hY3Rpb25fc3RhdHVzIiwiMjAxIl0sWyJzdGFydHMtd2l0aCIsIiRrZXkiLCJ1c2VyL2VyaWMvIl1dfQ=="
    );
    let v4 = verify::sign_v4("sk", ["20231203", "cn-hangzhou", "oss"], policy);
    assert_eq!(v4, "83de81da743e75a3dcc56ddaab13c2a00475533f83b7e349901dfd6aa99a9db9");
    let v1 = v1::Session::new(Credentials::new("ak", "sk", None)).sign(policy);
    assert_eq!(v1, "WoCBRR2EtmrrvRks5s9C90JSNBY=");

    let decoded = Policy::decode(policy).unwrap();
    assert_eq!(STANDARD.encode(decoded.to_json()), policy);
}

#[test]
fn a_form_has_all_that_v4_demands() {
    let form = signed(draft(), Version::V4, Some("token"));
    assert_eq!(form.url, "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/");
    let names: Vec<_> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "key",
        "policy",
        "x-oss-signature-version",
        "x-oss-credential",
        "x-oss-date",
        "x-oss-security-token",
        "x-oss-signature",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        form.policy,
        r#"{"expiration":"2026-01-01T00:10:00.000Z","conditions":[{"bucket":"examplebucket"},{"x-oss-signature-version":"OSS4-HMAC-SHA256"},{"x-oss-credential":"id/20260101/cn-hangzhou/oss/aliyun_v4_request"},{"x-oss-date":"20260101T000000Z"},{"x-oss-security-token":"token"},["starts-with","$key","user/"]]}"#
    );
    let v1 = signed(draft(), Version::V1, None);
    let names: Vec<_> = v1.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["key", "policy", "OSSAccessKeyId", "Signature"]);
}

#[test]
fn a_form_goes_to_the_bucket_in_every_style() {
    use crate::endpoint::AddressStyle;
    for (style, url) in [
        (AddressStyle::Path, "https://oss-cn-hangzhou.aliyuncs.com/examplebucket/"),
        (AddressStyle::Cname, "https://oss-cn-hangzhou.aliyuncs.com/"),
    ] {
        let target = Target { style, ..target(Version::V4) };
        let window = Window { now: NOW, expiration: NOW + SECOND };
        assert_eq!(draft().sign(&target, who(None), window).unwrap().url, url);
    }
}

#[test]
fn what_was_signed_is_accepted_and_every_change_has_its_cause() {
    for version in [Version::V1, Version::V4] {
        let mut draft = draft();
        draft.fields.push(("Content-Type".into(), "image/png".into()));
        draft.conditions.push(Condition::LengthRange(1, 10));
        let form = signed(draft, version, None);
        assert_eq!(Sent::of(&form).verify().unwrap().key, "user/${filename}");
        let after = |change: &dyn Fn(&mut Sent)| {
            let mut sent = Sent::of(&form);
            change(&mut sent);
            sent.cause()
        };
        assert_eq!(after(&|sent| sent.set("key", "user/a.png")), "accepted");
        assert_eq!(after(&|sent| sent.set("key", "other/a.png")), "condition_failed");
        assert_eq!(after(&|sent| sent.set("Content-Type", "text/html")), "condition_failed");
        assert_eq!(after(&|sent| sent.fields.retain(|f| f.0 != "Content-Type")), "field_missing");
        assert_eq!(after(&|sent| sent.fields.retain(|f| f.0 != "key")), "key_missing");
        assert_eq!(after(&|sent| sent.fields.retain(|f| f.0 != "policy")), "policy_missing");
        assert_eq!(after(&|sent| sent.size = 0), "size_out_of_range");
        assert_eq!(after(&|sent| sent.size = 10), "accepted");
        assert_eq!(after(&|sent| sent.size = 11), "size_out_of_range");
        assert_eq!(after(&|sent| sent.now += 600 * SECOND), "accepted");
        assert_eq!(after(&|sent| sent.now += 600 * SECOND + 1), "policy_expired");
        assert_eq!(after(&|sent| sent.fields.push(("KEY".into(), "x".into()))), "field_repeated");
        assert_eq!(after(&|sent| sent.token = Some("t")), "token_mismatch");
        let tampered = signed(self::draft(), version, None).fields;
        let policy = &tampered.iter().find(|(name, _)| name == "policy").unwrap().1;
        assert_eq!(after(&|sent| sent.set("policy", policy)), "signature_mismatch");
    }
}

#[test]
fn what_v4_demands_is_missed() {
    let form = signed(draft(), Version::V4, None);
    let after = |name: &str, value: &str| {
        let mut sent = Sent::of(&form);
        sent.set(name, value);
        sent.cause()
    };
    assert_eq!(after("x-oss-signature-version", "OSS4"), "signature_malformed");
    assert_eq!(after("x-oss-credential", "id/20260101/cn-hangzhou/oss"), "signature_malformed");
    let other_day = "id/20260102/cn-hangzhou/oss/aliyun_v4_request";
    assert_eq!(after("x-oss-credential", other_day), "signature_malformed");
    let other = "other/20260101/cn-hangzhou/oss/aliyun_v4_request";
    assert_eq!(after("x-oss-credential", other), "access_key_unknown");
    assert_eq!(after("x-oss-date", "20260101"), "signature_malformed");
    assert_eq!(after("x-oss-signature", ""), "signature_missing");
    assert_eq!(after("x-oss-signature", &"0".repeat(64)), "signature_mismatch");
    assert_eq!(after("x-oss-security-token", "t"), "token_mismatch");

    let mut sent = Sent::of(&form);
    sent.now -= 15 * 60 * SECOND;
    assert_eq!(sent.cause(), "accepted");
    sent.now -= SECOND;
    assert_eq!(sent.cause(), "date_out_of_range");

    let encoded = STANDARD.encode(
        r#"{"expiration":"2026-01-02T00:00:00.000Z","conditions":[{"bucket":"examplebucket"}]}"#,
    );
    let mut sent = Sent::of(&form);
    sent.set("policy", &encoded);
    let scope = ["20260101", "cn-hangzhou", "oss"];
    sent.set("x-oss-signature", &verify::sign_v4("secret", scope, &encoded));
    let refusal = sent.verify().unwrap_err();
    assert_eq!(refusal.cause, "policy_incomplete");
    assert_eq!(refusal.field.as_deref(), Some("x-oss-signature-version"));
}

#[test]
fn a_draft_that_no_form_can_meet_is_refused() {
    let refused = |change: &dyn Fn(&mut Draft)| {
        let mut draft = draft();
        change(&mut draft);
        let window = Window { now: NOW, expiration: NOW + SECOND };
        draft.sign(&target(Version::V4), who(None), window).unwrap_err().to_string()
    };
    let field = |name: &str, value: &str| {
        refused(&|draft| draft.fields.push((name.to_owned(), value.to_owned())))
    };
    assert!(field("policy", "x").contains("made by presign_post"));
    assert!(field("a b", "x").contains("letters"));
    assert!(field("x-oss-meta-a_b", "x").contains("letters, digits and '-'"));
    assert!(field("x-oss-meta-a", &"x".repeat(8190)).contains("8 KB"));
    assert!(field("Cache-Control", "a\nb").contains("CR, LF"));
    assert!(field("success_action_status", "202").contains("200, 201 or 204"));
    assert!(refused(&|draft| draft.key = "/a".into()).contains("must not start"));
    assert!(refused(&|draft| draft.bucket = "A".into()).contains("Bucket"));
    let condition =
        |condition: Condition| refused(&|draft| draft.conditions = vec![condition.clone()]);
    assert!(condition(Condition::Equal("bucket".into(), "other".into())).contains("the bucket"));
    assert!(condition(Condition::StartsWith("KEY".into(), "x/".into())).contains("its field"));
    assert!(condition(Condition::Equal("policy".into(), "x".into())).contains("signature"));
    let twice = vec![Condition::LengthRange(0, 1), Condition::LengthRange(0, 2)];
    assert!(refused(&|draft| draft.conditions = twice.clone()).contains("only"));
}

#[test]
fn a_condition_of_ones_own_takes_the_place_of_equality() {
    let mut draft = draft();
    draft.fields.push(("Content-Type".into(), "image/png".into()));
    draft.conditions.push(Condition::StartsWith("content-type".into(), "image/".into()));
    draft.conditions.push(Condition::StartsWith("key".into(), "user/a".into()));
    let form = signed(draft, Version::V4, None);
    let mut sent = Sent::of(&form);
    sent.set("key", "user/ab.png");
    sent.set("Content-Type", "image/gif");
    assert_eq!(sent.cause(), "accepted");
    sent.set("Content-Type", "text/html");
    let refusal = sent.verify().unwrap_err();
    assert_eq!(refusal.condition.as_deref(), Some(r#"["starts-with","$content-type","image/"]"#));
    assert_eq!(
        &*refusal.message,
        "Invalid according to Policy: Policy Condition failed: [\"starts-with\",\"$content-type\",\"image/\"]"
    );
    assert_eq!(
        (refusal.status, refusal.code, refusal.ec),
        (403, "AccessDenied", Some("0006-00000227"))
    );
}

proptest! {
    #[test]
    fn a_form_is_accepted_exactly_where_its_conditions_hold(
        conditions in proptest::collection::vec(conditions(), 0..4),
        values in proptest::collection::vec(any::<String>(), 4), size in 0..20u64,
        v1 in any::<bool>(),
    ) {
        let version = if v1 { Version::V1 } else { Version::V4 };
        let draft = Draft { conditions: conditions.clone(), ..draft() };
        let window = Window { now: NOW, expiration: NOW + 600 * SECOND };
        let Ok(form) = draft.sign(&target(version), who(None), window) else { return Ok(()) };
        let mut sent = Sent { size, ..Sent::of(&form) };
        for (condition, value) in conditions.iter().zip(&values) {
            if let Some(field) = condition.field() {
                let known = sent.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case(field));
                if !known {
                    let met = match condition {
                        Condition::Equal(_, value) | Condition::StartsWith(_, value) => value,
                        Condition::In(_, values) => &values[0],
                        _ => value,
                    };
                    sent.fields.push((field.to_owned(), met.clone()));
                }
            }
        }
        let holds = conditions.iter().all(|condition| match condition.field() {
            None => matches!(condition, Condition::LengthRange(min, max) if (min..=max).contains(&&size)),
            Some(field) => sent.fields.iter()
                .any(|(name, value)| name.eq_ignore_ascii_case(field) && condition.allows(value)),
        });
        prop_assert_eq!(sent.verify().is_ok(), holds);
    }

    #[test]
    fn one_character_changed_in_policy_or_signature_is_refused(at in 0..600usize, v1 in any::<bool>()) {
        let form = signed(draft(), if v1 { Version::V1 } else { Version::V4 }, None);
        let mut sent = Sent::of(&form);
        for name in ["policy", "Signature", "x-oss-signature"] {
            let Some((_, value)) = form.fields.iter().find(|(other, _)| other == name) else { continue };
            let at = at % value.len();
            let other = if &value[at..=at] == "a" { "b" } else { "a" };
            sent.set(name, &[&value[..at], other, &value[at + 1..]].concat());
            prop_assert_eq!(sent.cause(), "signature_mismatch");
            sent.set(name, value);
        }
        prop_assert_eq!(sent.cause(), "accepted");
    }
}
