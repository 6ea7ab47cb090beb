//! `PresignedUrls`: a sequence of str, and an Arrow array.

use super::export;
use super::facts::{Facts, RowError};
use super::table::Table;
use crate::python::result::{Ends, PresignResult};
use crate::request::Header;
use arrow_array::{Array, LargeBinaryArray};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyCapsule, PyDict, PyList, PySlice, PyString, PyTuple};
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

/// The presigned URLs of many rows, one per row, None where there is none.
///
/// A sequence of str, each of which is made when it is asked for, and an Arrow array of
/// large_string, which pyarrow, Polars, pandas and DuckDB take over without copying it. A slice is
/// one, too, and shares its memory. The repr shows no URL.
///
/// Attributes:
///     method: The HTTP method that the URLs are for.
///     expiration: When they end, an aware datetime in UTC.
///     effective_expiration: The earlier of `expiration` and the end of the credentials.
///     signed_headers: The header fields that each request must send exactly; None where they
///         differ from row to row, see `result`.
///     request_headers: All header fields to be sent; None where they differ from row to row.
///     errors: The rows that could not be presigned, as pairs of row and exception.
///     nbytes: The memory that the URLs take.
///
/// Example:
///     >>> import ossign as oss
///     >>> client = oss.Client(oss.Config(
///     ...     region="cn-hangzhou",
///     ...     credentials_provider=oss.credentials.StaticCredentialsProvider("id", "secret")))
///     >>> urls = client.presign_many(oss.GetObjectRequest(bucket="bucket"), key=["a", None, "c"])
///     >>> len(urls), urls.method, urls[1], urls[-1][:45]
///     (3, 'GET', None, 'https://bucket.oss-cn-hangzhou.aliyuncs.com/c')
#[pyclass(module = "ossign", frozen, sequence, weakref)]
pub(in super::super) struct PresignedUrls {
    /// URLs are text; as bytes nobody reads through them once more to see that they are.
    array: LargeBinaryArray,
    /// The row that the first one is of all that were signed together.
    first: usize,
    facts: Arc<Facts>,
}

#[pymethods]
impl PresignedUrls {
    /// The HTTP method that the URLs are for.
    #[getter]
    fn method(&self) -> &str {
        &self.facts.method
    }

    /// When the URLs end.
    #[getter]
    fn expiration(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.facts.ends.expiration.object(py)
    }

    /// The earlier of `expiration` and the end of the credentials.
    #[getter]
    fn effective_expiration(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.facts.ends.effective_expiration.object(py)
    }

    /// The header fields that are part of all signatures, or None where they differ.
    #[getter]
    fn signed_headers<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.shared_headers(py, |header| self.facts.covered.has(header).then_some(header.value()))
    }

    /// All header fields to be sent, or None where they differ.
    #[getter]
    fn request_headers<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.shared_headers(py, |header| Some(header.trimmed()))
    }

    /// The rows that could not be presigned, with the exception that `presign` raises for each.
    #[getter]
    fn errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let rows = self.first..self.first + self.array.len();
        let own = self.facts.errors.iter().filter(|error| rows.contains(&error.row()));
        let pair = |error: &RowError| {
            let exception = error.exception(py, &self.facts.operation).into_value(py);
            (error.row() - self.first, exception)
        };
        PyList::new(py, own.map(pair).collect::<Vec<_>>())
    }

    /// The memory that the URLs take, in bytes.
    #[getter]
    fn nbytes(&self) -> usize {
        let offsets = self.array.value_offsets();
        let text = offsets[self.array.len()] - offsets[0];
        let validity = self.array.nulls().map_or(0, |_| self.array.len().div_ceil(8));
        text as usize + size_of_val(offsets) + validity
    }

    /// What `presign` answers for one row; None where there is no URL.
    fn result(&self, row: isize) -> PyResult<Option<PresignResult>> {
        let row = self.place(row)?;
        let Some(url) = self.url(row)? else { return Ok(None) };
        let facts = &self.facts;
        let ends = Ends {
            expiration: facts.ends.expiration.again(),
            effective_expiration: facts.ends.effective_expiration.again(),
        };
        let (method, covered) = (facts.method.clone(), facts.covered.clone());
        let headers = facts.headers_of(self.first + row);
        Ok(Some(PresignResult::new(method, url.to_owned(), ends, headers, covered)))
    }

    /// All URLs as str, None where there is none.
    fn to_list<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, (0..self.array.len()).map(|row| Item { urls: self, row }))
    }

    fn __len__(&self) -> usize {
        self.array.len()
    }

    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        index: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Ok(slice) = index.cast::<PySlice>() else {
            let row = self.place(index.extract()?)?;
            return Item { urls: self, row }.into_pyobject(py);
        };
        let range = slice.indices(self.array.len() as isize)?;
        let (start, rows) = (range.start as usize, range.slicelength);
        if range.step != 1 {
            let picked = (0..rows as isize).map(|at| range.start + at * range.step);
            let picked = picked.map(|row| Item { urls: self, row: row as usize });
            return Ok(PyList::new(py, picked.collect::<Vec<_>>())?.into_any());
        }
        let array = self.array.slice(if rows == 0 { 0 } else { start }, rows);
        let facts = Arc::clone(&self.facts);
        Self { array, first: self.first + start, facts }.into_bound_py_any(py)
    }

    fn __iter__(slf: Py<Self>) -> UrlIterator {
        UrlIterator { urls: slf, row: AtomicIsize::new(0), step: 1 }
    }

    fn __reversed__(slf: Py<Self>) -> UrlIterator {
        let row = slf.get().array.len() as isize - 1;
        UrlIterator { urls: slf, row: AtomicIsize::new(row), step: -1 }
    }

    fn __contains__(&self, value: &Bound<'_, PyAny>) -> bool {
        self.find(value, 0..self.array.len()).is_some()
    }

    /// The first row with this URL, between `start` and `stop`.
    #[pyo3(signature = (value, start=0, stop=None))]
    fn index(
        &self,
        value: &Bound<'_, PyAny>,
        start: isize,
        stop: Option<isize>,
    ) -> PyResult<usize> {
        let rows = self.array.len() as isize;
        let clip = |at: isize| if at < 0 { (at + rows).max(0) } else { at.min(rows) } as usize;
        let range = clip(start)..stop.map_or(rows as usize, clip);
        self.find(value, range).ok_or_else(|| PyValueError::new_err("no row has this URL"))
    }

    /// How many rows have this URL.
    fn count(&self, value: &Bound<'_, PyAny>) -> usize {
        let (mut count, mut from) = (0, 0);
        while let Some(row) = self.find(value, from..self.array.len()) {
            (count, from) = (count + 1, row + 1);
        }
        count
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let equal = if let Ok(other) = other.cast::<Self>() {
            self.array == other.get().array
        } else if let Ok(list) = other.cast::<PyList>() {
            list.len() == self.array.len()
                && list.iter().enumerate().all(|(row, value)| self.is(row, &value))
        } else {
            return Ok(py.NotImplemented());
        };
        Ok(PyBool::new(py, equal).to_owned().into_any().unbind())
    }

    #[classattr]
    fn __hash__() -> Option<Py<PyAny>> {
        None
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (rows, nulls) = (self.array.len(), self.array.null_count());
        let none = if nulls == 0 { String::new() } else { format!(", {nulls} of them None") };
        let expiration = self.facts.ends.expiration.object(py)?;
        Ok(format!(
            "<PresignedUrls: {rows} rows{none}, method={}, expiration={}>",
            PyString::new(py, &self.facts.method).repr()?,
            expiration.bind(py).str()?
        ))
    }

    /// The URLs as an Arrow array, without a copy: large_string, or string_view or string where
    /// that is asked for (string only up to 2 GiB).
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        export::array(py, &self.array, requested_schema)
    }

    /// The Arrow type: large_string.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        export::schema(py)
    }

    /// The URLs as an Arrow stream of one array, or of several where string is asked for and there
    /// are more than 2 GiB.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        export::stream(py, &self.array, requested_schema)
    }
}

impl PresignedUrls {
    pub(super) fn new(table: Table, facts: Facts) -> PyResult<Self> {
        Ok(Self { array: table.into_array()?, first: 0, facts: Arc::new(facts) })
    }

    /// The URLs as Arrow's.
    pub(super) fn into_array(self) -> LargeBinaryArray {
        self.array
    }

    fn url(&self, row: usize) -> PyResult<Option<&str>> {
        if self.array.is_null(row) {
            return Ok(None);
        }
        let url = std::str::from_utf8(self.array.value(row));
        url.map(Some).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// A row, from the end if negative.
    fn place(&self, row: isize) -> PyResult<usize> {
        let rows = self.array.len();
        let from_start = if row < 0 { row + rows as isize } else { row };
        match usize::try_from(from_start) {
            Ok(place) if place < rows => Ok(place),
            _ => Err(PyIndexError::new_err(format!("row {row} of {rows}"))),
        }
    }

    fn is(&self, row: usize, value: &Bound<'_, PyAny>) -> bool {
        if self.array.is_null(row) {
            return value.is_none();
        }
        let text = value.cast::<PyString>().ok().and_then(|text| text.to_str().ok());
        text.is_some_and(|text| text.as_bytes() == self.array.value(row))
    }

    fn find(&self, value: &Bound<'_, PyAny>, mut rows: std::ops::Range<usize>) -> Option<usize> {
        rows.find(|row| self.is(*row, value))
    }

    fn shared_headers<'py>(
        &self,
        py: Python<'py>,
        shown: impl for<'h> Fn(&Header<'h>) -> Option<&'h str>,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        if !self.facts.varying.is_empty() {
            return Ok(None);
        }
        let dict = PyDict::new(py);
        for header in self.facts.headers.iter() {
            if let Some(value) = shown(&header) {
                dict.set_item(header.name(), value)?;
            }
        }
        Ok(Some(dict))
    }
}

/// A row on its way to Python.
struct Item<'a> {
    urls: &'a PresignedUrls,
    row: usize,
}

impl<'py> IntoPyObject<'py> for Item<'_> {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.row % 16_384 == 16_383 {
            py.check_signals()?;
        }
        let array = &self.urls.array;
        if array.is_null(self.row) {
            return Ok(py.None().into_bound(py));
        }
        // Python reads through the bytes anyway: looking for UTF-8 before would do it twice.
        Ok(PyString::from_bytes(py, array.value(self.row))?.into_any())
    }
}

/// Gives one URL after the other, each once, also to threads that share it.
#[pyclass(module = "ossign._ossign", frozen)]
pub(in super::super) struct UrlIterator {
    urls: Py<PresignedUrls>,
    row: AtomicIsize,
    step: isize,
}

#[pymethods]
impl UrlIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let urls = self.urls.get();
        let row = usize::try_from(self.row.fetch_add(self.step, Ordering::Relaxed));
        let Some(row) = row.ok().filter(|row| *row < urls.array.len()) else { return Ok(None) };
        Item { urls, row }.into_pyobject(py).map(Some)
    }

    fn __length_hint__(&self) -> usize {
        let row = self.row.load(Ordering::Relaxed);
        let left = if self.step < 0 { row + 1 } else { self.urls.get().array.len() as isize - row };
        left.max(0) as usize
    }
}
