//! What a client was made of, for its copies here and in other processes.

use super::credentials::reduced;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// What a client's constructor was given.
pub(super) struct MadeOf {
    config: Py<PyAny>,
    options: Option<Py<PyDict>>,
    /// Whether somebody has said that a secret may leave the process in a pickle.
    secret_travels: bool,
}

impl MadeOf {
    /// Keeps a copy of the config, which may be changed later.
    pub(super) fn new(
        config: &Bound<'_, PyAny>,
        options: Option<&Bound<'_, PyDict>>,
        secret_travels: bool,
    ) -> PyResult<Self> {
        let config = config.py().import("copy")?.call_method1("copy", (config,))?.unbind();
        Ok(Self {
            config,
            options: options.map(|options| options.clone().unbind()),
            secret_travels,
        })
    }

    /// The same, with that permission.
    pub(super) fn with_secret(&self, py: Python<'_>) -> Self {
        Self {
            config: self.config.clone_ref(py),
            options: self.options.as_ref().map(|options| options.clone_ref(py)),
            secret_travels: true,
        }
    }

    /// The same, with this option in place of what was given.
    pub(super) fn with_option(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = value.py();
        let options = match &self.options {
            Some(options) => options.bind(py).copy()?,
            None => PyDict::new(py),
        };
        options.set_item(name, value)?;
        Ok(Self {
            config: self.config.clone_ref(py),
            options: Some(options.unbind()),
            secret_travels: self.secret_travels,
        })
    }

    /// The first half of a client's state, whose second half is its `__dict__`.
    pub(super) fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (&self.config, &self.options, self.secret_travels).into_pyobject(py)
    }

    /// Refuses to be pickled with a secret, unless somebody has allowed it.
    pub(super) fn check_pickled(&self, py: Python<'_>) -> PyResult<()> {
        if self.secret_travels {
            return Ok(());
        }
        let searched = (&self.config, &self.options);
        let found = py.import("ossign._pickling")?.call_method1("holds_secret", searched)?;
        match found.is_truthy()? {
            true => Err(PyTypeError::new_err(REFUSAL)),
            false => Ok(()),
        }
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.config)?;
        visit.call(&self.options)
    }
}

/// A copy in this process: `deep` is the memo of a deep copy.
pub(super) fn copied<'py>(
    client: &Bound<'py, PyAny>,
    made_of: Option<&MadeOf>,
    deep: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = client.py();
    let parts = made_of.map(|made_of| made_of.parts(py)).transpose()?;
    let (new, arguments, mut state): (Bound<'py, PyAny>, Bound<'py, PyTuple>, Bound<'py, PyAny>) =
        reduced(client, parts.into_pyobject(py)?)?.extract()?;
    let made = new.call1(arguments)?;
    if let Some(memo) = deep {
        memo.set_item(client.as_ptr() as usize, &made)?;
        state = py.import("copy")?.call_method1("deepcopy", (state, memo))?;
    }
    made.call_method1("__setstate__", (state,))?;
    Ok(made)
}

const REFUSAL: &str = "cannot pickle a client that holds a secret, because the secret would travel \
    with it. Make the client where it is used, from the environment \
    (EnvironmentVariableCredentialsProvider), a profile (ProfileCredentialsProvider) or a role; or \
    pickle client.picklable_with_secret(), and keep the pickle as safe as the secret";
