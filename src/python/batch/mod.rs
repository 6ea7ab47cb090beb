//! Many URLs in one call: a template and columns in, `PresignedUrls` out.

mod arrow;
mod callbacks;
mod column;
mod columns;
mod export;
mod facts;
mod mappings;
mod options;
mod resolved;
mod slices;
mod stream;
mod table;
mod texts;
mod urls;
mod values;
mod watch;

pub(super) use options::Options;
pub(super) use stream::{SignedBatches, presign_batches};
pub(super) use urls::PresignedUrls;

use super::asked::Special;
use super::error::{Failure, at_row, translate};
use super::given::Given;
use super::provider::Provider;
use super::read::Reading;
use super::result::{Covered, Ends};
use super::state::{Call, State, end_of};
use crate::batch::{Batch, OnError, Run, Urls};
use crate::clock;
use crate::error::Error;
use crate::operation::{Field, Place};
use crate::presign::Window;
use crate::request::Request;
use crate::restriction;
use crate::session::Session;
use columns::Columns;
use facts::{Facts, RowError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::ops::Range;
use table::Table;
use watch::Watch;

/// Makes [`PresignedUrls`] a `collections.abc.Sequence`.
pub(super) fn register(py: Python<'_>) -> PyResult<()> {
    // Where collections.abc has it from: Python has loaded this one when it starts.
    let sequence = py.import("_collections_abc")?.getattr("Sequence")?;
    sequence.call_method1("register", (py.get_type::<PresignedUrls>(),)).map(drop)
}

/// Signs one URL per row.
pub(super) fn presign_many<'py>(
    state: &State,
    template: &Bound<'py, PyAny>,
    columns: Option<&Bound<'py, PyAny>>,
    keywords: Option<&Bound<'py, PyDict>>,
    options: &Options,
) -> PyResult<PresignedUrls> {
    let given = Given::of(template)?;
    let mut fields = columns::fields(&given, columns, keywords)?;
    callbacks::split(&given, &mut fields)?;
    let columns = Columns::read(state.target(), &fields)?;
    sign(template.py(), state, &given, columns, options)
}

/// Whose signature the URLs bear, and when they end.
struct Terms {
    session: Option<Session>,
    window: Window,
    ends: Ends,
}

/// Reads the template, and signs what the columns make of it.
fn sign<'py>(
    py: Python<'py>,
    state: &State,
    given: &Given<'py>,
    mut columns: Columns,
    options: &Options,
) -> PyResult<PresignedUrls> {
    let operation = given.operation_name();
    let varied = given.with(py, &placeholders(py, &columns));
    let mut reading = Reading::new(state.target_of(options.special()));
    check_traffic_limit(py, &columns, options)?;
    let terms = varied
        .read(py, &mut reading)
        .and_then(|()| match options.special() {
            Some(special) => Ok(special.add_to(py, &mut reading)?),
            None => Ok(()),
        })
        .and_then(|()| terms(py, state, &mut reading, options))
        .map_err(|failure| failure.into_exception(py, operation))?;
    let template = &reading.request;
    let runs = resolved::buckets(py, state, given, template, &mut columns)?;
    let mut table = sign_columns(py, (state, &terms, template), &mut columns, runs, options)?;

    let mut errors: Vec<_> = table.errors.drain(..).map(RowError::of).collect();
    errors.extend(
        columns
            .bad
            .drain(..)
            .map(|(row, failure)| RowError::raised(row, failure.into_exception(py, operation))),
    );
    errors.sort_by_key(RowError::row);
    if options.on_error == OnError::Stop
        && let Some(first) = errors.first()
    {
        let row = columns.first + first.row();
        return Err(at_row(py, first.exception(py, operation), row));
    }
    let facts = Facts {
        method: given.method(template),
        operation: operation.to_owned(),
        ends: terms.ends,
        covered: Covered::by(state.target()),
        defaults: state.target().default_headers.clone(),
        varying: columns.all.into_iter().filter(columns::Named::is_header).collect(),
        headers: reading.request.headers,
        errors,
    };
    PresignedUrls::new(table, facts)
}

/// OSS takes a traffic limit from a header or from a parameter, not from both.
fn check_traffic_limit(py: Python<'_>, columns: &Columns, options: &Options) -> PyResult<()> {
    let limit = options.special().and_then(|special| special.restrictions.traffic_limit);
    let is_column = || columns.fields.iter().any(|field| field.name == "traffic_limit");
    match limit.filter(|_| is_column()) {
        None => Ok(()),
        Some(limit) => {
            let rule = "must not be given beside a column of the same name";
            let error = Error::invalid("traffic_limit", &limit.to_string(), rule);
            Err(translate(py, &error))
        }
    }
}

/// Signs the rows that can be read. Where the first bad row is to be raised, only those before it.
fn sign_columns(
    py: Python<'_>,
    (state, terms, template): (&State, &Terms, &Request<'_>),
    columns: &mut Columns,
    runs: Option<resolved::Runs>,
    options: &Options,
) -> PyResult<Table> {
    let rows = match (options.on_error, columns.bad.first()) {
        (OnError::Stop, Some((row, _))) => *row,
        _ => columns.rows,
    };
    if options.on_error == OnError::Note {
        columns.mask(template.key.as_deref());
    }
    let varying: Vec<_> = columns.all.iter().map(columns::Named::varying).collect();
    let batch = Batch {
        target: state.target_of(options.special()),
        session: terms.session.as_ref(),
        window: terms.window,
        template,
        columns: &varying,
    };
    match runs {
        None => {
            let were_objects = columns.were_objects;
            let mut urls = if were_objects { Urls::to_be_copied() } else { Urls::default() };
            sign_rows(py, &batch, 0..rows, options, &mut urls)?;
            Ok(Table::of(urls))
        }
        Some(runs) => resolved::signed(py, &batch, &runs, rows, options),
    }
}

/// Checks the template, asks for credentials, and fixes when the URLs end. What is wrong here is
/// about the call, not about a row.
fn terms(
    py: Python<'_>,
    state: &State,
    reading: &mut Reading<'_>,
    options: &Options,
) -> Result<Terms, Failure> {
    let now = state.now(py)?;
    let target = reading.target;
    let bound = |given: &Option<Py<PyAny>>| given.as_ref().map(|given| given.bind(py).clone());
    let (expires, expiration) = (bound(&options.expires), bound(&options.expiration));
    let end = end_of(now, expires.as_ref(), expiration.as_ref())?;
    state.check_account()?;
    state.verify(py, reading).map_err(Failure::Wrapped)?;
    let backdate = state.backdate_of(options.special());
    let call = Call { request: &reading.request, target, now, end, backdate };
    let (session, window, ends) = match &state.settings.provider {
        Provider::Anonymous => {
            let window = Window { now, expiration: now };
            (None, window, state.unsigned(py, &call, &mut String::new())?)
        }
        _ => {
            let asked = || call.window(py).ok();
            let answered = state.with_credentials(py, asked, |answer| {
                let window = state.check(py, &call, answer.lifetime());
                let session = window.map(|window| {
                    let second = clock::second_of(window.now);
                    (window, Session::new(target, answer.pair, second))
                });
                Ok((session, answer.end))
            });
            let (signed, end) = answered.map_err(Failure::Wrapped)?;
            let (window, session) = signed?;
            let session = session.map_err(|error| Failure::Wrapped(translate(py, &error)))?;
            (Some(session), window, Ends::new(window.expiration, end))
        }
    };
    Ok(Terms { session, window, ends })
}

/// Signs rows with the GIL released.
fn sign_rows(
    py: Python<'_>,
    batch: &Batch<'_>,
    rows: Range<usize>,
    options: &Options,
    urls: &mut Urls,
) -> PyResult<()> {
    let threads = options.threads(rows.len());
    let (isa, on_error) = (options.isa, options.on_error);
    let interrupted = py.detach(|| {
        let watch = Watch::start();
        let go_on = || watch.go_on();
        let run = Run { threads, isa, on_error, go_on: &go_on };
        if batch.sign(rows, &run, urls).is_err() {
            return watch.error();
        }
        if options.special().is_some_and(Special::hides_address) {
            urls.cut(restriction::concealed);
        }
        None
    });
    interrupted.map_or(Ok(()), Err)
}

/// What stands in the template for fields that vary: something that passes all checks, and keeps a
/// parameter's place among the others; nothing for a header.
fn placeholders<'py>(
    py: Python<'py>,
    columns: &Columns,
) -> Vec<(&'static Field, Option<Bound<'py, PyAny>>)> {
    let fields = columns.fields.iter().map(|field| {
        let text = match field.place {
            Place::Bucket => Some("bucket"),
            Place::Key => Some("key"),
            Place::Query(_) => Some("1"),
            _ => None,
        };
        (*field, text.map(|text| PyString::new(py, text).into_any()))
    });
    fields.collect()
}
