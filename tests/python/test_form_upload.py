"""Forms and callbacks from end to end: presigned, taken by the emulator, told to an application."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ossign as oss
import pytest
import requests
from ossign.callbacks import TEST_PUBLIC_KEY, callback_nonce
from ossign.testing import Emulator
from test_emulator_callbacks import Application, application

__all__ = ["application"]

SAMPLE = Path(__file__).parents[2] / "examples" / "upload_form.py"
BUCKET, SECRET = "examplebucket", "a secret of my own server"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(log="off") as emulator:
        yield emulator


def send(post: oss.PresignedPost, data: bytes, **more: str) -> requests.Response:
    files = {"file": ("a b.png", data)}
    return requests.post(post.url, data={**post.fields, **more}, files=files, timeout=10)


@pytest.mark.parametrize("version", ["v1", "v4"])
@pytest.mark.parametrize("token", [None, "a-token"])
def test_what_is_presigned_is_taken(version: str, token: str | None) -> None:
    who = oss.Credentials("id", "secret", token)
    with Emulator(log="off", credentials=who) as emulator:
        post = emulator.client(signature_version=version).presign_post(
            BUCKET,
            "dir/$价/${filename}",
            content_length_range=(2, 4),
            content_type="image/png",
            metadata={"author": "某人 $"},
            success_action_status=201,
            conditions=[["in", "$cache-control", ["no-cache", "$"]]],
        )
        good = {"Cache-Control": "$"}
        assert send(post, b"data", **good).status_code == 201
        stored = emulator.objects()[0]
        assert (stored.key, stored.size) == ("dir/$价/a b.png", 4)
        assert stored.headers["content-type"] == "image/png"
        for data, fields, expected in [
            (b"d", good, "EntityTooSmall"),
            (b"data!", good, "EntityTooLarge"),
            (b"data", {}, "AccessDenied"),
            (b"data", {"Cache-Control": "x"}, "AccessDenied"),
            (b"data", {**good, "key": "other"}, "AccessDenied"),
            (b"data", {**good, "Content-Type": "text/html"}, "AccessDenied"),
        ]:
            answer = send(post, data, **fields)
            assert f"<Code>{expected}</Code>" in answer.text, answer.text
        assert len(emulator.objects()) == 1


def verified(told: Any, **options: Any) -> dict[str, Any]:
    where, headers, body = told
    found = oss.verify_callback(headers, where, body, public_key=TEST_PUBLIC_KEY, **options)
    return found.fields


@pytest.mark.parametrize("way", ["headers", "query", "form", "multipart"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_an_application_is_told_and_can_believe_it(
    way: str, kind: str, emulator: Emulator, application: Application
) -> None:
    key = f"{way}/数 &=.png"
    names = ["bucket", "object", "size", "x:order", "x:nonce"]
    if kind == "application/json":
        members = [f'"{name.removeprefix("x:")}":${{{name}}}' for name in names]
        body = "{" + ",".join(members) + "}"
    else:
        body = "&".join(f"{name.removeprefix('x:')}=${{{name}}}" for name in names)
    callback = oss.Callback(
        url=application.url,
        body=body,
        body_type=kind,
        vars={"x:order": 'a "quoted" & 数'},
        nonce=callback_nonce(SECRET, BUCKET, key),
    )
    client = emulator.client()
    if way == "form":
        answer = send(client.presign_post(BUCKET, key, callback=callback), b"data")
    elif way == "multipart":
        answer = complete(client, key, callback)
    else:
        given: dict[str, Any] = {"callback": callback}
        if way == "query":
            given = {"parameters": callback.as_parameters()}
        result = client.presign(oss.PutObjectRequest(bucket=BUCKET, key=key, **given))
        answer = requests.put(result.url, headers=result.signed_headers, data=b"data", timeout=10)
    assert (answer.status_code, answer.text) == (200, '{"ok": true}')
    fields = verified(
        application.told[0], nonce=lambda f: callback_nonce(SECRET, f["bucket"], f["object"])
    )
    assert (fields["object"], fields["order"]) == (key, 'a "quoted" & 数')
    assert str(fields["size"]) == "4"


def complete(client: oss.Client, key: str, callback: oss.Callback) -> requests.Response:
    names = {"bucket": BUCKET, "key": key}
    started = client.presign(oss.InitiateMultipartUploadRequest(**names))
    answer = oss.InitiateMultipartUploadResult()
    oss.serde.deserialize_xml(requests.post(started.url, timeout=10).content, answer)
    names["upload_id"] = answer.upload_id or ""
    part = client.presign(oss.UploadPartRequest(**names, part_number=1))
    etag = requests.put(part.url, data=b"data", timeout=10).headers["ETag"]
    done = client.presign(oss.CompleteMultipartUploadRequest(**names, callback=callback))
    body = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    )
    return requests.post(done.url, headers=done.signed_headers, data=body, timeout=10)


def test_the_sample_uploads_and_is_refused(
    emulator: Emulator, application: Application, tmp_path: Path
) -> None:
    file = tmp_path / "a photo.png"
    file.write_bytes(b"12345")

    def run(*more: str) -> str:
        where = ["--region", "cn-hangzhou", "--endpoint", emulator.endpoint, "--bucket", BUCKET]
        done = subprocess.run(
            [sys.executable, SAMPLE, *where, "--file", file, *more],
            env={**os.environ, **emulator.environ, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run().startswith("204")
    assert emulator.read(BUCKET, "uploads/a photo.png") == b"12345"
    assert run("--largest", "4").startswith("400 ")
    assert run("--callback", application.url) == '200 {"ok": true}\n'
    told = {"object": "uploads/a photo.png", "size": 5, "type": "image/png"}
    assert verified(application.told[0]) == told


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_a_download_has_its_name(version: str, emulator: Emulator) -> None:
    client = emulator.client(signature_version=version)
    put = client.presign(oss.PutObjectRequest(bucket=BUCKET, key="8f3a"))
    assert requests.put(put.url, data=b"data", timeout=10).status_code == 200
    request = oss.GetObjectRequest(bucket=BUCKET, key="8f3a")
    for options, kind in [({"inline": False}, "attachment"), ({"inline": True}, "inline")]:
        result = client.presign(request, download_as="报告 (1).pdf", **options)
        answer = requests.get(result.url, timeout=10)
        assert answer.headers["Content-Disposition"] == (
            f"{kind}; filename=\"__ (1).pdf\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%281%29.pdf"
        )
