//! Tables in, the same tables with a column of URLs out: one batch after the other.

use super::column;
use super::columns::{self, Columns, Fields};
use super::export::{self, Kind};
use super::{Given, Options, sign};
use crate::operation::Field;
use crate::python::client::Client;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StructArray};
use arrow_schema::{ArrowError, DataType, Field as ArrowField, FieldRef, Fields as ArrowFields};
use pyo3::exceptions::{PyKeyboardInterrupt, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyString};
use pyo3_arrow::PyArrayReader;
use pyo3_arrow::ffi::{ArrayIterator, ArrayReader, to_schema_pycapsule, to_stream_pycapsule};
use std::sync::{Arc, Mutex, PoisonError};

/// An Arrow stream of tables, each signed when it is read. It can be read once.
///
/// Made by `Client.presign_batches`. What takes an Arrow stream takes it:
/// `pyarrow.RecordBatchReader.from_stream(batches)`, `polars.DataFrame(batches)`, DuckDB's `from`.
#[pyclass(module = "ossign", frozen, weakref)]
pub(in super::super) struct SignedBatches {
    /// The type of the tables that come in.
    input: FieldRef,
    url: String,
    signer: Mutex<Option<Signer>>,
}

/// Signs batch after batch.
struct Signer {
    source: Box<dyn ArrayReader + Send>,
    client: Py<Client>,
    template: Py<PyAny>,
    options: Options,
    /// The fields that vary, and where their columns stand.
    places: Vec<(&'static Field, usize)>,
    kind: Kind,
    /// How many rows are signed.
    rows: usize,
    failed: bool,
}

/// Prepares to sign a stream; checks all that can be checked without a row.
pub(in super::super) fn presign_batches<'py>(
    client: &Bound<'py, Client>,
    template: &Bound<'py, PyAny>,
    reader: &Bound<'py, PyAny>,
    (columns, keywords): (Option<&Bound<'py, PyAny>>, Option<&Bound<'py, PyDict>>),
    url: &str,
    options: Options,
) -> PyResult<SignedBatches> {
    let py = client.py();
    let given = Given::of(template)?;
    let keywords = keywords.filter(|keywords| !keywords.is_empty());
    let key = PyDict::new(py);
    let keywords = if columns.is_none() && keywords.is_none() {
        key.set_item("key", "key")?;
        Some(&key)
    } else {
        keywords
    };
    let names = columns::fields(&given, columns, keywords)?;
    if !reader.hasattr(intern!(py, "__arrow_c_stream__"))? {
        let class = reader.get_type().name()?;
        let words = format!("reader must have __arrow_c_stream__, which {class} has not");
        return Err(PyTypeError::new_err(words));
    }
    let source = reader.extract::<PyArrayReader>()?.into_reader()?;
    let input = source.field();
    let mut signer = Signer {
        source,
        client: client.clone().unbind(),
        template: template.clone().unbind(),
        options,
        places: places(&input, &names, url)?,
        kind: Kind::Large,
        rows: 0,
        failed: false,
    };
    let none = arrow_array::new_empty_array(input.data_type());
    signer.signed(py, none.as_struct())?;
    Ok(SignedBatches { input, url: url.to_owned(), signer: Mutex::new(Some(signer)) })
}

/// Where the columns of these names stand.
fn places(
    input: &FieldRef,
    names: &Fields<'_>,
    url: &str,
) -> PyResult<Vec<(&'static Field, usize)>> {
    let DataType::Struct(columns) = input.data_type() else {
        let words = format!("reader must give tables, not {}", input.data_type());
        return Err(PyTypeError::new_err(words));
    };
    let listed =
        || columns.iter().map(|column| column.name().as_str()).collect::<Vec<_>>().join(", ");
    if columns.find(url).is_some() {
        let words = format!("there is a column '{url}' already: name another one with url=...");
        return Err(PyValueError::new_err(words));
    }
    let place = |(field, name): &(&'static Field, Bound<'_, PyAny>)| {
        let name = name.cast::<PyString>().map_err(|_| {
            let words = format!("{}: the name of a column is a str", field.name);
            PyTypeError::new_err(words)
        })?;
        let name = name.to_str()?;
        match columns.find(name) {
            Some((at, _)) => Ok((*field, at)),
            None => {
                let words =
                    format!("{}: there is no column '{name}' among {}", field.name, listed());
                Err(PyValueError::new_err(words))
            }
        }
    };
    names.iter().map(place).collect()
}

#[pymethods]
impl SignedBatches {
    /// The stream, which can be asked for once.
    ///
    /// The column of URLs is large_string, or string or string_view where the schema asks for it;
    /// all other columns are as they came.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let kind = self.kind(requested_schema)?;
        let taken = self.signer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(signer) = taken else {
            return Err(PyValueError::new_err("this stream is being read already, or was read"));
        };
        let signer = Signer { kind, ..signer };
        let reader = ArrayIterator::new(signer, self.output(kind));
        Ok(to_stream_pycapsule(py, Box::new(reader), None)?)
    }

    /// The type of the tables.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        Ok(to_schema_pycapsule(py, &*self.output(Kind::Large))?)
    }

    fn __repr__(&self) -> String {
        format!("<SignedBatches: {}>", self.output(Kind::Large).data_type())
    }
}

impl SignedBatches {
    fn output(&self, kind: Kind) -> FieldRef {
        let columns = with_column(&self.input, kind.field(&self.url));
        let output = self.input.as_ref().clone();
        Arc::new(output.with_data_type(DataType::Struct(columns)))
    }

    fn kind(&self, requested: Option<&Bound<'_, PyCapsule>>) -> PyResult<Kind> {
        let requested = requested.map(export::requested).transpose()?;
        let url = match requested.as_ref().map(|field| field.data_type()) {
            Some(DataType::Struct(columns)) => {
                columns.find(&self.url).map(|(_, url)| url.data_type())
            }
            _ => None,
        };
        Ok(Kind::of(url))
    }
}

fn with_column(table: &FieldRef, column: FieldRef) -> ArrowFields {
    let columns = match table.data_type() {
        DataType::Struct(columns) => columns.iter().cloned().collect(),
        _ => Vec::new(),
    };
    columns.into_iter().chain([column]).collect()
}

impl Signer {
    fn signed(&mut self, py: Python<'_>, table: &StructArray) -> PyResult<Vec<ArrayRef>> {
        let client = self.client.clone_ref(py);
        let state = client.get().state()?;
        let read = |(field, at): &(&'static Field, usize)| {
            let column = table.column(*at);
            let arrays = vec![Arc::clone(column)];
            Ok((*field, column::of_arrow(field, state.target(), column.data_type(), arrays)?))
        };
        let columns = Columns::of(self.places.iter().map(read).collect::<PyResult<_>>()?)?;
        let columns = Columns { first: self.rows, ..columns };
        self.rows += table.len();
        let given = Given::of(self.template.bind(py))?;
        let urls = sign(py, state, &given, columns, &self.options)?.into_array();
        self.kind.arrays(&urls).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    fn with_urls(&mut self, table: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        let table = table.as_struct();
        let mut urls = Python::attach(|py| {
            self.signed(py, table).map_err(|error| {
                interrupt_again(py, &error);
                ArrowError::from_external_error(Box::new(error))
            })
        })?;
        if urls.len() != 1 {
            let words = "more than 2 GiB of URLs in one batch: ask for large_string";
            return Err(ArrowError::InvalidArgumentError(words.to_owned()));
        }
        let urls = urls.remove(0);
        let (columns, mut arrays, nulls) = table.clone().into_parts();
        let bytes: FieldRef = Arc::new(ArrowField::new("", urls.data_type().clone(), true));
        arrays.push(urls);
        let columns: ArrowFields = columns.iter().cloned().chain([bytes]).collect();
        Ok(Arc::new(StructArray::try_new(columns, arrays, nulls)?))
    }
}

/// Who reads a stream sees its errors as words only: so that Ctrl-C stays what it is, Python is told
/// once more.
fn interrupt_again(py: Python<'_>, error: &PyErr) {
    if error.is_instance_of::<PyKeyboardInterrupt>(py) {
        let _ = py.import("_thread").and_then(|thread| thread.call_method0("interrupt_main"));
    }
}

impl Iterator for Signer {
    type Item = Result<ArrayRef, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let signed = self.source.next()?.and_then(|table| self.with_urls(&table));
        self.failed = signed.is_err();
        Some(signed)
    }
}
