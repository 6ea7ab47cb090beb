//! What a face sends back: status, headers, and JSON.

use super::problem::{Cause, Problem};
use super::upload::Upload;
use super::world::Trouble;
use serde::Serialize;

/// An answer, with what its face may log and count of it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names, in lower case, and values of headers. Content-Length is left to the face.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Vec<u8>,
    /// The `code` in the body: 0, or that of a [`Cause`].
    pub code: u32,
    /// How many URLs are in it.
    pub urls: usize,
    /// Who asked, once that is known.
    pub caller: Option<String>,
    /// What went wrong, for the owner's log only.
    pub note: Option<String>,
}

#[derive(Serialize)]
struct Good<T> {
    code: u32,
    data: T,
}

#[derive(Serialize)]
struct Batch<'a> {
    total: usize,
    success: usize,
    failed: usize,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Item<'a> {
    Upload(&'a Upload),
    Error { error: &'a Problem },
}

impl Answer {
    fn json(status: u16, code: u32, body: &impl Serialize) -> Self {
        let mut text = Vec::with_capacity(1024);
        // Texts and numbers, written to memory: this cannot fail.
        let _ = serde_json::to_writer(&mut text, body);
        Self {
            status,
            // URLs and refusals are for this client, now.
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("cache-control", "no-store".to_owned()),
            ],
            body: text,
            code,
            urls: 0,
            caller: None,
            note: None,
        }
    }

    /// What was asked for, in which there are so many URLs to upload to.
    pub(super) fn good(urls: usize, data: &impl Serialize) -> Self {
        Self { urls, ..Self::json(200, 0, &Good { code: 0, data }) }
    }

    pub(super) fn batch(uploads: &[Result<Upload, Failure>]) -> Self {
        let success = uploads.iter().filter(|upload| upload.is_ok()).count();
        let items = uploads.iter().map(|upload| match upload {
            Ok(upload) => Item::Upload(upload),
            Err(failure) => Item::Error { error: &failure.problem },
        });
        let total = uploads.len();
        let data = Batch { total, success, failed: total - success, items: items.collect() };
        let note = uploads.iter().find_map(|upload| upload.as_ref().err()?.note.clone());
        Self { note, ..Self::good(success, &data) }
    }

    pub(super) fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.to_owned()));
        self
    }

    pub(super) fn to(mut self, caller: &str) -> Self {
        self.caller = Some(caller.to_owned());
        self
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        Self::json(problem.cause.status(), problem.cause.code(), &problem)
    }
}

/// Why one file has no URL.
pub(super) struct Failure {
    problem: Problem,
    note: Option<String>,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem, note: None }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let (cause, words, note) = match trouble {
            Trouble::NotConfigured(note) => (Cause::NotConfigured, "OSS is not configured", note),
            Trouble::Failed(note) => (Cause::Signing, "the URL cannot be signed", note),
        };
        Self { problem: Problem::new(cause, words), note: Some(note) }
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        Self { note: failure.note, ..failure.problem.into() }
    }
}
