//! One way to listen, log, count and stop, which the servers of this crate share.
//!
//! A server is an [`axum::Router`]. [`room::Room::around`] puts ids, log lines and counters around
//! it, [`listen::serve`] answers connections until it is asked to stop, and
//! [`background::Background`] does all of that in threads of its own.

pub mod background;
pub mod count;
pub mod emulator;
pub mod listen;
pub mod log;
pub mod room;
pub mod serve;
pub mod stop;
