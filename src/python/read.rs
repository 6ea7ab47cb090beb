//! Python's values into the pure half's request, failing where and as the SDK fails.

use super::callback::Callback;
use super::error::{Failure, exception, translate};
use super::snapshot::snapshot;
use super::value;
use crate::operation::{Field, Operation, Place};
use crate::presign::{Target, Version};
use crate::request::Request;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::borrow::Cow;

/// A request that is being read.
///
/// The SDK checks bucket and key first, then writes the query, and only then signs the headers. So a
/// failure is kept, and raised once bucket and key have been checked.
pub(super) struct Reading<'a> {
    /// The request so far.
    pub(super) request: Request<'a>,
    /// Where the URL is to point to.
    pub(super) target: &'a Target,
    failures: Vec<(Part, PyErr)>,
}

/// The parts of a request in the order in which the SDK would fail at them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Names,
    Query,
    Headers,
}

impl<'a> Reading<'a> {
    /// Nothing yet, for `target`.
    pub(super) fn new(target: &'a Target) -> Self {
        Self { request: Request::default(), failures: Vec::new(), target }
    }

    /// What makes the request impossible to sign: of several failures, the SDK's first.
    pub(super) fn failure(&mut self) -> Option<PyErr> {
        let first = (0..self.failures.len()).min_by_key(|at| self.failures[*at].0)?;
        Some(self.failures.swap_remove(first).1)
    }

    /// Reads what every request has, whatever its fields.
    pub(super) fn begin(
        &mut self,
        operation: &'static Operation,
        headers: Option<Bound<'_, PyAny>>,
        parameters: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        self.request.method = Cow::Borrowed(operation.method);
        for (name, value) in operation.fixed_query {
            self.request.query.set(*name, *value);
        }
        headers.map_or(Ok(()), |headers| self.headers(&headers))?;
        parameters.map_or(Ok(()), |parameters| self.parameters(&parameters))
    }

    /// Reads the given fields, in the order of the table.
    pub(super) fn fields<'py: 'a>(
        &mut self,
        py: Python<'py>,
        operation: &'static Operation,
        given: impl Iterator<Item = (&'static Field, &'a Bound<'py, PyAny>)>,
    ) -> PyResult<()> {
        // Required fields stand first in the table, so that the first missing one is noticed as
        // soon as a later field, or none, is met.
        let mut required = operation.fields.iter().take_while(|field| field.required);
        for (field, value) in given {
            if field.required {
                match required.next() {
                    Some(expected) if std::ptr::eq(expected, field) => {}
                    Some(missing) => return Err(missing_field(py, missing)),
                    None => {}
                }
            } else if let Some(missing) = required.next() {
                return Err(missing_field(py, missing));
            }
            self.field(field, value)?;
        }
        required.next().map_or(Ok(()), |missing| Err(missing_field(py, missing)))
    }

    /// Reads one field.
    pub(super) fn field(
        &mut self,
        field: &'static Field,
        value: &'a Bound<'_, PyAny>,
    ) -> PyResult<()> {
        match field.place {
            Place::Bucket => self.bucket(value)?,
            Place::Key => self.key(value)?,
            Place::HeaderPrefix(prefix) if value.is_instance_of::<PyDict>() => {
                self.prefixed(prefix, value.cast::<PyDict>()?)?;
            }
            Place::Header(name) | Place::HeaderPrefix(name) => {
                if let Some(callback) = as_callback(value) {
                    return self.callback(name, callback);
                }
                let text = value::text(value, field.type_note.unwrap_or_default());
                if let Some(text) = self.encodable(Part::Headers, text)? {
                    self.request.headers.set_known(name, &text);
                }
            }
            Place::Query(name) => {
                let text = value::text(value, field.type_note.unwrap_or_default());
                if let Some(text) = self.encodable(Part::Query, text)? {
                    if let Err(error) = field.rule.check(field.name, &text) {
                        self.defer(Part::Query, translate(value.py(), &error));
                    }
                    self.request.query.set(name, text);
                }
            }
            Place::Body(_) | Place::Ignored => {}
        }
        Ok(())
    }

    /// Sets both headers of a callback; variables that were given by themselves win.
    fn callback(&mut self, name: &str, callback: &Bound<'_, Callback>) -> PyResult<()> {
        if !name.eq_ignore_ascii_case("x-oss-callback") {
            return Err(misplaced(name));
        }
        let callback = callback.get();
        self.request.headers.set(name, callback.callback());
        if let Some(vars) = callback.callback_var() {
            self.request.headers.set_default("x-oss-callback-var", vars);
        }
        Ok(())
    }

    /// Sets both parameters of a callback; variables that were given by themselves win.
    fn callback_parameter(&mut self, name: &str, callback: &Bound<'_, Callback>) -> PyResult<()> {
        const VARS: &str = "callback-var";
        if name != "callback" {
            return Err(misplaced(name));
        }
        let callback = callback.get();
        self.request.query.set(name.to_owned(), callback.callback().to_owned());
        if let Some(vars) = callback.callback_var()
            && self.request.query.get(VARS).is_none()
        {
            self.request.query.set(VARS, vars.to_owned());
        }
        Ok(())
    }

    /// Reads an `OperationInput`.
    pub(super) fn input(&mut self, input: &'a Bound<'_, PyAny>) -> Result<(), Failure> {
        let attribute = |name| {
            let value = input.getattr(name)?;
            PyResult::Ok((!value.is_none()).then_some(value))
        };
        self.request.method = match attribute("method")? {
            Some(method) => value::owned(method.cast::<PyString>().map_err(PyErr::from)?)?,
            None => Cow::Borrowed(""),
        };
        if let Some(parameters) = attribute("parameters")?
            && let Err(error) = pairs(parameters).and_then(|given| self.parameters(&given))
        {
            self.defer(Part::Query, error);
        }
        if let Some(headers) = attribute("headers")?
            && let Err(error) = pairs(headers).and_then(|headers| self.headers(&headers))
        {
            self.defer(Part::Query, error);
        }
        if let Some(bucket) = attribute("bucket")? {
            self.request.bucket = self.name(&bucket, "BucketNameInvalidError")?;
        }
        if let Some(key) = attribute("key")? {
            self.request.key = self.name(&key, "ObjectNameInvalidError")?;
        }
        Ok(())
    }

    fn bucket(&mut self, value: &'a Bound<'_, PyAny>) -> PyResult<()> {
        self.request.bucket = match value.cast::<PyString>().map(|text| text.to_str()) {
            Ok(Ok(text)) => Some(Cow::Borrowed(text)),
            _ => self.name(value, "BucketNameInvalidError")?,
        };
        Ok(())
    }

    fn key(&mut self, value: &'a Bound<'_, PyAny>) -> PyResult<()> {
        self.request.key = match value.cast::<PyString>().map(|text| text.to_str()) {
            Ok(Ok(text)) => Some(Cow::Borrowed(text)),
            _ => self.name(value, "ObjectNameInvalidError")?,
        };
        Ok(())
    }

    /// The name of a bucket or an object. What is no text, or no Unicode, cannot be a name.
    fn name(&mut self, value: &Bound<'_, PyAny>, class: &str) -> PyResult<Option<Cow<'a, str>>> {
        let py = value.py();
        match value.cast::<PyString>().map(|text| text.to_str()) {
            Ok(Ok(text)) => return Ok(Some(Cow::Owned(text.to_owned()))),
            Ok(Err(error)) if class == "ObjectNameInvalidError" => self.defer(Part::Names, error),
            // As the SDK: what has no length is a TypeError, what has one is no valid name.
            _ => match value.len() {
                Err(error) => self.defer(Part::Names, error),
                Ok(_) => {
                    let error = exception(py, class, |kwargs| {
                        if class == "BucketNameInvalidError" {
                            return kwargs.set_item("name", value);
                        }
                        kwargs.set_item("field", "key")?;
                        kwargs.set_item("value", value.get_type().name()?)?;
                        kwargs.set_item("rule", "is no str")
                    });
                    self.defer(Part::Names, error);
                }
            },
        }
        Ok(None)
    }

    fn headers(&mut self, headers: &Bound<'_, PyAny>) -> PyResult<()> {
        self.entries(headers, |reading, name, value| {
            if name.cast::<PyString>().is_err() {
                name.call_method0("lower")?;
                let words = "a header's name must be str";
                reading.defer(Part::Headers, PyTypeError::new_err(words));
                return Ok(());
            }
            reading.header("", name.cast::<PyString>()?, value)
        })
    }

    fn prefixed(&mut self, prefix: &str, entries: &Bound<'_, PyDict>) -> PyResult<()> {
        for (name, value) in snapshot(entries) {
            let name = match name.cast_exact::<PyString>() {
                Ok(name) => name.clone(),
                // As an f-string writes it.
                Err(_) => name.call_method1("__format__", ("",))?.cast_into::<PyString>()?,
            };
            self.header(prefix, &name, &value)?;
        }
        Ok(())
    }

    /// Sets a header as it was given, without making text of what is none.
    fn header(
        &mut self,
        prefix: &str,
        name: &Bound<'_, PyString>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let name_text = match name.to_str() {
            Ok(name) => name,
            Err(error) => return self.fail(Part::Headers, error),
        };
        if let Some(callback) = as_callback(value) {
            return self.callback(&[prefix, name_text].concat(), callback);
        }
        let text = value.cast::<PyString>().map(|text| text.to_str());
        if let Ok(Ok(text)) = text {
            return self.set_header(prefix, name_text, text, name.py());
        }
        let lower = [prefix, &name_text.to_lowercase()].concat();
        match text {
            // Nobody can send it, signed or not.
            Ok(Err(error)) => self.fail(Part::Headers, error),
            Err(_) if self.is_concatenated(&lower) => {
                // Python's own words, which name the type in full.
                let error = PyString::new(value.py(), "").add(value).err();
                let error =
                    error.unwrap_or_else(|| PyTypeError::new_err("a header's value must be str"));
                self.fail(Part::Headers, error)
            }
            _ => match value.str() {
                Ok(text) => {
                    let text = text.to_string_lossy();
                    self.set_header(prefix, name_text, &text, name.py())
                }
                Err(error) => self.fail(Part::Headers, error),
            },
        }
    }

    fn set_header(
        &mut self,
        prefix: &str,
        name: &str,
        value: &str,
        py: Python<'_>,
    ) -> PyResult<()> {
        if name.is_ascii() {
            self.request.headers.set_prefixed(prefix, name, value);
            return Ok(());
        }
        // Python's own idea of lower case: versions of Unicode differ.
        let full = [prefix, name].concat();
        let lower = PyString::new(py, &full).call_method0(intern!(py, "lower"))?;
        let lower = lower.cast::<PyString>()?.to_str()?;
        self.request.headers.set_folded(&full, lower, value);
        Ok(())
    }

    /// Whether the SDK makes this header part of a text, which fails where the value is none.
    fn is_concatenated(&self, lower_name: &str) -> bool {
        match self.target.version {
            Version::V1 => lower_name.starts_with("x-oss-"),
            Version::V4 => {
                is_signed_by_default(lower_name)
                    || self.target.additional_headers.iter().any(|name| name == lower_name)
            }
        }
    }

    fn parameters(&mut self, parameters: &Bound<'_, PyAny>) -> PyResult<()> {
        self.entries(parameters, |reading, name, value| {
            let name = value::parameter(name).map(Cow::into_owned);
            if let Some(callback) = as_callback(value) {
                return reading.callback_parameter(&name?, callback);
            }
            let value = value::parameter(value).map(Cow::into_owned);
            match (name, value) {
                (Ok(name), Ok(value)) => reading.request.query.set(name, value),
                (Err(error), _) | (_, Err(error)) => reading.defer(Part::Query, error),
            }
            Ok(())
        })
    }

    /// Each entry of a mapping. Quirk: something of length 0 need not be a mapping.
    fn entries(
        &mut self,
        mapping: &Bound<'_, PyAny>,
        mut each: impl FnMut(&mut Self, &Bound<'_, PyAny>, &Bound<'_, PyAny>) -> PyResult<()>,
    ) -> PyResult<()> {
        if let Ok(dict) = mapping.cast_exact::<PyDict>() {
            return snapshot(dict).iter().try_for_each(|(name, value)| each(self, name, value));
        }
        if mapping.len()? == 0 {
            return Ok(());
        }
        for entry in mapping.call_method0("items")?.try_iter()? {
            let (name, value) = entry?.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            each(self, &name, &value)?;
        }
        Ok(())
    }

    /// Puts a text off that is no Unicode (a lone surrogate); other errors are raised.
    fn encodable<T>(&mut self, part: Part, text: PyResult<T>) -> PyResult<Option<T>> {
        match text {
            Ok(text) => Ok(Some(text)),
            Err(error) => Python::attach(|py| {
                if error.is_instance_of::<pyo3::exceptions::PyUnicodeError>(py) {
                    self.defer(part, error);
                    return Ok(None);
                }
                Err(error)
            }),
        }
    }

    /// Keeps the first failure of a part, which is to be raised later.
    fn defer(&mut self, part: Part, error: PyErr) {
        self.failures.push((part, error));
    }

    /// Defers a failure and goes on.
    fn fail(&mut self, part: Part, error: PyErr) -> PyResult<()> {
        self.defer(part, error);
        Ok(())
    }
}

fn as_callback<'a, 'py>(value: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, Callback>> {
    if value.is_exact_instance_of::<PyString>() {
        return None;
    }
    value.cast::<Callback>().ok()
}

/// It would be signed as its repr.
fn misplaced(name: &str) -> PyErr {
    PyTypeError::new_err(format!(
        "{name}: a Callback can only be the field callback, the header x-oss-callback or the \
         parameter callback"
    ))
}

/// Whether version 4 signs a header without being asked to.
fn is_signed_by_default(lower_name: &str) -> bool {
    lower_name.starts_with("x-oss-") || matches!(lower_name, "content-type" | "content-md5")
}

/// Quirk: in an `OperationInput` pairs do as well as a mapping.
fn pairs<'py>(given: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if given.hasattr("items")? || given.is_instance_of::<PyString>() {
        return Ok(given);
    }
    Ok(PyDict::from_sequence(&given)?.into_any())
}

fn missing_field(py: Python<'_>, field: &Field) -> PyErr {
    exception(py, "ParamRequiredError", |kwargs| kwargs.set_item("field", field.name))
}
