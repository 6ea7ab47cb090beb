"""The faces of the HTTP presign API, each asked in the same way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ossign as oss
from fastapi import FastAPI
from ossign.asgi import PresignApp
from ossign.fastapi import presign_router

KEY = "a-key-for-tests"
SECRET = "secret-for-tests"
TOKEN = "token-for-tests"
BUCKET = "examplebucket"
ONE, BATCH = "/api/oss/presign-put", "/api/oss/presign-put/batch"
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
    return oss.Client(
        oss.Config(**{"region": "cn-hangzhou", "credentials_provider": credentials, **config})
    )


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


FACES = {"asgi": asgi, "fastapi": fastapi}
