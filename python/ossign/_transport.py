"""Requests and answers as an HTTP client sees them; ossign itself sends nothing."""

from __future__ import annotations

import abc

from ._headers import CaseInsensitiveDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, MutableMapping
    from typing import IO, Any, TypeAlias

    BodyType: TypeAlias = str | bytes | Iterable[bytes] | IO[str] | IO[bytes]


class HttpRequest:
    """A request on its way to the service: method, URL, headers (of any case) and body."""

    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: BodyType | None = None,
    ) -> None:
        self.method = method
        self.url = url
        self.body = body
        self.headers: MutableMapping[str, Any] = CaseInsensitiveDict(headers or {})

    def __repr__(self) -> str:
        # a presigned URL is a key to the object: its query is not shown
        path, mark, _ = self.url.partition("?")
        return f"<HttpRequest [{self.method}], url: '{path}{'?...' if mark else ''}'>"


class HttpResponse(abc.ABC):
    """The answer of the service; what an HTTP client of one's own has to return."""

    @property
    @abc.abstractmethod
    def request(self) -> HttpRequest:
        """The request that this answers."""

    @property
    @abc.abstractmethod
    def status_code(self) -> int:
        """The HTTP status, such as 200."""

    @property
    @abc.abstractmethod
    def headers(self) -> MutableMapping[str, str]:
        """The headers; names must compare without regard to case."""

    @property
    @abc.abstractmethod
    def reason(self) -> str:
        """The status in words, such as "OK"."""

    @property
    @abc.abstractmethod
    def is_closed(self) -> bool:
        """Whether the connection is closed."""

    @property
    @abc.abstractmethod
    def is_stream_consumed(self) -> bool:
        """Whether the body was read to its end."""

    @property
    @abc.abstractmethod
    def content(self) -> bytes:
        """The body, already read."""

    @abc.abstractmethod
    def __enter__(self) -> HttpResponse: ...

    @abc.abstractmethod
    def __exit__(self, *args: Any) -> None: ...

    @abc.abstractmethod
    def read(self) -> bytes:
        """Read the whole body."""

    @abc.abstractmethod
    def close(self) -> None:
        """Give the connection back."""

    @abc.abstractmethod
    def iter_bytes(self, **kwargs: Any) -> Iterator[bytes]:
        """The body in pieces, decompressed."""

    def __repr__(self) -> str:
        return f"<HttpResponse: {self.status_code} {self.reason}>"


class HttpClient(abc.ABC):
    """Sends requests. Presigning never does; the class is here for the type of a configuration."""

    @abc.abstractmethod
    def send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send one request; a status other than 2xx is an answer, not an error."""

    @abc.abstractmethod
    def open(self) -> None:
        """Start a session if there is none."""

    @abc.abstractmethod
    def close(self) -> None:
        """End the session if it is one's own."""
