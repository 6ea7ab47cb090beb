//! A form that arrived: is it signed, and does it meet its own policy? What OSS checks, in its order.

use super::policy::{Condition, Policy};
use crate::clock;
use crate::credentials::{Credentials, OwnedCredentials};
use crate::presign::{LONGEST_SECONDS, Version};
use crate::{crypto, encode, v1, v4};

/// A form as it arrived, without the file.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// Name and value of each field but `file`, in any order.
    pub fields: &'a [(&'a str, &'a str)],
    /// The bucket that the form was sent to. Without it, a condition on it is not checked.
    pub bucket: Option<&'a str>,
    /// The file's size in bytes. Without it, a condition on it is not checked.
    pub size: Option<u64>,
    /// Microseconds since 1970.
    pub now: i64,
}

/// What a form that was accepted says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// How it is signed.
    pub version: Version,
    /// Who signed it.
    pub access_key_id: String,
    /// The region that V4 signed; empty with V1.
    pub region: String,
    /// The key as the form gives it: `${filename}` is not replaced.
    pub key: String,
    /// Its policy.
    pub policy: Policy,
}

/// Why a form was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A word for programs to compare with, such as `condition_failed`.
    pub cause: &'static str,
    /// The HTTP status that OSS answers with.
    pub status: u16,
    /// OSS's error code. Where the documents do not name it, the nearest.
    pub code: &'static str,
    /// The number of OSS's page about it, where there is one.
    pub ec: Option<&'static str>,
    /// The sentence.
    pub message: Box<str>,
    /// The field of the form that it is about, where it is about one.
    pub field: Option<Box<str>>,
    /// The condition that failed, as it stands in the policy.
    pub condition: Option<Box<str>>,
}

impl Refusal {
    fn new(cause: &'static str, (status, code): (u16, &'static str), message: String) -> Self {
        Self {
            cause,
            status,
            code,
            ec: None,
            message: message.into(),
            field: None,
            condition: None,
        }
    }

    fn ec(mut self, ec: &'static str) -> Self {
        self.ec = Some(ec);
        self
    }

    fn field(mut self, field: &str) -> Self {
        self.field = Some(field.into());
        self
    }

    fn failed(cause: &'static str, condition: &Condition, ec: &'static str) -> Self {
        let shown = condition.shown();
        let message = format!("Invalid according to Policy: Policy Condition failed: {shown}");
        let refusal = Self::new(cause, DENIED, message).ec(ec);
        let field = condition.field().unwrap_or("file");
        Self { condition: Some(shown.into()), field: Some(field.into()), ..refusal }
    }
}

const DENIED: (u16, &str) = (403, "AccessDenied");
const ARGUMENT: (u16, &str) = (400, "InvalidArgument");
const DOCUMENT: (u16, &str) = (400, "InvalidPolicyDocument");

/// Checks a form; `find` gives the credentials of an AccessKey id.
///
/// A field that comes twice is refused: which one counts is not documented.
///
/// # Errors
/// A [`Refusal`] with what was wrong first.
pub fn verify(
    received: &Received<'_>,
    find: impl FnOnce(&str) -> Option<OwnedCredentials>,
) -> Result<Facts, Refusal> {
    refuse_repeated(received)?;
    let key = received.need("key", "key_missing", "")?;
    let (signed, who) = Signed::read(received, find)?;
    signed.check(received, who.as_ref())?;
    let policy = read_policy(signed.policy)?;
    if received.now > policy.expiration {
        let message = "Invalid according to Policy: Policy expired.".to_owned();
        return Err(Refusal::new("policy_expired", DENIED, message).ec("0006-00000213"));
    }
    if signed.version == Version::V4 {
        check_complete(received, &policy)?;
    }
    for condition in &policy.conditions {
        check_condition(received, condition)?;
    }
    Ok(Facts {
        version: signed.version,
        access_key_id: signed.id.to_owned(),
        region: signed.region.to_owned(),
        key: key.to_owned(),
        policy,
    })
}

impl<'a> Received<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }

    fn need(&self, name: &str, cause: &'static str, ec: &'static str) -> Result<&'a str, Refusal> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            let message = format!("The form has no field '{name}'.");
            let ec = (!ec.is_empty()).then_some(ec);
            Refusal { ec, ..Refusal::new(cause, ARGUMENT, message).field(name) }
        })
    }
}

fn refuse_repeated(received: &Received<'_>) -> Result<(), Refusal> {
    for (at, (name, _)) in received.fields.iter().enumerate() {
        if received.fields[..at].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            let message = format!("The form has more than one field '{}'.", name.escape_debug());
            return Err(Refusal::new("field_repeated", ARGUMENT, message).field(name));
        }
    }
    Ok(())
}

/// The signature of a form, taken apart.
struct Signed<'a> {
    version: Version,
    id: &'a str,
    policy: &'a str,
    signature: &'a str,
    /// Of V4 only.
    date: &'a str,
    region: &'a str,
    product: &'a str,
}

impl<'a> Signed<'a> {
    fn read(
        received: &Received<'a>,
        find: impl FnOnce(&str) -> Option<OwnedCredentials>,
    ) -> Result<(Self, OwnedCredentials), Refusal> {
        let policy = received.need("policy", "policy_missing", "0002-00000702")?;
        let signed = match received.get("x-oss-signature-version") {
            Some(_) => Self::read_v4(received, policy)?,
            None => Self::read_v1(received, policy)?,
        };
        let who = find(signed.id).ok_or_else(|| {
            let message = "The OSS Access Key Id you provided does not exist in our records.";
            let code = (403, "InvalidAccessKeyId");
            Refusal::new("access_key_unknown", code, message.to_owned())
        })?;
        Ok((signed, who))
    }

    fn read_v1(received: &Received<'a>, policy: &'a str) -> Result<Self, Refusal> {
        let signature = received.need("Signature", "signature_missing", "0002-00000703")?;
        let id = received.need("OSSAccessKeyId", "access_key_missing", "")?;
        let version = Version::V1;
        Ok(Self { version, id, policy, signature, date: "", region: "", product: "" })
    }

    fn read_v4(received: &Received<'a>, policy: &'a str) -> Result<Self, Refusal> {
        let malformed = |field: &str, rule: &str| {
            let message = format!("The form's field '{field}' {rule}.");
            Refusal::new("signature_malformed", ARGUMENT, message).ec("0002-00000709").field(field)
        };
        let version = received.get("x-oss-signature-version").unwrap_or_default();
        if version != v4::ALGORITHM {
            return Err(malformed("x-oss-signature-version", "must be OSS4-HMAC-SHA256"));
        }
        let signature = received.need("x-oss-signature", "signature_missing", "0002-00000703")?;
        let credential = received.need("x-oss-credential", "signature_missing", "0002-00000709")?;
        let date = received.need("x-oss-date", "signature_missing", "0002-00000709")?;
        let parts: Vec<_> = credential.split('/').collect();
        let [id, day, region, product, "aliyun_v4_request"] = parts[..] else {
            let rule = "must be <AccessKey id>/<day>/<region>/<product>/aliyun_v4_request";
            return Err(malformed("x-oss-credential", rule));
        };
        let Some(second) = clock::parse_iso_basic(date) else {
            return Err(malformed("x-oss-date", "must be a time such as 20260101T000000Z"));
        };
        if date.get(..8) != Some(day) {
            return Err(malformed("x-oss-credential", "must name the day of x-oss-date"));
        }
        check_age(received.now, second)?;
        Ok(Self { version: Version::V4, id, policy, signature, date, region, product })
    }

    fn check(&self, received: &Received<'_>, who: Credentials<'_>) -> Result<(), Refusal> {
        let token = received.get("x-oss-security-token").filter(|token| !token.is_empty());
        let same = |a: Option<&str>, b: Option<&str>| {
            crypto::same(a.unwrap_or_default().as_bytes(), b.unwrap_or_default().as_bytes())
        };
        if !same(token, who.token) {
            let message = "The security token you provided is invalid.".to_owned();
            let code = (403, "InvalidSecurityToken");
            let refusal = Refusal::new("token_mismatch", code, message);
            return Err(refusal.field("x-oss-security-token"));
        }
        if !crypto::same(self.expected(who).as_bytes(), self.signature.as_bytes()) {
            let message = "The request signature we calculated does not match the signature you \
                           provided. Check your key and signing method.";
            let code = (403, "SignatureDoesNotMatch");
            let refusal = Refusal::new("signature_mismatch", code, message.to_owned());
            return Err(refusal.ec("0002-00000705"));
        }
        Ok(())
    }

    fn expected(&self, who: Credentials<'_>) -> String {
        match self.version {
            Version::V1 => v1::Session::new(who).sign(self.policy),
            Version::V4 => {
                let day = self.date.get(..8).unwrap_or_default();
                sign_v4(who.secret, [day, self.region, self.product], self.policy)
            }
        }
    }
}

/// The V4 signature of an encoded policy; the scope is day, region and product.
pub(super) fn sign_v4(secret: &str, [day, region, product]: [&str; 3], policy: &str) -> String {
    let key = v4::derive_key(secret, day, region, product);
    let code = crypto::hmac_sha256(&key, policy.as_bytes());
    encode::Hex::of(&code).as_str().to_owned()
}

/// OSS takes a V4 form from 15 minutes before its date to 7 days after it.
fn check_age(now: i64, second: i64) -> Result<(), Refusal> {
    const EARLY: i64 = 15 * 60;
    let age = clock::second_of(now) - second;
    let words = if age < -EARLY {
        "lies more than 15 minutes ahead"
    } else if age > LONGEST_SECONDS {
        "lies more than 7 days back"
    } else {
        return Ok(());
    };
    let message = format!("The form's field 'x-oss-date' {words}.");
    Err(Refusal::new("date_out_of_range", DENIED, message).field("x-oss-date"))
}

fn read_policy(encoded: &str) -> Result<Policy, Refusal> {
    Policy::decode(encoded).map_err(|error| {
        let message = format!("Invalid Policy: {error}");
        Refusal::new("policy_malformed", DOCUMENT, message).ec("0006-00000201").field("policy")
    })
}

/// A V4 policy must itself name the bucket and what the signature is made with.
fn check_complete(received: &Received<'_>, policy: &Policy) -> Result<(), Refusal> {
    let token = received.get("x-oss-security-token").map(|_| "x-oss-security-token");
    let fixed = ["bucket", "x-oss-signature-version", "x-oss-credential", "x-oss-date"];
    for name in fixed.into_iter().chain(token) {
        if !policy.conditions.iter().any(|condition| condition.is_about(name)) {
            let message = format!("Invalid Policy: no condition on '{name}', which V4 demands.");
            return Err(Refusal::new("policy_incomplete", DOCUMENT, message).field(name));
        }
    }
    Ok(())
}

fn check_condition(received: &Received<'_>, condition: &Condition) -> Result<(), Refusal> {
    const FAILED: &str = "0006-00000227";
    if let Condition::LengthRange(min, max) = condition {
        let code = match received.size {
            Some(size) if size < *min => "EntityTooSmall",
            Some(size) if size > *max => "EntityTooLarge",
            _ => return Ok(()),
        };
        let refusal = Refusal::failed("size_out_of_range", condition, FAILED);
        return Err(Refusal { status: 400, code, ..refusal });
    }
    let name = condition.field().unwrap_or_default();
    let value = match name {
        "bucket" if received.bucket.is_none() => return Ok(()),
        "bucket" => received.bucket,
        name => received.get(name),
    };
    match value {
        None => Err(Refusal::failed("field_missing", condition, "0006-00000226")),
        Some(value) if condition.allows(value) => Ok(()),
        Some(_) => Err(Refusal::failed("condition_failed", condition, FAILED)),
    }
}
