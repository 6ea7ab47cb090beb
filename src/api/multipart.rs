//! The URLs of an upload in parts: what begins it, what sends its parts, and what ends it
//! (<https://help.aliyun.com/en/oss/user-guide/multipart-upload>).
//!
//! Nothing is remembered from one request to the next. Whoever goes on with an upload says which
//! object it is of, and its id, which OSS told only to whoever began it: without the right one, OSS
//! answers every URL with NoSuchUpload. So nothing here may say anything of an object that is there:
//! no URL to read it comes with the parts.

use super::order::File;
use super::parts::Resume;
use super::upload::{Signing, as_object};
use crate::clock;
use crate::error::Result;
use crate::multipart::{Cut, Part};
use crate::request::Request;
use serde::Serialize;

/// The most parts that one answer of ListParts has.
const PAGE: usize = 1000;

/// What a client is told of an upload that is to begin.
#[derive(Debug, Serialize)]
pub(super) struct Begun {
    object_key: String,
    content_type: &'static str,
    access_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_expire_at: Option<i64>,
    size: u64,
    part_size: u64,
    part_count: u32,
    initiate: Asked,
    expire_at: i64,
}

/// What a client is told of one that has begun.
#[derive(Debug, Serialize)]
pub(super) struct Resumed {
    pub(super) parts: Vec<PartUrl>,
    complete: Asked,
    abort: Asked,
    /// One request for each thousand of parts.
    list_parts: Vec<Asked>,
    expire_at: i64,
}

/// A presigned request; headers are those that must be sent, but for Content-Length.
#[derive(Debug, Serialize)]
struct Asked {
    method: String,
    url: String,
    #[serde(serialize_with = "as_object")]
    headers: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
pub(super) struct PartUrl {
    part_number: u32,
    offset: u64,
    length: u64,
    upload_url: String,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object")]
    headers: Vec<(String, String)>,
}

impl Signing<'_> {
    /// Signs what begins the upload of a file under this name.
    ///
    /// # Errors
    /// Those of [`Signing::asked`].
    pub(super) fn begin(&self, file: &File<'_>, key: String, cut: Cut) -> Result<Begun> {
        let mut request = self.request("POST", &key);
        request.headers.set("Content-Type", file.media.content_type);
        request.query.set("uploads", "");
        Ok(Begun {
            content_type: file.media.content_type,
            initiate: self.asked(request)?,
            access_url: self.access_url(&key)?,
            access_expire_at: self.access_expire_at(),
            size: cut.size(),
            part_size: cut.part_size(),
            part_count: cut.count(),
            expire_at: clock::second_of(self.upload.expiration),
            object_key: key,
        })
    }

    /// Signs the parts that are asked for, and what ends the upload.
    ///
    /// # Errors
    /// Those of [`Signing::asked`].
    pub(super) fn resume(&self, resume: &Resume<'_>) -> Result<Resumed> {
        let parts = resume.numbers.iter().filter_map(|number| resume.cut.part(*number));
        let mut complete = self.of_upload("POST", resume);
        for (name, value) in &self.carried.parameters {
            complete.query.set(*name, value.as_str());
        }
        let pages = (0..resume.cut.count()).step_by(PAGE);
        Ok(Resumed {
            parts: parts.map(|part| self.part(part, resume)).collect::<Result<_>>()?,
            complete: self.asked(complete)?,
            abort: self.asked(self.of_upload("DELETE", resume))?,
            list_parts: pages.map(|after| self.page(after, resume)).collect::<Result<_>>()?,
            expire_at: clock::second_of(self.upload.expiration),
        })
    }

    fn part(&self, part: Part, resume: &Resume<'_>) -> Result<PartUrl> {
        let mut request = self.of_upload("PUT", resume);
        request.query.set("partNumber", part.number.to_string());
        if resume.is_sized {
            request.headers.set("Content-Length", itoa::Buffer::new().format(part.length));
        }
        let Asked { url, headers, .. } = self.asked(request)?;
        let (part_number, offset, length) = (part.number, part.offset, part.length);
        Ok(PartUrl { part_number, offset, length, upload_url: url, headers })
    }

    fn page(&self, after: u32, resume: &Resume<'_>) -> Result<Asked> {
        let mut request = self.of_upload("GET", resume);
        request.query.set("max-parts", PAGE.to_string());
        request.query.set("part-number-marker", after.to_string());
        self.asked(request)
    }

    fn of_upload<'k>(&'k self, method: &'static str, resume: &'k Resume<'_>) -> Request<'k> {
        let mut request = self.request(method, &resume.object_key);
        request.query.set("uploadId", &*resume.upload_id);
        request
    }

    fn asked(&self, mut request: Request<'_>) -> Result<Asked> {
        let url = self.signed(&mut request)?;
        let headers =
            request.headers.iter().filter(|header| header.lower_name() != "content-length");
        Ok(Asked {
            headers: headers.map(|h| (h.name().to_owned(), h.value().to_owned())).collect(),
            method: request.method.into_owned(),
            url,
        })
    }
}
