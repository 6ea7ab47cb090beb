//! A few thousand rows of a batch: measured first, then signed into room of just that size.

use super::group::{Group, Signer};
use super::plan::Plan;
use super::{Buffer, Varying};
use crate::error::Error;
use crate::lanes::LANES;
use crate::operation::Place;
use std::ops::Range;

/// The rows of a piece: half a millisecond of signing at best, a few milliseconds at worst, and
/// URLs that the second-level cache has room for.
const ROWS: usize = 2048;

/// Some rows, next to each other.
pub(super) struct Piece<'u> {
    pub(super) rows: Range<usize>,
    /// First the length of each URL: 0 if there is none, and negative, and possibly too much, if the
    /// row is to be signed on its own. Then where it ends.
    pub(super) ends: &'u mut [i64],
    /// The sum of the lengths.
    pub(super) length: usize,
    /// Where the URLs go: from `start` of the whole buffer on.
    room: &'u mut [u8],
    start: usize,
    written: usize,
    pub(super) errors: Vec<(usize, Error)>,
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

impl Varying<'_> {
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
    pub(super) fn new(plan: &'a Plan<'a>) -> Self {
        let signer = |template| Signer::new(plan.batch, template, plan.isa);
        let columns = plan.batch.columns.len();
        Self {
            plan,
            signer: plan.template.as_ref().map(signer),
            group: Group::new(columns),
            texts: vec![[None; LANES]; columns],
        }
    }

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
