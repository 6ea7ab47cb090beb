//! One row of a batch on its own: what every faster way must agree with.

use super::{Batch, Null, Varying};
use crate::encode;
use crate::error::Result;
use crate::operation::Place;
use crate::presign::{check_bucket, is_key};
use crate::request::{Parameters, Request, breaks_line};

/// The longest signature that version 1 writes: 28 characters, each of them escaped.
const LONGEST_SIGNATURE: usize = 84;

impl<'a> Batch<'a> {
    /// The URL of a row, or none where a null asks for none.
    pub(super) fn url(&self, row: usize) -> Result<Option<String>> {
        let texts = || self.columns.iter().map(|varying| varying.column.get(row));
        let is_null = |(varying, text): (&Varying<'_>, Option<&str>)| {
            text.is_none() && varying.null == Null::NoUrl
        };
        if self.columns.iter().zip(texts()).any(is_null) {
            return Ok(None);
        }
        let mut request = self.request(texts());
        self.target.prepare(&mut request)?;
        for (varying, text) in self.columns.iter().zip(texts()) {
            varying.check(text)?;
        }
        if self.session.is_some() {
            self.target.check_signed(&request)?;
        }
        self.sign_row(&request).map(Some)
    }

    /// More than the length of a URL whose values are empty; not zero.
    pub(super) fn longest(&self) -> usize {
        let mut request = self.request(self.columns.iter().map(|_| Some("111")));
        // What is wrong with the request is found out row by row.
        let _ = self.target.prepare(&mut request);
        self.sign_row(&request).map_or(1, |url| url.len() + LONGEST_SIGNATURE)
    }

    /// The template with these values in it.
    pub(super) fn request<'t>(
        &'t self,
        texts: impl Iterator<Item = Option<&'t str>>,
    ) -> Request<'t> {
        let mut request: Request<'t> = self.template.clone();
        for (varying, text) in self.columns.iter().zip(texts) {
            varying.set(text, &mut request);
        }
        request
    }

    fn sign_row(&self, request: &Request<'_>) -> Result<String> {
        match self.session {
            Some(session) => self.target.sign(session, self.window, request),
            None => self.target.unsigned_url(request),
        }
    }
}

impl Varying<'_> {
    fn set<'t>(&'t self, text: Option<&'t str>, request: &mut Request<'t>) {
        match (self.field.place, text) {
            (Place::Bucket, text) => request.bucket = text.map(Into::into),
            (Place::Key, text) => request.key = text.map(Into::into),
            (Place::Query(name), Some(text)) => request.query.set(name, text),
            (Place::Query(name), None) => remove(&mut request.query, name),
            (Place::Header(name), Some(text)) => request.headers.set(name, text),
            (Place::HeaderPrefix(prefix), Some(text)) => {
                request.headers.set_prefixed(prefix, self.entry.unwrap_or_default(), text);
            }
            (Place::Header(_) | Place::HeaderPrefix(_), None) => {}
            (Place::Body(_) | Place::Ignored, _) => {}
        }
    }

    fn check(&self, text: Option<&str>) -> Result<()> {
        match (self.field.place, text) {
            (Place::Query(_), Some(text)) => self.field.rule.check(self.field.name, text),
            _ => Ok(()),
        }
    }

    /// Whether a value is allowed, and changes nothing but the text in its place.
    #[inline]
    pub(super) fn is_usual(&self, text: &str) -> bool {
        match self.field.place {
            Place::Bucket => check_bucket(text).is_ok(),
            Place::Key => is_key(text),
            Place::Query(_) => !text.is_empty() && self.check(Some(text)).is_ok(),
            Place::Header(_) | Place::HeaderPrefix(_) => !text.is_empty() && !breaks_line(text),
            Place::Body(_) | Place::Ignored => true,
        }
    }

    /// The value as a URL or a canonical request has it.
    pub(super) fn push_encoded(&self, text: &str, out: &mut String) {
        match self.field.place {
            Place::Key => encode::push_path(out, text),
            Place::Query(_) => encode::push_query(out, text),
            _ => out.push_str(text),
        }
    }

    /// How long that is in a URL.
    #[inline]
    pub(super) fn encoded_length(&self, text: &str) -> usize {
        match self.field.place {
            Place::Bucket => text.len(),
            Place::Key => encode::path_length(text),
            Place::Query(_) => encode::query_length(text),
            _ => 0,
        }
    }
}

/// Takes a parameter out; the others keep their order.
fn remove(query: &mut Parameters<'_>, name: &str) {
    let mut left = Parameters::default();
    for (other, value) in query.iter().filter(|(other, _)| *other != name) {
        left.set(other.to_owned(), value.to_owned());
    }
    *query = left;
}
