//! Uploads in parts: InitiateMultipartUpload, UploadPart, CompleteMultipartUpload,
//! AbortMultipartUpload and ListParts
//! (<https://help.aliyun.com/en/oss/developer-reference/initiatemultipartupload>).

use super::app::Emulator;
use super::call::Call;
use super::objects::{check_overwrite, describe_part, describe_upload, overwrite, place};
use super::record::{Part, Upload};
use super::refusal::{Answer, Refusal};
use super::uploads::Open;
use super::xml::{Xml, listed_parts};
use super::{body, callback, kept};
use crate::clock::{self, SECOND};
use crate::encode;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use tokio::task::block_in_place;

/// The smallest part but the last one, in bytes.
const LEAST_PART: u64 = 100 * 1024;
const MOST_PARTS: u32 = 10_000;

/// Begins an upload.
pub(super) fn initiate(emulator: &Emulator, call: &Call) -> Answer {
    let headers = kept::of_headers(&call.headers)?;
    check_overwrite(emulator, call)?;
    let upload = Upload { bucket: call.bucket.clone(), key: call.key.clone(), headers };
    let id = block_in_place(|| emulator.store.begin_upload(&upload))?;
    let mut xml = about(call, "InitiateMultipartUploadResult");
    xml.text("UploadId", &id);
    Ok(xml.answer())
}

/// Takes a part.
pub(super) async fn put_part(emulator: &Emulator, call: &Call, body: &mut Body) -> Answer {
    if call.headers.contains_key("x-oss-copy-source") {
        return Err(Refusal::not_here("UploadPartCopy"));
    }
    let number = call.parameter("partNumber").and_then(|number| number.parse().ok());
    let Some(number) = number.filter(|number| (1..=MOST_PARTS).contains(number)) else {
        let message = "Part number must be an integer between 1 and 10000, inclusive.";
        let value = call.parameter("partNumber").unwrap_or_default();
        let refusal = Refusal::argument(message).detail("ArgumentName", "partNumber");
        return Err(refusal.detail("ArgumentValue", value));
    };
    find(emulator, call)?;
    let draft = body::receive(&emulator.store, call, body).await?;
    // Looked for again: it may have been aborted meanwhile.
    let upload = find(emulator, call)?;
    let digested = block_in_place(|| upload.put_part(number, draft, call.now))?;
    let mut response = Response::new(Body::empty());
    describe_part(&digested, response.headers_mut());
    Ok(response)
}

/// Makes an object of the listed parts.
pub(super) async fn complete(emulator: &Emulator, call: &Call, body: &mut Body) -> Answer {
    let callback = callback::asked(call)?;
    let text = body::read_xml(body).await?;
    let upload = find(emulator, call)?;
    let chosen = choose(call, &text, &upload.parts()?)?;
    let object = block_in_place(|| -> Result<_, Refusal> {
        let object = upload.join(&chosen, call.now)?;
        place(emulator, &object, overwrite(call))?;
        upload.remove()?;
        Ok(object)
    })?;
    let is_called_back = callback.is_some();
    let told = (&object, "CompleteMultipartUpload");
    let mut response = emulator.called_back(call, callback, told).await?;
    if !is_called_back {
        let mut xml = about(call, "CompleteMultipartUploadResult");
        xml.text("Location", &format!("http://{}{}", call.host, path_of(call)));
        xml.text("ETag", &format!("\"{}\"", object.etag));
        response = xml.answer();
    }
    describe_upload(&object, response.headers_mut());
    Ok(response)
}

/// Forgets an upload and its parts.
pub(super) fn abort(emulator: &Emulator, call: &Call) -> Answer {
    let upload = find(emulator, call)?;
    block_in_place(|| upload.remove())?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

/// Lists the parts that have arrived.
pub(super) fn list(emulator: &Emulator, call: &Call) -> Answer {
    let most = number(call, "max-parts", 1000)?;
    let after = number(call, "part-number-marker", 0)?;
    if !(1..=1000).contains(&most) {
        return Err(Refusal::argument("max-parts is from 1 to 1000."));
    }
    let mut parts = find(emulator, call)?.parts()?;
    parts.retain(|part| part.number > after);
    let truncated = parts.len() > most as usize;
    parts.truncate(most as usize);
    let mut xml = about(call, "ListPartsResult");
    xml.text("UploadId", call.parameter("uploadId").unwrap_or_default());
    xml.text("StorageClass", "Standard");
    xml.text("PartNumberMarker", &after.to_string());
    let last = parts.last().map_or(after, |part| part.number);
    xml.text("NextPartNumberMarker", &last.to_string());
    xml.text("MaxParts", &most.to_string());
    xml.text("IsTruncated", if truncated { "true" } else { "false" });
    for part in &parts {
        xml.element("Part", |xml| describe(part, xml));
    }
    Ok(xml.answer())
}

fn describe(part: &Part, xml: &mut Xml) {
    xml.text("PartNumber", &part.number.to_string());
    xml.text("LastModified", &clock::iso_millis(part.modified * SECOND));
    xml.text("ETag", &format!("\"{}\"", part.etag));
    xml.text("HashCrc64ecma", &part.crc64.to_string());
    xml.text("Size", &part.size.to_string());
}

fn find<'e>(emulator: &'e Emulator, call: &Call) -> Result<Open<'e>, Refusal> {
    let id = call.parameter("uploadId").unwrap_or_default();
    let found = emulator.store.upload(id, &call.bucket, &call.key)?;
    found.ok_or_else(|| Refusal::no_such_upload(id))
}

/// The parts that a request to complete names, checked.
fn choose(call: &Call, text: &str, parts: &[Part]) -> Result<Vec<Part>, Refusal> {
    let chosen = match call.header("x-oss-complete-all") {
        Some("yes") if text.is_empty() => parts.to_vec(),
        Some("yes") => {
            let message = "With x-oss-complete-all: yes, the request has no body.";
            return Err(Refusal::argument(message));
        }
        _ => named(text, parts)?,
    };
    if chosen.is_empty() {
        return Err(malformed());
    }
    check_sizes(&chosen)?;
    Ok(chosen)
}

fn named(text: &str, parts: &[Part]) -> Result<Vec<Part>, Refusal> {
    let listed = listed_parts(text).ok_or_else(malformed)?;
    if !listed.is_sorted_by(|(before, _), (after, _)| before < after) {
        let message = "The list of parts was not in ascending order. \
                       Parts list must specified in order by part number.";
        return Err(Refusal::new(400, "InvalidPartOrder", message));
    }
    let one = |(number, etag): (u32, String)| {
        let at = parts.binary_search_by_key(&number, |part| part.number);
        let part = at.ok().map(|at| &parts[at]).filter(|part| part.etag == etag);
        part.cloned().ok_or_else(|| {
            let message = "One or more of the specified parts could not be found or the \
                           specified entity tag might not have matched the part's entity tag.";
            let refusal = Refusal::new(400, "InvalidPart", message);
            refusal.detail("PartNumber", number.to_string()).detail("ETag", etag)
        })
    };
    listed.into_iter().map(one).collect()
}

fn check_sizes(parts: &[Part]) -> Result<(), Refusal> {
    let but_last = &parts[..parts.len() - 1];
    let Some(small) = but_last.iter().find(|part| part.size < LEAST_PART) else { return Ok(()) };
    let message = "Your proposed upload smaller than the minimum allowed size.";
    Err(Refusal::new(400, "EntityTooSmall", message)
        .detail("ETag", &small.etag)
        .detail("MinSizeAllowed", LEAST_PART.to_string())
        .detail("ProposedSize", small.size.to_string())
        .detail("PartNumber", small.number.to_string()))
}

fn malformed() -> Refusal {
    let message = "The XML you provided was not well-formed or did not validate \
                   against our published schema.";
    Refusal::new(400, "MalformedXML", message)
}

/// The beginning of answers that name bucket and key.
fn about(call: &Call, root: &'static str) -> Xml {
    let mut xml = Xml::new(root);
    if call.parameter("encoding-type") == Some("url") {
        xml.text("EncodingType", "url").text("Bucket", &call.bucket);
        xml.text("Key", &encode::query(&call.key));
    } else {
        xml.text("Bucket", &call.bucket).text("Key", &call.key);
    }
    xml
}

fn path_of(call: &Call) -> &str {
    call.target.split('?').next().unwrap_or_default()
}

fn number(call: &Call, name: &str, default: u32) -> Result<u32, Refusal> {
    let Some(text) = call.parameter(name).filter(|text| !text.is_empty()) else {
        return Ok(default);
    };
    text.parse().map_err(|_| Refusal::argument(format!("{name} is no number.")))
}
