//! Work in pieces, shared among threads that end with the call.

use super::{Run, Stopped};
use std::iter;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does the work of all pieces; each thread makes itself a worker first.
///
/// Threads of the call's own, and none that outlives it: a pool would hang in a forked child.
pub(super) fn share<P: Send, W: FnMut(&mut P)>(
    pieces: &mut [P],
    run: &Run<'_>,
    worker: impl Fn() -> W + Sync,
) -> Result<(), Stopped> {
    let threads = run.threads.get().min(pieces.len());
    let queue = Mutex::new(pieces.iter_mut());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let stopped = AtomicBool::new(false);
    let help = || {
        let mut work = worker();
        while !stopped.load(Ordering::Relaxed)
            && let Some(piece) = next()
        {
            work(piece);
        }
    };
    thread::scope(|scope| {
        let helper = |_| thread::Builder::new().spawn_scoped(scope, help).ok();
        // Where the system gives no more threads, fewer do it as well.
        let helpers: Vec<_> = (1..threads).map_while(helper).collect();
        let mut work = worker();
        let outcome = iter::from_fn(next).try_for_each(|piece| {
            if !(run.go_on)() {
                stopped.store(true, Ordering::Relaxed);
                return Err(Stopped);
            }
            work(piece);
            Ok(())
        });
        // The scope waits for their work alone, not for their end: a fork right after the call would
        // find them still there, and Python 3.12 warns of that.
        for helper in helpers {
            helper.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
        outcome
    })
}
