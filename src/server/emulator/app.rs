//! The emulator itself: which operation a request means, and what every answer has.

use super::call::Call;
use super::callback::{self, Told};
use super::cors::Rule;
use super::identity::{Who, identify};
use super::objects;
use super::refusal::{Answer, Refusal};
use super::store::Store;
use super::{body, kept, multipart, post};
use crate::callback::Callback;
use crate::credentials::OwnedCredentials;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tracing::{error, warn};

/// What the emulator says of itself.
pub const BANNER: &str = "ossign emulator: a local OSS for development, not for storage";
/// How many refusals are kept for whoever asks.
const MOST_REFUSALS: usize = 1000;

/// How the emulator behaves.
#[derive(Clone)]
pub struct Settings {
    /// The one AccessKey that it knows.
    pub credentials: OwnedCredentials,
    /// The region of its buckets; without one, any region is right.
    pub region: Option<String>,
    /// The bucket that hosts stand for which name no other: a custom domain.
    pub bucket: Option<String>,
    /// Seconds that its clock is ahead.
    pub clock: i64,
    /// The origins of the pages that may ask, as in `Access-Control-Allow-Origin`; `*` is any.
    pub origins: Vec<String>,
    /// How long an application may take to answer a callback; OSS gives it 5 seconds.
    pub callback_timeout: Duration,
}

/// A local OSS.
pub struct Emulator {
    pub(super) settings: Settings,
    pub(super) store: Store,
    cors: Rule,
    refusals: Mutex<VecDeque<String>>,
}

impl Emulator {
    /// An emulator that keeps its objects in `store`.
    pub fn new(settings: Settings, store: Store) -> Arc<Self> {
        let cors = Rule { origins: settings.origins.clone() };
        Arc::new(Self { settings, store, cors, refusals: Mutex::default() })
    }

    /// What answers requests.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new().fallback(handle).with_state(self.clone())
    }

    /// Where the objects are.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The refusals so far, the oldest first, each with its explanation.
    pub fn refusals(&self) -> Vec<String> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.iter().cloned().collect()
    }

    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_secs() as i64 + self.settings.clock
    }

    async fn answer(&self, call: &mut Call, body: &mut Body) -> Answer {
        call.locate(self.settings.bucket.as_deref())?;
        if call.method == Method::OPTIONS {
            return self.cors.preflight(call);
        }
        if call.bucket.is_empty() && call.method == Method::GET {
            return Ok(Response::new(Body::from(format!("{BANNER}\n"))));
        }
        if call.method == Method::POST && call.key.is_empty() && post::is_form(call) {
            return post::post(self, call, body).await;
        }
        let who = identify(self, call)?;
        if call.key.is_empty() {
            return of_bucket(call);
        }
        self.of_object(call, body, who).await
    }

    async fn of_object(&self, call: &Call, body: &mut Body, who: Who) -> Answer {
        refuse_unknown(call)?;
        let in_parts = call.has("uploadId");
        match (&call.method, in_parts) {
            (&Method::GET, true) => multipart::list(self, call),
            (&Method::GET | &Method::HEAD, _) => objects::get(self, call, who).await,
            (&Method::PUT, true) => multipart::put_part(self, call, body).await,
            (&Method::PUT, false) => objects::put(self, call, body).await,
            (&Method::POST, true) => multipart::complete(self, call, body).await,
            (&Method::POST, false) if call.has("uploads") => multipart::initiate(self, call),
            (&Method::DELETE, true) => multipart::abort(self, call),
            (&Method::DELETE, false) => objects::delete(self, call),
            _ => Err(method_not_allowed(call)),
        }
    }

    /// The answer of an upload: the application's, where a callback was asked for.
    pub(super) async fn called_back(
        &self,
        call: &Call,
        callback: Option<Callback>,
        upload: (&super::Object, &'static str),
    ) -> Answer {
        let Some(callback) = callback else { return Ok(Response::new(Body::empty())) };
        let (object, operation) = upload;
        let told = Told { object, operation, fields: &BTreeMap::new() };
        callback::tell(self, call, &callback, told).await
    }

    fn note(&self, call: &Call, refusal: &Refusal) {
        let status = refusal.status.as_u16();
        if status == 304 {
            return;
        }
        let why = refusal.explanation.as_deref().unwrap_or(&refusal.message);
        let path = call.target.split('?').next().unwrap_or_default();
        let line = format!("{} {path}: {status} {}: {why}", call.method, refusal.code);
        if status == 500 {
            error!(request_id = call.id, "{line}");
        } else {
            warn!(request_id = call.id, "{line}");
        }
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.len() == MOST_REFUSALS {
            refusals.pop_front();
        }
        refusals.push_back(line);
    }
}

async fn handle(State(emulator): State<Arc<Emulator>>, request: Request) -> Response {
    let began = Instant::now();
    let (parts, mut body) = request.into_parts();
    let mut call = Call::new(parts, emulator.now());
    let mut response = match emulator.answer(&mut call, &mut body).await {
        Ok(response) => response,
        Err(refusal) => {
            emulator.note(&call, &refusal);
            body::drain(&call, &mut body).await;
            refusal.answer(&call)
        }
    };
    let headers = response.headers_mut();
    emulator.cors.allow(&call, headers);
    kept::set(headers, "server", "AliyunOSS");
    let since = Duration::from_secs(call.now.try_into().unwrap_or_default());
    kept::set(headers, "date", &httpdate::fmt_http_date(UNIX_EPOCH + since));
    kept::set(headers, "x-oss-server-time", &began.elapsed().as_millis().to_string());
    response
}

/// Buckets are there already, and they are empty of everything but objects.
fn of_bucket(call: &Call) -> Answer {
    match call.method {
        _ if call.bucket.is_empty() => Err(Refusal::not_here("operations on the service")),
        Method::PUT | Method::HEAD if call.parameters().all(|(name, _)| is_signing(name)) => {
            Ok(Response::new(Body::empty()))
        }
        _ => Err(Refusal::not_here("operations on buckets; they exist as soon as they are named")),
    }
}

/// # Errors
/// Operations on objects that the emulator does not know. To do another one in their place would
/// be worse.
fn refuse_unknown(call: &Call) -> Result<(), Refusal> {
    const KNOWN: [&str; 12] = [
        "callback",
        "callback-var",
        "encoding-type",
        "max-parts",
        "objectMeta",
        "part-number-marker",
        "partNumber",
        "sequential",
        "uploadId",
        "uploads",
        "x-oss-traffic-limit",
        "security-token",
    ];
    let of_oss = |name: &str| crate::v1::is_sub_resource(name) && !name.starts_with("response-");
    for (name, value) in call.parameters() {
        if name == "versionId" && value != "null" {
            let message = "The specified version does not exist.";
            return Err(Refusal::new(404, "NoSuchVersion", message).detail("VersionId", value));
        }
        let known = KNOWN.contains(&name) || is_signing(name) || name == "versionId";
        if of_oss(name) && !known {
            return Err(Refusal::not_here(&format!("?{name}")));
        }
    }
    check_traffic_limit(call)
}

fn is_signing(name: &str) -> bool {
    const PREFIXES: [&str; 7] = [
        "x-oss-signature",
        "x-oss-credential",
        "x-oss-date",
        "x-oss-expires",
        "x-oss-additional-headers",
        "x-oss-security-token",
        "x-oss-ac-",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || ["OSSAccessKeyId", "Expires", "Signature", "security-token"].contains(&name)
}

/// Bandwidth is not limited here, but a limit must be one that OSS takes, in bits a second.
fn check_traffic_limit(call: &Call) -> Result<(), Refusal> {
    const NAME: &str = "x-oss-traffic-limit";
    if call.header(NAME).is_some() && call.has(NAME) {
        let message = format!("{NAME} stands in the header and in the query.");
        return Err(Refusal::argument(message).ec("0004-00000501").detail("ArgumentName", NAME));
    }
    let Some(text) = call.header(NAME).or(call.parameter(NAME)) else { return Ok(()) };
    match text.parse::<u64>() {
        Ok(819_200..=838_860_800) => Ok(()),
        _ => {
            let message = format!("{NAME} is from 819200 to 838860800.");
            let refusal = Refusal::argument(message).ec("0004-00000502");
            Err(refusal.detail("ArgumentName", NAME).detail("ArgumentValue", text))
        }
    }
}

fn method_not_allowed(call: &Call) -> Refusal {
    let message = "The specified method is not allowed against this resource.";
    let refusal = Refusal::new(405, "MethodNotAllowed", message);
    refusal.detail("Method", call.method.as_str()).detail("ResourceType", "Object")
}
