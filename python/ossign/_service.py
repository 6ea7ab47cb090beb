"""What the Python faces of the HTTP presign API share: settings, and one way to answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Mapping

from ._ossign import NewObject, PresignApi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from typing import Any, TypeAlias

    from ._ossign import Client

    # A key in plain text, "sha256:" and the key's digest, or name, sha256, prefix and rate_limit.
    ApiKey: TypeAlias = str | Mapping[str, Any]
    # Such keys, or the names of such keys and they.
    ApiKeys: TypeAlias = Iterable[ApiKey] | Mapping[str, ApiKey]
    # So many requests in so many seconds, or a mapping of `requests` and `seconds`.
    RateLimit: TypeAlias = tuple[int, int] | Mapping[str, int]
    # Status, headers, and body.
    Answer: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]

logger = logging.getLogger("ossign.service")

HASHED = re.compile(r"sha256:([0-9a-fA-F]{64})")


def keys_of(given: ApiKeys) -> list[dict[str, Any]]:
    """API keys as the settings have them, each of which has a name.

    Raises:
        TypeError: It is one key instead of several, or holds what is no key.
        ValueError: A key is empty.
    """
    if isinstance(given, str | bytes):
        rule = "must be a list of keys, or a dict of names and keys"
        raise TypeError(f"api_keys {rule}, not one {type(given).__name__}")
    if not isinstance(given, Mapping):
        return [api_key(key, f"key{at}") for at, key in enumerate(given, 1)]
    if "sha256" in given:
        # Its values would be taken for keys.
        raise TypeError("api_keys must be a list of such mappings, not one mapping with sha256")
    return [{**api_key(key, name), "name": name} for name, key in given.items()]


def api_key(given: ApiKey, name: str) -> dict[str, Any]:
    """An API key as the settings have it; one in plain text is hashed here and forgotten."""
    if isinstance(given, Mapping):
        return dict(given)
    if not isinstance(given, str):
        kind = type(given).__name__
        raise TypeError(f"api_keys: {name} must be a str, or a mapping with sha256, not {kind}")
    if not given:
        raise ValueError(f"api_keys: {name} must not be empty")
    hashed = HASHED.fullmatch(given)
    digest = hashed[1] if hashed else hashlib.sha256(given.encode()).hexdigest()
    return {"name": name, "sha256": digest}


def rate_limit(given: RateLimit | None) -> dict[str, int] | None:
    """A rate as the settings have it."""
    if given is None or isinstance(given, Mapping):
        return None if given is None else dict(given)
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise TypeError("rate_limit must be (requests, seconds), or a mapping of both")
    requests, seconds = given
    return {"requests": requests, "seconds": seconds}


class Service:
    """The API of one bucket, and who signs for it unless a request says otherwise."""

    def __init__(
        self,
        client: Client | None,
        keys: list[dict[str, Any]],
        object_key: str | Callable[[NewObject], str] | None,
        rate: RateLimit | None,
        **settings: Any,
    ) -> None:
        settings["api_keys"] = keys
        settings["rate_limit"] = rate_limit(rate)
        if isinstance(object_key, str):
            settings["object_key"] = object_key
        given = {name: value for name, value in settings.items() if value is not None}
        self.api = PresignApi(json.dumps(given))
        self.client = client
        self.name = object_key if callable(object_key) else None
        # Without names, callers would share one rate, and the objects of all would have one prefix.
        in_keys = isinstance(object_key, str) and "{key}" in object_key
        self._needs_names = rate is not None or in_keys
        if client is not None:
            self.api.check(client)

    def refused(self, identity: object, setting: str) -> Answer | None:
        """The answer to a caller who is not known, or has no name where one is needed."""
        if identity is None:
            return problem(401, "the caller is not known", code=40102)
        is_str = isinstance(identity, str)
        if identity and (is_str or not self._needs_names):
            return None
        logger.error(
            "cannot presign: TypeError: %s must return a str that names the caller, or None to "
            "refuse, not %s",
            setting,
            "an empty one" if is_str else type(identity).__name__,
        )
        return problem(500, "something went wrong", code=50001)

    async def answer(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        apikey: bytes | None = None,
        identity: object = None,
        client: Client | None = None,
        object_key: Callable[[NewObject], str] | None = None,
    ) -> Answer:
        """Answer a request; where the client's credentials may have to be fetched, in a thread."""
        client = client or self.client
        object_key = object_key or self.name
        caller = identity if identity is None or isinstance(identity, str) else ""
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
                identity=caller,
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
    body = json.dumps(content, separators=(",", ":")).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    return status, [*headers, (b"content-length", str(len(body)).encode())], body
