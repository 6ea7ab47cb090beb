//! Taking the body of a request to the disk, without ever holding it in memory.

use super::call::Call;
use super::draft::Draft;
use super::refusal::Refusal;
use super::store::Store;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use base64::{Engine, engine::general_purpose::STANDARD};
use http_body_util::{BodyExt, Limited};
use std::time::Duration;
use tokio::task::block_in_place;
use tokio::time::timeout;

/// The largest object of one request, and the largest part: 5 GB
/// (<https://help.aliyun.com/en/oss/developer-reference/putobject>).
pub(super) const MOST: u64 = 5 << 30;
/// The largest XML that OSS reads: 10,000 parts need less than a megabyte.
const MOST_XML: usize = 4 << 20;
/// How much of a refused upload is read, so that the client lives to see the answer.
const MOST_DRAINED: u64 = 1 << 30;
/// How long an upload may pause.
const IDLE: Duration = Duration::from_secs(60);
/// How long the rest of a refused upload may pause.
const PATIENCE: Duration = Duration::from_secs(2);

/// Writes a body to the disk and checks it against Content-MD5.
///
/// # Errors
/// A body that is too large, ends early, has no length, or is not what its digest says.
pub(super) async fn receive(store: &Store, call: &Call, body: &mut Body) -> Result<Draft, Refusal> {
    let md5 = expected_md5(call)?;
    check_length(call)?;
    let mut draft = store.draft()?;
    while let Some(chunk) = next_in_time(body).await? {
        block_in_place(|| draft.write(&chunk))?;
        check_size(draft.size())?;
    }
    check_md5(&draft, md5)?;
    Ok(draft)
}

/// The next bytes of a body, if they come in time.
async fn next_in_time(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    timeout(IDLE, next_chunk(body)).await.unwrap_or_else(|_| {
        let message = "Your socket connection to the server was not read from or written to \
                       within the timeout period.";
        Err(Refusal::new(400, "RequestTimeout", message))
    })
}

/// The next bytes of a body.
///
/// # Errors
/// A body that ends early. Nobody reads the answer to it.
async fn next_chunk(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(&error))?;
        if let Ok(chunk) = frame.into_data() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

/// The refusal of a body that ended before its end.
pub(super) fn broken(error: &dyn std::fmt::Display) -> Refusal {
    let message = "You did not provide the number of bytes specified by the Content-Length header.";
    let refusal = Refusal::new(400, "IncompleteBody", message);
    Refusal { explanation: Some(format!("the upload broke off: {error}")), ..refusal }
}

/// # Errors
/// More than OSS takes at once.
pub(super) fn check_size(size: u64) -> Result<(), Refusal> {
    if size > MOST {
        let message = "Your proposed upload exceeds the maximum allowed object size.";
        let refusal = Refusal::new(400, "EntityTooLarge", message);
        let refusal = refusal.detail("MaxSizeAllowed", MOST.to_string());
        return Err(refusal.detail("ProposedSize", size.to_string()));
    }
    Ok(())
}

/// Reads the XML of a request.
///
/// # Errors
/// More than OSS reads, or no UTF-8.
pub(super) async fn read_xml(body: &mut Body) -> Result<String, Refusal> {
    let malformed = || {
        let message = "The XML you provided was not well-formed or did not validate \
                       against our published schema.";
        Refusal::new(400, "MalformedXML", message)
    };
    let collected = Limited::new(body, MOST_XML).collect().await.map_err(|_| malformed())?;
    String::from_utf8(collected.to_bytes().to_vec()).map_err(|_| malformed())
}

/// Reads what is left of a refused request, unless the client waits to be told to go on, or there
/// is too much of it.
pub(super) async fn drain(call: &Call, body: &mut Body) {
    let declared = content_length(call).unwrap_or_default();
    if body.is_end_stream() || call.headers.contains_key("expect") || declared > MOST_DRAINED {
        return;
    }
    let mut left = MOST_DRAINED;
    while let Ok(Ok(Some(chunk))) = timeout(PATIENCE, next_chunk(body)).await {
        left = left.saturating_sub(chunk.len() as u64);
        if left == 0 {
            return;
        }
    }
}

fn content_length(call: &Call) -> Option<u64> {
    call.header(CONTENT_LENGTH)?.parse().ok()
}

fn check_length(call: &Call) -> Result<(), Refusal> {
    let length = content_length(call);
    if length.is_none() && !call.headers.contains_key(TRANSFER_ENCODING) {
        let message = "You must provide the Content-Length HTTP header.";
        return Err(Refusal::new(411, "MissingContentLength", message));
    }
    check_size(length.unwrap_or_default())
}

fn expected_md5(call: &Call) -> Result<Option<[u8; 16]>, Refusal> {
    let Some(text) = call.header("content-md5") else { return Ok(None) };
    let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    match bytes {
        Some(bytes) => Ok(Some(bytes)),
        None => Err(invalid_digest("The Content-MD5 you specified was invalid.")),
    }
}

fn check_md5(draft: &Draft, expected: Option<[u8; 16]>) -> Result<(), Refusal> {
    let same = |expected: [u8; 16]| draft.digested().md5 == expected;
    if expected.is_none_or(same) {
        return Ok(());
    }
    Err(invalid_digest("The Content-MD5 you specified did not match what we received."))
}

fn invalid_digest(message: &str) -> Refusal {
    Refusal::new(400, "InvalidDigest", message)
}
