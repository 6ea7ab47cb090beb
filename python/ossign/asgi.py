"""The HTTP presign API as a bare ASGI app, to mount in any framework; it needs no other package."""

from __future__ import annotations

import inspect

from ._ossign import NewObject, openapi
from ._service import Service, keys_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Awaitable,
        Callable,
        Mapping,
        MutableMapping,
    )
    from typing import Any, TypeAlias

    from ._ossign import Client
    from ._service import Answer, ApiKeys, RateLimit

    Scope: TypeAlias = MutableMapping[str, Any]
    Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    Authenticate: TypeAlias = Callable[[Scope], str | Awaitable[str | None] | None]

__all__ = ["NewObject", "PresignApp"]


ROUTES = (
    "presign-put",
    "presign-put/batch",
    "presign-post",
    "presign-multipart",
    "presign-multipart/parts",
)


class Disconnected(Exception):
    """The client has gone before its request had arrived."""


class PresignApp:
    """An ASGI app that answers `POST /api/oss/presign-put` and `.../presign-put/batch`.

    Args:
        client: Who signs. With None, every request is answered with 500.
        bucket: Where files go.
        api_keys: Who may ask, by the header Apikey: keys in plain text (hashed at once), texts such
            as "sha256:9f86...", or mappings with `name`, `sha256`, and optionally `prefix` and
            `rate_limit` (`{"requests": 60, "seconds": 60}`). A dict of names and keys names them;
            in a list, those without a name are key1, key2 and so on.
        authenticate: Who may ask, in place of API keys: a function, plain or async, from the ASGI
            scope to the caller's name, a str, or to None to refuse. Where rates or `{key}` go by
            the name, anything else is a 500, and its type is logged; so are "" and False anywhere.
        path: What the routes begin with, below where the app is mounted.
        object_key: How objects are named: a pattern of {yyyy} {mm} {dd} {hh} {random} {ext}
            {category} {key}, or a function from a `NewObject` to the name.
        access_url: "public" for the object's own URL, "presigned" for a presigned GET, or the
            address of a domain that serves the bucket.
        access_expire_seconds: For how long a presigned access URL is valid, 1 to 604800.
        content_length: Whether requests may have a `content_length`, which is signed.
        form_upload: Whether `POST /api/oss/presign-post` answers with forms to upload with.
        multipart: Whether `POST /api/oss/presign-multipart` and `.../presign-multipart/parts`
            answer with what uploads a large file in parts.
        max_bytes: The largest file of "image", "video", "audio" and "document", in bytes. A PUT of
            such a file needs a `content_length`; a form does not.
        callback: What OSS posts when a file has arrived: `url`, `body`, and optionally `body_type`,
            `host`, `sni` and `vars`, as `ossign.Callback` takes them.
        rate_limit: How often a caller may ask: (requests, seconds), or a mapping of both.
        max_body_bytes: The largest body of a request, 131072 by default.

    Raises:
        ParamInvalidError: A setting that cannot work.
        TypeError: `api_keys` is one str, or `rate_limit` is neither a pair nor a mapping.
        ValueError: Neither `api_keys` nor `authenticate` is given, or a setting is of another type.

    Example:
        >>> import ossign as oss
        >>> from ossign.asgi import PresignApp
        >>> client = oss.Client(oss.Config(
        ...     region="cn-hangzhou", credentials_provider=oss.Credentials("id", "secret")))
        >>> app = PresignApp(client, bucket="examplebucket", api_keys=["an API key"])
    """

    def __init__(
        self,
        client: Client | None,
        *,
        bucket: str,
        api_keys: ApiKeys = (),
        authenticate: Authenticate | None = None,
        path: str | None = None,
        object_key: str | Callable[[NewObject], str] | None = None,
        access_url: str | None = None,
        access_expire_seconds: int | None = None,
        content_length: bool | None = None,
        form_upload: bool | None = None,
        multipart: bool | None = None,
        max_bytes: Mapping[str, int] | None = None,
        callback: Mapping[str, Any] | None = None,
        rate_limit: RateLimit | None = None,
        max_body_bytes: int | None = None,
    ) -> None:
        keys = keys_of(api_keys)
        if not keys and authenticate is None:
            raise ValueError("api_keys or authenticate must be given, or nobody could ask")
        self._authenticate = authenticate
        self._service = Service(
            client,
            keys,
            object_key,
            rate_limit,
            bucket=bucket,
            path=path,
            access_url=access_url,
            access_expire_seconds=access_expire_seconds,
            content_length=content_length,
            form_upload=form_upload,
            multipart=multipart,
            max_bytes=None if max_bytes is None else dict(max_bytes),
            callback=None if callback is None else dict(callback),
            max_body_bytes=max_body_bytes,
        )
        base = self._service.api.path
        self._routes = {*(f"{base}/{route}" for route in ROUTES), "/openapi.json"}
        self._openapi = openapi(base).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's scope."""
        if scope["type"] == "http":
            try:
                await respond(send, await self._answer(scope, receive))
            except Disconnected:
                return
        elif scope["type"] == "lifespan":
            await live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = self._path(scope), scope["method"]
        if path == "/openapi.json" and method in ("GET", "HEAD"):
            length = str(len(self._openapi)).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", length)]
            return 200, headers, self._openapi if method == "GET" else b""
        identity, apikey = None, header(scope, b"apikey")
        if self._authenticate is not None and path in self._routes and method == "POST":
            given = self._authenticate(scope)
            identity = await given if inspect.isawaitable(given) else given
            if (answer := self._service.refused(identity, "authenticate")) is not None:
                return answer
        body = await self._service.read(chunks(receive), header(scope, b"content-length"))
        return await self._service.answer(method, path, body, apikey=apikey, identity=identity)

    def _path(self, scope: Scope) -> str:
        """The path below the mount: some frameworks cut it from `path`, others leave it there."""
        path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
        if path[-1:] == "/" and scope.get("raw_path", b"/")[-1:] != b"/":
            path = path[:-1]  # Litestar adds it.
        below = path[len(root) :]
        if root and path.startswith(root) and (below in self._routes or path not in self._routes):
            return below
        return path


def header(scope: Scope, name: bytes) -> bytes | None:
    """The value of a header, whose name is in lower case."""
    return next((value for other, value in scope["headers"] if other == name), None)


async def chunks(receive: Receive) -> AsyncIterator[bytes]:
    """The pieces of a request's body."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def respond(send: Send, answer: Answer) -> None:
    """Send an answer."""
    status, headers, body = answer
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def live(receive: Receive, send: Send) -> None:
    """Say yes to the server's start and end: there is nothing to do."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
