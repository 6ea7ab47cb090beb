//! Asking a server to stop: by a handle, or by a signal to the process.

use std::io;
use tokio::sync::watch;
use tracing::info;

/// Asks a server to stop. Clones ask the same server, and asking twice is asking once.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

/// What a server looks at to know whether it was asked.
#[derive(Debug, Clone)]
pub struct Stopping(watch::Receiver<bool>);

impl Stop {
    /// A handle, and what its server looks at.
    pub fn new() -> (Self, Stopping) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stopping(receiver))
    }

    /// Asks the server to stop: it takes no new connection and answers what it has begun.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Returns when the server is asked to stop, or when nobody is left who could ask.
    pub async fn asked(&mut self) {
        // An error says that all handles are gone: nobody waits for this server any more.
        let _ = self.0.wait_for(|asked| *asked).await;
    }

    /// Whether the server has been asked to stop.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }
}

/// The signals that ask this process to stop: SIGINT, which Ctrl-C sends, and SIGTERM, which process
/// managers send. From when this is made on, they no longer end the process by themselves.
pub struct Signals {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Signals {
    /// Installs the handlers.
    ///
    /// # Errors
    /// Those of installing a signal handler.
    pub fn install() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
            Ok(Self { signals })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Returns the name of the first signal that comes.
    ///
    /// # Errors
    /// Those of installing a handler, where that is done here.
    pub async fn first(self) -> io::Result<&'static str> {
        #[cfg(unix)]
        {
            let [mut interrupt, mut terminate] = self.signals;
            tokio::select! {
                _ = interrupt.recv() => Ok("SIGINT"),
                _ = terminate.recv() => Ok("SIGTERM"),
            }
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await.map(|()| "Ctrl-C")
    }
}

/// Asks a server to stop when its owner does, or a signal.
pub async fn ask_when_asked(stop: Stop, mut owner: Stopping, signals: Option<Signals>) {
    let signal = async {
        match signals {
            Some(signals) => signals.first().await.unwrap_or("none"),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        signal = signal => info!(signal, "stopping"),
        () = owner.asked() => {}
    }
    stop.ask();
}
