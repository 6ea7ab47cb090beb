//! SHA-256 over one message or sixteen at once, each ending in an HMAC signature of its digest.
//!
//! SHA-256 is FIPS 180-4, HMAC is RFC 2104. All `unsafe` of this crate lives in here: the rest hands
//! over padded blocks and takes back digits.
#![allow(unsafe_code)]

use crate::crypto::{HmacKey, Midstate, Padded};
use crate::encode::{self, Hex};
use zeroize::Zeroize;

/// A loop over 0 to 15 written out. Only fixed indices let the arrays live in registers, and the
/// compiler does not unroll a body of this size by itself: with `for` it is 1.7 times slower.
#[cfg(target_arch = "x86_64")]
macro_rules! sixteen {
    ($i:ident => $body:expr) => {
        sixteen!($i => $body; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    ($i:ident => $body:expr; $($n:literal)*) => {
        $({ let $i = $n; $body; })*
    };
}

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(all(feature = "floor", target_arch = "x86_64"))]
pub mod floor;
#[cfg(target_arch = "x86_64")]
mod sha_ni;

/// How many messages one call signs.
pub const LANES: usize = 16;

/// What SHA-256 reads in one step.
pub type Block = [u8; 64];
type State = [u32; 8];

#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// Which instructions do the hashing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isa {
    /// Sixteen messages side by side in AVX-512 registers; where the processor has none, `ShaNi`.
    Avx512,
    /// One message after the other in the registers of SHA-NI; where the processor has none, `Crate`.
    ShaNi,
    /// One message after the other through `sha2`, which finds ARM's SHA-2 by itself.
    Crate,
}

impl Isa {
    /// The fastest that this processor has.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if avx512::present() {
            return Self::Avx512;
        } else if sha_ni::present() {
            return Self::ShaNi;
        }
        Self::Crate
    }

    /// [`encode::path_length`] of sixteen texts; 0 for none.
    #[inline]
    pub fn path_lengths(self, texts: &[Option<&str>; LANES]) -> [usize; LANES] {
        match self {
            // SAFETY: `present` has just said that the processor has what this is built of.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if avx512::present() => unsafe { avx512::path_lengths(texts) },
            _ => texts.map(|text| text.map_or(0, encode::path_length)),
        }
    }

    /// Signs up to sixteen messages: `hex(HMAC(key, text + hex(SHA-256(message))))` each.
    ///
    /// What stands in the lanes past the last message means nothing.
    ///
    /// # Panics
    /// If there are more than sixteen messages.
    pub fn sign(self, messages: &Messages<'_>, seal: &Seal) -> [Block; LANES] {
        assert!(messages.own.len() <= LANES);
        match self {
            // SAFETY: `present` has just said that the processor has what `sign` is built of.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if avx512::present() => unsafe { avx512::sign(messages, seal) },
            _ => self.sign_one_by_one(messages, seal),
        }
    }

    fn sign_one_by_one(self, messages: &Messages<'_>, seal: &Seal) -> [Block; LANES] {
        let mut signatures = [[0; 64]; LANES];
        for (own, signature) in messages.own.iter().zip(&mut signatures) {
            *signature = self.sign_one(messages.start, [own, &messages.shared.blocks], seal);
        }
        signatures
    }

    fn sign_one(self, start: &Midstate, message: [&[Block]; 2], seal: &Seal) -> Block {
        match self {
            // SAFETY: `present` has just said that the processor has what `sign` is built of.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 | Self::ShaNi if sha_ni::present() => unsafe {
                sha_ni::sign(&start.words(), message, seal)
            },
            _ => {
                let [own, shared] = message.map(<[Block]>::as_flattened);
                seal.sign_digest(&start.absorb(own).0.absorb(shared).0.digest())
            }
        }
    }
}

/// Up to sixteen padded messages: a common beginning, blocks of their own, a common end.
#[derive(Clone, Copy)]
pub struct Messages<'a> {
    /// After the common beginning.
    pub start: &'a Midstate,
    /// The blocks that each message has for itself.
    pub own: &'a [Vec<Block>],
    /// The blocks that end each of them.
    pub shared: &'a Shared,
    /// Memory that will be written next: it is brought near meanwhile.
    pub next: &'a [u8],
}

/// Blocks that end every message of a group, with the part of their hashing that needs no state.
#[derive(Default)]
pub struct Shared {
    blocks: Vec<Block>,
    schedules: Vec<[u32; 64]>,
}

impl Shared {
    /// Prepares other blocks.
    pub fn set(&mut self, blocks: &[Block]) {
        self.blocks.clear();
        self.blocks.extend_from_slice(blocks);
        self.schedules.clear();
        self.schedules.extend(blocks.iter().map(schedule));
    }
}

/// The message schedule (FIPS 180-4, 6.2.2) with the round constants added in.
fn schedule(block: &Block) -> [u32; 64] {
    let mut w = [0_u32; 64];
    w[..16].copy_from_slice(&words(block));
    for i in 16..64 {
        let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
        let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1);
    }
    std::array::from_fn(|i| w[i].wrapping_add(K[i]))
}

fn words(block: &Block) -> [u32; 16] {
    std::array::from_fn(|i| u32::from_be_bytes(block.as_chunks().0[i]))
}

/// An HMAC key in use: what it signs is a text, always the same, and the digits of a digest.
#[derive(Clone)]
pub struct Seal {
    key: HmacKey,
    /// After the key's inner pad and the whole blocks of the text.
    inner: Midstate,
    /// What follows those blocks, with zeros from `hole` on where the digits are to stand.
    tail: Padded,
    hole: usize,
    /// The words of `tail`.
    tail_words: Vec<[u32; 16]>,
}

impl Seal {
    /// Takes the key, and the text that stands before the digest.
    pub fn new(key: HmacKey, text: &[u8]) -> Self {
        let (inner, rest) = key.inner.absorb(text);
        let tail = Padded::new(inner.absorbed(), &[rest, &[0; 64]].concat());
        let tail_words = tail.blocks().iter().map(words).collect();
        Self { key, inner, tail, hole: rest.len(), tail_words }
    }

    /// The key.
    pub fn key(&self) -> HmacKey {
        self.key
    }

    /// The signature of one message.
    #[inline]
    pub fn sign(&self, message: &[u8]) -> Hex {
        let (blocks, rest) = message.as_chunks();
        // Padded beforehand, for the reason given in [`Midstate::finish`].
        let last = Padded::new((message.len() - rest.len()) as u64, rest);
        Hex(Isa::ShaNi.sign_one(&Midstate::START, [blocks, last.blocks()], self))
    }

    fn sign_digest(&self, digest: &[u8; 32]) -> Block {
        let mut tail = self.tail;
        tail.write_hex(self.hole, digest);
        Hex::of(&self.key.finish(self.inner.finish_padded(&tail))).0
    }
}

impl Drop for Seal {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{hmac_sha256, sha256};

    const ROUNDS: usize = if cfg!(miri) { 4 } else { 300 };

    /// Numbers, the same in every run: Marsaglia's xorshift.
    struct Random(u64);

    impl Random {
        fn new() -> Self {
            Self(0x9e37_79b9_7f4a_7c15)
        }

        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
        }

        fn below(&mut self, n: usize) -> usize {
            self.next() as usize % n
        }

        fn bytes(&mut self, n: usize) -> Vec<u8> {
            (0..n).map(|_| self.next() as u8).collect()
        }
    }

    fn padded(mut text: Vec<u8>, absorbed: usize) -> Vec<Block> {
        let bits = 8 * (absorbed + text.len()) as u64;
        text.push(0x80);
        text.resize((text.len() + 8).next_multiple_of(64) - 8, 0);
        text.extend(bits.to_be_bytes());
        text.as_chunks().0.to_vec()
    }

    fn expected(key: &[u8], prefix: &[u8], message: &[u8]) -> Block {
        let digest = Hex::of(&sha256(message)).0;
        Hex::of(&hmac_sha256(key, &[prefix, &digest].concat())).0
    }

    /// Texts of any length signed on their own, then texts of one length with the last blocks
    /// shared.
    fn signs_as_the_crates_do(isa: Isa) {
        let mut random = Random::new();
        for round in 0..ROUNDS {
            let key = random.bytes(32);
            let prefix_len = random.below(200);
            let prefix = random.bytes(prefix_len);
            let seal = Seal::new(HmacKey::new(&key), &prefix);
            let (one_length, end) = (random.below(700), random.bytes(700));
            let texts: Vec<Vec<u8>> = (0..random.below(LANES + 1))
                .map(|_| match round % 2 {
                    0 => {
                        let length = random.below(700);
                        random.bytes(length)
                    }
                    _ => [random.bytes(64), end[..one_length].to_vec()].concat(),
                })
                .collect();
            let mut own: Vec<_> = texts.iter().map(|text| padded(text.clone(), 0)).collect();
            let mut shared = Shared::default();
            if round % 2 == 1 && !own.is_empty() {
                shared.set(&own[0][1..]);
                own.iter_mut().for_each(|own| own.truncate(1));
            }
            let messages =
                Messages { start: &Midstate::START, own: &own, shared: &shared, next: &end };
            let signatures = isa.sign(&messages, &seal);
            for (text, signature) in texts.iter().zip(signatures) {
                assert_eq!(signature, expected(&key, &prefix, text));
            }
        }
    }

    #[test]
    fn one_by_one_it_signs_as_the_crates_do() {
        signs_as_the_crates_do(Isa::Crate);
    }

    #[test]
    fn in_the_registers_of_sha_ni_it_signs_as_the_crates_do() {
        signs_as_the_crates_do(Isa::ShaNi);
    }

    #[test]
    fn sixteen_lanes_sign_as_the_crates_do() {
        signs_as_the_crates_do(Isa::Avx512);
    }

    #[test]
    fn lengths_are_those_of_the_encoder() {
        let mut random = Random::new();
        for round in 0..ROUNDS {
            // Now and then a byte that is escaped, or any ASCII, or any text.
            let texts: Vec<String> = (0..LANES)
                .map(|_| {
                    let length = random.below(200);
                    let letter = |random: &mut Random| match (round % 3, random.below(30)) {
                        (0, 1..) => 'k',
                        (2, _) => char::from_u32(random.next() as u32 % 0xd800).unwrap(),
                        _ => char::from(random.next() as u8 & 0x7f),
                    };
                    (0..length).map(|_| letter(&mut random)).collect()
                })
                .collect();
            let mut rows: [Option<&str>; LANES] = std::array::from_fn(|at| Some(&*texts[at]));
            rows[random.below(LANES)] = None;
            let expected = rows.map(|text| text.map_or(0, |text| encode::path(text).len()));
            assert_eq!(Isa::detect().path_lengths(&rows), expected);
            assert_eq!(Isa::Crate.path_lengths(&rows), expected);
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn the_kernel_agrees_with_sha2_on_any_state_and_block() {
        if Isa::detect() != Isa::Avx512 {
            return;
        }
        let mut random = Random::new();
        for _ in 0..ROUNDS {
            let (start, _) = Midstate::START.absorb(&random.bytes(64));
            let mut blocks = |n| -> Vec<Block> {
                (0..n).map(|_| random.bytes(64).try_into().unwrap()).collect()
            };
            let own: Vec<_> = (0..LANES).map(|lane| blocks(lane % 5)).collect();
            let mut shared = Shared::default();
            shared.set(&blocks(3));
            let messages = Messages { start: &start, own: &own, shared: &shared, next: &[] };
            // SAFETY: `detect` was asked above; both types are 512 bytes, and any bits are numbers.
            let lanes: [[u32; LANES]; 8] =
                unsafe { std::mem::transmute(avx512::digest(&messages, &mut [].chunks(1))) };
            for (lane, own) in own.iter().enumerate() {
                let (state, _) = start.absorb(own.as_flattened());
                let (state, _) = state.absorb(shared.blocks.as_flattened());
                assert_eq!(lanes.map(|word| word[lane]), state.words());
            }
        }
    }
}
