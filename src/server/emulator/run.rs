//! Starting and stopping the emulator.

use super::app::{BANNER, Emulator, Settings};
use super::store::Store;
use crate::server::background::Background;
use crate::server::count::Counts;
use crate::server::listen::{self, Limits};
use crate::server::log::Format;
use crate::server::room::{Paths, Room};
use crate::server::stop::{Signals, Stop, Stopping, ask_when_asked};
use axum::http::HeaderName;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tracing::{Level, info};

/// Threads that answer requests; files are written by others.
const THREADS: usize = 2;

/// Where and how the emulator runs.
#[derive(Clone)]
pub struct Options {
    /// The host to listen on.
    pub host: String,
    /// The port; 0 is a free one.
    pub port: u16,
    /// The folder of the objects; without one, a temporary folder that goes with the emulator.
    pub data: Option<PathBuf>,
    /// What it answers.
    pub settings: Settings,
    /// How it logs.
    pub log: Format,
    /// Below which level it does not: WARN leaves the refusals.
    pub level: Level,
    /// Whether SIGINT and SIGTERM stop it. Their handlers stay when it has stopped.
    pub signals: bool,
}

/// An emulator that runs in threads of its own until it is stopped or dropped.
pub struct Running {
    background: Background,
    emulator: Arc<Emulator>,
    address: SocketAddr,
}

impl Running {
    /// Starts an emulator; it is ready when this returns.
    ///
    /// # Errors
    /// Those of the folder and of the port.
    pub fn start(options: Options) -> io::Result<Self> {
        let log = options.log.dispatch(options.level);
        let start = |stopping| async move { begin(options, stopping).await };
        let (background, (emulator, address)) = Background::start(THREADS, log, start)?;
        Ok(Self { background, emulator, address })
    }

    /// The emulator.
    pub fn emulator(&self) -> &Arc<Emulator> {
        &self.emulator
    }

    /// Its address as an endpoint: an IP address, so that clients put the bucket into the path.
    pub fn endpoint(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.address.port()))
    }
}

impl AsRef<Background> for Running {
    fn as_ref(&self) -> &Background {
        &self.background
    }
}

type Ready = (Arc<Emulator>, SocketAddr);

async fn begin(
    options: Options,
    stopping: Stopping,
) -> io::Result<(Ready, impl Future<Output = ()>)> {
    let store = open(options.data.as_deref())?;
    // Before anybody is told that it is ready: a signal could come at once.
    let signals = options.signals.then(Signals::install).transpose()?;
    let listener = listen::bind(&options.host, options.port).await?;
    let address = listener.local_addr()?;
    let emulator = Emulator::new(options.settings.clone(), store);
    let credentials = options.settings.credentials.as_ref();
    info!("{BANNER}");
    info!(%address, data = %emulator.store().root().display(), access_key_id = credentials.id, "ready");
    let run = run(listener, emulator.clone(), stopping, signals);
    Ok(((emulator, address), run))
}

/// The folder, named in what is wrong with it.
fn open(data: Option<&Path>) -> io::Result<Store> {
    Store::open(data).map_err(|error| match data {
        Some(folder) => {
            let words = format!("cannot use the folder {}: {error}", folder.display());
            io::Error::new(error.kind(), words)
        }
        None => error,
    })
}

async fn run(
    listener: TcpListener,
    emulator: Arc<Emulator>,
    asked: Stopping,
    signals: Option<Signals>,
) {
    let (stop, own) = Stop::new();
    let counts = Arc::new(Counts::new("ossign_emulator", |_| {}));
    let room = Room {
        id_header: HeaderName::from_static("x-oss-request-id"),
        counts: counts.clone(),
        stopping: own.clone(),
        paths: Paths::Shown,
    };
    // Tests wait for it to stop, and have had their answers.
    let limits = Limits { linger: Duration::ZERO, ..Limits::default() };
    let served = listen::serve(listener, room.around(emulator.router()), own, limits);
    tokio::join!(served, ask_when_asked(stop, asked, signals));
    info!(requests = counts.answered(), refused = emulator.refusals().len(), "stopped");
}
