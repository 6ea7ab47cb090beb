//! `Request`: the values of one request, and how Python makes, compares and pickles it.

use super::classes::{CLASSES, COMMON, Class, EXTRAS, class_of};
use crate::operation::{Field, Operation};
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pyclass::CompareOp;
use pyo3::types::{PyBool, PyDict, PyString, PyTuple, PyType};
use smallvec::SmallVec;

/// The base of the seven request classes: the values given, by their row in the operation's table.
#[pyclass(module = "ossign._ossign", subclass, weakref)]
pub(super) struct Request {
    class: &'static Class,
    /// Few enough, mostly, to stand in the object itself.
    values: SmallVec<[(usize, Py<PyAny>); 5]>,
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

    pub(super) fn get(&self, at: usize) -> Option<&Py<PyAny>> {
        self.values.iter().find_map(|(other, value)| (*other == at).then_some(value))
    }

    /// Forgets a value.
    pub(super) fn remove(&mut self, at: usize) {
        self.values.retain(|(other, _)| *other != at);
    }

    /// Stores a value; None leaves a field empty, so that equal requests stay equal when pickled.
    pub(super) fn set(&mut self, py: Python<'_>, at: usize, value: Py<PyAny>) {
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
        let mut request = Self { class, values: SmallVec::new() };
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
        self.values.clear();
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
