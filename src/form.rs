//! Form uploads: the fields of an HTML form that OSS accepts, signed together with a policy of what
//! the form may hold
//! (<https://help.aliyun.com/en/oss/developer-reference/signature-version-4-recommend>).
//!
//! The only presigned way to bound the size of an upload.

pub mod policy;
mod verify;

pub use policy::{Condition, Policy};
pub use verify::{Facts, Received, Refusal, verify};

use crate::clock;
use crate::credentials::Credentials;
use crate::endpoint;
use crate::error::{Error, Result};
use crate::presign::{Target, Version, Window};
use crate::request::Request;
use crate::v1;
use crate::v4;
use base64::{Engine, engine::general_purpose::STANDARD};
use policy::{is_field_name, is_signing_field};

/// Stands in a key for the name of the file that is chosen in the browser.
pub const FILENAME: &str = "${filename}";

/// What a form is to upload, before it is signed.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Where to.
    pub bucket: String,
    /// The object's key; `${filename}` in it becomes the name of the file.
    pub key: String,
    /// Further fields. Each must keep its value, unless a condition says otherwise.
    pub fields: Vec<(String, String)>,
    /// What the fields, and the file's size, must be.
    pub conditions: Vec<Condition>,
}

/// A form that is ready to be sent, but for the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is posted to.
    pub url: String,
    /// Names and values in the order in which they are to be sent; the file comes last.
    pub fields: Vec<(String, String)>,
    /// The policy, as JSON.
    pub policy: String,
}

impl Draft {
    /// Signs the form.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] without an endpoint, or for a region, a field or a condition;
    /// [`Error::BucketNameInvalid`], [`Error::ObjectNameInvalid`] and, for a window that no form can
    /// have, [`Error::PresignExpiration`].
    pub fn sign(self, target: &Target, who: Credentials<'_>, window: Window) -> Result<Form> {
        let url = self.url(target)?;
        window.check(target.version)?;
        self.check()?;
        let signing = signing_fields(target, who, window)?;
        let policy = Policy {
            expiration: window.expiration,
            conditions: self.policy_conditions(target.version, &signing),
        };
        let json = policy.to_json();
        let encoded = STANDARD.encode(&json);
        let signature = match target.version {
            Version::V1 => ("Signature", v1::Session::new(who).sign(&encoded)),
            Version::V4 => {
                let date = clock::iso_basic(clock::second_of(window.now));
                let scope = [&date[..8], &target.region, &target.product];
                ("x-oss-signature", verify::sign_v4(who.secret, scope, &encoded))
            }
        };
        let mut fields = vec![("key".to_owned(), self.key)];
        fields.extend(self.fields);
        fields.push(("policy".to_owned(), encoded));
        fields.extend(signing);
        fields.push((signature.0.to_owned(), signature.1));
        Ok(Form { url, fields, policy: json })
    }

    fn url(&self, target: &Target) -> Result<String> {
        let mut request = Request {
            method: "POST".into(),
            bucket: Some(self.bucket.as_str().into()),
            key: Some(self.key.as_str().into()),
            ..Request::default()
        };
        target.prepare(&mut request)?;
        request.key = None;
        let mut url = String::new();
        target.push_location(&request, &mut url)?;
        Ok(url)
    }

    fn check(&self) -> Result<()> {
        for (at, (name, value)) in self.fields.iter().enumerate() {
            check_field(name, value)?;
            if self.fields[..at].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                return Err(Error::invalid("fields", name, "must be given once only"));
            }
        }
        // Limits: names 8 KB in all, of metadata 8 KB with their values.
        let meta = |(name, _): &&(String, String)| name.starts_with("x-oss-meta-");
        let metadata = self.fields.iter().filter(meta);
        if metadata.map(|(name, value)| name.len() + value.len()).sum::<usize>() > 8192 {
            return Err(Error::invalid("metadata", "...", "must not be larger than 8 KB in all"));
        }
        self.conditions.iter().try_for_each(|condition| self.check_condition(condition))
    }

    fn check_condition(&self, condition: &Condition) -> Result<()> {
        condition.check()?;
        let wrong = |rule| Err(Error::invalid("conditions", &condition.to_string(), rule));
        let Some(field) = condition.field() else {
            let ranges = self.conditions.iter().filter(|other| other.field().is_none());
            return match ranges.count() {
                1 => Ok(()),
                _ => wrong("must be the only content-length-range"),
            };
        };
        if is_signing_field(field) || field == "file" {
            return wrong("must not be about a field of the signature, or the file");
        }
        if field == "bucket" && !condition.allows(&self.bucket) {
            return wrong("must allow the bucket that is given");
        }
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let given = fields.chain([("key", self.key.as_str())]);
        for (_, value) in given.filter(|(name, _)| condition.is_about(name)) {
            // What the name of the file makes of the key is not known yet.
            let (known, rest) = value.split_once(FILENAME).unwrap_or((value, ""));
            let open = field.eq_ignore_ascii_case("key") && known.len() + rest.len() < value.len();
            let met = match condition {
                Condition::StartsWith(_, prefix) if open => {
                    known.starts_with(prefix) || prefix.starts_with(known)
                }
                _ => open || condition.allows(value),
            };
            if !met {
                return wrong("must allow the value that is given for its field");
            }
        }
        Ok(())
    }

    /// What the policy demands: what V4 does, and then whatever was given.
    fn policy_conditions(&self, version: Version, signing: &[(String, String)]) -> Vec<Condition> {
        let equal = |name: &str, value: &str| Condition::Equal(name.to_owned(), value.to_owned());
        let mut all = vec![equal("bucket", &self.bucket)];
        if version == Version::V4 {
            all.extend(signing.iter().map(|(name, value)| equal(name, value)));
        }
        let free = |name: &str| !self.conditions.iter().any(|condition| condition.is_about(name));
        if free("key") {
            all.push(match self.key.split_once(FILENAME) {
                Some((prefix, _)) => Condition::StartsWith("key".to_owned(), prefix.to_owned()),
                None => equal("key", &self.key),
            });
        }
        let fields = self.fields.iter().filter(|(name, _)| free(name));
        all.extend(fields.map(|(name, value)| equal(&name.to_ascii_lowercase(), value)));
        all.extend(self.conditions.iter().filter(|own| !own.is_about("bucket")).cloned());
        all
    }
}

/// The fields that say who signs, and how.
fn signing_fields(
    target: &Target,
    who: Credentials<'_>,
    window: Window,
) -> Result<Vec<(String, String)>> {
    let token = who.token.map(|token| ("x-oss-security-token", token.to_owned()));
    let fields = match target.version {
        Version::V1 => vec![("OSSAccessKeyId", who.id.to_owned())],
        Version::V4 => {
            endpoint::check_region(&target.region)?;
            let date = clock::iso_basic(clock::second_of(window.now));
            let scope = v4::scope(&date, &target.region, &target.product);
            vec![
                ("x-oss-signature-version", v4::ALGORITHM.to_owned()),
                ("x-oss-credential", format!("{}/{scope}", who.id)),
                ("x-oss-date", date),
            ]
        }
    };
    let fields = fields.into_iter().chain(token);
    Ok(fields.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn check_field(name: &str, value: &str) -> Result<()> {
    let wrong = |rule| Err(Error::invalid("fields", name, rule));
    let lower = name.to_ascii_lowercase();
    let meta = lower.strip_prefix("x-oss-meta-");
    if !is_field_name(name) {
        return wrong("must be a name of letters, digits, '-', '_', '.' and ':'");
    }
    if is_signing_field(name) || matches!(lower.as_str(), "key" | "file" | "bucket") {
        return wrong("must not be given here: it is made by presign_post");
    }
    if meta.is_some_and(|name| name.is_empty() || name.contains(['_', '.', ':'])) {
        return Err(Error::invalid("metadata", name, "must be letters, digits and '-'"));
    }
    if value.contains(['\r', '\n', '\0']) {
        return Err(Error::invalid(name, value, "must not hold CR, LF or NUL"));
    }
    if lower == "success_action_status" && !matches!(value, "200" | "201" | "204") {
        return Err(Error::invalid(name, value, "must be 200, 201 or 204"));
    }
    if value.len() > 2 << 20 {
        return Err(Error::invalid(name, value, "must not be longer than 2 MB"));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
