//! Out to Python through Arrow's C interface, in the type that is asked for.

use arrow_array::builder::make_view;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::{Array, ArrayRef, BinaryArray, BinaryViewArray, LargeBinaryArray};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, FieldRef};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};
use pyo3_arrow::PyField;
use pyo3_arrow::ffi::{ArrayIterator, to_stream_pycapsule};
use std::sync::Arc;

/// The types of text that URLs come in. Within, they are bytes of the same layout: the type stands
/// in the schema alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// large_string.
    Large,
    /// string: at most 2 GiB in one array.
    Small,
    /// string_view.
    View,
}

/// The most bytes that an array of string, or one buffer of string_view, may have.
const MOST: usize = i32::MAX as usize;
/// The name of the field that nobody has named.
const NAME: &str = "url";

impl Kind {
    /// The type that was asked for, where it is one that URLs come in.
    pub(super) fn of(requested: Option<&DataType>) -> Self {
        match requested {
            Some(DataType::Utf8) => Self::Small,
            Some(DataType::Utf8View) => Self::View,
            _ => Self::Large,
        }
    }

    pub(super) fn field(self, name: &str) -> FieldRef {
        let data_type = match self {
            Self::Large => DataType::LargeUtf8,
            Self::Small => DataType::Utf8,
            Self::View => DataType::Utf8View,
        };
        Arc::new(Field::new(name, data_type, true))
    }

    /// The arrays, as few as there can be, and at least one.
    pub(super) fn arrays(self, urls: &LargeBinaryArray) -> Result<Vec<ArrayRef>, ArrowError> {
        match self {
            Self::Large => Ok(vec![Arc::new(urls.clone())]),
            Self::View => Ok(vec![Arc::new(views(urls)?)]),
            Self::Small => {
                let parts = parts(urls).into_iter();
                parts.map(|(start, rows)| small(&urls.slice(start, rows))).collect()
            }
        }
    }
}

/// Both capsules of an array.
pub(super) fn array<'py>(
    py: Python<'py>,
    urls: &LargeBinaryArray,
    requested: Option<&Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let mut kind = asked(requested)?;
    if kind == Kind::Small && parts(urls).len() > 1 {
        kind = Kind::Large;
    }
    let arrays = kind.arrays(urls).map_err(broken)?;
    let data = arrays[0].to_data();
    let schema = FFI_ArrowSchema::try_from(&*kind.field(NAME)).map_err(broken)?;
    let schema = PyCapsule::new_with_value(py, schema, c"arrow_schema")?;
    let array = PyCapsule::new_with_value(py, FFI_ArrowArray::new(&data), c"arrow_array")?;
    PyTuple::new(py, [schema, array])
}

/// The capsule of a stream of arrays.
pub(super) fn stream<'py>(
    py: Python<'py>,
    urls: &LargeBinaryArray,
    requested: Option<&Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let kind = asked(requested)?;
    let arrays = kind.arrays(urls).map_err(broken)?;
    let reader = ArrayIterator::new(arrays.into_iter().map(Ok), kind.field(NAME));
    Ok(to_stream_pycapsule(py, Box::new(reader), None)?)
}

/// The capsule of the type.
pub(super) fn schema(py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(&*Kind::Large.field(NAME)).map_err(broken)?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

/// The type that a capsule asks for.
pub(super) fn requested(capsule: &Bound<'_, PyCapsule>) -> PyResult<FieldRef> {
    Ok(PyField::from_arrow_pycapsule(capsule)?.into_inner())
}

fn asked(capsule: Option<&Bound<'_, PyCapsule>>) -> PyResult<Kind> {
    let field = capsule.map(requested).transpose()?;
    Ok(Kind::of(field.as_ref().map(|field| field.data_type())))
}

fn broken(error: ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Where to cut so that no part has more than [`MOST`] bytes: first row and rows of each part, of
/// which there is at least one.
fn parts(urls: &LargeBinaryArray) -> Vec<(usize, usize)> {
    let ends = urls.value_offsets();
    let (mut parts, mut first) = (Vec::new(), 0);
    loop {
        let most = ends[first] + MOST as i64;
        let rows = ends[first + 1..].partition_point(|end| *end <= most);
        parts.push((first, rows));
        first += rows;
        if first == urls.len() {
            return parts;
        }
    }
}

/// As string: its own offsets, the same bytes.
fn small(urls: &LargeBinaryArray) -> Result<ArrayRef, ArrowError> {
    let ends = urls.value_offsets();
    let (start, end) = (ends[0], ends[urls.len()]);
    let short = |end: &i64| i32::try_from(end - start);
    let offsets = ends.iter().map(short).collect::<Result<Vec<_>, _>>();
    let offsets = offsets.map_err(|_| ArrowError::OffsetOverflowError(MOST))?;
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let bytes = urls.values().slice_with_length(start as usize, (end - start) as usize);
    Ok(Arc::new(BinaryArray::try_new(offsets, bytes, urls.nulls().cloned())?))
}

/// As string_view: views of the same bytes.
fn views(urls: &LargeBinaryArray) -> Result<BinaryViewArray, ArrowError> {
    let ends = urls.value_offsets();
    let mut buffers: Vec<Buffer> = Vec::new();
    let mut views: Vec<u128> = Vec::with_capacity(urls.len());
    for (first, rows) in parts(urls) {
        let (start, end) = (ends[first], ends[first + rows]);
        let block = buffers.len() as u32;
        buffers.push(urls.values().slice_with_length(start as usize, (end - start) as usize));
        let part = urls.slice(first, rows);
        let own = part.value_offsets().iter().enumerate().take(rows);
        views.extend(own.map(|(row, at)| make_view(part.value(row), block, (at - start) as u32)));
    }
    BinaryViewArray::try_new(ScalarBuffer::from(views), buffers, urls.nulls().cloned())
}
