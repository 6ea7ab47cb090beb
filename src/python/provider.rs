//! Anything that gives credentials: asked at every call, so that rotation is seen.

use super::credentials::{Answer, Credentials, StaticCredentialsProvider, Values};
use super::error::exception;
use pyo3::exceptions::{PyAttributeError, PyException, PyTypeError};
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
            if object.hasattr("cloud_credential")? {
                let source = object.py().import("ossign._alibabacloud")?.getattr("Source")?;
                return Ok(Self::Method(source.call1((object,))?.unbind(), "get_credentials"));
            }
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
        match self {
            Self::Fixed(credentials) => use_ours(py, credentials.get(), sign),
            _ => use_any(&self.ask(py)?, sign),
        }
    }

    /// As [`Provider::with_answer`], but asks once more where `is_short` finds the answer too short.
    ///
    /// # Errors
    /// As [`Provider::with_answer`]; to fail where credentials are still good is to go on with them.
    pub(super) fn with_fresh_answer<T>(
        &self,
        py: Python<'_>,
        is_short: impl Fn(&Answer<'_>) -> Short,
        sign: impl FnOnce(Answer<'_>) -> PyResult<T>,
    ) -> PyResult<T> {
        if matches!(self, Self::Fixed(_)) {
            return self.with_answer(py, sign);
        }
        let given = self.ask(py)?;
        let short = use_any(&given, |answer| Ok(is_short(&answer)))?;
        if short == Short::No {
            return use_any(&given, sign);
        }
        let fresh = self.asked_again(&given);
        let fresh = fresh.and_then(|fresh| use_any(&fresh, |_| Ok(())).map(|()| fresh));
        match fresh {
            Ok(fresh) => use_any(&fresh, sign),
            Err(error) if short == Short::Ended || !error.is_instance_of::<PyException>(py) => {
                Err(error)
            }
            Err(_) => use_any(&given, sign),
        }
    }

    /// The object that gives credentials, where it is asked at every call, and its method's name.
    pub(super) fn asked(&self) -> Option<(&Py<PyAny>, Option<&'static str>)> {
        match self {
            Self::Anonymous | Self::Fixed(_) => None,
            Self::Method(object, name) => Some((object, Some(name))),
            Self::Call(function) => Some((function, None)),
        }
    }

    fn ask<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let given = match self {
            Self::Anonymous => return Err(empty(py)),
            Self::Fixed(credentials) => return Ok(credentials.bind(py).clone().into_any()),
            Self::Method(object, name) => object.bind(py).call_method0(*name),
            Self::Call(function) => function.bind(py).call0(),
        };
        given.map_err(|error| fetch_error(py, error))
    }

    /// Asks for others than `given`.
    fn asked_again<'py>(&self, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = given.py();
        let Some((object, name)) = self.asked() else { return Ok(given.clone()) };
        let again = py.import("ossign._asking_again")?.getattr("asked_again")?;
        again.call1((object, name, given)).map_err(|error| fetch_error(py, error))
    }

    pub(super) fn traverse(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Anonymous => Ok(()),
            Self::Fixed(credentials) => visit.call(credentials),
            Self::Method(object, _) | Self::Call(object) => visit.call(object),
        }
    }
}

/// Whether credentials end before a URL does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Short {
    /// They do not.
    No,
    /// They do.
    Yes,
    /// They have ended already.
    Ended,
}

/// Hands over what a provider returned, if there is something in it.
fn use_any<T>(
    given: &Bound<'_, PyAny>,
    sign: impl FnOnce(Answer<'_>) -> PyResult<T>,
) -> PyResult<T> {
    let py = given.py();
    if given.is_none() {
        return Err(empty(py));
    }
    if let Ok(ours) = given.cast::<Credentials>() {
        return use_ours(py, ours.get(), sign);
    }
    let has_id = given.hasattr("access_key_id")?;
    if !has_id && given.hasattr("__await__")? {
        return Err(asynchronous(given));
    }
    if !has_id && given.hasattr("get_access_key_id")? {
        let converted = py.import("ossign._answers")?.getattr("converted")?;
        return use_any(&converted.call1((given,))?, sign);
    }
    // What has neither fails as in the SDK, which asks it for `has_keys`.
    let asked = !has_id || given.hasattr("has_keys")?;
    if asked && !given.call_method0("has_keys")?.is_truthy()? {
        return Err(empty(py));
    }
    sign(copied(given)?.answer(py)?.ok_or_else(|| empty(py))?)
}

/// The error of credentials that nobody has waited for, and now nobody will.
fn asynchronous(given: &Bound<'_, PyAny>) -> PyErr {
    if let Ok(Some(close)) = given.getattr_opt("close") {
        // What it raises would say less than the error to come.
        let _ = close.call0();
    }
    fetch_error(given.py(), PyTypeError::new_err(ASYNCHRONOUS))
}

const ASYNCHRONOUS: &str = "the provider of credentials is asynchronous: \
    `await client.presign_async(...)`, or await the credentials first and give them to a client: \
    `Client(config, credentials_provider=credentials)`";

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
