//! What a client does about credentials that end before a URL would.

use super::credentials::Answer;
use super::error::{Failure, exception, translate};
use super::instant;
use super::provider::Short;
use super::state::State;
use crate::clock::SECOND;
use crate::error::Error;
use crate::lifetime::{Lifetime, OnShort, Shortage};
use crate::presign::Window;
use pyo3::intern;
use pyo3::prelude::*;
use std::cell::Cell;
use std::sync::atomic::Ordering;

/// For how long a provider is left alone that was asked once more in vain: a minute.
const PAUSE: u64 = 60 * SECOND.unsigned_abs();

impl State {
    /// The window that is asked for, or what the credentials and the client's policy make of it.
    pub(super) fn fitted(
        &self,
        py: Python<'_>,
        window: Window,
        backdate: i64,
        held: Lifetime,
    ) -> Result<Window, Failure> {
        if let Some(end) = held.end.filter(|end| *end <= window.now) {
            return Err(Failure::Wrapped(expired(py, end)));
        }
        let version = self.target().version;
        let now = window.now;
        let window = window.backdated(version, backdate);
        let window = window.map_err(|error| Failure::Bare(translate(py, &error)))?;
        if self.settings.on_short == OnShort::Keep {
            return Ok(window);
        }
        let fitted = held.fit(window, now, version, self.settings.on_short);
        fitted.map_err(|shortage| too_short(py, shortage, window))
    }

    /// Whether the provider is asked once more for credentials that are too short: not where that was
    /// in vain a short while ago. A thread may have noted that whose `now` is later than this one.
    pub(super) fn may_ask_again(&self, now: i64) -> bool {
        let since = now.saturating_sub(self.in_vain.load(Ordering::Relaxed));
        self.settings.on_short == OnShort::Refresh && since.unsigned_abs() >= PAUSE
    }

    /// Notes that the provider was asked once more, and that its credentials were too short again.
    pub(super) fn note_in_vain(&self, now: i64) {
        self.in_vain.store(now, Ordering::Relaxed);
    }

    /// Asks for credentials and hands them to `sign`. Where the policy says so, the provider is asked
    /// once more for those that end before the URL that is `asked` for.
    pub(super) fn with_credentials<T>(
        &self,
        py: Python<'_>,
        asked: impl FnOnce() -> Option<Window>,
        sign: impl FnOnce(Answer<'_>) -> PyResult<T>,
    ) -> PyResult<T> {
        let provider = &self.settings.provider;
        if self.settings.on_short != OnShort::Refresh {
            let is_kept = self.settings.on_short == OnShort::Keep;
            return provider.with_answer(py, |answer| {
                if !is_kept {
                    answer.check_end()?;
                }
                sign(answer)
            });
        }
        // What cannot be a window is refused by whoever signs.
        let asked = asked().filter(|window| window.check(self.target().version).is_ok());
        let sign = |answer: Answer<'_>| answer.check_end().and_then(|()| sign(answer));
        let Some(asked) = asked else { return provider.with_answer(py, sign) };
        if !self.may_ask_again(asked.now) {
            return provider.with_answer(py, sign);
        }
        let tried = Cell::new(false);
        let is_short = |answer: &Answer<'_>| {
            // Others may have asked in vain while this thread waited for its answer.
            let is_short = answer.lifetime().is_short_of(asked);
            tried.set(is_short && self.may_ask_again(asked.now));
            match answer.end {
                _ if !tried.get() => Short::No,
                Some(end) if end <= asked.now => Short::Ended,
                _ => Short::Yes,
            }
        };
        provider.with_fresh_answer(py, is_short, |answer| {
            if tried.get() && answer.lifetime().is_short_of(asked) {
                self.note_in_vain(asked.now);
            }
            sign(answer)
        })
    }
}

fn expired(py: Python<'_>, end: i64) -> PyErr {
    exception(py, "CredentialsExpiredError", |kwargs| {
        kwargs.set_item(intern!(py, "expiration"), instant::datetime(py, end)?)
    })
}

/// The error of credentials that are too short for what was asked.
#[cold]
fn too_short(py: Python<'_>, shortage: Shortage, asked: Window) -> Failure {
    let error = |end, rule: Option<&str>| {
        exception(py, "CredentialsTooShortError", |kwargs| {
            kwargs.set_item("expiration", instant::datetime(py, end)?)?;
            kwargs.set_item("wanted", instant::datetime(py, asked.expiration)?)?;
            rule.map_or(Ok(()), |rule| kwargs.set_item("rule", rule))
        })
    };
    match shortage {
        Shortage::EndBefore(end) => Failure::Wrapped(error(end, None)),
        Shortage::EndNow(end) => {
            Failure::Wrapped(error(end, Some("in less than a second, the least of a URL")))
        }
        Shortage::TwelveHours => {
            let value = format!("{} s", asked.seconds());
            let rule = "must be at most 43200 seconds (12 hours) with temporary credentials";
            Failure::Bare(translate(py, &Error::expires(value, rule)))
        }
    }
}
