//! The HTTP presign API for the faces that are written in Python.

use super::client::Client;
use super::error::translate;
use super::instant;
use super::provider::Provider;
use crate::api::{self, Api, Body, Call, Caller, Settings, Signer, Trouble, World};
use crate::credentials::Credentials;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::cell::RefCell;

/// The API of one bucket: a request in, an answer out. Nothing here listens.
///
/// Args:
///     settings: JSON. The names are those of `ossign.asgi.PresignApp`.
///
/// Raises:
///     ParamInvalidError: A setting that cannot work.
///     ValueError: A setting that is unknown or of the wrong type.
#[pyclass(module = "ossign._ossign", frozen)]
pub(super) struct PresignApi(Api);

/// A file that is about to have a name.
///
/// Attributes:
///     filename: The user's name for it.
///     content_type: The content type that the upload will have.
///     extension: In lower case, without the dot.
///     category: "image", "video", "audio" or "document".
///     caller: The name of the API key, or of whoever else asks.
#[pyclass(module = "ossign.asgi", frozen, get_all)]
pub(super) struct NewObject {
    filename: String,
    content_type: &'static str,
    extension: &'static str,
    category: &'static str,
    caller: String,
}

#[pymethods]
impl NewObject {
    fn __repr__(&self) -> String {
        format!("NewObject(extension='{}', content_type='{}')", self.extension, self.content_type)
    }
}

/// Status, headers, body, and what went wrong on the owner's side.
type Answered<'py> =
    (u16, Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>, Bound<'py, PyBytes>, Option<String>);

#[pymethods]
impl PresignApi {
    #[new]
    fn new(py: Python<'_>, settings: &str) -> PyResult<Self> {
        let mut json = serde_json::Deserializer::from_str(settings);
        let settings = Settings::read(&mut json).map_err(PyValueError::new_err)?;
        Api::new(settings).map(Self).map_err(|error| translate(py, &error))
    }

    /// The largest body in bytes.
    #[getter]
    fn max_body_bytes(&self) -> usize {
        self.0.settings().max_body_bytes
    }

    /// What the routes begin with.
    #[getter]
    fn path(&self) -> &str {
        &self.0.settings().path
    }

    /// Refuses a client that cannot keep what the settings promise.
    ///
    /// Raises:
    ///     ParamInvalidError: The client signs with version 1, which signs no content length.
    fn check(&self, py: Python<'_>, client: &Client) -> PyResult<()> {
        let Some((settings, _)) = client.parts() else { return Ok(()) };
        self.0.check_target(&settings.target).map_err(|error| translate(py, &error))
    }

    /// Whether answering may take long, because the client's provider may ask elsewhere.
    #[staticmethod]
    fn may_wait(client: Option<&Client>) -> bool {
        let provider = client.and_then(Client::parts).map(|(settings, _)| &settings.provider);
        matches!(provider, Some(Provider::Method(..) | Provider::Call(_)))
    }

    /// Answers a request.
    ///
    /// Args:
    ///     client: Who signs; without one, nothing is configured.
    ///     method: The HTTP method.
    ///     path: The path below what the API is mounted at.
    ///     body: The body; None if it is larger than `max_body_bytes`.
    ///     apikey: The value of the header Apikey.
    ///     identity: Who asks, where that is known without an API key.
    ///     object_key: A function from a `NewObject` to the object's name.
    ///
    /// Returns:
    ///     Status, headers, body, and what went wrong on the owner's side, or None.
    #[pyo3(signature = (client, method, path, body, *, apikey=None, identity=None, object_key=None))]
    #[allow(clippy::too_many_arguments)]
    fn handle<'py>(
        &self,
        py: Python<'py>,
        client: Option<&Client>,
        method: &str,
        path: &str,
        body: Option<&[u8]>,
        apikey: Option<&[u8]>,
        identity: Option<&str>,
        object_key: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Answered<'py>> {
        let world = Here { py, client, object_key, raised: RefCell::new(None) };
        let call = Call {
            method,
            path,
            caller: identity.map_or(Caller::Key(apikey), Caller::Known),
            body: body.map_or(Body::TooLarge, Body::Whole),
            now: instant::now(py)?,
        };
        let answer = self.0.handle(&call, &world);
        if let Some(error) = world.raised.take() {
            return Err(error);
        }
        let length = ("content-length", answer.body.len().to_string());
        let headers = answer.headers.iter().chain([&length]);
        let bytes = |text: &str| PyBytes::new(py, text.as_bytes());
        let headers = headers.map(|(name, value)| (bytes(name), bytes(value))).collect();
        Ok((answer.status, headers, PyBytes::new(py, &answer.body), answer.note))
    }
}

/// The OpenAPI document of the API, as JSON, for an API whose routes begin with `path`.
#[pyfunction]
pub(super) fn openapi(path: &str) -> String {
    api::openapi(path)
}

/// The world of one call: a Python client, and perhaps a function that names objects.
struct Here<'py, 'c> {
    py: Python<'py>,
    client: Option<&'c Client>,
    object_key: Option<Bound<'py, PyAny>>,
    /// What is not for us to handle, such as KeyboardInterrupt.
    raised: RefCell<Option<PyErr>>,
}

impl Here<'_, '_> {
    /// Trouble in words that name the exception's class only: its text may hold anything.
    fn trouble(&self, what: &str, error: PyErr) -> Trouble {
        let class = error.get_type(self.py);
        let class = class.name().map_or_else(|_| String::new(), |name| name.to_string());
        if !error.is_instance_of::<PyException>(self.py) {
            *self.raised.borrow_mut() = Some(error);
        }
        Trouble::Failed(format!("{what} raised {class}"))
    }
}

impl World for Here<'_, '_> {
    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble> {
        getrandom::fill(bytes).map_err(|error| Trouble::Failed(format!("no randomness: {error}")))
    }

    fn sign<T>(&self, now: i64, with: impl FnOnce(&Signer<'_>) -> T) -> Result<T, Trouble> {
        let missing = |words: &str| Trouble::NotConfigured(words.to_owned());
        let parts = self.client.and_then(Client::parts).ok_or_else(|| missing("no client"))?;
        let (settings, sessions) = parts;
        if settings.bucket_name_resolver.is_some() {
            return Err(missing("a client with a bucket_name_resolver cannot serve"));
        }
        if matches!(settings.provider, Provider::Anonymous) {
            return Err(missing("the client has no credentials"));
        }
        let target = &settings.target;
        let signed = settings.provider.with_answer(self.py, |answer| {
            answer.check_end()?;
            let who: Credentials<'_> = answer.pair;
            Ok(sessions.with(target, (who, answer.version), now, |session| {
                with(&Signer { target, session, who, end: answer.end })
            }))
        });
        match signed {
            Ok(signed) => signed.map_err(|error| Trouble::NotConfigured(error.to_string())),
            Err(error) => Err(self.trouble("the credentials provider", error)),
        }
    }

    fn names(&self) -> bool {
        self.object_key.is_some()
    }

    fn name(&self, object: &api::NewObject<'_>) -> Option<Result<String, Trouble>> {
        let function = self.object_key.as_ref()?;
        let object = NewObject {
            filename: object.filename.to_owned(),
            content_type: object.media.content_type,
            extension: object.extension,
            category: object.media.category.name(),
            caller: object.caller.to_owned(),
        };
        let named = function.call1((object,)).and_then(|name| name.extract());
        Some(named.map_err(|error| self.trouble("object_key", error)))
    }
}
