//! The body of CompleteMultipartUpload, which a presigned URL does not carry
//! (<https://help.aliyun.com/en/oss/developer-reference/completemultipartupload>).

use super::Cut;
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A part that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its number.
    pub number: i64,
    /// The ETag that OSS answered, with its quotes or without.
    pub etag: String,
    /// Its bytes, where that is known.
    pub size: Option<u64>,
}

/// What is done about parts that are not as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Strictness {
    /// Whether an upload may be completed without some of its parts.
    pub may_lack: bool,
    /// Whether a part may be named more than once, with several ETags; the last one counts.
    pub may_repeat: bool,
}

/// The XML that completes an upload: the parts in the order of their numbers.
///
/// # Errors
/// [`Error::ParamInvalid`] for a part that is not in the plan, is named with two ETags, has another size
/// or no ETag, and for one that is missing.
///
/// ```
/// use ossign::multipart::{Cut, Sent, Strictness, complete_body};
///
/// let sent = Sent { number: 1, etag: "\"5EB6\"".into(), size: None };
/// let body = complete_body(Cut::new(5, None)?, vec![sent], Strictness::default())?;
/// assert!(body.contains("<PartNumber>1</PartNumber><ETag>\"5EB6\"</ETag>"));
/// # Ok::<(), ossign::error::Error>(())
/// ```
pub fn complete_body(cut: Cut, sent: Vec<Sent>, strictness: Strictness) -> Result<String> {
    let mut etags = BTreeMap::new();
    for part in sent {
        let (number, etag) = checked(cut, &part)?;
        let before = etags.insert(number, etag.to_owned());
        // Pages of ListParts may overlap.
        if before.is_some_and(|before| before != etag) && !strictness.may_repeat {
            return Err(wrong(number, "is named twice, with two ETags"));
        }
    }
    if !strictness.may_lack
        && let Some(missing) = (1..=cut.count()).find(|number| !etags.contains_key(number))
    {
        return Err(wrong(missing, "is missing: all parts of the plan must be there"));
    }
    if etags.is_empty() {
        return Err(Error::invalid("parts", "[]", "must not be empty: OSS wants at least one"));
    }
    Ok(written(&etags))
}

fn written(etags: &BTreeMap<u32, String>) -> String {
    let mut xml = String::with_capacity(64 + 96 * etags.len());
    xml.push_str("<CompleteMultipartUpload>");
    for (number, etag) in etags {
        let _ =
            write!(xml, "<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag></Part>");
    }
    xml.push_str("</CompleteMultipartUpload>");
    xml
}

/// Number and bare ETag of a part that the plan has.
fn checked(cut: Cut, part: &Sent) -> Result<(u32, &str)> {
    let planned = u32::try_from(part.number).ok().and_then(|number| cut.part(number));
    let Some(planned) = planned else {
        return Err(wrong(part.number, "is no part of this plan"));
    };
    if part.size.is_some_and(|size| size != planned.length) {
        return Err(wrong(part.number, "has another size than planned"));
    }
    let etag = part.etag.trim();
    let etag = etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"');
    // What an ETag may hold (RFC 9110), but for what XML would misread.
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'&');
    if etag.is_empty() || !etag.bytes().all(is_plain) {
        let field = format!("parts, ETag of part {}", part.number);
        return Err(Error::invalid(&field, &part.etag, "must be the ETag that OSS answered"));
    }
    Ok((planned.number, etag))
}

fn wrong(number: impl ToString, rule: &'static str) -> Error {
    Error::invalid("parts", &number.to_string(), rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(sent: &[(i64, &str)], strictness: Strictness) -> Result<String> {
        let cut = Cut::new(250_000, Some(102_400)).unwrap();
        let one = |(number, etag): &(i64, &str)| Sent {
            number: *number,
            etag: (*etag).to_owned(),
            size: None,
        };
        complete_body(cut, sent.iter().map(one).collect(), strictness)
    }

    const STRICT: Strictness = Strictness { may_lack: false, may_repeat: false };

    #[test]
    fn parts_are_sorted_and_etags_quoted_once() {
        let body = body(&[(3, "C"), (1, "\"A\""), (2, " W/\"B\" ")], STRICT).unwrap();
        assert_eq!(
            body,
            "<CompleteMultipartUpload>\
             <Part><PartNumber>1</PartNumber><ETag>\"A\"</ETag></Part>\
             <Part><PartNumber>2</PartNumber><ETag>\"B\"</ETag></Part>\
             <Part><PartNumber>3</PartNumber><ETag>\"C\"</ETag></Part>\
             </CompleteMultipartUpload>"
        );
    }

    #[test]
    fn what_is_not_as_planned_is_refused() {
        let all = [(1, "A"), (2, "B"), (3, "C")];
        let with = |more: (i64, &'static str)| [all.as_slice(), &[more]].concat();
        for (sent, words) in [
            (with((4, "D")), "parts: '4' is no part of this plan"),
            (with((0, "D")), "parts: '0' is no part of this plan"),
            (with((-1, "D")), "parts: '-1' is no part of this plan"),
            (with((2, "C")), "parts: '2' is named twice, with two ETags"),
            (vec![(1, "A"), (3, "C")], "parts: '2' is missing"),
            (vec![], "parts: '1' is missing"),
            (vec![(1, "\"\"")], "ETag of part 1: '\\\"\\\"' must be"),
            (vec![(1, "a<b")], "must be the ETag"),
            (vec![(1, "a b")], "must be the ETag"),
        ] {
            let error = body(&sent, STRICT).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_part_that_is_listed_twice_is_one() {
        let twice = [(1, "A"), (2, "B"), (2, "\"B\""), (3, "C")];
        assert_eq!(body(&twice, STRICT).unwrap().matches("<Part>").count(), 3);
    }

    #[test]
    fn who_says_so_may_lack_and_repeat_parts() {
        let lax = Strictness { may_lack: true, may_repeat: true };
        let xml = body(&[(3, "C"), (3, "D")], lax).unwrap();
        assert!(xml.contains("<PartNumber>3</PartNumber><ETag>\"D\"</ETag>"));
        assert_eq!(xml.matches("<Part>").count(), 1);
        assert!(body(&[], lax).unwrap_err().to_string().contains("must not be empty"));
    }

    #[test]
    fn a_part_of_another_size_belongs_to_another_plan() {
        let cut = Cut::new(5, None).unwrap();
        let sent = |size| vec![Sent { number: 1, etag: "A".into(), size: Some(size) }];
        assert!(complete_body(cut, sent(5), STRICT).is_ok());
        let error = complete_body(cut, sent(6), STRICT).unwrap_err().to_string();
        assert!(error.contains("'1' has another size than planned"), "{error}");
    }
}
