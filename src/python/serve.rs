//! The presign server, started and stopped from Python.

use super::held::Held;
use super::provider::Provider;
use crate::credentials::Credentials;
use crate::server::serve::{Given, Options, Origin, Running, Source};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::HashMap;
use std::path::PathBuf;

/// The HTTP presign API as a server in threads of its own, ready when it is made.
///
/// Args:
///     environment: The variables that settings are read from, such as `os.environ`.
///     file: A TOML file of settings; the environment overrides it.
///     overrides: A TOML table that overrides both.
///     credentials_provider: Asked for credentials again and again, in place of the environment and
///         of `credentials_file`: a provider or a function, as `Client` takes them.
///     signals: Whether SIGINT and SIGTERM stop it.
///
/// Raises:
///     ValueError: Words that name the variable or the setting that is wrong.
#[pyclass(module = "ossign._ossign", frozen)]
pub(super) struct PresignServer {
    running: Held<Running>,
    url: String,
}

#[pymethods]
impl PresignServer {
    #[new]
    #[pyo3(signature = (environment, file=None, *, overrides="", credentials_provider=None, signals=false))]
    fn new(
        py: Python<'_>,
        environment: HashMap<String, String>,
        file: Option<PathBuf>,
        overrides: &str,
        credentials_provider: Option<&Bound<'_, PyAny>>,
        signals: bool,
    ) -> PyResult<Self> {
        let provider = credentials_provider.map(Provider::of).transpose()?;
        let source = provider.map(|provider| Box::new(Asked(provider)) as Box<dyn Source>);
        let origin = Origin { file, environment, overrides: overrides.to_owned() };
        let options = Options { origin, source, signals };
        let running = py.detach(|| Running::start(options)).map_err(PyValueError::new_err)?;
        let url = format!("http://{}", running.address());
        Ok(Self { running: Held::new(running), url })
    }

    /// The address, such as "http://127.0.0.1:8000".
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// Whether it runs, in this process.
    #[getter]
    fn is_running(&self) -> bool {
        self.running.is_running()
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
        format!("<PresignServer {}>", self.url)
    }
}

/// A provider of Python's, asked from a thread of the server.
struct Asked(Provider);

impl Source for Asked {
    fn give(&self) -> Result<Given, String> {
        let given = Python::try_attach(|py| {
            if matches!(self.0, Provider::Anonymous) {
                return Err("credentials_provider: must not be anonymous".to_owned());
            }
            let given = self.0.with_answer(py, |answer| {
                answer.check_end()?;
                let who: Credentials<'_> = answer.pair;
                Ok(Given { who: who.into(), end: answer.end })
            });
            given.map_err(|error| {
                // Its text may hold anything.
                let class = error.get_type(py).name().map(|name| name.to_string());
                format!("credentials_provider: raised {}", class.unwrap_or_default())
            })
        });
        given.unwrap_or_else(|| Err("credentials_provider: Python has ended".to_owned()))
    }
}
