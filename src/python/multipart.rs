//! Part maths and the body of CompleteMultipartUpload, for `ossign.multipart`.

use super::argument::{digits, wrong_type};
use super::error::translate;
use crate::error::Error;
use crate::multipart::{self, Cut, Sent, Strictness};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::PyBool;

/// The size of a file's parts, and how many there are.
///
/// A ParamInvalidError says which limit of OSS `size` or `part_size` breaks; None takes a usual size.
#[pyfunction]
#[pyo3(signature = (size, part_size=None))]
pub(super) fn cut_parts(
    size: &Bound<'_, PyAny>,
    part_size: Option<&Bound<'_, PyAny>>,
) -> PyResult<(u64, u32)> {
    let size_in_bytes = bytes("size", size, Cut::wrong_size)?;
    let part_size = part_size.map(|given| bytes("part_size", given, Cut::wrong_part_size));
    let cut = Cut::new(size_in_bytes, part_size.transpose()?);
    let cut = cut.map_err(|error| translate(size.py(), &error))?;
    Ok((cut.part_size(), cut.count()))
}

/// The XML that completes an upload of these parts: number, ETag, and size where it is known. `cut`
/// is the size of the file, and that of its parts.
#[pyfunction]
pub(super) fn complete_body(
    py: Python<'_>,
    cut: (u64, u64),
    parts: Vec<(i64, String, Option<u64>)>,
    may_lack: bool,
    may_repeat: bool,
) -> PyResult<String> {
    let sent = parts.into_iter().map(|(number, etag, size)| Sent { number, etag, size });
    let strictness = Strictness { may_lack, may_repeat };
    let body = Cut::new(cut.0, Some(cut.1))
        .and_then(|cut| multipart::complete_body(cut, sent.collect(), strictness));
    body.map_err(|error| translate(py, &error))
}

/// A number of bytes; `wrong` makes the error of one that is negative, or too large to count.
fn bytes(field: &str, given: &Bound<'_, PyAny>, wrong: fn(&str) -> Error) -> PyResult<u64> {
    let py = given.py();
    let no_int = || wrong_type(given, field, "an int");
    if given.is_instance_of::<PyBool>() {
        return Err(no_int());
    }
    given.extract().map_err(|error: PyErr| {
        if !error.is_instance_of::<PyOverflowError>(py) {
            return no_int();
        }
        translate(py, &wrong(&digits(given)))
    })
}
