//! Python's clock, datetimes and timedeltas as microseconds since 1970, and back.

use crate::clock::SECOND;
use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use pyo3::exceptions::{PyAttributeError, PyOverflowError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyDateAccess, PyDateTime, PyDelta, PyDeltaAccess, PyDict, PyTimeAccess, PyTzInfo,
    PyTzInfoAccess,
};

const DAY: i64 = 86_400 * SECOND;
/// 9999-12-31T23:59:59.999999Z, the last instant that Python's datetime knows.
const LAST: i64 = 253_402_300_800 * SECOND - 1;

/// The time now. `time.time` is looked up at each call, so that time-machine and freezegun freeze
/// this clock as they freeze the SDK's; in the module's dict, which takes half as long as asking
/// the module.
pub(super) fn now(py: Python<'_>) -> PyResult<i64> {
    static NAMES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let names = NAMES.get_or_try_init(py, || py.import("time").map(|time| time.dict().unbind()))?;
    let function = names.bind(py).get_item(intern!(py, "time"))?;
    let function = function.ok_or_else(|| PyAttributeError::new_err("time.time"))?;
    // Not only a float: those who stop the clock in their tests give an int as well.
    let time: f64 = function.call0()?.extract()?;
    // As datetime.fromtimestamp rounds.
    let seconds = time as i64;
    let fraction = (time - seconds as f64) * SECOND as f64;
    Ok(seconds * SECOND + fraction.round_ties_even() as i64)
}

/// `now` plus what may be added to a datetime.
///
/// Returns an instant, or whatever Python makes of the addition where `expires` is no timedelta.
pub(super) fn after<'py>(now: i64, expires: &Bound<'py, PyAny>) -> PyResult<Moment<'py>> {
    if let Ok(delta) = expires.cast_exact::<PyDelta>() {
        let days = i64::from(delta.get_days()) * DAY;
        let rest = i64::from(delta.get_seconds()) * SECOND + i64::from(delta.get_microseconds());
        return match now + days + rest {
            end if (i64::MIN..=LAST).contains(&end) && end > -62_135_596_800 * SECOND => {
                Ok(Moment::At(end))
            }
            _ => Err(PyOverflowError::new_err("date value out of range")),
        };
    }
    let py = expires.py();
    datetime(py, now)?.add(expires).map(Moment::Object).map_err(|error| {
        if !error.is_instance_of::<PyTypeError>(py) {
            return error;
        }
        let shown = expires.repr().map(|text| text.to_string()).unwrap_or_default();
        let words = format!("expires must be a datetime.timedelta, got {shown}");
        let hint = if expires.extract::<f64>().is_ok() {
            format!("{words}: use datetime.timedelta(seconds={shown})")
        } else {
            words
        };
        PyTypeError::new_err(hint)
    })
}

/// A timedelta in microseconds.
///
/// # Errors
/// `TypeError` for anything else, `OverflowError` for more than a hundred thousand years.
pub(super) fn duration(given: &Bound<'_, PyAny>, name: &str) -> PyResult<i64> {
    const MOST: i32 = 36_525_000;
    let delta = given.cast::<PyDelta>().map_err(|_| wrong(given, name, "timedelta"))?;
    if delta.get_days().abs() > MOST {
        return Err(PyOverflowError::new_err(format!("{name} is out of range: {}", given.str()?)));
    }
    let rest = i64::from(delta.get_seconds()) * SECOND + i64::from(delta.get_microseconds());
    Ok(i64::from(delta.get_days()) * DAY + rest)
}

/// A datetime as an instant, of an argument that the SDK does not have.
///
/// # Errors
/// `TypeError` for anything else.
pub(super) fn named(given: &Bound<'_, PyAny>, name: &str) -> PyResult<i64> {
    if !given.is_instance_of::<PyDateTime>() {
        return Err(wrong(given, name, "datetime"));
    }
    instant(given.py(), given)
}

fn wrong(given: &Bound<'_, PyAny>, name: &str, class: &str) -> PyErr {
    let shown = given.repr().map(|text| text.to_string()).unwrap_or_default();
    PyTypeError::new_err(format!("{name} must be a datetime.{class}, got {shown}"))
}

/// When a URL ends: known, or still to be asked of a Python object.
pub(super) enum Moment<'py> {
    /// Microseconds since 1970.
    At(i64),
    /// Something that should be a datetime.
    Object(Bound<'py, PyAny>),
}

impl Moment<'_> {
    /// Microseconds since 1970. A naive datetime is local time, as in the SDK.
    pub(super) fn resolve(&self, py: Python<'_>) -> PyResult<i64> {
        match self {
            Self::At(instant) => Ok(*instant),
            Self::Object(object) => instant(py, object),
        }
    }

    /// The moment as Python sees it.
    pub(super) fn object(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self {
            Self::At(instant) => Ok(datetime(py, *instant)?.into_any().unbind()),
            Self::Object(object) => Ok(object.clone().unbind()),
        }
    }
}

/// A datetime as an instant. Anything else fails as it does in the SDK: it has no `astimezone`.
pub(super) fn instant(py: Python<'_>, object: &Bound<'_, PyAny>) -> PyResult<i64> {
    let utc = PyTzInfo::utc(py)?;
    if let Ok(datetime) = object.cast::<PyDateTime>()
        && datetime.get_tzinfo().is_some_and(|zone| zone.is(&*utc))
    {
        return Ok(fields(datetime));
    }
    let datetime = object.call_method1(intern!(py, "astimezone"), (utc,))?;
    Ok(fields(datetime.cast::<PyDateTime>()?))
}

/// An instant as an aware datetime in UTC.
pub(super) fn datetime(py: Python<'_>, instant: i64) -> PyResult<Bound<'_, PyDateTime>> {
    let t = DateTime::from_timestamp_micros(instant).unwrap_or_default();
    PyDateTime::new(
        py,
        t.year(),
        t.month() as u8,
        t.day() as u8,
        t.hour() as u8,
        t.minute() as u8,
        t.second() as u8,
        t.timestamp_subsec_micros(),
        Some(&*PyTzInfo::utc(py)?),
    )
}

fn fields(t: &Bound<'_, PyDateTime>) -> i64 {
    let (month, day) = (u32::from(t.get_month()), u32::from(t.get_day()));
    let date = NaiveDate::from_ymd_opt(t.get_year(), month, day).unwrap_or_default();
    let days = i64::from(date.num_days_from_ce()) - 719_163;
    let seconds =
        (i64::from(t.get_hour()) * 60 + i64::from(t.get_minute())) * 60 + i64::from(t.get_second());
    days * DAY + seconds * SECOND + i64::from(t.get_microsecond())
}
