//! If-Match and its relatives, as GetObject and HeadObject obey them.

use super::call::Call;
use super::record::Object;
use super::refusal::Refusal;
use axum::http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use std::time::UNIX_EPOCH;

/// # Errors
/// 412 where the object is not the one that the client means, 304 where the client has it.
pub(super) fn check(call: &Call, object: &Object) -> Result<(), Refusal> {
    let since = |name| call.header(name).and_then(seconds).map(|since| object.modified > since);
    let matches = |name| call.header(name).map(|list| names(list, &object.etag));
    let failed = |name: &str| {
        let message = "At least one of the pre-conditions you specified did not hold.";
        Refusal::new(412, "PreconditionFailed", message).detail("Condition", name)
    };
    if matches(IF_MATCH) == Some(false) {
        return Err(failed("If-Match"));
    }
    if since(IF_UNMODIFIED_SINCE) == Some(true) {
        return Err(failed("If-Unmodified-Since"));
    }
    // Who sends both has a copy with an ETag, which is the better answer (RFC 9110, 13.2.2).
    let had = match matches(IF_NONE_MATCH) {
        Some(same) => same,
        None => since(IF_MODIFIED_SINCE) == Some(false),
    };
    if had { Err(Refusal::new(304, "NotModified", "")) } else { Ok(()) }
}

/// Whether a list of ETags, or `*`, names this one.
fn names(list: &str, etag: &str) -> bool {
    let same = |given: &str| given.trim().trim_matches('"').eq_ignore_ascii_case(etag);
    list.trim() == "*" || list.split(',').any(same)
}

/// The seconds since 1970 of an HTTP date.
fn seconds(text: &str) -> Option<i64> {
    let time = httpdate::parse_http_date(text).ok()?;
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs() as i64)
}
