//! An argument of a call: a text, a number, a flag; and the error that names it where it is none.

use super::error::{exception, translate};
use crate::error::Error;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyIterator, PyString};
use std::ops::RangeInclusive;

/// The most digits of a number that an error shows.
const SHOWN: usize = 100;

/// A str.
pub(super) fn text<'a>(given: &'a Bound<'_, PyAny>, name: &str) -> PyResult<&'a str> {
    match given.cast::<PyString>() {
        Ok(text) => text.to_str().map_err(|error| half_a_character(given.py(), error, name)),
        Err(_) => Err(wrong_type(given, name, "a str")),
    }
}

/// Some str, but not one alone: it would be its characters.
pub(super) fn texts(given: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<String>> {
    let no_list = || wrong_type(given, name, "a list of str");
    if given.is_instance_of::<PyString>() {
        return Err(no_list());
    }
    let entries = entries(given)?.ok_or_else(no_list)?;
    let named = |(at, entry): (usize, PyResult<Bound<'_, PyAny>>)| {
        text(&entry?, &format!("{name}[{at}]")).map(str::to_owned)
    };
    entries.enumerate().map(named).collect()
}

/// What gives the entries of anything that has some; None where it has none. What its own `__iter__`
/// raises beside that goes on: a Ctrl-C at that moment, or the error of a database.
pub(super) fn entries<'py>(given: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyIterator>>> {
    match given.try_iter() {
        Ok(entries) => Ok(Some(entries)),
        Err(error) if error.is_instance_of::<PyTypeError>(given.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A whole number of this range; a bool is none.
pub(super) fn number(
    given: &Bound<'_, PyAny>,
    name: &str,
    range: RangeInclusive<u64>,
    rule: &'static str,
) -> PyResult<u64> {
    let py = given.py();
    if given.is_instance_of::<PyBool>() {
        return Err(wrong_type(given, name, "an int"));
    }
    match given.extract::<u64>() {
        Ok(number) if range.contains(&number) => Ok(number),
        Err(error) if !error.is_instance_of::<PyOverflowError>(py) => {
            Err(wrong_type(given, name, "an int"))
        }
        _ => Err(translate(py, &Error::invalid(name, &digits(given), rule))),
    }
}

/// True or False, and nothing that only counts as one of them.
pub(super) fn flag(given: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
    given.extract().map_err(|_| wrong_type(given, name, "a bool"))
}

/// An int, for an error. Python itself does not write integers of thousands of digits.
pub(super) fn digits(given: &Bound<'_, PyAny>) -> String {
    let digits = given.str().map(|text| text.to_string()).ok();
    let digits = digits.filter(|digits| digits.len() <= SHOWN);
    digits.unwrap_or_else(|| "an int of too many digits".to_owned())
}

/// The error of a value of another type.
pub(super) fn wrong_type(given: &Bound<'_, PyAny>, name: &str, expected: &str) -> PyErr {
    let class = given.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    PyTypeError::new_err(format!("{name} must be {expected}, not {class}"))
}

/// What a UnicodeEncodeError says, by the name of the argument. Of the text, which may hold a secret,
/// it shows only the half; any other error stays as it is.
pub(super) fn half_a_character(py: Python<'_>, error: PyErr, name: &str) -> PyErr {
    let half = || {
        let error = error.value(py);
        error.getattr("object")?.get_item(error.getattr("start")?)
    };
    let Ok(half) = half() else { return error };
    exception(py, "ParamInvalidError", |kwargs| {
        kwargs.set_item("field", name)?;
        kwargs.set_item("value", half)?;
        kwargs.set_item("rule", "is half of a character (a lone surrogate), which has no UTF-8")
    })
}
