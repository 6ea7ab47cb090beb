//! The provider that always gives the same credentials.

use super::{Credentials, Values, reduced, restore_dict};
use crate::python::ready::Ready;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Always gives the same credentials.
///
/// Example:
///     >>> import ossign as oss
///     >>> provider = oss.credentials.StaticCredentialsProvider("id", "secret")
///     >>> provider.get_credentials()
///     Credentials(access_key_id='id')
#[pyclass(module = "ossign.credentials", subclass, frozen, weakref, dict)]
pub(in crate::python) struct StaticCredentialsProvider {
    credentials: Py<Credentials>,
    ready: Ready,
}

#[pymethods]
impl StaticCredentialsProvider {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        py: Python<'_>,
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let empty = Credentials::of(Values::of(py, py.None(), py.None(), None, None));
        Ok(Self { credentials: Py::new(py, empty)?, ready: Ready::new() })
    }

    #[pyo3(signature = (access_key_id, access_key_secret, security_token=None))]
    fn __init__(
        &self,
        py: Python<'_>,
        access_key_id: Py<PyAny>,
        access_key_secret: Py<PyAny>,
        security_token: Option<Py<PyAny>>,
    ) {
        let values = Values::of(py, access_key_id, access_key_secret, security_token, None);
        self.credentials.get().change(|own| *own = values);
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        reduced(slf, slf.get().credentials.bind(slf.py()))
    }

    fn __setstate__(slf: &Bound<'_, Self>, state: &Bound<'_, PyTuple>) -> PyResult<()> {
        let given = state.get_item(0)?.cast_into::<Credentials>()?;
        let (_, values) = given.get().read(slf.py());
        slf.get().credentials.get().change(|own| *own = values);
        restore_dict(slf, state)
    }

    /// The credentials.
    pub(in crate::python) fn get_credentials(&self, py: Python<'_>) -> Py<Credentials> {
        self.credentials.clone_ref(py)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if !self.ready.is_set() {
            return Ok(());
        }
        visit.call(&self.credentials)
    }
}
