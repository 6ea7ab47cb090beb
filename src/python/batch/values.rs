//! Python's values as columns of text, as `presign` makes text of each.

use super::super::error::Failure;
use super::super::read::Reading;
use super::super::value;
use super::texts::Texts;
use crate::operation::{Field, Place};
use crate::presign::Target;
use crate::request::Headers;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

/// A field that is being read, row by row.
pub(super) struct Values<'a> {
    field: &'static Field,
    target: &'a Target,
    rows: usize,
    texts: Texts,
    /// For a field of many headers, a column per header: name in lower case, name, texts.
    entries: Vec<(String, String, Texts)>,
    /// The rows whose value has no text.
    bad: Vec<(usize, Failure)>,
}

/// What was read: columns, with the entry that each is for, and the rows that failed.
pub(super) struct Read {
    pub(super) columns: Vec<(Option<String>, Texts)>,
    pub(super) rows: usize,
    pub(super) bad: Vec<(usize, Failure)>,
}

impl<'a> Values<'a> {
    /// No row yet, and room for so many.
    pub(super) fn new(field: &'static Field, target: &'a Target, room: usize) -> Self {
        let texts = Texts::with_room(room);
        Self { field, target, rows: 0, texts, entries: Vec::new(), bad: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if self.rows % 16_384 == 16_383 {
            value.py().check_signals()?;
        }
        if let Place::HeaderPrefix(prefix) = self.field.place {
            self.push_entries(prefix, value)?;
        } else if let Some(Ok(text)) = value.cast_exact::<PyString>().ok().map(|text| text.to_str())
        {
            self.texts.push(Some(text));
        } else if self.is_plain_number(value) {
            self.texts.push(Some(&value::text(value, "")?));
        } else {
            self.push_odd(value)?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Adds a row of a mapping whose entries are known to be text.
    pub(super) fn push_pairs<'t>(
        &mut self,
        pairs: impl Iterator<Item = (&'t str, Option<&'t str>)>,
    ) {
        let mut headers = Headers::default();
        for (name, text) in pairs {
            if let Some(text) = text {
                headers.set(name, text);
            }
        }
        self.take_entries(0, &headers);
        self.rows += 1;
    }

    /// All that was read.
    pub(super) fn finish(mut self) -> Read {
        let columns = if matches!(self.field.place, Place::HeaderPrefix(_)) {
            let filled = self.entries.into_iter().map(|(_, name, mut texts)| {
                texts.fill(self.rows);
                (Some(name), texts)
            });
            filled.collect()
        } else {
            self.texts.fill(self.rows);
            vec![(None, self.texts)]
        };
        Read { columns, rows: self.rows, bad: self.bad }
    }

    fn is_plain_number(&self, value: &Bound<'_, PyAny>) -> bool {
        matches!(self.field.place, Place::Header(_) | Place::Query(_))
            && (value.is_exact_instance_of::<PyInt>() || value.is_exact_instance_of::<PyBool>())
    }

    /// Anything but the usual types, with all the ways of `presign`.
    fn push_odd(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if is_missing(value)? {
            self.texts.push(None);
            return Ok(());
        }
        let mut reading = Reading::new(self.target);
        if self.failed(reading.field(self.field, value), &mut reading) {
            self.texts.push(None);
            return Ok(());
        }
        let request = &reading.request;
        self.texts.push(match self.field.place {
            Place::Bucket => request.bucket.as_deref(),
            Place::Key => request.key.as_deref(),
            Place::Query(name) => request.query.get(name),
            _ => request.headers.iter().next().map(|header| header.value()),
        });
        Ok(())
    }

    fn push_entries(&mut self, prefix: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        if is_missing(value)? {
            return Ok(());
        }
        let mut reading = Reading::new(self.target);
        if !self.failed(reading.field(self.field, value), &mut reading) {
            self.take_entries(prefix.len(), &reading.request.headers);
        }
        Ok(())
    }

    fn take_entries(&mut self, prefix: usize, headers: &Headers) {
        for header in headers.iter() {
            let (lower, name) = (&header.lower_name()[prefix..], &header.name()[prefix..]);
            let known = self.entries.iter().position(|(other, ..)| other == lower);
            let at = known.unwrap_or_else(|| {
                self.entries.push((lower.to_owned(), name.to_owned(), Texts::default()));
                self.entries.len() - 1
            });
            let texts = &mut self.entries[at].2;
            texts.fill(self.rows);
            texts.push(Some(header.value()));
        }
    }

    /// Notes what is wrong with a row, if something is.
    fn failed(&mut self, read: PyResult<()>, reading: &mut Reading<'_>) -> bool {
        let failure = match (read, reading.failure()) {
            (Err(error), _) => Failure::Bare(error),
            (Ok(()), Some(error)) => Failure::Wrapped(error),
            (Ok(()), None) => return false,
        };
        self.bad.push((self.rows, failure));
        true
    }
}

/// Whether a value stands for none: None, NaN, or pandas' NA and NaT.
fn is_missing(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if value.is_none() {
        return Ok(true);
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(number.value().is_nan());
    }
    let class = value.get_type();
    let name = class.getattr(intern!(value.py(), "__name__"))?;
    let name = name.cast::<PyString>()?;
    let known = matches!(name.to_str(), Ok("NAType" | "NaTType"));
    Ok(known && class.module()?.to_str()?.starts_with("pandas."))
}
