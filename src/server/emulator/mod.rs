//! A local OSS that refuses just as the real one does. For development, not for storage.
//!
//! It does what OSS does with presigned requests: objects, multipart uploads, form uploads,
//! callbacks and CORS. Buckets exist as soon as they are named.

mod address;
mod app;
mod body;
mod call;
mod callback;
mod conditions;
mod cors;
mod digest;
mod draft;
mod identity;
mod kept;
mod multipart;
mod objects;
mod post;
mod range;
mod record;
mod refusal;
mod run;
mod store;
mod sweep;
mod uploads;
mod xml;

pub use app::{BANNER, Emulator, Settings};
pub use record::{Headers, Object};
pub use run::{Options, Running};
pub use store::Store;
