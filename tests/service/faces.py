"""The faces of the HTTP presign API, each asked in the same way."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import ossign as oss
from fastapi import FastAPI
from ossign._ossign import PresignServer
from ossign.asgi import PresignApp
from ossign.fastapi import presign_router

KEY = "a-key-for-tests"
SECRET = "secret-for-tests"
TOKEN = "token-for-tests"
BUCKET = "examplebucket"
ONE, BATCH = "/api/oss/presign-put", "/api/oss/presign-put/batch"
FORM = "/api/oss/presign-post"
MULTIPART, PARTS = "/api/oss/presign-multipart", "/api/oss/presign-multipart/parts"
PHOTO = {"filename": "照片.JPG", "content_type": "image/jpg"}


@dataclass
class Reply:
    """What a face answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)


@dataclass
class Face:
    """One face, ready to be asked."""

    send: Callable[[str, str, dict[str, str], bytes], Reply]
    # The app, or the address of the server.
    app: Any = None
    url: str = ""

    def ask(
        self,
        path: str,
        body: Any = None,
        *,
        method: str = "POST",
        key: str | None = KEY,
        **headers: str,
    ) -> Reply:
        """Send JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if key is not None:
            headers["Apikey"] = key
        return self.send(method, path, {"Content-Type": "application/json", **headers}, data)

    def one(self, **more: Any) -> Reply:
        """Ask for one file, a good one unless `more` says otherwise."""
        return self.ask(ONE, {**PHOTO, **more})

    def batch(self, *files: Any, **more: Any) -> Reply:
        """Ask for several."""
        return self.ask(BATCH, {"files": [*files], **more})


def client(**config: Any) -> oss.Client:
    credentials = oss.Credentials("sample-id", SECRET, TOKEN)
    made = oss.Client(
        oss.Config(**{"region": "cn-hangzhou", "credentials_provider": credentials, **config})
    )
    # For the face that has settings in place of a client.
    made.given = config  # type: ignore[attr-defined]
    return made


async def called(app: Any, scope: dict[str, Any], chunks: list[bytes]) -> Reply:
    """Call an ASGI app with a body in pieces."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], headers, b"".join(m.get("body", b"") for m in sent[1:]))


def scope_of(method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    pairs = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "headers": pairs,
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "extensions": {},
    }


def of_app(app: Any) -> Face:
    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        middle = len(body) // 2
        pieces = [body[:middle], body[middle:]]
        return asyncio.run(called(app, scope_of(method, path, headers), pieces))

    return Face(send, app)


@contextmanager
def asgi(signer: oss.Client | None, **settings: Any) -> Iterator[Face]:
    yield of_app(PresignApp(signer, bucket=BUCKET, api_keys=[KEY], **settings))


@contextmanager
def fastapi(signer: oss.Client | None, **settings: Any) -> Iterator[Face]:
    app = FastAPI()
    app.include_router(presign_router(signer, bucket=BUCKET, api_keys=[KEY], **settings))
    yield of_app(app)


def toml(**settings: Any) -> str:
    """Settings as TOML, of which JSON's values are nearly a part."""

    def value(given: Any) -> str:
        if isinstance(given, dict):
            pairs = ", ".join(f"{json.dumps(k)} = {value(v)}" for k, v in given.items())
            return f"{{ {pairs} }}"
        if isinstance(given, list | tuple):
            return f"[{', '.join(map(value, given))}]"
        return json.dumps(given, ensure_ascii=False)

    return "".join(f"{name} = {value(given)}\n" for name, given in settings.items())


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def of_server(server: PresignServer) -> Face:
    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        host = server.url.removeprefix("http://")
        with closing(HTTPConnection(host, timeout=30)) as connection:
            pairs = {name: value.encode("latin-1") for name, value in headers.items()}
            connection.request(method, path, body, pairs)
            response = connection.getresponse()
            pairs = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, pairs, response.read())

    return Face(send, url=server.url)


@contextmanager
def server(**settings: Any) -> Iterator[PresignServer]:
    """A server on a free port. Its provider may be given."""
    provider = settings.pop("credentials_provider", oss.Credentials("sample-id", SECRET, TOKEN))
    environment = settings.pop("environment", {})
    defaults = {
        "port": 0,
        "bucket": BUCKET,
        "region": "cn-hangzhou",
        "log": "off",
        "threads": 2,
        "api_keys": [{"name": "web", "sha256": digest(KEY)}],
    }
    file = settings.pop("file", None)
    overrides = toml(**(defaults | settings)) if file is None else ""
    server = PresignServer(environment, file, overrides=overrides, credentials_provider=provider)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def serve(signer: oss.Client | None, **settings: Any) -> Iterator[Face]:
    """The server; it has no client, so that what clients say is said in its settings."""
    given = getattr(signer, "given", {})
    if "rate_limit" in settings:
        requests, seconds = settings["rate_limit"]
        settings["rate_limit"] = {"requests": requests, "seconds": seconds}
    with server(**settings, **given) as running:
        yield of_server(running)


FACES = {"asgi": asgi, "fastapi": fastapi, "serve": serve}
