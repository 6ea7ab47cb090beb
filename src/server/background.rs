//! A server in threads of its own, for programs that do other things meanwhile.

use super::stop::{Stop, Stopping};
use std::future::Future;
use std::io;
use std::sync::{Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

/// How long threads that read or write files may take to end after the server has stopped.
const LAST_FILES: Duration = Duration::from_secs(5);

/// A server that runs until it is stopped or dropped.
///
/// A process forked from this one has none of its threads: there the server does not run, and
/// stopping it does nothing.
#[derive(Debug)]
pub struct Background {
    stop: Stop,
    thread: Option<JoinHandle<()>>,
    process: u32,
}

impl Background {
    /// Starts what `start` makes, and returns when it is ready, with what it tells of itself.
    ///
    /// `start` is awaited first, in the new threads: it binds the port and makes the server, which
    /// runs until it is asked to stop. Log lines of both go to `log`.
    ///
    /// # Errors
    /// Those of `start`, and of starting threads.
    pub fn start<Ready, Start, Run>(
        threads: usize,
        log: Dispatch,
        start: impl FnOnce(Stopping) -> Start + Send + 'static,
    ) -> io::Result<(Self, Ready)>
    where
        Ready: Send + 'static,
        Start: Future<Output = io::Result<(Ready, Run)>>,
        Run: Future<Output = ()>,
    {
        let runtime = runtime(threads)?;
        let (stop, stopping) = Stop::new();
        let (sender, ready) = mpsc::channel();
        let body = move || {
            let server = async {
                match start(stopping).await {
                    Ok((told, run)) => {
                        // Whoever waited for this may have gone; then the server was dropped too.
                        let _ = sender.send(Ok(told));
                        run.await;
                    }
                    Err(error) => drop(sender.send(Err(error))),
                }
            };
            runtime.block_on(server.with_subscriber(log));
            runtime.shutdown_timeout(LAST_FILES);
        };
        let thread = std::thread::Builder::new().name("ossign-server".into()).spawn(body)?;
        let ended = || io::Error::other("the server ended while it started");
        let told = ready.recv().unwrap_or_else(|_| Err(ended()))?;
        Ok((Self { stop, thread: Some(thread), process: std::process::id() }, told))
    }

    /// A handle to stop the server with, from anywhere.
    pub fn handle(&self) -> Stop {
        self.stop.clone()
    }

    /// Whether the server is still running, in this process.
    pub fn is_running(&self) -> bool {
        self.is_here() && self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Asks the server to stop, and returns when its threads have ended.
    pub fn stop(&mut self) {
        if self.is_here() {
            self.stop.ask();
        }
        self.join();
    }

    /// Returns when the server has ended, whoever asked it to.
    pub fn join(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        if self.is_here() {
            // A panic of the server was reported when it happened.
            let _ = thread.join();
        }
    }

    fn is_here(&self) -> bool {
        self.process == std::process::id()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts so many threads and lets them end. Where the system has no more of them, tokio would panic
/// and wait for ever for those that it has.
///
/// # Errors
/// Those of starting a thread, with the number in their text.
pub fn check_threads(count: usize) -> io::Result<()> {
    let gate = Mutex::new(());
    let started = std::thread::scope(|scope| {
        let _shut = gate.lock();
        (0..count).try_for_each(|_| {
            std::thread::Builder::new().spawn_scoped(scope, || drop(gate.lock())).map(drop)
        })
    });
    started.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot start {count} threads: {error}"))
    })
}

fn runtime(threads: usize) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(threads.max(1))
        .thread_name("ossign-server")
        .enable_all()
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::count::Counts;
    use crate::server::listen::{self, Limits};
    use crate::server::log::Format;
    use crate::server::room::Room;
    use axum::http::HeaderName;
    use axum::{Router, routing::get};
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream};
    use std::sync::Arc;
    use tokio::sync::Semaphore;

    /// A server whose one route, `/slow`, tells when it is asked and then waits to be let go.
    fn running(asked: mpsc::Sender<()>, go: Arc<Semaphore>) -> (Background, SocketAddr) {
        let slow = move || async move {
            asked.send(()).unwrap();
            go.acquire().await.unwrap().forget();
            "done"
        };
        let start = move |stopping: Stopping| async move {
            let listener = listen::bind("127.0.0.1", 0).await?;
            let room = Room {
                id_header: HeaderName::from_static("x-request-id"),
                counts: Arc::new(Counts::new("test", |_| {})),
                stopping: stopping.clone(),
                paths: crate::server::room::Paths::Shown,
            };
            let app = room.around(Router::new().route("/slow", get(slow)));
            let limits = Limits { linger: Duration::ZERO, ..Limits::default() };
            Ok((listener.local_addr()?, listen::serve(listener, app, stopping, limits)))
        };
        Background::start(1, Format::Off.dispatch(tracing::Level::INFO), start).unwrap()
    }

    #[test]
    fn a_request_under_way_is_answered_after_the_server_was_asked_to_stop() {
        let (asked, was_asked) = mpsc::channel();
        let go = Arc::new(Semaphore::new(0));
        let (mut server, address) = running(asked, go.clone());
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
        was_asked.recv().unwrap();
        server.handle().ask();
        assert!(server.is_running());
        go.add_permits(1);
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert!(answer.contains("\r\nx-request-id: "), "{answer}");
        assert!(answer.ends_with("done"), "{answer}");
        server.join();
        assert!(!server.is_running());
        assert!(TcpStream::connect(address).is_err());
    }

    #[test]
    fn an_idle_connection_does_not_keep_a_server_from_stopping() {
        let (mut server, address) = running(mpsc::channel().0, Arc::new(Semaphore::new(0)));
        let mut client = TcpStream::connect(address).unwrap();
        server.stop();
        assert_eq!(client.read(&mut [0; 9]).unwrap_or(0), 0);
    }

    #[test]
    fn what_keeps_a_server_from_starting_is_told() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let start = move |_| async move {
            let listener = listen::bind("127.0.0.1", port).await?;
            Ok((listener.local_addr()?, async {}))
        };
        let log = Format::Off.dispatch(tracing::Level::INFO);
        let error = Background::start(1, log, start).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot listen on 127.0.0.1 port {port}: ")), "{error}");
    }
}
