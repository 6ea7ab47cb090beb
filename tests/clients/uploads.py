"""Programs in other languages, and a browser, upload by presigned URLs to the local OSS.

`make test-clients` runs this file; its name keeps it out of `make test`, which needs no compilers.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import random
from pathlib import Path

import ossign as oss
import pytest
from application import SAYS, Application
from browser import Browser
from ossign.testing import Emulator
from programs import CLIENTS, NOT_RUN, PROGRAMS, Program
from wire import ask

BUCKET = "examplebucket"
# Key, name of the file on the disk, and its size.
FILES = [
    ("目录/报告 (1)+&.pdf", "报告 (1)+&.pdf", 3_000_000),
    ("a//100% #?;:{x}[y]'\"*!~=@$,.txt", "empty, {a} [1-3] 'b'.txt", 0),
]
METADATA = {"author": "ann lee", "project-id": "42"}
Client = Program | Browser


@pytest.fixture(params=FILES, ids=["3 MB", "empty"])
def upload(request: pytest.FixtureRequest, files: Path) -> tuple[str, Path]:
    """A key, and a file for it; the names of both are hard to write in a URL."""
    key, name, size = request.param
    file = files / name
    file.write_bytes(random.Random(size).randbytes(size))
    return key, file


def etag(file: Path) -> str:
    return f'"{hashlib.md5(file.read_bytes()).hexdigest().upper()}"'


def check_stored(emulator: Emulator, key: str, file: Path, headers: dict[str, str]) -> None:
    """Download by a presigned GET: the same bytes, with these headers."""
    get = emulator.client().presign(oss.GetObjectRequest(bucket=BUCKET, key=key))
    answer = ask(emulator.endpoint, get.method, get.url)
    assert answer.status == 200
    assert answer.body == file.read_bytes()
    ours = ("content-type", "content-disposition", "cache-control", "x-oss-storage-class")
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name in ours or name.startswith("x-oss-meta-")
    }
    assert kept == headers
    assert emulator.refusals == []


def test_plain(client: Client, oss_emulator: Emulator, upload: tuple[str, Path]) -> None:
    key, file = upload
    put = oss_emulator.client().presign(oss.PutObjectRequest(bucket=BUCKET, key=key))
    assert put.request_headers == {}
    done = client.upload(put.url, put.request_headers, file)
    assert done.succeeded, done.said
    assert done.said.strip() == f"ETag {etag(file)}"
    none_sent = {"content-type": "application/octet-stream", "x-oss-storage-class": "Standard"}
    check_stored(oss_emulator, key, file, none_sent)


def test_with_headers_and_metadata(
    client: Client, oss_emulator: Emulator, upload: tuple[str, Path]
) -> None:
    key, file = upload
    headers = {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": "attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf",
        "cache-control": "max-age=60",
        "x-oss-storage-class": "IA",
    }
    request = oss.PutObjectRequest(
        bucket=BUCKET,
        key=key,
        content_type=headers["content-type"],
        content_disposition=headers["content-disposition"],
        cache_control=headers["cache-control"],
        content_md5=base64.b64encode(hashlib.md5(file.read_bytes()).digest()).decode(),
        storage_class=headers["x-oss-storage-class"],
        forbid_overwrite=True,
        metadata=METADATA,
    )
    put = oss_emulator.client().presign(request)
    done = client.upload(put.url, put.request_headers, file)
    assert done.succeeded, done.said
    assert done.said.strip() == f"ETag {etag(file)}"
    metadata = {f"x-oss-meta-{name}": value for name, value in METADATA.items()}
    check_stored(oss_emulator, key, file, {**headers, **metadata})


def test_a_plus_in_a_signature_of_version_1(
    client: Client, oss_emulator: Emulator, files: Path
) -> None:
    presigner = oss_emulator.client(signature_version="v1")
    keys = (f"{number} %2B+.bin" for number in itertools.count())
    presigned = (
        (key, presigner.presign(oss.PutObjectRequest(bucket=BUCKET, key=key))) for key in keys
    )
    key, put = next((key, put) for key, put in presigned if "%2B" in put.url.partition("?")[2])
    file = files / "plus.bin"
    file.write_bytes(b"body")
    done = client.upload(put.url, put.request_headers, file)
    assert done.succeeded, done.said
    assert oss_emulator.read(BUCKET, key) == b"body"


def presigned_with_callback(emulator: Emulator, app: Application, key: str) -> oss.PresignResult:
    callback = oss.Callback(
        url=app.url,
        body="object=${object}&size=${size}&etag=${etag}&order=${x:order}",
        vars={"x:order": "4711"},
    )
    return emulator.client().presign(
        oss.PutObjectRequest(bucket=BUCKET, key=key, callback=callback)
    )


def test_with_callback(
    client: Client, oss_emulator: Emulator, app: Application, upload: tuple[str, Path]
) -> None:
    key, file = upload
    put = presigned_with_callback(oss_emulator, app, key)
    done = client.upload(put.url, put.request_headers, file)
    assert done.succeeded, done.said
    assert done.said.split("\n", 1)[0] == f"ETag {etag(file)}"
    assert done.said.split("\n", 1)[1].strip() == SAYS
    (told,) = app.told  # its signature has been checked
    assert told.fields == {
        "object": key,
        "size": str(file.stat().st_size),
        "etag": etag(file).strip('"'),
        "order": "4711",
    }
    check_stored(
        oss_emulator,
        key,
        file,
        {"content-type": "application/octet-stream", "x-oss-storage-class": "Standard"},
    )


def test_a_callback_that_fails_is_no_success(
    client: Client, oss_emulator: Emulator, app: Application, upload: tuple[str, Path]
) -> None:
    key, file = upload
    app.status = 500
    put = presigned_with_callback(oss_emulator, app, key)
    done = client.upload(put.url, put.request_headers, file)
    assert not done.succeeded
    assert done.said.startswith("OSS answered 203 CallbackFailed (EC "), done.said
    assert "Error status : 500." in done.said
    assert oss_emulator.read(BUCKET, key) == file.read_bytes()


def test_a_refusal_is_shown_with_code_and_ec(
    client: Client, oss_emulator: Emulator, upload: tuple[str, Path]
) -> None:
    key, file = upload
    request = oss.PutObjectRequest(bucket=BUCKET, key=key, metadata=METADATA)
    done = client.upload(oss_emulator.client().presign(request).url, {}, file)
    assert not done.succeeded
    assert done.said.startswith("OSS answered 403 SignatureDoesNotMatch (EC 0002-"), done.said
    assert oss_emulator.objects() == []
    assert len(oss_emulator.refusals) == 1


@pytest.mark.parametrize("client", ["browser"], indirect=True)
def test_a_page_uploads_only_where_cors_lets_it(client: Browser, files: Path) -> None:
    file = files / "page.bin"
    file.write_bytes(b"body")
    for origin, succeeds in ((client.origin, True), ("http://another.example", False)):
        with Emulator(origins=[origin], log="off") as emulator:
            put = emulator.client().presign(oss.PutObjectRequest(bucket=BUCKET, key="page"))
            done = client.upload(put.url, put.request_headers, file)
            assert done.succeeded == succeeds, done.said
            assert len(emulator.objects()) == succeeds


def test_each_language_is_run_or_listed_as_not_run() -> None:
    folders = {folder.name for folder in CLIENTS.iterdir() if folder.is_dir()}
    run = {program.source.parent.name for program in PROGRAMS.values()} | {"browser"}
    assert run.isdisjoint(NOT_RUN)
    assert folders == run | set(NOT_RUN)
