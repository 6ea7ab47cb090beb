"""What both signers read from a signing context, and how they write a signed query back."""

from __future__ import annotations

from ..exceptions import ParamNullError, ParamNullOrEmptyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from ..types import Credentials, HttpRequest, SigningContext

    Pairs: TypeAlias = list[tuple[str, str]]


def request_and_credentials(context: SigningContext | None) -> tuple[HttpRequest, Credentials]:
    """What a context must have; the SDK's errors if it has not."""
    if context is None:
        raise ParamNullError(field="SigningContext")
    if context.credentials is None or not context.credentials.has_keys():
        raise ParamNullOrEmptyError(field="SigningContext.credentials")
    if context.request is None:
        raise ParamNullOrEmptyError(field="SigningContext.request")
    return context.request, context.credentials


def now() -> datetime.datetime:
    """The time in UTC."""
    from datetime import datetime, timezone

    return datetime.now(timezone.utc)


def header_time(context: SigningContext) -> datetime.datetime:
    """The time to sign at when the request is sent at once: as given, or now plus the offset."""
    from datetime import timedelta, timezone

    if context.signing_time is not None:
        return context.signing_time.astimezone(timezone.utc)
    return now() + timedelta(seconds=context.clock_offset or 0)


def query_times(context: SigningContext) -> tuple[datetime.datetime, datetime.datetime]:
    """When a URL is signed and when it ends: as given, or now and 15 minutes later.

    The clock is read once, so that the default life is 900 seconds and not, as in the SDK, 899.
    """
    from datetime import timedelta, timezone

    moment = now()
    signed, ends = context.signing_time, context.expiration_time
    return (
        moment if signed is None else signed.astimezone(timezone.utc),
        moment + timedelta(minutes=15) if ends is None else ends.astimezone(timezone.utc),
    )


def query_pairs(url: str) -> Pairs:
    """The parameters of a URL, as encoded as they stand."""
    from urllib.parse import urlsplit

    query = urlsplit(url).query
    if not query:
        return []
    return [(name, value) for name, _, value in (p.partition("=") for p in query.split("&"))]


def with_query(url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The URL with its query replaced; a parameter without a value has no `=`."""
    from urllib.parse import urlsplit

    query = "&".join(f"{name}={value}" if value else name for name, value in pairs)
    return urlsplit(url)._replace(query=query).geturl()


def signed_pairs(request: HttpRequest, is_signed: Callable[[str], bool]) -> Pairs:
    """Name, lower-cased, and value, trimmed as OSS trims it, of the headers that are signed."""
    lowered = ((name.lower(), value) for name, value in request.headers.items())
    return [(name, value.strip(" \t")) for name, value in lowered if is_signed(name)]


def encoded(text: str) -> str:
    """Percent-encode everything but unreserved characters."""
    from urllib.parse import quote

    return quote(text, safe="")
