//! The upload page: its files, which are part of the program, and what browsers are told of them.

use super::app::Serving;
use crate::crypto::sha256;
use crate::presign::Target;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const INDEX: &str = include_str!("../page/index.html");
/// Where each file but the first is served, its type, and its text.
const FILES: [(&str, &str, &str); 10] = [
    ("/page/page.css", "text/css; charset=utf-8", include_str!("../page/page.css")),
    ("/page/icon.svg", "image/svg+xml", include_str!("../page/icon.svg")),
    ("/page/page.js", SCRIPT, include_str!("../page/page.js")),
    ("/page/queue.js", SCRIPT, include_str!("../page/queue.js")),
    ("/page/service.js", SCRIPT, include_str!("../page/service.js")),
    ("/page/storage.js", SCRIPT, include_str!("../page/storage.js")),
    ("/page/parts.js", SCRIPT, include_str!("../page/parts.js")),
    ("/page/row.js", SCRIPT, include_str!("../page/row.js")),
    ("/page/files.js", SCRIPT, include_str!("../page/files.js")),
    ("/page/words.js", SCRIPT, include_str!("../page/words.js")),
];

/// The routes of the page, which asks the API at this path.
pub(super) fn routes(api: &str) -> Router<Arc<Serving>> {
    // Relative to the page's own address: a proxy may serve all of it below a path.
    let index = INDEX.replace("{api}", api.trim_start_matches('/'));
    let text = |multipart: &str| Text::new(HTML, index.replace("{multipart}", multipart));
    // Settings change while it is served.
    let [plain, in_parts] = ["false", "true"].map(text).map(Arc::new);
    let page = async move |State(serving): State<Arc<Serving>>, asked: HeaderMap| {
        let api = serving.api.load();
        let policy = policy(&serving.target, &api.settings().bucket);
        let index = if api.settings().multipart { &in_parts } else { &plain };
        let mut response = index.answer(&asked);
        if let Ok(policy) = HeaderValue::try_from(policy) {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    };
    FILES.into_iter().fold(Router::new().route("/", get(page)), |routes, (path, kind, text)| {
        let text = Arc::new(Text::new(kind, text.to_owned()));
        routes.route(path, get(async move |asked: HeaderMap| text.answer(&asked)))
    })
}

/// A file as it is answered.
struct Text {
    kind: &'static str,
    text: String,
    tag: HeaderValue,
}

impl Text {
    fn new(kind: &'static str, text: String) -> Self {
        let digest = sha256(text.as_bytes());
        let start = u64::from_be_bytes(std::array::from_fn(|at| digest[at]));
        let tag = HeaderValue::try_from(format!("\"{start:016x}\""));
        Self { kind, text, tag: tag.unwrap_or(HeaderValue::from_static("\"\"")) }
    }

    /// Asked for anew each time, and sent only if it has changed: files of two versions never meet.
    fn answer(&self, asked: &HeaderMap) -> Response {
        let known = asked
            .get(IF_NONE_MATCH)
            .and_then(|tags| tags.to_str().ok())
            .zip(self.tag.to_str().ok());
        let unchanged = known.is_some_and(|(tags, tag)| {
            tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)
        });
        let mut response =
            Response::new(if unchanged { Body::empty() } else { Body::from(self.text.clone()) });
        if unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(ETAG, self.tag.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        response
    }
}

/// What the page may load, and whom it may talk to: this server, and where uploads go.
fn policy(target: &Target, bucket: &str) -> String {
    let storage = storage(target, bucket);
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
         connect-src 'self' {storage}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
}

/// The origin of upload URLs; the scheme alone where policies cannot say the host (IPv6).
fn storage(target: &Target, bucket: &str) -> String {
    let Ok(endpoint) = target.endpoint() else { return String::new() };
    let mut base = String::new();
    endpoint.push_base(&mut base, target.style, Some(bucket));
    let scheme = base.split_once("://").map_or("https", |(scheme, _)| scheme);
    let host = endpoint.host_header(target.style, Some(bucket));
    if host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':')) {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}:")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{AddressStyle, Endpoint, Tls};

    #[test]
    fn uploads_may_go_where_urls_point_and_nowhere_else() {
        let storage = |text: &str, style| {
            let endpoint = Endpoint::parse(text, Tls::On).ok();
            super::storage(&Target { endpoint, style, ..Target::default() }, "abc")
        };
        assert_eq!(
            storage("oss-cn-hangzhou.aliyuncs.com", AddressStyle::Virtual),
            "https://abc.oss-cn-hangzhou.aliyuncs.com"
        );
        assert_eq!(storage("http://127.0.0.1:90/x", AddressStyle::Path), "http://127.0.0.1:90");
        assert_eq!(storage("files.example.com", AddressStyle::Cname), "https://files.example.com");
        assert_eq!(storage("http://[::1]:90", AddressStyle::Path), "http:");
        assert_eq!(storage("https://h;script-src", AddressStyle::Path), "https:");
    }

    #[test]
    fn a_file_is_sent_once() {
        let text = Text::new(HTML, "text".to_owned());
        let first = text.answer(&HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        let asked = |tag: &str| {
            let tag = HeaderValue::try_from(tag).unwrap();
            text.answer(&HeaderMap::from_iter([(IF_NONE_MATCH, tag)])).status()
        };
        let tag = first.headers()[ETAG].to_str().unwrap();
        assert_eq!(asked(tag), StatusCode::NOT_MODIFIED);
        assert_eq!(asked(&format!("\"other\", W/{tag}")), StatusCode::NOT_MODIFIED);
        assert_eq!(asked("\"other\""), StatusCode::OK);
    }
}
