//! What stands around every request of every server: an id, a log line, counters.

use super::count::Counts;
use super::stop::Stopping;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONNECTION, HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::{Router, http::Method};
use std::sync::Arc;
use std::time::Instant;
use tracing::{error, info};

/// The id of a request, among its extensions: 24 upper-case hexadecimal digits, as OSS has them.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl RequestId {
    /// A new one.
    pub fn random() -> Self {
        Self(format!("{:024X}", fastrand::u128(..) >> 32))
    }
}

/// What a server says of an answer of its own, among the answer's extensions, for the log.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The server's own number for how it ended; 0 is well.
    pub code: u32,
    /// How many URLs were given.
    pub urls: usize,
    /// Who asked.
    pub caller: Option<String>,
    /// What went wrong on the server's side.
    pub note: Option<String>,
}

/// What of paths is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paths {
    /// All: a developer's own requests.
    Shown,
    /// The route's pattern only: strangers choose paths.
    Hidden,
}

/// What is put around the requests of one server.
#[derive(Debug, Clone)]
pub struct Room {
    /// The header of answers that carries the request's id.
    pub id_header: HeaderName,
    /// What is counted.
    pub counts: Arc<Counts>,
    /// Whether connections are to be closed after their next answer.
    pub stopping: Stopping,
    /// What of paths is logged.
    pub paths: Paths,
}

impl Room {
    /// The router with ids, log lines and counters around it.
    pub fn around(self, app: Router) -> Router {
        app.layer(from_fn_with_state(Arc::new(self), observe))
    }
}

/// Logs what was asked and how it ended. Queries are left out: they hold signatures and tokens.
async fn observe(State(room): State<Arc<Room>>, mut request: Request, next: Next) -> Response {
    let (began, in_flight) = (Instant::now(), room.counts.begin());
    let id = RequestId::random();
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let route = request.extensions().get().map(|path: &MatchedPath| path.as_str().to_owned());
    let shown = (room.paths == Paths::Shown).then(|| request.uri().path().to_owned());
    let mut response = next.run(request).await;
    drop(in_flight);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    room.counts.answer(
        known(&method),
        route.as_deref().unwrap_or("other"),
        status,
        took.as_secs_f64(),
    );
    let path = shown.as_deref().or(route.as_deref()).unwrap_or("other");
    let ms = took.as_micros() as f64 / 1000.0;
    match response.extensions_mut().remove::<Told>() {
        None => info!(method = known(&method), path, status, ms, request_id = id.0),
        Some(Told { code, urls, caller, note: None }) => {
            info!(method = known(&method), path, status, ms, request_id = id.0, code, urls, caller);
        }
        Some(Told { code, urls, caller, note }) => {
            error!(
                method = known(&method),
                path,
                status,
                ms,
                request_id = id.0,
                code,
                urls,
                caller,
                note
            );
        }
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert(room.id_header.clone(), id);
    }
    if room.stopping.is_asked() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The method as a label: clients may send any word, and each label is kept for ever.
fn known(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::PUT | Method::POST => method.as_str(),
        Method::DELETE | Method::OPTIONS | Method::PATCH => method.as_str(),
        _ => "other",
    }
}
