//! Memory for the URLs of a batch.

use std::fmt;
use std::mem::take;
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

/// Bytes in memory of their own: of huge pages, where there are many and the system has such.
///
/// Fresh memory costs a page fault per 4 KiB, which is per ten URLs, and as much as signing them. So
/// the memory of a buffer that is gone serves the next one, unless it is so much that nobody would
/// want to spare it.
pub struct Buffer {
    memory: Memory,
    used: usize,
    /// Up to how many bytes of memory may stay for the next.
    kept: usize,
}

enum Memory {
    Heap(Vec<u8>),
    #[cfg(target_os = "linux")]
    Mapped(memmap2::MmapMut),
}

/// From here on a mapping is worth it: a few huge pages.
const MANY: usize = 8 << 20;

/// Less is not worth keeping.
const FEW: usize = 64 << 10;

/// What may be kept of URLs that are copied out and gone at once.
const COPIED: usize = 64 << 20;

/// The memory of the buffer that went last.
struct Spare(Mutex<Option<Memory>>);

static SPARE: Spare = Spare(Mutex::new(None));

impl Spare {
    /// What is there, if so many bytes need it: a few would hold all of it for long.
    fn take(&self, length: usize) -> Option<Memory> {
        // A process that was forked may find it locked for ever.
        self.0.try_lock().ok()?.take_if(|spare| (length..=2 * length).contains(&spare.len()))
    }

    fn keep(&self, memory: Memory, kept: usize) {
        if (FEW..kept).contains(&memory.len())
            && let Ok(mut spare) = self.0.try_lock()
        {
            let gone = spare.replace(memory);
            drop((spare, gone));
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::Heap(Vec::new())
    }
}

impl Memory {
    fn new(length: usize, kept: usize) -> Self {
        if let Some(spare) = SPARE.take(length) {
            return spare;
        }
        let length = with_reserve(length, kept);
        #[cfg(target_os = "linux")]
        if length >= MANY
            && let Ok(map) = memmap2::MmapMut::map_anon(length)
        {
            // Where the kernel knows no huge pages, others do.
            let _ = map.advise(memmap2::Advice::HugePage);
            return Self::Mapped(map);
        }
        Self::Heap(vec![0; length])
    }
}

/// A few more, where the memory is kept: the next batch may be a little longer.
fn with_reserve(length: usize, kept: usize) -> usize {
    let longer = length.next_multiple_of((length / 8).next_power_of_two());
    if (FEW..kept).contains(&longer) { longer } else { length }
}

impl Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Heap(bytes) => bytes,
            #[cfg(target_os = "linux")]
            Self::Mapped(map) => map,
        }
    }
}

impl DerefMut for Memory {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Heap(bytes) => bytes,
            #[cfg(target_os = "linux")]
            Self::Mapped(map) => map,
        }
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self { memory: Memory::default(), used: 0, kept: MANY }
    }
}

impl Buffer {
    /// One whose bytes are copied, and then wanted no more: more of its memory may stay.
    pub(super) fn to_be_copied() -> Self {
        Self { memory: Memory::default(), used: 0, kept: COPIED }
    }

    /// Makes room for so many bytes; what they hold means nothing.
    pub(super) fn reserve(&mut self, length: usize) -> &mut [u8] {
        self.used = 0;
        if self.memory.len() < length {
            // The old memory goes first.
            self.let_go();
            self.memory = Memory::new(length, self.kept);
        }
        self.used = length;
        self
    }

    fn let_go(&mut self) {
        SPARE.keep(take(&mut self.memory), self.kept);
    }

    /// Keeps the first bytes only.
    pub(super) fn truncate(&mut self, length: usize) {
        self.used = self.used.min(length);
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.used]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.memory[..self.used]
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").field("length", &self.used).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_serves_again_where_it_is_neither_too_small_nor_far_too_large() {
        for length in [0, 9, 1000, MANY, MANY - 1] {
            assert_eq!(with_reserve(length, MANY), length);
        }
        assert!((100_001..120_000).contains(&with_reserve(100_001, MANY)));
        let spare = Spare(Mutex::new(None));
        let keep = |length: usize| spare.keep(Memory::Heap(vec![7; length]), MANY);
        keep(100_000);
        assert!(spare.take(100_001).is_none());
        assert!(spare.take(49_999).is_none());
        let again = spare.take(60_000).unwrap();
        assert_eq!((again.len(), again[0]), (100_000, 7));
        assert!(spare.take(60_000).is_none());
        for length in [1000, MANY] {
            keep(length);
            assert!(spare.take(length).is_none(), "{length}");
        }
    }

    #[test]
    fn more_is_kept_of_what_is_copied() {
        let spare = Spare(Mutex::new(None));
        spare.keep(Memory::new(20 << 20, MANY), MANY);
        assert!(spare.take(20 << 20).is_none());
        spare.keep(Memory::new(20 << 20, COPIED), COPIED);
        assert!(spare.take(20 << 20).is_some_and(|memory| memory.len() >= 20 << 20));
        spare.keep(Memory::new(COPIED, COPIED), COPIED);
        assert!(spare.take(COPIED).is_none());
    }

    #[test]
    fn a_buffer_is_as_long_as_it_is_asked_to_be() {
        let mut buffer = Buffer::default();
        for length in [10, 0, 20 << 20, 5, 9 << 20] {
            assert_eq!(buffer.reserve(length).len(), length);
            buffer.truncate(length / 2);
            assert_eq!(buffer.len(), length / 2);
        }
    }
}
