//! Anything that gives credentials: asked at every call, so that rotation is seen.

use super::credentials::{Answer, Credentials, StaticCredentialsProvider, Values};
use super::error::exception;
use pyo3::exceptions::{PyAttributeError, PyException};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

/// Where a client's credentials come from.
pub(super) enum Provider {
    /// Nothing is signed.
    Anonymous,
    /// Always this object, whose values may change.
    Fixed(Py<Credentials>),
    /// Whatever this method of this object returns.
    Method(Py<PyAny>, &'static str),
    /// Whatever this callable returns.
    Call(Py<PyAny>),
}

impl Provider {
    /// The provider that `object` is: one of ours or of the SDK's, anything with
    /// `get_credentials()`, a client of `alibabacloud_credentials`, credentials, or a callable.
    pub(super) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let own = || object.clone().unbind();
        if let Some(fixed) = fixed(object)? {
            return Ok(Self::Fixed(fixed));
        }
        if is_anonymous(&object.get_type())? {
            return Ok(Self::Anonymous);
        }
        // The client of alibabacloud_credentials also has a get_credentials, which is a factory.
        if object.hasattr("get_credential")? {
            return Ok(Self::Method(own(), "get_credential"));
        }
        if !object.hasattr("get_credentials")? {
            if object.hasattr("access_key_id")? {
                return Ok(Self::Fixed(Py::new(object.py(), Credentials::of(copied(object)?))?));
            }
            if object.is_callable() {
                return Ok(Self::Call(own()));
            }
        }
        Ok(Self::Method(own(), "get_credentials"))
    }

    /// Asks for credentials and hands them to `sign`.
    ///
    /// # Errors
    /// `CredentialsFetchError` where the provider fails, `CredentialsEmptyError` where it returns
    /// nothing, or nothing in it.
    pub(super) fn with_answer<T>(
        &self,
        py: Python<'_>,
        sign: impl FnOnce(Answer<'_>) -> PyResult<T>,
    ) -> PyResult<T> {
        let given = match self {
            Self::Fixed(credentials) => {
                return use_ours(py, credentials.get(), sign);
            }
            Self::Anonymous => return Err(empty(py)),
            Self::Method(object, name) => object.bind(py).call_method0(*name),
            Self::Call(function) => function.bind(py).call0(),
        };
        let given = given.map_err(|error| fetch_error(py, error))?;
        if given.is_none() {
            return Err(empty(py));
        }
        if let Ok(ours) = given.cast::<Credentials>() {
            return use_ours(py, ours.get(), sign);
        }
        // What has neither fails as in the SDK, which asks it for `has_keys`.
        let asked = given.hasattr("has_keys")? || !given.hasattr("access_key_id")?;
        if asked && !given.call_method0("has_keys")?.is_truthy()? {
            return Err(empty(py));
        }
        sign(copied(&given)?.answer(py)?.ok_or_else(|| empty(py))?)
    }

    pub(super) fn traverse(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Anonymous => Ok(()),
            Self::Fixed(credentials) => visit.call(credentials),
            Self::Method(object, _) | Self::Call(object) => visit.call(object),
        }
    }
}

fn use_ours<T>(
    py: Python<'_>,
    credentials: &Credentials,
    sign: impl FnOnce(Answer<'_>) -> PyResult<T>,
) -> PyResult<T> {
    let (version, values) = credentials.read(py);
    let answer = values.answer(py)?.ok_or_else(|| empty(py))?;
    credentials.learn_end(version, answer.end);
    sign(Answer { version: Some(version), ..answer })
}

/// Our own static providers need not be called, unless a subclass overrides how they answer.
fn fixed(object: &Bound<'_, PyAny>) -> PyResult<Option<Py<Credentials>>> {
    if let Ok(credentials) = object.cast::<Credentials>() {
        return Ok(Some(credentials.clone().unbind()));
    }
    let Ok(provider) = object.cast::<StaticCredentialsProvider>() else { return Ok(None) };
    let name = PyString::intern(object.py(), "get_credentials");
    let own = object.py().get_type::<StaticCredentialsProvider>().getattr(&name)?;
    let same = object.get_type().getattr(&name)?.is(&own);
    Ok(same.then(|| provider.get().get_credentials(object.py())))
}

/// Whether a class is, or derives from, the AnonymousCredentialsProvider of this package or of the
/// SDK, which is never imported here.
fn is_anonymous(class: &Bound<'_, PyType>) -> PyResult<bool> {
    for base in class.mro() {
        let base = base.cast::<PyType>()?;
        if base.name()? == "AnonymousCredentialsProvider" {
            let module = base.module()?.to_string();
            if module.starts_with("ossign") || module.starts_with("alibabacloud_oss_v2") {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The values that a foreign object has as attributes.
fn copied(given: &Bound<'_, PyAny>) -> PyResult<Values> {
    let py = given.py();
    let optional = |name| match given.getattr(name) {
        Err(error) if error.is_instance_of::<PyAttributeError>(py) => Ok(None),
        value => value.map(|value| Some(value.unbind())),
    };
    Ok(Values::of(
        py,
        given.getattr("access_key_id")?.unbind(),
        given.getattr("access_key_secret")?.unbind(),
        optional("security_token")?,
        optional("expiration")?,
    ))
}

fn empty(py: Python<'_>) -> PyErr {
    exception(py, "CredentialsEmptyError", |_| Ok(()))
}

fn fetch_error(py: Python<'_>, error: PyErr) -> PyErr {
    if !error.is_instance_of::<PyException>(py) {
        return error;
    }
    let cause = error.clone_ref(py);
    let raised =
        exception(py, "CredentialsFetchError", |kwargs| kwargs.set_item("error", error.value(py)));
    raised.set_cause(py, Some(cause));
    raised
}
