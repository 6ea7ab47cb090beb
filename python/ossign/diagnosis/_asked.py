"""The questions, put to the Rust module, and its answers made into reports."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from .. import _ossign
from ..credentials import EnvironmentVariableCredentialsProvider
from ..exceptions import URLVerificationError
from ._cause import Cause
from ._report import SERVER, Difference, Facts, Finding, Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv6Address
    from typing import Any, TypeAlias

    from ..types import CredentialsSource

    # Names and values; a name may occur more than once in the second form.
    _Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]
    _Address: TypeAlias = str | IPv4Address | IPv6Address

__all__ = ["explain", "verify"]


def verify(
    url: str,
    *,
    method: str,
    headers: _Headers | None = None,
    credentials: CredentialsSource | None = None,
    region: str | None = None,
    now: datetime.datetime | None = None,
    bucket: str | None = None,
    endpoint: str | None = None,
    source_ip: _Address | None = None,
) -> Facts:
    """Judge a request as OSS does; return what it says, or raise the first thing that is wrong.

    Signatures are compared in constant time. Presigned URLs of version 4 and 1 are judged, and
    requests with a signature in the Authorization header. Whether the host serves path style is
    not judged; `explain` mentions it.

    Args:
        url: The URL, with host, path and query.
        method: The HTTP method that was sent.
        headers: The headers that were sent: a mapping, or pairs. None if there were none.
        credentials: Credentials, a provider of them, or a function that returns them: those whose
            id stands in the URL. From the environment (`OSS_ACCESS_KEY_ID`,
            `OSS_ACCESS_KEY_SECRET`, `OSS_SESSION_TOKEN`) if not given.
        region: The region of the bucket. If not given, the one in the host's name is compared.
        now: The time; a naive datetime is local time. The clock's if not given.
        bucket: The bucket of a custom domain. Any other URL must be for this bucket.
        endpoint: A host of one's own whose sub-domains, or first parts of the path, are buckets.
        source_ip: The address that the request came from: the signature of a URL that is bound to
            addresses holds it. Needed for no other.

    Raises:
        ValueError: `source_ip` is no IP address.
        URLVerificationError: `cause` says what is wrong, `detail` says it in words.
        CredentialsEmptyError: No credentials are given, and none are in the environment.

    Example:
        >>> import ossign as oss
        >>> who = oss.Credentials("id", "secret")
        >>> result = oss.presign(
        ...     oss.GetObjectRequest(bucket="bucket", key="a b.txt"),
        ...     region="cn-hangzhou", credentials=who)
        >>> facts = oss.verify(result.url, method="GET", credentials=who)
        >>> facts.bucket, facts.key, facts.region, facts.version
        ('bucket', 'a b.txt', 'cn-hangzhou', 'v4')
        >>> oss.verify(result.url, method="PUT", credentials=who)
        Traceback (most recent call last):
        ossign.exceptions.URLVerificationError: signature_mismatch: ...
    """
    if credentials is None:
        credentials = EnvironmentVariableCredentialsProvider()
    options = _options(method, headers or {}, credentials, region, now, bucket, endpoint)
    options["source_ip"] = _address(source_ip)
    is_right, answer = _ossign.verify_url(url, options)
    if not is_right:
        raise URLVerificationError(**answer)
    return _facts(answer)


def explain(
    url: str,
    *,
    method: str | None = None,
    headers: _Headers | None = None,
    credentials: CredentialsSource | None = None,
    server_error: str | bytes | None = None,
    now: datetime.datetime | None = None,
    bucket: str | None = None,
    region: str | None = None,
    endpoint: str | None = None,
    source_ip: _Address | None = None,
) -> Report:
    """Say why OSS refuses a request, or that nothing wrong is to be seen.

    Whatever is not known may be left out: each thing given makes the answer better. With the
    credentials, the mistake is searched for until the signature is right.

    Args:
        url: The URL, as spoiled as it is.
        method: The HTTP method that was sent.
        headers: All headers that were sent: a mapping, or pairs. `{}` says that there were none,
            None that they are not known.
        credentials: Credentials, a provider of them, or a function that returns them. None: what
            can be seen without a secret is checked; the environment is not read.
        server_error: The body of OSS's answer, or the value of its header `x-oss-err`.
        now: The time; a naive datetime is local time. The clock's if not given.
        bucket: The bucket of a custom domain.
        region: The region of the bucket.
        endpoint: A host of one's own whose sub-domains, or first parts of the path, are buckets.
        source_ip: The address that the request came from, for a URL that is bound to addresses.

    Raises:
        ValueError: `source_ip` is no IP address.

    Example:
        >>> import ossign as oss
        >>> who = oss.Credentials("id", "secret")
        >>> result = oss.presign(
        ...     oss.PutObjectRequest(bucket="bucket", key="photo.jpg"),
        ...     region="cn-hangzhou", credentials=who)
        >>> report = oss.explain(
        ...     result.url, method="PUT", headers={"Content-Type": "image/jpeg"}, credentials=who)
        >>> report.cause
        <Cause.CONTENT_TYPE_ADDED: 'content_type_added'>
        >>> report.detail
        "signed with no Content-Type; the client sent Content-Type 'image/jpeg'"
    """
    options = _options(method, headers, credentials, region, now, bucket, endpoint)
    options["source_ip"] = _address(source_ip)
    if isinstance(server_error, (bytes, bytearray, memoryview)):
        server_error = bytes(server_error).decode("utf-8", "replace")
    told = _ossign.explain_url(url, options, server_error)
    server = told.pop("server") or {}
    fields: dict[str, Any] = {
        "cause": Cause(told.pop("cause")),
        "also": tuple(_finding(other) for other in told.pop("also")),
        "facts": _facts_or_none(told.pop("facts")),
        "differences": tuple(Difference(*one) for one in told.pop("differences")),
        "_text": told.pop("text"),
    }
    fields |= {f"server_{name}": server.get(name) for name in SERVER}
    fields |= {name: tuple(v) if isinstance(v, list) else v for name, v in told.items()}
    return Report(**fields)


def _address(given: _Address | None) -> _Address | None:
    """An address of `ipaddress`, which the Rust module takes."""
    if given is None:
        return None
    from ipaddress import ip_address

    return ip_address(given)


def _options(
    method: str | None,
    headers: _Headers | None,
    credentials: CredentialsSource | None,
    region: str | None,
    now: datetime.datetime | None,
    bucket: str | None,
    endpoint: str | None,
) -> dict[str, Any]:
    if isinstance(headers, Mapping):
        headers = headers.items()
    return {
        "method": method and method.upper(),
        "headers": None if headers is None else [(_text(n), _text(v)) for n, v in headers],
        "credentials": credentials,
        "region": region,
        "now": now,
        "bucket": bucket,
        "endpoint": endpoint and endpoint.rpartition("://")[2].partition("/")[0],
    }


def _text(value: object) -> str:
    # HTTP libraries keep headers as bytes, too; what is no UTF-8 is read as they read it
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value.decode("latin-1")
    return str(value)


def _time(second: int | None) -> datetime.datetime | None:
    if second is None:
        return None
    try:
        return datetime.datetime.fromtimestamp(second, datetime.timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None  # beyond what a datetime can say


def _facts(told: dict[str, Any]) -> Facts:
    told["signed_at"] = _time(told["signed_at"])
    told["expiration"] = _time(told["expiration"])
    told["signed_headers"] = tuple(told["signed_headers"])
    told["parameters"] = dict(told["parameters"])
    return Facts(**told)


def _facts_or_none(told: dict[str, Any] | None) -> Facts | None:
    return None if told is None else _facts(told)


def _finding(told: dict[str, Any]) -> Finding:
    return Finding(Cause(told["cause"]), told["detail"], told["ec"], told["fix"])
