//! The local OSS, started and stopped from Python.

use super::held::Held;
use crate::credentials::Credentials;
use crate::server::emulator::{Object, Options, Running, Settings};
use crate::server::log::{Format, Level};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

/// A local OSS in threads of its own, ready when it is made. `ossign.testing.Emulator` is its face,
/// and says what the options are; all of them must be given.
///
/// Raises:
///     OSError: The port is taken, or the folder cannot be used.
///     ValueError: An impossible value.
#[pyclass(module = "ossign._ossign", frozen)]
pub(super) struct Emulator {
    running: Held<Running>,
    endpoint: String,
}

/// The options as they are given.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Given {
    host: String,
    port: u16,
    data: Option<PathBuf>,
    access_key_id: String,
    access_key_secret: String,
    security_token: Option<String>,
    region: Option<String>,
    bucket: Option<String>,
    clock: i64,
    origins: Vec<String>,
    callback_timeout: f64,
    log: String,
    log_level: String,
    signals: bool,
}

impl Given {
    fn options(self) -> PyResult<Options> {
        let token = self.security_token.as_deref();
        let who = Credentials::new(&self.access_key_id, &self.access_key_secret, token);
        if who.id.is_empty() || who.secret.is_empty() {
            return Err(PyValueError::new_err("the emulator needs an AccessKey id and a secret"));
        }
        let timeout = Duration::try_from_secs_f64(self.callback_timeout);
        let timeout = timeout.map_err(|_| wrong("callback_timeout", "a number of seconds"))?;
        let format = Format::of(&self.log);
        Ok(Options {
            host: self.host,
            port: self.port,
            data: self.data,
            settings: Settings {
                credentials: who.into(),
                region: self.region,
                bucket: self.bucket,
                clock: self.clock,
                origins: self.origins,
                callback_timeout: timeout,
            },
            log: format.ok_or_else(|| wrong("log", "'text', 'json' or 'off'"))?,
            level: match self.log_level.as_str() {
                "info" => Level::INFO,
                "warn" => Level::WARN,
                _ => return Err(wrong("log_level", "'info' or 'warn'")),
            },
            signals: self.signals,
        })
    }
}

fn wrong(name: &str, rule: &str) -> PyErr {
    PyValueError::new_err(format!("{name} must be {rule}"))
}

#[pymethods]
impl Emulator {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let none = PyDict::new(py);
        let options = options.unwrap_or(&none).extract::<Given>()?.options()?;
        let running = py.detach(|| Running::start(options))?;
        let endpoint = running.endpoint();
        Ok(Self { running: Held::new(running), endpoint })
    }

    /// The address as an endpoint, such as "http://127.0.0.1:41234".
    #[getter]
    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whether it runs, in this process.
    #[getter]
    fn is_running(&self) -> bool {
        self.running.is_running()
    }

    /// The refusals so far, the oldest first, each with its explanation.
    fn refusals(&self) -> PyResult<Vec<String>> {
        self.with(|running| Ok(running.emulator().refusals()))
    }

    /// What is known of each object, as dicts, in the order of bucket and key.
    fn objects<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let objects = self.with(|running| Ok(running.emulator().store().objects()?))?;
        objects.iter().map(|object| described(py, object)).collect()
    }

    /// The bytes of an object, or None.
    fn read<'py>(
        &self,
        py: Python<'py>,
        bucket: &str,
        key: &str,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let found =
            self.with(|running| Ok(running.emulator().store().open_object(bucket, key)?))?;
        let Some((object, mut file)) = found else { return Ok(None) };
        let mut bytes = Vec::with_capacity(usize::try_from(object.size).unwrap_or_default());
        py.detach(|| file.read_to_end(&mut bytes))?;
        Ok(Some(PyBytes::new(py, &bytes)))
    }

    /// Return when it has stopped. An exception of a signal handler, such as KeyboardInterrupt,
    /// stops it, and is raised then.
    fn wait(&self, py: Python<'_>) -> PyResult<()> {
        self.running.wait(py)
    }

    /// Stop: requests under way are answered first. To stop twice is to stop once.
    fn stop(&self, py: Python<'_>) {
        self.running.stop(py);
    }

    fn __repr__(&self) -> String {
        format!("<Emulator {}>", self.endpoint)
    }
}

impl Emulator {
    fn with<T>(&self, look: impl FnOnce(&Running) -> PyResult<T>) -> PyResult<T> {
        match self.running.lock().as_ref() {
            Some(running) => look(running),
            None => Err(PyRuntimeError::new_err("the emulator has stopped")),
        }
    }
}

fn described<'py>(py: Python<'py>, object: &Object) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("bucket", &object.bucket)?;
    dict.set_item("key", &object.key)?;
    dict.set_item("size", object.size)?;
    dict.set_item("etag", &object.etag)?;
    dict.set_item("crc64", object.crc64)?;
    dict.set_item("modified", object.modified)?;
    dict.set_item("headers", &object.headers)?;
    Ok(dict)
}
