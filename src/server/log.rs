//! Log lines on standard error, for people or for machines.

use std::io::{self, IsTerminal};
use tracing::Dispatch;
pub use tracing::Level;
use tracing_subscriber::fmt;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A line for people, coloured on a terminal unless `NO_COLOR` is set.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
    /// Nothing.
    Off,
}

impl Format {
    /// The format of this name: `text`, `json` or `off`.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            "off" => Some(Self::Off),
            _ => None,
        }
    }

    /// What takes the log of one server; several servers of a process each have their own.
    ///
    /// Lines below `level` are not written. Times are UTC.
    pub fn dispatch(self, level: Level) -> Dispatch {
        // Without complaints about a standard error that is closed: they would end the request.
        let lines = fmt()
            .with_writer(io::stderr)
            .with_max_level(level)
            .with_target(false)
            .log_internal_errors(false);
        match self {
            Self::Text => {
                let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
                Dispatch::new(lines.with_ansi(colour).finish())
            }
            Self::Json => Dispatch::new(lines.json().flatten_event(true).finish()),
            Self::Off => Dispatch::none(),
        }
    }
}
