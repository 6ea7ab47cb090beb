//! A column of callbacks is two columns: what OSS asks, and the variables.

use super::super::argument::entries;
use super::super::callback::Callback;
use super::super::given::Given;
use super::column::refuse_what_is_no_column;
use super::columns::Fields;
use super::slices;
use crate::operation::{Field, Operation};
use pyo3::prelude::*;
use pyo3::types::PyList;

/// Adds the column of the variables where the one of the callbacks holds [`Callback`]s that have some.
/// As in `presign`, variables that were given by themselves win.
pub(super) fn split<'py>(given: &Given<'py>, fields: &mut Fields<'py>) -> PyResult<()> {
    let Some(vars) = given.operation().and_then(|operation| field(operation, "callback_var"))
    else {
        return Ok(());
    };
    let Some(at) = fields.iter().position(|(field, _)| field.name == "callback") else {
        return Ok(());
    };
    let is_given = |(field, _): &(&Field, _)| std::ptr::eq(*field, vars);
    if fields.iter().any(is_given) || given.has(fields[at].1.py(), vars)? {
        return Ok(());
    }
    if let Some(rows) = objects(fields[at].0, &fields[at].1)? {
        let column = variables(&rows)?;
        // Also where no row has any: an iterator has no rows left.
        fields[at].1 = rows.into_any();
        // Where it stands in the table: right behind.
        fields.splice(at + 1..at + 1, column.map(|column| (vars, column.into_any())));
    }
    Ok(())
}

fn field(operation: &'static Operation, name: &str) -> Option<&'static Field> {
    operation.fields.iter().find(|field| field.name == name)
}

/// The rows of what holds Python objects.
fn objects<'py>(field: &Field, column: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyList>>> {
    refuse_what_is_no_column(field, column)?;
    let is_arrow = column.hasattr("__arrow_c_array__")? || column.hasattr("__arrow_c_stream__")?;
    if is_arrow && !slices::are_wanted(column)? {
        return Ok(None);
    }
    let Some(rows) = entries(column)? else { return Ok(None) };
    PyList::new(column.py(), rows.collect::<PyResult<Vec<_>>>()?).map(Some)
}

/// The variables of each row; None where no row has any.
fn variables<'py>(rows: &Bound<'py, PyList>) -> PyResult<Option<Bound<'py, PyList>>> {
    let callbacks: Vec<_> = rows.iter().map(|row| row.cast_into::<Callback>().ok()).collect();
    let vars = || callbacks.iter().map(|row| row.as_ref().and_then(|row| row.get().callback_var()));
    match vars().any(|vars| vars.is_some()) {
        true => PyList::new(rows.py(), vars().collect::<Vec<_>>()).map(Some),
        false => Ok(None),
    }
}
