//! The value of one such keyword: what it may be, and what is said where it is not.

use crate::endpoint::Tls;
use crate::error::Error;
use crate::python::error::translate;
use crate::python::instant;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString};

/// How long before now a URL is to be signed, in microseconds.
pub(in crate::python) fn backdate(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<i64> {
    let micros = instant::duration(given, "backdate")?;
    match micros {
        ..0 => {
            let value = given.str()?.to_string();
            let error = Error::invalid("backdate", &value, "must not be negative");
            Err(translate(py, &error))
        }
        _ => Ok(micros),
    }
}

/// Whether it is "https".
pub(super) fn scheme(py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<Tls> {
    match text(given, "scheme")?.as_str() {
        "https" => Ok(Tls::On),
        "http" => Ok(Tls::Off),
        other => {
            let error = Error::invalid("scheme", other, "must be 'https' or 'http'");
            Err(translate(py, &error))
        }
    }
}

/// An address, or a network, as text.
pub(super) fn address(given: &Bound<'_, PyAny>) -> PyResult<String> {
    let is_address = given.get_type().module()?.to_str()? == "ipaddress";
    if !is_address && !given.is_instance_of::<PyString>() {
        return Err(wrong_type(given, "source_ip", "a str or an address of ipaddress"));
    }
    Ok(given.str()?.to_str()?.to_owned())
}

/// A whole number; a bool is none.
pub(super) fn number(py: Python<'_>, given: &Bound<'_, PyAny>, name: &str) -> PyResult<u64> {
    let is_flag = given.is_instance_of::<PyBool>();
    match given.extract::<u64>() {
        Ok(number) if !is_flag => Ok(number),
        _ if given.is_instance_of::<PyInt>() && !is_flag => {
            let value = given.str()?.to_string();
            Err(translate(py, &Error::invalid(name, &value, "must be a number that OSS takes")))
        }
        _ => Err(wrong_type(given, name, "an int")),
    }
}

/// A str.
pub(super) fn text(given: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    match given.cast::<PyString>() {
        Ok(text) => Ok(text.to_str()?.to_owned()),
        Err(_) => Err(wrong_type(given, name, "a str")),
    }
}

/// The error of a value of another type.
pub(in crate::python) fn wrong_type(given: &Bound<'_, PyAny>, name: &str, expected: &str) -> PyErr {
    let class = given.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    PyTypeError::new_err(format!("{name} must be {expected}, not {class}"))
}
