//! Starting the server, keeping its credentials and its settings fresh, and stopping it.

use super::app::{Extras, Serving, Tally, router};
use super::settings::{Origin, Settings};
use super::source::{Environment, File, Source};
use crate::api::Api;
use crate::server::background::{self, Background};
use crate::server::count::Counts;
use crate::server::listen::{self, Limits};
use crate::server::room::{Paths, Room};
use crate::server::stop::{Signals, Stop, Stopping, ask_when_asked};
use crate::session::SessionCache;
use arc_swap::{ArcSwap, ArcSwapOption};
use axum::http::HeaderName;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tracing::instrument::WithSubscriber;
use tracing::{Level, info, warn};

/// How the server is started.
pub struct Options {
    /// Where its settings come from.
    pub origin: Origin,
    /// Where its credentials come from, if neither from the environment nor from a file.
    pub source: Option<Box<dyn Source>>,
    /// Whether SIGINT and SIGTERM stop it.
    pub signals: bool,
}

/// A server that runs in threads of its own until it is stopped or dropped.
pub struct Running {
    background: Background,
    address: SocketAddr,
}

impl Running {
    /// Starts a server; it is ready when this returns.
    ///
    /// # Errors
    /// Words that name the setting that is wrong, or say why the port cannot be had.
    pub fn start(options: Options) -> Result<Self, String> {
        let settings = options.origin.read()?;
        let serving = Prepared::new(settings, options)?;
        let threads = match serving.settings.server.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        background::check_threads(threads)
            .map_err(|error| serving.settings.named.blame(&format!("threads: {error}")))?;
        let log = serving.settings.log.dispatch(Level::INFO);
        let start = |stopping| async move { serving.begin(stopping).await };
        let started = Background::start(threads, log, start);
        let (background, address) = started.map_err(|error| error.to_string())?;
        Ok(Self { background, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl AsRef<Background> for Running {
    fn as_ref(&self) -> &Background {
        &self.background
    }
}

/// A server whose settings are right and whose credentials are there.
struct Prepared {
    settings: Settings,
    origin: Origin,
    api: Api,
    source: Box<dyn Source>,
    given: super::Given,
    signals: bool,
}

impl Prepared {
    fn new(settings: Settings, options: Options) -> Result<Self, String> {
        let api = api_of(&settings)?;
        let file = settings.server.credentials_file.clone();
        let is_file = options.source.is_none() && file.is_some();
        let source: Box<dyn Source> = match (options.source, file) {
            (Some(source), _) => source,
            (None, Some(file)) => Box::new(File(file)),
            (None, None) => Box::new(Environment::read(&options.origin.environment)?),
        };
        let given = source.give().map_err(|words| match is_file {
            true => settings.named.blame(&format!("credentials_file: {words}")),
            false => words,
        })?;
        let (origin, signals) = (options.origin, options.signals);
        Ok(Self { settings, origin, api, source, given, signals })
    }

    async fn begin(self, asked: Stopping) -> io::Result<(SocketAddr, impl Future<Output = ()>)> {
        let (stop, stopping) = Stop::new();
        let signals = self.signals.then(Signals::install).transpose()?;
        let hang_up = HangUp::install(self.signals)?;
        let server = self.settings.server;
        let listener = listen::bind(&server.host, server.port).await.map_err(|error| {
            let setting = match error.kind() {
                io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => "port",
                _ => "host",
            };
            io::Error::other(self.settings.named.blame(&format!("{setting}: {error}")))
        })?;
        let address = listener.local_addr()?;
        for variable in &self.settings.unknown {
            warn!(variable, "there is no such setting");
        }
        let tally = Tally::default();
        let counts = Arc::new(Counts::new("ossign", |registry| tally.register(registry)));
        let serving = Arc::new(Serving {
            api: ArcSwap::from_pointee(self.api),
            target: self.settings.target,
            source: self.source,
            given: ArcSwapOption::from_pointee(self.given),
            sessions: SessionCache::default(),
            body_timeout: Duration::from_secs_f64(server.body_seconds),
            tally,
            stopping: stopping.clone(),
        });
        let extras =
            Extras { metrics: server.metrics, page: server.page, origins: &server.cors_origins };
        let id_header = HeaderName::from_static("x-request-id");
        let paths = Paths::Hidden;
        let room = Room { id_header, counts: counts.clone(), stopping: stopping.clone(), paths };
        let app = room.around(router(serving.clone(), &counts, extras));
        let limits = Limits {
            head: Duration::from_secs_f64(server.head_seconds),
            head_bytes: server.max_head_bytes,
            connections: server.max_connections,
            grace: Duration::from_secs_f64(server.grace_seconds),
            ..Limits::default()
        };
        info!(%address, bucket = serving.api.load().settings().bucket, "ready");
        let refresh = Duration::from_secs_f64(server.credentials_refresh_seconds);
        let reload = Duration::from_secs_f64(server.reload_seconds);
        let chores = async move {
            tokio::join!(
                keep_credentials(serving.clone(), refresh),
                keep_settings(serving, self.origin, (self.settings.text, reload), hang_up)
            );
        };
        let end = ask_when_asked(stop, asked, signals);
        Ok((address, run(listen::serve(listener, app, stopping, limits), end, chores)))
    }
}

async fn run(
    serve: impl Future<Output = ()>,
    end: impl Future<Output = ()>,
    chores: impl Future<Output = ()> + Send + 'static,
) {
    let chores = tokio::spawn(chores.with_current_subscriber());
    tokio::join!(serve, end);
    chores.abort();
    info!("stopped");
}

/// The API of settings, or words that name the one that is wrong.
fn api_of(settings: &Settings) -> Result<Api, String> {
    let blame = |error: crate::error::Error| settings.named.blame(&error.to_string());
    if settings.api.api_keys.is_empty() {
        return Err(settings.named.blame("api_keys: must hold at least one key"));
    }
    let api = Api::new(settings.api.clone()).map_err(blame)?;
    api.check_target(&settings.target).map_err(blame)?;
    Ok(api)
}

/// Asks for credentials again and again, so that no request has to wait for them.
async fn keep_credentials(serving: Arc<Serving>, every: Duration) {
    loop {
        sleep(every).await;
        let asking = serving.clone();
        match tokio::task::spawn_blocking(move || asking.source.give()).await {
            Ok(Ok(given)) => serving.given.store(Some(Arc::new(given))),
            // Those that are there are used until they end.
            Ok(Err(error)) => warn!(error, "cannot fetch credentials"),
            Err(_) => warn!("the credentials provider broke"),
        }
    }
}

/// Looks for changed API keys, and for SIGHUP. What else has changed needs a restart.
async fn keep_settings(
    serving: Arc<Serving>,
    origin: Origin,
    (mut seen, every): (Option<String>, Duration),
    mut hang_up: HangUp,
) {
    let Some(file) = origin.file.clone() else { return };
    loop {
        tokio::select! {
            () = sleep(every) => {}
            () = hang_up.next() => seen = None,
        }
        // By content: times of files are coarse, and links of Kubernetes change without them.
        let now = tokio::fs::read_to_string(&file).await.ok();
        if now.is_none() || now == seen {
            continue;
        }
        seen = now;
        match origin.read().and_then(|settings| Ok((reloaded(&serving, &settings)?, settings))) {
            Ok((api, settings)) => {
                serving.api.store(Arc::new(api));
                seen = settings.text;
                info!("settings reloaded");
            }
            Err(error) => warn!(error, "the settings are as they were"),
        }
    }
}

/// The API of changed settings, whose routes stay where they are.
fn reloaded(serving: &Serving, settings: &Settings) -> Result<Api, String> {
    let mut settings_now = settings.api.clone();
    settings_now.path.clone_from(&serving.api.load().settings().path);
    api_of(&Settings {
        server: settings.server.clone(),
        api: settings_now,
        target: serving.target.clone(),
        log: settings.log,
        unknown: Vec::new(),
        named: settings.named.clone(),
        text: None,
    })
}

/// SIGHUP, where there is such a signal and it is listened to.
struct HangUp {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl HangUp {
    /// From now on the signal does not end the process.
    fn install(listen: bool) -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { signal: listen.then(|| signal(SignalKind::hangup())).transpose()? })
        }
        #[cfg(not(unix))]
        {
            let _ = listen;
            Ok(Self {})
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}
