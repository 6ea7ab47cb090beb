//! The Python module `ossign._ossign`: an export list, nothing else.

mod api;
mod argument;
mod asked;
mod batch;
mod callback;
mod classes;
mod client;
mod config;
mod credentials;
mod disposition;
#[cfg(feature = "server")]
mod emulator;
mod error;
mod explain;
mod form;
mod given;
#[cfg(feature = "server")]
mod held;
mod instant;
mod made_of;
mod multipart;
mod provider;
mod read;
mod ready;
mod rehost;
mod request;
mod result;
#[cfg(feature = "server")]
mod serve;
mod shortage;
mod snapshot;
mod state;
mod texts;
mod twin;
mod value;
mod xml;

#[pyo3::pymodule(gil_used = false)]
mod _ossign {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::api::{NewObject, PresignApi, openapi};
    #[pymodule_export]
    use super::batch::{PresignedUrls, SignedBatches};
    #[pymodule_export]
    use super::callback::{Callback, check_callback, sign_callback};
    #[pymodule_export]
    use super::client::Client;
    #[pymodule_export]
    use super::credentials::{Credentials, StaticCredentialsProvider};
    #[pymodule_export]
    use super::disposition::content_disposition;
    #[cfg(feature = "server")]
    #[pymodule_export]
    use super::emulator::Emulator;
    #[pymodule_export]
    use super::explain::{causes, explain_url, verify_url};
    #[pymodule_export]
    use super::form::{Condition, PresignedPost, VerifiedPost, verify_post_fields};
    #[pymodule_export]
    use super::multipart::{complete_body, cut_parts};
    #[pymodule_export]
    use super::rehost::rehost;
    #[pymodule_export]
    use super::request::Request;
    #[pymodule_export]
    use super::result::PresignResult;
    #[cfg(feature = "server")]
    #[pymodule_export]
    use super::serve::PresignServer;
    #[pymodule_export]
    use super::texts::{is_v1_subresource, v1_texts, v4_texts};
    #[pymodule_export]
    use super::xml::parse_xml;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("TEST_PUBLIC_KEY", crate::callback::TEST_PUBLIC_KEY)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        super::batch::register(module.py())?;
        super::classes::add_classes(module)
    }
}
