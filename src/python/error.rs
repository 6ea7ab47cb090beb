//! Errors of the pure half as the exception classes of the same names in `ossign.exceptions`.

use crate::error::{Error, Reason};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

/// What went wrong, and whether the SDK would have wrapped it in an `OperationError`.
pub(super) enum Failure {
    /// Raised as it is: the call itself was wrong.
    Bare(PyErr),
    /// Raised within an `OperationError`: the operation cannot be done.
    Wrapped(PyErr),
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Bare(error)
    }
}

impl Failure {
    /// The exception that Python sees.
    pub(super) fn into_exception(self, py: Python<'_>, operation: &str) -> PyErr {
        match self {
            Self::Wrapped(error) if error.is_instance_of::<PyException>(py) => {
                let cause = error.clone_ref(py);
                let wrapped = exception(py, "OperationError", |kwargs| {
                    kwargs.set_item("name", operation)?;
                    kwargs.set_item("error", error.into_value(py))
                });
                wrapped.set_cause(py, Some(cause));
                wrapped
            }
            Self::Bare(error) | Self::Wrapped(error) => error,
        }
    }
}

/// An error that says which row of a batch it is about.
pub(super) fn at_row(py: Python<'_>, error: PyErr, row: usize) -> PyErr {
    let told = || {
        let tell = py.import("ossign.exceptions")?.getattr("_at_row")?;
        PyResult::Ok(PyErr::from_value(tell.call1((error.value(py), row))?))
    };
    told().unwrap_or_else(|error| error)
}

/// An instance of a class of `ossign.exceptions`, made with these keywords.
pub(super) fn exception(
    py: Python<'_>,
    class: &str,
    fill: impl FnOnce(&Bound<'_, PyDict>) -> PyResult<()>,
) -> PyErr {
    let made = || {
        let kwargs = PyDict::new(py);
        fill(&kwargs)?;
        py.import("ossign.exceptions")?
            .getattr(class)?
            .cast_into::<PyType>()?
            .call((), Some(&kwargs))
    };
    made().map_or_else(|error| error, PyErr::from_value)
}

/// The exception of an error of the pure half.
pub(super) fn translate(py: Python<'_>, error: &Error) -> PyErr {
    let (class, field, name, reason) = match error {
        Error::ParamInvalid { field, reason } => {
            ("ParamInvalidError", Some(&**field), None, reason)
        }
        Error::BucketNameInvalid { name } => ("BucketNameInvalidError", None, Some(name), &None),
        Error::ObjectNameInvalid { reason } => {
            ("ObjectNameInvalidError", Some("key"), None, reason)
        }
        Error::PresignExpiration { reason } => {
            ("PresignExpirationError", Some("expires"), None, reason)
        }
    };
    exception(py, class, |kwargs| {
        if let Some(name) = name {
            kwargs.set_item("name", name)?;
        }
        // Without a reason the SDK's own words stand, and only ParamInvalidError names a field.
        if let Some(field) = field.filter(|_| reason.is_some() || class == "ParamInvalidError") {
            kwargs.set_item("field", field)?;
        }
        if let Some(Reason { value, rule }) = reason {
            kwargs.set_item("value", value)?;
            kwargs.set_item("rule", rule)?;
        }
        Ok(())
    })
}
