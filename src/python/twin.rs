//! A client like another one, kept for as long as its provider is the same object.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A provider, and the client that was made for it.
#[derive(Default)]
pub(super) struct Twin(Mutex<Option<(Py<PyAny>, Py<PyAny>)>>);

impl Twin {
    /// The client of this very provider.
    pub(super) fn of<'py>(&self, provider: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        let kept = self.kept();
        let (known, client) = kept.as_ref()?;
        known.is(provider).then(|| client.bind(provider.py()).clone())
    }

    /// Keeps the client of a provider in place of another one.
    pub(super) fn set(&self, provider: &Bound<'_, PyAny>, client: &Bound<'_, PyAny>) {
        let new = (provider.clone().unbind(), client.clone().unbind());
        let old = self.kept().replace(new);
        // Not under the lock: what ends with it may run Python code.
        drop(old);
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Ok(kept) = self.0.try_lock() else { return Ok(()) };
        let Some((provider, client)) = kept.as_ref() else { return Ok(()) };
        visit.call(provider)?;
        visit.call(client)
    }

    /// Nobody runs Python code while holding this lock.
    fn kept(&self) -> MutexGuard<'_, Option<(Py<PyAny>, Py<PyAny>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
