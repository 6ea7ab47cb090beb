//! The entries of a dict, as they are at one moment.

use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::PyDict;
use smallvec::SmallVec;

/// Names and values; few enough, mostly, to need no memory of their own.
pub(super) type Snapshot<'py> = SmallVec<[(Bound<'py, PyAny>, Bound<'py, PyAny>); 4]>;

/// The entries of a dict that somebody else holds, too.
///
/// PyO3's own iterator panics where a dict changes under it: by the `__str__` of one of its values, or,
/// in free-threaded Python, by another thread.
pub(super) fn snapshot<'py>(dict: &Bound<'py, PyDict>) -> Snapshot<'py> {
    with_critical_section(dict, || dict.iter().collect())
}
