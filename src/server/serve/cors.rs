//! Pages of other origins that may ask.

use crate::endpoint::{is_scheme, netloc};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, Method};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Whether the header Origin of a request can ever be this
/// (<https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin>).
pub(super) fn is_origin(text: &str) -> bool {
    let is_address = text.split_once("://").is_some_and(|(scheme, host)| match scheme {
        "http" => is_shortest(host, ":80"),
        "https" => is_shortest(host, ":443"),
        // Of apps: file://, capacitor://localhost, app://.
        _ => {
            is_scheme(scheme)
                && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c))
        }
    });
    let is_plain = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    matches!(text, "*" | "null") || (is_address && is_plain)
}

fn is_shortest(host: &str, implied: &str) -> bool {
    !host.ends_with(implied) && netloc::read(host).is_ok()
}

/// What answers them. There is at least one origin, and `*` is any.
pub(super) fn layer(origins: &[String]) -> CorsLayer {
    let origin = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| origin.parse().ok()))
    };
    CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::POST, Method::GET])
        .allow_headers([CONTENT_TYPE, HeaderName::from_static("apikey")])
        .expose_headers([RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(Duration::from_secs(86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_that_browsers_send() {
        for text in [
            "*",
            "null",
            "https://a.example.com",
            "http://localhost:3000",
            "http://[::1]:8080",
            "https://a:80",
            "capacitor://localhost",
            "chrome-extension://abc",
            "app://.",
            "file://",
        ] {
            assert!(is_origin(text), "{text}");
        }
        for text in [
            "",
            "foo",
            "a.example.com",
            "https://",
            "https://a/",
            "https://a/b",
            "https://*.example.com",
            "https://A.example.com",
            "HTTPS://a",
            "https://a:443",
            "http://a:80",
            "https://a:99999",
            "https://u@a",
            "https://图片.cn",
            "app://a/b",
        ] {
            assert!(!is_origin(text), "{text}");
        }
    }
}
