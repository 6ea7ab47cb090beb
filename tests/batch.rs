//! Whatever is signed by the column is, row by row, what is signed one by one.

#![allow(clippy::unwrap_used)]

use ossign::batch::{Batch, Column, Null, OnError, Run, Stopped, Urls, Varying};
use ossign::clock::SECOND;
use ossign::credentials::Credentials;
use ossign::endpoint::{AddressStyle, Endpoint, Network, Tls};
use ossign::error::{Error, Result};
use ossign::lanes::Isa;
use ossign::operation::{Field, OPERATIONS, Operation, Place};
use ossign::presign::{Target, Version, Window};
use ossign::request::Request;
use ossign::session::Session;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

const NOW: i64 = 1_767_225_600 * SECOND;
const WINDOW: Window = Window { now: NOW, expiration: NOW + 3600 * SECOND };

struct Texts(Vec<Option<String>>);

impl Column for Texts {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, row: usize) -> Option<&str> {
        self.0[row].as_deref()
    }
}

/// All that a batch is made of.
#[derive(Debug)]
struct Case {
    target: Target,
    token: Option<String>,
    signed: bool,
    operation: &'static Operation,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    columns: Vec<(&'static Field, Null, Vec<Option<String>>)>,
}

impl Case {
    fn rows(&self) -> usize {
        self.columns.iter().map(|(.., texts)| texts.len()).min().unwrap_or_default()
    }

    fn session(&self) -> Option<Session> {
        let who = Credentials::new("id+/=", "secret", self.token.as_deref());
        self.signed.then(|| Session::new(&self.target, who, NOW / SECOND).unwrap())
    }

    /// The request with a value for every field of the operation's that must have one.
    fn template(&self) -> Request<'_> {
        let mut request = Request { method: self.operation.method.into(), ..Request::default() };
        for (name, value) in self.operation.fixed_query {
            request.query.set(*name, *value);
        }
        self.headers.iter().for_each(|(name, value)| request.headers.set(name, value));
        self.query.iter().for_each(|(name, value)| request.query.set(name, value));
        for field in self.operation.fields {
            let varies = self.columns.iter().any(|(other, ..)| std::ptr::eq(*other, field));
            if field.required || (varies && matches!(field.place, Place::Query(_))) {
                set(field, Some("default"), &mut request);
            }
        }
        request
    }

    fn sign(&self, run: &Run<'_>) -> std::result::Result<Urls, Stopped> {
        let columns: Vec<_> = self.columns.iter().map(|(.., texts)| Texts(texts.clone())).collect();
        let columns: Vec<_> = (self.columns.iter().zip(&columns))
            .map(|((field, null, _), column)| Varying {
                field,
                entry: Some("e"),
                null: *null,
                column,
            })
            .collect();
        let (session, template) = (self.session(), self.template());
        let batch = Batch {
            target: &self.target,
            session: session.as_ref(),
            window: WINDOW,
            template: &template,
            columns: &columns,
        };
        let mut urls = Urls::default();
        batch.sign(0..self.rows(), run, &mut urls)?;
        Ok(urls)
    }

    /// A row by the words of the documentation.
    fn row(&self, session: Option<&Session>, row: usize) -> Result<Option<String>> {
        let mut request = self.template();
        for (field, null, texts) in &self.columns {
            match &texts[row] {
                None if *null == Null::NoUrl => return Ok(None),
                text => set(field, text.as_deref(), &mut request),
            }
        }
        self.target.prepare(&mut request)?;
        for (field, _, texts) in &self.columns {
            if let Some(text) = &texts[row] {
                field.rule.check(field.name, text)?;
            }
        }
        let Some(session) = session else {
            return self.target.unsigned_url(&request).map(Some);
        };
        self.target.check_signed(&request)?;
        self.target.sign(session, WINDOW, &request).map(Some)
    }

    fn check(&self, run: &Run<'_>) {
        let urls = self.sign(run).unwrap();
        let (session, mut errors) = (self.session(), Vec::new());
        let expected: Vec<_> = (0..self.rows())
            .map(|row| {
                self.row(session.as_ref(), row).unwrap_or_else(|error| {
                    errors.push((row, error));
                    None
                })
            })
            .collect();
        let first_only = run.on_error == OnError::Stop && !errors.is_empty();
        if first_only {
            assert_eq!(urls.errors.first(), errors.first());
            return;
        }
        assert_eq!(urls.errors, errors);
        assert_eq!(urls.len(), expected.len());
        let got: Vec<_> = (0..urls.len()).map(|row| urls.get(row).map(str::to_owned)).collect();
        assert_eq!(got, expected);
        assert_eq!(urls.validity.is_some(), expected.iter().any(Option::is_none));
        for (row, url) in expected.iter().enumerate() {
            let bit = urls.validity.as_ref().is_none_or(|bits| bits[row / 8] >> (row % 8) & 1 == 1);
            assert_eq!(bit, url.is_some());
        }
        assert_eq!(urls.data.len() as i64, *urls.offsets.last().unwrap());
    }
}

fn set<'a>(field: &Field, text: Option<&'a str>, request: &mut Request<'a>) {
    match (field.place, text) {
        (Place::Bucket, Some("default")) => request.bucket = Some("bucket".into()),
        (Place::Bucket, text) => request.bucket = text.map(Into::into),
        (Place::Key, text) => request.key = text.map(Into::into),
        (Place::Header(name), Some(text)) => request.headers.set(name, text),
        (Place::HeaderPrefix(prefix), Some(text)) => {
            request.headers.set_prefixed(prefix, "e", text);
        }
        (Place::Query(name), Some(text)) => request.query.set(name, text),
        (Place::Query(name), None) => {
            let left: Vec<_> = (request.query.iter().filter(|(other, _)| *other != name))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            request.query = Default::default();
            left.into_iter().for_each(|(name, value)| request.query.set(name, value));
        }
        _ => {}
    }
}

fn run(threads: usize, isa: Isa, on_error: OnError) -> Run<'static> {
    Run { threads: NonZeroUsize::new(threads).unwrap(), isa, on_error, go_on: &|| true }
}

fn target() -> impl Strategy<Value = Target> {
    use AddressStyle::{Cname, Path, Virtual};
    let additional = prop::sample::subsequence(
        vec!["cache-control", "content-disposition", "host", "range", "x-default"],
        0..=5,
    );
    let additional = prop_oneof![3 => Just(vec![]), 1 => additional];
    let defaults = prop_oneof![
        3 => Just(vec![]),
        1 => Just(vec![("X-Default".to_owned(), "d".to_owned()), ("Cache-Control".to_owned(), "c".to_owned())]),
    ];
    let style = prop::sample::select(vec![Virtual, Path, Cname]);
    let version = prop_oneof![4 => Just(Version::V4), 1 => Just(Version::V1)];
    (style, version, additional, defaults).prop_map(|(style, version, additional, defaults)| {
        Target {
            endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
            style,
            region: "cn-hangzhou".into(),
            product: "oss".into(),
            version,
            additional_headers: additional.into_iter().map(str::to_owned).collect(),
            default_headers: defaults,
        }
    })
}

/// Values, most of them good ones, for a field.
fn text(field: &'static Field) -> BoxedStrategy<String> {
    let odd = prop_oneof!["", "[ \t]x y[ \t]", "\\PC{0,40}", "a\r\nb", "/lead", "[a-z]{1020,1030}"];
    let good = match field.place {
        Place::Bucket => "[a-z0-9]{3,10}".boxed(),
        Place::Query("partNumber") => (0..10_002).prop_map(|n: i32| n.to_string()).boxed(),
        _ => prop_oneof!["[a-zA-Z0-9/._-]{20}", "[a-z ]{1,90}", "[a-zA-Z0-9/._-]{1,90}"].boxed(),
    };
    prop_oneof![20 => good, 1 => odd].boxed()
}

fn columns(
    operation: &'static Operation,
) -> impl Strategy<Value = Vec<(&'static Field, Null, Vec<Option<String>>)>> {
    let fields: Vec<&'static Field> = operation.fields.iter().collect();
    let few = prop::sample::subsequence(fields.clone(), 1..=3.min(fields.len()));
    let key =
        Just(fields.into_iter().filter(|field| field.place == Place::Key).collect::<Vec<_>>());
    (prop_oneof![1 => key, 2 => few], 0..70_usize).prop_flat_map(|(fields, rows)| {
        let column = |field: &'static Field| {
            let null = prop::sample::select(vec![Null::NoUrl, Null::LeftOut]);
            let texts = prop_oneof![
                2 => vec(text(field).prop_map(Some), rows),
                1 => vec(option::weighted(0.9, text(field)), rows),
                2 => text(field).prop_flat_map(move |text| vec(Just(Some(text)), rows)),
            ];
            (Just(field), null, texts)
        };
        fields.into_iter().map(column).collect::<Vec<_>>()
    })
}

fn case() -> impl Strategy<Value = Case> {
    let pairs = |name| vec((name, "[ -~]{0,20}"), 0..3);
    let names = "(x-oss-process|x-oss-object-acl|partNumber|[a-zA-Z]{1,9}|q7slot0[01]|z3hole00)";
    let pairs = (pairs("(x-oss-meta-e|content-type|Range|[a-z]{1,9})"), pairs(names));
    let columns = prop::sample::select(OPERATIONS.to_vec())
        .prop_flat_map(|operation| (Just(operation), columns(operation)));
    let token = option::weighted(0.3, "[ -~]{1,900}");
    (target(), token, prop::bool::weighted(0.95), pairs, columns).prop_map(
        |(target, token, signed, (headers, query), (operation, columns))| Case {
            target,
            token,
            signed,
            operation,
            headers,
            query,
            columns,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rows_are_signed_as_they_are_one_by_one(case in case(), threads in 1..4_usize, stop: bool) {
        let on_error = if stop { OnError::Stop } else { OnError::Note };
        for isa in [Isa::Avx512, Isa::ShaNi, Isa::Crate] {
            case.check(&run(threads, isa, on_error));
        }
    }
}

/// Keys of the given row numbers; some need escapes, some are null, some are bad.
fn keys(rows: usize) -> Case {
    let key = |row: usize| match row % 1000 {
        17 => None,
        18 => Some(String::new()),
        19 => Some(format!("/{row}")),
        n if n % 10 == 0 => Some(format!("a key/{row} äöü")),
        n if n < 500 => Some(format!("photos/2026/{row:08}.jpg")),
        n => Some(format!("photos/{}/{row}.jpg", "x".repeat(n % 50))),
    };
    let operation = OPERATIONS[0];
    let field = operation.fields.iter().find(|field| field.place == Place::Key).unwrap();
    Case {
        target: Target {
            endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
            region: "cn-hangzhou".into(),
            product: "oss".into(),
            ..Target::default()
        },
        token: None,
        signed: true,
        operation,
        headers: vec![],
        query: vec![],
        columns: vec![(field, Null::NoUrl, (0..rows).map(key).collect())],
    }
}

#[test]
fn many_rows_keep_their_order_on_any_number_of_threads() {
    let mut case = keys(6_200);
    for version in [Version::V4, Version::V1] {
        case.target.version = version;
        for threads in [1, 3] {
            case.check(&run(threads, Isa::detect(), OnError::Note));
        }
    }
}

#[test]
fn the_first_bad_row_is_the_one_that_is_told() {
    let mut case = keys(20_000);
    let is_bad = |text: &Option<String>| {
        text.as_ref().is_some_and(|text| text.is_empty() || text.starts_with('/'))
    };
    for good in [0, 3_000, 12_000] {
        let mut texts = keys(20_000).columns.remove(0).2;
        let cleaned = texts[..good].iter_mut().filter(|text| is_bad(text));
        cleaned.for_each(|text| *text = Some("ok".into()));
        case.columns[0].2 = texts;
        let urls = case.sign(&run(4, Isa::detect(), OnError::Stop)).unwrap();
        let (row, error) = &urls.errors[0];
        assert_eq!((*row, urls.len()), (good + 18, 0));
        assert!(matches!(error, Error::ObjectNameInvalid { .. }));
    }
}

#[test]
fn a_call_that_is_stopped_ends_soon_and_says_so() {
    let case = keys(20_000);
    let asked = AtomicUsize::new(0);
    for until in [0, 5, 12] {
        asked.store(0, Ordering::Relaxed);
        let go_on = || asked.fetch_add(1, Ordering::Relaxed) < until;
        let run = Run { go_on: &go_on, ..run(1, Isa::detect(), OnError::Note) };
        assert_eq!(case.sign(&run).unwrap_err(), Stopped);
        assert_eq!(asked.load(Ordering::Relaxed), until + 1);
    }
}

#[test]
fn without_an_endpoint_every_row_says_so() {
    let mut case = keys(40);
    case.target.endpoint = None;
    case.check(&run(2, Isa::detect(), OnError::Note));
}

#[test]
fn memory_is_used_again_and_no_row_is_no_url() {
    let mut case = keys(5_000);
    case.check(&run(1, Isa::detect(), OnError::Note));
    case.columns[0].2.clear();
    case.check(&run(3, Isa::detect(), OnError::Note));
}
