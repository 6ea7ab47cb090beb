//! SHA-256, SHA-1 and HMAC: the only file that names a crypto crate.
//!
//! A presigned URL hashes mostly constant text. [`Midstate`] keeps the hash state after such a
//! constant beginning, so that each URL pays only for what differs.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, block_api::compress256};
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
pub fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}

/// HMAC-SHA256 of `data` under a key that is used once.
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    let key = HmacKey::new(key);
    key.finish(key.inner.finish(data))
}

/// HMAC-SHA1 under a key that stays, for signature version 1.
#[derive(Clone)]
pub struct HmacSha1Key(Hmac<Sha1>);

impl HmacSha1Key {
    /// Prepares the key.
    pub fn new(key: &[u8]) -> Self {
        // HMAC takes keys of every length; the fallback is never reached.
        Self(Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default())))
    }

    /// The 20 bytes of the authentication code of `data`.
    pub fn sign(&self, data: &[u8]) -> [u8; 20] {
        let mut mac = self.0.clone();
        mac.update(data);
        mac.finalize().into_bytes().into()
    }
}

/// SHA-256 after a whole number of blocks.
#[derive(Clone, Copy)]
pub struct Midstate {
    state: [u32; 8],
    absorbed: u64,
}

impl Midstate {
    const START: Self = Self { state: INITIAL, absorbed: 0 };

    /// The state after the whole blocks at the beginning of `data`, and what is left of `data`.
    pub fn absorb(mut self, data: &[u8]) -> (Self, &[u8]) {
        let mut blocks = data.chunks_exact(BLOCK);
        for block in &mut blocks {
            self.block(block);
        }
        (self, blocks.remainder())
    }

    /// The digest of all that was absorbed, followed by `rest`.
    pub fn finish(self, rest: &[u8]) -> [u8; 32] {
        let (mut midstate, rest) = self.absorb(rest);
        let bits = (midstate.absorbed + rest.len() as u64) * 8;
        let mut last = [0u8; 2 * BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        last[rest.len()] = 0x80;
        let end = if rest.len() < BLOCK - 8 { BLOCK } else { 2 * BLOCK };
        last[end - 8..end].copy_from_slice(&bits.to_be_bytes());
        for block in last[..end].chunks_exact(BLOCK) {
            midstate.block(block);
        }
        midstate.digest()
    }

    /// The eight words of the state.
    pub fn words(&self) -> [u32; 8] {
        self.state
    }

    fn block(&mut self, block: &[u8]) {
        if let Ok(block) = <[u8; BLOCK]>::try_from(block) {
            compress256(&mut self.state, &[block]);
            self.absorbed += BLOCK as u64;
        }
    }

    fn digest(&self) -> [u8; 32] {
        let mut out = [0; 32];
        for (bytes, word) in out.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        out
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
        let mut padded = [0u8; BLOCK];
        if key.len() > BLOCK {
            padded[..32].copy_from_slice(&sha256(key));
        } else {
            padded[..key.len()].copy_from_slice(key);
        }
        let (inner, outer) = (padded.map(|byte| byte ^ 0x36), padded.map(|byte| byte ^ 0x5c));
        let key = Self {
            inner: Midstate::START.absorb(&inner).0,
            outer: Midstate::START.absorb(&outer).0,
        };
        padded.zeroize();
        key
    }

    /// The code of the message whose inner digest is `inner`.
    pub fn finish(&self, inner: [u8; 32]) -> [u8; 32] {
        self.outer.finish(&inner)
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
            prop_assert_eq!(Midstate::START.finish(&data), sha256(&data));
            let (midstate, rest) = Midstate::START.absorb(&data);
            prop_assert_eq!(midstate.finish(rest), sha256(&data));
        }

        #[test]
        fn hmac_is_that_of_the_hmac_crate(
            key in proptest::collection::vec(any::<u8>(), 0..200),
            data in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.update(&data);
            let expected: [u8; 32] = mac.finalize().into_bytes().into();
            prop_assert_eq!(hmac_sha256(&key, &data), expected);
        }
    }
}
