//! Ctrl-C while no Python runs.

use pyo3::prelude::*;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// How often Python is asked: taking its lock back may take as long as 5 ms.
const PAUSE: Duration = Duration::from_millis(30);

/// Asks Python now and then whether a signal came in.
pub(super) struct Watch {
    asked: Cell<Instant>,
    raised: Cell<Option<PyErr>>,
}

impl Watch {
    /// Signals are looked for from now on.
    pub(super) fn start() -> Self {
        Self { asked: Cell::new(Instant::now()), raised: Cell::new(None) }
    }

    /// Whether nothing speaks against going on. Cheap to ask.
    pub(super) fn go_on(&self) -> bool {
        if self.asked.get().elapsed() < PAUSE {
            return true;
        }
        let answer = Python::attach(|py| py.check_signals());
        self.asked.set(Instant::now());
        let go_on = answer.is_ok();
        self.raised.set(answer.err());
        go_on
    }

    /// What a handler of the signal raised.
    pub(super) fn error(self) -> Option<PyErr> {
        self.raised.into_inner()
    }
}
