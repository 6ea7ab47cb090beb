//! Escapes of half a surrogate pair, which JSON allows and Unicode does not
//! (<https://www.rfc-editor.org/rfc/rfc8259#section-8.2>). JavaScript and Python write them of a
//! name that was cut within an emoji, or that its file system never had in Unicode.

/// What stands in their place. It is no character, so that hardly any text holds it by itself.
pub(super) const MARK: char = '\u{ffff}';

/// JSON with [`MARK`] for each half of a pair that is escaped alone, if there is one. All else
/// stays where it is, so that lines and columns are still true.
pub(super) fn marked(json: &str) -> Option<String> {
    let mut bytes = json.as_bytes().to_vec();
    let (mut at, mut is_marked) = (0, false);
    while let Some(escape) = find(&bytes, at) {
        let (this, next) = (unit(&bytes, escape), unit(&bytes, escape + 6));
        at = escape
            + match (this, next) {
                (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
                (Some(0xd800..=0xdfff), _) => {
                    bytes[escape + 2..escape + 6].copy_from_slice(b"ffff");
                    is_marked = true;
                    6
                }
                _ => 2,
            };
    }
    is_marked.then(|| String::from_utf8(bytes).ok()).flatten()
}

fn find(bytes: &[u8], from: usize) -> Option<usize> {
    let at = bytes.get(from..)?.iter().position(|byte| *byte == b'\\')?;
    Some(from + at)
}

/// The 16 bits that are escaped here, if any are.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..)?.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_halves_that_are_alone_are_marked() {
        for (json, expected) in [
            (r"\ud83d.jpg", r"\uffff.jpg"),
            (r"数\uDE00\n", r"数\uffff\n"),
            (r"\uD83D\uDE00\ud83d\ud83d\ude00", r"\uD83D\uDE00\uffff\ud83d\ude00"),
            (r"\ude00\ud83d", r"\uffff\uffff"),
            (r"\ud83d\\ude00", r"\uffff\\ude00"),
            (r"\\\ud83d", r"\\\uffff"),
        ] {
            assert_eq!(marked(json).as_deref(), Some(expected));
        }
        for json in ["", r"\", r"\数", r"\ud8", r"\\ud83d", r"\ud83d\ude00", r"\u00e9", r"\uffff"]
        {
            assert_eq!(marked(json), None, "{json}");
        }
    }
}
