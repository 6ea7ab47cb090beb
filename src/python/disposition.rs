//! The name of a download, for Python.

use super::argument::{flag, text};
use super::error::translate;
use super::provider::Provider;
use crate::disposition::{self, Kind};
use crate::error::Error;
use crate::request::Request;
use pyo3::prelude::*;

/// The value of Content-Disposition that makes a browser save a download under a name.
///
/// A name beyond plain ASCII is given twice (RFC 6266): with `_` for old clients, and in UTF-8.
///
/// Args:
///     name: The name of the file, without folders. None gives no name.
///     inline: Show it instead of saving it, where the browser can.
///
/// Raises:
///     ParamInvalidError: The name is empty, `.` or `..`, or holds `/`, `\` or a control character.
///
/// Example:
///     >>> import ossign as oss
///     >>> oss.content_disposition("报告.pdf")
///     'attachment; filename="__.pdf"; filename*=UTF-8\'\'%E6%8A%A5%E5%91%8A.pdf'
#[pyfunction]
#[pyo3(signature = (name, *, inline=false))]
pub(super) fn content_disposition(
    py: Python<'_>,
    name: Option<&Bound<'_, PyAny>>,
    #[pyo3(from_py_with = inline_flag)] inline: bool,
) -> PyResult<String> {
    value(py, name.map(|name| text(name, "name")).transpose()?, inline)
}

fn inline_flag(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    flag(given, "inline")
}

/// The value that the keywords of `Client.presign` ask for, if they do.
#[cold]
pub(super) fn asked(
    py: Python<'_>,
    download_as: Option<&Bound<'_, PyAny>>,
    inline: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<String>> {
    let name = download_as.map(|name| text(name, "download_as")).transpose()?;
    match (name, inline.map_or(Ok(false), inline_flag)?) {
        (None, false) => Ok(None),
        (name, inline) => value(py, name, inline).map(Some),
    }
}

fn value(py: Python<'_>, name: Option<&str>, inline: bool) -> PyResult<String> {
    let kind = if inline { Kind::Inline } else { Kind::Attachment };
    disposition::content_disposition(name, kind).map_err(|error| translate(py, &error))
}

/// Makes OSS answer a download with this Content-Disposition.
///
/// # Errors
/// `ParamInvalidError` where OSS would not: no download, no signature, or told twice.
pub(super) fn ask_for(
    py: Python<'_>,
    (operation, provider): (&str, &Provider),
    request: &mut Request<'_>,
    value: String,
) -> PyResult<()> {
    const PARAMETER: &str = "response-content-disposition";
    let wrong = |given, rule| Err(translate(py, &Error::invalid("download_as", given, rule)));
    if operation != "GetObject" {
        return wrong(operation, "is no download: only GetObject takes download_as and inline");
    }
    if matches!(provider, Provider::Anonymous) {
        return wrong(
            &value,
            "must not be given with anonymous credentials: OSS wants a signature",
        );
    }
    if request.query.get(PARAMETER).is_some() {
        return wrong(&value, "must not be given beside response_content_disposition");
    }
    request.query.set(PARAMETER, value);
    Ok(())
}
