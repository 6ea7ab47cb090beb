//! `Credentials` and the provider that always gives the same ones.

use super::instant;
use crate::credentials::Credentials as Pair;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyString, PyTuple, PyTzInfo};

/// An AccessKey id and secret, with the security token of temporary credentials.
///
/// Secret and token appear in no repr and no error. A Python str cannot be wiped from memory:
/// the secret lives as long as this object.
///
/// Args:
///     access_key_id: The AccessKey id.
///     access_key_secret: The AccessKey secret.
///     security_token: The STS token, for temporary credentials.
///     expiration: When temporary credentials end. A naive datetime is UTC.
///
/// Example:
///     >>> import ossign as oss
///     >>> oss.Credentials("id", "secret")
///     Credentials(access_key_id='id')
#[pyclass(module = "ossign", subclass, weakref)]
pub(super) struct Credentials {
    /// The AccessKey id.
    #[pyo3(get, set)]
    access_key_id: Py<PyAny>,
    /// The AccessKey secret.
    #[pyo3(get, set)]
    access_key_secret: Py<PyAny>,
    /// The security token, or None.
    #[pyo3(get, set)]
    security_token: Py<PyAny>,
    /// When the credentials end, or None.
    #[pyo3(get, set)]
    expiration: Py<PyAny>,
}

/// What signing needs of an answer of a provider. The texts live as long as the answer.
pub(super) struct Answer<'a> {
    /// The pair and its token.
    pub(super) pair: Pair<'a>,
    /// When it ends, in microseconds since 1970.
    pub(super) end: Option<i64>,
}

#[pymethods]
impl Credentials {
    /// Takes anything, so that subclasses may have constructors of their own.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        py: Python<'_>,
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> Self {
        Self::of(py, py.None(), py.None(), None, None)
    }

    #[pyo3(signature = (access_key_id, access_key_secret, security_token=None, expiration=None))]
    fn __init__(
        &mut self,
        py: Python<'_>,
        access_key_id: Py<PyAny>,
        access_key_secret: Py<PyAny>,
        security_token: Option<Py<PyAny>>,
        expiration: Option<Py<PyAny>>,
    ) {
        *self = Self::of(py, access_key_id, access_key_secret, security_token, expiration);
    }

    /// Whether id and secret are both there.
    fn has_keys(&self, py: Python<'_>) -> PyResult<bool> {
        let filled = |value: &Py<PyAny>| {
            let value = value.bind(py);
            PyResult::Ok(!value.is_none() && value.len()? > 0)
        };
        Ok(filled(&self.access_key_id)? && filled(&self.access_key_secret)?)
    }

    /// Whether the credentials have ended. Those without an end never have.
    fn is_expired(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(match end_of(self.expiration.bind(py))? {
            Some(end) => end < instant::now(py)?,
            None => false,
        })
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let this = slf.borrow();
        let id = this.access_key_id.bind(slf.py()).repr()?;
        Ok(format!("{}(access_key_id={id})", slf.get_type().name()?))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.access_key_id)?;
        visit.call(&self.access_key_secret)?;
        visit.call(&self.security_token)?;
        visit.call(&self.expiration)
    }
}

impl Credentials {
    /// Credentials of these values.
    pub(super) fn of(
        py: Python<'_>,
        access_key_id: Py<PyAny>,
        access_key_secret: Py<PyAny>,
        security_token: Option<Py<PyAny>>,
        expiration: Option<Py<PyAny>>,
    ) -> Self {
        let or_none = |value: Option<Py<PyAny>>| value.unwrap_or_else(|| py.None());
        Self {
            access_key_id,
            access_key_secret,
            security_token: or_none(security_token),
            expiration: or_none(expiration),
        }
    }

    /// The texts within, or None where id or secret is missing or empty.
    pub(super) fn answer<'a>(&'a self, py: Python<'a>) -> PyResult<Option<Answer<'a>>> {
        if self.access_key_id.is_none(py) || self.access_key_secret.is_none(py) {
            return Ok(None);
        }
        let (id, secret) = (text(py, &self.access_key_id)?, text(py, &self.access_key_secret)?);
        if id.is_empty() || secret.is_empty() {
            return Ok(None);
        }
        let token = match self.security_token.is_none(py) {
            true => None,
            false => Some(text(py, &self.security_token)?),
        };
        let pair = Pair::new(id, secret, token);
        Ok(Some(Answer { pair, end: end_of(self.expiration.bind(py))? }))
    }
}

fn text<'a>(py: Python<'a>, value: &'a Py<PyAny>) -> PyResult<&'a str> {
    let value = value.bind(py);
    match value.cast::<PyString>() {
        Ok(text) => text.to_str(),
        Err(_) => Err(PyTypeError::new_err(format!(
            "credentials must be str, not {}",
            value.get_type().name()?
        ))),
    }
}

fn end_of(expiration: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
    let py = expiration.py();
    if expiration.is_none() {
        return Ok(None);
    }
    let Ok(datetime) = expiration.cast::<PyDateTime>() else { return Ok(None) };
    if datetime.getattr(intern!(py, "tzinfo"))?.is_none() {
        let zone = PyDict::new(py);
        zone.set_item("tzinfo", PyTzInfo::utc(py)?)?;
        return instant::instant(py, &datetime.call_method("replace", (), Some(&zone))?).map(Some);
    }
    instant::instant(py, datetime).map(Some)
}

/// Always gives the same credentials.
///
/// Example:
///     >>> import ossign as oss
///     >>> provider = oss.credentials.StaticCredentialsProvider("id", "secret")
///     >>> provider.get_credentials()
///     Credentials(access_key_id='id')
#[pyclass(module = "ossign.credentials", subclass, frozen, weakref)]
pub(super) struct StaticCredentialsProvider {
    credentials: Py<Credentials>,
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
        let empty = Credentials::of(py, py.None(), py.None(), None, None);
        Ok(Self { credentials: Py::new(py, empty)? })
    }

    #[pyo3(signature = (access_key_id, access_key_secret, security_token=None))]
    fn __init__(
        &self,
        py: Python<'_>,
        access_key_id: Py<PyAny>,
        access_key_secret: Py<PyAny>,
        security_token: Option<Py<PyAny>>,
    ) {
        *self.credentials.borrow_mut(py) =
            Credentials::of(py, access_key_id, access_key_secret, security_token, None);
    }

    /// The credentials.
    pub(super) fn get_credentials(&self, py: Python<'_>) -> Py<Credentials> {
        self.credentials.clone_ref(py)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.credentials)
    }
}
