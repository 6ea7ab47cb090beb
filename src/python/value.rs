//! A field's value as text, as the SDK's serializer makes it.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyInt, PyString};
use std::borrow::Cow;

/// The text of a field's value: str as it is, int in decimal, bool as `true` or `false`.
///
/// Everything else (enums, datetimes, floats, subclasses) is left to `ossign.serde`, which knows the
/// SDK's ways, and raises its `SerializationError` for what has no text.
pub(super) fn text<'a>(value: &'a Bound<'_, PyAny>, type_note: &str) -> PyResult<Cow<'a, str>> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return text.to_str().map(Cow::Borrowed);
    }
    if let Ok(flag) = value.cast_exact::<PyBool>() {
        return Ok(Cow::Borrowed(if flag.is_true() { "true" } else { "false" }));
    }
    if let Ok(number) = value.cast_exact::<PyInt>()
        && let Ok(number) = number.extract::<i64>()
    {
        return Ok(Cow::Owned(number.to_string()));
    }
    let py = value.py();
    let serde = py.import(intern!(py, "ossign.serde"))?;
    let text = serde.call_method1(intern!(py, "_serialize_to_str"), (value, type_note))?;
    owned(text.cast::<PyString>()?)
}

/// The text that `str()` makes of a query parameter's name or value; bytes are UTF-8.
pub(super) fn parameter<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, str>> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        return text.to_str().map(Cow::Borrowed);
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        let decoded = PyString::from_encoded_object(bytes, Some(c"utf-8"), None)?;
        return owned(&decoded);
    }
    owned(&value.str()?)
}

/// A copy, for a text that does not outlive the loop that reads it.
pub(super) fn owned<'a>(text: &Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
    text.to_str().map(|text| Cow::Owned(text.to_owned()))
}
