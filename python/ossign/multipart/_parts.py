"""Everything that an upload needs once it has begun: presigned parts, and what ends them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .._wire import serialize_isotime

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence
    from typing import Any

    from .._ossign import PresignedUrls, PresignResult
    from ._plan import MultipartPlan


@dataclass(frozen=True)
class PresignedPart:
    """One part: the bytes of the file that it is, and the request that sends them.

    Attributes:
        number: From 1 on.
        offset: Where it begins in the file, in bytes.
        length: How many bytes it has.
        method: The HTTP method.
        url: The presigned URL. The repr does not show it.
        headers: All header fields to be sent.
    """

    number: int
    offset: int
    length: int
    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)


@dataclass(frozen=True)
class MultipartParts:
    """The presigned requests of an upload that has begun, but for the one that began it.

    Iterating gives each part as a `PresignedPart`. The repr shows no URL.

    Attributes:
        plan: What they were made of.
        upload_id: The upload.
        numbers: The numbers of the parts, in the order of `urls`.
        urls: The URLs of the parts, as `Client.presign_many` gives them: to be sent with PUT.
        complete: The request that makes an object of the parts; `plan.complete_body` is its body.
        abort: The request that gives the upload up.
        list_parts: The requests that say which parts have arrived. An answer has 1000 parts at
            most: there is one request for each thousand of the plan, and together they say all.
    """

    plan: MultipartPlan
    upload_id: str
    numbers: Sequence[int]
    urls: PresignedUrls
    complete: PresignResult
    abort: PresignResult
    list_parts: tuple[PresignResult, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[PresignedPart]:
        return (PresignedPart(**part) for part in self._dicts())

    @property
    def effective_expiration(self) -> datetime.datetime | None:
        """When the first of them ends, credentials included; None if none does (anonymous)."""
        others = (self.complete, self.abort, *self.list_parts)
        ends = [self.urls.effective_expiration, *(one.effective_expiration for one in others)]
        return min((end for end in ends if end is not None), default=None)

    def to_dict(self) -> dict[str, Any]:
        """All of it as what JSON can hold: method, URL and headers of each request, and its bytes.

        It holds no secret, but whoever has it can do what the requests do until they end.
        """
        return {
            **self.plan.facts(),
            "upload_id": self.upload_id,
            "expiration": iso(self.effective_expiration),
            "parts": [*self._dicts()],
            "list_parts": [request_dict(page) for page in self.list_parts],
            "complete": request_dict(self.complete),
            "abort": request_dict(self.abort),
        }

    def __repr__(self) -> str:
        return (
            f"<MultipartParts: {len(self)} of {self.plan.part_count} parts of {self.plan.key!r}, "
            f"expiration={self.effective_expiration}>"
        )

    def _dicts(self) -> Iterator[dict[str, Any]]:
        size, part_size, method = self.plan.size, self.plan.part_size, self.urls.method
        rows = zip(self.numbers, self.urls.to_list(), self._headers(), strict=True)
        for number, url, headers in rows:
            offset = (number - 1) * part_size
            yield {
                "number": number,
                "offset": offset,
                "length": min(part_size, size - offset),
                "method": method,
                "url": url,
                "headers": headers,
            }

    def _headers(self) -> Iterator[dict[str, str]]:
        """The headers of each part: they only differ where they say how long it is."""
        shared = self.urls.request_headers
        for row in range(len(self)):
            if shared is not None:
                yield {**shared}
            elif (result := self.urls.result(row)) is not None:
                yield {**result.request_headers}


def request_dict(result: PresignResult) -> dict[str, Any]:
    """A request as what JSON can hold."""
    return {"method": result.method, "url": result.url, "headers": {**result.request_headers}}


def iso(end: datetime.datetime | None) -> str | None:
    """A time in UTC, in whole seconds: 2026-01-01T00:00:00Z."""
    return None if end is None else serialize_isotime(end.replace(microsecond=0))
