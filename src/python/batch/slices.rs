//! Arrays that become Python objects some rows at a time.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PySlice, PyType};

/// How many rows.
const SLICE: usize = 8192;

/// The lists of an array, one after the other.
pub(super) fn of<'a, 'py>(
    object: &'a Bound<'py, PyAny>,
    rows: usize,
) -> impl Iterator<Item = PyResult<Bound<'py, PyAny>>> + 'a {
    (0..rows).step_by(SLICE).map(move |start| slice(object, start))
}

fn slice<'py>(object: &Bound<'py, PyAny>, start: usize) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let (start, end) = (start as isize, (start + SLICE) as isize);
    let by_place = object.getattr_opt(intern!(py, "iloc"))?;
    let part = by_place.as_ref().unwrap_or(object).get_item(PySlice::new(py, start, end, 1))?;
    if part.hasattr(intern!(py, "tolist"))? {
        return part.call_method0(intern!(py, "tolist"));
    }
    part.call_method0(intern!(py, "to_list"))
}

/// Whether rows are read in slices: arrays of NumPy, and of pandas and Polars where Arrow does not
/// have them.
pub(super) fn are_wanted(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = object.py();
    let class = object.get_type();
    match package(&class)?.as_str() {
        "numpy" => match object.getattr_opt(intern!(py, "ndim"))? {
            Some(dimensions) if dimensions.eq(1)? => Ok(true),
            Some(dimensions) => {
                let words = format!("a column has one dimension, this array has {dimensions}");
                Err(PyValueError::new_err(words))
            }
            None => Ok(false),
        },
        "pandas" => {
            let Some(kind) = object.getattr_opt(intern!(py, "dtype"))? else { return Ok(false) };
            let storage = kind.getattr_opt(intern!(py, "storage"))?;
            let is_arrow = kind.get_type().name()?.to_str()? == "ArrowDtype"
                || storage.is_some_and(|storage| storage.eq("pyarrow").unwrap_or(false));
            let exported = is_arrow && object.hasattr(intern!(py, "__arrow_c_stream__"))?;
            Ok(!exported && object.hasattr(intern!(py, "tolist"))?)
        }
        // Polars hands Python objects to Arrow as their addresses.
        "polars" => match object.getattr_opt(intern!(py, "dtype"))? {
            Some(kind) => Ok(kind.str()?.to_str()? == "Object"),
            None => Ok(false),
        },
        _ => Ok(false),
    }
}

fn package(class: &Bound<'_, PyType>) -> PyResult<String> {
    let module = class.module()?.to_string();
    Ok(module.split('.').next().unwrap_or_default().to_owned())
}
