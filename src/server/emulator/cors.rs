//! Cross-origin requests of browsers
//! (<https://help.aliyun.com/en/oss/developer-reference/options>).

use super::call::Call;
use super::refusal::{Answer, Refusal};
use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

const METHODS: [&str; 5] = ["GET", "PUT", "DELETE", "POST", "HEAD"];
/// What scripts may read of an answer; the ETag is what uploads in parts cannot do without.
const EXPOSED: &str = "ETag, Content-MD5, x-oss-request-id, x-oss-hash-crc64ecma, \
                       x-oss-server-time, x-oss-object-type, x-oss-storage-class, x-oss-ec, x-oss-err";

/// Which pages may ask: one rule for all buckets, as OSS has them for each.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// Origins such as `http://localhost:3000`; `*` is any. None of them: no page may ask.
    pub(super) origins: Vec<String>,
}

impl Rule {
    /// The answer to a preflight.
    ///
    /// # Errors
    /// 403 as OSS has it, for an origin or a method that is not allowed.
    pub(super) fn preflight(&self, call: &Call) -> Answer {
        let method = call.header(ACCESS_CONTROL_REQUEST_METHOD).unwrap_or_default();
        if call.header(ORIGIN).is_none() || method.is_empty() {
            let message = "Insufficient information. Origin request header needed.";
            return Err(Refusal::new(400, "BadRequest", message));
        }
        if self.allowed_origin(call).is_none() || !METHODS.contains(&method) {
            // So spelled by OSS.
            let message = "CORSResponse: This CORS request is not allowed. This is usually because \
                           the evalution of Origin, request method / Access-Control-Request-Method \
                           or Access-Control-Requet-Headers are not whitelisted by the resource's \
                           CORS spec.";
            return Err(Refusal::new(403, "AccessForbidden", message));
        }
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, PUT, DELETE, POST, HEAD"),
        );
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        if let Some(asked) = call.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        Ok(response)
    }

    /// Adds what lets a page read the answer to its request.
    pub(super) fn allow(&self, call: &Call, headers: &mut HeaderMap) {
        if call.header(ORIGIN).is_none() {
            return;
        }
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.allowed_origin(call) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
    }

    fn allowed_origin(&self, call: &Call) -> Option<HeaderValue> {
        let origin = call.headers.get(ORIGIN)?;
        if self.origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        self.origins
            .iter()
            .any(|allowed| allowed.as_bytes() == origin.as_bytes())
            .then(|| origin.clone())
    }
}
