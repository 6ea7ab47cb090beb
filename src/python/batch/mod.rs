//! Many URLs in one call: a template and columns in, `PresignedUrls` out.

mod arrow;
mod column;
mod columns;
mod export;
mod resolved;
mod stream;
mod texts;
mod urls;
mod values;
mod watch;

pub(super) use stream::{SignedBatches, presign_batches};
pub(super) use urls::PresignedUrls;

use super::client::{Call, State, end_of};
use super::error::{Failure, at_row, translate};
use super::given::Given;
use super::instant;
use super::provider::Provider;
use super::read::Reading;
use super::result::{Covered, Ending, Signed};
use crate::batch::{Batch, OnError, Run, Urls};
use crate::clock;
use crate::lanes::Isa;
use crate::operation::{Field, Place};
use crate::presign::Window;
use crate::session::Session;
use columns::Columns;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::thread;
use urls::{Facts, RowError, Table};
use watch::Watch;

/// Makes [`PresignedUrls`] a `collections.abc.Sequence`.
pub(super) fn register(py: Python<'_>) -> PyResult<()> {
    let sequence = py.import("collections.abc")?.getattr("Sequence")?;
    sequence.call_method1("register", (py.get_type::<PresignedUrls>(),)).map(drop)
}

/// From so many rows on, threads earn more than they cost.
const MANY: usize = 8192;

/// How a batch is signed, as the keywords of a call say.
pub(super) struct Options {
    expires: Option<Py<PyAny>>,
    expiration: Option<Py<PyAny>>,
    on_error: OnError,
    threads: Option<NonZeroUsize>,
    isa: Isa,
}

impl Options {
    /// Reads the keywords; the instructions to hash with are one more, for tests.
    ///
    /// # Errors
    /// `ValueError` and `TypeError` for what they do not take.
    pub(super) fn read(
        expires: Option<Bound<'_, PyAny>>,
        expiration: Option<Bound<'_, PyAny>>,
        errors: &str,
        threads: Option<&Bound<'_, PyAny>>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let on_error = match errors {
            "raise" => OnError::Stop,
            "null" => OnError::Note,
            other => {
                let words = format!("errors must be 'raise' or 'null', got '{other}'");
                return Err(PyValueError::new_err(words));
            }
        };
        let (expires, expiration) = (expires.map(Bound::unbind), expiration.map(Bound::unbind));
        let isa = isa(keywords)?;
        Ok(Self { expires, expiration, on_error, threads: count(threads)?, isa })
    }

    fn threads(&self, rows: usize) -> NonZeroUsize {
        match self.threads {
            Some(threads) => threads,
            None if rows < MANY => NonZeroUsize::MIN,
            None => thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }
}

fn count(threads: Option<&Bound<'_, PyAny>>) -> PyResult<Option<NonZeroUsize>> {
    let Some(threads) = threads else { return Ok(None) };
    let number = threads.extract::<i64>().map_err(|_| {
        let class = threads.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        PyTypeError::new_err(format!("threads must be an int or None, not {class}"))
    })?;
    match usize::try_from(number).ok().and_then(NonZeroUsize::new) {
        Some(threads) => Ok(Some(threads)),
        None => Err(PyValueError::new_err(format!("threads must be at least 1, got {number}"))),
    }
}

fn isa(keywords: Option<&Bound<'_, PyDict>>) -> PyResult<Isa> {
    let Some(keywords) = keywords else { return Ok(Isa::detect()) };
    let Some(name) = keywords.get_item("_isa")? else { return Ok(Isa::detect()) };
    keywords.del_item("_isa")?;
    Ok(if name.eq("crate")? { Isa::Crate } else { Isa::detect() })
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
    let fields = columns::fields(&given, columns, keywords)?;
    let columns = Columns::read(state.target(), &fields)?;
    sign(template.py(), state, &given, columns, options)
}

/// Whose signature the URLs bear, and when they end.
struct Terms {
    session: Option<Session>,
    window: Window,
    expiration: Ending,
    effective_expiration: Ending,
}

fn sign<'py>(
    py: Python<'py>,
    state: &State,
    given: &Given<'py>,
    mut columns: Columns,
    options: &Options,
) -> PyResult<PresignedUrls> {
    let wrap = |failure: Failure| failure.into_exception(py, given.operation_name());
    let varied = given.with(py, &placeholders(py, &columns));
    let mut reading = Reading::new(state.target());
    varied.read(py, &mut reading).map_err(wrap)?;
    let now = instant::now(py)?;
    let bound = |given: &Option<Py<PyAny>>| given.as_ref().map(|given| given.bind(py).clone());
    let (expires, expiration) = (bound(&options.expires), bound(&options.expiration));
    let end = end_of(now, expires.as_ref(), expiration.as_ref())?;
    state.check_account()?;
    state.verify(py, &mut reading).map_err(|error| wrap(Failure::Wrapped(error)))?;
    let call = Call { request: &reading.request, now, end };
    let terms = terms(py, state, &call).map_err(wrap)?;
    let method = given.method(&reading.request);

    let buckets = resolved::buckets(py, state, given, &reading.request, &mut columns)?;
    let rows = match (options.on_error, columns.bad.first()) {
        (OnError::Stop, Some((row, _))) => *row,
        _ => columns.rows,
    };
    if options.on_error == OnError::Note {
        columns.mask(reading.request.key.as_deref());
    }
    let varying: Vec<_> = columns.all.iter().map(columns::Named::varying).collect();
    let batch = Batch {
        target: state.target(),
        session: terms.session.as_ref(),
        window: terms.window,
        template: &reading.request,
        columns: &varying,
    };
    let mut table = match buckets {
        None => Table::of(sign_rows(py, &batch, 0..rows, options)?),
        Some(runs) => resolved::signed(py, &batch, &runs, rows, options)?,
    };
    let mut errors: Vec<_> = table.errors.drain(..).map(RowError::of).collect();
    errors.extend(columns.bad.drain(..).map(|(row, failure)| RowError::raised(row, wrap(failure))));
    errors.sort_by_key(RowError::row);
    if options.on_error == OnError::Stop && !errors.is_empty() {
        let first = errors.swap_remove(0);
        let exception = first.exception(py, given.operation_name());
        return Err(at_row(py, exception, columns.first + first.row()));
    }
    let facts = Facts {
        method,
        operation: given.operation_name().to_owned(),
        expiration: terms.expiration,
        effective_expiration: terms.effective_expiration,
        headers: reading.request.headers,
        covered: Covered::by(state.target()),
        defaults: state.target().default_headers.clone(),
        varying: columns.all.into_iter().filter(columns::Named::is_header).collect(),
        errors,
    };
    PresignedUrls::new(table, facts)
}

/// The errors that are about the call, not about a row, are found here.
fn terms(py: Python<'_>, state: &State, call: &Call<'_, '_, '_>) -> Result<Terms, Failure> {
    let target = state.target();
    if let Provider::Anonymous = &state.settings.provider {
        let Signed { expiration, effective_expiration, .. } = state.unsigned(py, call)?;
        let window = Window { now: call.now, expiration: call.now };
        return Ok(Terms { session: None, window, expiration, effective_expiration });
    }
    let answered = state.settings.provider.with_answer(py, |answer| {
        let session = Session::new(target, answer.pair, clock::second_of(call.now));
        Ok((state.check(py, call, answer.end), session, answer.end))
    });
    let (window, session, end) = answered.map_err(Failure::Wrapped)?;
    let window = window?;
    let session = session.map_err(|error| Failure::Wrapped(translate(py, &error)))?;
    let Signed { expiration, effective_expiration, .. } =
        Signed::new(String::new(), window.expiration, end);
    Ok(Terms { session: Some(session), window, expiration, effective_expiration })
}

/// Signs rows with the GIL released.
fn sign_rows(
    py: Python<'_>,
    batch: &Batch<'_>,
    rows: Range<usize>,
    options: &Options,
) -> PyResult<Urls> {
    let threads = options.threads(rows.len());
    let (isa, on_error) = (options.isa, options.on_error);
    let mut urls = Urls::default();
    let interrupted = py.detach(|| {
        let watch = Watch::start();
        let go_on = || watch.go_on();
        let run = Run { threads, isa, on_error, go_on: &go_on };
        match batch.sign(rows, &run, &mut urls) {
            Ok(()) => None,
            Err(_) => watch.error(),
        }
    });
    interrupted.map_or(Ok(urls), Err)
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
