//! When credentials end, of whatever an `expiration` holds.

use crate::python::instant;
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyTzInfo};

/// What an expiration says.
pub(super) enum End {
    /// This instant, in microseconds since 1970.
    At(i64),
    Unknown,
    /// It says something else than a time. The SDK ignores that.
    NoTime,
}

pub(super) fn end_of(expiration: &Bound<'_, PyAny>) -> PyResult<End> {
    let py = expiration.py();
    if expiration.is_none() {
        return Ok(End::Unknown);
    }
    let Ok(datetime) = expiration.cast::<PyDateTime>() else { return written_end(expiration) };
    if datetime.getattr(intern!(py, "tzinfo"))?.is_none() {
        let zone = PyDict::new(py);
        zone.set_item("tzinfo", PyTzInfo::utc(py)?)?;
        return instant::instant(py, &datetime.call_method("replace", (), Some(&zone))?)
            .map(End::At);
    }
    instant::instant(py, datetime).map(End::At)
}

/// The end as STS and others write it: ISO 8601, or Unix seconds.
#[cold]
fn written_end(expiration: &Bound<'_, PyAny>) -> PyResult<End> {
    let py = expiration.py();
    match py.import("ossign._answers")?.getattr("end_of")?.call1((expiration,)) {
        Ok(end) if end.is_none() => Ok(End::Unknown),
        Ok(end) => instant::instant(py, &end).map(End::At),
        Err(error) if error.is_instance_of::<PyValueError>(py) => Ok(End::NoTime),
        Err(error) => Err(error),
    }
}
