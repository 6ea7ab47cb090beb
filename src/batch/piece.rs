//! A few thousand rows of a batch: measured first, then signed into room of just that size.

use super::group::{Group, Signer};
use super::template::Template;
use super::{Batch, Buffer, Null, OnError, Run, Varying};
use crate::error::Error;
use crate::lanes::{Isa, LANES};
use crate::operation::Place;
use crate::presign::is_key;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The rows of a piece: half a millisecond of signing at best, a few milliseconds at worst, and
/// URLs that the second-level cache has room for.
const ROWS: usize = 2048;

/// Below this many rows, a template costs more than it saves.
const FEW: usize = 6;

/// How the rows of a batch are signed.
pub(super) struct Plan<'a> {
    batch: &'a Batch<'a>,
    template: Option<Template>,
    /// Without a template: more than any URL has beside its values.
    longest: usize,
    isa: Isa,
    on_error: OnError,
    /// The first bad row known so far.
    first_bad: AtomicUsize,
}

/// Some rows, next to each other.
pub(super) struct Piece<'u> {
    rows: Range<usize>,
    /// First the length of each URL: 0 if there is none, and negative, and possibly too much, if the
    /// row is to be signed on its own. Then where it ends.
    ends: &'u mut [i64],
    /// The sum of the lengths.
    length: usize,
    /// Where the URLs go: from `start` of the whole buffer on.
    room: &'u mut [u8],
    start: usize,
    written: usize,
    errors: Vec<(usize, Error)>,
}

/// What is left of a piece in the end.
pub(super) struct Done {
    /// How many rows it has.
    pub(super) rows: usize,
    /// Where its URLs begin, and how many bytes they are.
    pub(super) start: usize,
    pub(super) written: usize,
    /// Its bad rows.
    pub(super) errors: Vec<(usize, Error)>,
}

/// Signs piece after piece.
pub(super) struct PieceSigner<'a> {
    plan: &'a Plan<'a>,
    signer: Option<Signer<'a>>,
    group: Group<'a>,
    texts: Vec<Texts<'a>>,
}

/// Of one column, sixteen rows.
type Texts<'a> = [Option<&'a str>; LANES];

impl<'u> Piece<'u> {
    /// All rows, a piece each.
    pub(super) fn cut(rows: Range<usize>, ends: &'u mut [i64]) -> Vec<Self> {
        let firsts = rows.step_by(ROWS);
        let piece = |(first, ends): (usize, &'u mut [i64])| Self {
            rows: first..first + ends.len(),
            ends,
            length: 0,
            room: &mut [],
            start: 0,
            written: 0,
            errors: Vec::new(),
        };
        firsts.zip(ends.chunks_mut(ROWS)).map(piece).collect()
    }

    /// Gives each the room that it needs.
    pub(super) fn give_room(pieces: &mut [Self], buffer: &'u mut Buffer) {
        let length = pieces.iter().map(|piece| piece.length).sum();
        let (mut room, mut start) = (buffer.reserve(length), 0);
        for piece in pieces {
            (piece.room, room) = room.split_at_mut(piece.length);
            piece.start = start;
            start += piece.length;
        }
    }

    pub(super) fn done(self) -> Done {
        let Self { start, written, errors, .. } = self;
        Done { rows: self.rows.len(), start, written, errors }
    }
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
        for (row, length) in piece.ends.iter_mut().enumerate() {
            if *length < 0 && self.template.is_some() {
                *length = self.measure_unusual(first + row, *length, &mut piece.errors);
            }
            piece.length += length.unsigned_abs() as usize;
        }
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

    pub(super) fn signer(&'a self) -> PieceSigner<'a> {
        let signer = |template| Signer::new(self.batch, template, self.isa);
        PieceSigner {
            plan: self,
            signer: self.template.as_ref().map(signer),
            group: Group::new(self.batch.columns.len()),
            texts: vec![[None; LANES]; self.batch.columns.len()],
        }
    }

    fn note(&self, row: usize, error: Error, errors: &mut Vec<(usize, Error)>) {
        errors.push((row, error));
        self.first_bad.fetch_min(row, Ordering::Relaxed);
    }

    /// Whether signing ends before this row.
    fn is_in_vain(&self, row: usize) -> bool {
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

    /// The value as the canonical request has it, before it is encoded.
    #[inline]
    fn trimmed<'t>(&self, text: &'t str) -> &'t str {
        match self.field.place {
            Place::Header(_) | Place::HeaderPrefix(_) => text.trim_matches([' ', '\t']),
            _ => text,
        }
    }
}

impl<'a> PieceSigner<'a> {
    /// Writes the URLs of a piece, and where they end.
    pub(super) fn sign(&mut self, piece: &mut Piece<'_>) {
        if self.plan.is_in_vain(piece.rows.start) {
            return;
        }
        for first in piece.rows.clone().step_by(LANES) {
            self.sign_some(first, piece);
        }
        self.flush(piece);
        piece.errors.sort_by_key(|(row, _)| *row);
    }

    /// Up to sixteen rows. Those that can be signed together may have to wait for others.
    fn sign_some(&mut self, first: usize, piece: &mut Piece<'_>) {
        let rows = LANES.min(piece.rows.end - first);
        for (varying, texts) in self.plan.batch.columns.iter().zip(&mut self.texts) {
            varying.column.read(first, &mut texts[..rows]);
        }
        let at = first - piece.rows.start;
        let all = piece.ends[at..].first_chunk_mut::<LANES>();
        if let Some(ends) = all.filter(|ends| ends.iter().fold(true, |all, end| all & (*end > 0)))
            && self.group.is_empty()
        {
            for (at, (varying, texts)) in
                self.plan.batch.columns.iter().zip(&self.texts).enumerate()
            {
                self.group.fill(at, |row| varying.trimmed(texts[row].unwrap_or_default()));
            }
            piece.written = self.group.place(piece.written, ends);
            ends.iter_mut().for_each(|end| *end += piece.start as i64);
            return self.flush(piece);
        }
        for row in 0..rows {
            let length = piece.ends[at + row];
            if length < 0 {
                self.sign_alone(first + row, piece);
            } else if length > 0 {
                self.enqueue(row, length as usize, piece);
            }
            piece.ends[at + row] = (piece.start + piece.written) as i64;
        }
    }

    fn enqueue(&mut self, row: usize, length: usize, piece: &mut Piece<'_>) {
        let columns = self.plan.batch.columns.iter().zip(&self.texts);
        let values =
            columns.map(|(varying, texts)| varying.trimmed(texts[row].unwrap_or_default()));
        self.group.push(piece.written..piece.written + length, values);
        piece.written += length;
        if self.group.is_full() {
            self.flush(piece);
        }
    }

    fn flush(&mut self, piece: &mut Piece<'_>) {
        if let Some(signer) = &mut self.signer {
            signer.sign(&mut self.group, piece.room);
        }
    }

    fn sign_alone(&self, row: usize, piece: &mut Piece<'_>) {
        match self.plan.batch.url(row) {
            Ok(url) => {
                let url = url.unwrap_or_default();
                piece.room[piece.written..][..url.len()].copy_from_slice(url.as_bytes());
                piece.written += url.len();
            }
            Err(error) => self.plan.note(row, error, &mut piece.errors),
        }
    }
}
