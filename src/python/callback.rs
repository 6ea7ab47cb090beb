//! `Callback`: what OSS is to tell a server after an upload; and the proof that OSS told it.

mod arguments;

use super::argument::{flag, text};
use super::error::{exception, translate};
use crate::callback::{self, BodyType, Delivered, Encoded, PrivateKey, PublicKey};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// What OSS is to tell a server of yours once an upload is done.
///
/// Goes where `callback=` takes a text: `PutObjectRequest(callback=...)`,
/// `CompleteMultipartUploadRequest(callback=...)`, `Client.presign_post(callback=...)`. Both headers
/// are filled. For a callback in the query, see `as_parameters`.
///
/// Args:
///     url: One URL, or up to five; OSS asks them in order until one answers 200.
///     body: The body of its request, with variables such as `${object}`; in JSON, texts bring their
///         quotes: `{"object":${object},"size":${size}}`.
///     body_type: `application/x-www-form-urlencoded` or `application/json`.
///     host: The Host header of its request, if not that of the URL.
///     sni: Whether OSS names the host when it connects. On for https, unless you say otherwise.
///     vars: Variables of your own. Names begin with `x:` and have no capitals; `${x:name}` in the
///         body stands for the value.
///     nonce: A text that nobody can guess, at least 16 characters. The body must carry it, as the
///         field `nonce`: `nonce=${x:nonce}`. See `verify_callback`.
///
/// Raises:
///     ParamInvalidError: OSS would refuse it: names the field, the value and the rule. Each of the two
///         values may be 5 KB long, in Base64.
///     TypeError: An argument is of another type: names it.
///
/// Example:
///     >>> import ossign as oss
///     >>> callback = oss.Callback(
///     ...     url="https://app.example.com/uploaded",
///     ...     body="object=${object}&size=${size}&order=${x:order}",
///     ...     vars={"x:order": "4711"})
///     >>> request = oss.PutObjectRequest(bucket="bucket", key="a.png", callback=callback)
///     >>> sorted(callback.as_headers())
///     ['x-oss-callback', 'x-oss-callback-var']
#[pyclass(module = "ossign", frozen)]
pub(super) struct Callback {
    made_of: callback::Callback,
    encoded: Encoded,
}

#[pymethods]
impl Callback {
    #[new]
    #[pyo3(
        signature = (
            url, body, *, body_type=None, host=None, sni=None, vars=None, nonce=None
        ),
        text_signature = "(url, body, *, body_type='application/x-www-form-urlencoded', host=None, \
                          sni=None, vars=None, nonce=None)"
    )]
    #[allow(clippy::too_many_arguments)] // Each is a keyword of its own.
    fn new(
        py: Python<'_>,
        url: &Bound<'_, PyAny>,
        body: &Bound<'_, PyAny>,
        body_type: Option<&Bound<'_, PyAny>>,
        host: Option<&Bound<'_, PyAny>>,
        sni: Option<&Bound<'_, PyAny>>,
        vars: Option<&Bound<'_, PyAny>>,
        nonce: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let translated = |error| translate(py, &error);
        let urls = arguments::urls(url)?;
        let https = |url: &String| url.get(..8).is_some_and(|s| s.eq_ignore_ascii_case("https://"));
        let mut made_of = callback::Callback {
            body: text(body, "body")?.to_owned(),
            body_type: body_type.map_or(Ok(BodyType::default()), arguments::body_type)?,
            host: host.map(|host| text(host, "host").map(str::to_owned)).transpose()?,
            sni: sni
                .map(|sni| flag(sni, "sni"))
                .transpose()?
                .unwrap_or_else(|| urls.iter().any(https)),
            vars: vars.map_or(Ok(Vec::new()), arguments::own_variables)?,
            urls,
        };
        if let Some(nonce) = nonce {
            made_of.add_nonce(&arguments::nonce(nonce)?).map_err(translated)?;
        }
        let encoded = made_of.encode().map_err(translated)?;
        Ok(Self { made_of, encoded })
    }

    /// Reads the Base64 values of `x-oss-callback` and `x-oss-callback-var` back.
    ///
    /// Raises:
    ///     ParamInvalidError: OSS would answer 400 InvalidArgument.
    #[staticmethod]
    #[pyo3(signature = (callback, callback_var=None))]
    fn parse(py: Python<'_>, callback: &str, callback_var: Option<&str>) -> PyResult<Self> {
        let made_of = callback::Callback::parse(callback, callback_var);
        let made_of = made_of.map_err(|error| translate(py, &error))?;
        let (callback, callback_var) = (callback.to_owned(), callback_var.map(str::to_owned));
        Ok(Self { made_of, encoded: Encoded { callback, callback_var } })
    }

    /// The URLs that OSS asks, in this order.
    #[getter]
    fn urls(&self) -> Vec<String> {
        self.made_of.urls.clone()
    }

    /// The body, with its variables.
    #[getter]
    fn body(&self) -> &str {
        &self.made_of.body
    }

    /// The media type of the body.
    #[getter]
    fn body_type(&self) -> &'static str {
        self.made_of.body_type.as_str()
    }

    /// The Host header, where it was given.
    #[getter]
    fn host(&self) -> Option<&str> {
        self.made_of.host.as_deref()
    }

    /// Whether OSS names the host when it connects.
    #[getter]
    fn sni(&self) -> bool {
        self.made_of.sni
    }

    /// Variables of your own.
    #[getter]
    fn vars<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(py, self.made_of.vars.iter().map(|(name, value)| (&**name, &**value)))
    }

    /// The value of `x-oss-callback`: JSON in Base64.
    #[getter]
    pub(super) fn callback(&self) -> &str {
        &self.encoded.callback
    }

    /// The value of `x-oss-callback-var`, or None without variables of your own.
    #[getter]
    pub(super) fn callback_var(&self) -> Option<&str> {
        self.encoded.callback_var.as_deref()
    }

    /// The headers of an upload. Not together with `as_parameters`: OSS refuses both at once.
    fn as_headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(py, self.pairs(["x-oss-callback", "x-oss-callback-var"]))
    }

    /// The query parameters of an upload, for `parameters=`: the client sends no header then.
    ///
    /// Example:
    ///     >>> import ossign as oss
    ///     >>> callback = oss.Callback(url="https://app.example.com/", body="object=${object}")
    ///     >>> request = oss.PutObjectRequest(
    ///     ...     bucket="bucket", key="a.png", parameters=callback.as_parameters())
    fn as_parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(py, self.pairs(["callback", "callback-var"]))
    }

    /// The fields of a form upload: the callback, and each variable of your own.
    fn as_form_fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(py, self.form_fields())
    }

    fn __repr__(&self) -> String {
        let names: Vec<_> = self.made_of.vars.iter().map(|(name, _)| name).collect();
        format!("Callback(url={:?}, vars={names:?})", self.made_of.urls.join(";"))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.made_of == other.made_of
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let encoded = &slf.get().encoded;
        let arguments = (&encoded.callback, &encoded.callback_var);
        (slf.get_type().getattr("parse")?, arguments).into_pyobject(slf.py())
    }
}

impl Callback {
    fn pairs<'a>(&'a self, names: [&'a str; 2]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let values = [Some(self.callback()), self.callback_var()];
        names.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?)))
    }

    /// Name and value of each field that a form upload has of it.
    pub(super) fn form_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let vars = self.made_of.vars.iter().map(|(name, value)| (&**name, &**value));
        [("callback", self.callback())].into_iter().chain(vars)
    }
}

fn dict<'py, 'a>(
    py: Python<'py>,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in pairs {
        dict.set_item(name, value)?;
    }
    Ok(dict)
}

/// Raises unless the request came from OSS.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // They are the parts of one request.
pub(super) fn check_callback(
    py: Python<'_>,
    authorization: Option<&str>,
    key_url: Option<&str>,
    path: &str,
    query: &str,
    body: &[u8],
    public_key: Option<&str>,
) -> PyResult<()> {
    let key = PublicKey::from_pem(public_key.unwrap_or(callback::PUBLIC_KEY));
    let key = key.map_err(|error| translate(py, &error))?;
    let request = Delivered { authorization, key_url, path, query, body };
    callback::verify(&request, &key).map_err(|rejection| {
        exception(py, "CallbackVerificationError", |kwargs| {
            kwargs.set_item("cause", rejection.cause)?;
            kwargs.set_item("reason", rejection.reason)
        })
    })
}

/// The value of `Authorization` for a request of one's own.
#[pyfunction]
pub(super) fn sign_callback(
    py: Python<'_>,
    private_key: Option<&str>,
    path: &str,
    query: &str,
    body: &[u8],
) -> PyResult<String> {
    let key = PrivateKey::from_pem(private_key.unwrap_or(callback::TEST_PRIVATE_KEY));
    let message = callback::string_to_sign(path, query, body);
    key.and_then(|key| key.sign(&message)).map_err(|error| translate(py, &error))
}
