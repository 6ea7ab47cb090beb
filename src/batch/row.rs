//! One row of a batch, on its own: what every faster way must agree with.

use super::{Batch, Null, Varying};
use crate::error::Result;
use crate::operation::Place;
use crate::request::{Parameters, Request};

impl<'a> Batch<'a> {
    /// The URL of a row, or none where a null asks for none.
    pub(super) fn url(&self, row: usize) -> Result<Option<String>> {
        let texts = self.columns.iter().map(|varying| varying.column.get(row));
        let is_null = |(varying, text): (&Varying<'_>, Option<&str>)| {
            text.is_none() && varying.null == Null::NoUrl
        };
        if self.columns.iter().zip(texts.clone()).any(is_null) {
            return Ok(None);
        }
        let mut request = self.template.clone();
        for (varying, text) in self.columns.iter().zip(texts.clone()) {
            varying.set(text, &mut request);
        }
        self.target.prepare(&mut request)?;
        for (varying, text) in self.columns.iter().zip(texts) {
            varying.check(text)?;
        }
        let Some(session) = self.session else {
            return self.target.unsigned_url(&request).map(Some);
        };
        self.target.check_signed(&request)?;
        self.target.sign(session, self.window, &request).map(Some)
    }
}

impl<'a> Varying<'a> {
    fn set(&self, text: Option<&'a str>, request: &mut Request<'a>) {
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
}

/// Takes a parameter out; the others keep their order.
fn remove<'a>(query: &mut Parameters<'a>, name: &str) {
    let mut left = Parameters::default();
    for (other, value) in query.iter().filter(|(other, _)| *other != name) {
        left.set(other.to_owned(), value.to_owned());
    }
    *query = left;
}
