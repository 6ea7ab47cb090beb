"""The emulator tells an application of uploads, as OSS does."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pytest
from ossign.testing import Emulator
from test_emulator_forms import post, signed_v4
from test_emulator_multipart import Upload
from test_emulator_sdk import client as sdk_client
from wire import Answer, ask, send

BUCKET = "examplebucket"
# The public half of the test key, as documented.
TEST_KEY = """MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL2gYfVqawutW8J3gfl3aAiqUARmah1H
Xa5aDuh/nx92KdEKOPlvYOdsDVje4IsQO1KnOywOdU6AQzB4zKLJUIUCAwEAAQ=="""


@dataclass
class Application:
    """A server that is told; `answer` is what it says to it."""

    url: str = ""
    status: int = 200
    kind: str = "application/json"
    answer: bytes = b'{"ok": true}'
    with_length: bool = True
    told: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def application() -> Iterator[Application]:
    app = Application()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            app.told.append((self.path, headers, body))
            self.send_response(app.status)
            self.send_header("Content-Type", app.kind)
            if app.with_length:
                self.send_header("Content-Length", str(len(app.answer)))
            self.end_headers()
            self.wfile.write(app.answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        app.url = f"http://127.0.0.1:{server.server_port}/call%20back?a=1%2B1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield app
        server.shutdown()
        thread.join()


def encoded(value: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def put(
    emulator: Emulator, callback: dict[str, Any], /, body: bytes = b"body", **more: Any
) -> Answer:
    own = {name: encoded(value) for name, value in more.pop("own", {}).items()}
    request = oss.PutObjectRequest(
        bucket=BUCKET, key="dir/数 a&b", callback=encoded(callback), **own, **more
    )
    return send(emulator.endpoint, emulator.client().presign(request), body)


def is_signed(path: str, headers: dict[str, str], body: bytes) -> bool:
    """RSA PKCS #1 v1.5 with MD5 by hand, from OSS's page."""
    from urllib.parse import unquote_to_bytes

    base, mark, query = path.partition("?")
    text = unquote_to_bytes(base) + (mark + query).encode() + b"\n" + body
    der = base64.b64decode(TEST_KEY)
    modulus = int.from_bytes(der[-69:-5], "big")
    number = int.from_bytes(base64.b64decode(headers["authorization"]), "big")
    block = pow(number, 65537, modulus).to_bytes(64, "big")
    prefix = bytes.fromhex("3020300c06082a864886f70d020505000410")
    digest = prefix + hashlib.md5(text).digest()
    return block == b"\x00\x01" + b"\xff" * (61 - len(digest)) + b"\x00" + digest


def test_a_callback_is_posted_with_its_variables_filled_in(
    oss_emulator: Emulator, application: Application
) -> None:
    names = "bucket object etag size mimeType crc64 contentMd5 clientIp reqId operation".split()
    body = "&".join(
        [f"{name}=${{{name}}}" for name in names] + ["who=${x:who}", "img=${imageInfo.width}"]
    )
    callback = {"callbackUrl": application.url, "callbackBody": body}
    answer = put(
        oss_emulator,
        callback,
        content_type="text/plain",
        own={"callback_var": {"x:who": "alice & bob"}},
    )
    assert (answer.status, answer.body) == (200, application.answer)
    assert answer.headers["content-type"] == "application/json"
    md5 = hashlib.md5(b"body")
    assert answer.headers["etag"] == f'"{md5.hexdigest().upper()}"'
    ((path, headers, told),) = application.told
    assert path == "/call%20back?a=1%2B1"
    content_md5 = base64.b64encode(md5.digest()).decode()
    from urllib.parse import parse_qs

    assert parse_qs(told.decode(), keep_blank_values=True, strict_parsing=True) == {
        "bucket": [BUCKET],
        "object": ["dir/数 a&b"],
        "etag": [md5.hexdigest().upper()],
        "size": ["4"],
        "mimeType": ["text/plain"],
        "crc64": [answer.headers["x-oss-hash-crc64ecma"]],
        "contentMd5": [content_md5],
        "clientIp": ["127.0.0.1"],
        "reqId": [answer.headers["x-oss-request-id"]],
        "operation": ["PutObject"],
        "who": ["alice & bob"],
        "img": [""],
    }
    assert is_signed(path, headers, told)
    assert not is_signed(path, headers, told + b"x")
    expected = {
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": "aliyun-oss-callback",
        "x-oss-bucket": BUCKET,
        "x-oss-signature-version": "1.0",
        "x-oss-tag": "CALLBACK",
        "x-oss-request-id": answer.headers["x-oss-request-id"],
        "content-md5": base64.b64encode(hashlib.md5(told).digest()).decode(),
    }
    assert {name: headers[name] for name in expected} == expected
    key_url = base64.b64decode(headers["x-oss-pub-key-url"]).decode()
    assert key_url.startswith("http://gosspublic.alicdn.com/")


def test_a_callback_may_be_json_and_know_of_pictures(
    oss_emulator: Emulator, application: Application
) -> None:
    head = struct.pack(">IIBBBBB", 640, 480, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    png = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    callback = {
        "callbackUrl": application.url,
        "callbackHost": "app.example.com",
        "callbackBodyType": "application/json",
        "callbackBody": '{"key":${object},"size":${size},"w":${imageInfo.width},'
        '"h":${imageInfo.height},"format":${imageInfo.format}}',
    }
    assert put(oss_emulator, callback, png).status == 200
    ((_, headers, told),) = application.told
    assert json.loads(told) == {
        "key": "dir/数 a&b",
        "size": 33,
        "w": 640,
        "h": 480,
        "format": "png",
    }
    assert (headers["host"], headers["content-type"]) == ("app.example.com", "application/json")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": 500}, "Error status : 500."),
        ({"status": 302}, "Error status : 302."),
        ({"answer": b"OK"}, "json"),
        ({"answer": b'"' + b"x" * (1 << 20) + b'"'}, "1 MB"),
        ({"with_length": False}, "Content-Length"),
    ],
)
def test_a_callback_that_fails_is_told_and_the_object_is_stored(
    oss_emulator: Emulator, application: Application, change: dict[str, Any], words: str
) -> None:
    vars(application).update(change)
    answer = put(oss_emulator, {"callbackUrl": application.url, "callbackBody": "a"})
    assert (answer.status, answer.code) == (203, "CallbackFailed")
    assert words in (answer.field("Message") or "")
    assert len(oss_emulator.objects()) == 1
    assert "the callback failed" in oss_emulator.refusals[0]


def test_an_application_that_does_not_answer_in_time_has_failed() -> None:
    import socket

    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        Emulator(callback_timeout=0.2) as emulator,
    ):
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        answer = put(emulator, {"callbackUrl": url, "callbackBody": "a"})
        assert (answer.status, answer.code) == (203, "CallbackFailed")
        assert "timeout" in (answer.field("Message") or "")


def test_the_next_url_is_asked_where_the_first_one_fails(
    oss_emulator: Emulator, application: Application
) -> None:
    urls = f"http://127.0.0.1:1/;https://127.0.0.1:1/;{application.url}"
    assert put(oss_emulator, {"callbackUrl": urls, "callbackBody": "a"}).status == 200
    assert len(application.told) == 1


def test_xml_of_an_application_is_passed_on(
    oss_emulator: Emulator, application: Application
) -> None:
    application.kind, application.answer = "application/xml", b"<ok/>"
    answer = put(oss_emulator, {"callbackUrl": application.url, "callbackBody": "a"})
    assert (answer.headers["content-type"], answer.body) == ("application/xml", b"<ok/>")


@pytest.mark.parametrize(
    "value",
    [
        "no base64",
        encoded({"callbackUrl": "http://a/"}),
        encoded({"callbackBody": "a"}),
        "e30=",
        base64.b64encode(b"no JSON").decode(),
        encoded({"callbackUrl": "ftp://a/", "callbackBody": "a"}),
    ],
)
def test_a_callback_that_oss_does_not_take_is_refused_before_anything_is_stored(
    oss_emulator: Emulator, value: str
) -> None:
    request = oss.PutObjectRequest(bucket=BUCKET, key="a", callback=value)
    answer = send(oss_emulator.endpoint, oss_emulator.client().presign(request), b"body")
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert oss_emulator.objects() == []


def test_a_callback_may_stand_in_the_query_but_not_in_both(
    oss_emulator: Emulator, application: Application
) -> None:
    callback = encoded({"callbackUrl": application.url, "callbackBody": "v=${x:v}"})
    parameters = {"callback": callback, "callback-var": encoded({"x:v": "1"})}
    request = oss.PutObjectRequest(bucket=BUCKET, key="a", parameters=parameters)
    assert send(oss_emulator.endpoint, oss_emulator.client().presign(request), b"").status == 200
    assert application.told[0][2] == b"v=1"
    # Only the SDK signs that.
    both = sdk.PutObjectRequest(bucket=BUCKET, key="a", callback=callback, parameters=parameters)
    signed = sdk_client(oss_emulator).presign(both)
    answer = ask(oss_emulator.endpoint, "PUT", signed.url, signed.signed_headers, b"")
    assert answer.code == "InvalidArgument"


def test_completing_and_forms_call_back_too(
    oss_emulator: Emulator, application: Application
) -> None:
    callback = encoded({"callbackUrl": application.url, "callbackBody": "${operation} ${x:v}"})
    upload = Upload(oss_emulator)
    etag = upload.part(1, b"x").headers["etag"]
    answer = upload.complete([(1, etag)], callback=callback)
    assert (answer.status, answer.body) == (200, application.answer)
    fields = {"key": "a", "callback": callback, "x:v": "from the form"}
    conditions = [["starts-with", f"${name}", ""] for name in fields]
    posted = post(oss_emulator, {**fields, **signed_v4(conditions)})
    assert (posted.status, posted.body) == (200, application.answer)
    told = [body for _, _, body in application.told]
    assert told == [b"CompleteMultipartUpload ", b"PostObject from%20the%20form"]
