//! One V4 URL in the pure half, against the floor of its hashing: eight chained compressions.
//!
//! Both are sampled in turn, many short times; the least of each is compared, because these are
//! the samples that nothing else on the machine disturbed. Run with `make bench-core`.

#![allow(missing_docs, clippy::unwrap_used)]

use ossign::clock::SECOND;
use ossign::credentials::Credentials;
use ossign::endpoint::{Endpoint, Network, Tls};
use ossign::presign::{Target, Version, Window};
use ossign::request::Request;
use ossign::session::{Session, SessionCache};
use sha2::block_api::compress256;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 1500;
const CALLS: u32 = 200;
const KEY: &str = "photos/2026/11/22/0123456789abcdef0123456789abcdef-large.jpg";
const NOW: i64 = 1_767_225_600 * SECOND;

fn target(version: Version) -> Target {
    Target {
        endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
        region: "cn-hangzhou".to_owned(),
        product: "oss".to_owned(),
        version,
        ..Target::default()
    }
}

/// Presigns into `url`, whose room is used again at each call.
fn presign(
    (target, sessions): (&Target, &SessionCache),
    headers: &[(&str, &str)],
    token: Option<&str>,
    url: &mut String,
) {
    let mut request = Request {
        method: "PUT".into(),
        bucket: Some("examplebucket".into()),
        key: Some(KEY.into()),
        ..Request::default()
    };
    for (name, value) in headers {
        request.headers.set(name, value);
    }
    target.prepare(&mut request).unwrap();
    target.check_signed(&request).unwrap();
    let who = Credentials::new("LTAI5tExampleKeyId000000", "an example secret of 30 chars", token);
    let window = Window { now: NOW, expiration: NOW + 3600 * SECOND };
    let mut sign =
        |session: &Session| target.sign_into(session, window, &request, &mut *url).unwrap();
    // As the Python client does with credentials that have not changed since the last call.
    if sessions.again(1, NOW, &mut sign).is_none() {
        sessions.with(target, (who, Some(1)), NOW, sign).unwrap();
    }
}

fn floor8() -> [u32; 8] {
    let mut state = [1; 8];
    compress256(&mut state, black_box(&[[7; 64]; 8]));
    state
}

fn sample<T>(mut call: impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        black_box(call());
    }
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

fn main() {
    let plain = (target(Version::V4), SessionCache::default());
    let (v4, v1) = ((&plain.0, &plain.1), (target(Version::V1), SessionCache::default()));
    let (v1, of_token) = ((&v1.0, &v1.1), (&plain.0, &SessionCache::default()));
    let headers = [
        ("Content-Type", "image/jpeg"),
        ("x-oss-storage-class", "IA"),
        ("x-oss-meta-author", "alice"),
        ("x-oss-meta-album", "spring"),
    ];
    let token = "x".repeat(800);
    let mut url = String::new();
    let mut least = [f64::INFINITY; 5];
    for _ in 0..ROUNDS {
        let samples = [
            sample(floor8),
            sample(|| presign(v4, &[], None, black_box(&mut url))),
            sample(|| presign(v4, &headers, None, black_box(&mut url))),
            sample(|| presign(of_token, &[], Some(&token), black_box(&mut url))),
            sample(|| presign(v1, &[], None, black_box(&mut url))),
        ];
        for (least, sample) in least.iter_mut().zip(samples) {
            *least = least.min(sample);
        }
    }
    let names =
        ["floor8", "V4 PutObject", "V4 with 4 headers", "V4 with an STS token", "V1 PutObject"];
    for (name, nanos) in names.into_iter().zip(least) {
        println!("{name:24} {nanos:8.1} ns   {:5.2} x floor8", nanos / least[0]);
    }
}
