//! How often a caller may ask: so many requests in so many seconds, evenly refilled.

use crate::clock::SECOND;
use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use serde::Deserialize;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// `requests` in `seconds`. All of them may come at once; then they refill evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many requests. A batch is one request.
    pub requests: NonZeroU32,
    /// In how many seconds.
    pub seconds: NonZeroU32,
}

/// A clock that says what it was told last: nothing here reads the time.
#[derive(Debug, Clone, Default)]
struct Told(Arc<AtomicU64>);

impl Clock for Told {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.load(Ordering::Relaxed).into()
    }
}

/// The callers who share one rate, each with requests of its own.
pub(super) struct Limit {
    clock: Told,
    callers: RateLimiter<String, HashMapStateStore<String>, Told, NoOpMiddleware<Nanos>>,
}

/// So many callers are remembered before those are forgotten who have not asked for long.
const CALLERS: usize = 10_000;

impl Limit {
    pub(super) fn new(rate: Rate) -> Self {
        let clock = Told::default();
        let seconds = Duration::from_secs(rate.seconds.get().into());
        // A period of nothing is the only one that is no quota; a second is more than nothing.
        let quota = Quota::with_period(seconds / rate.requests.get())
            .unwrap_or(Quota::per_second(rate.requests));
        let callers =
            RateLimiter::hashmap_with_clock(quota.allow_burst(rate.requests), clock.clone());
        Self { clock, callers }
    }

    /// Counts a request at `now`, in microseconds since 1970.
    ///
    /// # Errors
    /// After how many seconds a request would be granted, at least 1.
    pub(super) fn ask(&self, caller: &str, now: i64) -> Result<(), u64> {
        let nanos = u64::try_from(now).unwrap_or_default() * 1000;
        // A clock that is set back must not grant what was refused.
        self.clock.0.fetch_max(nanos, Ordering::Relaxed);
        if self.callers.len() > CALLERS {
            self.callers.retain_recent();
        }
        self.callers.check_key(&caller.to_owned()).map_err(|wait| {
            let wait = wait.earliest_possible().duration_since(self.clock.now());
            wait.as_u64().div_ceil(1000 * SECOND as u64).max(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(requests: u32, seconds: u32) -> Limit {
        let number = |n| NonZeroU32::new(n).unwrap();
        Limit::new(Rate { requests: number(requests), seconds: number(seconds) })
    }

    #[test]
    fn requests_are_refused_until_one_has_refilled() {
        let limit = limit(2, 10);
        let ask = |second| limit.ask("a", 1_767_225_600 * SECOND + second * SECOND);
        assert_eq!([ask(0), ask(0), ask(0), ask(4)], [Ok(()), Ok(()), Err(5), Err(1)]);
        assert_eq!([ask(5), ask(5)], [Ok(()), Err(5)]);
        assert_eq!(limit.ask("b", 1_767_225_600 * SECOND), Ok(()));
        assert_eq!([ask(100), ask(100), ask(100)], [Ok(()), Ok(()), Err(5)]);
    }

    #[test]
    fn many_requests_in_a_second_are_a_rate_too() {
        let limit = limit(u32::MAX, 1);
        assert!((0..1000).all(|_| limit.ask("a", 5 * SECOND).is_ok()));
    }
}
