//! What `presign` answers.

use super::instant;
use super::snapshot::snapshot;
use crate::presign::{Target, Version};
use crate::request::{Header, Headers};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyString, PyTuple};
use std::borrow::Cow;
use std::sync::Arc;

const KEYS: [&str; 6] =
    ["method", "url", "expiration", "signed_headers", "request_headers", "effective_expiration"];
const HIDDEN: &str = "***";

/// A presigned URL, and what must be sent with it.
///
/// Attributes:
///     method: The HTTP method that the URL is for.
///     url: The presigned URL. Whoever has it can use it until it ends.
///     expiration: When it ends, an aware datetime in UTC.
///     signed_headers: The header fields that are part of the signature: the request must send
///         exactly these, with these values, and no other Content-Type.
///     request_headers: All header fields to be sent to get what was asked for, the unsigned ones
///         (Cache-Control, Content-Disposition, Range, If-Match, ...) included.
///     effective_expiration: The earlier of `expiration` and the end of the credentials that
///         signed. OSS refuses the URL from then on.
///
/// Results compare by value, pickle, and turn into a dict: `dict(result)`. The repr hides
/// signature and token.
///
/// Example:
///     >>> import datetime, ossign as oss
///     >>> client = oss.Client(oss.Config(
///     ...     region="cn-hangzhou",
///     ...     credentials_provider=oss.credentials.StaticCredentialsProvider("id", "secret")))
///     >>> result = client.presign(oss.PutObjectRequest(bucket="bucket", key="k", content_type="text/plain"))
///     >>> result.method, result.signed_headers
///     ('PUT', {'Content-Type': 'text/plain'})
#[pyclass(module = "ossign", frozen)]
pub(super) struct PresignResult {
    method: Option<Cow<'static, str>>,
    url: Option<String>,
    expiration: Ending,
    effective_expiration: Ending,
    headers: Headers,
    covered: Covered,
    signed_headers: PyOnceLock<Py<PyAny>>,
    request_headers: PyOnceLock<Py<PyAny>>,
}

/// When something ends: known, or whatever the caller gave.
#[derive(Default)]
pub(super) enum Ending {
    /// Never, or nobody knows.
    #[default]
    None,
    /// Microseconds since 1970.
    At(i64),
    /// An object of the caller's.
    Object(Py<PyAny>),
}

/// When a URL ends.
#[derive(Default)]
pub(super) struct Ends {
    pub(super) expiration: Ending,
    pub(super) effective_expiration: Ending,
}

impl Ends {
    /// The ends of a URL that ends at `expiration`, signed with credentials that end at `end`.
    pub(super) fn new(expiration: i64, end: Option<i64>) -> Self {
        let effective = end.map_or(expiration, |end| end.min(expiration));
        Self { expiration: Ending::At(expiration), effective_expiration: Ending::At(effective) }
    }
}

impl PresignResult {
    /// A result whose dicts and datetimes are made when they are asked for.
    #[inline]
    pub(super) fn new(
        method: Cow<'static, str>,
        url: String,
        ends: Ends,
        headers: Headers,
        covered: Covered,
    ) -> Self {
        Self {
            method: Some(method),
            url: Some(url),
            expiration: ends.expiration,
            effective_expiration: ends.effective_expiration,
            headers,
            covered,
            signed_headers: PyOnceLock::new(),
            request_headers: PyOnceLock::new(),
        }
    }
}

#[pymethods]
impl PresignResult {
    #[new]
    #[pyo3(signature = (
        method=None, url=None, expiration=None, signed_headers=None, request_headers=None,
        effective_expiration=None
    ))]
    fn from_python(
        py: Python<'_>,
        method: Option<String>,
        url: Option<String>,
        expiration: Option<Py<PyAny>>,
        signed_headers: Option<Py<PyAny>>,
        request_headers: Option<Py<PyAny>>,
        effective_expiration: Option<Py<PyAny>>,
    ) -> Self {
        let dict = |headers: Option<Py<PyAny>>| {
            let cell = PyOnceLock::new();
            let _ = cell.set(py, headers.unwrap_or_else(|| py.None()));
            cell
        };
        Self {
            method: method.map(Cow::Owned),
            url,
            expiration: expiration.map_or(Ending::None, Ending::Object),
            effective_expiration: effective_expiration.map_or(Ending::None, Ending::Object),
            headers: Headers::default(),
            covered: Covered::default(),
            signed_headers: dict(signed_headers),
            request_headers: dict(request_headers),
        }
    }

    /// The HTTP method that the URL is for.
    #[getter]
    fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }

    /// The presigned URL.
    #[getter]
    fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// When the URL ends.
    #[getter]
    fn expiration(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.expiration.object(py)
    }

    /// The header fields that are part of the signature.
    #[getter]
    fn signed_headers(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.dict(py, &self.signed_headers, |header| {
            self.covered.has(header).then_some(header.value())
        })
    }

    /// All header fields to be sent, without spaces around their values.
    #[getter]
    fn request_headers(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.dict(py, &self.request_headers, |header| Some(header.trimmed()))
    }

    /// The earlier of `expiration` and the end of the credentials.
    #[getter]
    fn effective_expiration(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.effective_expiration.object(py)
    }

    /// The names of the attributes, so that `dict(result)` works.
    fn keys(&self) -> [&'static str; 6] {
        KEYS
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &str) -> PyResult<Bound<'py, PyAny>> {
        if KEYS.contains(&key) {
            slf.getattr(key)
        } else {
            Err(PyKeyError::new_err(key.to_owned()))
        }
    }

    fn __eq__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let equal = Self::values(slf)?.eq(Self::values(other)?)?;
        Ok(PyBool::new(py, equal).to_owned().into_any().unbind())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        (slf.get_type(), Self::values(slf)?).into_pyobject(slf.py())
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let (py, this) = (slf.py(), slf.get());
        let shown = PyDict::new(py);
        if let Ok(headers) = this.signed_headers(py)?.bind(py).cast::<PyDict>() {
            for (name, value) in snapshot(headers) {
                let secret = name.str()?.to_string_lossy().to_lowercase().contains("token");
                shown.set_item(
                    name,
                    if secret { PyString::new(py, HIDDEN).into_any() } else { value },
                )?;
            }
        }
        Ok(format!(
            "PresignResult(method={}, url={}, expiration={}, signed_headers={})",
            this.method.as_deref().into_pyobject(py)?.repr()?,
            this.url.as_deref().map(redacted).into_pyobject(py)?.repr()?,
            this.expiration(py)?.bind(py).str()?,
            shown.repr()?,
        ))
    }
}

impl PresignResult {
    fn values<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let values = KEYS.iter().map(|key| slf.getattr(*key)).collect::<PyResult<Vec<_>>>()?;
        PyTuple::new(slf.py(), values)
    }

    fn dict(
        &self,
        py: Python<'_>,
        cell: &PyOnceLock<Py<PyAny>>,
        shown: impl for<'h> Fn(&Header<'h>) -> Option<&'h str>,
    ) -> PyResult<Py<PyAny>> {
        let made = cell.get_or_try_init(py, || {
            let dict = PyDict::new(py);
            for header in self.headers.iter() {
                if let Some(value) = shown(&header) {
                    dict.set_item(header.name(), value)?;
                }
            }
            PyResult::Ok(dict.into_any().unbind())
        })?;
        Ok(made.clone_ref(py))
    }
}

impl Ending {
    /// The same once more.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::None => Self::None,
            Self::At(instant) => Self::At(*instant),
            Self::Object(object) => Self::Object(Python::attach(|py| object.clone_ref(py))),
        }
    }

    pub(super) fn object(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self {
            Self::None => Ok(py.None()),
            Self::At(instant) => Ok(instant::datetime(py, *instant)?.into_any().unbind()),
            Self::Object(object) => Ok(object.clone_ref(py)),
        }
    }
}

/// A URL without what makes it work.
fn redacted(url: &str) -> String {
    const SECRET: [&str; 4] =
        ["x-oss-signature", "x-oss-security-token", "Signature", "security-token"];
    let Some((location, query)) = url.split_once('?') else { return url.to_owned() };
    let shown = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if SECRET.contains(&name) => format!("{name}={HIDDEN}"),
        _ => pair.to_owned(),
    });
    format!("{location}?{}", shown.collect::<Vec<_>>().join("&"))
}

/// Which headers a signature covers.
#[derive(Clone, Default)]
pub(super) struct Covered {
    /// Quirk: version 1 counts `date`, which its URLs do not sign.
    date: bool,
    additional: Option<Arc<[String]>>,
}

impl Covered {
    /// What requests to `target` sign.
    pub(super) fn by(target: &Target) -> Self {
        let date = target.version == Version::V1;
        // Mostly there are none, and counting a reference costs more than asking.
        let none = date || target.additional_headers.is_empty();
        Self { date, additional: (!none).then(|| target.additional_headers.clone()) }
    }

    /// Whether this one is among them.
    pub(super) fn has(&self, header: &Header<'_>) -> bool {
        header.is_signed_by_default()
            || (self.date && header.lower_name() == "date")
            || self.additional.iter().any(|names| names.iter().any(|n| n == header.lower_name()))
    }
}
