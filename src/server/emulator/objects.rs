//! PutObject, GetObject, HeadObject and DeleteObject
//! (<https://help.aliyun.com/en/oss/developer-reference/putobject>).

use super::app::Emulator;
use super::call::Call;
use super::digest::Digested;
use super::draft::Draft;
use super::identity::Who;
use super::record::{Headers, Object};
use super::refusal::{Answer, Refusal};
use super::store::Overwrite;
use super::{body, callback, conditions, kept, range};
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use std::io::{Seek, SeekFrom};
use std::ops::Range;
use std::time::{Duration, UNIX_EPOCH};
use tokio::io::AsyncReadExt;
use tokio::task::block_in_place;
use tokio_util::io::ReaderStream;

/// How much of a file is read at a time.
const CHUNK: usize = 128 * 1024;

/// An upload that is under way: what it keeps besides its bytes.
pub(super) struct Upload {
    pub(super) headers: Headers,
    pub(super) over: Overwrite,
}

/// Stores the body.
pub(super) async fn put(emulator: &Emulator, call: &Call, body: &mut Body) -> Answer {
    if call.headers.contains_key("x-oss-copy-source") {
        return Err(Refusal::not_here("CopyObject"));
    }
    let upload = Upload { headers: kept::of_headers(&call.headers)?, over: overwrite(call) };
    let callback = callback::asked(call)?;
    let draft = body::receive(&emulator.store, call, body).await?;
    let object = block_in_place(|| upload.store(emulator, call, draft))?;
    let mut response = emulator.called_back(call, callback, (&object, "PutObject")).await?;
    describe_upload(&object, response.headers_mut());
    Ok(response)
}

impl Upload {
    /// Makes an object of a draft.
    ///
    /// # Errors
    /// As [`place`].
    pub(super) fn store(
        self,
        emulator: &Emulator,
        call: &Call,
        draft: Draft,
    ) -> Result<Object, Refusal> {
        let ((blob, size), digested) = emulator.store.keep(draft)?;
        let object = Object {
            bucket: call.bucket.clone(),
            key: call.key.clone(),
            size,
            etag: digested.etag(),
            content_md5: Some(digested.content_md5()),
            crc64: digested.crc64,
            modified: call.now,
            headers: self.headers,
            blob,
        };
        place(emulator, &object, self.over)?;
        Ok(object)
    }
}

/// Puts an object into its place.
///
/// # Errors
/// An object that is there already and may not be overwritten.
pub(super) fn place(emulator: &Emulator, object: &Object, over: Overwrite) -> Result<(), Refusal> {
    emulator.store.put(object, over)?.map_err(|_| exists())
}

/// # Errors
/// As [`place`], before anything is uploaded.
pub(super) fn check_overwrite(emulator: &Emulator, call: &Call) -> Result<(), Refusal> {
    let is_there = || emulator.store.object(&call.bucket, &call.key);
    if overwrite(call) == Overwrite::Forbidden && is_there()?.is_some() {
        return Err(exists());
    }
    Ok(())
}

fn exists() -> Refusal {
    let message = "The object you specified already exists and can not be overwritten.";
    Refusal::new(409, "FileAlreadyExists", message)
}

/// Whether a request may overwrite.
pub(super) fn overwrite(call: &Call) -> Overwrite {
    Overwrite::forbidden_if(call.says_true("x-oss-forbid-overwrite"))
}

/// ETag and digests, as they are answered to an upload.
pub(super) fn describe_upload(object: &Object, headers: &mut HeaderMap) {
    kept::set(headers, "etag", &format!("\"{}\"", object.etag));
    kept::set(headers, "x-oss-hash-crc64ecma", &object.crc64.to_string());
    if let Some(md5) = &object.content_md5 {
        kept::set(headers, "content-md5", md5);
    }
}

/// The same for a part.
pub(super) fn describe_part(digested: &Digested, headers: &mut HeaderMap) {
    kept::set(headers, "etag", &format!("\"{}\"", digested.etag()));
    kept::set(headers, "content-md5", &digested.content_md5());
    kept::set(headers, "x-oss-hash-crc64ecma", &digested.crc64.to_string());
}

/// Sends the object, or its head.
pub(super) async fn get(emulator: &Emulator, call: &Call, who: Who) -> Answer {
    let found = emulator.store.open_object(&call.bucket, &call.key)?;
    let (object, mut file) = found.ok_or_else(|| Refusal::no_such_key(&call.key))?;
    conditions::check(call, &object)?;
    let head = call.method == Method::HEAD;
    if !head {
        check_readable(&object)?;
    }
    let range = if head { None } else { range::asked(call, object.size)? };
    let mut response = Response::new(Body::empty());
    describe(&object, range.as_ref(), &mut response);
    override_headers(call, who, response.headers_mut())?;
    if !head {
        let Range { start, end } = range.unwrap_or(0..object.size);
        file.seek(SeekFrom::Start(start))?;
        let bytes = tokio::fs::File::from_std(file).take(end - start);
        *response.body_mut() = Body::from_stream(ReaderStream::with_capacity(bytes, CHUNK));
    }
    Ok(response)
}

/// Removes the object; one that is not there is no error.
pub(super) fn delete(emulator: &Emulator, call: &Call) -> Answer {
    block_in_place(|| emulator.store.delete(&call.bucket, &call.key))?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

fn check_readable(object: &Object) -> Result<(), Refusal> {
    match kept::archived(object) {
        None => Ok(()),
        Some(class) => {
            let message = "The operation is not valid for the object's state.";
            let refusal = Refusal::new(403, "InvalidObjectState", message);
            Err(refusal.detail("ObjectName", &object.key).detail("StorageClass", class))
        }
    }
}

/// Status and headers of an object's answer.
fn describe(object: &Object, range: Option<&Range<u64>>, response: &mut Response) {
    let sent = range.map_or(object.size, |range| range.end - range.start);
    if let Some(range) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let text = format!("bytes {}-{}/{}", range.start, range.end - 1, object.size);
        kept::set(response.headers_mut(), "content-range", &text);
    }
    let headers = response.headers_mut();
    kept::send(object, headers);
    describe_upload(object, headers);
    kept::set(headers, "accept-ranges", "bytes");
    kept::set(headers, "content-length", &sent.to_string());
    let modified = UNIX_EPOCH + Duration::from_secs(object.modified.max(0).unsigned_abs());
    kept::set(headers, "last-modified", &httpdate::fmt_http_date(modified));
}

/// What `response-*` parameters set, which only signed requests may.
fn override_headers(call: &Call, who: Who, headers: &mut HeaderMap) -> Result<(), Refusal> {
    const NAMES: [&str; 6] = [
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
    ];
    for (name, value) in call.parameters() {
        let Some(name) = name.strip_prefix("response-").filter(|name| NAMES.contains(name)) else {
            continue;
        };
        if who == Who::Anybody {
            let message =
                "Request specific response headers cannot be used for anonymous requests.";
            return Err(Refusal::new(400, "InvalidRequest", message));
        }
        if value.bytes().any(|byte| byte.is_ascii_control()) {
            let message = format!("The value of response-{name} has control characters.");
            return Err(Refusal::argument(message));
        }
        kept::set(headers, name, value);
    }
    Ok(())
}
