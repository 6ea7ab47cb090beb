//! The seven request classes, made from the table of operations when the module is loaded.

use super::request::Request;
use crate::operation::{OPERATIONS, Operation, Place};
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyModule, PyString, PyTuple, PyType};

/// Keywords that every request takes beside its fields; they are attributes only when given.
pub(super) const EXTRAS: [&str; 3] = ["headers", "parameters", "payload"];

/// The fields given most often. The constructor names them, because PyO3 copies keywords that it
/// does not know into a dict, which costs more than all the rest of making a request.
pub(super) const COMMON: [&str; 5] =
    ["content_type", "metadata", "storage_class", "part_number", "upload_id"];

/// A request class and the interned names of its fields, then those of [`EXTRAS`].
pub(super) struct Class {
    pub(super) operation: &'static Operation,
    pub(super) class: Py<PyType>,
    /// A subclass of it that has an `__init__`.
    pub(super) with_init: Py<PyType>,
    pub(super) names: Vec<Py<PyString>>,
    /// Where the fields of [`COMMON`] stand in this class.
    pub(super) common: [Option<usize>; COMMON.len()],
}

pub(super) static CLASSES: PyOnceLock<Vec<Class>> = PyOnceLock::new();

impl Class {
    /// The place of a field or extra. Names in calls are interned: mostly the pointer decides.
    pub(super) fn find(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        let py = name.py();
        if let Some(at) = self.names.iter().position(|other| other.bind(py).is(name)) {
            return Ok(Some(at));
        }
        let name = name.cast::<PyString>()?;
        Ok(self.names.iter().position(|other| other.bind(py).as_any().eq(name).unwrap_or(false)))
    }

    pub(super) fn alias(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<&'static str>> {
        let name = name.cast::<PyString>()?.to_str()?;
        let found = self.operation.aliases.iter().find(|(alias, _)| *alias == name);
        Ok(found.map(|(_, field)| *field))
    }

    pub(super) fn unknown(&self, name: &Bound<'_, PyAny>) -> PyErr {
        let py = name.py();
        let close = || {
            let names = PyTuple::new(py, &self.names)?;
            let close =
                py.import("difflib")?.call_method1("get_close_matches", (name, names, 1))?;
            PyResult::Ok(close.get_item(0)?.to_string())
        };
        let hint = close().map(|name| format!(". Did you mean '{name}'?")).unwrap_or_default();
        PyTypeError::new_err(format!(
            "{}Request() got an unexpected keyword argument '{name}'{hint}",
            self.operation.name
        ))
    }
}

/// Gives a field, or one of [`EXTRAS`], its name on a request class.
#[pyclass(frozen)]
struct Attribute {
    at: usize,
    name: &'static str,
    absent_is_none: bool,
}

#[pymethods]
impl Attribute {
    fn __get__(
        slf: Bound<'_, Self>,
        instance: Option<&Bound<'_, PyAny>>,
        _owner: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let Some(instance) = instance.filter(|instance| !instance.is_none()) else {
            return Ok(slf.into_any().unbind());
        };
        let this = slf.get();
        match instance.cast::<Request>()?.get().get(py, this.at) {
            Some(value) => Ok(value),
            None if this.absent_is_none => Ok(py.None()),
            None => Err(PyAttributeError::new_err(this.name)),
        }
    }

    fn __set__(&self, instance: &Bound<'_, Request>, value: Py<PyAny>) {
        instance.get().set(instance.py(), self.at, value);
    }

    fn __delete__(&self, instance: &Bound<'_, Request>) {
        instance.get().remove(instance.py(), self.at);
    }
}

/// Makes the seven classes and adds them to the module.
pub(super) fn add_classes(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let classes = OPERATIONS.into_iter().map(|operation| Class::make(py, operation));
    let classes = classes.collect::<PyResult<Vec<_>>>()?;
    for class in CLASSES.get_or_init(py, || classes) {
        module.add(class.class.bind(py).name()?, &class.class)?;
    }
    Ok(())
}

/// The operation of a class of the official SDK, by its name.
pub(super) fn operation_of(class_name: &str) -> Option<&'static Operation> {
    let name = class_name.strip_suffix("Request")?;
    OPERATIONS.into_iter().find(|operation| operation.name == name)
}

impl Class {
    fn make(py: Python<'_>, operation: &'static Operation) -> PyResult<Self> {
        let fields = operation.fields.iter().map(|field| (field.name, true));
        let attributes: Vec<_> = fields.chain(EXTRAS.map(|name| (name, false))).collect();
        let body = PyDict::new(py);
        for (at, (name, absent_is_none)) in attributes.iter().copied().enumerate() {
            body.set_item(name, Py::new(py, Attribute { at, name, absent_is_none })?)?;
        }
        // Without a dict per request: a misspelt attribute is an error, and making one is cheaper.
        body.set_item("__slots__", PyTuple::empty(py))?;
        body.set_item("__module__", "ossign")?;
        body.set_item("__doc__", documentation(operation))?;
        body.set_item("__hash__", py.None())?;
        body.set_item("_attribute_map", attribute_map(py, operation)?)?;
        let name = format!("{}Request", operation.name);
        let class = new_class(py, &name, &py.get_type::<Request>(), &body)?;
        let body = PyDict::new(py);
        body.set_item("__init__", py.get_type::<Request>().getattr("_fill")?)?;
        body.set_item("__slots__", PyTuple::empty(py))?;
        body.set_item("__module__", "ossign")?;
        body.set_item("__hash__", py.None())?;
        let with_init = new_class(py, &name, &class, &body)?.unbind();
        let names = attributes.iter().map(|(name, _)| PyString::intern(py, name).unbind());
        let place = |name| operation.fields.iter().position(|field| field.name == name);
        Ok(Self {
            operation,
            class: class.unbind(),
            with_init,
            names: names.collect(),
            common: COMMON.map(place),
        })
    }
}

fn new_class<'py>(
    py: Python<'py>,
    name: &str,
    base: &Bound<'py, PyType>,
    body: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyType>> {
    Ok(py.get_type::<PyType>().call1((name, (base,), body))?.cast_into()?)
}

/// The class of requests that a Python class is or derives from, and whether its constructor fills
/// the fields: not where a subclass has an `__init__` of its own.
pub(super) fn class_of(class: &Bound<'_, PyType>) -> PyResult<(&'static Class, bool)> {
    let py = class.py();
    let classes = CLASSES.get(py).map(Vec::as_slice).unwrap_or_default();
    if let Some(known) = classes.iter().find(|known| known.class.bind(py).is(class)) {
        return Ok((known, true));
    }
    let is_base = |known: &&Class| class.is_subclass(known.class.bind(py)).unwrap_or(false);
    let known = classes.iter().find(is_base).ok_or_else(|| {
        PyTypeError::new_err("Request itself cannot be made, only its subclasses")
    })?;
    let init = intern!(py, "__init__");
    let inherited = py.get_type::<PyAny>().getattr(init)?;
    Ok((known, class.getattr(init)?.is(&inherited)))
}

fn documentation(operation: &Operation) -> String {
    let mut text = format!(
        "The request for the {} operation. {}\n\n\
         Fields, by keyword or in this order, and where each travels:\n\n",
        operation.name, operation.summary
    );
    for field in operation.fields {
        let place = match field.place {
            Place::Bucket => "in the host or the path".to_owned(),
            Place::Key => "in the path; 1 to 1023 bytes of UTF-8".to_owned(),
            Place::Header(name) => format!("header {name}"),
            Place::HeaderPrefix(prefix) => format!("a mapping: one header {prefix}NAME per entry"),
            Place::Query(name) => format!("query parameter {name}"),
            Place::Body(_) => "not part of a presigned URL".to_owned(),
            Place::Ignored => "accepted for compatibility, ignored".to_owned(),
        };
        let required = if field.required { " (required)" } else { "" };
        text.push_str(&format!("    {}: {place}{required}\n", field.name));
    }
    text.push_str(
        "\nBesides: headers and parameters, mappings of further header fields and query \
         parameters, and payload, which is ignored.\n",
    );
    text
}

/// The table of one operation in the shape that the SDK keeps, for `ossign.serde`.
fn attribute_map<'py>(py: Python<'py>, operation: &Operation) -> PyResult<Bound<'py, PyDict>> {
    let map = PyDict::new(py);
    for field in operation.fields {
        let row = PyDict::new(py);
        let (position, rename) = match field.place {
            Place::Bucket => ("host", None),
            Place::Key => ("path", None),
            Place::Header(name) | Place::HeaderPrefix(name) => ("header", Some(name)),
            Place::Query(name) => ("query", Some(name)),
            Place::Body(root) => ("body", root),
            Place::Ignored => ("", None),
        };
        if !position.is_empty() {
            row.set_item("tag", "input")?;
            row.set_item("position", position)?;
        }
        rename.map_or(Ok(()), |name| row.set_item("rename", name))?;
        field.type_note.map_or(Ok(()), |note| row.set_item("type", note))?;
        if field.required {
            row.set_item("required", true)?;
        }
        map.set_item(field.name, row)?;
    }
    Ok(map)
}
