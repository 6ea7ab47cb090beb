//! How the rows of a batch are signed, and how long their URLs will be.

use super::piece::Piece;
use super::template::Template;
use super::{Batch, Null, OnError, Run, Varying};
use crate::error::Error;
use crate::lanes::{Isa, LANES};
use crate::operation::Place;
use crate::presign::is_key;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Below this many rows, a template costs more than it saves.
const FEW: usize = 6;

/// How the rows of a batch are signed.
pub(super) struct Plan<'a> {
    pub(super) batch: &'a Batch<'a>,
    pub(super) template: Option<Template>,
    /// Without a template: more than any URL has beside its values.
    longest: usize,
    pub(super) isa: Isa,
    on_error: OnError,
    /// The first bad row known so far.
    first_bad: AtomicUsize,
}

impl<'a> Plan<'a> {
    pub(super) fn new(batch: &'a Batch<'a>, rows: usize, run: &Run<'_>) -> Self {
        let template = if rows < FEW { None } else { Template::of(batch) };
        let longest = if template.is_some() { 0 } else { batch.longest() };
        let first_bad = AtomicUsize::new(usize::MAX);
        Self { batch, template, longest, isa: run.isa, on_error: run.on_error, first_bad }
    }

    /// Notes the length of each URL of a piece.
    pub(super) fn measure(&self, piece: &mut Piece<'_>) {
        let first = piece.rows.start;
        if self.is_in_vain(first) {
            return;
        }
        let fixed = match &self.template {
            Some(template) => template.url.length as i64,
            None => -(self.longest as i64),
        };
        piece.ends.fill(fixed);
        for (at, varying) in self.batch.columns.iter().enumerate() {
            let is_in_url = self.template.as_ref().is_none_or(|t| t.url.holes.contains(&at));
            varying.measure(is_in_url, self.isa, first, piece.ends);
        }
        let mut sum = 0;
        for (row, length) in piece.ends.iter_mut().enumerate() {
            if *length < 0 && self.template.is_some() {
                *length = self.measure_unusual(first + row, *length, &mut piece.errors);
            }
            sum += length.unsigned_abs() as usize;
        }
        piece.length = sum;
    }

    /// The length of a row whose values are not all usual ones: where that can mean an error, and
    /// not only a value left out, the row is signed for once, to be sure.
    fn measure_unusual(&self, row: usize, length: i64, errors: &mut Vec<(usize, Error)>) -> i64 {
        let texts = self.batch.columns.iter().map(|varying| (varying, varying.column.get(row)));
        if texts.into_iter().all(|(varying, text)| text.is_none_or(|text| varying.is_usual(text))) {
            return length;
        }
        match self.batch.url(row) {
            Ok(url) => -(url.map_or(0, |url| url.len()) as i64),
            Err(error) => {
                self.note(row, error, errors);
                0
            }
        }
    }

    pub(super) fn note(&self, row: usize, error: Error, errors: &mut Vec<(usize, Error)>) {
        errors.push((row, error));
        self.first_bad.fetch_min(row, Ordering::Relaxed);
    }

    /// Whether signing ends before this row.
    pub(super) fn is_in_vain(&self, row: usize) -> bool {
        self.on_error == OnError::Stop && self.first_bad.load(Ordering::Relaxed) < row
    }
}

impl Varying<'_> {
    /// Adds the length of each value to that of its row, as [`Piece::ends`] has it.
    fn measure(&self, is_in_url: bool, isa: Isa, first: usize, lengths: &mut [i64]) {
        let mut texts = [None; LANES];
        for (at, lengths) in lengths.chunks_mut(LANES).enumerate() {
            self.column.read(first + at * LANES, &mut texts[..lengths.len()]);
            // A loop of its own for what most columns are.
            if self.field.place == Place::Key {
                let own = isa.path_lengths(&texts);
                self.add_lengths(lengths, &texts, |row, text| (own[row], is_key(text)));
            } else {
                let length = |text: &str| if is_in_url { self.encoded_length(text) } else { 0 };
                self.add_lengths(lengths, &texts, |_, text| (length(text), self.is_usual(text)));
            }
        }
    }

    #[inline(always)]
    fn add_lengths(
        &self,
        lengths: &mut [i64],
        texts: &[Option<&str>; LANES],
        weigh: impl Fn(usize, &str) -> (usize, bool),
    ) {
        for (row, (length, text)) in lengths.iter_mut().zip(texts).enumerate() {
            *length = match text {
                _ if *length == 0 => 0,
                None if self.null == Null::NoUrl => 0,
                None => -length.abs(),
                Some(text) => match weigh(row, text) {
                    (own, true) if *length > 0 => *length + own as i64,
                    (own, _) => -(length.abs() + own as i64),
                },
            };
        }
    }
}
