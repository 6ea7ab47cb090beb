//! What the URLs of one call have in common, and what is wrong with some of their rows.

use super::columns::Named;
use crate::error::Error;
use crate::operation::Place;
use crate::python::error::{Failure, translate};
use crate::python::result::{Covered, Ends};
use crate::request::Headers;
use pyo3::prelude::*;
use std::borrow::Cow;

/// What all URLs of a call have in common.
pub(super) struct Facts {
    pub(super) method: Cow<'static, str>,
    pub(super) operation: String,
    pub(super) ends: Ends,
    /// The headers of the template.
    pub(super) headers: Headers,
    pub(super) covered: Covered,
    /// What a row has where its own value is empty.
    pub(super) defaults: Vec<(String, String)>,
    /// The columns that travel in headers.
    pub(super) varying: Vec<Named>,
    pub(super) errors: Vec<RowError>,
}

/// A row that could not be presigned.
pub(super) struct RowError {
    row: usize,
    reason: Reason,
}

enum Reason {
    /// Becomes an exception when somebody looks.
    Pure(Error),
    Raised(PyErr),
}

impl RowError {
    /// What the pure half found.
    pub(super) fn of((row, error): (usize, Error)) -> Self {
        Self { row, reason: Reason::Pure(error) }
    }

    /// What Python found.
    pub(super) fn raised(row: usize, error: PyErr) -> Self {
        Self { row, reason: Reason::Raised(error) }
    }

    /// Counted from the first row that was signed together with it.
    pub(super) fn row(&self) -> usize {
        self.row
    }

    /// The exception that `presign` raises for this row.
    pub(super) fn exception(&self, py: Python<'_>, operation: &str) -> PyErr {
        match &self.reason {
            Reason::Pure(error) => {
                Failure::Wrapped(translate(py, error)).into_exception(py, operation)
            }
            Reason::Raised(error) => error.clone_ref(py),
        }
    }
}

impl Facts {
    /// The headers that the request of a row is sent with.
    pub(super) fn headers_of(&self, row: usize) -> Headers {
        let mut headers = self.headers.clone();
        for named in &self.varying {
            let Some(text) = named.rows.get(row) else { continue };
            match named.field.place {
                Place::Header(name) => headers.set(name, text),
                Place::HeaderPrefix(prefix) => {
                    headers.set_prefixed(prefix, named.entry.as_deref().unwrap_or_default(), text);
                }
                _ => {}
            }
        }
        for (name, value) in &self.defaults {
            headers.set_default(name, value);
        }
        headers
    }
}
