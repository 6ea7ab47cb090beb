//! Sixteen hashes in AVX-512 registers: one vector holds one word of all of them.
//!
//! SHA-NI has no VEX form and crawls when it takes turns with AVX code, so nothing in here calls
//! `sha2`. The compiler clears the upper halves of the registers (`vzeroupper`) wherever a function
//! in here returns to code built without AVX; without that, each return costs another 150 ns.

use super::{Block, K, LANES, Messages, Seal, State};
use core::arch::x86_64::{_mm512_add_epi32 as add, _mm512_ror_epi32 as ror, *};
use core::mem::transmute;
use core::slice::Chunks;

type V = __m512i;

/// How much memory is brought near beside the hashing of a block: as many lines as the first-level
/// cache waits for at once. More of them, or stores, would hold the hashing up.
const NEXT: usize = 12 * 64;

/// Whether this processor, and its operating system, can run what is in here.
pub(super) fn present() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")
}

#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn path_lengths(texts: &[Option<&str>; LANES]) -> [usize; LANES] {
    let mut lengths = [0; LANES];
    for (length, text) in lengths.iter_mut().zip(texts) {
        if let Some(text) = text {
            *length = path_length(text.as_bytes());
        }
    }
    lengths
}

/// [`crate::encode::path_length`], 64 bytes at a time.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn path_length(text: &[u8]) -> usize {
    let mut length = text.len();
    for chunk in text.chunks(64) {
        let there = u64::MAX >> (64 - chunk.len());
        // SAFETY: of the 64 bytes, only those are read that the mask names: those of the chunk.
        let bytes = unsafe { _mm512_maskz_loadu_epi8(there, chunk.as_ptr().cast()) };
        let changed = !stays(bytes) & there;
        // Seldom true, and without the instruction for it, counting is long.
        if changed != 0 {
            length += 2 * changed.count_ones() as usize;
        }
    }
    length
}

/// The bytes that are the same in a path: `A-Z a-z 0-9 - . / _ ~`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn stays(bytes: V) -> u64 {
    let letters = _mm512_sub_epi8(_mm512_or_si512(bytes, all(b' ')), all(b'a'));
    let others = _mm512_sub_epi8(bytes, all(b'-'));
    _mm512_cmplt_epu8_mask(letters, all(26))
        | _mm512_cmplt_epu8_mask(others, all(b'9' - b'-' + 1))
        | _mm512_cmpeq_epi8_mask(bytes, all(b'_'))
        | _mm512_cmpeq_epi8_mask(bytes, all(b'~'))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn all(byte: u8) -> V {
    _mm512_set1_epi8(byte as i8)
}

#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn sign(messages: &Messages<'_>, seal: &Seal) -> [Block; LANES] {
    let mut next = messages.next.chunks(NEXT);
    let text = shift(&hex(&digest(messages, &mut next)), seal.hole % 4);
    let mut inner = splat_all(&seal.inner.words());
    for (i, words) in seal.tail_words.iter().enumerate() {
        bring(&mut next);
        compress(&mut inner, &inner_block(words, &text, 16 * i, seal.hole / 4));
    }
    bring(&mut next);
    let mut outer = splat_all(&seal.key.outer.words());
    compress(&mut outer, &outer_block(&inner));
    store(hex(&outer))
}

#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn digest(messages: &Messages<'_>, next: &mut Chunks<'_, u8>) -> [V; 8] {
    let mut state = splat_all(&messages.start.words());
    let mut own = [&[][..]; LANES];
    for (lane, blocks) in own.iter_mut().zip(messages.own) {
        *lane = blocks;
    }
    let (mut shortest, mut longest) = (usize::MAX, 0);
    for blocks in own {
        (shortest, longest) = (shortest.min(blocks.len()), longest.max(blocks.len()));
    }
    for i in 0..shortest {
        bring(next);
        compress(&mut state, &load(&own, i));
    }
    for i in shortest..longest {
        bring(next);
        let before = state;
        compress(&mut state, &load(&own, i));
        keep_ended(&mut state, &before, &own, i);
    }
    for schedule in &messages.shared.schedules {
        bring(next);
        compress_shared(&mut state, schedule);
    }
    state
}

/// Has the next part of some memory brought near, which is there when the next block is hashed.
#[inline]
fn bring(parts: &mut Chunks<'_, u8>) {
    for line in parts.next().unwrap_or_default().as_chunks::<64>().0 {
        // SAFETY: this neither reads nor writes, and any x86-64 processor has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
}

/// Lanes whose message has ended before block `i` go through it too, but keep their state.
#[target_feature(enable = "avx512f,avx512bw")]
fn keep_ended(state: &mut [V; 8], before: &[V; 8], own: &[&[Block]; LANES], i: usize) {
    let mut ended = 0_u16;
    for (lane, blocks) in own.iter().enumerate() {
        ended |= u16::from(i >= blocks.len()) << lane;
    }
    for (after, before) in state.iter_mut().zip(before) {
        *after = _mm512_mask_mov_epi32(*after, ended, *before);
    }
}

/// Block `i` of sixteen messages as sixteen vectors of words.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn load(own: &[&[Block]; LANES], i: usize) -> [V; 16] {
    let mut rows = [_mm512_setzero_si512(); 16];
    for (row, blocks) in rows.iter_mut().zip(own) {
        if let Some(block) = blocks.get(i) {
            // SAFETY: both are 64 bytes, and any bits are a valid vector.
            *row = swap_bytes(unsafe { transmute::<Block, V>(*block) });
        }
    }
    transpose(rows)
}

/// The way back.
#[target_feature(enable = "avx512f,avx512bw")]
fn store(words: [V; 16]) -> [Block; LANES] {
    let mut blocks = [[0; 64]; LANES];
    for (block, row) in blocks.iter_mut().zip(transpose(words)) {
        // SAFETY: both are 64 bytes, and any bits are valid bytes.
        *block = unsafe { transmute::<V, Block>(swap_bytes(row)) };
    }
    blocks
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn compress(state: &mut [V; 8], block: &[V; 16]) {
    let mut s = *state;
    let mut w = *block;
    sixteen!(i => round(&mut s, i, add(w[i], splat(K[i]))));
    for k in K[16..].as_chunks::<16>().0 {
        sixteen!(i => {
            w[i] = next_word(&w, i);
            round(&mut s, i, add(w[i], splat(k[i])));
        });
    }
    feed_forward(state, &s);
}

/// A block that all messages have in common, its schedule made beforehand.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn compress_shared(state: &mut [V; 8], schedule: &[u32; 64]) {
    let mut s = *state;
    for words in schedule.as_chunks::<16>().0 {
        sixteen!(i => round(&mut s, i, splat(words[i])));
    }
    feed_forward(state, &s);
}

/// One round. The eight variables stay where they are; the names a to h move on by one slot.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn round(s: &mut [V; 8], i: usize, word: V) {
    let [a, b, c, d, e, f, g, h] = [8, 9, 10, 11, 12, 13, 14, 15].map(|n| (n - i % 8) % 8);
    let sum_e = xor3(ror::<6>(s[e]), ror::<11>(s[e]), ror::<25>(s[e]));
    let choice = _mm512_ternarylogic_epi32::<0xca>(s[e], s[f], s[g]);
    let t = add(add(s[h], word), add(sum_e, choice));
    let sum_a = xor3(ror::<2>(s[a]), ror::<13>(s[a]), ror::<22>(s[a]));
    let majority = _mm512_ternarylogic_epi32::<0xe8>(s[a], s[b], s[c]);
    s[d] = add(s[d], t);
    s[h] = add(t, add(sum_a, majority));
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn next_word(w: &[V; 16], i: usize) -> V {
    let (w1, w14) = (w[(i + 1) % 16], w[(i + 14) % 16]);
    let s0 = xor3(ror::<7>(w1), ror::<18>(w1), _mm512_srli_epi32::<3>(w1));
    let s1 = xor3(ror::<17>(w14), ror::<19>(w14), _mm512_srli_epi32::<10>(w14));
    add(add(w[i], s0), add(w[(i + 9) % 16], s1))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn feed_forward(state: &mut [V; 8], s: &[V; 8]) {
    for (sum, s) in state.iter_mut().zip(s) {
        *sum = add(*sum, *s);
    }
}

/// Hexadecimal text of a state, as words of a block to be hashed.
#[target_feature(enable = "avx512f,avx512bw")]
fn hex(state: &[V; 8]) -> [V; 16] {
    let mut text = [_mm512_setzero_si512(); 16];
    for (pair, word) in text.as_chunks_mut::<2>().0.iter_mut().zip(state) {
        *pair = [digits(reorder(*word, 0x8003_8002)), digits(reorder(*word, 0x8001_8000))];
    }
    text
}

/// Four digits of two bytes, of which each stands low in its half of the word.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn digits(bytes: V) -> V {
    let (shifted, low) = (_mm512_slli_epi32::<4>(bytes), splat(0x0f0f_0f0f));
    let nibbles = _mm512_ternarylogic_epi32::<0xa8>(shifted, bytes, low);
    let [d, c, b, a] = [*b"cdef", *b"89ab", *b"4567", *b"0123"].map(i32::from_le_bytes);
    _mm512_shuffle_epi8(_mm512_set4_epi32(d, c, b, a), nibbles)
}

/// Moves text to the right by up to three bytes, into one more word.
#[target_feature(enable = "avx512f,avx512bw")]
fn shift(text: &[V; 16], bytes: usize) -> [V; 17] {
    // A shift by 32 bits gives zero: text in place takes nothing from the word before.
    let (right, left) = (splat(8 * bytes as u32), splat(32 - 8 * bytes as u32));
    let mut shifted = [_mm512_setzero_si512(); 17];
    for (i, word) in text.iter().enumerate() {
        shifted[i] = _mm512_or_si512(shifted[i], _mm512_srlv_epi32(*word, right));
        shifted[i + 1] = _mm512_sllv_epi32(*word, left);
    }
    shifted
}

/// The block of the inner hash that begins at word `first`: the same words for all, and in them the
/// text, which begins at word `hole`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn inner_block(words: &[u32; 16], text: &[V; 17], first: usize, hole: usize) -> [V; 16] {
    let mut block = [_mm512_setzero_si512(); 16];
    sixteen!(i => block[i] = splat(words[i]));
    let text = text.get(first.saturating_sub(hole)..).unwrap_or_default();
    for (word, text) in block.iter_mut().skip(hole.saturating_sub(first)).zip(text) {
        *word = _mm512_or_si512(*word, *text);
    }
    block
}

/// The one block of the outer hash: a digest and its padding.
#[target_feature(enable = "avx512f,avx512bw")]
fn outer_block(digest: &[V; 8]) -> [V; 16] {
    let mut block = [_mm512_setzero_si512(); 16];
    block[..8].copy_from_slice(digest);
    block[8] = splat(0x8000_0000);
    // The outer hash reads one pad and one digest.
    block[15] = splat((64 + 32) * 8);
    block
}

/// Word `i` of row `j` becomes word `j` of row `i`: by ones, by twos, then by fours twice.
#[target_feature(enable = "avx512f,avx512bw")]
fn transpose(rows: [V; 16]) -> [V; 16] {
    let mut pairs = rows;
    for i in (0..16).step_by(2) {
        pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    let mut fours = pairs;
    for i in (0..16).step_by(4) {
        for j in 0..2 {
            fours[i + 2 * j] = _mm512_unpacklo_epi64(pairs[i + j], pairs[i + j + 2]);
            fours[i + 2 * j + 1] = _mm512_unpackhi_epi64(pairs[i + j], pairs[i + j + 2]);
        }
    }
    let mut columns = fours;
    for i in 0..4 {
        let (p, q, r, s) = (fours[i], fours[i + 4], fours[i + 8], fours[i + 12]);
        let even = (_mm512_shuffle_i32x4::<0x88>(p, q), _mm512_shuffle_i32x4::<0x88>(r, s));
        let odd = (_mm512_shuffle_i32x4::<0xdd>(p, q), _mm512_shuffle_i32x4::<0xdd>(r, s));
        columns[i] = _mm512_shuffle_i32x4::<0x88>(even.0, even.1);
        columns[i + 4] = _mm512_shuffle_i32x4::<0x88>(odd.0, odd.1);
        columns[i + 8] = _mm512_shuffle_i32x4::<0xdd>(even.0, even.1);
        columns[i + 12] = _mm512_shuffle_i32x4::<0xdd>(odd.0, odd.1);
    }
    columns
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn swap_bytes(words: V) -> V {
    reorder(words, 0x0001_0203)
}

/// Moves bytes within each word; 0x80 asks for a zero.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn reorder(words: V, order: u32) -> V {
    let [a, b, c, d] = [0, 1, 2, 3].map(|i| (order + i * 0x0404_0404) as i32);
    _mm512_shuffle_epi8(words, _mm512_set4_epi32(d, c, b, a))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn splat(word: u32) -> V {
    _mm512_set1_epi32(word as i32)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn splat_all(words: &State) -> [V; 8] {
    let mut all = [_mm512_setzero_si512(); 8];
    for (vector, word) in all.iter_mut().zip(words) {
        *vector = splat(*word);
    }
    all
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn xor3(a: V, b: V, c: V) -> V {
    _mm512_ternarylogic_epi32::<0x96>(a, b, c)
}
