//! The value of one such keyword: what it may be, and what is said where it is not.

use crate::endpoint::Tls;
use crate::error::Error;
use crate::python::argument::{text, wrong_type};
use crate::python::error::translate;
use crate::python::instant;
use pyo3::prelude::*;
use pyo3::types::PyString;

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
    match text(given, "scheme")? {
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
    text(given.str()?.as_any(), "source_ip").map(str::to_owned)
}
