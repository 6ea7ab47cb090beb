//! `Condition`, `PresignedPost` and `VerifiedPost`: form uploads as Python sees them.

use super::argument::{half_a_character, number, text, texts, wrong_type};
use super::callback::Callback;
use super::error::{Failure, exception, translate};
use super::instant;
use super::provider::Provider;
use super::value;
use crate::credentials::OwnedCredentials;
use crate::error::Error;
use crate::form::{self, Draft, Facts, Received};
use crate::presign::Version;
use pyo3::exceptions::{PyTypeError, PyUnicodeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PySequence, PyString, PyTuple};
use std::borrow::Cow;

/// What the size of a file is within, whatever it is compared with.
const BYTES: &str = "must be from 0 to 18446744073709551615 bytes";

/// What one field of a form, or the size of its file, must be.
///
/// Made by `eq`, `starts_with`, `in_`, `not_in` and `content_length_range`; or, as OSS writes it, by
/// `Condition(["eq", "$field", "value"])`. A field that a condition names must be in the form, also
/// with `not_in`.
///
/// Raises:
///     ParamInvalidError: OSS would not take it: names the rule.
///
/// Example:
///     >>> import ossign as oss
///     >>> oss.Condition.starts_with("content-type", "image/")
///     Condition(["starts-with","$content-type","image/"])
///     >>> oss.Condition(["in", "$content-type", ["image/png", "image/jpeg"]]).allows("image/gif")
///     False
#[pyclass(module = "ossign", frozen, eq, hash)]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Condition(pub(super) form::Condition);

#[pymethods]
impl Condition {
    #[new]
    fn new(entry: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = entry.py();
        if let Ok(own) = entry.cast::<Self>() {
            return Ok(own.get().clone());
        }
        let json = py.import("json")?.call_method1("dumps", (entry,)).map_err(|error| {
            let reason = error.value(py);
            let words = format!("conditions must be of str, int, list and dict only: {reason}");
            PyTypeError::new_err(words)
        })?;
        let json = json.cast::<PyString>()?.to_str()?;
        let entry = serde_json::from_str(json).map_err(|error| no_condition(py, json, &error))?;
        let condition = form::Condition::of_json(&entry);
        Self::checked(py, condition.map_err(|error| translate(py, &error))?)
    }

    /// The field has this value.
    #[staticmethod]
    fn eq(field: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let value = text(value, "value")?.to_owned();
        Self::checked(field.py(), form::Condition::Equal(name(field)?, value))
    }

    /// The field's value begins so. An empty prefix lets every value pass.
    #[staticmethod]
    fn starts_with(field: &Bound<'_, PyAny>, prefix: &Bound<'_, PyAny>) -> PyResult<Self> {
        let prefix = text(prefix, "prefix")?.to_owned();
        Self::checked(field.py(), form::Condition::StartsWith(name(field)?, prefix))
    }

    /// The field has one of these values.
    #[staticmethod]
    fn in_(field: &Bound<'_, PyAny>, values: &Bound<'_, PyAny>) -> PyResult<Self> {
        let values = texts(values, "values")?;
        Self::checked(field.py(), form::Condition::In(name(field)?, values))
    }

    /// The field has none of these values; it must be in the form all the same.
    #[staticmethod]
    fn not_in(field: &Bound<'_, PyAny>, values: &Bound<'_, PyAny>) -> PyResult<Self> {
        let values = texts(values, "values")?;
        Self::checked(field.py(), form::Condition::NotIn(name(field)?, values))
    }

    /// The file has at least `least` and at most `most` bytes; 5 GB at most.
    #[staticmethod]
    fn content_length_range(least: &Bound<'_, PyAny>, most: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::checked(least.py(), range(least, most)?)
    }

    /// Whether a value meets the condition: one of the field, or the size of the file.
    fn allows(&self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(match &self.0 {
            form::Condition::LengthRange(least, most) => {
                (*least..=*most).contains(&number(value, "value", 0..=u64::MAX, BYTES)?)
            }
            other => other.allows(text(value, "value")?),
        })
    }

    /// The name of the field; None for the file's size.
    #[getter]
    fn field(&self) -> Option<&str> {
        self.0.field()
    }

    fn __repr__(&self) -> String {
        format!("Condition({})", self.0.shown())
    }

    /// The condition as it stands in a policy.
    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let entry = slf.py().import("json")?.call_method1("loads", (slf.get().__str__(),))?;
        (slf.get_type(), (entry,)).into_pyobject(slf.py())
    }
}

impl Condition {
    fn checked(py: Python<'_>, condition: form::Condition) -> PyResult<Self> {
        condition.check().map_err(|error| translate(py, &error))?;
        Ok(Self(condition))
    }
}

/// The name of a field, with or without the sign that it has in a policy.
fn name(field: &Bound<'_, PyAny>) -> PyResult<String> {
    let field = text(field, "field")?;
    Ok(field.strip_prefix('$').unwrap_or(field).to_owned())
}

/// JSON that Python writes, and others do not read: NaN, half of a character.
fn no_condition(py: Python<'_>, json: &str, error: &serde_json::Error) -> PyErr {
    exception(py, "ParamInvalidError", |kwargs| {
        kwargs.set_item("field", "conditions")?;
        kwargs.set_item("value", json)?;
        kwargs.set_item("rule", format!("is no condition: {error}"))
    })
}

fn range(least: &Bound<'_, PyAny>, most: &Bound<'_, PyAny>) -> PyResult<form::Condition> {
    let bytes = |given: &Bound<'_, PyAny>| {
        let is_flag = given.is_instance_of::<PyBool>();
        given.extract::<u64>().ok().filter(|_| !is_flag)
    };
    if let (Some(least), Some(most)) = (bytes(least), bytes(most)) {
        return Ok(form::Condition::LengthRange(least, most));
    }
    let value = format!("({}, {})", shown(least), shown(most));
    Err(translate(least.py(), &Error::invalid("content_length_range", &value, form::policy::RANGE)))
}

/// A value as Python writes it; Python does not write integers of thousands of digits.
fn shown(given: &Bound<'_, PyAny>) -> String {
    given.repr().map_or_else(|_| "...".to_owned(), |text| text.to_string())
}

/// The keywords of `Client.presign_post` that describe the form.
#[derive(Default)]
pub(super) struct Wanted<'a, 'py> {
    pub(super) conditions: Option<&'a Bound<'py, PyAny>>,
    pub(super) content_length_range: Option<&'a Bound<'py, PyAny>>,
    pub(super) content_type: Option<&'a Bound<'py, PyAny>>,
    pub(super) success_action_status: Option<&'a Bound<'py, PyAny>>,
    pub(super) success_action_redirect: Option<&'a Bound<'py, PyAny>>,
    pub(super) callback: Option<&'a Bound<'py, PyAny>>,
    pub(super) metadata: Option<&'a Bound<'py, PyAny>>,
    pub(super) fields: Option<&'a Bound<'py, PyAny>>,
}

impl Wanted<'_, '_> {
    /// Puts everything together.
    pub(super) fn draft(
        &self,
        bucket: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
    ) -> PyResult<Draft> {
        let (bucket, key) = (text(bucket, "bucket")?.to_owned(), text(key, "key")?.to_owned());
        let mut draft = Draft { bucket, key, ..Draft::default() };
        let named = [
            ("Content-Type", "content_type", self.content_type),
            ("success_action_status", "success_action_status", self.success_action_status),
            ("success_action_redirect", "success_action_redirect", self.success_action_redirect),
        ];
        for (name, argument, value) in named {
            if let Some(value) = value {
                draft.fields.push((name.to_owned(), field_text(value, argument)?));
            }
        }
        self.add_fields(&mut draft)?;
        self.add_callback(&mut draft)?;
        self.add_conditions(&mut draft)?;
        Ok(draft)
    }

    fn add_fields(&self, draft: &mut Draft) -> PyResult<()> {
        let given = [("metadata", "x-oss-meta-", self.metadata), ("fields", "", self.fields)];
        for (argument, prefix, entries) in given {
            let Some(entries) = entries else { continue };
            let dict = entries.cast::<PyDict>();
            for (name, value) in dict.map_err(|_| wrong_type(entries, argument, "a dict"))? {
                let name = text(&name, &format!("a name in {argument}"))?;
                let value = field_text(&value, &format!("{argument}[{name:?}]"))?;
                draft.fields.push((format!("{prefix}{name}"), value));
            }
        }
        Ok(())
    }

    fn add_callback(&self, draft: &mut Draft) -> PyResult<()> {
        let Some(given) = self.callback else { return Ok(()) };
        if let Ok(callback) = given.cast::<Callback>() {
            let fields = callback.get().form_fields();
            draft.fields.extend(fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
            return Ok(());
        }
        let text = given.extract().map_err(|_| {
            PyTypeError::new_err("callback must be an ossign.Callback, or its Base64 as a str")
        })?;
        draft.fields.push(("callback".to_owned(), text));
        Ok(())
    }

    fn add_conditions(&self, draft: &mut Draft) -> PyResult<()> {
        if let Some(given) = self.content_length_range {
            let pair = given.cast::<PySequence>().ok();
            let Some(pair) = pair.filter(|pair| pair.len().is_ok_and(|count| count == 2)) else {
                let words = "content_length_range must be (least, most), two ints, got";
                return Err(PyTypeError::new_err(format!("{words} {}", shown(given))));
            };
            draft.conditions.push(range(&pair.get_item(0)?, &pair.get_item(1)?)?);
        }
        let Some(conditions) = self.conditions else { return Ok(()) };
        let no_list = || wrong_type(conditions, "conditions", "a list of conditions");
        if conditions.is_instance_of::<PyString>() || conditions.is_instance_of::<PyDict>() {
            return Err(no_list());
        }
        for entry in conditions.try_iter().map_err(|_| no_list())? {
            draft.conditions.push(Condition::new(&entry?)?.0);
        }
        Ok(())
    }
}

/// The text of a field: of anything that the header of a request may be.
fn field_text(value: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    let py = value.py();
    value::text(value, "").map(Cow::into_owned).map_err(|error| {
        match error.is_instance_of::<PyUnicodeError>(py) {
            true => half_a_character(py, error, name),
            false => wrong_type(value, name, "a str, a number, an enum or a datetime"),
        }
    })
}

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
