"""The emulator puts, gets and deletes objects as OSS does."""

from __future__ import annotations

import base64
import datetime
import hashlib
from email.utils import formatdate
from typing import Any

import ossign as oss
import pytest
import wire
from ossign.testing import Emulator
from wire import Answer, ask, send

UTC = datetime.timezone.utc
BUCKET = "examplebucket"


def put(emulator: Emulator, key: str, body: bytes, /, **fields: Any) -> Answer:
    request = oss.PutObjectRequest(bucket=BUCKET, key=key, **fields)
    return send(emulator.endpoint, emulator.client().presign(request), body)


def get(
    emulator: Emulator, key: str, fields: dict[str, Any] | None = None, **headers: str
) -> Answer:
    request = oss.GetObjectRequest(bucket=BUCKET, key=key, **(fields or {}))
    return send(emulator.endpoint, emulator.client().presign(request), None, **headers)


def head(emulator: Emulator, key: str, **fields: Any) -> Answer:
    request = oss.HeadObjectRequest(bucket=BUCKET, key=key, **fields)
    return send(emulator.endpoint, emulator.client().presign(request))


def delete(emulator: Emulator, key: str) -> Answer:
    request = oss.OperationInput(op_name="DeleteObject", method="DELETE", bucket=BUCKET, key=key)
    return send(emulator.endpoint, emulator.client().presign(request))


def test_an_upload_is_answered_with_its_digests(oss_emulator: Emulator) -> None:
    answer = put(oss_emulator, "a.txt", b"123456789")
    md5 = hashlib.md5(b"123456789")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["etag"] == f'"{md5.hexdigest().upper()}"'
    assert answer.headers["content-md5"] == base64.b64encode(md5.digest()).decode()
    assert answer.headers["x-oss-hash-crc64ecma"] == str(0x995DC9BBDF1939FA)
    assert len(answer.headers["x-oss-request-id"]) == 24
    assert answer.headers["x-oss-server-time"].isdigit()
    assert answer.headers["server"] == "AliyunOSS"


def test_an_object_comes_back_with_what_was_kept(oss_emulator: Emulator) -> None:
    fields = {
        "content_type": "text/plain",
        "cache_control": "no-cache",
        "content_disposition": 'attachment; filename="a.txt"',
        "content_encoding": "identity",
        "expires": "Thu, 01 Jan 2026 00:00:00 GMT",
        "metadata": {"author": "alice", "note-1": "数据"},
        "storage_class": "IA",
        "tagging": "a=1&b=2",
    }
    assert put(oss_emulator, "dir/a b+数据.txt", b"hello", **fields).status == 200
    answer = get(oss_emulator, "dir/a b+数据.txt")
    assert (answer.status, answer.body) == (200, b"hello")
    expected = {
        "content-type": "text/plain",
        "cache-control": "no-cache",
        "content-disposition": 'attachment; filename="a.txt"',
        "content-encoding": "identity",
        "expires": "Thu, 01 Jan 2026 00:00:00 GMT",
        "x-oss-meta-author": "alice",
        "x-oss-storage-class": "IA",
        "x-oss-object-type": "Normal",
        "x-oss-tagging-count": "2",
        "accept-ranges": "bytes",
        "content-length": "5",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert answer.headers["x-oss-meta-note-1"].encode("latin-1").decode() == "数据"
    assert answer.headers["last-modified"].endswith("GMT")
    headed = head(oss_emulator, "dir/a b+数据.txt")
    assert (headed.status, headed.body) == (200, b"")
    for name in (*expected, "etag", "content-md5", "x-oss-hash-crc64ecma"):
        assert headed.headers[name] == answer.headers[name]


def test_what_has_no_type_is_octets_of_the_standard_class(oss_emulator: Emulator) -> None:
    put(oss_emulator, "a", b"")
    answer = get(oss_emulator, "a")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-oss-storage-class"] == "Standard"
    assert (answer.headers["content-length"], answer.body) == ("0", b"")


@pytest.mark.parametrize(
    ("range_", "standard", "status", "body"),
    [
        ("bytes=0-3", False, 206, b"0123"),
        ("bytes=90-", False, 206, None),
        ("bytes=-5", False, 206, None),
        ("bytes=0-0,5-9", False, 206, b"0"),
        ("bytes=50-200", False, 200, None),
        ("bytes=50-200", True, 206, None),
        ("bytes=100-200", False, 200, None),
        ("bytes=100-200", True, 416, None),
        ("octets=0-3", False, 200, None),
        ("octets=0-3", True, 200, None),
    ],
)
def test_ranges_are_those_of_oss(
    oss_emulator: Emulator, range_: str, standard: bool, status: int, body: bytes | None
) -> None:
    data = bytes(b"0123456789" * 10)
    put(oss_emulator, "a", data)
    more = {"x_oss_range_behavior": "standard"} if standard else {}
    request = oss.GetObjectRequest(
        bucket=BUCKET,
        key="a",
        range_header=range_,
        **({"range_behavior": "standard"} if standard else {}),
    )
    answer = send(oss_emulator.endpoint, oss_emulator.client().presign(request), None, **more)
    assert answer.status == status
    if status == 206:
        where = answer.headers["content-range"]
        first, last = map(int, where.removeprefix("bytes ").removesuffix("/100").split("-"))
        assert answer.body == data[first : last + 1]
        assert body in (None, answer.body)
    elif status == 200:
        assert (answer.body, answer.headers.get("content-range")) == (data, None)
    else:
        assert answer.code == "InvalidRange"


def test_a_get_may_set_headers_of_its_answer(oss_emulator: Emulator) -> None:
    put(oss_emulator, "a", b"x", content_type="text/plain")
    fields = {
        "response_content_type": "image/png",
        "response_content_disposition": "attachment; filename*=UTF-8''%E6%95%B0.png",
        "response_cache_control": "max-age=1",
        "response_content_language": "en",
        "response_content_encoding": "br",
        "response_expires": "0",
    }
    answer = get(oss_emulator, "a", fields)
    for name, value in fields.items():
        assert answer.headers[name.removeprefix("response_").replace("_", "-")] == value
    assert get(oss_emulator, "a", {"response_expires": "a\x01"}).code == "InvalidArgument"


def test_conditions_are_obeyed(oss_emulator: Emulator) -> None:
    etag = put(oss_emulator, "a", b"x").headers["etag"]
    earlier, later = formatdate(0, usegmt=True), formatdate(4e9, usegmt=True)
    for headers, status in [
        ({"if_match": etag}, 200),
        ({"if_match": "*"}, 200),
        ({"if_match": '"other"'}, 412),
        ({"if_none_match": etag}, 304),
        ({"if_none_match": f'"other", {etag}'}, 304),
        ({"if_none_match": '"other"'}, 200),
        ({"if_modified_since": earlier}, 200),
        ({"if_modified_since": later}, 304),
        ({"if_unmodified_since": earlier}, 412),
        ({"if_unmodified_since": later}, 200),
        ({"if_none_match": '"other"', "if_modified_since": later}, 200),
        ({"if_modified_since": "yesterday"}, 200),
    ]:
        answer = get(oss_emulator, "a", **headers)
        assert answer.status == status, headers
        assert answer.status != 304 or answer.body == b""
    assert head(oss_emulator, "a", if_match='"other"').status == 412


def test_deleting_what_is_there_and_what_is_not_is_the_same(oss_emulator: Emulator) -> None:
    put(oss_emulator, "a", b"x")
    assert delete(oss_emulator, "a").status == 204
    assert get(oss_emulator, "a").code == "NoSuchKey"
    assert delete(oss_emulator, "a").status == 204
    assert oss_emulator.objects() == []


def test_a_head_of_nothing_says_why_in_a_header(oss_emulator: Emulator) -> None:
    answer = head(oss_emulator, "nothing")
    assert (answer.status, answer.body) == (404, b"")
    assert b"<Code>NoSuchKey</Code>" in base64.b64decode(answer.headers["x-oss-err"])
    assert answer.headers["x-oss-ec"] == "0026-00000001"


def test_an_object_is_overwritten_unless_that_is_forbidden(oss_emulator: Emulator) -> None:
    assert put(oss_emulator, "a", b"1", forbid_overwrite=True).status == 200
    assert put(oss_emulator, "a", b"2").status == 200
    answer = put(oss_emulator, "a", b"3", forbid_overwrite=True)
    assert (answer.status, answer.code) == (409, "FileAlreadyExists")
    assert oss_emulator.read(BUCKET, "a") == b"2"


def test_a_body_that_is_not_what_its_digest_says_is_refused(oss_emulator: Emulator) -> None:
    right = base64.b64encode(hashlib.md5(b"body").digest()).decode()
    assert put(oss_emulator, "a", b"body", content_md5=right).status == 200
    for body, md5 in [(b"other", right), (b"body", "no base64"), (b"body", "YQ==")]:
        answer = put(oss_emulator, "b", body, content_md5=md5)
        assert (answer.status, answer.code) == (400, "InvalidDigest")
    assert [stored.key for stored in oss_emulator.objects()] == ["a"]


def test_a_body_needs_a_length_or_chunks(oss_emulator: Emulator) -> None:
    result = oss_emulator.client().presign(oss.PutObjectRequest(bucket=BUCKET, key="a"))
    chunked = ask(oss_emulator.endpoint, "PUT", result.url, {}, iter([b"one", b"two"]))
    assert chunked.status == 200
    assert oss_emulator.read(BUCKET, "a") == b"onetwo"
    with wire.connect(oss_emulator.endpoint) as connection:
        connection.sendall(wire.head("PUT", result.url, "Connection: close"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"<Code>MissingContentLength</Code>" in answer
    with wire.connect(oss_emulator.endpoint) as connection:
        connection.sendall(wire.head("PUT", result.url, f"Content-Length: {(5 << 30) + 1}"))
        assert b"<Code>EntityTooLarge</Code>" in connection.recv(65536)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"metadata": {"a_b": "1"}}, "InvalidArgument"),
        ({"metadata": {"a": "x" * 8192}}, "MetadataTooLarge"),
        ({"storage_class": "Cold"}, "InvalidArgument"),
        ({"acl": "everybody"}, "InvalidArgument"),
        ({"traffic_limit": 1000}, "InvalidArgument"),
        ({"parameters": {"acl": ""}}, "NotImplemented"),
        ({"parameters": {"append": "", "position": "0"}}, "NotImplemented"),
        ({"headers": {"x-oss-copy-source": "/b/k"}}, "NotImplemented"),
    ],
)
def test_what_oss_does_not_take_is_refused(
    oss_emulator: Emulator, fields: dict[str, Any], code: str
) -> None:
    assert put(oss_emulator, "a", b"x", **fields).code == code
    assert oss_emulator.objects() == []


def test_what_the_emulator_does_not_do_it_says(oss_emulator: Emulator) -> None:
    put(oss_emulator, "a", b"x")
    assert get(oss_emulator, "a", {"process": "image/resize,w_100"}).code == "NotImplemented"
    assert get(oss_emulator, "a", {"version_id": "v"}).code == "NoSuchVersion"
    assert get(oss_emulator, "a", {"version_id": "null"}).status == 200
    request = oss.OperationInput(op_name="ListObjectsV2", method="GET", bucket=BUCKET)
    listed = send(oss_emulator.endpoint, oss_emulator.client().presign(request))
    assert (listed.status, listed.code) == (501, "NotImplemented")


def test_an_archived_object_has_to_be_restored_first(oss_emulator: Emulator) -> None:
    put(oss_emulator, "a", b"x", storage_class="Archive")
    assert get(oss_emulator, "a").code == "InvalidObjectState"
    assert head(oss_emulator, "a").headers["x-oss-storage-class"] == "Archive"


def test_what_is_public_may_be_read_without_a_signature(oss_emulator: Emulator) -> None:
    put(oss_emulator, "public", b"x", acl="public-read")
    put(oss_emulator, "private", b"x")
    base = f"{oss_emulator.endpoint}/{BUCKET}"
    assert ask(base, "GET", f"{base}/public").body == b"x"
    assert ask(base, "GET", f"{base}/private").code == "AccessDenied"
    assert ask(base, "DELETE", f"{base}/public").code == "AccessDenied"
    overriding = ask(base, "GET", f"{base}/public?response-expires=0")
    assert overriding.code == "InvalidRequest"


@pytest.mark.parametrize(
    "key",
    [
        "../../../etc/passwd",
        "a/../b",
        "..",
        ".",
        "a//b",
        "a\\..\\b",
        "con",
        "a:b",
        "nul\x00byte",
        "k" * 1023,
        "数" * 341,
        "%2e%2e/%2e%2e",
        "a?b&c=d#e",
        " ",
        "\u202eabc",
        "😀",
        "trailing/",
    ],
)
def test_every_key_that_oss_allows_is_stored_under_its_own_name(
    oss_emulator: Emulator, key: str
) -> None:
    assert put(oss_emulator, key, key.encode()).status == 200
    assert get(oss_emulator, key).body == key.encode()
    assert [stored.key for stored in oss_emulator.objects()] == [key]


def test_every_address_style_finds_the_object(oss_emulator: Emulator) -> None:
    port = oss_emulator.endpoint.rpartition(":")[2]
    put(oss_emulator, "a", b"x")
    for settings in [
        {"endpoint": f"http://localhost:{port}", "use_path_style": True},
        {"endpoint": f"http://localhost:{port}"},
        {"endpoint": f"http://oss.test:{port}"},
        {"endpoint": "oss-cn-hangzhou.aliyuncs.com"},
    ]:
        client = oss_emulator.client(**settings, additional_headers=["host"])
        result = client.presign(oss.GetObjectRequest(bucket=BUCKET, key="a"))
        assert send(oss_emulator.endpoint, result).body == b"x", settings


def test_a_custom_domain_stands_for_the_bucket_of_the_emulator() -> None:
    with Emulator(bucket=BUCKET) as emulator:
        put(emulator, "a", b"x")
        client = emulator.client(endpoint="http://img.example.com", use_cname=True)
        result = client.presign(oss.GetObjectRequest(bucket=BUCKET, key="a"))
        assert result.url.startswith("http://img.example.com/a?")
        assert send(emulator.endpoint, result).body == b"x"
        other = emulator.client(endpoint="http://img.example.com", use_cname=True)
        wrong = other.presign(oss.GetObjectRequest(bucket="otherbucket", key="a"))
        assert send(emulator.endpoint, wrong).code == "SignatureDoesNotMatch"


def test_the_root_says_what_this_is(oss_emulator: Emulator) -> None:
    answer = ask(oss_emulator.endpoint, "GET", oss_emulator.endpoint + "/")
    assert answer.status == 200
    assert b"for development, not for storage" in answer.body
