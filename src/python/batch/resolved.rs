//! Buckets whose signed name a `bucket_name_resolver` of the caller's knows, row by row.

use super::columns::Columns;
use super::table::Table;
use super::{Failure, Given, Options, State, sign_rows};
use crate::batch::{Batch, OnError, Urls};
use crate::operation::Place;
use crate::request::Request;
use pyo3::prelude::*;
use std::borrow::Cow;
use std::ops::Range;

/// Rows that follow each other, and the bucket's name that they sign.
pub(super) type Runs = Vec<(Range<usize>, Option<String>)>;

/// Asks for the name of each row; none where nobody is to be asked.
pub(super) fn buckets(
    py: Python<'_>,
    state: &State,
    given: &Given<'_>,
    template: &Request<'_>,
    columns: &mut Columns,
) -> PyResult<Option<Runs>> {
    if state.settings.bucket_name_resolver.is_none() {
        return Ok(None);
    }
    let column = |place| columns.all.iter().find(|named| named.field.place == place);
    let (bucket, key) = (column(Place::Bucket), column(Place::Key));
    let mut runs: Runs = Vec::new();
    let mut bad = Vec::new();
    for row in 0..columns.rows {
        let mut request = template.clone();
        if let Some(named) = bucket {
            request.bucket = named.rows.get(row).map(Cow::Borrowed);
        }
        if let Some(named) = key {
            request.key = named.rows.get(row).map(Cow::Borrowed);
        }
        let name = state.resolved(py, given, &request).unwrap_or_else(|error| {
            bad.push((row, Failure::Wrapped(error)));
            None
        });
        match runs.last_mut() {
            Some((rows, same)) if *same == name => rows.end = row + 1,
            _ => runs.push((row..row + 1, name)),
        }
    }
    columns.add_bad(bad);
    Ok(Some(runs))
}

/// Signs run after run, as far as `rows`.
pub(super) fn signed(
    py: Python<'_>,
    batch: &Batch<'_>,
    runs: &Runs,
    rows: usize,
    options: &Options,
) -> PyResult<Table> {
    let mut table = Table::of(Urls::default());
    for (run, name) in runs {
        let run = run.start..run.end.min(rows);
        let mut template = batch.template.clone();
        template.signed_bucket = name.as_deref().map(Cow::Borrowed);
        let batch = Batch {
            target: batch.target,
            session: batch.session,
            window: batch.window,
            template: &template,
            columns: batch.columns,
        };
        let mut urls = Urls::default();
        sign_rows(py, &batch, run.start.min(run.end)..run.end, options, &mut urls)?;
        let stop = options.on_error == OnError::Stop && !urls.errors.is_empty();
        table = if runs.len() == 1 { Table::of(urls) } else { table.followed_by(&urls) };
        if stop {
            break;
        }
    }
    Ok(table)
}
