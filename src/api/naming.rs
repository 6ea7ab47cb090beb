//! The name of a new object, made of the date, randomness and the extension.

use super::media::{Media, of_extension};
use crate::clock;
use crate::encode::Hex;
use crate::error::{Error, Result};

/// How many random bytes a name has: a billion names a day meet once in 10^18 years.
pub const RANDOM_BYTES: usize = 16;

/// A pattern such as `uploads/{yyyy}/{mm}/{dd}/{random}.{ext}`.
#[derive(Debug, Clone)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Year,
    Month,
    Day,
    Hour,
    Random,
    Extension,
    Category,
    Key,
}

/// The hexadecimal digits of the randomness.
const RANDOM_DIGITS: usize = 2 * RANDOM_BYTES;

/// What a name is made of.
pub(super) struct Making<'m> {
    /// Seconds since 1970; dates are UTC.
    pub(super) second: i64,
    pub(super) random: [u8; RANDOM_BYTES],
    pub(super) media: &'static Media,
    pub(super) extension: &'static str,
    /// The name of the API key, or of whoever else asks.
    pub(super) caller: &'m str,
    /// What stands in front of every name of this caller.
    pub(super) prefix: &'m str,
}

impl Template {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for an unknown name in braces, for a pattern without `{random}`,
    /// for one that does not end with `.{ext}`, and for characters beyond printable ASCII.
    pub(super) fn read(text: &str) -> Result<Self> {
        let wrong = |rule| Err(Error::invalid("object_key", text, rule));
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return wrong("must be printable ASCII");
        }
        if text.starts_with(['/', '\\']) {
            return wrong("must not start with '/' or '\\'");
        }
        if has_dots(text) {
            return wrong(NO_DOTS);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                return wrong("has a '{' without its '}'");
            };
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(match name {
                "yyyy" => Piece::Year,
                "mm" => Piece::Month,
                "dd" => Piece::Day,
                "hh" => Piece::Hour,
                "random" => Piece::Random,
                "ext" => Piece::Extension,
                "category" => Piece::Category,
                "key" => Piece::Key,
                _ => {
                    return wrong("may hold {yyyy} {mm} {dd} {hh} {random} {ext} {category} {key}");
                }
            });
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        if !pieces.contains(&Piece::Random) {
            return wrong("must hold {random}, or names would meet");
        }
        if !text.ends_with(".{ext}") {
            return wrong("must end with .{ext}");
        }
        Ok(Self(pieces))
    }

    pub(super) fn name(&self, making: &Making<'_>) -> String {
        let date = clock::iso_basic(making.second);
        let mut out = String::with_capacity(96);
        out.push_str(making.prefix);
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Year => out.push_str(&date[..4]),
                Piece::Month => out.push_str(&date[4..6]),
                Piece::Day => out.push_str(&date[6..8]),
                Piece::Hour => out.push_str(&date[9..11]),
                Piece::Random => push_hex(&mut out, &making.random),
                Piece::Extension => out.push_str(making.extension),
                Piece::Category => out.push_str(making.media.category.name()),
                Piece::Key => out.push_str(making.caller),
            }
        }
        out
    }
}

impl Template {
    /// The kind of file that a name is for, if this pattern could have made it for this caller.
    ///
    /// Not every such name was made: it says that an object is of this API, not that it is there.
    pub(super) fn kind(&self, name: &str, caller: &str, prefix: &str) -> Option<&'static Media> {
        let (media, extension) = kind_of(name)?;
        let mut rest = name.strip_prefix(prefix)?;
        for piece in &self.0 {
            rest = match piece {
                Piece::Text(text) => rest.strip_prefix(&**text)?,
                Piece::Year => number(rest, 4, 0, 9999)?,
                Piece::Month => number(rest, 2, 1, 12)?,
                Piece::Day => number(rest, 2, 1, 31)?,
                Piece::Hour => number(rest, 2, 0, 23)?,
                Piece::Random => digits(rest, RANDOM_DIGITS, is_hex)?.1,
                Piece::Extension => rest.strip_prefix(extension)?,
                Piece::Category => rest.strip_prefix(media.category.name())?,
                Piece::Key => rest.strip_prefix(caller)?,
            };
        }
        rest.is_empty().then_some(media)
    }
}

/// What is asked of names, and of what they are made of.
pub(super) const NO_DOTS: &str = "must not have a segment '.' or '..'";

/// Whether browsers and curl would take a segment out of a URL of this name: what they then ask for
/// is not what was signed.
pub(super) fn has_dots(name: &str) -> bool {
    name.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// The kind of file that an object is by the end of its name, and its extension, which is in lower
/// case in all names that are made here.
pub(super) fn kind_of(name: &str) -> Option<(&'static Media, &'static str)> {
    let (_, end) = name.rsplit_once('.')?;
    of_extension(end).filter(|(_, extension)| *extension == end)
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// So many characters of a kind, and what comes behind them.
fn digits(text: &str, count: usize, is_one: fn(u8) -> bool) -> Option<(&str, &str)> {
    let (digits, rest) = text.split_at_checked(count)?;
    digits.bytes().all(is_one).then_some((digits, rest))
}

/// What comes behind a number of so many digits, which lies between these two.
fn number(text: &str, count: usize, least: u32, most: u32) -> Option<&str> {
    let (digits, rest) = digits(text, count, |byte| byte.is_ascii_digit())?;
    let number = digits.parse().ok()?;
    (least..=most).contains(&number).then_some(rest)
}

fn push_hex(out: &mut String, random: &[u8; RANDOM_BYTES]) {
    let mut bytes = [0; 32];
    bytes[..RANDOM_BYTES].copy_from_slice(random);
    out.push_str(&Hex::of(&bytes).as_str()[..RANDOM_DIGITS]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::media::media_of;

    #[test]
    fn a_name_is_date_randomness_and_extension() {
        let (media, extension) = media_of("x.JPG").unwrap();
        let making = Making {
            second: 1_767_225_599,
            random: [0xab; RANDOM_BYTES],
            media,
            extension,
            caller: "web",
            prefix: "",
        };
        let name = |pattern| Template::read(pattern).unwrap().name(&making);
        let random = "ab".repeat(16);
        assert_eq!(
            name("uploads/{yyyy}/{mm}/{dd}/{random}.{ext}"),
            format!("uploads/2025/12/31/{random}.jpg")
        );
        assert_eq!(
            name("{key}/{category}-{hh}/{random}.{ext}"),
            format!("web/image-23/{random}.jpg")
        );
    }

    #[test]
    fn a_name_is_known_by_the_pattern_that_makes_it() {
        let random = "0f".repeat(16);
        let kind = |pattern, name: &str| {
            let name = name.replace("{r}", &random);
            let media = Template::read(pattern).unwrap().kind(&name, "web", "of/");
            media.map(|media| media.content_type)
        };
        let usual = "uploads/{yyyy}/{mm}/{dd}/{random}.{ext}";
        assert_eq!(kind(usual, "of/uploads/2026/01/31/{r}.mp4"), Some("video/mp4"));
        for name in [
            "",
            "uploads/2026/01/31/{r}.mp4",
            "of/uploads/2026/01/31/{r}.MP4",
            "of/uploads/2026/01/31/{r}.exe",
            "of/uploads/2026/01/31/{r}.",
            "of/uploads/2026/13/31/{r}.mp4",
            "of/uploads/2026/01/00/{r}.mp4",
            "of/uploads/2026/01/+1/{r}.mp4",
            "of/uploads/2026/01/31/x{r}.mp4",
            "of/uploads/2026/01/31/{r}/../a.mp4",
            "of/uploads/2026/01/31/{r}x.mp4",
            "of/uploads/2026/01/31/0F0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f.mp4",
            "of/uploads/2026/01/31/数据.mp4",
            "of/uploads/数/01/31/{r}.mp4",
            "other/uploads/2026/01/31/{r}.mp4",
        ] {
            assert_eq!(kind(usual, name), None, "{name}");
        }
        let other = "{key}/{category}-{hh}/{random}.{ext}";
        assert_eq!(kind(other, "of/web/audio-23/{r}.mp3"), Some("audio/mpeg"));
        for name in
            ["of/app/audio-23/{r}.mp3", "of/web/video-23/{r}.mp3", "of/web/audio-24/{r}.mp3"]
        {
            assert_eq!(kind(other, name), None, "{name}");
        }
    }

    #[test]
    fn a_pattern_that_cannot_serve_is_refused() {
        for pattern in [
            "",
            "{yyyy}.{ext}",
            "{random}",
            "{random}.{ext}/x",
            "/{random}.{ext}",
            "{random.{ext}",
            "{filename}/{random}.{ext}",
            "ü/{random}.{ext}",
            "a\n{random}.{ext}",
            "a/../{random}.{ext}",
            "../{random}.{ext}",
            "{yyyy}/./{random}.{ext}",
        ] {
            let error = Template::read(pattern).unwrap_err().to_string();
            assert!(error.contains("object_key"), "{pattern}: {error}");
        }
        for pattern in [".a/{random}.{ext}", "a../{random}.{ext}", ".../{random}..{ext}"] {
            assert!(Template::read(pattern).is_ok(), "{pattern}");
        }
    }
}
