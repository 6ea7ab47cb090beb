//! The text of each row, copied out of Python's objects into one string.

use crate::batch::Column;

/// A column of texts. Costs eight bytes per row beside the texts themselves.
#[derive(Default)]
pub(super) struct Texts {
    text: String,
    /// Twice the end of each row's text, plus one where the row is null.
    ends: Vec<usize>,
    /// How many rows are expected.
    rows: usize,
}

impl Texts {
    /// An empty column with room for so many rows.
    pub(super) fn with_room(rows: usize) -> Self {
        Self { text: String::new(), ends: Vec::with_capacity(rows), rows }
    }

    /// Adds a row, `None` for a null.
    pub(super) fn push(&mut self, text: Option<&str>) {
        let (is_null, text) = (text.is_none(), text.unwrap_or_default());
        if self.text.capacity() - self.text.len() < text.len() {
            self.grow();
        }
        self.text.push_str(text);
        self.ends.push(self.text.len() << 1 | usize::from(is_null));
    }

    /// Makes room for the rows that are still to come, if they are as long as those that are there: a
    /// text that doubles its room is copied each time.
    #[cold]
    fn grow(&mut self) {
        const ENOUGH_TO_GUESS: usize = 64;
        // The first rows may be far longer than the others.
        const MOST: usize = 32 << 20;
        let there = self.ends.len();
        if there >= ENOUGH_TO_GUESS {
            let to_come = (self.text.len() / there).saturating_mul(self.rows.saturating_sub(there));
            self.text.reserve(MOST.min(to_come + to_come / 16));
        }
    }

    /// Adds nulls, up to so many rows.
    pub(super) fn fill(&mut self, rows: usize) {
        if self.ends.len() < rows {
            self.ends.resize(rows, self.text.len() << 1 | 1);
        }
    }
}

impl Column for Texts {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, row: usize) -> Option<&str> {
        let end = self.ends[row];
        let start = if row == 0 { 0 } else { self.ends[row - 1] >> 1 };
        (end & 1 == 0).then(|| &self.text[start..end >> 1])
    }
}

/// One text for all rows, but for those that are to have no URL.
pub(super) struct Masked<C> {
    inner: C,
    /// Whether a row is to have no URL.
    bad: Vec<bool>,
}

impl<C> Masked<C> {
    /// `inner`, with nulls in the rows of `bad`.
    pub(super) fn new(inner: C, rows: usize, bad: impl Iterator<Item = usize>) -> Self {
        let mut mask = vec![false; rows];
        bad.for_each(|row| mask[row] = true);
        Self { inner, bad: mask }
    }
}

impl<C: std::ops::Deref<Target: Column> + Sync> Column for Masked<C> {
    fn len(&self) -> usize {
        self.bad.len()
    }

    fn get(&self, row: usize) -> Option<&str> {
        if self.bad[row] { None } else { self.inner.get(row) }
    }
}

/// The same text in every row.
pub(super) struct Constant(pub(super) String, pub(super) usize);

impl Column for Constant {
    fn len(&self) -> usize {
        self.1
    }

    fn get(&self, _: usize) -> Option<&str> {
        Some(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_long_rows_do_not_claim_memory_for_all() {
        let mut texts = Texts::with_room(1_000_000);
        let long = "x".repeat(100_000);
        (0..65).for_each(|_| texts.push(Some(&long)));
        assert!(texts.text.capacity() < 64 << 20);
        assert_eq!((texts.len(), texts.get(64)), (65, Some(&*long)));
    }

    #[test]
    fn a_null_is_no_empty_text() {
        let mut texts = Texts::with_room(4);
        texts.push(Some("a"));
        texts.push(None);
        texts.push(Some(""));
        texts.fill(4);
        texts.push(Some("数"));
        let all: Vec<_> = (0..texts.len()).map(|row| texts.get(row)).collect();
        assert_eq!(all, [Some("a"), None, Some(""), None, Some("数")]);
    }
}
