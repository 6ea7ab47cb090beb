"""Requests exactly as they are written: no library tidies path, headers or body up."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit
from xml.etree import ElementTree

import ossign as oss


@dataclass
class Answer:
    """What a server answered; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def field(self, name: str) -> str | None:
        """The text of the first element of this name in an answer that is XML."""
        return ElementTree.fromstring(self.body).findtext(f".//{name}")

    @property
    def code(self) -> str | None:
        """OSS's error code, or None where there is no error."""
        return self.field("Code") if self.body.lstrip().startswith(b"<?xml") else None


def ask(
    to: str,
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterable[bytes] | None = None,
) -> Answer:
    """Send a request for `url` to the server at `to`, whatever host the URL names."""
    parts = urlsplit(url)
    target = url.partition(parts.netloc)[2] or "/"
    connection = HTTPConnection(urlsplit(to).netloc, timeout=60)
    try:
        sent = {"Host": parts.netloc, **(headers or {})}
        connection.request(method, target, body, {n: v.encode() for n, v in sent.items()})  # type: ignore[arg-type]
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, fields, answer.read())
    finally:
        connection.close()


def send(to: str, result: oss.PresignResult, body: bytes | None = None, **headers: str) -> Answer:
    """Send what was presigned, with the headers that were signed and further ones (a_b is a-b)."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(to, result.method, result.url, {**result.request_headers, **more}, body)


def connect(to: str) -> socket.socket:
    """A bare connection."""
    parts = urlsplit(to)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=30)


def head(method: str, url: str, *lines: str) -> bytes:
    """The head of a request, as bytes."""
    parts = urlsplit(url)
    target = url.partition(parts.netloc)[2]
    return "\r\n".join(
        [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", *lines, "", ""]
    ).encode()
