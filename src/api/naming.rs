//! The name of a new object, made of the date, randomness and the extension.

use super::media::Media;
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

fn push_hex(out: &mut String, random: &[u8; RANDOM_BYTES]) {
    let mut bytes = [0; 32];
    bytes[..RANDOM_BYTES].copy_from_slice(random);
    out.push_str(&Hex::of(&bytes).as_str()[..2 * RANDOM_BYTES]);
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
        ] {
            let error = Template::read(pattern).unwrap_err().to_string();
            assert!(error.contains("object_key"), "{pattern}: {error}");
        }
    }
}
