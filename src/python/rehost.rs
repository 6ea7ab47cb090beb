//! Another host in a URL that is signed already, for Python.

use super::argument::text;
use super::error::translate;
use pyo3::prelude::*;

/// Put another host into a presigned URL, which stays valid: scheme and host are not signed.
///
/// Path and query keep their bytes. So the new host must find bucket and key where the old one did: a
/// host of the bucket, or a domain bound to it, in place of another; an address in place of an
/// address. Whether a domain is bound to the bucket nobody can see: it is taken for granted.
///
/// Args:
///     url: A presigned URL, of version 4 or 1.
///     host: The new host, with a port if need be: "cdn.example.com:8443". It may begin with `http://`
///         or `https://`; if not, the scheme stays.
///
/// Raises:
///     ParamInvalidError: The URL is not presigned for OSS, or its host is signed (`host` is among
///         the additional headers); `host` is no host, or it is one of another bucket, of another
///         region than the signed one (version 4), or with the bucket at another place.
///
/// Example:
///     >>> import ossign as oss
///     >>> result = oss.presign(
///     ...     oss.GetObjectRequest(bucket="bucket", key="a b.txt"),
///     ...     region="cn-hangzhou", credentials=oss.Credentials("id", "secret"))
///     >>> oss.rehost(result.url, "cdn.example.com").partition("?")[0]
///     'https://cdn.example.com/a%20b.txt'
#[pyfunction]
pub(super) fn rehost(url: &Bound<'_, PyAny>, host: &Bound<'_, PyAny>) -> PyResult<String> {
    let moved = crate::rehost::rehost(text(url, "url")?, text(host, "host")?);
    moved.map_err(|error| translate(url.py(), &error))
}
