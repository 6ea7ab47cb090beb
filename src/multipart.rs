//! Uploads in parts: how a file is cut, and the text that makes one object of its parts
//! (<https://help.aliyun.com/en/oss/user-guide/multipart-upload>).

mod body;

pub use body::{Sent, Strictness, complete_body};

use crate::error::{Error, Result};

/// The fewest bytes of a part that is not the last one: 100 KB.
pub const LEAST_PART: u64 = 100 * 1024;
/// The most bytes of a part: 5 GB.
pub const MOST_PART: u64 = 5 << 30;
/// The most parts of an upload.
pub const MOST_PARTS: u64 = 10_000;
/// The most bytes of an upload: 48.8 TB, which are as many parts as there can be, of the largest size.
pub const MOST_BYTES: u64 = MOST_PARTS * MOST_PART;

/// The parts that a file gets where nobody says how large they are: not smaller than this.
const USUAL_PART: u64 = 8 << 20;
/// And not more than so many, as long as they need not be larger than OSS allows.
const USUAL_PARTS: u64 = 5_000;

/// A file cut into parts of one size, but for the last, which has the rest.
///
/// An empty file has one part, which is empty: OSS completes no upload without any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    size: u64,
    part_size: u64,
}

/// One part: which one it is, and where it lies in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 1 on.
    pub number: u32,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
}

impl Cut {
    /// Cuts `size` bytes into parts of `part_size` bytes; without one, of 8 MB, and of twice that, and
    /// so on, where there would be more than 5,000.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for a size or a part size beyond what OSS takes, and for more than
    /// 10,000 parts.
    ///
    /// ```
    /// use ossign::multipart::Cut;
    ///
    /// let cut = Cut::new(250_000, Some(102_400))?;
    /// let lengths: Vec<_> = cut.parts().map(|part| part.length).collect();
    /// assert_eq!(lengths, [102_400, 102_400, 45_200]);
    /// # Ok::<(), ossign::error::Error>(())
    /// ```
    pub fn new(size: u64, part_size: Option<u64>) -> Result<Self> {
        if size > MOST_BYTES {
            return Err(Self::wrong_size(&size.to_string()));
        }
        let cut = Self { size, part_size: part_size.unwrap_or_else(|| usual(size)) };
        if !(LEAST_PART..=MOST_PART).contains(&cut.part_size) {
            return Err(Self::wrong_part_size(&cut.part_size.to_string()));
        }
        if cut.wanted() > MOST_PARTS {
            let value = cut.part_size.to_string();
            let rule = "makes more than 10000 parts; leave it out for one that does not";
            return Err(Error::invalid("part_size", &value, rule));
        }
        Ok(cut)
    }

    /// The error of a size that no upload can have.
    pub fn wrong_size(value: &str) -> Error {
        Error::invalid("size", value, "must be from 0 to 53687091200000 bytes (48.8 TB)")
    }

    /// The error of a size that no part can have.
    pub fn wrong_part_size(value: &str) -> Error {
        let rule = "must be from 102400 (100 KB) to 5368709120 bytes (5 GB)";
        Error::invalid("part_size", value, rule)
    }

    /// The bytes of the file.
    pub fn size(self) -> u64 {
        self.size
    }

    /// The bytes of each part but the last.
    pub fn part_size(self) -> u64 {
        self.part_size
    }

    /// How many parts there are; at least one.
    pub fn count(self) -> u32 {
        // No more than 10,000, as `new` has seen to.
        self.wanted() as u32
    }

    /// The part of this number, if there is one.
    pub fn part(self, number: u32) -> Option<Part> {
        let offset = u64::from(number.checked_sub(1)?) * self.part_size;
        let is_one = number <= self.count();
        is_one.then(|| Part { number, offset, length: self.part_size.min(self.size - offset) })
    }

    /// All parts, in their order.
    pub fn parts(self) -> impl Iterator<Item = Part> {
        (1..=self.count()).filter_map(move |number| self.part(number))
    }

    fn wanted(self) -> u64 {
        self.size.div_ceil(self.part_size).max(1)
    }
}

fn usual(size: u64) -> u64 {
    let mut part_size = USUAL_PART;
    while size.div_ceil(part_size) > USUAL_PARTS {
        part_size *= 2;
    }
    part_size.min(MOST_PART)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(size: u64, part_size: Option<u64>) -> Result<(u64, u32, u64)> {
        let cut = Cut::new(size, part_size)?;
        let last = cut.part(cut.count()).unwrap();
        Ok((cut.part_size(), cut.count(), last.length))
    }

    #[test]
    fn the_edges_are_those_of_oss() {
        let least = Some(LEAST_PART);
        assert_eq!(shape(0, None), Ok((USUAL_PART, 1, 0)));
        assert_eq!(shape(0, least), Ok((LEAST_PART, 1, 0)));
        assert_eq!(shape(1, least), Ok((LEAST_PART, 1, 1)));
        assert_eq!(shape(LEAST_PART, least), Ok((LEAST_PART, 1, LEAST_PART)));
        assert_eq!(shape(LEAST_PART + 1, least), Ok((LEAST_PART, 2, 1)));
        let full = LEAST_PART * MOST_PARTS;
        assert_eq!(shape(full, least), Ok((LEAST_PART, 10_000, LEAST_PART)));
        assert_eq!(shape(full - LEAST_PART, least), Ok((LEAST_PART, 9_999, LEAST_PART)));
        assert_eq!(shape(MOST_BYTES, Some(MOST_PART)), Ok((MOST_PART, 10_000, MOST_PART)));
        assert_eq!(shape(MOST_BYTES, None), Ok((MOST_PART, 10_000, MOST_PART)));
        let message = |size, part_size| shape(size, part_size).unwrap_err().to_string();
        assert!(message(full + 1, least).contains("part_size: '102400' makes more than 10000"));
        assert!(message(1, Some(LEAST_PART - 1)).contains("part_size: '102399' must be from"));
        assert!(message(1, Some(MOST_PART + 1)).contains("part_size: '5368709121' must be"));
        assert!(message(1, Some(0)).contains("part_size: '0' must be from"));
        assert!(message(MOST_BYTES + 1, None).contains("size: '53687091200001' must be from 0"));
    }

    #[test]
    fn the_usual_part_grows_with_the_file() {
        let sizes = [1 << 20, 39 << 30, 40 << 30, 1 << 40, 10 << 40, 24 << 40];
        let parts = sizes.map(|size| usual(size) >> 20);
        assert_eq!(parts, [8, 8, 16, 256, 4096, 5120]);
    }

    #[test]
    fn there_is_no_part_before_the_first_and_none_behind_the_last() {
        let cut = Cut::new(LEAST_PART + 5, Some(LEAST_PART)).unwrap();
        assert_eq!(cut.part(0), None);
        assert_eq!(cut.part(2), Some(Part { number: 2, offset: LEAST_PART, length: 5 }));
        assert_eq!([cut.part(3), cut.part(u32::MAX)], [None; 2]);
    }

    proptest! {
        #[test]
        fn parts_lie_side_by_side_from_the_first_byte_to_the_last(
            size in prop_oneof![0..=MOST_BYTES, 0..=10 * LEAST_PART],
            part_size in proptest::option::of(prop_oneof![
                LEAST_PART..=MOST_PART, LEAST_PART..=2 * LEAST_PART
            ]),
        ) {
            let Ok(cut) = Cut::new(size, part_size) else {
                prop_assert!(size.div_ceil(part_size.unwrap()) > MOST_PARTS);
                return Ok(());
            };
            let mut end = 0;
            for part in cut.parts() {
                prop_assert_eq!(part.offset, end);
                end += part.length;
                let is_last = part.number == cut.count();
                prop_assert!(is_last || part.length == cut.part_size());
                prop_assert!(part.length > 0 || size == 0);
            }
            prop_assert_eq!(end, size);
            prop_assert!((1..=10_000).contains(&cut.count()));
        }
    }
}
