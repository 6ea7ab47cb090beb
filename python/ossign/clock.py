"""How far the server's clock is from ours."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["clock_offset"]


def clock_offset(answer: Any, *, now: datetime.datetime | None = None) -> datetime.timedelta:
    """The server's clock minus this machine's, from the `Date` of one of its answers.

    For `Config(clock_offset=...)`, on a machine whose clock cannot be set. Exact to a second, and
    the time of the way back: a Date has whole seconds, and was written before it arrived. Ask OSS
    itself; a cache between may answer with an old Date.

    Args:
        answer: The value of the header, its headers as a mapping of any case, or a response with
            `headers`: of requests, httpx, urllib3, aiohttp, urllib.
        now: When the answer came; a naive datetime is local time. This moment if not given.

    Returns:
        A timedelta; negative where this machine is ahead.

    Raises:
        ValueError: There is no Date, or it is no date of HTTP.
        TypeError: `answer` is none of these, or `now` is no datetime.

    Example:
        >>> import datetime
        >>> import ossign as oss
        >>> noon = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.timezone.utc)
        >>> oss.clock_offset("Thu, 01 Jan 2026 12:05:00 GMT", now=noon)
        datetime.timedelta(seconds=300)
    """
    from email.utils import parsedate_to_datetime

    if now is not None and not isinstance(now, datetime.datetime):
        raise TypeError(f"now must be a datetime.datetime, not {type(now).__name__}")
    date = _date(answer)
    try:
        server = parsedate_to_datetime(date)
    except (TypeError, ValueError, IndexError, OverflowError):
        raise ValueError(f"Date is no date of HTTP: {date!r}") from None
    if server.tzinfo is None:  # written as -0000, or without a zone as asctime does: UTC
        server = server.replace(tzinfo=datetime.timezone.utc)
    received = time.time() if now is None else now.timestamp()
    return datetime.timedelta(seconds=round(server.timestamp() - received, 6))


def _date(answer: Any) -> str:
    if isinstance(answer, str):
        return answer
    headers = getattr(answer, "headers", answer)
    if not isinstance(headers, Mapping) and not hasattr(headers, "items"):
        kind = type(answer).__name__
        raise TypeError(f"a Date, headers or a response is needed, not {kind}")
    for name, value in headers.items():
        if isinstance(name, str) and name.lower() == "date":
            return str(value)
    raise ValueError("the answer has no header Date")
