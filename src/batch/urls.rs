//! What a batch gives: the URLs of all rows in one buffer, as Arrow's large_string has them.

use crate::error::Error;
use std::ops::Deref;

/// The URLs of the rows of a batch.
#[derive(Debug)]
pub struct Urls {
    /// The URLs, one behind the other: UTF-8, and ASCII unless the host is not.
    pub data: Buffer,
    /// Where each begins in `data`, and the end of the last: one more than there are rows.
    pub offsets: Vec<i64>,
    /// One bit per row, lowest first, set where there is a URL; none where all rows have one.
    pub validity: Option<Vec<u8>>,
    /// The rows that no URL can be made for, as numbers of the columns' rows, in their order.
    pub errors: Vec<(usize, Error)>,
}

impl Default for Urls {
    fn default() -> Self {
        Self { data: Buffer::default(), offsets: vec![0], validity: None, errors: Vec::new() }
    }
}

impl Urls {
    /// How many rows there are, with and without a URL.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The URL of a row, counted from the first of these.
    pub fn get(&self, row: usize) -> Option<&str> {
        let (start, end) = (self.offsets[row] as usize, self.offsets[row + 1] as usize);
        if start == end {
            return None;
        }
        std::str::from_utf8(&self.data[start..end]).ok()
    }

    pub(super) fn clear(&mut self) {
        self.data.0.clear();
        self.offsets.clear();
        self.offsets.push(0);
        self.validity = None;
        self.errors.clear();
    }

    pub(super) fn push(&mut self, url: Option<&str>) {
        let row = self.len();
        self.data.0.extend_from_slice(url.unwrap_or_default().as_bytes());
        self.offsets.push(self.data.0.len() as i64);
        if url.is_none() && self.validity.is_none() {
            let mut bits = vec![0xff; row / 8];
            bits.extend((!row.is_multiple_of(8)).then_some((1 << (row % 8)) - 1));
            self.validity = Some(bits);
        }
        if let Some(bits) = &mut self.validity {
            if row.is_multiple_of(8) {
                bits.push(0);
            }
            if let Some(last) = bits.last_mut() {
                *last |= u8::from(url.is_some()) << (row % 8);
            }
        }
    }
}

/// Bytes in memory of their own, which may be a mapping of huge pages.
#[derive(Debug, Default)]
pub struct Buffer(Vec<u8>);

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
