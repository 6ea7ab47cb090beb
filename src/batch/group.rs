//! Sixteen rows that differ in nothing but values, written and signed together.

use super::Batch;
use super::template::{SIGNATURE, Template};
use crate::lanes::{Block, Isa, LANES, Messages, Shared};
use smallvec::SmallVec;
use std::ops::Range;

/// Below this many rows, sixteen lanes cost more than hashing the rows one by one.
const FEW: usize = 6;

/// Rows that wait for their signature.
pub(super) struct Group<'a> {
    rows: usize,
    /// Where their URLs go.
    places: [Range<usize>; LANES],
    /// Of each column, their values.
    texts: Vec<[&'a str; LANES]>,
}

/// Signs group after group in the same buffers.
pub(super) struct Signer<'a> {
    batch: &'a Batch<'a>,
    template: &'a Template,
    isa: Isa,
    messages: [Vec<Block>; LANES],
    shared: Shared,
    encoded: String,
    blank: Option<Blank>,
}

/// What stands ready for rows whose values have certain lengths; `messages` and `shared` then do
/// too, with blanks for values.
struct Blank {
    lengths: Vec<usize>,
    /// Sixteen URLs.
    urls: Vec<u8>,
    /// The column of each hole, and where it begins.
    in_url: Vec<(usize, usize)>,
    in_message: Vec<(usize, usize)>,
}

impl<'a> Group<'a> {
    pub(super) fn new(columns: usize) -> Self {
        let places = [const { 0..0 }; LANES];
        Self { rows: 0, places, texts: vec![[""; LANES]; columns] }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows == LANES
    }

    pub(super) fn push(&mut self, place: Range<usize>, values: impl Iterator<Item = &'a str>) {
        let row = self.rows;
        for (texts, value) in self.texts.iter_mut().zip(values) {
            texts[row] = value;
        }
        self.places[row] = place;
        self.rows += 1;
    }

    /// Sixteen values of a column, for a group that is empty.
    #[inline]
    pub(super) fn fill(&mut self, column: usize, value: impl Fn(usize) -> &'a str) {
        for (row, text) in self.texts[column].iter_mut().enumerate() {
            *text = value(row);
        }
    }

    /// Takes sixteen rows with URLs side by side from `start` on; makes ends of their lengths.
    #[inline]
    pub(super) fn place(&mut self, start: usize, lengths: &mut [i64; LANES]) -> usize {
        let mut end = start;
        for (place, length) in self.places.iter_mut().zip(lengths) {
            let start = end;
            end += *length as usize;
            (*place, *length) = (start..end, end as i64);
        }
        self.rows = LANES;
        end
    }

    /// Whether the URLs stand side by side and have no escapes, and each column one length.
    fn is_even(&self, template: &Template) -> bool {
        let rows = self.rows;
        let lengths: usize = template.url.holes.iter().map(|at| self.texts[*at][0].len()).sum();
        let (length, start) = (template.url.length + lengths, self.places[0].start);
        let in_line = |(row, place): (usize, &Range<usize>)| {
            (place.start == start + row * length) & (place.len() == length)
        };
        self.places[..rows].iter().enumerate().fold(true, |all, place| all & in_line(place))
            && self.texts.iter().all(|texts| {
                let length = texts[0].len();
                texts[..rows].iter().fold(true, |all, text| all & (text.len() == length))
            })
    }
}

impl<'a> Signer<'a> {
    pub(super) fn new(batch: &'a Batch<'a>, template: &'a Template, isa: Isa) -> Self {
        Self {
            batch,
            template,
            isa,
            messages: Default::default(),
            shared: Shared::default(),
            encoded: String::new(),
            blank: None,
        }
    }

    /// Writes the URLs of a group, which is empty then.
    pub(super) fn sign(&mut self, group: &mut Group<'a>, room: &mut [u8]) {
        let rows = group.rows;
        if rows == 0 {
            return;
        }
        if rows >= FEW && group.is_even(self.template) {
            self.write_even(group, room);
        } else {
            self.write_uneven(group, room);
        }
        let (start, end) = (group.places[0].start, group.places[rows - 1].end);
        let next = &room[end..room.len().min(2 * end - start)];
        let own = &self.messages[..rows];
        let messages = Messages { start: &self.template.start, own, shared: &self.shared, next };
        let isa = match self.isa {
            Isa::Avx512 if rows < FEW => Isa::ShaNi,
            isa => isa,
        };
        let signatures = isa.sign(&messages, &self.template.seal);
        for (place, signature) in group.places[..rows].iter().zip(&signatures) {
            room[place.end - SIGNATURE..place.end].copy_from_slice(signature);
        }
        group.rows = 0;
    }

    fn write_uneven(&mut self, group: &Group<'a>, room: &mut [u8]) {
        if self.blank.take().is_some() {
            self.shared.set(&[]);
        }
        for (row, place) in group.places[..group.rows].iter().enumerate() {
            let texts = group.texts.iter().map(|texts| texts[row]);
            let (batch, template) = (self.batch, self.template);
            let values = encode(batch, template, place.len(), texts, &mut self.encoded);
            self.template.url.write(&values, &mut room[place.clone()]);
            self.template.write_message(&values, &mut self.messages[row]);
        }
    }

    /// Values of one length: only they are written, all else of a URL and of a message is there.
    fn write_even(&mut self, group: &Group<'a>, room: &mut [u8]) {
        let lengths = group.texts.iter().map(|texts| texts[0].len());
        if !self
            .blank
            .as_ref()
            .is_some_and(|blank| lengths.clone().eq(blank.lengths.iter().copied()))
        {
            self.prepare(lengths.collect());
        }
        let Some(blank) = &self.blank else { return };
        let rows = group.rows;
        // Messages first: the long copies of the URLs then sink into memory while these are hashed.
        for (column, at) in &blank.in_message {
            for (text, message) in group.texts[*column][..rows].iter().zip(&mut self.messages) {
                let place = &mut message.as_flattened_mut()[*at..][..text.len()];
                copy(place, text.as_bytes());
            }
        }
        let length = blank.urls.len() / LANES;
        let room = &mut room[group.places[0].start..][..rows * length];
        room.copy_from_slice(&blank.urls[..rows * length]);
        for (column, at) in &blank.in_url {
            for (text, url) in group.texts[*column].iter().zip(room.chunks_exact_mut(length)) {
                copy(&mut url[*at..][..text.len()], text.as_bytes());
            }
        }
    }

    /// All that follows the block in which the last value ends is common to all messages.
    fn prepare(&mut self, lengths: Vec<usize>) {
        let blanks: Vec<_> = lengths.iter().map(|length| vec![b'-'; *length]).collect();
        let values: Vec<_> = blanks.iter().map(Vec::as_slice).collect();
        let mut url = vec![0; self.template.url.length_with(&values)];
        self.template.url.write(&values, &mut url);
        let mut message = Vec::new();
        self.template.write_message(&values, &mut message);
        let in_message = self.template.message_places(&values);
        let end = in_message.last().map_or(0, |(column, at)| at + lengths[*column]);
        let (own, shared) = message.split_at(end.div_ceil(64));
        self.messages.fill(own.to_vec());
        self.shared.set(shared);
        let in_url = self.template.url.places(&values);
        self.blank = Some(Blank { lengths, urls: url.repeat(LANES), in_url, in_message });
    }
}

/// As `copy_from_slice`, which costs a call: for the lengths that most keys have, two halves that
/// may overlap are copied in place.
#[inline(always)]
fn copy(place: &mut [u8], text: &[u8]) {
    #[inline(always)]
    fn in_halves<const N: usize>(place: &mut [u8], text: &[u8]) {
        if let (Some(first), Some(last)) = (text.first_chunk::<N>(), text.last_chunk::<N>()) {
            if let Some(place) = place.first_chunk_mut() {
                *place = *first;
            }
            if let Some(place) = place.last_chunk_mut() {
                *place = *last;
            }
        }
    }
    match text.len() {
        16..=32 => in_halves::<16>(place, text),
        33..=64 => in_halves::<32>(place, text),
        65..=128 => in_halves::<64>(place, text),
        _ => place.copy_from_slice(text),
    }
}

/// The values of a row as they stand in the texts; `length` is that of its URL.
fn encode<'t>(
    batch: &Batch<'_>,
    template: &Template,
    length: usize,
    texts: impl Iterator<Item = &'t str> + Clone,
    encoded: &'t mut String,
) -> SmallVec<[&'t [u8]; 4]> {
    let plain: SmallVec<[&[u8]; 4]> = texts.clone().map(str::as_bytes).collect();
    if template.url.length_with(&plain) == length {
        return plain;
    }
    encoded.clear();
    let mut ends: SmallVec<[usize; 4]> = SmallVec::new();
    for (varying, text) in batch.columns.iter().zip(texts) {
        varying.push_encoded(text, encoded);
        ends.push(encoded.len());
    }
    let mut start = 0;
    let bytes = encoded.as_bytes();
    ends.iter().map(|end| &bytes[std::mem::replace(&mut start, *end)..*end]).collect()
}
