//! What is asked of an explanation, and what it answers.

use super::cause::Cause;
use super::diff::Difference;
use super::host::Layout;
use super::mask::Mask;
use super::see::{Context, Finding};
pub use super::story::explain;
use super::verify::Facts;
use crate::credentials::Credentials;

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The URL, as spoiled as it is.
    pub url: &'a str,
    /// The method that was sent, where it is known.
    pub method: Option<&'a str>,
    /// All headers that were sent, where they are known.
    pub headers: Option<&'a [(&'a str, &'a str)]>,
    /// How hosts name their bucket.
    pub layout: Layout<'a>,
    /// The time, and what is known of the bucket.
    pub context: Context<'a>,
    /// The credentials that the URL should have been signed with.
    pub who: Option<Credentials<'a>>,
    /// The XML that OSS answered with.
    pub server_error: Option<&'a str>,
}

/// The answer. No text in it holds a secret, a token or a whole signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What is wrong: the first thing that OSS objects to, and what else is.
    pub findings: Vec<Finding>,
    /// What the URL says; None where it cannot be read.
    pub facts: Option<Facts>,
    /// What OSS computes from the request: the canonical request of version 4.
    pub canonical_request: Option<String>,
    /// What OSS computes from the request.
    pub string_to_sign: Option<String>,
    /// What OSS says that it computed.
    pub server: Option<Server>,
    /// Where what was signed and what arrived differ.
    pub differences: Vec<Difference>,
    /// Headers that were sent and are signed, were sent and are not signed, and were sent although
    /// the URL was signed without them.
    pub headers: [Vec<String>; 3],
    /// What could not be checked.
    pub unchecked: Vec<String>,
    /// What was tried and did not fit.
    pub ruled_out: Vec<&'static str>,
}

/// The answer of OSS, as far as it matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// Its `Code`.
    pub code: Option<String>,
    /// Its `Message`.
    pub message: Option<String>,
    /// Its `EC`.
    pub ec: Option<String>,
    /// Its `RequestId`.
    pub request_id: Option<String>,
    /// Its `CanonicalRequest`.
    pub canonical_request: Option<String>,
    /// Its `StringToSign`.
    pub string_to_sign: Option<String>,
}

impl Report {
    /// What is wrong.
    pub fn finding(&self) -> &Finding {
        const NONE: &Finding = &Finding { cause: Cause::Ok, ec: None, detail: String::new() };
        self.findings.first().unwrap_or(NONE)
    }
}

impl Report {
    pub(super) fn empty() -> Self {
        Self {
            findings: vec![],
            facts: None,
            canonical_request: None,
            string_to_sign: None,
            server: None,
            differences: vec![],
            headers: Default::default(),
            unchecked: vec![],
            ruled_out: vec![],
        }
    }

    pub(super) fn mask(&mut self, mask: &Mask) {
        let over = |text: &mut String| *text = mask.over(text);
        self.findings.iter_mut().for_each(|finding| over(&mut finding.detail));
        self.unchecked.iter_mut().for_each(over);
        self.headers.iter_mut().flatten().for_each(over);
        self.canonical_request.iter_mut().for_each(over);
        self.string_to_sign.iter_mut().for_each(over);
        if let Some(server) = &mut self.server {
            let Server { code, message, ec, request_id, canonical_request, string_to_sign } =
                server;
            let all = [code, message, ec, request_id, canonical_request, string_to_sign];
            all.into_iter().flatten().for_each(over);
        }
        for one in &mut self.differences {
            let name = one.part.rsplit(' ').next().unwrap_or_default().to_owned();
            for side in [&mut one.signed, &mut one.received].into_iter().flatten() {
                let masked = mask.over(&format!("{name}={side}"));
                *side = masked.strip_prefix(&format!("{name}=")).unwrap_or(&masked).to_owned();
            }
            over(&mut one.part);
        }
        if let Some(facts) = &mut self.facts {
            facts.parameters.iter_mut().for_each(|(_, value)| over(value));
            over(&mut facts.key);
        }
    }
}
