//! The seven request classes, made from the table of operations when the module is loaded.

use crate::operation::{Field, OPERATIONS, Operation, Place};
use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pyclass::CompareOp;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyModule, PyString, PyTuple, PyType};

/// Keywords that every request takes beside its fields; they are attributes only when given.
const EXTRAS: [&str; 3] = ["headers", "parameters", "payload"];

/// The fields given most often. The constructor names them, because PyO3 copies keywords that it
/// does not know into a dict, which costs more than all the rest of making a request.
const COMMON: [&str; 5] = ["content_type", "metadata", "storage_class", "part_number", "upload_id"];

/// A request class and the interned names of its fields, then those of [`EXTRAS`].
struct Class {
    operation: &'static Operation,
    class: Py<PyType>,
    /// A subclass of it that has an `__init__`.
    with_init: Py<PyType>,
    names: Vec<Py<PyString>>,
    /// Where the fields of [`COMMON`] stand in this class.
    common: [Option<usize>; COMMON.len()],
}

static CLASSES: PyOnceLock<Vec<Class>> = PyOnceLock::new();

/// The base of the seven request classes: the values given, by their row in the operation's table.
#[pyclass(module = "ossign._ossign", subclass, weakref)]
pub(super) struct Request {
    class: &'static Class,
    values: Vec<(usize, Py<PyAny>)>,
}

impl Request {
    /// The operation that this is a request for.
    pub(super) fn operation(&self) -> &'static Operation {
        self.class.operation
    }

    /// The given fields in the order of the table.
    pub(super) fn fields<'a, 'py: 'a>(
        &'a self,
        py: Python<'py>,
    ) -> impl Iterator<Item = (&'static Field, &'a Bound<'py, PyAny>)> {
        let fields = self.class.operation.fields;
        self.values.iter().filter_map(move |(at, value)| Some((fields.get(*at)?, value.bind(py))))
    }

    /// One of [`EXTRAS`], where it was given.
    pub(super) fn extra<'a, 'py>(
        &'a self,
        py: Python<'py>,
        name: &str,
    ) -> Option<&'a Bound<'py, PyAny>> {
        let at =
            self.class.operation.fields.len() + EXTRAS.iter().position(|extra| *extra == name)?;
        self.get(at).map(|value| value.bind(py))
    }

    fn get(&self, at: usize) -> Option<&Py<PyAny>> {
        self.values.iter().find_map(|(other, value)| (*other == at).then_some(value))
    }

    /// Stores a value; None leaves a field empty, so that equal requests stay equal when pickled.
    fn set(&mut self, py: Python<'_>, at: usize, value: Py<PyAny>) {
        let place = self.values.partition_point(|(other, _)| *other < at);
        let taken = self.values.get(place).is_some_and(|(other, _)| *other == at);
        let empty = value.is_none(py) && at < self.class.operation.fields.len();
        match (taken, empty) {
            (true, true) => drop(self.values.remove(place)),
            (true, false) => self.values[place].1 = value,
            (false, true) => {}
            (false, false) => self.values.insert(place, (at, value)),
        }
    }
}

#[pymethods]
impl Request {
    /// Fields by position or by name, in the order of the SDK. An unknown name is a TypeError.
    ///
    /// The seven classes have no `__init__`: reading the arguments twice would be a fifth of the
    /// time of presigning. A subclass that has one gets one to call, see [`Self::__init_subclass__`].
    #[new]
    #[classmethod]
    #[pyo3(signature = (
        bucket=None, key=None, *rest, content_type=None, metadata=None, storage_class=None,
        part_number=None, upload_id=None, **more
    ), text_signature = None)]
    #[allow(clippy::too_many_arguments)] // See [`COMMON`].
    fn new(
        cls: &Bound<'_, PyType>,
        bucket: Option<Py<PyAny>>,
        key: Option<Py<PyAny>>,
        rest: &Bound<'_, PyTuple>,
        content_type: Option<Py<PyAny>>,
        metadata: Option<Py<PyAny>>,
        storage_class: Option<Py<PyAny>>,
        part_number: Option<Py<PyAny>>,
        upload_id: Option<Py<PyAny>>,
        more: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let (class, fills) = class_of(cls)?;
        let mut request = Self { class, values: Vec::new() };
        if fills {
            let common = [content_type, metadata, storage_class, part_number, upload_id];
            request.fill([bucket, key], rest, common, more)?;
        }
        Ok(request)
    }

    /// What `super().__init__` of a subclass with a constructor of its own calls.
    #[pyo3(name = "_fill", signature = (
        bucket=None, key=None, *rest, content_type=None, metadata=None, storage_class=None,
        part_number=None, upload_id=None, **more
    ))]
    #[allow(clippy::too_many_arguments)] // See [`COMMON`].
    fn init(
        &mut self,
        bucket: Option<Py<PyAny>>,
        key: Option<Py<PyAny>>,
        rest: &Bound<'_, PyTuple>,
        content_type: Option<Py<PyAny>>,
        metadata: Option<Py<PyAny>>,
        storage_class: Option<Py<PyAny>>,
        part_number: Option<Py<PyAny>>,
        upload_id: Option<Py<PyAny>>,
        more: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        let common = [content_type, metadata, storage_class, part_number, upload_id];
        self.fill([bucket, key], rest, common, more)
    }

    /// Puts between a subclass with an `__init__` and its base a class that has one, too.
    #[classmethod]
    fn __init_subclass__(cls: &Bound<'_, PyType>) -> PyResult<()> {
        let py = cls.py();
        let Some(classes) = CLASSES.get(py) else { return Ok(()) };
        if !cls.getattr("__dict__")?.contains("__init__")? {
            return Ok(());
        }
        let with_init = |base: Bound<'_, PyAny>| {
            let known = classes.iter().find(|known| known.class.bind(py).is(&base));
            known.map_or(base.unbind(), |known| known.with_init.clone_ref(py).into_any())
        };
        let bases: Vec<_> = cls.bases().iter().map(with_init).collect();
        cls.setattr("__bases__", PyTuple::new(py, bases)?)
    }

    fn __richcmp__(
        slf: &Bound<'_, Self>,
        other: &Bound<'_, PyAny>,
        op: CompareOp,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let equal = || {
            let Ok(other) = other.cast::<Self>() else { return PyResult::Ok(false) };
            Ok(other.get_type().is(slf.get_type()) && state(slf)?.eq(state(other)?)?)
        };
        let answer = match op {
            CompareOp::Eq => equal()?,
            CompareOp::Ne => !equal()?,
            _ => return Ok(py.NotImplemented()),
        };
        Ok(PyBool::new(py, answer).to_owned().into_any().unbind())
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let mut parts = Vec::new();
        for (name, value) in state(slf)?.iter() {
            parts.push(format!("{name}={}", value.repr()?));
        }
        Ok(format!("{}({})", slf.get_type().name()?, parts.join(", ")))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        let new = py.import("copyreg")?.getattr("__newobj__")?;
        (new, (slf.get_type(),), state(slf)?).into_pyobject(py)
    }

    fn __setstate__(slf: &Bound<'_, Self>, state: &Bound<'_, PyDict>) -> PyResult<()> {
        state.iter().try_for_each(|(name, value)| slf.setattr(name.cast::<PyString>()?, value))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.values.iter().try_for_each(|(_, value)| visit.call(value))
    }

    fn __clear__(&mut self) {
        self.values.clear();
    }
}

impl Request {
    fn fill(
        &mut self,
        first: [Option<Py<PyAny>>; 2],
        rest: &Bound<'_, PyTuple>,
        common: [Option<Py<PyAny>>; COMMON.len()],
        more: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        self.values = Vec::with_capacity(2 + COMMON.len());
        for (at, value) in first.into_iter().enumerate() {
            if let Some(value) = value {
                self.values.push((at, value));
            }
        }
        if !rest.is_empty() {
            self.fill_by_position(rest)?;
        }
        for (common, value) in common.into_iter().enumerate() {
            if let Some(value) = value {
                self.fill_common(rest.py(), common, value)?;
            }
        }
        more.map_or(Ok(()), |more| self.fill_by_name(more))
    }

    fn fill_common(&mut self, py: Python<'_>, common: usize, value: Py<PyAny>) -> PyResult<()> {
        match self.class.common[common] {
            Some(at) => {
                self.set(py, at, value);
                Ok(())
            }
            None => Err(self.class.unknown(PyString::new(py, COMMON[common]).as_any())),
        }
    }

    fn fill_by_position(&mut self, rest: &Bound<'_, PyTuple>) -> PyResult<()> {
        let py = rest.py();
        let fields = self.class.operation.fields.len();
        for (at, value) in rest.iter().enumerate().map(|(at, value)| (at + 2, value)) {
            if at < fields {
                self.set(py, at, value.unbind());
            } else if let Some((_, name)) = self.class.operation.aliases.get(at - fields) {
                self.set_alias(py, name, value.unbind());
            } else {
                let words =
                    format!("{}Request takes at most {at} arguments", self.operation().name);
                return Err(PyTypeError::new_err(words));
            }
        }
        Ok(())
    }

    fn fill_by_name(&mut self, more: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = more.py();
        let mut aliased = None;
        for (name, value) in more.iter() {
            match self.class.find(&name)? {
                Some(at) => self.set(py, at, value.unbind()),
                None => match self.class.alias(&name)? {
                    Some(field) => aliased = Some((field, value)),
                    None => return Err(self.class.unknown(&name)),
                },
            }
        }
        if let Some((field, value)) = aliased {
            self.set_alias(py, field, value.unbind());
        }
        Ok(())
    }

    fn set_alias(&mut self, py: Python<'_>, field: &str, value: Py<PyAny>) {
        let at = self.class.operation.fields.iter().position(|other| other.name == field);
        if let Some(at) = at.filter(|_| !value.is_none(py)) {
            self.set(py, at, value);
        }
    }
}

impl Class {
    /// The place of a field or extra. Names in calls are interned: mostly the pointer decides.
    fn find(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        let py = name.py();
        if let Some(at) = self.names.iter().position(|other| other.bind(py).is(name)) {
            return Ok(Some(at));
        }
        let name = name.cast::<PyString>()?;
        Ok(self.names.iter().position(|other| other.bind(py).as_any().eq(name).unwrap_or(false)))
    }

    fn alias(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<&'static str>> {
        let name = name.cast::<PyString>()?.to_str()?;
        let found = self.operation.aliases.iter().find(|(alias, _)| *alias == name);
        Ok(found.map(|(_, field)| *field))
    }

    fn unknown(&self, name: &Bound<'_, PyAny>) -> PyErr {
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
        match instance.cast::<Request>()?.borrow().get(this.at) {
            Some(value) => Ok(value.clone_ref(py)),
            None if this.absent_is_none => Ok(py.None()),
            None => Err(PyAttributeError::new_err(this.name)),
        }
    }

    fn __set__(&self, instance: &Bound<'_, Request>, value: Py<PyAny>) {
        instance.borrow_mut().set(instance.py(), self.at, value);
    }

    fn __delete__(&self, instance: &Bound<'_, Request>) {
        instance.borrow_mut().values.retain(|(at, _)| *at != self.at);
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
fn class_of(class: &Bound<'_, PyType>) -> PyResult<(&'static Class, bool)> {
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

/// All that makes a request what it is: fields, extras, and attributes that somebody added.
fn state<'py>(request: &Bound<'py, Request>) -> PyResult<Bound<'py, PyDict>> {
    let py = request.py();
    let state = PyDict::new(py);
    let this = request.borrow();
    for (at, value) in &this.values {
        state.set_item(&this.class.names[*at], value)?;
    }
    if let Some(added) = request.getattr_opt(intern!(py, "__dict__"))? {
        state.update(added.cast::<PyDict>()?.as_mapping())?;
    }
    Ok(state)
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
