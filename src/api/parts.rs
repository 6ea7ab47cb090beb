//! What a request for an upload in parts asks for, checked field by field.

use super::json::Json;
use super::naming::has_dots;
use super::order::{self, File, Order, Rules, integer, kind, missing, range, text};
use super::problem::{Cause, Problem};
use crate::multipart::{Cut, LEAST_PART, MOST_BYTES, MOST_PART, MOST_PARTS};
use crate::presign::{LONGEST_KEY, is_key};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How many parts one request may ask for.
pub const PARTS: usize = 1000;
/// How long an upload id may be, in characters. Those of OSS have 32.
pub const LONGEST_UPLOAD_ID: usize = 128;

/// A checked request to begin an upload.
pub(super) struct Begin<'b> {
    /// One file.
    pub(super) order: Order<'b>,
    pub(super) cut: Cut,
}

/// A checked request to go on with one.
pub(super) struct Resume<'b> {
    pub(super) object_key: Cow<'b, str>,
    pub(super) upload_id: Cow<'b, str>,
    pub(super) cut: Cut,
    /// Of the parts that are asked for.
    pub(super) numbers: Vec<u32>,
    /// Whether the length of each part is signed.
    pub(super) is_sized: bool,
    pub(super) expire_seconds: i64,
}

impl<'b> Begin<'b> {
    pub(super) fn read(body: &'b [u8], rules: &Rules<'_>) -> Result<Self, Problem> {
        let body = order::object(body)?;
        // Here its size has another name, and is a must.
        let of_file =
            Rules { content_length: false, max_bytes: &BTreeMap::new(), must_be_sized: false };
        let file = File::read(&body, &of_file)?;
        let most = rules.max_bytes.get(&file.media.category).copied();
        let size = size(&body, most)?;
        let part_size = part_size(&body)?;
        let cut = cut(size, most.map_or(part_size, |most| Some(part_size_of(most))))?;
        let expire_seconds = order::expire_seconds(&body)?;
        Ok(Self { order: Order { files: vec![Ok(file)], expire_seconds }, cut })
    }
}

impl<'b> Resume<'b> {
    /// Reads a request; `most` says how many bytes an object may have, or refuses it.
    pub(super) fn read(
        body: &'b [u8],
        rules: &Rules<'_>,
        most: impl FnOnce(&str) -> Result<Option<u64>, Problem>,
    ) -> Result<Self, Problem> {
        let body = order::object(body)?;
        let object_key = text(&body, "object_key", LONGEST_KEY)?;
        if !is_key(&object_key) || has_dots(&object_key) {
            return Err(range("object_key", "must be one that this service has answered"));
        }
        let most = most(&object_key)?;
        let upload_id = upload_id(&body)?;
        let size = size(&body, most)?;
        let part_size = part_size(&body)?;
        let part_size = part_size.ok_or_else(|| missing("part_size", "is missing: an integer"))?;
        // Parts of several sizes, one cut after the other, could be more than the cap together.
        if most.is_some_and(|most| part_size != part_size_of(most)) {
            return Err(range("part_size", "must be the one that was answered"));
        }
        let cut = cut(size, Some(part_size))?;
        Ok(Self {
            numbers: numbers(&body, cut)?,
            is_sized: rules.content_length || most.is_some(),
            expire_seconds: order::expire_seconds(&body)?,
            object_key,
            upload_id,
            cut,
        })
    }
}

/// The size of all parts of files that may have so many bytes: the same for all of them.
fn part_size_of(most: u64) -> u64 {
    Cut::new(most.min(MOST_BYTES), None).map_or(LEAST_PART, Cut::part_size)
}

fn size(body: &Json<'_>, most: Option<u64>) -> Result<u64, Problem> {
    const FIELD: &str = "size";
    let Some(size) = body.get(FIELD) else {
        return Err(missing(FIELD, "is missing: the size of the file in bytes"));
    };
    let Ok(size) = u64::try_from(integer(FIELD, size)?) else {
        return Err(range(FIELD, "must not be negative"));
    };
    let most = most.unwrap_or(MOST_BYTES).min(MOST_BYTES);
    if size > most {
        let words = format!("must be at most {most} bytes for this type of file");
        return Err(Problem::of(FIELD, Cause::TooLarge, words));
    }
    Ok(size)
}

fn part_size(body: &Json<'_>) -> Result<Option<u64>, Problem> {
    const FIELD: &str = "part_size";
    let Some(value) = body.get(FIELD) else { return Ok(None) };
    let value = integer(FIELD, value)?;
    match u64::try_from(value) {
        Ok(value) if (LEAST_PART..=MOST_PART).contains(&value) => Ok(Some(value)),
        _ => Err(range(FIELD, format!("must be {LEAST_PART} to {MOST_PART} bytes"))),
    }
}

/// Both sizes are what OSS takes; their number may not be.
fn cut(size: u64, part_size: Option<u64>) -> Result<Cut, Problem> {
    Cut::new(size, part_size)
        .map_err(|_| range("part_size", format!("must not make more than {MOST_PARTS} parts")))
}

fn upload_id<'b>(body: &Json<'b>) -> Result<Cow<'b, str>, Problem> {
    const FIELD: &str = "upload_id";
    let id = text(body, FIELD, LONGEST_UPLOAD_ID)?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if id.bytes().all(is_plain) {
        return Ok(id);
    }
    Err(range(FIELD, "must be the UploadId that OSS answered: letters, digits, '-' and '_'"))
}

fn numbers(body: &Json<'_>, cut: Cut) -> Result<Vec<u32>, Problem> {
    const FIELD: &str = "part_numbers";
    let given = match body.get(FIELD) {
        None => return Ok((1..=cut.count()).take(PARTS).collect()),
        Some(Json::Array(given)) if given.len() <= PARTS => given,
        Some(Json::Array(_)) => {
            return Err(range(FIELD, format!("must not hold more than {PARTS} numbers")));
        }
        Some(_) => return Err(kind(FIELD, "must be an array of integers")),
    };
    let number = |value| {
        let number = u32::try_from(integer(FIELD, value)?).ok();
        let number = number.filter(|number| (1..=cut.count()).contains(number));
        number.ok_or_else(|| range(FIELD, format!("must be 1 to {}", cut.count())))
    };
    let numbers = given.iter().map(number).collect::<Result<Vec<_>, _>>()?;
    if numbers.iter().collect::<BTreeSet<_>>().len() < numbers.len() {
        return Err(range(FIELD, "must not hold a number twice"));
    }
    Ok(numbers)
}
