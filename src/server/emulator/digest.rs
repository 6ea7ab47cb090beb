//! MD5 and CRC-64 of what passes by, as OSS answers them.

use base64::{Engine, engine::general_purpose::STANDARD};
use crc::{CRC_64_XZ, Crc, Table};
use md5::{Digest, Md5};

/// The polynomial of ECMA-182, reflected, as `x-oss-hash-crc64ecma` has it
/// (<https://help.aliyun.com/en/oss/developer-reference/check-data-transmission-integrity-by-using-crc-64>).
static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// Both digests while bytes still come.
#[derive(Clone)]
pub(super) struct Digests {
    md5: Md5,
    crc: crc::Digest<'static, u64, Table<16>>,
}

/// Both digests of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digested {
    /// The MD5.
    pub(super) md5: [u8; 16],
    /// The CRC-64.
    pub(super) crc64: u64,
}

impl Digests {
    pub(super) fn new() -> Self {
        Self { md5: Md5::new(), crc: CRC.digest() }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.crc.update(bytes);
    }

    pub(super) fn finish(self) -> Digested {
        Digested { md5: self.md5.finalize().into(), crc64: self.crc.finalize() }
    }
}

impl Digested {
    /// The ETag of an object that was uploaded in one piece, without its quotes.
    pub(super) fn etag(&self) -> String {
        upper_hex(&self.md5)
    }

    /// The value of Content-MD5.
    pub(super) fn content_md5(&self) -> String {
        STANDARD.encode(self.md5)
    }
}

/// The ETag of an object made of parts, from theirs: a digest of digests, and how many there were.
///
/// OSS says only that it is no MD5 of the object; its real ones have this shape.
pub(super) fn etag_of_parts(etags: &[&str]) -> String {
    let mut md5 = Md5::new();
    etags.iter().for_each(|etag| md5.update(etag.as_bytes()));
    format!("{}-{}", upper_hex(&md5.finalize()), etags.len())
}

/// Upper-case hexadecimal digits.
pub(super) fn upper_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_published_check_values() {
        let mut digests = Digests::new();
        digests.update(b"1234");
        digests.update(b"56789");
        let digested = digests.finish();
        assert_eq!(digested.crc64, 0x995d_c9bb_df19_39fa);
        assert_eq!(digested.etag(), "25F9E794323B453885F5181F1B624D0B");
        assert_eq!(digested.content_md5(), "JfnnlDI7RTiF9RgfG2JNCw==");
    }
}
