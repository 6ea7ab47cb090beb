//! What a batch gives: the URLs of all rows in one buffer, as Arrow's large_string has them.

use super::OnError;
use super::buffer::Buffer;
use super::piece::Done;
use crate::error::Error;
use std::ops::Range;

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
    /// URLs that will be copied, and are gone then: up to 64 MiB of their memory stay with the process
    /// for the next call, of others up to 8 MiB.
    pub fn to_be_copied() -> Self {
        Self { data: Buffer::to_be_copied(), ..Self::default() }
    }

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

    /// Takes over what was written in pieces, in their order.
    pub(super) fn finish(&mut self, pieces: Vec<Done>, on_error: OnError) {
        self.errors.clear();
        let (mut row, mut end) = (0, 0);
        for mut piece in pieces {
            let gap = piece.start - end;
            if gap > 0 {
                self.data.copy_within(piece.start..piece.start + piece.written, end);
                let ends = &mut self.offsets[row + 1..][..piece.rows];
                ends.iter_mut().for_each(|end| *end -= gap as i64);
            }
            row += piece.rows;
            end += piece.written;
            self.errors.append(&mut piece.errors);
        }
        if on_error == OnError::Stop && !self.errors.is_empty() {
            self.offsets.truncate(1);
            end = 0;
        }
        self.data.truncate(end);
        self.set_validity();
    }

    /// Takes a piece out of each URL: the one that `find` finds in it.
    pub fn cut(&mut self, find: impl Fn(&[u8]) -> Option<Range<usize>>) {
        let (mut start, mut end) = (0, 0);
        for offset in &mut self.offsets[1..] {
            let next = *offset as usize;
            let cut = find(&self.data[start..next]).unwrap_or(0..0);
            self.data.copy_within(start..start + cut.start, end);
            self.data.copy_within(start + cut.end..next, end + cut.start);
            end += next - start - cut.len();
            (start, *offset) = (next, end as i64);
        }
        self.data.truncate(end);
    }

    /// No URL is empty, so that the offsets say which rows have none.
    fn set_validity(&mut self) {
        let is_null = |pair: &[i64]| pair[0] == pair[1];
        if !self.offsets.windows(2).any(is_null) {
            self.validity = None;
            return;
        }
        let mut bits = vec![0; self.len().div_ceil(8)];
        for (row, pair) in self.offsets.windows(2).enumerate() {
            bits[row / 8] |= u8::from(!is_null(pair)) << (row % 8);
        }
        self.validity = Some(bits);
    }
}
