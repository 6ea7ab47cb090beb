//! Memory for the URLs of a batch.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// Bytes in memory of their own: of huge pages, where there are many and the system has such.
///
/// Fresh memory costs a page fault per 4 KiB, which is per ten URLs, and as much as signing them.
#[derive(Default)]
pub struct Buffer {
    memory: Memory,
    used: usize,
}

enum Memory {
    Heap(Vec<u8>),
    #[cfg(target_os = "linux")]
    Mapped(memmap2::MmapMut),
}

/// From here on a mapping is worth it: a few huge pages.
#[cfg(target_os = "linux")]
const MANY: usize = 8 << 20;

impl Default for Memory {
    fn default() -> Self {
        Self::Heap(Vec::new())
    }
}

impl Memory {
    fn new(length: usize) -> Self {
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

impl Buffer {
    /// Makes room for so many bytes; what they hold means nothing.
    pub(super) fn reserve(&mut self, length: usize) -> &mut [u8] {
        self.used = 0;
        if self.all().len() < length {
            // The old memory goes first.
            self.memory = Memory::default();
            self.memory = Memory::new(length);
        }
        self.used = length;
        self
    }

    /// Keeps the first bytes only.
    pub(super) fn truncate(&mut self, length: usize) {
        self.used = self.used.min(length);
    }

    fn all(&self) -> &[u8] {
        match &self.memory {
            Memory::Heap(bytes) => bytes,
            #[cfg(target_os = "linux")]
            Memory::Mapped(map) => map,
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.all()[..self.used]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        match &mut self.memory {
            Memory::Heap(bytes) => &mut bytes[..self.used],
            #[cfg(target_os = "linux")]
            Memory::Mapped(map) => &mut map[..self.used],
        }
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
