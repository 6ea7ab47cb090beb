//! Reading the body of a request, but not more of it than there may be, and not for ever.

use crate::api;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use axum::http::request::Parts;
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::time::timeout;

/// A body, as far as it was read.
pub(super) enum Read {
    Whole(Bytes),
    Pieces(Vec<u8>),
    TooLarge,
    Late,
}

/// So much of a body that is too large is read and thrown away, as often as the limit: clients that
/// do not read while they write would never see the answer.
const THROWN_AWAY: usize = 256;

impl Read {
    pub(super) fn as_body(&self) -> api::Body<'_> {
        match self {
            Self::Whole(bytes) => api::Body::Whole(bytes),
            Self::Pieces(bytes) => api::Body::Whole(bytes),
            Self::TooLarge => api::Body::TooLarge,
            Self::Late => api::Body::Late,
        }
    }
}

/// Reads a body of at most `most` bytes within `time`.
pub(super) async fn read(head: &Parts, body: Body, most: usize, time: Duration) -> Read {
    let length = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = length.and_then(|text| text.parse::<usize>().ok());
    if length == Some(0) {
        return Read::Whole(Bytes::new());
    }
    // Whoever waits for leave to send is told before it has sent.
    if head.headers.contains_key(EXPECT) && length.is_some_and(|length| length > most) {
        return Read::TooLarge;
    }
    timeout(time, pieces(body, most)).await.unwrap_or(Read::Late)
}

async fn pieces(mut body: Body, most: usize) -> Read {
    let (mut all, mut size) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Read::Late };
        let Ok(piece) = frame.into_data() else { continue };
        size += piece.len();
        if size <= most {
            if all.is_empty() && body.is_end_stream() {
                return Read::Whole(piece);
            }
            all.extend_from_slice(&piece);
        } else if size > most.saturating_mul(THROWN_AWAY) {
            break;
        }
    }
    if size > most { Read::TooLarge } else { Read::Pieces(all) }
}
