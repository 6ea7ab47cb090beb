//! What the hashing alone costs: the kernels in a loop, words already in place. Benchmarks only.

use super::{LANES, State, avx512};
use core::arch::x86_64::_mm512_set1_epi32;

/// Chains `full` blocks and `constant` blocks over sixteen lanes, `times` over.
pub fn lanes(times: usize, full: usize, constant: usize) -> [State; LANES] {
    assert!(avx512::present());
    // SAFETY: the processor has just been asked.
    unsafe { lanes_avx512(times, full, constant) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn lanes_avx512(times: usize, full: usize, constant: usize) -> [State; LANES] {
    let mut state = [_mm512_set1_epi32(1); 8];
    let block = std::hint::black_box([_mm512_set1_epi32(2); 16]);
    let schedule = std::hint::black_box([3; 64]);
    for _ in 0..times {
        for _ in 0..full {
            avx512::compress(&mut state, &block);
        }
        for _ in 0..constant {
            avx512::compress_shared(&mut state, &schedule);
        }
    }
    // SAFETY: both are 512 bytes, and any bits are valid numbers.
    unsafe { core::mem::transmute(state) }
}
