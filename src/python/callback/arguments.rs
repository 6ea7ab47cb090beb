//! The arguments of `Callback(...)`: what each may be, and what is said where it is not.

use crate::callback::BodyType;
use crate::python::argument::{entries, half_a_character, text, wrong_type};
use crate::python::error::translate;
use crate::python::snapshot::snapshot;
use crate::python::value;
use pyo3::exceptions::PyUnicodeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::borrow::Cow;

/// One URL, several with `;` between them, or a sequence of them.
pub(super) fn urls(given: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if given.is_instance_of::<PyString>() {
        return Ok(text(given, "url")?.split(';').map(str::to_owned).collect());
    }
    let one = |url: &Bound<'_, PyAny>| match url.is_instance_of::<PyString>() {
        true => text(url, "url").map(str::to_owned),
        false => Err(wrong_type(url, "each url", "a str")),
    };
    let no_list = || wrong_type(given, "url", "a str, or a list of str");
    entries(given)?.ok_or_else(no_list)?.map(|url| one(&url?)).collect()
}

/// A text that is not shown. What is no Unicode stays none: it is refused for being no ASCII.
pub(super) fn nonce(given: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = given.cast::<PyString>().map_err(|_| wrong_type(given, "nonce", "a str"))?;
    Ok(text.to_string_lossy().into_owned())
}

/// How the body is written.
pub(super) fn body_type(given: &Bound<'_, PyAny>) -> PyResult<BodyType> {
    BodyType::of(text(given, "body_type")?).map_err(|error| translate(given.py(), &error))
}

/// Names and values of the caller's own variables. The values are not shown: one may be a nonce.
pub(super) fn own_variables(given: &Bound<'_, PyAny>) -> PyResult<Vec<(String, String)>> {
    let vars = given.cast().map_err(|_| wrong_type(given, "vars", "a dict of str"))?;
    snapshot(vars)
        .into_iter()
        .map(|(name, value)| {
            if !name.is_instance_of::<PyString>() {
                return Err(wrong_type(&name, "vars: each name", "a str"));
            }
            let name = text(&name, "vars")?;
            Ok((name.to_owned(), variable(name, &value)?))
        })
        .collect()
}

fn variable(name: &str, given: &Bound<'_, PyAny>) -> PyResult<String> {
    let (py, field) = (given.py(), format!("vars[{name:?}]"));
    value::text(given, "").map(Cow::into_owned).map_err(|error| {
        if error.is_instance_of::<PyUnicodeError>(py) {
            return half_a_character(py, error, &field);
        }
        let named = wrong_type(given, &field, "a str, an int or a bool");
        named.set_cause(py, Some(error));
        named
    })
}
