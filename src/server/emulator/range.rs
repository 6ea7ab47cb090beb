//! The Range header, as OSS reads it
//! (<https://help.aliyun.com/en/oss/how-to-obtain-oss-resources-by-segmenting-http-range-requests>).

use super::call::Call;
use super::refusal::Refusal;
use axum::http::header::RANGE;
use std::ops::Range;

/// The bytes of an object of this size that a request asks for; None where it asks for all.
///
/// A range that does not lie within the object counts for nothing, unless the request says
/// `x-oss-range-behavior: standard`. Of several ranges, the first one counts.
///
/// # Errors
/// 416 InvalidRange, under the standard behaviour alone.
pub(super) fn asked(call: &Call, size: u64) -> Result<Option<Range<u64>>, Refusal> {
    let standard = call.header("x-oss-range-behavior").is_some_and(|value| value == "standard");
    let Some(range) = call.header(RANGE).and_then(parse) else { return Ok(None) };
    match (within(range, size, standard), standard) {
        (Some(range), _) => Ok(Some(range)),
        (None, false) => Ok(None),
        (None, true) => {
            let message = "The requested range cannot be satisfied.";
            let refusal = Refusal::new(416, "InvalidRange", message);
            Err(refusal.detail("ObjectSize", size.to_string()))
        }
    }
}

/// First and last byte of `bytes=first-last`; either may be left out.
fn parse(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let first = text.strip_prefix("bytes=")?.split(',').next()?;
    let (from, to) = first.trim().split_once('-')?;
    let number =
        |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    match (number(from)?, number(to)?) {
        (None, None) => None,
        (Some(from), Some(to)) if from > to => None,
        range => Some(range),
    }
}

fn within(range: (Option<u64>, Option<u64>), size: u64, lenient: bool) -> Option<Range<u64>> {
    match range {
        (Some(from), None) if from < size => Some(from..size),
        (Some(from), Some(to)) if to < size => Some(from..to + 1),
        (Some(from), Some(_)) if lenient && from < size => Some(from..size),
        (None, Some(last)) if last > 0 && last <= size => Some(size - last..size),
        (None, Some(last)) if lenient && last > 0 && size > 0 => Some(0..size),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_counts_only_within_the_object_unless_the_standard_is_asked_for() {
        let both = |text| {
            let range = parse(text);
            [false, true].map(|standard| range.and_then(|range| within(range, 1000, standard)))
        };
        assert_eq!(both("bytes=0-499"), [Some(0..500), Some(0..500)]);
        assert_eq!(both("bytes=500-"), [Some(500..1000), Some(500..1000)]);
        assert_eq!(both("bytes=-200"), [Some(800..1000), Some(800..1000)]);
        assert_eq!(both("bytes=0-9,20-29"), [Some(0..10), Some(0..10)]);
        assert_eq!(both("bytes=500-2000"), [None, Some(500..1000)]);
        assert_eq!(both("bytes=1000-2000"), [None, None]);
        assert_eq!(both("bytes=-2000"), [None, Some(0..1000)]);
        for text in ["bytes=9-1", "byte=0-1", "bytes=-", "bytes=a-b", "bytes=-0", "0-1"] {
            assert_eq!(both(text), [None, None], "{text}");
        }
    }
}
