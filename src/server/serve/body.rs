//! Reading the body of a request, but not more of it than there may be, and not for ever.

use crate::api;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use axum::http::request::Parts;
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

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
/// A client that sends nothing of such a body for so long is answered, whether it goes on or not.
const STALL: Duration = Duration::from_secs(5);

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
pub(super) async fn read(head: &Parts, mut body: Body, most: usize, time: Duration) -> Read {
    let length = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length = length.and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let (end, thrown_away) = (Instant::now() + time, most.saturating_mul(THROWN_AWAY));
    // Whoever waits for leave to send is told before it has sent.
    if length > thrown_away || (length > most && head.headers.contains_key(EXPECT)) {
        return Read::TooLarge;
    }
    let read = match length > most {
        true => Read::TooLarge,
        false => timeout_at(end, whole(&mut body, most)).await.unwrap_or(Read::Late),
    };
    if matches!(read, Read::TooLarge) {
        // However that ends, the answer is the same.
        let _ = timeout_at(end, throw_away(body, thrown_away)).await;
    }
    read
}

async fn whole(body: &mut Body, most: usize) -> Read {
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Read::Late };
        let Ok(piece) = frame.into_data() else { continue };
        if all.len() + piece.len() > most {
            return Read::TooLarge;
        }
        if all.is_empty() && body.is_end_stream() {
            return Read::Whole(piece);
        }
        all.extend_from_slice(&piece);
    }
    Read::Pieces(all)
}

async fn throw_away(mut body: Body, mut left: usize) {
    while let Ok(Some(Ok(frame))) = timeout(STALL, body.frame()).await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if left == 0 {
            return;
        }
    }
}
