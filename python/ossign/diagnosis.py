"""Why OSS refuses a presigned URL: `verify` judges one as OSS does, `explain` says what is wrong.

Neither sends anything, and nothing that they return or raise holds a secret, a token or a whole
signature.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum

from . import _ossign
from .credentials import EnvironmentVariableCredentialsProvider
from .exceptions import URLVerificationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv6Address
    from typing import Any, TypeAlias

    from .types import CredentialsSource

    # Names and values; a name may occur more than once in the second form.
    _Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]
    _Address: TypeAlias = str | IPv4Address | IPv6Address

__all__ = ["Cause", "Difference", "Facts", "Finding", "Report", "explain", "verify"]


class Cause(str, Enum):
    """What can be wrong with a presigned request: a closed list, described in the documentation.

    OSS checks in this order. `meaning`, `fix` and `ecs` (OSS's numbers) say more.

    Example:
        >>> import ossign as oss
        >>> oss.Cause.EXPIRED.meaning
        "The URL's time is over."
        >>> oss.Cause("expired").ecs
        ('0002-00000069', '0002-00000236')
    """

    URL_HTML_ESCAPED = "url_html_escaped"
    URL_WHITESPACE = "url_whitespace"
    URL_DOUBLE_ENCODED = "url_double_encoded"
    URL_TRUNCATED = "url_truncated"
    URL_MALFORMED = "url_malformed"
    HEADER_AND_QUERY_SIGNED = "header_and_query_signed"
    NOT_PRESIGNED = "not_presigned"
    SIGNATURE_VERSION_INVALID = "signature_version_invalid"
    PARAMETER_MISSING = "parameter_missing"
    PARAMETER_EMPTY = "parameter_empty"
    PARAMETER_REPEATED = "parameter_repeated"
    CREDENTIAL_MALFORMED = "credential_malformed"
    ACCESS_KEY_ID_MALFORMED = "access_key_id_malformed"
    DATE_MALFORMED = "date_malformed"
    CREDENTIAL_DATE_MISMATCH = "credential_date_mismatch"
    EXPIRES_MALFORMED = "expires_malformed"
    EXPIRES_OUT_OF_RANGE = "expires_out_of_range"
    EXPIRES_TOO_LONG_FOR_STS = "expires_too_long_for_sts"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    CLOCK_SKEWED = "clock_skewed"
    REGION_MALFORMED = "region_malformed"
    REGION_MISMATCH = "region_mismatch"
    PRODUCT_WRONG = "product_wrong"
    TOKEN_ONLY_IN_HEADER = "token_only_in_header"
    TOKEN_MISSING = "token_missing"
    TOKEN_WRONG = "token_wrong"
    TOKEN_EXPIRED = "token_expired"
    ACCESS_KEY_UNKNOWN = "access_key_unknown"
    ACCESS_KEY_DISABLED = "access_key_disabled"
    ACCESS_KEY_ID_WRONG = "access_key_id_wrong"
    PATH_STYLE_ON_PUBLIC_ENDPOINT = "path_style_on_public_endpoint"
    HEADER_CONTRADICTS_QUERY = "header_contradicts_query"
    RESTRICTION_MALFORMED = "restriction_malformed"
    HOST_UNKNOWN = "host_unknown"
    HOST_CHANGED = "host_changed"
    ENDPOINT_WRONG = "endpoint_wrong"
    BUCKET_WRONG = "bucket_wrong"
    METHOD_WRONG = "method_wrong"
    CONTENT_TYPE_ADDED = "content_type_added"
    CONTENT_TYPE_MISSING = "content_type_missing"
    CONTENT_TYPE_CHANGED = "content_type_changed"
    HEADER_ADDED = "header_added"
    HEADER_MISSING = "header_missing"
    HEADER_CHANGED = "header_changed"
    KEY_ENCODED_TWICE = "key_encoded_twice"
    KEY_DECODED = "key_decoded"
    KEY_PLUS_AND_SPACE = "key_plus_and_space"
    KEY_LEADING_SLASH = "key_leading_slash"
    KEY_DOT_SEGMENTS = "key_dot_segments"
    KEY_NOT_ENCODED = "key_not_encoded"
    PARAMETER_ADDED = "parameter_added"
    PARAMETER_REMOVED = "parameter_removed"
    PARAMETER_CHANGED = "parameter_changed"
    SUB_RESOURCE_NOT_SIGNED = "sub_resource_not_signed"
    SIGNATURE_PLUS_BECAME_SPACE = "signature_plus_became_space"
    SIGNATURE_MALFORMED = "signature_malformed"
    SECRET_WHITESPACE = "secret_whitespace"
    SIGNATURE_MISMATCH = "signature_mismatch"
    SECRET_DIFFERS_OR_URL_ALTERED = "secret_differs_or_url_altered"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    VPC_NOT_ALLOWED = "vpc_not_allowed"
    CORS_REFUSED = "cors_refused"
    NOT_ALLOWED = "not_allowed"
    OTHER_ERROR = "other_error"
    OK = "ok"

    def __str__(self) -> str:
        # In every version of Python, which differ in what they make of such a class.
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    @property
    def meaning(self) -> str:
        """What it means, in a sentence."""
        return _rows()[self.value][0]

    @property
    def ecs(self) -> tuple[str, ...]:
        """The numbers (EC) with which OSS may answer it."""
        return _rows()[self.value][1]

    @property
    def fix(self) -> str:
        """What to do about it."""
        return _rows()[self.value][2]


_ROWS: dict[str, tuple[str, tuple[str, ...], str]] = {}


def _rows() -> dict[str, tuple[str, tuple[str, ...], str]]:
    if not _ROWS:
        for name, meaning, ecs, fix in _ossign.causes():
            _ROWS[name] = (meaning, tuple(ecs), fix)
    return _ROWS


@dataclass(frozen=True)
class Facts:
    """What a signed request says."""

    method: str
    bucket: str | None
    """None where neither host nor path nor the caller says which."""
    key: str
    """Decoded; empty where the request is about the bucket."""
    access_key_id: str
    region: str | None
    """As signed; version 1 signs none."""
    product: str | None
    """As signed; version 1 signs none."""
    signed_at: datetime.datetime | None
    """In UTC; URLs of version 1 do not say."""
    expiration: datetime.datetime | None
    """In UTC; signatures in a header do not say."""
    seconds_left: int | None
    """Whole seconds until `expiration`; negative afterwards."""
    signed_headers: tuple[str, ...]
    """Lower-case names of the given headers that the signature covers, sorted."""
    parameters: dict[str, str] = field(hash=False)
    """The caller's own query parameters, decoded; of several of one name the last."""
    version: str
    """`v4` or `v1`."""
    is_temporary: bool
    """Whether it holds a security token."""
    place: str
    """Where the signature stands: `query`, or `header`."""
    address_style: str
    """Where the bucket stands: `virtual`, `path`, or `cname`."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON: times in ISO 8601, lists for tuples."""
        return {name: _plain(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    cause: Cause
    detail: str
    ec: str | None
    """The number with which OSS answers it, where it has one."""
    fix: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"cause": self.cause.value, "detail": self.detail, "ec": self.ec, "fix": self.fix}


@dataclass(frozen=True)
class Difference:
    """A part of the request that arrived otherwise than it was signed."""

    part: str
    """Such as `method`, `path`, `header content-type`, `parameter uploadId`."""
    signed: str | None
    """None where it was signed without."""
    received: str | None
    """None where it did not arrive."""


@dataclass(frozen=True)
class Report:
    """Why a request is refused. Printed, it is an explanation in plain text."""

    cause: Cause
    detail: str
    fix: str
    ec: str | None
    also: tuple[Finding, ...]
    """What else is wrong, what OSS would meet first before what it would meet later."""
    facts: Facts | None
    """What the URL says; None where it cannot be read."""
    canonical_request: str | None
    """What OSS computes from the request as given (version 4)."""
    string_to_sign: str | None
    """What OSS computes from the request as given."""
    server_code: str | None
    server_message: str | None
    server_ec: str | None
    server_request_id: str | None
    server_canonical_request: str | None
    server_string_to_sign: str | None
    differences: tuple[Difference, ...]
    """Where what was signed, as far as is known, and what arrived differ."""
    signed_headers: tuple[str, ...]
    """Headers that were sent and that the signature covers."""
    unsigned_headers: tuple[str, ...]
    """Headers that were sent and that the signature does not cover: they do no harm."""
    unexpected_headers: tuple[str, ...]
    """Headers that were sent, and without which the URL was signed."""
    unchecked: tuple[str, ...]
    """What could not be checked, in words."""
    ruled_out: tuple[str, ...]
    """Mistakes that were tried and do not explain the signature, in words."""
    _text: str = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing wrong was found."""
        return self.cause is Cause.OK

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong, the cause first."""
        return (Finding(self.cause, self.detail, self.ec, self.fix), *self.also)

    def __str__(self) -> str:
        return self._text

    def text(self, *, color: bool = False) -> str:
        """The explanation, with escape sequences for a terminal's colours if they are asked for."""
        if not color:
            return self._text
        return "\n".join(_colored(line) for line in self._text.split("\n"))

    def to_dict(self) -> dict[str, Any]:
        """For JSON: strings, numbers, booleans, None, lists and dicts only."""
        server = {name: getattr(self, f"server_{name}") for name in _SERVER}
        return {
            "cause": self.cause.value,
            "detail": self.detail,
            "fix": self.fix,
            "ec": self.ec,
            "also": [other.to_dict() for other in self.also],
            "facts": self.facts and self.facts.to_dict(),
            "canonical_request": self.canonical_request,
            "string_to_sign": self.string_to_sign,
            "server": server if any(server.values()) else None,
            "differences": [asdict(one) for one in self.differences],
            "signed_headers": list(self.signed_headers),
            "unsigned_headers": list(self.unsigned_headers),
            "unexpected_headers": list(self.unexpected_headers),
            "unchecked": list(self.unchecked),
            "ruled_out": list(self.ruled_out),
        }


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
    fields |= {f"server_{name}": server.get(name) for name in _SERVER}
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


_SERVER = ("code", "message", "ec", "request_id", "canonical_request", "string_to_sign")


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


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


_BOLD, _RED, _GREEN, _PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[0m"


def _colored(line: str) -> str:
    if line.startswith("  - "):
        return f"{_RED}{line}{_PLAIN}"
    if line.startswith("  + "):
        return f"{_GREEN}{line}{_PLAIN}"
    head, colon, rest = line.partition(":")
    if colon and not line.startswith(" "):
        return f"{_BOLD}{head}:{_PLAIN}{rest}"
    return line
