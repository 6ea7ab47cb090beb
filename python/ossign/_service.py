"""What the Python faces of the HTTP presign API share: settings, and one way to answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re

from ._ossign import NewObject, PresignApi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from typing import Any, TypeAlias

    from ._ossign import Client

    # A key in plain text, "sha256:" and the key's digest, or name, sha256, prefix and rate_limit.
    ApiKey: TypeAlias = str | Mapping[str, Any]
    # Status, headers, and body.
    Answer: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]

logger = logging.getLogger("ossign.service")

HASHED = re.compile(r"sha256:([0-9a-fA-F]{64})")


def api_key(given: ApiKey, at: int) -> dict[str, Any]:
    """An API key as the settings have it; one in plain text is hashed here and forgotten."""
    if not isinstance(given, str):
        return dict(given)
    if not given:
        raise ValueError("an API key must not be empty")
    hashed = HASHED.fullmatch(given)
    digest = hashed[1] if hashed else hashlib.sha256(given.encode()).hexdigest()
    return {"name": f"key{at}", "sha256": digest}


def rate_limit(given: tuple[int, int] | None) -> dict[str, int] | None:
    """A rate as the settings have it."""
    if given is None:
        return None
    requests, seconds = given
    return {"requests": requests, "seconds": seconds}


class Service:
    """The API of one bucket, and who signs for it unless a request says otherwise."""

    def __init__(
        self,
        client: Client | None,
        api_keys: Iterable[ApiKey],
        object_key: str | Callable[[NewObject], str] | None,
        rate: tuple[int, int] | None,
        **settings: Any,
    ) -> None:
        if isinstance(api_keys, str):
            raise TypeError("api_keys must be a list of keys, not one str")
        settings["api_keys"] = [api_key(key, at) for at, key in enumerate(api_keys, 1)]
        settings["rate_limit"] = rate_limit(rate)
        if isinstance(object_key, str):
            settings["object_key"] = object_key
        given = {name: value for name, value in settings.items() if value is not None}
        self.api = PresignApi(json.dumps(given))
        self.client = client
        self.name = object_key if callable(object_key) else None
        if client is not None:
            self.api.check(client)

    async def answer(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        apikey: bytes | None = None,
        identity: str | None = None,
        client: Client | None = None,
        object_key: Callable[[NewObject], str] | None = None,
    ) -> Answer:
        """Answer a request; where the client's credentials may have to be fetched, in a thread."""
        client = client or self.client
        object_key = object_key or self.name
        waits = client is not None and PresignApi.may_wait(client)
        if client is not None and waits:
            from ._awaited import waiting_for

            client = waiting_for(client, asyncio.get_running_loop())

        def handle() -> Answer:
            status, headers, answer, trouble = self.api.handle(
                client,
                method,
                path,
                body,
                apikey=apikey,
                identity=identity,
                object_key=object_key,
            )
            if trouble is not None:
                logger.error("cannot presign: %s", trouble)
            return status, headers, answer

        if waits:
            return await asyncio.get_running_loop().run_in_executor(None, handle)
        return handle()

    async def read(self, chunks: AsyncIterator[bytes], length: bytes | None) -> bytes | None:
        """A body, or None as soon as it is larger than it may be."""
        most = self.api.max_body_bytes
        if length is not None and length.isdigit() and int(length) > most:
            return None
        body = bytearray()
        async for chunk in chunks:
            body += chunk
            if len(body) > most:
                return None
        return bytes(body)


def problem(status: int, message: str, field: str | None = None, code: int | None = None) -> Answer:
    """An error in the shape that all errors of the API have."""
    content: dict[str, Any] = {"code": code or status * 100, "message": message}
    if field is not None:
        content["field"] = field
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    return status, [*headers, (b"content-length", str(len(body)).encode())], body
