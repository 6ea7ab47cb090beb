//! The keywords of a call that say how a batch is signed.

use crate::batch::OnError;
use crate::lanes::Isa;
use crate::python::asked::Special;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::num::NonZeroUsize;
use std::thread;

/// From so many rows on, threads earn more than they cost: two threads sign these, a whole piece
/// each, 1.4 to 1.6 times as fast as one; three quarters of them 0.9 to 1.3 times.
const MANY: usize = 4096;

/// How a batch is signed, as the keywords of a call say.
pub(in crate::python) struct Options {
    pub(super) expires: Option<Py<PyAny>>,
    pub(super) expiration: Option<Py<PyAny>>,
    pub(super) on_error: OnError,
    threads: Option<NonZeroUsize>,
    pub(super) isa: Isa,
    special: Option<Box<Special>>,
}

impl Options {
    /// Reads the keywords; the instructions to hash with are one more, for tests.
    ///
    /// # Errors
    /// `ValueError` and `TypeError` for what they do not take.
    pub(in crate::python) fn read(
        expires: Option<Bound<'_, PyAny>>,
        expiration: Option<Bound<'_, PyAny>>,
        errors: &str,
        threads: Option<&Bound<'_, PyAny>>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let on_error = match errors {
            "raise" => OnError::Stop,
            "null" => OnError::Note,
            other => {
                let words = format!("errors must be 'raise' or 'null', got '{other}'");
                return Err(PyValueError::new_err(words));
            }
        };
        let (expires, expiration) = (expires.map(Bound::unbind), expiration.map(Bound::unbind));
        let isa = isa(keywords)?;
        Ok(Self { expires, expiration, on_error, threads: count(threads)?, isa, special: None })
    }

    /// The same with what is asked for beside the rows.
    pub(in crate::python) fn with(self, special: Option<Box<Special>>) -> Self {
        Self { special, ..self }
    }

    /// What is asked for beside the rows.
    pub(super) fn special(&self) -> Option<&Special> {
        self.special.as_deref()
    }

    /// How many threads sign so many rows.
    pub(super) fn threads(&self, rows: usize) -> NonZeroUsize {
        match self.threads {
            Some(threads) => threads,
            None if rows < MANY => NonZeroUsize::MIN,
            None => thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }
}

fn count(threads: Option<&Bound<'_, PyAny>>) -> PyResult<Option<NonZeroUsize>> {
    let Some(threads) = threads else { return Ok(None) };
    let number = threads.extract::<i64>().map_err(|_| {
        let class = threads.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        PyTypeError::new_err(format!("threads must be an int or None, not {class}"))
    })?;
    match usize::try_from(number).ok().and_then(NonZeroUsize::new) {
        Some(threads) => Ok(Some(threads)),
        None => Err(PyValueError::new_err(format!("threads must be at least 1, got {number}"))),
    }
}

fn isa(keywords: Option<&Bound<'_, PyDict>>) -> PyResult<Isa> {
    let Some(keywords) = keywords else { return Ok(Isa::detect()) };
    let Some(name) = keywords.get_item("_isa")? else { return Ok(Isa::detect()) };
    keywords.del_item("_isa")?;
    Ok(match name.extract()? {
        "crate" => Isa::Crate,
        "sha_ni" => Isa::ShaNi,
        _ => Isa::detect(),
    })
}
