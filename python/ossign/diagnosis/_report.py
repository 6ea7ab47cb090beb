"""What is found out about a request: what it says, and what is wrong with it."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field

from ._cause import Cause

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Difference", "Facts", "Finding", "Report"]

SERVER = ("code", "message", "ec", "request_id", "canonical_request", "string_to_sign")


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
        server = {name: getattr(self, f"server_{name}") for name in SERVER}
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
