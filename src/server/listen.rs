//! Taking connections, answering them within limits, and letting go of them in good order.

use super::stop::Stopping;
use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tracing::instrument::WithSubscriber;
use tracing::{debug, warn};

/// How many connections the system keeps until they are taken, if its own limit allows as many. The
/// usual 128 overflow when a page's visitors come at once, and who is left out tries again after a
/// second.
const QUEUE: u32 = 4096;

/// What a server grants its clients.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long the head of a request may take to arrive, and how long a connection may wait for
    /// its next request.
    pub head: Duration,
    /// The largest head, in bytes; at least 8192.
    pub head_bytes: usize,
    /// How many connections are served at a time; more wait in the system's queue.
    pub connections: usize,
    /// How long connections are still read from after the server was asked to stop. A client may
    /// have sent a request just then; it is answered, and told to close.
    pub linger: Duration,
    /// How long requests under way may take to end after that.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(60),
            head_bytes: 64 * 1024,
            connections: 10_000,
            linger: Duration::from_millis(500),
            grace: Duration::from_secs(10),
        }
    }
}

/// The other end of a connection, among the extensions of its requests.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Listens on a host and port; port 0 is a free one, which `local_addr` of the listener tells.
///
/// # Errors
/// Those of the system, with host and port in their text.
pub async fn bind(host: &str, port: u16) -> io::Result<TcpListener> {
    let named = |error: io::Error| {
        io::Error::new(error.kind(), format!("cannot listen on {host} port {port}: {error}"))
    };
    let addresses = lookup_host((host, port)).await.map_err(named)?;
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in addresses {
        match listen(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = error,
        }
    }
    Err(named(failed))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that was restarted need not wait for the connections of the last one.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Answers connections until asked to stop; returns when the last one is done, or when the limits
/// allow it no more time.
///
/// When asked, it first takes the connections that the system has accepted already. Their requests,
/// and those of connections that were kept alive, are answered for [`Limits::linger`] yet.
pub async fn serve(listener: TcpListener, app: Router, mut stopping: Stopping, limits: Limits) {
    let connections = Connections::new(app, limits);
    loop {
        tokio::select! {
            () = stopping.asked() => break,
            (stream, place) = connections.next(&listener) => connections.answer(stream, place),
        }
    }
    // The queue is looked at without waiting: what is in it now was accepted before.
    while let Ok((stream, place)) = timeout(Duration::ZERO, connections.next(&listener)).await {
        connections.answer(stream, place);
    }
    drop(listener);
    connections.end(limits).await;
}

/// The connections of one server.
struct Connections {
    app: TowerToHyperService<Router>,
    http: http1::Builder,
    places: Arc<Semaphore>,
    under_way: GracefulShutdown,
}

impl Connections {
    fn new(app: Router, limits: Limits) -> Self {
        let mut http = http1::Builder::new();
        // Half-closed clients, such as `nc`, are answered as well.
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .max_buf_size(limits.head_bytes.max(8192))
            .half_close(true);
        Self {
            app: TowerToHyperService::new(app),
            http,
            places: Arc::new(Semaphore::new(limits.connections)),
            under_way: GracefulShutdown::new(),
        }
    }

    /// The next connection, as soon as there is a place for it.
    async fn next(&self, listener: &TcpListener) -> (TcpStream, Option<OwnedSemaphorePermit>) {
        let place = self.places.clone().acquire_owned().await.ok();
        loop {
            match listener.accept().await {
                Ok((stream, _)) => return (stream, place),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                // Such as too many open files, which lasts a while.
                Err(error) => {
                    warn!(%error, "cannot take a connection");
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn answer(&self, stream: TcpStream, place: Option<OwnedSemaphorePermit>) {
        // Small answers leave at once. A client that has gone already is found out soon enough.
        let _ = stream.set_nodelay(true);
        let (app, peer) = (self.app.clone(), stream.peer_addr().ok().map(Peer));
        let service = service_fn(move |mut request: Request<Incoming>| {
            peer.map(|peer| request.extensions_mut().insert(peer));
            app.call(request)
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let connection = self.under_way.watch(connection);
        let done = async move {
            if let Err(error) = connection.await {
                debug!(%error, "a connection broke");
            }
            drop(place);
        };
        tokio::spawn(done.with_current_subscriber());
    }

    async fn end(self, limits: Limits) {
        if self.under_way.count() == 0 {
            return;
        }
        sleep(limits.linger).await;
        let left = self.under_way.count();
        if timeout(limits.grace, self.under_way.shutdown()).await.is_err() {
            warn!(connections = left, "gave up waiting for connections to end");
        }
    }
}
