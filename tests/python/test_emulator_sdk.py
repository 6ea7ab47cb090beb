"""The official SDK works against the emulator, with signatures in headers and in URLs."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pytest
import requests
from ossign.testing import Emulator

BUCKET = "examplebucket"


def client(emulator: Emulator, **settings: Any) -> Any:
    config = sdk.config.Config(
        region="cn-hangzhou",
        endpoint=emulator.endpoint,
        credentials_provider=sdk.credentials.StaticCredentialsProvider(
            emulator.credentials.access_key_id,
            emulator.credentials.access_key_secret,
            emulator.credentials.security_token,
        ),
        **settings,
    )
    return sdk.Client(config)


@pytest.mark.parametrize(
    "settings", [{}, {"signature_version": "v1"}, {"additional_headers": ["host"]}], ids=str
)
def test_objects_go_to_and_fro(oss_emulator: Emulator, settings: dict[str, Any]) -> None:
    ours = client(oss_emulator, **settings)
    assert ours.put_bucket(sdk.PutBucketRequest(bucket=BUCKET)).status_code == 200
    body = b"hello" * 1000
    put = ours.put_object(
        sdk.PutObjectRequest(
            bucket=BUCKET, key="a/数据 +.txt", body=body, content_type="a/b", metadata={"n": "v"}
        )
    )
    assert put.etag == f'"{hashlib.md5(body).hexdigest().upper()}"'
    got = ours.get_object(sdk.GetObjectRequest(bucket=BUCKET, key="a/数据 +.txt"))
    assert got.body.read() == body
    assert (got.content_type, dict(got.metadata)) == ("a/b", {"n": "v"})
    assert got.hash_crc64 == put.hash_crc64
    ranged = ours.get_object(
        sdk.GetObjectRequest(bucket=BUCKET, key="a/数据 +.txt", range_header="bytes=1-2")
    )
    assert ranged.body.read() == b"el"
    head = ours.head_object(sdk.HeadObjectRequest(bucket=BUCKET, key="a/数据 +.txt"))
    assert head.content_length == 5000
    assert ours.is_object_exist(BUCKET, "a/数据 +.txt")
    deleted = ours.delete_object(sdk.DeleteObjectRequest(bucket=BUCKET, key="a/数据 +.txt"))
    assert deleted.status_code == 204
    assert not ours.is_object_exist(BUCKET, "a/数据 +.txt")
    with pytest.raises(sdk.exceptions.OperationError) as refused:
        ours.get_object(sdk.GetObjectRequest(bucket=BUCKET, key="nothing"))
    error = refused.value.unwrap()
    assert (error.status_code, error.code, error.ec) == (404, "NoSuchKey", "0026-00000001")
    assert len(error.request_id) == 24


def test_a_token_is_part_of_it() -> None:
    with Emulator(credentials=oss.Credentials("STS.id", "secret", "a+token/=")) as emulator:
        for version in ("v4", "v1"):
            ours = client(emulator, signature_version=version)
            ours.put_object(sdk.PutObjectRequest(bucket=BUCKET, key=version, body=b"x"))
        assert len(emulator.objects()) == 2


def test_the_clock_of_a_client_may_be_15_minutes_off_and_no_more() -> None:
    with Emulator(clock=890) as emulator:
        client(emulator).put_object(sdk.PutObjectRequest(bucket=BUCKET, key="a", body=b"x"))
    with Emulator(clock=910) as emulator:
        ours = client(emulator, disable_upload_crc64_check=True, retry_max_attempts=1)
        with pytest.raises(sdk.exceptions.OperationError) as refused:
            ours.put_object(sdk.PutObjectRequest(bucket=BUCKET, key="a", body=b"x"))
        error = refused.value.unwrap()
        assert (error.status_code, error.code) == (403, "RequestTimeTooSkewed")


def test_its_uploads_in_parts(oss_emulator: Emulator) -> None:
    ours = client(oss_emulator)
    ids = {"bucket": BUCKET, "key": "large"}
    upload_id = ours.initiate_multipart_upload(sdk.InitiateMultipartUploadRequest(**ids)).upload_id
    parts = []
    for number, size in [(1, 102_400), (2, 102_400), (3, 1)]:
        answer = ours.upload_part(
            sdk.UploadPartRequest(
                **ids, upload_id=upload_id, part_number=number, body=bytes([number]) * size
            )
        )
        parts.append(sdk.UploadPart(part_number=number, etag=answer.etag))
    listed = ours.list_parts(sdk.ListPartsRequest(**ids, upload_id=upload_id))
    assert [(part.part_number, part.size) for part in listed.parts] == [
        (1, 102_400),
        (2, 102_400),
        (3, 1),
    ]
    assert [part.etag for part in listed.parts] == [part.etag for part in parts]
    done = ours.complete_multipart_upload(
        sdk.CompleteMultipartUploadRequest(
            **ids,
            upload_id=upload_id,
            complete_multipart_upload=sdk.CompleteMultipartUpload(parts=parts),
        )
    )
    assert (done.bucket, done.key) == (BUCKET, "large")
    (stored,) = oss_emulator.objects()
    assert (f'"{stored.etag}"', str(stored.crc64)) == (done.etag, str(done.hash_crc64))
    other = ours.initiate_multipart_upload(sdk.InitiateMultipartUploadRequest(**ids)).upload_id
    aborted = ours.abort_multipart_upload(sdk.AbortMultipartUploadRequest(**ids, upload_id=other))
    assert aborted.status_code == 204


def test_its_uploader_and_downloader_with_several_threads(
    oss_emulator: Emulator, tmp_path: Path
) -> None:
    ours = client(oss_emulator)
    body = bytes(range(256)) * 4096 * 3 + b"end"
    uploader = ours.uploader(part_size=1 << 20, parallel_num=3)
    result = uploader.upload_from(sdk.PutObjectRequest(bucket=BUCKET, key="a"), io.BytesIO(body))
    assert result.status_code == 200
    assert oss_emulator.read(BUCKET, "a") == body
    target = tmp_path / "a"
    downloader = ours.downloader(part_size=1 << 20, parallel_num=3)
    downloader.download_file(sdk.GetObjectRequest(bucket=BUCKET, key="a"), str(target))
    assert target.read_bytes() == body


def test_its_presigned_urls_are_taken(oss_emulator: Emulator) -> None:
    for version in ("v4", "v1"):
        ours = client(oss_emulator, signature_version=version)
        put = ours.presign(sdk.PutObjectRequest(bucket=BUCKET, key="a b", content_type="a/b"))
        headers = put.signed_headers
        assert requests.put(put.url, b"x", headers=headers, timeout=30).status_code == 200
        get = ours.presign(sdk.GetObjectRequest(bucket=BUCKET, key="a b"))
        assert requests.get(get.url, timeout=30).content == b"x"
    assert oss_emulator.refusals == []
