//! Presigned URLs for Alibaba Cloud OSS, byte for byte those of the official Python SDK V2.
//!
//! Signing is a pure function: where, who, when and what in, the URL out. Nothing in this crate
//! reads a clock, an environment variable or a file; the Python module and the servers, behind the
//! features `python` and `server`, do that for their callers.
//!
//! ```
//! use ossign::clock::SECOND;
//! use ossign::credentials::Credentials;
//! use ossign::endpoint::{Endpoint, Network, Tls};
//! use ossign::presign::{Target, Window};
//! use ossign::request::Request;
//! use ossign::session::Session;
//!
//! let target = Target {
//!     endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
//!     region: "cn-hangzhou".into(),
//!     product: "oss".into(),
//!     ..Target::default()
//! };
//! let mut request = Request {
//!     method: "GET".into(),
//!     bucket: Some("examplebucket".into()),
//!     key: Some("example.txt".into()),
//!     ..Request::default()
//! };
//! target.prepare(&mut request)?;
//! target.check_signed(&request)?;
//! let now = 1_767_225_600 * SECOND;
//! let who = Credentials::new("id", "secret", None);
//! let session = Session::new(&target, who, now / SECOND)?;
//! let window = Window { now, expiration: now + 3600 * SECOND };
//! let url = target.sign(&session, window, &request)?;
//! assert!(url.starts_with("https://examplebucket.oss-cn-hangzhou.aliyuncs.com/example.txt?"));
//! assert!(url.contains("&x-oss-date=20260101T000000Z&x-oss-expires=3600&"));
//! # Ok::<(), ossign::error::Error>(())
//! ```

pub mod api;
pub mod batch;
pub mod callback;
pub mod clock;
pub mod credentials;
pub mod crypto;
pub mod disposition;
pub mod encode;
pub mod endpoint;
pub mod error;
pub mod explain;
pub mod form;
pub mod lanes;
pub mod lifetime;
pub mod multipart;
pub mod operation;
pub mod presign;
pub mod query;
pub mod rehost;
pub mod request;
pub mod restriction;
pub mod session;
pub mod v1;
pub mod v4;

#[cfg(feature = "python")]
mod python;
#[cfg(feature = "server")]
pub mod server;
