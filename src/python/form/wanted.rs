//! What `Client.presign_post` is asked for, as a draft of the form.

use super::condition::{Condition, range, shown};
use crate::form::Draft;
use crate::python::argument::{entries, half_a_character, text, wrong_type};
use crate::python::callback::Callback;
use crate::python::snapshot::snapshot;
use crate::python::value;
use pyo3::exceptions::{PyTypeError, PyUnicodeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::borrow::Cow;

/// The keywords of `Client.presign_post` that describe the form.
#[derive(Default)]
pub(in crate::python) struct Wanted<'a, 'py> {
    pub(in crate::python) conditions: Option<&'a Bound<'py, PyAny>>,
    pub(in crate::python) content_length_range: Option<&'a Bound<'py, PyAny>>,
    pub(in crate::python) content_type: Option<&'a Bound<'py, PyAny>>,
    pub(in crate::python) success_action_status: Option<&'a Bound<'py, PyAny>>,
    pub(in crate::python) success_action_redirect: Option<&'a Bound<'py, PyAny>>,
    pub(in crate::python) callback: Option<&'a Bound<'py, PyAny>>,
    pub(in crate::python) metadata: Option<&'a Bound<'py, PyAny>>,
    pub(in crate::python) fields: Option<&'a Bound<'py, PyAny>>,
}

impl Wanted<'_, '_> {
    /// Puts everything together.
    pub(in crate::python) fn draft(
        &self,
        bucket: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
    ) -> PyResult<Draft> {
        let (bucket, key) = (text(bucket, "bucket")?.to_owned(), text(key, "key")?.to_owned());
        let mut draft = Draft { bucket, key, ..Draft::default() };
        let named = [
            ("Content-Type", "content_type", self.content_type),
            ("success_action_status", "success_action_status", self.success_action_status),
            ("success_action_redirect", "success_action_redirect", self.success_action_redirect),
        ];
        for (name, argument, value) in named {
            if let Some(value) = value {
                draft.fields.push((name.to_owned(), field_text(value, argument)?));
            }
        }
        self.add_fields(&mut draft)?;
        self.add_callback(&mut draft)?;
        self.add_conditions(&mut draft)?;
        Ok(draft)
    }

    fn add_fields(&self, draft: &mut Draft) -> PyResult<()> {
        let given = [("metadata", "x-oss-meta-", self.metadata), ("fields", "", self.fields)];
        for (argument, prefix, entries) in given {
            let Some(entries) = entries else { continue };
            let dict = entries.cast().map_err(|_| wrong_type(entries, argument, "a dict"))?;
            for (name, value) in snapshot(dict) {
                let name = text(&name, &format!("a name in {argument}"))?;
                let value = field_text(&value, &format!("{argument}[{name:?}]"))?;
                draft.fields.push((format!("{prefix}{name}"), value));
            }
        }
        Ok(())
    }

    fn add_callback(&self, draft: &mut Draft) -> PyResult<()> {
        let Some(given) = self.callback else { return Ok(()) };
        if let Ok(callback) = given.cast::<Callback>() {
            let fields = callback.get().form_fields();
            draft.fields.extend(fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
            return Ok(());
        }
        let text = given.extract().map_err(|_| {
            PyTypeError::new_err("callback must be an ossign.Callback, or its Base64 as a str")
        })?;
        draft.fields.push(("callback".to_owned(), text));
        Ok(())
    }

    fn add_conditions(&self, draft: &mut Draft) -> PyResult<()> {
        if let Some(given) = self.content_length_range {
            let is_pair = given.is_instance_of::<PyTuple>() || given.is_instance_of::<PyList>();
            if !is_pair || given.len()? != 2 {
                let words = "content_length_range must be (least, most), two ints, got";
                return Err(PyTypeError::new_err(format!("{words} {}", shown(given))));
            }
            draft.conditions.push(range(&given.get_item(0)?, &given.get_item(1)?)?);
        }
        let Some(conditions) = self.conditions else { return Ok(()) };
        let no_list = || wrong_type(conditions, "conditions", "a list of conditions");
        if conditions.is_instance_of::<PyString>() || conditions.is_instance_of::<PyDict>() {
            return Err(no_list());
        }
        for entry in entries(conditions)?.ok_or_else(no_list)? {
            draft.conditions.push(Condition::new(&entry?)?.0);
        }
        Ok(())
    }
}

/// The text of a field: of anything that the header of a request may be.
fn field_text(value: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    let py = value.py();
    value::text(value, "").map(Cow::into_owned).map_err(|error| {
        match error.is_instance_of::<PyUnicodeError>(py) {
            true => half_a_character(py, error, name),
            false => wrong_type(value, name, "a str, a number, an enum or a datetime"),
        }
    })
}
