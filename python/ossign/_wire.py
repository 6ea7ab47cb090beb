"""Single values as headers, queries and XML write them: text <-> str, int, bool, enum and time.

A field's `type` chooses the form of a time: "httptime" (RFC 7231), "unixtime" (seconds) or, by
default, ISO 8601. A datetime without a zone is local time.
"""

from __future__ import annotations

from .exceptions import DeserializationError, SerializationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence
    from typing import Any

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _utc(value: datetime.datetime) -> datetime.datetime:
    from datetime import timezone

    try:
        return value.astimezone(timezone.utc)
    except ValueError:
        # Quirk: a local time that no UTC date can express (year 1) is written as it stands
        return value


def serialize_isotime(value: datetime.datetime) -> str:
    """Write a time in ISO 8601 and UTC: 2014-05-15T11:18:32Z.

    Microseconds are written when there are any.
    """
    utc = _utc(value)
    # Quirk: years before 1000 are not padded to four digits where the C library does not
    return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if utc.microsecond else "%Y-%m-%dT%H:%M:%SZ")


def serialize_iso_date(value: datetime.datetime) -> str:
    """Write the day of a time, in its own zone, as midnight: 2014-05-15T00:00:00.000Z."""
    return value.strftime("%Y-%m-%dT00:00:00.000Z")


def serialize_httptime(value: datetime.datetime) -> str:
    """Write a time as HTTP dates are: Thu, 15 May 2014 11:18:32 GMT."""
    utc = _utc(value)
    if utc.tzinfo is None:
        raise ValueError(f"{value!r} cannot be expressed in UTC")
    date = f"{_DAYS[utc.weekday()]}, {utc.day:02d} {_MONTHS[utc.month - 1]} {utc.year:04d}"
    return f"{date} {utc.hour:02d}:{utc.minute:02d}:{utc.second:02d} GMT"


def serialize_unixtime(value: datetime.datetime) -> str:
    """Write a time as whole seconds since 1970, cut towards zero: 1702743657."""
    return str(int(_utc(value).timestamp()))


def deserialize_httptime(date_time: str) -> datetime.datetime:
    """Read an HTTP date, as leniently as e-mail dates are; DeserializationError if it is none."""
    from datetime import datetime, timedelta, timezone
    from email.utils import parsedate_tz

    parsed = parsedate_tz(date_time)
    if not parsed:
        raise DeserializationError(error=f"Invalid HTTP datetime {date_time}")
    offset = timedelta(seconds=parsed[9] or 0)
    return datetime(*parsed[:6], tzinfo=timezone(offset))


def deserialize_iso(date_time: str) -> datetime.datetime | None:
    """Read an ISO 8601 time that ends in Z or an offset; of its fraction the first six digits.

    Empty text gives None, another form ValueError.
    """
    from datetime import datetime, timezone

    if not date_time:
        return None
    if date_time[-1] == "Z":
        text, zone = date_time[:-1], timezone.utc
    else:
        text, zone = date_time[:-6], _zone(date_time[-6:])
    whole, _, fraction = text.partition(".")
    if fraction:
        return datetime.strptime(f"{whole}.{fraction[:6]}", "%Y-%m-%dT%H:%M:%S.%f").replace(
            tzinfo=zone
        )
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)


def _zone(offset: str) -> datetime.timezone:
    """Read +08:00."""
    from datetime import timedelta, timezone

    sign, hours, minutes = offset[:1], offset[1:3], offset[4:]
    if sign not in ("+", "-") or offset[3:4] != ":":
        raise ValueError(f"time zone {offset!r} is neither Z nor of the form +hh:mm")
    east = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(east if sign == "+" else -east)


def deserialize_unixtime(date_time: str) -> datetime.datetime:
    """Read whole seconds since 1970; DeserializationError if it is no such number."""
    from datetime import datetime, timezone

    try:
        return datetime.fromtimestamp(int(date_time), timezone.utc)
    except ValueError as error:
        raise DeserializationError(
            error=f"Cannot deserialize {date_time} to unix datetime object."
        ) from error


def deserialize_boolean(val: str | None) -> bool:
    """Read "true" in any case as True, everything else, None included, as False."""
    return val is not None and val.lower() == "true"


def time_to_text(value: datetime.datetime, atype: str) -> str:
    """Write a time in the form that a field's `type` names."""
    forms = atype.split(",")
    if "httptime" in forms:
        return serialize_httptime(value)
    if "unixtime" in forms:
        return serialize_unixtime(value)
    return serialize_isotime(value)


def to_text(value: Any, atype: str) -> str:
    """Write a str, int, float, bool, enum or datetime; SerializationError for any other type."""
    if type(value) is str:
        return value
    from datetime import datetime
    from enum import Enum

    if isinstance(value, datetime):
        return time_to_text(value, atype)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise SerializationError(error=f"Unsupport type {type(value)}")


def from_text(value: str, types: Sequence[str]) -> Any:
    """Read a text as the first of a field's types says, the others choosing the form of a time."""
    kind = types[0]
    if kind in ("str", ""):
        return str(value)
    if kind == "bool":
        return deserialize_boolean(value)
    if kind == "int":
        return int(value)
    if kind == "float":
        return float(value)
    if "datetime" not in kind:
        raise DeserializationError(error=f"Unsupport type {kind}")
    if "httptime" in types:
        return deserialize_httptime(value)
    if "unixtime" in types:
        return deserialize_unixtime(value)
    return deserialize_iso(value)
