//! `Condition`, `PresignedPost` and `VerifiedPost`: form uploads as Python sees them.

mod condition;
mod wanted;

pub(super) use condition::Condition;
pub(super) use wanted::Wanted;

use super::argument::{number, text};
use super::error::{Failure, exception, translate};
use super::instant;
use super::provider::Provider;
use crate::credentials::OwnedCredentials;
use crate::error::Error;
use crate::form::{self, Facts, Received};
use crate::presign::Version;
use condition::BYTES;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// A form that is ready to be sent, but for the file.
///
/// Turns into a dict: `dict(post)`. The repr hides policy, signature and token.
#[pyclass(module = "ossign", frozen)]
pub(super) struct PresignedPost {
    form: form::Form,
    expiration: i64,
    effective_expiration: i64,
}

impl PresignedPost {
    /// `end` is that of the credentials. OSS reads whole milliseconds of the expiration.
    pub(super) fn new(form: form::Form, expiration: i64, end: Option<i64>) -> Self {
        let expiration = expiration - expiration.rem_euclid(1000);
        Self { form, expiration, effective_expiration: end.unwrap_or(i64::MAX).min(expiration) }
    }
}

#[pymethods]
impl PresignedPost {
    /// Where the form is posted to.
    #[getter]
    fn url(&self) -> &str {
        &self.form.url
    }

    /// Always POST.
    #[getter]
    fn method(&self) -> &'static str {
        "POST"
    }

    /// The fields, in order. They are sent as `multipart/form-data`, and `file` after them.
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        for (name, value) in &self.form.fields {
            fields.set_item(name, value)?;
        }
        Ok(fields)
    }

    /// The policy, as JSON.
    #[getter]
    fn policy(&self) -> &str {
        &self.form.policy
    }

    /// When the policy ends, in UTC.
    #[getter]
    fn expiration<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(instant::datetime(py, self.expiration)?.into_any())
    }

    /// The earlier of `expiration` and the end of the credentials that signed.
    #[getter]
    fn effective_expiration<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(instant::datetime(py, self.effective_expiration)?.into_any())
    }

    /// The names of the attributes, so that `dict(post)` works.
    fn keys(&self) -> Vec<&'static str> {
        vec!["method", "url", "fields", "policy", "expiration", "effective_expiration"]
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &str) -> PyResult<Bound<'py, PyAny>> {
        if !slf.get().keys().contains(&key) {
            return Err(pyo3::exceptions::PyKeyError::new_err(key.to_owned()));
        }
        slf.getattr(key)
    }

    fn __eq__(&self, other: &Self) -> bool {
        (&self.form, self.expiration, self.effective_expiration)
            == (&other.form, other.expiration, other.effective_expiration)
    }

    fn __repr__(&self) -> String {
        let names: Vec<_> = self.form.fields.iter().map(|(name, _)| name).collect();
        format!("<PresignedPost url={:?} fields={names:?}>", self.form.url)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let this = slf.get();
        let form = (&this.form.url, &this.form.fields, &this.form.policy);
        let rebuild = slf.get_type().getattr("_rebuild")?;
        (rebuild, (form, this.expiration, this.effective_expiration)).into_pyobject(slf.py())
    }

    /// What pickle calls.
    #[staticmethod]
    fn _rebuild(
        form: (String, Vec<(String, String)>, String),
        expiration: i64,
        effective_expiration: i64,
    ) -> Self {
        let (url, fields, policy) = form;
        let form = form::Form { url, fields, policy };
        Self { form, expiration, effective_expiration }
    }
}

/// What a form that was accepted says.
#[pyclass(module = "ossign", frozen)]
pub(super) struct VerifiedPost(Facts);

#[pymethods]
impl VerifiedPost {
    /// The key as the form gives it: `${filename}` is not replaced.
    #[getter]
    fn key(&self) -> &str {
        &self.0.key
    }

    /// The AccessKey id that signed.
    #[getter]
    fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// The region that version 4 signed; None with version 1.
    #[getter]
    fn region(&self) -> Option<&str> {
        Some(&*self.0.region).filter(|region| !region.is_empty())
    }

    /// `v1` or `v4`.
    #[getter]
    fn signature_version(&self) -> &'static str {
        match self.0.version {
            Version::V1 => "v1",
            Version::V4 => "v4",
        }
    }

    /// When the policy ends, in UTC.
    #[getter]
    fn expiration<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(instant::datetime(py, self.0.policy.expiration)?.into_any())
    }

    /// The policy's conditions, all of which are met.
    #[getter]
    fn conditions(&self) -> Vec<Condition> {
        self.0.policy.conditions.iter().cloned().map(Condition).collect()
    }

    fn __repr__(&self) -> String {
        format!("<VerifiedPost key={:?} access_key_id={:?}>", self.0.key, self.0.access_key_id)
    }
}

/// Checks the fields of a form; see `ossign.verify_post`.
#[pyfunction]
pub(super) fn verify_post_fields(
    credentials: &Bound<'_, PyAny>,
    fields: Vec<(String, String)>,
    bucket: Option<&Bound<'_, PyAny>>,
    size: Option<&Bound<'_, PyAny>>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<VerifiedPost> {
    let py = credentials.py();
    let bucket = bucket.map(|given| text(given, "bucket")).transpose()?;
    let size = size.map(|given| number(given, "size", 0..=u64::MAX, BYTES)).transpose()?;
    let now = now.map_or_else(|| instant::now(py), |now| instant::named(now, "now"))?;
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let received = Received { fields: &fields, bucket, size, now };
    Provider::of(credentials)?.with_answer(py, |answer| {
        let find = |id: &str| (id == answer.pair.id).then(|| OwnedCredentials::from(answer.pair));
        form::verify(&received, find).map(VerifiedPost).map_err(|refusal| {
            exception(py, "PostVerificationError", |kwargs| {
                kwargs.set_item("cause", refusal.cause)?;
                kwargs.set_item("reason", &*refusal.message)?;
                kwargs.set_item("status_code", refusal.status)?;
                kwargs.set_item("code", refusal.code)?;
                kwargs.set_item("ec", refusal.ec)?;
                kwargs.set_item("field", refusal.field.as_deref())?;
                kwargs.set_item("condition", refusal.condition.as_deref())
            })
        })
    })
}

/// The failure of a form that cannot be made: what is wrong with the operation is wrapped, as in
/// `presign`, and what is wrong with a keyword is not.
pub(super) fn failure(py: Python<'_>, error: &Error) -> Failure {
    let keyword = |field: &str| !matches!(field, "endpoint" | "region");
    match error {
        Error::ParamInvalid { field, .. } if keyword(field) => Failure::Bare(translate(py, error)),
        Error::PresignExpiration { .. } => Failure::Bare(translate(py, error)),
        _ => Failure::Wrapped(translate(py, error)),
    }
}
