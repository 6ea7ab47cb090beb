//! `Credentials` and the provider that always gives the same ones.

mod end;
mod fixed;

pub(super) use fixed::StaticCredentialsProvider;

use super::instant;
use super::ready::Ready;
use crate::credentials::Credentials as Pair;
use crate::lifetime::Lifetime;
use end::{End, end_of};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyUnicodeEncodeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice, PyString, PyTuple};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
#[pyclass(module = "ossign", subclass, frozen, weakref, dict)]
pub(super) struct Credentials {
    values: Mutex<Values>,
    /// Changes whenever a value does, and is no other credentials' version: what was derived from
    /// credentials of the same version is still right, without looking at their values.
    version: AtomicU64,
    /// When these values end, in microseconds since 1970; [`NEVER`] or [`NOT_ASKED`].
    end: AtomicI64,
    ready: Ready,
}

const NO_TIME: &str = "the expiration of the credentials is no time: a datetime, ISO 8601, \
    Unix seconds or None is needed, unless on_short_credentials is 'keep'";
const NEVER: i64 = i64::MAX;
const NOT_ASKED: i64 = i64::MIN;

/// The values of credentials at one time.
pub(super) struct Values {
    pub(super) access_key_id: Py<PyAny>,
    pub(super) access_key_secret: Py<PyAny>,
    pub(super) security_token: Py<PyAny>,
    pub(super) expiration: Py<PyAny>,
}

/// What signing needs of an answer of a provider. The texts live as long as the answer.
pub(super) struct Answer<'a> {
    /// The pair and its token.
    pub(super) pair: Pair<'a>,
    /// When it ends, in microseconds since 1970.
    pub(super) end: Option<i64>,
    /// Whether it has an expiration that is no time.
    pub(super) end_is_no_time: bool,
    /// The version of the credentials, where they are ours.
    pub(super) version: Option<u64>,
}

impl Answer<'_> {
    /// For how long it is good.
    pub(super) fn lifetime(&self) -> Lifetime {
        Lifetime { end: self.end, temporary: self.pair.token.is_some() }
    }

    /// Refuses an expiration that is no time, for who needs to know it.
    ///
    /// # Errors
    /// `ValueError`.
    pub(super) fn check_end(&self) -> PyResult<()> {
        match self.end_is_no_time {
            true => Err(PyValueError::new_err(NO_TIME)),
            false => Ok(()),
        }
    }
}

#[pymethods]
impl Credentials {
    /// Takes anything, so that subclasses may have constructors of their own.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs), text_signature = None)]
    fn new(
        py: Python<'_>,
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> Self {
        Self::of(Values::of(py, py.None(), py.None(), None, None))
    }

    #[pyo3(signature = (access_key_id, access_key_secret, security_token=None, expiration=None))]
    fn __init__(
        &self,
        py: Python<'_>,
        access_key_id: Py<PyAny>,
        access_key_secret: Py<PyAny>,
        security_token: Option<Py<PyAny>>,
        expiration: Option<Py<PyAny>>,
    ) {
        let values = Values::of(py, access_key_id, access_key_secret, security_token, expiration);
        self.change(|own| *own = values);
    }

    /// The AccessKey id.
    #[getter]
    fn access_key_id(&self, py: Python<'_>) -> Py<PyAny> {
        self.values().access_key_id.clone_ref(py)
    }

    #[setter]
    fn set_access_key_id(&self, value: Py<PyAny>) {
        self.change(|own| own.access_key_id = value);
    }

    /// The AccessKey secret.
    #[getter]
    fn access_key_secret(&self, py: Python<'_>) -> Py<PyAny> {
        self.values().access_key_secret.clone_ref(py)
    }

    #[setter]
    fn set_access_key_secret(&self, value: Py<PyAny>) {
        self.change(|own| own.access_key_secret = value);
    }

    /// The security token, or None.
    #[getter]
    fn security_token(&self, py: Python<'_>) -> Py<PyAny> {
        self.values().security_token.clone_ref(py)
    }

    #[setter]
    fn set_security_token(&self, value: Py<PyAny>) {
        self.change(|own| own.security_token = value);
    }

    /// When the credentials end, or None.
    #[getter]
    fn expiration(&self, py: Python<'_>) -> Py<PyAny> {
        self.values().expiration.clone_ref(py)
    }

    #[setter]
    fn set_expiration(&self, value: Py<PyAny>) {
        self.change(|own| own.expiration = value);
    }

    /// Whether id and secret are both there.
    fn has_keys(&self, py: Python<'_>) -> PyResult<bool> {
        let (_, values) = self.read(py);
        let filled = |value: &Py<PyAny>| {
            let value = value.bind(py);
            PyResult::Ok(!value.is_none() && value.len()? > 0)
        };
        Ok(filled(&values.access_key_id)? && filled(&values.access_key_secret)?)
    }

    /// Whether the credentials have ended. Those without an end never have.
    fn is_expired(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(match end_of(self.expiration(py).bind(py))? {
            End::At(end) => end < instant::now(py)?,
            End::Unknown | End::NoTime => false,
        })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let (
            _,
            Values { access_key_id: id, access_key_secret: secret, security_token, expiration },
        ) = slf.get().read(slf.py());
        reduced(slf, (id, secret, security_token, expiration).into_pyobject(slf.py())?)
    }

    fn __setstate__(slf: &Bound<'_, Self>, state: &Bound<'_, PyTuple>) -> PyResult<()> {
        let (id, secret, token, expiration) = state.get_item(0)?.extract()?;
        let values = Values::of(slf.py(), id, secret, token, expiration);
        slf.get().change(|own| *own = values);
        restore_dict(slf, state)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let id = slf.get().access_key_id(slf.py());
        let name = slf.get_type().name()?;
        Ok(format!("{name}(access_key_id={})", id.bind(slf.py()).repr()?))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if !self.ready.is_set() {
            return Ok(());
        }
        let Ok(values) = self.values.try_lock() else { return Ok(()) };
        visit.call(&values.access_key_id)?;
        visit.call(&values.access_key_secret)?;
        visit.call(&values.security_token)?;
        visit.call(&values.expiration)
    }
}

impl Credentials {
    /// Credentials of these values.
    pub(super) fn of(values: Values) -> Self {
        Self {
            values: Mutex::new(values),
            version: AtomicU64::new(next_version()),
            end: AtomicI64::new(NOT_ASKED),
            ready: Ready::new(),
        }
    }

    /// The version, and when credentials of this version end, if somebody has asked already.
    pub(super) fn known(&self) -> Option<(u64, Option<i64>)> {
        let version = self.version.load(Ordering::Acquire);
        match self.end.load(Ordering::Acquire) {
            NOT_ASKED => None,
            NEVER => Some((version, None)),
            end => Some((version, Some(end))),
        }
    }

    /// Notes when credentials of this version end.
    pub(super) fn learn_end(&self, version: u64, end: Option<i64>) {
        let _unchanged = self.values();
        if self.version.load(Ordering::Acquire) == version {
            self.end.store(end.unwrap_or(NEVER), Ordering::Release);
        }
    }

    /// The version and the values, which nobody changes in between.
    pub(super) fn read(&self, py: Python<'_>) -> (u64, Values) {
        let values = self.values();
        (self.version.load(Ordering::Acquire), values.clone_ref(py))
    }

    /// Nobody runs Python code while holding this lock.
    fn values(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Values)) {
        let mut values = self.values();
        self.end.store(NOT_ASKED, Ordering::Release);
        self.version.store(next_version(), Ordering::Release);
        change(&mut values);
    }
}

fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Values {
    /// These values; what is not given is None.
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
        let (end, end_is_no_time) = match end_of(self.expiration.bind(py))? {
            End::At(end) => (Some(end), false),
            End::Unknown => (None, false),
            End::NoTime => (None, true),
        };
        let pair = Pair::new(id, secret, token);
        Ok(Some(Answer { pair, end, end_is_no_time, version: None }))
    }

    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            access_key_id: self.access_key_id.clone_ref(py),
            access_key_secret: self.access_key_secret.clone_ref(py),
            security_token: self.security_token.clone_ref(py),
            expiration: self.expiration.clone_ref(py),
        }
    }
}

fn text<'a>(py: Python<'a>, value: &'a Py<PyAny>) -> PyResult<&'a str> {
    let value = value.bind(py);
    match value.cast::<PyString>() {
        Ok(text) => text.to_str().map_err(|error| masked(py, &error).unwrap_or(error)),
        Err(_) => Err(PyTypeError::new_err(format!(
            "credentials must be str, not {}",
            value.get_type().name()?
        ))),
    }
}

/// A UnicodeEncodeError keeps the whole text; this one only the character that is none, in its place.
fn masked(py: Python<'_>, error: &PyErr) -> Option<PyErr> {
    let error = error.value(py);
    let number = |name| error.getattr(name).and_then(|value| value.extract::<isize>()).ok();
    let (start, end) = (number("start")?, number("end")?);
    let wrong =
        error.getattr("object").and_then(|all| all.get_item(PySlice::new(py, start, end, 1)));
    let text = PyString::new(py, &"*".repeat(start.try_into().ok()?)).add(wrong.ok()?).ok()?;
    let reason: String = error.getattr("reason").ok()?.extract().ok()?;
    Some(PyUnicodeEncodeError::new_err(("utf-8", text.unbind(), start, end, reason)))
}

/// For pickle and copy: the class, what it was made of, and what somebody added to the object.
pub(super) fn reduced<'py>(
    object: &Bound<'py, PyAny>,
    made_of: impl IntoPyObject<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = object.py();
    let new = py.import("copyreg")?.getattr("__newobj__")?;
    let made_of = made_of.into_bound_py_any(py)?;
    (new, (object.get_type(),), (made_of, object.getattr("__dict__")?)).into_pyobject(py)
}

/// The second half of what [`reduced`] has taken apart.
pub(super) fn restore_dict(object: &Bound<'_, PyAny>, state: &Bound<'_, PyTuple>) -> PyResult<()> {
    object.getattr("__dict__")?.call_method1("update", (state.get_item(1)?,)).map(drop)
}
