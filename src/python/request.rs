//! `Request`: the values of one request, and how Python makes, compares and pickles it.

use super::classes::{CLASSES, COMMON, Class, EXTRAS, class_of};
use super::snapshot::snapshot;
use crate::operation::{Field, Operation};
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pyclass::CompareOp;
use pyo3::types::{PyBool, PyDict, PyString, PyTuple, PyType};
use smallvec::SmallVec;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The base of the seven request classes: the values given, by their row in the operation's table.
///
/// Few requests are changed after they are made. So there is no lock to take for the others: one for
/// each presigned URL would be a fiftieth of the time.
#[pyclass(module = "ossign._ossign", subclass, frozen, weakref)]
pub(super) struct Request {
    class: &'static Class,
    given: Values,
    /// In a box, because a small object is made faster.
    changed: OnceLock<Box<Mutex<Values>>>,
}

/// Few enough, mostly, to stand in the object itself.
pub(super) type Values = SmallVec<[(usize, Py<PyAny>); 5]>;

impl Request {
    /// The operation that this is a request for.
    pub(super) fn operation(&self) -> &'static Operation {
        self.class.operation
    }

    /// Whether it is of the class itself, and not of a subclass.
    pub(super) fn is_of(&self, class: *mut pyo3::ffi::PyTypeObject) -> bool {
        std::ptr::eq(self.class.class.as_ptr().cast(), class)
    }

    /// The values now, where they are no longer those that the request was made with.
    pub(super) fn changed(&self, py: Python<'_>) -> Option<Box<Values>> {
        let changed = self.changed.get()?.lock().unwrap_or_else(PoisonError::into_inner);
        let copy: Values = changed.iter().map(|(at, value)| (*at, value.clone_ref(py))).collect();
        Some(copy.into())
    }

    /// The values that the request was made with.
    pub(super) fn given(&self) -> &Values {
        &self.given
    }

    /// The fields among `values`, in the order of the table.
    pub(super) fn fields<'a, 'py: 'a>(
        &self,
        py: Python<'py>,
        values: &'a Values,
    ) -> impl Iterator<Item = (&'static Field, &'a Bound<'py, PyAny>)> {
        let fields = self.class.operation.fields;
        values.iter().filter_map(move |(at, value)| Some((fields.get(*at)?, value.bind(py))))
    }

    /// One of [`EXTRAS`] among `values`.
    pub(super) fn extra<'a, 'py>(
        &self,
        py: Python<'py>,
        values: &'a Values,
        name: &str,
    ) -> Option<&'a Bound<'py, PyAny>> {
        let fields = self.class.operation.fields.len();
        // They stand last, and most requests have none.
        values.last().filter(|(at, _)| *at >= fields)?;
        let at = fields + EXTRAS.iter().position(|extra| *extra == name)?;
        find(values, at).map(|value| value.bind(py))
    }

    pub(super) fn get(&self, py: Python<'_>, at: usize) -> Option<Py<PyAny>> {
        match self.changed.get() {
            None => find(&self.given, at).map(|value| value.clone_ref(py)),
            Some(changed) => {
                let changed = changed.lock().unwrap_or_else(PoisonError::into_inner);
                find(&changed, at).map(|value| value.clone_ref(py))
            }
        }
    }

    /// Forgets a value.
    pub(super) fn remove(&self, py: Python<'_>, at: usize) {
        self.change(py, |values| {
            let place = values.iter().position(|(other, _)| *other == at);
            place.map(|place| values.remove(place).1)
        });
    }

    /// Stores a value.
    pub(super) fn set(&self, py: Python<'_>, at: usize, value: Py<PyAny>) {
        let class = self.class;
        self.change(py, |values| class.put(py, values, at, value));
    }

    /// Changes the values. What goes is dropped without the lock: that may run Python code.
    fn change(&self, py: Python<'_>, change: impl FnOnce(&mut Values) -> Option<Py<PyAny>>) {
        let copy = || self.given.iter().map(|(at, value)| (*at, value.clone_ref(py))).collect();
        let changed = self.changed.get_or_init(|| Mutex::new(copy()).into());
        let gone = change(&mut changed.lock().unwrap_or_else(PoisonError::into_inner));
        drop(gone);
    }
}

fn find(values: &Values, at: usize) -> Option<&Py<PyAny>> {
    values.iter().find_map(|(other, value)| (*other == at).then_some(value))
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
        let mut given = Values::new();
        if fills {
            let common = [content_type, metadata, storage_class, part_number, upload_id];
            class.fill(&mut given, (bucket, key), rest, common, more)?;
        }
        Ok(Self { class, given, changed: OnceLock::new() })
    }

    /// What `super().__init__` of a subclass with a constructor of its own calls.
    #[pyo3(name = "_fill", signature = (
        bucket=None, key=None, *rest, content_type=None, metadata=None, storage_class=None,
        part_number=None, upload_id=None, **more
    ))]
    #[allow(clippy::too_many_arguments)] // See [`COMMON`].
    fn init(
        &self,
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
        let mut given = Values::new();
        self.class.fill(&mut given, (bucket, key), rest, common, more)?;
        let changed = self.changed.get_or_init(Box::default);
        let gone = changed.lock().map(|mut values| std::mem::replace(&mut *values, given));
        drop(gone);
        Ok(())
    }

    /// Puts between a subclass with an `__init__` and its base a class that has one, too.
    #[classmethod]
    fn __init_subclass__(cls: &Bound<'_, PyType>) -> PyResult<()> {
        let py = cls.py();
        let Some(classes) = CLASSES.get(py) else { return Ok(()) };
        let map = intern!(py, "_attribute_map");
        if let Ok((known, _)) = class_of(cls)
            && !cls.getattr(map)?.is(&known.class.getattr(py, map)?)
        {
            let words = "_attribute_map cannot be replaced: give more in headers= or parameters=";
            return Err(PyTypeError::new_err(format!("{}: {words}", cls.name()?)));
        }
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
        let mut fields = snapshot(state).into_iter();
        fields.try_for_each(|(name, value)| slf.setattr(name.cast::<PyString>()?, value))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.given.iter().try_for_each(|(_, value)| visit.call(value))?;
        let Some(Ok(changed)) = self.changed.get().map(|changed| changed.try_lock()) else {
            return Ok(());
        };
        changed.iter().try_for_each(|(_, value)| visit.call(value))
    }

    /// A cycle goes through a change, or through something else that can be cleared: as with a
    /// tuple, what a request is made with is older than it.
    fn __clear__(&self) {
        if let Some(changed) = self.changed.get() {
            let gone = changed.lock().map(|mut changed| std::mem::take(&mut *changed));
            drop(gone);
        }
    }
}

impl Class {
    /// Stores a value; None leaves a field empty, so that equal requests stay equal when pickled.
    /// Returns the value that was there.
    fn put(
        &self,
        py: Python<'_>,
        values: &mut Values,
        at: usize,
        value: Py<PyAny>,
    ) -> Option<Py<PyAny>> {
        let place = values.iter().position(|(other, _)| *other >= at).unwrap_or(values.len());
        let taken = values.get(place).is_some_and(|(other, _)| *other == at);
        let empty = value.is_none(py) && at < self.operation.fields.len();
        match (taken, empty) {
            (true, true) => Some(values.remove(place).1),
            (true, false) => Some(std::mem::replace(&mut values[place].1, value)),
            (false, true) => None,
            (false, false) => {
                values.insert(place, (at, value));
                None
            }
        }
    }

    fn fill(
        &self,
        values: &mut Values,
        (bucket, key): (Option<Py<PyAny>>, Option<Py<PyAny>>),
        rest: &Bound<'_, PyTuple>,
        common: [Option<Py<PyAny>>; COMMON.len()],
        more: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        if let Some(bucket) = bucket {
            values.push((0, bucket));
        }
        if let Some(key) = key {
            values.push((1, key));
        }
        if !rest.is_empty() {
            self.fill_by_position(values, rest)?;
        }
        for (common, value) in common.into_iter().enumerate() {
            if let Some(value) = value {
                match self.common[common] {
                    Some(at) => drop(self.put(rest.py(), values, at, value)),
                    None => {
                        let name = PyString::new(rest.py(), COMMON[common]);
                        return Err(self.unknown(name.as_any()));
                    }
                }
            }
        }
        more.map_or(Ok(()), |more| self.fill_by_name(values, more))
    }

    fn fill_by_position(&self, values: &mut Values, rest: &Bound<'_, PyTuple>) -> PyResult<()> {
        let py = rest.py();
        let fields = self.operation.fields.len();
        for (at, value) in rest.iter().enumerate().map(|(at, value)| (at + 2, value)) {
            if at < fields {
                self.put(py, values, at, value.unbind());
            } else if let Some((_, name)) = self.operation.aliases.get(at - fields) {
                self.put_alias(py, values, name, value.unbind());
            } else {
                let words = format!("{}Request takes at most {at} arguments", self.operation.name);
                return Err(PyTypeError::new_err(words));
            }
        }
        Ok(())
    }

    fn fill_by_name(&self, values: &mut Values, more: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = more.py();
        let mut aliased = None;
        for (name, value) in more.iter() {
            match self.find(&name)? {
                Some(at) => drop(self.put(py, values, at, value.unbind())),
                None => match self.alias(&name)? {
                    Some(field) => aliased = Some((field, value)),
                    None => return Err(self.unknown(&name)),
                },
            }
        }
        if let Some((field, value)) = aliased {
            self.put_alias(py, values, field, value.unbind());
        }
        Ok(())
    }

    fn put_alias(&self, py: Python<'_>, values: &mut Values, field: &str, value: Py<PyAny>) {
        let at = self.operation.fields.iter().position(|other| other.name == field);
        if let Some(at) = at.filter(|_| !value.is_none(py)) {
            self.put(py, values, at, value);
        }
    }
}

/// All that makes a request what it is: fields, extras, and attributes that somebody added.
fn state<'py>(request: &Bound<'py, Request>) -> PyResult<Bound<'py, PyDict>> {
    let py = request.py();
    let state = PyDict::new(py);
    let this = request.get();
    for (at, value) in this.changed(py).as_deref().unwrap_or(this.given()) {
        state.set_item(&this.class.names[*at], value)?;
    }
    if let Some(added) = request.getattr_opt(intern!(py, "__dict__"))? {
        state.update(added.cast::<PyDict>()?.as_mapping())?;
    }
    Ok(state)
}
