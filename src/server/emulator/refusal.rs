//! An answer that is no success, as OSS words it
//! (<https://help.aliyun.com/en/oss/developer-reference/error-responses>).

use super::call::Call;
use super::xml::Xml;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::io;

/// An error of OSS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// The number of the error's cause, where one is published.
    pub(super) ec: Option<&'static str>,
    /// Further elements, in order.
    pub(super) details: Vec<(&'static str, String)>,
    /// What the log says of it, beyond code and message.
    pub(super) explanation: Option<String>,
}

/// What a handler answers.
pub(super) type Answer = Result<Response, Refusal>;

impl Refusal {
    /// A refusal with this status, code and message.
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code,
            message: message.into(),
            ec: None,
            details: Vec::new(),
            explanation: None,
        }
    }

    /// An argument that breaks a rule.
    pub(super) fn argument(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidArgument", message)
    }

    /// Something that OSS does and the emulator does not.
    pub(super) fn not_here(what: &str) -> Self {
        let message = format!("The emulator does not do this: {what}.");
        Self::new(501, "NotImplemented", message)
    }

    /// No object of that key.
    pub(super) fn no_such_key(key: &str) -> Self {
        Self::new(404, "NoSuchKey", "The specified key does not exist.")
            .ec("0026-00000001")
            .detail("Key", key)
    }

    /// No upload of that id for that object.
    pub(super) fn no_such_upload(id: &str) -> Self {
        let message = "The specified upload does not exist. The upload ID may be invalid, \
                       or the upload may have been aborted or completed.";
        Self::new(404, "NoSuchUpload", message).detail("UploadId", id)
    }

    pub(super) fn ec(mut self, ec: &'static str) -> Self {
        self.ec = Some(ec);
        self
    }

    pub(super) fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// The XML that OSS sends. As a header it has to be short: the texts once more in digits are left
    /// out.
    fn xml(&self, call: &Call) -> String {
        let long = |name: &str| call.method == Method::HEAD && name.ends_with("Bytes");
        let mut xml = Xml::new("Error");
        xml.text("Code", self.code).text("Message", &self.message);
        xml.text("RequestId", &call.id).text("HostId", &call.host);
        for (name, value) in self.details.iter().filter(|(name, _)| !long(name)) {
            xml.text(name, value);
        }
        if let Some(ec) = self.ec {
            xml.text("EC", ec);
            xml.text("RecommendDoc", &format!("https://api.aliyun.com/troubleshoot?q={ec}"));
        }
        xml.finish()
    }

    /// The answer. Where there can be no body, the XML is a header, as OSS does it.
    pub(super) fn answer(&self, call: &Call) -> Response {
        let xml = self.xml(call);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(ec) = self.ec {
            headers.insert(HeaderName::from_static("x-oss-ec"), HeaderValue::from_static(ec));
        }
        if self.status == StatusCode::NOT_MODIFIED {
            return response;
        }
        if call.method == Method::HEAD {
            if let Ok(value) = HeaderValue::from_str(&STANDARD.encode(xml)) {
                headers.insert(HeaderName::from_static("x-oss-err"), value);
            }
        } else {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            *response.body_mut() = xml.into();
        }
        response
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        let explanation = Some(format!("the folder of objects: {error}"));
        let message = "We encountered an internal error. Please try again.";
        Self { explanation, ..Self::new(500, "InternalError", message) }
    }
}
