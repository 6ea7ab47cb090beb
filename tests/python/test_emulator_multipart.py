"""The emulator takes uploads in parts under the rules of OSS."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ossign as oss
import pytest
from ossign.testing import Emulator
from wire import Answer, send

BUCKET, KEY = "examplebucket", "dir/large 数据.bin"
LEAST = 100 * 1024


class Upload:
    """A multipart upload with one of everything."""

    def __init__(self, emulator: Emulator, **fields: Any) -> None:
        self.emulator, self.client = emulator, emulator.client()
        request = oss.InitiateMultipartUploadRequest(bucket=BUCKET, key=KEY, **fields)
        self.begun = self.send(request)
        self.id = self.begun.field("UploadId") or ""

    def send(self, request: Any, body: bytes | None = None) -> Answer:
        return send(self.emulator.endpoint, self.client.presign(request), body)

    def part(self, number: Any, body: bytes, upload_id: str | None = None) -> Answer:
        given = {"part_number": number, "upload_id": upload_id or self.id}
        return self.send(oss.UploadPartRequest(bucket=BUCKET, key=KEY, **given), body)

    def complete(self, parts: Iterable[tuple[Any, str]], **fields: Any) -> Answer:
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
            for number, etag in parts
        )
        xml = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>"
        return self.complete_with(xml.encode(), **fields)

    def complete_with(self, body: bytes, **fields: Any) -> Answer:
        ids = {"bucket": BUCKET, "key": KEY, "upload_id": self.id}
        return self.send(oss.CompleteMultipartUploadRequest(**ids, **fields), body)

    def abort(self) -> Answer:
        ids = {"bucket": BUCKET, "key": KEY, "upload_id": self.id}
        return self.send(oss.AbortMultipartUploadRequest(**ids))

    def list(self, **parameters: str) -> Answer:
        return self.send(
            oss.OperationInput(
                op_name="ListParts",
                method="GET",
                bucket=BUCKET,
                key=KEY,
                parameters={"uploadId": self.id, **parameters},
            )
        )


@pytest.fixture
def upload(oss_emulator: Emulator) -> Upload:
    return Upload(oss_emulator, content_type="video/mp4", metadata={"a": "b"})


def test_parts_become_an_object(upload: Upload) -> None:
    assert (upload.begun.field("Bucket"), upload.begun.field("Key")) == (BUCKET, KEY)
    bodies = {3: b"a" * LEAST, 7: b"b" * LEAST, 10_000: b"c"}
    etags = {}
    for number, body in reversed(bodies.items()):
        answer = upload.part(number, body)
        assert answer.status == 200
        etags[number] = answer.headers["etag"]
        assert etags[number] == f'"{hashlib.md5(body).hexdigest().upper()}"'
    answer = upload.complete((number, etags[number]) for number in bodies)
    assert answer.status == 200, answer.body
    assert (answer.field("Bucket"), answer.field("Key")) == (BUCKET, KEY)
    assert (answer.field("ETag") or "").endswith('-3"')
    assert (answer.field("Location") or "").startswith(upload.emulator.endpoint)
    assert answer.headers["x-oss-hash-crc64ecma"].isdigit()
    (stored,) = upload.emulator.objects()
    assert upload.emulator.read(BUCKET, KEY) == b"".join(bodies.values())
    assert stored.headers == {"content-type": "video/mp4", "x-oss-meta-a": "b"}
    fetched = upload.send(oss.GetObjectRequest(bucket=BUCKET, key=KEY))
    assert fetched.headers["x-oss-object-type"] == "Multipart"
    assert "content-md5" not in fetched.headers
    assert fetched.headers["etag"] == answer.field("ETag")


def test_a_part_that_comes_again_takes_the_place_of_the_first(upload: Upload) -> None:
    first = upload.part(1, b"first").headers["etag"]
    second = upload.part(1, b"second").headers["etag"]
    assert upload.complete([(1, first)]).code == "InvalidPart"
    assert upload.complete([(1, second)]).status == 200
    assert upload.emulator.read(BUCKET, KEY) == b"second"


def test_the_rules_of_completing(upload: Upload) -> None:
    large = upload.part(1, b"a" * LEAST).headers["etag"]
    small = upload.part(2, b"b" * (LEAST - 1)).headers["etag"]
    last = upload.part(3, b"c").headers["etag"]
    for parts, code in [
        ([(1, large), (2, small), (3, last)], "EntityTooSmall"),
        ([(3, last), (1, large)], "InvalidPartOrder"),
        ([(1, large), (1, large)], "InvalidPartOrder"),
        ([(1, large), (4, last)], "InvalidPart"),
        ([(1, last)], "InvalidPart"),
        ([("one", large)], "MalformedXML"),
        ([], "MalformedXML"),
    ]:
        assert upload.complete(parts).code == code, parts
    for body in [
        b"",
        b"no XML",
        b"<Other/>",
        b"\xff",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>" * 1_000_000,
        bytes(5 << 20),
    ]:
        assert upload.complete_with(body).code == "MalformedXML", body
    refused = upload.complete([(1, large), (2, small), (3, last)])
    assert refused.field("MinSizeAllowed") == str(LEAST)
    assert refused.field("PartNumber") == "2"
    # A small part is no mistake where it is the last one; part 3 is not used.
    assert upload.complete([(1, large.strip('"')), (2, small.lower())]).status == 200
    assert len(upload.emulator.read(BUCKET, KEY)) == 2 * LEAST - 1
    assert upload.complete([(1, large)]).code == "NoSuchUpload"


def test_all_parts_may_be_completed_without_a_list(upload: Upload) -> None:
    upload.part(2, b"2")
    upload.part(1, b"1" * LEAST)
    assert upload.complete_with(b"x", complete_all="yes").code == "InvalidArgument"
    assert upload.complete_with(b"", complete_all="yes").status == 200
    assert upload.emulator.read(BUCKET, KEY) == b"1" * LEAST + b"2"


@pytest.mark.parametrize("number", ["0", "10001", "-1", "one", ""])
def test_a_part_has_a_number_from_1_to_10000(upload: Upload, number: str) -> None:
    request = oss.OperationInput(
        op_name="UploadPart",
        method="PUT",
        bucket=BUCKET,
        key=KEY,
        parameters={"partNumber": number, "uploadId": upload.id},
    )
    assert upload.send(request, b"x").code == "InvalidArgument"


def test_an_upload_that_is_not_there_is_not_found(upload: Upload) -> None:
    other = {"bucket": BUCKET, "key": "other", "upload_id": upload.id}
    assert upload.send(oss.AbortMultipartUploadRequest(**other)).code == "NoSuchUpload"
    for upload_id in ["F" * 32, "../../objects", "x", upload.id.lower() + "/"]:
        assert upload.part(1, b"x", upload_id).code == "NoSuchUpload"
    assert upload.abort().status == 204
    assert upload.abort().code == "NoSuchUpload"
    assert upload.part(1, b"x").code == "NoSuchUpload"
    assert upload.list().code == "NoSuchUpload"


def test_completing_does_not_overwrite_what_it_must_not(upload: Upload) -> None:
    upload.send(oss.PutObjectRequest(bucket=BUCKET, key=KEY), b"old")
    assert Upload(upload.emulator, forbid_overwrite=True).begun.code == "FileAlreadyExists"
    etag = upload.part(1, b"new").headers["etag"]
    answer = upload.complete([(1, etag)], forbid_overwrite=True)
    assert (answer.status, answer.code) == (409, "FileAlreadyExists")
    assert upload.emulator.read(BUCKET, KEY) == b"old"
    assert upload.complete([(1, etag)]).status == 200


def test_parts_are_listed_in_pages(upload: Upload) -> None:
    for number in (1, 2, 5):
        upload.part(number, b"x" * number)
    every = upload.list()
    assert every.field("IsTruncated") == "false"
    assert every.body.count(b"<Part>") == 3
    assert every.field("Size") == "1"
    assert every.field("ETag") == f'"{hashlib.md5(b"x").hexdigest().upper()}"'
    assert every.field(
        "LastModified",
    ).endswith("Z")  # type: ignore[union-attr]
    page = upload.list(**{"max-parts": "1", "part-number-marker": "1"})
    assert page.field("PartNumber") == "2"
    assert (page.field("IsTruncated"), page.field("NextPartNumberMarker")) == ("true", "2")
    assert upload.list(**{"max-parts": "0"}).code == "InvalidArgument"
    assert upload.list(**{"max-parts": "x"}).code == "InvalidArgument"


def test_a_key_may_be_answered_encoded(oss_emulator: Emulator) -> None:
    upload = Upload(oss_emulator, encoding_type="url")
    assert upload.begun.field("EncodingType") == "url"
    assert upload.begun.field("Key") == "dir%2Flarge%20%E6%95%B0%E6%8D%AE.bin"


def test_parts_of_ended_uploads_leave_the_disk(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        aborted, completed, open_ = (Upload(emulator) for _ in range(3))
        for upload in (aborted, completed, open_):
            etag = upload.part(1, b"x").headers["etag"]
        assert aborted.abort().status == 204
        assert completed.complete([(1, etag)]).status == 200
        assert [path.name for path in (tmp_path / "uploads").iterdir()] == [open_.id]
        assert len([*(tmp_path / "blobs").iterdir()]) == 2  # the object, and the open part
    with Emulator(data=tmp_path) as emulator:
        open_.emulator, open_.client = emulator, emulator.client()
        assert open_.complete([(1, etag)]).status == 200
        assert len([*(tmp_path / "blobs").iterdir()]) == 1
