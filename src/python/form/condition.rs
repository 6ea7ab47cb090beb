//! `Condition`: what a policy demands of a form.

use crate::error::Error;
use crate::form;
use crate::python::argument::{number, text, texts};
use crate::python::error::{exception, translate};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString, PyTuple};

/// What the size of a file is within, whatever it is compared with.
pub(super) const BYTES: &str = "must be from 0 to 18446744073709551615 bytes";

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
pub(in crate::python) struct Condition(pub(in crate::python) form::Condition);

#[pymethods]
impl Condition {
    #[new]
    pub(super) fn new(entry: &Bound<'_, PyAny>) -> PyResult<Self> {
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

pub(super) fn range(
    least: &Bound<'_, PyAny>,
    most: &Bound<'_, PyAny>,
) -> PyResult<form::Condition> {
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
pub(super) fn shown(given: &Bound<'_, PyAny>) -> String {
    given.repr().map_or_else(|_| "...".to_owned(), |text| text.to_string())
}
