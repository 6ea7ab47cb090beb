//! `ossign serve`: the HTTP presign API as a server of its own.

mod app;
mod body;
mod cors;
mod named;
mod page;
mod run;
mod settings;
mod source;

pub use run::{Options, Running};
pub use settings::Origin;
pub use source::{Environment, File, Given, Source};
