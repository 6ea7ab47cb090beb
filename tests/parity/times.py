"""Clocks, and the keywords of presign: expires and expiration of all kinds."""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from . import values
from .values import chance, maybe

UTC = datetime.timezone.utc
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")


def moments() -> st.SearchStrategy[datetime.datetime]:
    """When it is; the zone is the machine's."""
    naive = st.datetimes(datetime.datetime(1971, 1, 1), datetime.datetime(2200, 1, 1))
    edges = st.sampled_from(
        (
            datetime.datetime(2023, 12, 31, 23, 59, 59, 999_999),
            datetime.datetime(2024, 2, 29),
            datetime.datetime(2024, 11, 3, 5, 30),
            datetime.datetime(2026, 1, 1, 0, 0, 0, 1),
        )
    )
    whole = naive.map(lambda moment: moment.replace(microsecond=0))
    utc = st.one_of(naive, whole, edges).map(lambda moment: moment.replace(tzinfo=UTC))
    return st.builds(lambda at, zone: at.astimezone(ZoneInfo(zone)), utc, st.sampled_from(ZONES))


class Zone(datetime.tzinfo):
    """A time zone of somebody's own, half an hour and a second east."""

    def utcoffset(self, _: object) -> timedelta:
        return timedelta(minutes=30, seconds=1)

    def dst(self, _: object) -> timedelta:
        return timedelta(0)

    def __repr__(self) -> str:
        return "Zone()"


class BrokenZone(Zone):
    """A time zone that cannot say its offset."""

    def utcoffset(self, _: object) -> timedelta:
        raise RuntimeError("no offset")


class Span(timedelta):
    """A subclass of timedelta."""


class Addable:
    """Something that may be added to a datetime, on its right."""

    def __radd__(self, moment: datetime.datetime) -> datetime.datetime:
        return moment + timedelta(seconds=77)

    def __repr__(self) -> str:
        return "Addable()"


SPANS = st.one_of(
    st.integers(1, 604_800).map(lambda seconds: timedelta(seconds=seconds)),
    st.floats(1, 604_800).map(lambda seconds: timedelta(seconds=seconds)),
    st.sampled_from((timedelta(days=7), timedelta(seconds=1), timedelta(hours=1), Span(hours=1))),
)
ODD_SPANS = st.one_of(
    st.timedeltas(),
    st.sampled_from(
        (
            timedelta(0),
            timedelta(seconds=-5),
            timedelta(seconds=0.9),
            timedelta(days=7, microseconds=1),
        )
        + (
            timedelta(days=8),
            timedelta.max,
            timedelta.min,
            3600,
            3600.5,
            True,
            "1h",
            Addable(),
            b"",
        )
        + (timedelta(seconds=1.999999), datetime.datetime(2030, 1, 1), [])
    ),
)
TARGETS = st.sampled_from(
    (UTC, UTC, datetime.timezone(timedelta(hours=8)), ZoneInfo("America/New_York"), Zone(), None)
    + (ZoneInfo("UTC"), datetime.timezone(timedelta(hours=-3, minutes=-30, seconds=-7)))
)
ODD_ENDS = st.one_of(
    st.datetimes(timezones=st.one_of(st.none(), st.just(UTC))),
    st.sampled_from(
        (datetime.datetime.max, datetime.datetime.min, datetime.datetime.max.replace(tzinfo=UTC))
        + (datetime.date(2030, 1, 1), "2030-01-01", 1893456000, False, 0, Addable())
        + (timedelta(1),)
    ),
    st.builds(
        datetime.datetime, st.just(2030), st.just(1), st.just(1), tzinfo=st.builds(BrokenZone)
    ),
)


def _end(now: datetime.datetime, span: timedelta, zone: Any) -> datetime.datetime:
    return (now + span).astimezone(zone) if zone else (now + span).replace(tzinfo=None)


def calls(now: datetime.datetime) -> st.SearchStrategy[dict[str, Any]]:
    """The keywords of presign, at this time."""
    ends = st.builds(_end, st.just(now), SPANS, TARGETS)
    fixed = {
        "expires": chance(2, maybe(6, SPANS, ODD_SPANS)),
        "expiration": chance(4, maybe(5, ends, ODD_ENDS)),
        "expire": chance(60, values.plain),
    }
    given = st.fixed_dictionaries(fixed)
    return given.map(lambda call: {k: v for k, v in call.items() if v is not None})
