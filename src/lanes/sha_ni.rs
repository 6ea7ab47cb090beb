//! One hash in SHA-NI registers, from the first block of a message to the digits of its signature.
//!
//! `sha2` hashes as fast, block by block. But a signature is three hashes in a row, and to write a
//! digest, read it, write its digits and read them takes as long as another block.
//!
//! Nothing in here may be built with AVX, for the reason given in `avx512.rs`.

use super::{Block, K, Seal, State};
use core::arch::x86_64::*;
use core::mem::transmute;

type V = __m128i;

/// The bytes of each word the other way round.
const REVERSED: [u8; 16] = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];

/// Where `_mm_shuffle_epi8` finds the bytes of text that is moved to the right: 128 asks for a zero.
const MOVED: [u8; 48] = {
    let (mut places, mut at) = ([128; 48], 0);
    while at < 16 {
        places[16 + at] = at as u8;
        at += 1;
    }
    places
};

/// Whether this processor can run what is in here.
pub(super) fn present() -> bool {
    is_x86_feature_detected!("sha")
        && is_x86_feature_detected!("ssse3")
        && is_x86_feature_detected!("sse4.1")
}

/// Signs the message of these blocks, the last of them padded.
#[target_feature(enable = "sha,ssse3,sse4.1")]
pub(super) fn sign(start: &State, message: [&[Block]; 2], seal: &Seal) -> Block {
    let mut state = load_state(start);
    for blocks in message {
        for block in blocks {
            compress(&mut state, words_of(block));
        }
    }
    let text = moved_text(hex(digest(state)), seal.hole);
    let mut inner = load_state(&seal.inner.words());
    // Written out: as a loop, two blocks take half a block longer.
    let (text, _) = text.as_chunks();
    compress(&mut inner, with_text(&seal.tail_words[0], &text[0]));
    compress(&mut inner, with_text(&seal.tail_words[1], &text[1]));
    if let Some(words) = seal.tail_words.get(2) {
        compress(&mut inner, with_text(words, &text[2]));
    }
    let mut outer = load_state(&seal.key.outer.words());
    compress(&mut outer, outer_block(digest(inner)));
    let digits = hex(digest(outer));
    // SAFETY: both are 64 bytes, and any bits are valid bytes.
    unsafe { transmute::<[V; 4], Block>(digits) }
}

/// Big-endian words of up to three blocks, in which the digits begin at byte `hole` of the first.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn moved_text([a, b, c, d]: [V; 4], hole: usize) -> [V; 12] {
    let nothing = _mm_setzero_si128();
    let (first, by) = (hole / 16, hole % 16);
    let (own, of_before) = (moved(16 - by), moved(32 - by));
    let parts = [(nothing, a), (a, b), (b, c), (c, d), (d, nothing)];
    let parts = parts.map(|(before, text)| {
        _mm_or_si128(_mm_shuffle_epi8(before, of_before), _mm_shuffle_epi8(text, own))
    });
    let mut words = [nothing; 12];
    for (word, part) in words[first..].iter_mut().zip(parts) {
        *word = part;
    }
    words
}

/// A block of the inner hash: what is the same for all messages, and the digits.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn with_text(around: &[u32; 16], text: &[V; 4]) -> [V; 4] {
    // SAFETY: both are 64 bytes, and any bits are a valid vector.
    let around = unsafe { transmute::<[u32; 16], [V; 4]>(*around) };
    [0, 1, 2, 3].map(|i| _mm_or_si128(around[i], text[i]))
}

/// A part of [`MOVED`] that makes big-endian words at the same time.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn moved(at: usize) -> V {
    let mut places = [0; 16];
    places.copy_from_slice(&MOVED[at..at + 16]);
    reversed(bytes(places))
}

/// The one block of the outer hash: a digest and its padding.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn outer_block([abcd, efgh]: [V; 2]) -> [V; 4] {
    // The outer hash reads one pad and one digest.
    let bits = (64 + 32) * 8;
    [abcd, efgh, _mm_set_epi32(0, 0, 0, i32::MIN), _mm_set_epi32(bits, 0, 0, 0)]
}

#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn words_of(block: &Block) -> [V; 4] {
    // SAFETY: both are 64 bytes, and any bits are a valid vector.
    let [a, b, c, d] = unsafe { transmute::<Block, [V; 4]>(*block) };
    [reversed(a), reversed(b), reversed(c), reversed(d)]
}

/// One block. The state stands as the instructions want it: a, b, e, f, and c, d, g, h.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn compress(state: &mut [V; 2], mut words: [V; 4]) {
    let [mut abef, mut cdgh] = *state;
    let (k, _) = K.as_chunks::<4>();
    sixteen!(i => {
        if i >= 4 {
            words[i % 4] = next_words(&words, i % 4);
        }
        four_rounds(&mut abef, &mut cdgh, words[i % 4], &k[i]);
    });
    *state = [_mm_add_epi32(state[0], abef), _mm_add_epi32(state[1], cdgh)];
}

#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn four_rounds(abef: &mut V, cdgh: &mut V, words: V, k: &[u32; 4]) {
    let [a, b, c, d] = k.map(|k| k as i32);
    let words = _mm_add_epi32(words, _mm_set_epi32(d, c, b, a));
    *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, words);
    *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32::<0x0e>(words));
}

/// The next four words of the schedule, which take the place of the oldest (FIPS 180-4, 6.2.2).
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn next_words(words: &[V; 4], i: usize) -> V {
    let [w0, w1, w2, w3] = [0, 1, 2, 3].map(|n| words[(i + n) % 4]);
    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8::<4>(w3, w2));
    _mm_sha256msg2_epu32(sum, w3)
}

#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn load_state(words: &State) -> [V; 2] {
    // SAFETY: both are 32 bytes, and any bits are a valid vector.
    let [abcd, efgh] = unsafe { transmute::<State, [V; 2]>(*words) };
    let (badc, hgfe) = (_mm_shuffle_epi32::<0xb1>(abcd), _mm_shuffle_epi32::<0x1b>(efgh));
    [_mm_alignr_epi8::<8>(badc, hgfe), _mm_blend_epi16::<0xf0>(hgfe, badc)]
}

/// The words of a state in their order.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn digest([abef, cdgh]: [V; 2]) -> [V; 2] {
    let (abef, cdgh) = (_mm_shuffle_epi32::<0x1b>(abef), _mm_shuffle_epi32::<0xb1>(cdgh));
    [_mm_blend_epi16::<0xf0>(abef, cdgh), _mm_alignr_epi8::<8>(cdgh, abef)]
}

/// The digits of a digest.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn hex(digest: [V; 2]) -> [V; 4] {
    let low_half = _mm_set1_epi8(0x0f);
    let [[a, b], [c, d]] = digest.map(|words| {
        let bytes = reversed(words);
        let high = _mm_and_si128(_mm_srli_epi16::<4>(bytes), low_half);
        let low = _mm_and_si128(bytes, low_half);
        [_mm_unpacklo_epi8(high, low), _mm_unpackhi_epi8(high, low)]
    });
    [a, b, c, d].map(|nibbles| _mm_shuffle_epi8(bytes(*b"0123456789abcdef"), nibbles))
}

#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn reversed(words: V) -> V {
    _mm_shuffle_epi8(words, bytes(REVERSED))
}

#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn bytes(bytes: [u8; 16]) -> V {
    // SAFETY: both are 16 bytes, and any bits are a valid vector.
    unsafe { transmute::<[u8; 16], V>(bytes) }
}
