//! The URLs of one file: where it is put, and where it is read afterwards.

use super::callback::Carried;
use super::media::Category;
use super::order::File;
use super::settings::Access;
use super::world::{Signer, Trouble};
use crate::clock::{self, SECOND};
use crate::error::{Error, Result};
use crate::form::{Condition, Draft};
use crate::lifetime::{Lifetime, OnShort};
use crate::presign::{LONGEST_TEMPORARY_SECONDS, Target, Window};
use crate::request::Request;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// What a client is told of one upload.
#[derive(Debug, Serialize)]
pub(super) struct Upload {
    upload_url: String,
    access_url: String,
    object_key: String,
    content_type: &'static str,
    expire_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_length: Option<u64>,
    /// When a presigned `access_url` ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_expire_at: Option<i64>,
    /// Of a form: the fields to send in front of the file.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object")]
    fields: Vec<(String, String)>,
    /// Headers that the upload must send beside its Content-Type.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object")]
    headers: Vec<(String, String)>,
}

/// How the uploads of one request are signed.
pub(super) struct Signing<'s> {
    pub(super) signer: &'s Signer<'s>,
    /// The signer's target, or one that signs Content-Length as well.
    pub(super) sized_target: Option<Target>,
    pub(super) bucket: &'s str,
    pub(super) access: &'s Access,
    /// What every upload has.
    pub(super) carried: &'s Carried,
    /// The largest file of each category.
    pub(super) max_bytes: &'s BTreeMap<Category, u64>,
    pub(super) upload: Window,
    pub(super) download: Window,
}

/// `seconds` from the second of `now` on, but not for longer than the credentials allow. Twelve hours
/// of temporary ones are OSS's rule for version 4; here it is a promise for both versions.
pub(super) fn window(
    now: i64,
    seconds: i64,
    signer: &Signer<'_>,
) -> std::result::Result<Window, Trouble> {
    let now = clock::second_of(now) * SECOND;
    let held = Lifetime { end: signer.end, temporary: signer.who.token.is_some() };
    let most = if held.temporary { LONGEST_TEMPORARY_SECONDS } else { i64::MAX };
    let asked = Window { now, expiration: now + seconds.min(most) * SECOND };
    held.fit(asked, now, signer.target.version, OnShort::Clamp)
        .map_err(|_| Trouble::Failed("the credentials have ended".to_owned()))
}

impl Signing<'_> {
    /// Signs the upload of a file under this name.
    ///
    /// # Errors
    /// Those of [`Signing::signed`].
    pub(super) fn upload(&self, file: &File<'_>, key: String) -> Result<Upload> {
        let mut request = self.request("PUT", &key);
        request.headers.set("Content-Type", file.media.content_type);
        if let Some(length) = file.content_length {
            request.headers.set("Content-Length", itoa::Buffer::new().format(length));
        }
        for (name, value) in &self.carried.parameters {
            request.query.set(*name, value.as_str());
        }
        let upload_url = self.signed(&mut request)?;
        let more = request.headers.iter();
        let more = more.filter(|h| !matches!(h.lower_name(), "content-type" | "content-length"));
        let headers = more.map(|h| (h.name().to_owned(), h.value().to_owned())).collect();
        Ok(Upload { headers, ..self.described(file, key, upload_url)? })
    }

    /// Signs a form that uploads a file under this name, no larger than it may be.
    ///
    /// # Errors
    /// Those of [`Draft::sign`].
    pub(super) fn form(&self, file: &File<'_>, key: String) -> Result<Upload> {
        let most = self.max_bytes.get(&file.media.category);
        let size = file.content_length.map(|exact| (exact, exact)).or(most.map(|most| (0, *most)));
        let own = [("Content-Type", file.media.content_type), ("success_action_status", "200")];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let draft = Draft {
            bucket: self.bucket.to_owned(),
            key: key.clone(),
            fields: own.into_iter().chain(self.carried.fields.iter().cloned()).collect(),
            conditions: size
                .map(|(least, most)| Condition::LengthRange(least, most))
                .into_iter()
                .collect(),
        };
        let form = draft.sign(self.signer.target, self.signer.who, self.upload)?;
        Ok(Upload { fields: form.fields, ..self.described(file, key, form.url)? })
    }

    /// The URL of a request of the upload; with its Content-Length signed, if it has one.
    ///
    /// # Errors
    /// Those of [`Target::prepare`], [`Target::check_signed`] and [`Target::sign`].
    pub(super) fn signed(&self, request: &mut Request<'_>) -> Result<String> {
        let is_sized = request.headers.get("content-length").is_some();
        let target = self.sized_target.as_ref().filter(|_| is_sized);
        let target = target.unwrap_or(self.signer.target);
        target.prepare(request)?;
        target.check_signed(request)?;
        target.sign(self.signer.session, self.upload, request)
    }

    fn described(&self, file: &File<'_>, key: String, upload_url: String) -> Result<Upload> {
        Ok(Upload {
            upload_url,
            access_url: self.access_url(&key)?,
            content_type: file.media.content_type,
            expire_at: clock::second_of(self.upload.expiration),
            content_length: file.content_length,
            access_expire_at: self.access_expire_at(),
            fields: Vec::new(),
            headers: Vec::new(),
            object_key: key,
        })
    }

    /// When a presigned `access_url` ends.
    pub(super) fn access_expire_at(&self) -> Option<i64> {
        let is_presigned = *self.access == Access::Presigned;
        is_presigned.then(|| clock::second_of(self.download.expiration))
    }

    pub(super) fn access_url(&self, key: &str) -> Result<String> {
        let mut request = self.request("GET", key);
        match self.access {
            Access::Public => self.signer.target.unsigned_url(&request),
            Access::Presigned => {
                self.signer.target.prepare(&mut request)?;
                self.signer.target.sign(self.signer.session, self.download, &request)
            }
            Access::Domain(base) => {
                let mut url = String::with_capacity(base.len() + key.len() + 1);
                url.push_str(base);
                url.push('/');
                crate::encode::push_path(&mut url, key);
                Ok(url)
            }
        }
    }

    pub(super) fn request<'k>(&'k self, method: &'static str, key: &'k str) -> Request<'k> {
        Request {
            method: method.into(),
            bucket: Some(self.bucket.into()),
            key: Some(key.into()),
            ..Request::default()
        }
    }
}

/// The trouble that an error of the pure half means. Its words hold no name of an object, which
/// may be made of a user's file name.
pub(super) fn trouble(error: &Error) -> Trouble {
    match error {
        Error::ParamInvalid { reason: None, .. } => {
            Trouble::NotConfigured("the client has no region and no endpoint".to_owned())
        }
        Error::ObjectNameInvalid { .. } => {
            Trouble::Failed("the object's name is one that OSS does not allow".to_owned())
        }
        other => Trouble::NotConfigured(other.to_string()),
    }
}

/// Pairs as a JSON object, in their order.
pub(super) fn as_object<S: Serializer>(
    pairs: &[(String, String)],
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    to.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}
