//! What all rows of a batch have in common: URL and canonical request around the values that vary.

use super::Batch;
use crate::crypto::Midstate;
use crate::lanes::{Block, Seal};
use crate::session::Session;
use crate::v4;

/// The digits of a signature, which end every URL.
pub(super) const SIGNATURE: usize = 64;
/// As much padding as a message can need behind its text.
const PADDING: usize = 72;

/// The texts of a batch that version 4 signs, for rows whose values are usual ones.
pub(super) struct Template {
    /// Ends in room for the signature.
    pub(super) url: Text,
    /// Begins after what `start` has absorbed, and ends in padding.
    canonical: Text,
    pub(super) start: Midstate,
    pub(super) seal: Seal,
}

/// A text with holes for the values of columns.
#[derive(PartialEq, Eq)]
pub(super) struct Text {
    /// What stands before, between and behind the holes.
    fixed: Vec<Vec<u8>>,
    /// The column of each hole.
    pub(super) holes: Vec<usize>,
    /// The length of all that is fixed.
    pub(super) length: usize,
}

impl Template {
    /// None where rows differ in more than values: then each is signed on its own.
    ///
    /// The texts are made twice, with marks of two kinds for values, and must fall into the same
    /// parts: so it does not matter what else is in them.
    pub(super) fn of(batch: &Batch<'_>) -> Option<Self> {
        let Some(Session::V4(session)) = batch.session else { return None };
        let [(mut url, mut canonical), again] =
            [marked(batch, session, "q7slot")?, marked(batch, session, "z3hole")?];
        if (&url, &canonical) != (&again.0, &again.1) {
            return None;
        }
        url.append(&[0; SIGNATURE]);
        let start = canonical.absorb();
        canonical.append(&[0x80]);
        canonical.append(&[0; PADDING - 1]);
        canonical.length -= PADDING;
        Some(Self { url, canonical, start, seal: session.seal().clone() })
    }

    /// Writes the padded canonical request, without what [`Template::start`] has absorbed.
    pub(super) fn write_message(&self, values: &[&[u8]], message: &mut Vec<Block>) {
        let length = self.canonical.length_with(values);
        message.resize((length + 9).div_ceil(64), [0; 64]);
        let text = message.as_flattened_mut();
        self.canonical.write(values, text);
        if let Some(end) = text.last_chunk_mut() {
            *end = (8 * (self.start.absorbed() + length as u64)).to_be_bytes();
        }
    }

    /// Where each hole of the canonical request begins, behind what is absorbed.
    pub(super) fn message_places(&self, values: &[&[u8]]) -> Vec<(usize, usize)> {
        self.canonical.places(values)
    }
}

/// URL, without its signature, and canonical request of a row whose values are marks.
fn marked(batch: &Batch<'_>, session: &v4::Session, mark: &str) -> Option<(Text, Text)> {
    let target = batch.target;
    let marks: Vec<_> = (0..batch.columns.len()).map(|at| format!("{mark}{at:02}")).collect();
    let mut request = batch.request(marks.iter().map(|mark| Some(mark.as_str())));
    target.prepare(&mut request).ok()?;
    target.check_signed(&request).ok()?;
    let mut url = String::new();
    let key_start = target.push_location(&request, &mut url).ok()?;
    let host = target.signed_host(&request).ok()?;
    let additional = &target.additional_headers;
    let subject = v4::Subject { request: &request, key_start, additional, host: &host };
    let canonical = v4::sign_any_url(session, &subject, batch.window.seconds(), &mut url);
    url.truncate(url.len() - SIGNATURE);
    Some((Text::split(&url, mark)?, Text::split(&canonical, mark)?))
}

impl Text {
    fn split(text: &str, mark: &str) -> Option<Self> {
        let mut parts = text.split(mark);
        let mut fixed = vec![parts.next()?.as_bytes().to_vec()];
        let mut holes = Vec::new();
        for part in parts {
            holes.push(part.get(..2)?.parse().ok()?);
            fixed.push(part.as_bytes()[2..].to_vec());
        }
        let length = fixed.iter().map(Vec::len).sum();
        Some(Self { fixed, holes, length })
    }

    fn append(&mut self, bytes: &[u8]) {
        if let Some(last) = self.fixed.last_mut() {
            last.extend_from_slice(bytes);
            self.length += bytes.len();
        }
    }

    /// Takes the whole blocks before the first hole away.
    fn absorb(&mut self) -> Midstate {
        let (state, rest) = Midstate::START.absorb(&self.fixed[0]);
        let rest = rest.to_vec();
        self.length -= self.fixed[0].len() - rest.len();
        self.fixed[0] = rest;
        state
    }

    pub(super) fn length_with(&self, values: &[&[u8]]) -> usize {
        self.length + self.holes.iter().map(|column| values[*column].len()).sum::<usize>()
    }

    /// Writes as much of the text as there is room for.
    pub(super) fn write(&self, values: &[&[u8]], mut room: &mut [u8]) {
        for (fixed, column) in self.fixed.iter().zip(&self.holes) {
            put(&mut room, fixed);
            put(&mut room, values[*column]);
        }
        if let Some(last) = self.fixed.last() {
            let length = room.len().min(last.len());
            put(&mut room, &last[..length]);
        }
    }

    /// The column of each hole, and where it begins.
    pub(super) fn places(&self, values: &[&[u8]]) -> Vec<(usize, usize)> {
        let mut at = 0;
        let place = |(fixed, column): (&Vec<u8>, &usize)| {
            let start = at + fixed.len();
            at = start + values[*column].len();
            (*column, start)
        };
        self.fixed.iter().zip(&self.holes).map(place).collect()
    }
}

fn put(room: &mut &mut [u8], bytes: &[u8]) {
    let (place, rest) = std::mem::take(room).split_at_mut(bytes.len());
    place.copy_from_slice(bytes);
    *room = rest;
}
