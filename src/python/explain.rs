//! Verifying and explaining, for `ossign.diagnosis`: texts in, dicts out.

use super::credentials::Answer;
use super::instant;
use super::provider::Provider;
use crate::credentials::Credentials;
use crate::endpoint::AddressStyle;
use crate::explain::cause::Cause;
use crate::explain::claim::Place;
use crate::explain::host::Layout;
use crate::explain::mask::Mask;
use crate::explain::parse::{self, Received};
use crate::explain::report::{self, Question, Report};
use crate::explain::see::{Context, Finding};
use crate::explain::verify::{self, Facts, Refusal};
use crate::presign::Version;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::net::IpAddr;

/// What both functions take besides the URL.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct Options<'py> {
    method: Option<String>,
    headers: Option<Vec<(String, String)>>,
    credentials: Option<Bound<'py, PyAny>>,
    region: Option<String>,
    bucket: Option<String>,
    endpoint: Option<String>,
    now: Option<Bound<'py, PyAny>>,
    source_ip: Option<IpAddr>,
}

impl Options<'_> {
    fn now(&self, py: Python<'_>) -> PyResult<i64> {
        self.now.as_ref().map_or_else(|| instant::now(py), |now| instant::named(now, "now"))
    }

    fn headers(&self) -> Option<Vec<(&str, &str)>> {
        let headers = self.headers.as_ref()?;
        Some(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
    }

    /// Calls `f` with the credentials, if there are any.
    fn with_credentials<T>(
        &self,
        py: Python<'_>,
        f: impl FnOnce(Option<Credentials<'_>>) -> T,
    ) -> PyResult<T> {
        match &self.credentials {
            None => Ok(f(None)),
            Some(source) => {
                let ask = |answer: Answer<'_>| Ok(f(Some(answer.pair)));
                Provider::of(source)?.with_answer(py, ask)
            }
        }
    }
}

/// Judges a URL: the facts that it states, or a finding with the texts that should have been signed.
#[pyfunction]
pub(super) fn verify_url<'py>(
    py: Python<'py>,
    url: &str,
    options: Options<'py>,
) -> PyResult<(bool, Bound<'py, PyDict>)> {
    let (now, headers) = (options.now(py)?, options.headers().unwrap_or_default());
    let endpoints: Vec<_> = options.endpoint.as_deref().into_iter().collect();
    let layout = Layout { bucket: options.bucket.as_deref(), endpoints: &endpoints };
    let context = Context {
        now,
        region: options.region.as_deref(),
        bucket: options.bucket.as_deref(),
        knows_headers: true,
        source_ip: options.source_ip,
    };
    let Some(parts) = parse::split(url) else {
        let detail = "the text does not begin with http:// or https:// and a host";
        return Ok((false, finding(py, &Finding::new(Cause::UrlMalformed, detail))?));
    };
    let method = options.method.as_deref().unwrap_or_default();
    let received = Received { method, host: parts.host, target: parts.target, headers: &headers };
    let judged = options.with_credentials(py, |who| {
        let find = |id: &str| who.filter(|who| who.id == id);
        verify::verify(received, layout, context, &find)
    })?;
    Ok(match judged {
        Ok(stated) => (true, facts(py, &stated)?),
        Err(refusal) => (false, refused(py, &refusal)?),
    })
}

/// Explains a URL: everything that a report shows, and the report as a text.
#[pyfunction]
pub(super) fn explain_url<'py>(
    py: Python<'py>,
    url: &str,
    options: Options<'py>,
    server_error: Option<&str>,
) -> PyResult<Bound<'py, PyDict>> {
    let (now, headers) = (options.now(py)?, options.headers());
    let endpoints: Vec<_> = options.endpoint.as_deref().into_iter().collect();
    let report = options.with_credentials(py, |who| {
        // The search may take a second.
        py.detach(|| {
            report::explain(&Question {
                url,
                method: options.method.as_deref(),
                headers: headers.as_deref(),
                layout: Layout { bucket: options.bucket.as_deref(), endpoints: &endpoints },
                context: Context {
                    now,
                    region: options.region.as_deref(),
                    source_ip: options.source_ip,
                    ..Context::default()
                },
                who,
                server_error,
            })
        })
    })?;
    told(py, &report)
}

/// Name, meaning, EC numbers and cure of every cause.
#[pyfunction]
pub(super) fn causes() -> Vec<(&'static str, &'static str, &'static [&'static str], &'static str)> {
    Cause::ALL.iter().map(|c| (c.name(), c.meaning(), c.ecs(), c.fix())).collect()
}

fn finding<'py>(py: Python<'py>, finding: &Finding) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("cause", finding.cause.name())?;
    dict.set_item("detail", &finding.detail)?;
    dict.set_item("ec", finding.ec)?;
    dict.set_item("fix", finding.cause.fix())?;
    Ok(dict)
}

fn refused<'py>(py: Python<'py>, refusal: &Refusal) -> PyResult<Bound<'py, PyDict>> {
    let mut mask = Mask::default();
    if let Some(claim) = &refusal.claim {
        mask.hide(&claim.signature);
        mask.hide(claim.token().unwrap_or_default());
    }
    let masked = Finding { detail: mask.over(&refusal.finding.detail), ..refusal.finding.clone() };
    let dict = finding(py, &masked)?;
    let texts = refusal.texts.as_ref();
    let canonical = texts.and_then(|texts| texts.canonical_request.as_deref());
    dict.set_item("canonical_request", canonical.map(|text| mask.over(text)))?;
    dict.set_item("string_to_sign", texts.map(|texts| mask.over(&texts.string_to_sign)))?;
    Ok(dict)
}

fn facts<'py>(py: Python<'py>, facts: &Facts) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("method", &facts.method)?;
    dict.set_item("bucket", &facts.bucket)?;
    dict.set_item("key", &facts.key)?;
    dict.set_item("access_key_id", &facts.access_key_id)?;
    dict.set_item("region", &facts.region)?;
    dict.set_item("product", &facts.product)?;
    dict.set_item("signed_at", facts.signed_at)?;
    dict.set_item("expiration", facts.expiration)?;
    dict.set_item("seconds_left", facts.seconds_left)?;
    dict.set_item("signed_headers", &facts.signed_headers)?;
    dict.set_item("parameters", PyList::new(py, &facts.parameters)?)?;
    dict.set_item("version", if facts.version == Version::V4 { "v4" } else { "v1" })?;
    dict.set_item("is_temporary", facts.is_temporary)?;
    dict.set_item("place", if facts.place == Place::Query { "query" } else { "header" })?;
    let style = match facts.style {
        AddressStyle::Virtual => "virtual",
        AddressStyle::Path => "path",
        AddressStyle::Cname => "cname",
    };
    dict.set_item("address_style", style)?;
    Ok(dict)
}

fn told<'py>(py: Python<'py>, report: &Report) -> PyResult<Bound<'py, PyDict>> {
    let dict = finding(py, report.finding())?;
    let also = report.findings.iter().skip(1).map(|other| finding(py, other));
    dict.set_item("also", also.collect::<PyResult<Vec<_>>>()?)?;
    dict.set_item("facts", report.facts.as_ref().map(|own| facts(py, own)).transpose()?)?;
    dict.set_item("canonical_request", &report.canonical_request)?;
    dict.set_item("string_to_sign", &report.string_to_sign)?;
    dict.set_item("server", server(py, report)?)?;
    let differences = report.differences.iter();
    let differences = differences.map(|one| (&one.part, &one.signed, &one.received));
    dict.set_item("differences", PyList::new(py, differences)?)?;
    let names = ["signed_headers", "unsigned_headers", "unexpected_headers"];
    for (name, headers) in names.iter().zip(&report.headers) {
        dict.set_item(name, headers)?;
    }
    dict.set_item("unchecked", &report.unchecked)?;
    dict.set_item("ruled_out", &report.ruled_out)?;
    dict.set_item("text", report.to_string())?;
    Ok(dict)
}

fn server<'py>(py: Python<'py>, report: &Report) -> PyResult<Option<Bound<'py, PyDict>>> {
    let Some(server) = &report.server else { return Ok(None) };
    let dict = PyDict::new(py);
    dict.set_item("code", &server.code)?;
    dict.set_item("message", &server.message)?;
    dict.set_item("ec", &server.ec)?;
    dict.set_item("request_id", &server.request_id)?;
    dict.set_item("canonical_request", &server.canonical_request)?;
    dict.set_item("string_to_sign", &server.string_to_sign)?;
    Ok(Some(dict))
}
