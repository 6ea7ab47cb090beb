//! SHA-256, SHA-1 and HMAC: the only file that names a crypto crate.
//!
//! A presigned URL hashes mostly constant text. [`Midstate`] keeps the hash state after such a
//! constant beginning, so that each URL pays only for what differs.

use crate::encode::Hex;
use hmac::{Hmac, KeyInit, Mac};
use sha1::block_api::compress as compress_sha1;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use sha2::block_api::compress256;
use zeroize::Zeroize;

const BLOCK: usize = 64;
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The SHA-256 digest of `data`.
#[inline]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    Midstate::START.finish(data)
}

/// HMAC-SHA256 of `data` under a key that is used once.
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    // HMAC takes keys of every length; the fallback is never reached.
    let mac = Hmac::<Sha256>::new_from_slice(key);
    let mac = mac.unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.chain_update(data).finalize().into_bytes().into()
}

/// Whether two texts are the same, in a time that does not tell where they differ.
///
/// Their codes are compared, which have one length whatever that of the texts; the hmac crate does
/// that in constant time.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    let mac = |data: &[u8]| Hmac::<Sha256>::new(&Default::default()).chain_update(data);
    mac(one).verify_slice(&mac(other).finalize().into_bytes()).is_ok()
}

/// An HMAC-SHA1 key as the states after its two pads, for signature version 1.
///
/// The hmac crate's own copy of a prepared key costs twice the three blocks that are hashed.
#[derive(Clone)]
pub struct HmacSha1Key {
    inner: [u32; 5],
    outer: [u32; 5],
}

impl HmacSha1Key {
    /// Prepares a key of any length.
    pub fn new(key: &[u8]) -> Self {
        const INITIAL: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
        let (mut inner, mut outer) = (INITIAL, INITIAL);
        let hashed = Sha1::digest(key);
        let [ipad, opad] = pads(if key.len() > BLOCK { &hashed } else { key });
        compress_sha1(&mut inner, &[ipad]);
        compress_sha1(&mut outer, &[opad]);
        Self { inner, outer }
    }

    /// The 20 bytes of the authentication code of `data`.
    pub fn sign(&self, data: &[u8]) -> [u8; 20] {
        let (blocks, rest) = data.as_chunks();
        let last = Padded::new((BLOCK + data.len() - rest.len()) as u64, rest);
        let mut state = self.inner;
        compress_sha1(&mut state, blocks);
        compress_sha1(&mut state, last.blocks());
        let inner: [u8; 20] = bytes_of(&state);
        let mut state = self.outer;
        compress_sha1(&mut state, Padded::new(BLOCK as u64, &inner).blocks());
        bytes_of(&state)
    }
}

impl Drop for HmacSha1Key {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// The inner and the outer pad of an HMAC key of at most a block (RFC 2104).
fn pads(key: &[u8]) -> [[u8; BLOCK]; 2] {
    let mut padded = [0u8; BLOCK];
    padded[..key.len()].copy_from_slice(key);
    let pads = [padded.map(|byte| byte ^ 0x36), padded.map(|byte| byte ^ 0x5c)];
    padded.zeroize();
    pads
}

/// The big-endian bytes of a state.
#[inline]
fn bytes_of<const N: usize>(state: &[u32]) -> [u8; N] {
    let mut out = [0; N];
    for (bytes, word) in out.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    out
}

/// SHA-256 after a whole number of blocks.
#[derive(Clone, Copy)]
pub struct Midstate {
    state: [u32; 8],
    absorbed: u64,
}

impl Midstate {
    /// Before the first block.
    pub const START: Self = Self { state: INITIAL, absorbed: 0 };

    /// The state after the whole blocks at the beginning of `data`, and what is left of `data`.
    pub fn absorb(mut self, data: &[u8]) -> (Self, &[u8]) {
        let (blocks, rest) = data.as_chunks();
        compress256(&mut self.state, blocks);
        self.absorbed += (data.len() - rest.len()) as u64;
        (self, rest)
    }

    /// The digest of all that was absorbed, followed by `rest`.
    pub fn finish(self, rest: &[u8]) -> [u8; 32] {
        let (blocks, rest) = rest.as_chunks::<BLOCK>();
        // Padded before the other blocks are hashed: a processor stalls where it reads what it has
        // only just written piece by piece.
        let last = Padded::new(self.absorbed + (blocks.len() * BLOCK) as u64, rest);
        let mut midstate = self;
        compress256(&mut midstate.state, blocks);
        midstate.finish_padded(&last)
    }

    /// The digest, where the padding was absorbed too.
    pub fn digest(&self) -> [u8; 32] {
        bytes_of(&self.state)
    }

    /// The eight words of the state.
    pub fn words(&self) -> [u32; 8] {
        self.state
    }

    /// How many bytes were absorbed.
    pub fn absorbed(&self) -> u64 {
        self.absorbed
    }

    /// The digest of all that was absorbed, followed by what `last` holds.
    #[inline]
    pub fn finish_padded(mut self, last: &Padded) -> [u8; 32] {
        compress256(&mut self.state, last.blocks());
        bytes_of(&self.state)
    }
}

/// The last one to three blocks of a message, padded (FIPS 180-4, 5.1.1).
#[derive(Clone, Copy)]
pub struct Padded {
    blocks: [[u8; BLOCK]; 3],
    used: usize,
}

impl Padded {
    /// The end of a message whose first `absorbed` bytes are hashed already, and whose other bytes,
    /// at most 183, are `rest`.
    #[inline]
    pub fn new(absorbed: u64, rest: &[u8]) -> Self {
        let mut blocks = [[0; BLOCK]; 3];
        let bytes = blocks.as_flattened_mut();
        let used = (rest.len() + 9).div_ceil(BLOCK);
        bytes[..rest.len()].copy_from_slice(rest);
        bytes[rest.len()] = 0x80;
        let bits = (absorbed + rest.len() as u64) * 8;
        bytes[used * BLOCK - 8..used * BLOCK].copy_from_slice(&bits.to_be_bytes());
        Self { blocks, used }
    }

    /// The blocks.
    pub fn blocks(&self) -> &[[u8; BLOCK]] {
        &self.blocks[..self.used]
    }

    /// Writes the digits of a digest over what stands at `at`, if there is room for them.
    #[inline]
    pub fn write_hex(&mut self, at: usize, digest: &[u8; 32]) {
        if let Some(place) = self.blocks.as_flattened_mut()[at..].first_chunk_mut() {
            *place = Hex::of(digest).0;
        }
    }
}

/// An HMAC-SHA256 key as the states after its two pads.
#[derive(Clone, Copy)]
pub struct HmacKey {
    /// After the inner pad.
    pub inner: Midstate,
    /// After the outer pad.
    pub outer: Midstate,
}

impl HmacKey {
    /// Prepares a key of any length (RFC 2104: longer than a block is hashed first).
    pub fn new(key: &[u8]) -> Self {
        let hashed = sha256(key);
        let [inner, outer] = pads(if key.len() > BLOCK { &hashed } else { key });
        Self { inner: Midstate::START.absorb(&inner).0, outer: Midstate::START.absorb(&outer).0 }
    }

    /// The code of the message whose inner digest is `inner`.
    #[inline]
    pub fn finish(&self, inner: [u8; 32]) -> [u8; 32] {
        // Padded beforehand, for the reason given in [`Midstate::finish`].
        const PADDED: [u8; BLOCK] = {
            let bits = ((BLOCK as u64 + 32) * 8).to_be_bytes();
            let mut block = [0; BLOCK];
            block[32] = 0x80;
            (block[BLOCK - 2], block[BLOCK - 1]) = (bits[6], bits[7]);
            block
        };
        let mut block = PADDED;
        block[..32].copy_from_slice(&inner);
        let mut outer = self.outer;
        compress256(&mut outer.state, &[block]);
        bytes_of(&outer.state)
    }
}

impl Zeroize for HmacKey {
    fn zeroize(&mut self) {
        self.inner.state.zeroize();
        self.outer.state.zeroize();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_midstate_changes_nothing(data in proptest::collection::vec(any::<u8>(), 0..400)) {
            let expected: [u8; 32] = Sha256::digest(&data).into();
            prop_assert_eq!(sha256(&data), expected);
            let (midstate, rest) = Midstate::START.absorb(&data);
            prop_assert_eq!(midstate.finish(rest), expected);
        }

        #[test]
        fn a_prepared_key_signs_as_the_hmac_crate_does(
            key in proptest::collection::vec(any::<u8>(), 0..200),
            data in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let prepared = HmacKey::new(&key);
            let code = prepared.finish(prepared.inner.finish(&data));
            prop_assert_eq!(code, hmac_sha256(&key, &data));
            let mac = Hmac::<Sha1>::new_from_slice(&key).unwrap().chain_update(&data);
            let expected: [u8; 20] = mac.finalize().into_bytes().into();
            prop_assert_eq!(HmacSha1Key::new(&key).sign(&data), expected);
        }
    }
}
