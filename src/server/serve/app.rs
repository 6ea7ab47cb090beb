//! The routes of the server: the API's, and those for whoever runs it.

use super::body;
use super::cors;
use super::page;
use super::source::{Given, Source};
use crate::api::{self, Answer, Api, Call, Caller, Cause, Problem, Signer, Trouble, World};
use crate::presign::Target;
use crate::server::count::Counts;
use crate::server::room::Told;
use crate::server::stop::Stopping;
use crate::session::SessionCache;
use arc_swap::{ArcSwap, ArcSwapOption};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{any, get};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tower_http::catch_panic::CatchPanicLayer;

/// What all requests share.
pub(super) struct Serving {
    pub(super) api: ArcSwap<Api>,
    pub(super) target: Target,
    pub(super) source: Box<dyn Source>,
    /// What the source gave last.
    pub(super) given: ArcSwapOption<Given>,
    pub(super) sessions: SessionCache,
    pub(super) body_timeout: Duration,
    pub(super) tally: Tally,
    pub(super) stopping: Stopping,
}

/// What is counted beside requests.
#[derive(Clone, Default)]
pub(super) struct Tally {
    urls: Family<[(&'static str, String); 1], Counter>,
    errors: Family<[(&'static str, String); 1], Counter>,
}

impl Tally {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("urls", "Presigned upload URLs", self.urls.clone());
        registry.register("errors", "Answers that were errors", self.errors.clone());
    }

    fn count(&self, answer: &Answer) {
        if answer.urls > 0 {
            let caller = answer.caller.clone().unwrap_or_default();
            self.urls.get_or_create_owned(&[("caller", caller)]).inc_by(answer.urls as u64);
        }
        if answer.code != 0 {
            self.errors.get_or_create_owned(&[("code", answer.code.to_string())]).inc();
        }
    }
}

/// Routes that are not the API's.
#[derive(Clone, Copy)]
pub(super) struct Extras<'e> {
    /// Whether there is `/metrics`.
    pub(super) metrics: bool,
    /// Whether there is the upload page.
    pub(super) page: bool,
    /// The origins of the pages whose scripts may ask; `*` is any.
    pub(super) origins: &'e [String],
}

/// The routes, without what the room puts around them.
pub(super) fn router(serving: Arc<Serving>, counts: &Arc<Counts>, extras: Extras<'_>) -> Router {
    let base = serving.api.load().settings().path.clone();
    let document = Arc::new(api::openapi(&base));
    let mut app = Router::new()
        .route(&format!("{base}/presign-put"), any(handle))
        .route(&format!("{base}/presign-put/batch"), any(handle))
        .route(&format!("{base}/presign-post"), any(handle))
        .route(&format!("{base}/presign-multipart"), any(handle))
        .route(&format!("{base}/presign-multipart/parts"), any(handle))
        .route("/healthz", get(async || json(StatusCode::OK, r#"{"status":"ok"}"#)))
        .route("/readyz", get(ready))
        .route("/openapi.json", get(async move || json(StatusCode::OK, document.as_str())))
        .fallback(handle);
    if extras.page {
        app = app.merge(page::routes(&base));
    }
    if extras.metrics {
        let counts = counts.clone();
        app = app.route("/metrics", get(async move || metrics(&counts)));
    }
    let app = app
        .method_not_allowed_fallback(not_allowed)
        .with_state(serving)
        .layer(CatchPanicLayer::custom(panicked));
    if extras.origins.is_empty() { app } else { app.layer(cors::layer(extras.origins)) }
}

async fn handle(State(serving): State<Arc<Serving>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let api = serving.api.load();
    let most = api.settings().max_body_bytes;
    let read = body::read(&head, body, most, serving.body_timeout).await;
    let call = Call {
        method: head.method.as_str(),
        path: head.uri.path(),
        caller: Caller::Key(apikey(&head.headers)),
        body: read.as_body(),
        now: now(),
    };
    let answer = api.handle(&call, &*serving);
    serving.tally.count(&answer);
    respond(answer)
}

fn apikey(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get("apikey").map(HeaderValue::as_bytes)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Whether URLs can be signed now, for load balancers.
async fn ready(State(serving): State<Arc<Serving>>) -> Response {
    let ended = |given: &Arc<Given>| given.end.is_some_and(|end| end <= now());
    let fresh = serving.given.load().as_ref().is_some_and(|given| !ended(given));
    if fresh && !serving.stopping.is_asked() {
        json(StatusCode::OK, r#"{"status":"ready"}"#)
    } else {
        let words = r#"{"code":50300,"message":"not ready"}"#;
        json(StatusCode::SERVICE_UNAVAILABLE, words)
    }
}

fn metrics(counts: &Counts) -> Response {
    let mut response = Response::new(Body::from(counts.text()));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

async fn not_allowed() -> Response {
    let words = "the method must be GET or HEAD";
    respond(Problem::new(Cause::Method, words).into())
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    respond(Problem::new(Cause::Internal, "something went wrong").into())
}

fn json(status: StatusCode, text: &str) -> Response {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or_default();
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    let told =
        Told { code: answer.code, urls: answer.urls, caller: answer.caller, note: answer.note };
    response.extensions_mut().insert(told);
    response
}

impl World for Serving {
    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble> {
        getrandom::fill(bytes).map_err(|error| Trouble::Failed(format!("no randomness: {error}")))
    }

    fn sign<T>(&self, now: i64, with: impl FnOnce(&Signer<'_>) -> T) -> Result<T, Trouble> {
        let given = self.given.load();
        let Some(given) = given.as_ref() else {
            return Err(Trouble::Failed("there are no credentials".to_owned()));
        };
        let (target, end) = (&self.target, given.end);
        let signed = self.sessions.with(target, (given.who.as_ref(), None), now, |session| {
            with(&Signer { target, session, who: given.who.as_ref(), end })
        });
        signed.map_err(|error| Trouble::NotConfigured(error.to_string()))
    }
}
