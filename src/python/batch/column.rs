//! One column, whatever Python gives as one.

use super::arrow::{self, Chunks};
use super::values::{Read, Values};
use super::{mappings, slices};
use crate::batch::Column;
use crate::operation::{Field, Place};
use crate::presign::Target;
use crate::python::argument::entries;
use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;
use pyo3::exceptions::{PyException, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{
    PyByteArray, PyBytes, PyDict, PyFrozenSet, PyList, PyMemoryView, PySet, PyString, PyTuple,
};
use std::sync::Arc;

/// Texts that outlive the objects they were read from.
pub(super) type Rows = Arc<dyn Column + Send>;

/// What a column gave: one column of text, or for `metadata` one per header.
pub(super) struct Source {
    pub(super) columns: Vec<(Option<String>, Rows)>,
    pub(super) rows: usize,
    /// Whether they were Python's objects, as URLs then will be too.
    pub(super) were_objects: bool,
    /// The rows whose value has no text, in order.
    pub(super) bad: Vec<(usize, super::Failure)>,
}

/// Reads a column for `field`.
///
/// # Errors
/// `TypeError` for what has no rows, or rows that have no text; `ValueError` for a table.
pub(super) fn read(
    field: &'static Field,
    target: &Target,
    object: &Bound<'_, PyAny>,
) -> PyResult<Source> {
    refuse_what_is_no_column(field, object)?;
    let values = |room| Values::new(field, target, room);
    if let Ok(list) = object.cast_exact::<PyList>() {
        return collect(values(list.len()), list.iter().map(Ok));
    }
    if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        return collect(values(tuple.len()), tuple.iter().map(Ok));
    }
    if slices::are_wanted(object)? {
        let rows = object.len()?;
        let mut values = values(rows);
        for part in slices::of(object, rows) {
            part?.cast::<PyList>()?.iter().try_for_each(|value| values.push(&value))?;
        }
        return Ok(values.finish().into());
    }
    match arrow::import(object) {
        Ok(Some((arrow, arrays))) => {
            if let Some(rows) = as_objects(field, arrow.data_type(), object)? {
                return collect(values(rows.len()), rows.iter().map(Ok));
            }
            return of_arrow(field, target, arrow.data_type(), arrays);
        }
        // A Series of Polars whose type the Arrow crates do not know, or not as Polars gives it.
        Err(_) if object.get_type().name()?.to_str()? == "Series" => {}
        Err(error) => return Err(named(field, error)),
        Ok(None) => {}
    }
    let rows = entries(object)?.ok_or_else(|| no_rows(field, object))?;
    collect(values(0), rows)
}

/// The rows of an array of floats or instants, of which only Python knows the text.
fn as_objects<'py>(
    field: &Field,
    data_type: &DataType,
    object: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyList>>> {
    let is_header = matches!(field.place, Place::Header(_) | Place::Query(_));
    let is_odd = data_type.is_floating() || matches!(data_type, DataType::Timestamp(..));
    if is_header && is_odd {
        for method in ["to_pylist", "to_list", "tolist"] {
            if object.hasattr(method)? {
                return Ok(Some(object.call_method0(method)?.cast_into()?));
            }
        }
    }
    Ok(None)
}

/// A column of arrays of one Arrow type.
pub(super) fn of_arrow(
    field: &'static Field,
    target: &Target,
    data_type: &DataType,
    arrays: Vec<ArrayRef>,
) -> PyResult<Source> {
    let prefix = matches!(field.place, Place::HeaderPrefix(_));
    if let DataType::Struct(fields) = data_type
        && (!prefix || fields.iter().any(|inner| inner.data_type().is_nested()))
    {
        let [only] = &**fields else {
            let names: Vec<_> = fields.iter().map(|field| format!("'{}'", field.name())).collect();
            let words = format!(
                "{}: one column is wanted, not a table of {}",
                field.name,
                names.join(", ")
            );
            return Err(PyValueError::new_err(words));
        };
        let inner = arrays.iter().map(|array| array.as_struct().column(0).clone()).collect();
        return of_arrow(field, target, only.data_type(), inner);
    }
    let named_text = matches!(field.place, Place::Bucket | Place::Key);
    if prefix {
        if let Some(source) = mappings::read(field, target, data_type, &arrays) {
            return Ok(source);
        }
    } else if !(named_text && is_number(data_type))
        && let Some(chunks) = Chunks::of(data_type, &arrays)
    {
        let rows = chunks.len();
        let columns = vec![(None, Arc::new(chunks) as Rows)];
        return Ok(Source { columns, rows, were_objects: false, bad: Vec::new() });
    }
    let words = format!("{}: a column of {data_type} has no text of this field", field.name);
    Err(PyTypeError::new_err(words))
}

/// Whether only a field that is no name can have such values.
fn is_number(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_number(values),
        other => other.is_integer() || *other == DataType::Boolean,
    }
}

fn collect<'py>(
    mut values: Values<'_>,
    mut rows: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
) -> PyResult<Source> {
    rows.try_for_each(|value| values.push(&value?))?;
    Ok(values.finish().into())
}

impl From<Read> for Source {
    fn from(read: Read) -> Self {
        let columns = read.columns.into_iter();
        let columns = columns.map(|(entry, texts)| (entry, Arc::new(texts) as Rows)).collect();
        Self { columns, rows: read.rows, were_objects: true, bad: read.bad }
    }
}

pub(super) fn refuse_what_is_no_column(field: &Field, object: &Bound<'_, PyAny>) -> PyResult<()> {
    if object.is_exact_instance_of::<PyList>() || object.is_exact_instance_of::<PyTuple>() {
        return Ok(());
    }
    let text = object.is_instance_of::<PyString>()
        || object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyByteArray>()
        || object.is_instance_of::<PyMemoryView>();
    let class = object.get_type().name()?;
    let words = if text {
        let name = field.name;
        format!(
            "{name}: a single {class} is no column; give a list of them, or put {name} into the \
             request"
        )
    } else if object.is_instance_of::<PySet>() || object.is_instance_of::<PyFrozenSet>() {
        format!("{}: a {class} has no order, so it is no column", field.name)
    } else if is_mapping(object)? && !object.hasattr(intern!(object.py(), "__arrow_c_stream__"))? {
        format!("{}: a {class} is no column, but its values may be one", field.name)
    } else {
        return Ok(());
    };
    Err(PyTypeError::new_err(words))
}

/// As `cast::<PyMapping>` has it, which asks the same Python code but swallows what that raises: a
/// Ctrl-C at that moment would be lost.
fn is_mapping(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    if object.is_instance_of::<PyDict>() {
        return Ok(true);
    }
    object.is_instance(&object.py().import("_collections_abc")?.getattr("Mapping")?)
}

fn no_rows(field: &Field, object: &Bound<'_, PyAny>) -> PyErr {
    let class = object.get_type().name().map(|name| name.to_string()).unwrap_or_default();
    PyTypeError::new_err(format!("{}: a column has rows, {class} has none", field.name))
}

/// Says which column an error is about.
fn named(field: &Field, error: PyErr) -> PyErr {
    Python::attach(|py| {
        if !error.is_instance_of::<PyException>(py) {
            return error;
        }
        let named = PyTypeError::new_err(format!("{}: {}", field.name, error.value(py)));
        named.set_cause(py, Some(error));
        named
    })
}
