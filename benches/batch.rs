//! URLs by the column, against the floors of their hashing.
//!
//! `floor8` is eight chained compressions, the hashing of one URL after the other; `floor16` is what
//! sixteen lanes need for theirs: four blocks of their own and four that all of them share, words in
//! place. All are sampled in turn; the least of each is compared. Run with `make bench-core`.
//!
//! `--most` adds ten million rows; any other word picks the cases with this word in their names.

#![allow(missing_docs, clippy::unwrap_used)]

use ossign::batch::{Batch, Column, Null, OnError, Run, Urls, Varying};
use ossign::clock::SECOND;
use ossign::credentials::Credentials;
use ossign::endpoint::{Endpoint, Network, Tls};
use ossign::lanes::Isa;
use ossign::operation::{Field, OPERATIONS};
use ossign::presign::{Target, Version, Window};
use ossign::request::Request;
use ossign::session::Session;
use sha2::block_api::compress256;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Instant;

const ROUNDS: usize = 60;
const NOW: i64 = 1_767_225_600 * SECOND;
/// 1.4 MB of URLs, which stay in the second-level cache.
const FEW: usize = 4096;
const MANY: usize = 100_000;
const MOST: usize = 10_000_000;

/// Texts as Arrow has them.
struct Texts {
    data: String,
    ends: Vec<usize>,
}

impl Texts {
    fn new(rows: usize, mut text: impl FnMut(usize) -> String) -> Self {
        let (mut data, mut ends) = (String::new(), vec![0]);
        for row in 0..rows {
            data.push_str(&text(row));
            ends.push(data.len());
        }
        Self { data, ends }
    }
}

impl Column for Texts {
    fn len(&self) -> usize {
        self.ends.len() - 1
    }

    fn get(&self, row: usize) -> Option<&str> {
        Some(&self.data[self.ends[row]..self.ends[row + 1]])
    }
}

/// Where and as whom a case signs.
struct Place {
    target: Target,
    session: Session,
}

impl Place {
    fn new(version: Version, token: Option<&str>) -> Self {
        let target = Target {
            endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
            region: "cn-hangzhou".to_owned(),
            product: "oss".to_owned(),
            version,
            ..Target::default()
        };
        let who =
            Credentials::new("LTAI5tExampleKeyId000000", "an example secret of 30 chars", token);
        let session = Session::new(&target, who, NOW / SECOND).unwrap();
        Self { target, session }
    }
}

/// What is signed.
struct Case<'a> {
    name: &'static str,
    place: &'a Place,
    template: &'a Request<'a>,
    columns: Vec<(&'static str, &'a Texts)>,
    rows: usize,
    threads: usize,
    isa: Isa,
}

impl Case<'_> {
    /// Nanoseconds per URL.
    fn time(&self, urls: &mut Urls) -> f64 {
        let fields = || OPERATIONS.iter().flat_map(|operation| operation.fields);
        let field = |name: &str| -> &'static Field { fields().find(|f| f.name == name).unwrap() };
        let columns = self.columns.iter().map(|(name, column)| Varying {
            field: field(name),
            entry: None,
            null: Null::NoUrl,
            column: *column,
        });
        let batch = Batch {
            target: &self.place.target,
            session: Some(&self.place.session),
            window: Window { now: NOW, expiration: NOW + 3600 * SECOND },
            template: self.template,
            columns: &columns.collect::<Vec<_>>(),
        };
        let run = Run {
            threads: NonZeroUsize::new(self.threads).unwrap(),
            isa: self.isa,
            on_error: OnError::Note,
            go_on: &|| true,
        };
        let start = Instant::now();
        batch.sign(0..self.rows, &run, urls).unwrap();
        let time = start.elapsed().as_nanos() as f64 / self.rows as f64;
        assert!(urls.errors.is_empty());
        time
    }
}

fn floor8() -> f64 {
    let blocks = black_box([[7; 64]; 8]);
    let mut state = [1; 8];
    let start = Instant::now();
    for _ in 0..FEW {
        compress256(&mut state, &blocks);
    }
    black_box(state);
    start.elapsed().as_nanos() as f64 / FEW as f64
}

#[cfg(target_arch = "x86_64")]
fn floor16() -> f64 {
    if Isa::detect() != Isa::Avx512 {
        return f64::NAN;
    }
    let start = Instant::now();
    black_box(ossign::lanes::floor::lanes(FEW / 16, 4, 4));
    start.elapsed().as_nanos() as f64 / FEW as f64
}

#[cfg(not(target_arch = "x86_64"))]
fn floor16() -> f64 {
    f64::NAN
}

/// Text of a length, the same in every run.
fn word(seed: usize, length: usize) -> String {
    const SAFE: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_./";
    let mut state = seed as u64 * 2 + 1;
    let mut letter = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(SAFE[(state >> 33) as usize % SAFE.len()])
    };
    std::iter::once('k').chain((1..length).map(|_| letter())).collect()
}

/// 31 to 90 bytes; a tenth of them need escapes.
fn mixed(row: usize) -> String {
    let mut key = word(row, 31 + row * 7919 % 60);
    if row.is_multiple_of(10) {
        key.replace_range(5..6, " ");
        key.replace_range(9..10, "+");
        key.replace_range(20..21, "&");
    }
    key
}

fn request(method: &'static str) -> Request<'static> {
    Request { method: method.into(), bucket: Some("examplebucket".into()), ..Request::default() }
}

fn main() {
    let most = std::env::args().any(|argument| argument == "--most");
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let token = "x".repeat(800);
    let place = |version, token| Place::new(version, token);
    let (plain, v1) = (place(Version::V4, None), place(Version::V1, None));
    let sts = place(Version::V4, Some(&token));
    let equal = Texts::new(if most { MOST } else { MANY }, |row| word(row, 60));
    let varied = Texts::new(MANY, mixed);
    let numbers = Texts::new(10_000, |row| (row + 1).to_string());
    let types = ["image/jpeg", "text/plain", "application/octet-stream"];
    let types = Texts::new(MANY, |row| types[row % 3].to_owned());
    let (get, mut rich, mut part) = (request("GET"), request("PUT"), request("PUT"));
    rich.headers.set("Content-Type", "image/jpeg");
    rich.headers.set("x-oss-meta-author", "alice");
    rich.headers.set("x-oss-meta-album", "spring");
    part.key = Some(word(1, 60).into());
    part.query.set("partNumber", "");
    part.query.set("uploadId", "0004B9895DBBB6EC98E36E9A5E0E0E0E");

    let isa = Isa::detect();
    let case = |name, place, template, columns, rows, threads, isa| Case {
        name,
        place,
        template,
        columns,
        rows,
        threads,
        isa,
    };
    let keys = |texts| vec![("key", texts)];
    let mut cases = vec![
        case("equal lengths", &plain, &get, keys(&equal), FEW, 1, isa),
        case("mixed, a tenth escaped", &plain, &get, keys(&varied), FEW, 1, isa),
        case("STS token of 800", &sts, &get, keys(&equal), FEW, 1, isa),
        case("content type, 2 metadata", &plain, &rich, keys(&equal), FEW, 1, isa),
        case(
            "content_type column",
            &plain,
            &get,
            vec![("key", &equal), ("content_type", &types)],
            FEW,
            1,
            isa,
        ),
        case("10,000 parts", &plain, &part, vec![("part_number", &numbers)], 10_000, 1, isa),
        case("V1", &v1, &get, keys(&equal), FEW, 1, isa),
        case("SHA-NI, equal lengths", &plain, &get, keys(&equal), FEW, 1, Isa::ShaNi),
        case("SHA-NI, mixed", &plain, &get, keys(&varied), FEW, 1, Isa::ShaNi),
        case("16 rows", &plain, &get, keys(&equal), 16, 1, isa),
        case("1 row", &plain, &get, keys(&equal), 1, 1, isa),
    ];
    cases.extend([
        case("fresh, 100,000", &plain, &get, keys(&equal), MANY, 1, isa),
        case("fresh, 100,000, 2 threads", &plain, &get, keys(&equal), MANY, 2, isa),
    ]);
    if most {
        cases.push(case("fresh, 10,000,000, 2 threads", &plain, &get, keys(&equal), MOST, 2, isa));
    }
    cases.retain(|case| only.as_ref().is_none_or(|part| case.name.starts_with(part.as_str())));

    let mut least = vec![f64::INFINITY; 2 + cases.len()];
    let mut urls = Urls::default();
    for _ in 0..if most { 5 } else { ROUNDS } {
        let mut samples = vec![floor8(), floor16()];
        for case in &cases {
            // Short ones several times; "fresh" ones once, into memory that was never touched.
            samples.push(if !case.name.starts_with("fresh") {
                (0..6).map(|_| case.time(&mut urls)).fold(f64::INFINITY, f64::min)
            } else {
                case.time(&mut Urls::default())
            });
        }
        for (least, sample) in least.iter_mut().zip(samples) {
            *least = least.min(sample);
        }
    }
    let names = ["floor8", "floor16"].into_iter().chain(cases.iter().map(|case| case.name));
    for (name, nanos) in names.zip(&least) {
        println!(
            "{name:28} {nanos:8.1} ns   {:5.2} x floor8   {:5.2} x floor16",
            nanos / least[0],
            nanos / least[1]
        );
    }
}
