//! A mark of objects that are made: until then, garbage collection must not ask what they refer to.

use std::sync::atomic::{AtomicBool, Ordering};

/// Stands in each class that has both a `__dict__` and references to other objects.
///
/// CPython 3.11 makes the `__dict__` of an object before PyO3 writes the object, and may collect
/// garbage while it does so. The object is known to the collector already, and all of it is zero: a
/// null reference, where a `Py` never is null.
pub(super) struct Ready(AtomicBool);

impl Ready {
    /// The mark of an object that is made.
    pub(super) fn new() -> Self {
        Self(AtomicBool::new(true))
    }

    /// Whether it is made.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
