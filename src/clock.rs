//! Unix time to the texts that OSS signs, and back. Nothing here reads the time.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};

/// Microseconds in a second; every instant in this crate is a count of microseconds since 1970.
pub const SECOND: i64 = 1_000_000;

/// The second that an instant lies in, rounded towards the past.
pub fn second_of(instant: i64) -> i64 {
    instant.div_euclid(SECOND)
}

/// The whole seconds that Python's `int(datetime.timestamp())` makes of an instant.
///
/// Quirk: a float cannot hold the last microsecond of a second far away; that of the year 9999
/// becomes the second after it.
pub fn unix_seconds(instant: i64) -> i64 {
    let (seconds, rest) = (instant.div_euclid(SECOND), instant.rem_euclid(SECOND));
    (seconds as f64 + rest as f64 / SECOND as f64) as i64
}

/// `20260101T000000Z`, the form of `x-oss-date`.
///
/// A second outside the years 0 to 9999 gives a text that OSS refuses.
pub fn iso_basic(second: i64) -> String {
    let t = DateTime::from_timestamp(second, 0).unwrap_or(DateTime::UNIX_EPOCH);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        t.year(),
        t.month(),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// Reads what [`iso_basic`] writes.
pub fn parse_iso_basic(text: &str) -> Option<i64> {
    let date = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    (text.len() == 16).then(|| date.and_utc().timestamp())
}

/// `2026-01-01T00:00:00Z`, for people.
pub fn iso_extended(second: i64) -> String {
    let t = iso_basic(second);
    let (date, time) = t.split_at(t.find('T').unwrap_or(8));
    let (year, day) = date.split_at(date.len() - 4);
    format!("{year}-{}-{}T{}:{}:{}Z", &day[..2], &day[2..], &time[1..3], &time[3..5], &time[5..7])
}

/// Reads the date of an HTTP header, `Thu, 01 Jan 2026 00:00:00 GMT`.
pub fn parse_http_date(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.timestamp())
}

/// `2026-01-01T00:00:00.000Z`, the form of a policy's expiration; the rest of a millisecond is cut.
pub fn iso_millis(instant: i64) -> String {
    let t = DateTime::from_timestamp_micros(instant).unwrap_or(DateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        t.year(),
        t.month(),
        t.day(),
        t.hour(),
        t.minute(),
        t.second(),
        t.timestamp_subsec_millis()
    )
}

/// Reads what [`iso_millis`] writes, with any number of digits after the second, or none.
pub fn parse_iso_millis(text: &str) -> Option<i64> {
    let date = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.fZ").ok()?;
    Some(date.and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_written_in_utc_and_read_back() {
        for (second, text) in [(0, "19700101T000000Z"), (1_702_781_677, "20231217T025437Z")] {
            assert_eq!(iso_basic(second), text);
            assert_eq!(parse_iso_basic(text), Some(second));
        }
        assert_eq!(parse_iso_basic("2023-12-17"), None);
    }

    #[test]
    fn a_second_is_written_for_people_and_read_from_headers() {
        assert_eq!(iso_extended(1_702_781_677), "2023-12-17T02:54:37Z");
        assert_eq!(iso_extended(i64::MAX), "1970-01-01T00:00:00Z");
        assert_eq!(parse_http_date("Sun, 17 Dec 2023 02:54:37 GMT"), Some(1_702_781_677));
        assert_eq!(parse_http_date("20231217T025437Z"), None);
    }

    #[test]
    fn an_expiration_is_written_in_milliseconds_and_read_back() {
        let instant = 1_767_225_600 * SECOND + 1_999;
        assert_eq!(iso_millis(instant), "2026-01-01T00:00:00.001Z");
        assert_eq!(parse_iso_millis("2026-01-01T00:00:00.001Z"), Some(instant - 999));
        assert_eq!(parse_iso_millis("2026-01-01T00:00:00Z"), Some(1_767_225_600 * SECOND));
        for text in ["2026-01-01T00:00:00.000", "2026-01-01T00:00:00.000+08:00", "2026-01-01", ""] {
            assert_eq!(parse_iso_millis(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_far_away_are_rounded_as_python_rounds_them() {
        assert_eq!(unix_seconds(1_999_999), 1);
        assert_eq!(unix_seconds(4_102_444_800_999_999), 4_102_444_800);
        assert_eq!(unix_seconds(253_402_300_799_999_999), 253_402_300_800);
    }

    #[test]
    fn a_fraction_before_1970_belongs_to_the_second_before() {
        assert_eq!(second_of(-1), -1);
        assert_eq!(second_of(1_999_999), 1);
    }
}
