//! Percent-encoding exactly as Python's `urllib.parse.quote` does it, which is what OSS signs
//! (<https://help.aliyun.com/en/oss/developer-reference/add-signatures-to-urls>).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// Whether a byte changes in a path. In a query, so does `/`.
#[inline(always)]
fn changes(byte: u8) -> bool {
    let letter = (byte | 0x20).is_ascii_lowercase();
    // `-`, `.`, `/` and the digits stand side by side.
    !(letter | (b'-'..=b'9').contains(&byte) | (byte == b'_') | (byte == b'~'))
}

/// Whether any byte does.
#[inline(always)]
pub(crate) fn any_changes(text: &[u8], changes: impl Fn(u8) -> bool) -> bool {
    if let Some(last) = text.last_chunk::<32>() {
        any_in_chunks(text, last, changes)
    } else if let Some(last) = text.last_chunk::<16>() {
        any_in_chunks(text, last, changes)
    } else if let Some(last) = text.last_chunk::<8>() {
        any_in_chunks(text, last, changes)
    } else {
        text.iter().any(|byte| changes(*byte))
    }
}

/// Whole chunks, the last one overlapping, and no look at what was found before the end: so compilers
/// make vector code of it, several times as fast as byte by byte.
#[inline(always)]
fn any_in_chunks<const N: usize>(
    text: &[u8],
    last: &[u8; N],
    changes: impl Fn(u8) -> bool,
) -> bool {
    let mut found = [0; N];
    for chunk in text.as_chunks::<N>().0 {
        for at in 0..N {
            found[at] |= u8::from(changes(chunk[at]));
        }
    }
    for at in 0..N {
        found[at] |= u8::from(changes(last[at]));
    }
    found != [0; N]
}

/// Appends `text` as part of a query string: everything but `A-Z a-z 0-9 - _ . ~` becomes `%XX`.
pub fn push_query(out: &mut String, text: &str) {
    push(out, text, QUERY, |byte| changes(byte) | (byte == b'/'));
}

/// Appends `text` as a path: like [`push_query`], but `/` stays.
pub fn push_path(out: &mut String, text: &str) {
    push(out, text, PATH, changes);
}

/// How many bytes [`push_path`] appends.
#[inline(always)]
pub fn path_length(text: &str) -> usize {
    encoded_length(text, changes)
}

/// How many bytes [`push_query`] appends.
#[inline(always)]
pub fn query_length(text: &str) -> usize {
    encoded_length(text, |byte| changes(byte) | (byte == b'/'))
}

/// `text` encoded for a query string.
pub fn query(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    push_query(&mut out, text);
    out
}

/// `text` encoded for a path.
pub fn path(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    push_path(&mut out, text);
    out
}

/// The digits of a digest.
#[derive(Clone, Copy)]
pub struct Hex(pub [u8; 64]);

impl Hex {
    /// The digits of 32 bytes, in lower case.
    ///
    /// Compilers make vector code of the two loops: 4 ns, where const-hex takes 11 and hex 95, and
    /// a URL has two of them.
    #[inline(always)]
    pub fn of(bytes: &[u8; 32]) -> Self {
        let digit = |nibble: u8| nibble + b'0' + (u8::from(nibble > 9).wrapping_neg() & 39);
        let (mut high, mut low) = ([0; 32], [0; 32]);
        for at in 0..32 {
            high[at] = digit(bytes[at] >> 4);
            low[at] = digit(bytes[at] & 15);
        }
        let mut digits = [0; 64];
        for at in 0..32 {
            digits[2 * at] = high[at];
            digits[2 * at + 1] = low[at];
        }
        Self(digits)
    }

    /// The digits as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// `text` decoded; bytes that are no UTF-8 become U+FFFD, as Python's `unquote` does.
pub fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[inline(always)]
fn encoded_length(text: &str, changes: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes();
    if !any_changes(bytes, &changes) {
        return bytes.len();
    }
    bytes.len() + 2 * bytes.iter().filter(|byte| changes(**byte)).count()
}

/// `text` decoded; None where its bytes are no UTF-8.
pub fn decode_strictly(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// `text` decoded as a part of a query, where `+` stands for a space; None where its bytes are no
/// UTF-8.
pub fn decode_form(text: &str) -> Option<String> {
    decode_strictly(&text.replace('+', " "))
}

/// `text` decoded, whatever bytes that makes.
pub fn decode_bytes(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

fn push(out: &mut String, text: &str, escaped: &'static AsciiSet, changes: impl Fn(u8) -> bool) {
    if any_changes(text.as_bytes(), changes) {
        push_escaped(out, text, escaped);
    } else {
        out.push_str(text);
    }
}

#[cold]
fn push_escaped(out: &mut String, text: &str, escaped: &'static AsciiSet) {
    out.extend(utf8_percent_encode(text, escaped));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_in_a_query_value_becomes_percent_20() {
        assert_eq!(query("a b+c/d~e"), "a%20b%2Bc%2Fd~e");
    }

    #[test]
    fn slash_stays_in_a_path() {
        assert_eq!(path("dir/a b.txt"), "dir/a%20b.txt");
        assert_eq!(path("azAZ09-_.~/"), "azAZ09-_.~/");
    }

    #[test]
    fn text_beyond_ascii_is_encoded_as_utf8_in_upper_case() {
        assert_eq!(path("数据"), "%E6%95%B0%E6%8D%AE");
        assert_eq!(query("\0\u{7f}@[`{"), "%00%7F%40%5B%60%7B");
    }

    #[test]
    fn what_is_copied_unchanged_is_what_no_set_escapes() {
        for byte in 0..=127u8 {
            let text = "a".repeat(20) + &char::from(byte).to_string() + &"b".repeat(20);
            assert_eq!(query(&text), utf8_percent_encode(&text, QUERY).to_string());
            assert_eq!(path(&text), utf8_percent_encode(&text, PATH).to_string());
            assert_eq!(
                (query_length(&text), path_length(&text)),
                (query(&text).len(), path(&text).len())
            );
        }
    }

    #[test]
    fn every_byte_has_its_two_digits() {
        for byte in 0..=255 {
            assert_eq!(Hex::of(&[byte; 32]).as_str(), format!("{byte:02x}").repeat(32));
        }
    }

    #[test]
    fn decoding_undoes_encoding() {
        assert_eq!(decode(&query("a b/数\n%")), "a b/数\n%");
    }
}
