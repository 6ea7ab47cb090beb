//! A server that a Python object holds: it runs in threads of its own until it is stopped.

use crate::server::background::Background;
use pyo3::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a program that waits for a server looks whether Python has a signal to handle.
const LOOK: Duration = Duration::from_millis(50);

/// A server that can be stopped once.
pub(super) struct Held<R>(Mutex<Option<R>>);

impl<R: AsRef<Background> + Send> Held<R> {
    pub(super) fn new(running: R) -> Self {
        Self(Mutex::new(Some(running)))
    }

    /// The server, until it is stopped.
    pub(super) fn lock(&self) -> MutexGuard<'_, Option<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it runs, in this process.
    pub(super) fn is_running(&self) -> bool {
        self.lock().as_ref().is_some_and(|running| running.as_ref().is_running())
    }

    /// Returns when it has stopped.
    ///
    /// # Errors
    /// What a handler of a signal raises, which stops the server.
    pub(super) fn wait(&self, py: Python<'_>) -> PyResult<()> {
        while self.is_running() {
            py.detach(|| std::thread::sleep(LOOK));
            if let Err(error) = py.check_signals() {
                self.stop(py);
                return Err(error);
            }
        }
        self.stop(py);
        Ok(())
    }

    /// Stops it; to stop twice is to stop once.
    pub(super) fn stop(&self, py: Python<'_>) {
        let running = self.lock().take();
        // Dropping it stops it, and waits for it.
        py.detach(|| drop(running));
    }
}
