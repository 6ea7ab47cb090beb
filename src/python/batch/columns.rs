//! The columns of one call: which fields they are for, and that they fit together.

use super::column::{self, Rows, Source};
use super::texts::{Constant, Masked};
use crate::batch::{Null, Varying};
use crate::operation::{Field, GET_OBJECT, Operation, Place};
use crate::presign::Target;
use crate::python::error::Failure;
use crate::python::given::Given;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::sync::Arc;

/// The columns that were given by name, in the order of the operation's table.
pub(super) struct Columns {
    /// The fields that vary.
    pub(super) fields: Vec<&'static Field>,
    pub(super) all: Vec<Named>,
    /// How many rows each has.
    pub(super) rows: usize,
    /// Whether all of them were Python's objects.
    pub(super) were_objects: bool,
    /// The rows whose value has no text, in order, each once.
    pub(super) bad: Vec<(usize, Failure)>,
    /// The number that errors call the first row by.
    pub(super) first: usize,
}

/// A column and what it is for.
#[derive(Clone)]
pub(super) struct Named {
    pub(super) field: &'static Field,
    /// Of a field of many headers, which one.
    pub(super) entry: Option<String>,
    pub(super) null: Null,
    pub(super) rows: Rows,
}

/// Fields, with what was given for each.
pub(super) type Fields<'py> = Vec<(&'static Field, Bound<'py, PyAny>)>;

/// The fields that keywords and a mapping name, in the order of the operation's table.
///
/// # Errors
/// `TypeError` for what is no field that can vary, and for a field named twice.
pub(super) fn fields<'py>(
    given: &Given<'_>,
    columns: Option<&Bound<'py, PyAny>>,
    keywords: Option<&Bound<'py, PyDict>>,
) -> PyResult<Fields<'py>> {
    let mut found: Fields<'py> = Vec::new();
    let mut add = |name: &Bound<'py, PyAny>, value: Bound<'py, PyAny>| {
        let field = find(given, name)?;
        if found.iter().any(|(other, _)| std::ptr::eq(*other, field)) {
            let words = format!("presign_many() got two columns for '{}'", field.name);
            return Err(PyTypeError::new_err(words));
        }
        found.push((field, value));
        Ok(())
    };
    for (name, value) in keywords.into_iter().flatten() {
        add(&name, value)?;
    }
    if let Some(columns) = columns {
        for entry in columns.call_method0("items")?.try_iter()? {
            let (name, value) = entry?.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            add(&name, value)?;
        }
    }
    if found.is_empty() {
        let words = "no column is given: name a field that varies, as in key=[...]";
        return Err(PyTypeError::new_err(words));
    }
    // A sort by address is a sort by row: a table is one slice.
    found.sort_by_key(|(field, _)| std::ptr::from_ref(*field));
    Ok(found)
}

/// The table that fields are looked up in. Any operation has a bucket and a key.
fn table(given: &Given<'_>) -> (&'static [Field], Option<&'static Operation>) {
    match given.operation() {
        Some(operation) => (operation.fields, Some(operation)),
        None => (&GET_OBJECT.fields[..2], None),
    }
}

fn find(given: &Given<'_>, name: &Bound<'_, PyAny>) -> PyResult<&'static Field> {
    let name = name.cast::<PyString>()?.to_str()?;
    let (fields, operation) = table(given);
    let aliases = operation.map_or(&[][..], |operation| operation.aliases);
    let own = aliases.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, own)| own);
    let operation = given.operation_name();
    match fields.iter().find(|field| field.name == own) {
        Some(Field { place: Place::Body(_) | Place::Ignored, .. }) => {
            let words = format!("'{name}' is not part of a URL for {operation}: it has no columns");
            Err(PyTypeError::new_err(words))
        }
        Some(field) => Ok(field),
        None => {
            let known = fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
            let words = format!("'{name}' is no field of a request for {operation}: {known}");
            Err(PyTypeError::new_err(words))
        }
    }
}

impl Columns {
    /// Reads the columns.
    ///
    /// # Errors
    /// As [`column::read`], and `ValueError` where they differ in length.
    pub(super) fn read(target: &Target, fields: &Fields<'_>) -> PyResult<Self> {
        let read = |(field, object): &(&'static Field, _)| {
            Ok((*field, column::read(field, target, object)?))
        };
        Self::of(fields.iter().map(read).collect::<PyResult<_>>()?)
    }

    /// Puts columns together that were read.
    pub(super) fn of(sources: Vec<(&'static Field, Source)>) -> PyResult<Self> {
        let rows = sources.first().map_or(0, |(_, source)| source.rows);
        if sources.iter().any(|(_, source)| source.rows != rows) {
            let lengths = sources
                .iter()
                .map(|(field, source)| format!("{} has {} rows", field.name, source.rows));
            let words = format!(
                "columns must have the same length: {}",
                lengths.collect::<Vec<_>>().join(", ")
            );
            return Err(PyValueError::new_err(words));
        }
        let fields = sources.iter().map(|(field, _)| *field).collect();
        let were_objects = sources.iter().all(|(_, source)| source.were_objects);
        let (mut all, mut bad) = (Vec::new(), Vec::new());
        for (field, source) in sources {
            let null = if field.required { Null::NoUrl } else { Null::LeftOut };
            let named = |(entry, rows): (Option<String>, Rows)| Named { field, entry, null, rows };
            all.extend(source.columns.into_iter().map(named));
            bad.extend(source.bad);
        }
        let mut columns = Self { fields, all, rows, were_objects, bad: Vec::new(), first: 0 };
        columns.add_bad(bad);
        Ok(columns)
    }

    /// Adds rows that cannot be signed. Of several reasons, the first one stays.
    pub(super) fn add_bad(&mut self, bad: Vec<(usize, Failure)>) {
        self.bad.extend(bad);
        self.bad.sort_by_key(|(row, _)| *row);
        self.bad.dedup_by_key(|(row, _)| *row);
    }

    /// Sees to it that bad rows get no URL.
    pub(super) fn mask(&mut self, key: Option<&str>) {
        if self.bad.is_empty() {
            return;
        }
        let bad = self.bad.iter().map(|(row, _)| *row);
        let decides = |named: &&mut Named| named.null == Null::NoUrl;
        if let Some(named) = self.all.iter_mut().find(decides) {
            named.rows = Arc::new(Masked::new(named.rows.clone(), self.rows, bad));
        } else {
            let key = Arc::new(Constant(key.unwrap_or_default().to_owned(), self.rows));
            let rows = Arc::new(Masked::new(key, self.rows, bad));
            let field = &GET_OBJECT.fields[1];
            self.all.insert(0, Named { field, entry: None, null: Null::NoUrl, rows });
        }
    }
}

impl Named {
    /// As the pure half wants it.
    pub(super) fn varying(&self) -> Varying<'_> {
        Varying {
            field: self.field,
            entry: self.entry.as_deref(),
            null: self.null,
            column: &*self.rows,
        }
    }

    /// Whether requests of different rows are sent with different headers.
    pub(super) fn is_header(&self) -> bool {
        matches!(self.field.place, Place::Header(_) | Place::HeaderPrefix(_))
    }
}
