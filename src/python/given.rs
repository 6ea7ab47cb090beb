//! What Python gives to be presigned: one of our requests, one of the official SDK's, or an
//! `OperationInput`.

use super::classes;
use super::error::{Failure, exception};
use super::read::Reading;
use super::request::{Request as OwnRequest, Values};
use crate::operation::{Field, Operation, Place};
use crate::request::Request;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};
use std::borrow::Cow;

/// What Python gave to be presigned.
pub(super) enum Given<'py> {
    /// One of our request classes, and its values where they have been changed; in a box, because
    /// they seldom are, and what is moved should be small.
    Own(Bound<'py, OwnRequest>, Option<Box<Values>>),
    /// An object of the SDK's classes for the same operations.
    Foreign(&'static Operation, Vec<(&'static Field, Bound<'py, PyAny>)>, Extras<'py>),
    /// Any operation, spelled out.
    Input(Bound<'py, PyAny>, String),
}

type Extras<'py> = Vec<(&'static str, Bound<'py, PyAny>)>;

impl<'py> Given<'py> {
    /// Finds out what `request` is.
    ///
    /// # Errors
    /// The SDK's `ParamInvalidError` where it is nothing that can be presigned.
    pub(super) fn of(request: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = request.py();
        if let Ok(own) = request.cast::<OwnRequest>() {
            let this = own.get();
            if this.is_of(request.get_type_ptr()) {
                return Ok(Self::Own(own.clone(), this.changed(py)));
            }
            // A subclass may have properties in place of fields.
            return foreign(this.operation(), request);
        }
        if let Some(name) = request.getattr_opt(intern!(py, "op_name"))? {
            let name = name.str()?.to_string();
            return Ok(Self::Input(request.clone(), name));
        }
        let Some(class) = sdk_request_class(request)? else { return Err(no_request(py)) };
        let class_name = class.name()?;
        match classes::operation_of(class_name.to_str()?) {
            Some(operation) if has_map_of(request, &class)? => foreign(operation, request),
            _ => spelled_out(request, class_name.to_str()?),
        }
    }

    /// The operation, where its fields are known.
    pub(super) fn operation(&self) -> Option<&'static Operation> {
        match self {
            Self::Own(request, _) => Some(request.get().operation()),
            Self::Foreign(operation, ..) => Some(operation),
            Self::Input(..) => None,
        }
    }

    /// The same request with other values, or none, for these fields. An `OperationInput` stays as
    /// it is.
    pub(super) fn with(
        &self,
        py: Python<'py>,
        others: &[(&'static Field, Option<Bound<'py, PyAny>>)],
    ) -> Self {
        let (operation, own, extras): (_, Vec<_>, _) = match self {
            Self::Own(request, changed) => {
                let request = request.get();
                let values = changed.as_deref().unwrap_or(request.given());
                let own = request.fields(py, values).map(|(field, value)| (field, value.clone()));
                let extra = |name| Some((name, request.extra(py, values, name)?.clone()));
                let extras = ["headers", "parameters"].into_iter().filter_map(extra).collect();
                (request.operation(), own.collect(), extras)
            }
            Self::Foreign(operation, own, extras) => (*operation, own.clone(), extras.clone()),
            Self::Input(input, name) => return Self::Input(input.clone(), name.clone()),
        };
        let pick = |field: &'static Field| {
            if let Some((_, other)) = others.iter().find(|(other, _)| std::ptr::eq(*other, field)) {
                return Some((field, other.clone()?));
            }
            own.iter().find(|(other, _)| std::ptr::eq(*other, field)).cloned()
        };
        Self::Foreign(operation, operation.fields.iter().filter_map(pick).collect(), extras)
    }

    /// Whether the field, or the header that it travels in, has a value.
    pub(super) fn has(&self, py: Python<'py>, field: &Field) -> PyResult<bool> {
        let is_it = |other: &Field| std::ptr::eq(other, field);
        let (given, headers) = match self {
            Self::Own(request, changed) => {
                let request = request.get();
                let values = changed.as_deref().unwrap_or(request.given());
                let given = request.fields(py, values).any(|(other, _)| is_it(other));
                (given, request.extra(py, values, "headers"))
            }
            Self::Foreign(_, fields, extras) => {
                let headers = extras.iter().find(|(name, _)| *name == "headers");
                (fields.iter().any(|(other, _)| is_it(other)), headers.map(|(_, value)| value))
            }
            Self::Input(..) => (false, None),
        };
        match (field.place, headers.filter(|headers| !headers.is_none())) {
            (Place::Header(name), Some(headers)) => Ok(given || names(headers, name)?),
            _ => Ok(given),
        }
    }

    /// OSS's name of the operation.
    pub(super) fn operation_name(&self) -> &str {
        match self {
            Self::Own(request, _) => request.get().operation().name,
            Self::Foreign(operation, ..) => operation.name,
            Self::Input(_, name) => name,
        }
    }

    /// The `OperationInput` that a bucket name resolver is asked with.
    pub(super) fn operation_input(
        &self,
        py: Python<'py>,
        request: &Request<'_>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Self::Input(input, _) = self {
            return Ok(input.clone());
        }
        let kwargs = PyDict::new(py);
        kwargs.set_item("op_name", self.operation_name())?;
        kwargs.set_item("method", &request.method)?;
        kwargs.set_item("bucket", &request.bucket)?;
        kwargs.set_item("key", &request.key)?;
        py.import("ossign.types")?.getattr("OperationInput")?.call((), Some(&kwargs))
    }

    /// The HTTP method, without a copy where the table knows it.
    pub(super) fn method(&self, request: &Request<'_>) -> Cow<'static, str> {
        match self {
            Self::Own(own, _) => Cow::Borrowed(own.get().operation().method),
            Self::Foreign(operation, ..) => Cow::Borrowed(operation.method),
            Self::Input(..) => Cow::Owned(request.method.clone().into_owned()),
        }
    }

    /// Reads it.
    pub(super) fn read<'a>(
        &'a self,
        py: Python<'py>,
        reading: &mut Reading<'a>,
    ) -> Result<(), Failure> {
        match self {
            Self::Own(request, changed) => {
                let request = request.get();
                let values = changed.as_deref().unwrap_or(request.given());
                let extra = |name| request.extra(py, values, name).cloned();
                reading.begin(request.operation(), extra("headers"), extra("parameters"))?;
                reading.fields(py, request.operation(), request.fields(py, values))?;
            }
            Self::Foreign(operation, fields, extras) => {
                let extra = |name| {
                    extras.iter().find_map(|(other, value)| (*other == name).then(|| value.clone()))
                };
                reading.begin(operation, extra("headers"), extra("parameters"))?;
                let fields = fields.iter().map(|(field, value)| (*field, value));
                reading.fields(py, operation, fields)?;
            }
            Self::Input(input, _) => reading.input(input)?,
        }
        Ok(())
    }
}

/// Whether a mapping of headers has this one, in whatever case of letters.
fn names(headers: &Bound<'_, PyAny>, wanted: &str) -> PyResult<bool> {
    for name in headers.try_iter()? {
        let name = name?;
        let name = name.cast::<PyString>().ok().and_then(|name| name.to_str().ok());
        if name.is_some_and(|name| name.eq_ignore_ascii_case(wanted)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn foreign<'py>(
    operation: &'static Operation,
    request: &Bound<'py, PyAny>,
) -> PyResult<Given<'py>> {
    let mut fields = Vec::with_capacity(4);
    for field in operation.fields {
        let value = request.getattr(field.name)?;
        if !value.is_none() {
            fields.push((field, value));
        }
    }
    let mut extras = Vec::new();
    for name in ["headers", "parameters"] {
        if let Some(value) = request.getattr_opt(name)? {
            extras.push((name, value));
        }
    }
    Ok(Given::Foreign(operation, fields, extras))
}

/// What the SDK's own code makes of a request of its classes.
fn spelled_out<'py>(request: &Bound<'py, PyAny>, class_name: &str) -> PyResult<Given<'py>> {
    let bridge = request.py().import("ossign.sdk")?;
    let input = bridge.call_method1("operation_input", (request, class_name))?;
    let name = input.getattr("op_name")?.str()?.to_string();
    Ok(Given::Input(input, name))
}

/// Whether a request has the fields of a class of the SDK: a subclass may have others.
fn has_map_of(request: &Bound<'_, PyAny>, class: &Bound<'_, PyType>) -> PyResult<bool> {
    let name = intern!(request.py(), "_attribute_map");
    Ok(request.get_type().is(class) || request.getattr(name)?.is(&class.getattr(name)?))
}

/// The class of the official SDK that `request` belongs to, if it does.
fn sdk_request_class<'py>(request: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyType>>> {
    for class in request.get_type().mro() {
        let class = class.cast::<PyType>()?;
        if class.module()?.to_str()?.starts_with("alibabacloud_oss_v2.") {
            let is_request = class.name()?.to_str()?.ends_with("Request");
            return Ok(is_request.then(|| class.clone()));
        }
    }
    Ok(None)
}

fn no_request(py: Python<'_>) -> PyErr {
    exception(py, "ParamInvalidError", |kwargs| kwargs.set_item("field", "request"))
}
