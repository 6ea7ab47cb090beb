"""What the API promises, asked of every face: the table of types, limits, errors, bad input."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from faces import (
    BATCH,
    FORM,
    KEY,
    MULTIPART,
    ONE,
    PARTS,
    PHOTO,
    SECRET,
    TOKEN,
    Face,
    client,
)
from ossign import Credentials

TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "aac": "audio/aac",
    "m4a": "audio/mp4",
    "pdf": "application/pdf",
}
ALIASES = {
    "jpg": "image/jpg",
    "bmp": "image/x-ms-bmp",
    "avi": "video/avi",
    "mkv": "video/matroska",
    "webm": "video/webm;codecs=vp9,opus",
    "mp3": "audio/mp3",
    "wav": "audio/x-wav",
    "aac": "audio/vnd.dlna.adts",
    "m4a": "audio/x-m4a",
}
FIELDS = {"upload_url", "access_url", "object_key", "content_type", "expire_at"}
OBJECT_KEY = re.compile(r"uploads/\d{4}/\d\d/\d\d/[0-9a-f]{32}\.[a-z0-9]+")


def assert_problem(answer: Any, code: int, field: str | None = None) -> None:
    assert answer["code"] == code, answer
    assert answer.get("field") == field, answer
    assert isinstance(answer["message"], str) and answer["message"]
    assert set(answer) <= {"code", "message", "field"}


@pytest.mark.parametrize("extension", TYPES)
def test_each_type_of_the_table_has_a_url(face: Face, extension: str) -> None:
    reply = face.one(filename=f"a.{extension.upper()}", content_type=TYPES[extension])
    assert reply.status == 200
    assert reply.json["code"] == 0
    data = reply.json["data"]
    assert set(data) == FIELDS
    assert data["content_type"] == TYPES[extension]
    assert OBJECT_KEY.fullmatch(data["object_key"]) and data["object_key"].endswith(f".{extension}")
    today = time.strftime("uploads/%Y/%m/%d/", time.gmtime(data["expire_at"] - 3600))
    assert data["object_key"].startswith(today)


@pytest.mark.parametrize(("extension", "alias"), ALIASES.items())
def test_what_browsers_call_a_type_is_answered_with_its_name(
    face: Face, extension: str, alias: str
) -> None:
    reply = face.one(filename=f"a.{extension}", content_type=alias)
    assert reply.json["data"]["content_type"] == TYPES[extension]


@pytest.mark.parametrize("extension", TYPES)
def test_a_type_that_contradicts_the_extension_is_400(face: Face, extension: str) -> None:
    other = "audio/mpeg" if extension != "mp3" else "video/mp4"
    reply = face.one(filename=f"a.{extension}", content_type=other)
    assert reply.status == 400
    assert_problem(reply.json, 40006, "content_type")


def test_the_url_is_signed_for_what_was_answered(face: Face) -> None:
    data = face.one(expire_seconds=120).json["data"]
    url = urlsplit(data["upload_url"])
    assert url.path == f"/{data['object_key']}"
    query = parse_qs(url.query)
    assert query["x-oss-expires"] == ["120"]
    assert query["x-oss-security-token"] == [TOKEN]
    assert abs(data["expire_at"] - time.time() - 120) < 60
    assert data["access_url"] == f"https://{url.netloc}{url.path}"


def test_two_answers_never_have_the_same_key(face: Face) -> None:
    items = face.batch(*[PHOTO] * 20).json["data"]["items"]
    assert len({item["object_key"] for item in items}) == 20


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("photo.jpg.exe", 40005),
        ("photo", 40005),
        ("photo.", 40005),
        (".jpg", 40005),
        ("..", 40005),
        ("../../etc/passwd", 40005),
        ("a.jpg/..", 40005),
        ("a.svg", 40005),
        ("a.jpg ", 40005),
        ("a.jpg\0", 40004),
        ("a\0.jpg", 40004),
        ("a\r\nX-Evil: 1.jpg", 40004),
        ("exe\u202egpj.jpg", 40004),
        ("a" * 4996 + ".jpg", 40004),
        ("\ud83d.jpg", 40004),
        ("\ude00\ud83d.jpg", 40004),
        ("", 40004),
        (5, 40003),
        (True, 40003),
        (None, 40003),
        (["a.jpg"], 40003),
        ({"a": "b.jpg"}, 40003),
    ],
)
def test_a_bad_file_name_is_400(face: Face, name: object, code: int) -> None:
    reply = face.one(filename=name)
    assert reply.status == 400
    assert_problem(reply.json, code, "filename")


@pytest.mark.parametrize(
    "name", ["../../a.jpg", "C:\\fakepath\\a.jpg", "a.exe.jpg", "a?b#c&%2e.jpg"]
)
def test_nothing_of_a_file_name_but_its_extension_is_in_the_key(face: Face, name: str) -> None:
    assert OBJECT_KEY.fullmatch(face.one(filename=name).json["data"]["object_key"])


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("", 40004),
        ("image/jpeg\r\nX-Evil: 1", 40004),
        ("image/jpeg\0", 40004),
        ("i" * 5000, 40004),
        ("image/jpeg\ud83d", 40004),
        ("nonsense", 40006),
        ("*/*", 40006),
        (1, 40003),
        (None, 40003),
    ],
)
def test_a_bad_content_type_is_400(face: Face, content_type: object, code: int) -> None:
    reply = face.one(content_type=content_type)
    assert reply.status == 400
    assert_problem(reply.json, code, "content_type")


@pytest.mark.parametrize("seconds", [60, 61, 3600, 7200])
def test_expire_seconds_may_be_60_to_7200(face: Face, seconds: int) -> None:
    assert face.one(expire_seconds=seconds).status == 200
    assert face.batch(PHOTO, expire_seconds=seconds).status == 200


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, 40004),
        (7201, 40004),
        (0, 40004),
        (-60, 40004),
        (10**30, 40004),
        (3600.5, 40003),
        (3600.0, 40003),
        ("3600", 40003),
        ("\ud83d", 40003),
        (True, 40003),
        (None, 40003),
        ([], 40003),
    ],
)
def test_other_expire_seconds_are_400(face: Face, seconds: object, code: int) -> None:
    for reply in (face.one(expire_seconds=seconds), face.batch(PHOTO, expire_seconds=seconds)):
        assert reply.status == 400
        assert_problem(reply.json, code, "expire_seconds")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null garbage",
        b'{"filename": "a.jpg",}',
        b"\xff\xfe",
        b'\xef\xbb\xbf{"filename": "a.jpg", "content_type": "image/jpeg"}',
        b'{"filename": "\\ud800.jpg", "content_type": "image/jpeg"',
        b'{"filename": "\\ud8.jpg", "content_type": "image/jpeg"}',
        b'{"filename": "a.jpg", "filename": "b.jpg", "content_type": "image/jpeg"}',
        b'{"filename": NaN}',
        b"[" * 50_000,
        b'{"a":' * 20_000,
    ],
)
def test_a_body_that_is_not_json_is_400(face: Face, body: bytes) -> None:
    for path in (ONE, BATCH):
        reply = face.ask(path, body)
        assert reply.status == 400
        assert_problem(reply.json, 40001)


@pytest.mark.parametrize("body", [b"null", b"5", b'"text"', b"[]", b"true"])
def test_a_body_that_is_no_object_is_400(face: Face, body: bytes) -> None:
    for path in (ONE, BATCH):
        assert_problem(face.ask(path, body).json, 40003)


@pytest.mark.parametrize("field", ["filename", "content_type"])
def test_a_missing_field_is_400_and_named(face: Face, field: str) -> None:
    reply = face.ask(ONE, {name: value for name, value in PHOTO.items() if name != field})
    assert reply.status == 400
    assert_problem(reply.json, 40002, field)


def test_unknown_fields_are_ignored(face: Face) -> None:
    assert face.one(more=[{"deep": {}}], content_length="any").status == 200
    assert face.one(more="\ud83d", **{"\ud83d": {"\ude00": 1}}).status == 200


def test_a_body_of_ten_megabytes_is_413(face: Face) -> None:
    for path in (ONE, BATCH):
        reply = face.ask(path, b'{"a": "' + b"x" * 10_000_000 + b'"}')
        assert reply.status == 413
        assert_problem(reply.json, 41301)


@pytest.mark.parametrize("key", [None, "", "wrong", KEY + "x", KEY[:-1], KEY.upper(), "\xff" * 9])
@pytest.mark.parametrize("path", [ONE, BATCH])
def test_without_a_known_key_it_is_401(face: Face, path: str, key: str | None) -> None:
    reply = face.ask(path, PHOTO, key=key)
    assert reply.status == 401
    assert_problem(reply.json, 40102 if key else 40101)
    assert reply.headers["www-authenticate"]


@pytest.mark.parametrize(
    "path", ["/api/oss/presign-put/", "/api/oss/presign-put/x", "/api/oss/presign", "/api/oss/"]
)
def test_an_unknown_route_is_404(face: Face, path: str) -> None:
    for method in ("GET", "POST"):
        reply = face.ask(path, PHOTO, method=method)
        assert reply.status == 404
        assert_problem(reply.json, 40401)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", [ONE, BATCH])
def test_another_method_is_405_and_told_which_is_right(face: Face, path: str, method: str) -> None:
    reply = face.ask(path, PHOTO, method=method)
    assert reply.status == 405
    assert reply.headers["allow"] == "POST"
    assert_problem(reply.json, 40501)


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        ({"path": "/api/oss/x"}, b'{"code":40401,"message":"there is nothing at this path"}'),
        (
            {"path": ONE, "method": "GET"},
            b'{"code":40501,"message":"the method must be POST"}',
        ),
        (
            {"path": ONE, "key": None},
            b'{"code":40101,"message":"the header Apikey is missing"}',
        ),
    ],
)
def test_refusals_are_alike_to_the_byte(face: Face, asked: Any, body: bytes) -> None:
    reply = face.ask(**{"body": PHOTO, **asked})
    assert reply.body == body
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("path", [FORM, MULTIPART, PARTS])
def test_what_is_switched_off_is_404_by_any_method(face: Face, path: str, method: str) -> None:
    reply = face.ask(path, PHOTO, method=method)
    assert reply.status == 404 and "allow" not in reply.headers
    assert_problem(reply.json, 40401)


def test_a_batch_answers_in_order_and_a_bad_file_fails_alone(face: Face) -> None:
    good = [{"filename": f"a.{e}", "content_type": t} for e, t in TYPES.items()]
    bad = [{"filename": "a.exe", "content_type": "image/png"}, {}, 5]
    reply = face.batch(*good[:8], *bad, *good[8:])
    data = reply.json["data"]
    assert (reply.status, data["total"], data["success"], data["failed"]) == (200, 19, 16, 3)
    fine = data["items"][:8] + data["items"][11:]
    assert [item["content_type"] for item in fine] == [*TYPES.values()]
    assert all(set(item) == FIELDS for item in fine)
    for item, code in zip(data["items"][8:11], [40005, 40002, 40003], strict=True):
        assert set(item) == {"error"}
        assert_problem(item["error"], code, None if code == 40003 else "filename")


def test_a_name_that_is_not_unicode_fails_alone(face: Face) -> None:
    names = ["ok.jpg", "\ud83d.jpg", "\ud83d\ude00.jpg", "\\ud83d.jpg", "a.jpg\ude00", "数.jpg"]
    reply = face.batch(*[{"filename": name, "content_type": "image/jpeg"} for name in names])
    assert reply.status == 200
    items = reply.json["data"]["items"]
    assert ["error" in item for item in items] == [False, True, False, False, True, False]
    for item in (items[1], items[4]):
        assert_problem(item["error"], 40004, "filename")
        assert "valid Unicode" in item["error"]["message"]


def test_a_batch_of_nothing_but_bad_files_is_still_answered(face: Face) -> None:
    reply = face.batch({"filename": "a"}, {})
    assert reply.status == 200
    assert reply.json["data"]["failed"] == 2


@pytest.mark.parametrize(
    ("files", "code"),
    [([], 40004), ([PHOTO] * 21, 40004), ({}, 40003), (None, 40003), ("a", 40003)],
)
def test_a_batch_has_1_to_20_files(face: Face, files: object, code: int) -> None:
    reply = face.ask(BATCH, {"files": files})
    assert reply.status == 400
    assert_problem(reply.json, code, "files")


def test_a_batch_without_files_is_400(face: Face) -> None:
    assert_problem(face.ask(BATCH, PHOTO).json, 40002, "files")


def test_answers_are_not_kept_by_caches(face: Face) -> None:
    assert face.one().headers["cache-control"] == "no-store"


def test_where_the_credentials_have_ended_it_is_500(start: Callable[..., Face]) -> None:
    ended = Credentials("sample-id", SECRET, TOKEN, datetime(2020, 1, 1, tzinfo=timezone.utc))
    face = start(client(credentials_provider=ended))
    for path, body in ((ONE, PHOTO), (BATCH, {"files": [PHOTO]})):
        reply = face.ask(path, body)
        assert reply.status == 500
        assert_problem(reply.json, 50003)
        assert SECRET.encode() not in reply.body


def test_no_error_repeats_what_was_sent(face: Face) -> None:
    mark = "hush"
    bodies: list[Any] = [
        {"filename": f"{mark}.{mark}", "content_type": mark},
        {"filename": f"{mark}.jpg", "content_type": mark},
        {"filename": mark * 100, "content_type": mark},
        {"filename": {mark: mark}, mark: mark},
        [mark],
        mark,
        {"files": mark},
        {"files": [mark, {"filename": mark, "content_type": mark}]},
        f'{{"{mark}": {mark}'.encode(),
    ]
    for body in bodies:
        for path in (ONE, BATCH):
            reply = face.ask(path, body)
            assert mark not in reply.body.decode()
    assert mark not in face.ask(f"/api/oss/{mark}", PHOTO).body.decode()
    assert mark not in face.ask(ONE, PHOTO, key=mark).body.decode()


def test_a_rate_is_kept_and_told(start: Callable[..., Face]) -> None:
    face = start(rate_limit=(2, 600))
    assert [face.one().status for _ in range(2)] == [200, 200]
    reply = face.one()
    assert reply.status == 429
    assert_problem(reply.json, 42901)
    assert 1 <= int(reply.headers["retry-after"]) <= 300


def test_options_change_the_answer(start: Callable[..., Face]) -> None:
    callback = {"url": "https://example.com/done", "body": "object=${object}"}
    face = start(
        access_url="https://cdn.example.com/",
        max_bytes={"image": 1000},
        callback=callback,
        object_key="{category}/{yyyy}/{random}.{ext}",
    )
    assert_problem(face.one().json, 40002, "content_length")
    assert_problem(face.one(content_length=1001).json, 40007, "content_length")
    assert_problem(face.one(content_length=1.5).json, 40003, "content_length")
    data = face.one(content_length=1000).json["data"]
    assert data["content_length"] == 1000
    assert data["access_url"] == f"https://cdn.example.com/{data['object_key']}"
    assert data["object_key"].startswith("image/2")
    query = parse_qs(urlsplit(data["upload_url"]).query)
    assert query["x-oss-additional-headers"] == ["content-length"]
    sent = json.loads(base64.b64decode(query["callback"][0]))
    assert (sent["callbackUrl"], sent["callbackBody"]) == (callback["url"], callback["body"])
    assert (
        "content_length"
        not in face.one(filename="a.pdf", content_type="application/pdf").json["data"]
    )


def test_forms_are_there_where_they_are_switched_on(start: Callable[..., Face]) -> None:
    assert_problem(start().ask(FORM, PHOTO).json, 40401)
    face = start(form_upload=True, max_bytes={"image": 1000})
    reply = face.ask(FORM, PHOTO)
    assert reply.status == 200
    data = reply.json["data"]
    assert set(data) == FIELDS | {"fields"}
    assert next(iter(data["fields"])) == "key"
    policy = base64.b64decode(data["fields"]["policy"]).decode()
    assert '["content-length-range",0,1000]' in policy
    exact = base64.b64decode(
        face.ask(FORM, {**PHOTO, "content_length": 7}).json["data"]["fields"]["policy"]
    )
    assert b'["content-length-range",7,7]' in exact
    assert_problem(face.ask(FORM, {**PHOTO, "content_length": 1001}).json, 40007, "content_length")
    assert_problem(face.ask(FORM, PHOTO, method="GET").json, 40501)


def test_a_private_bucket_is_read_by_presigned_urls(start: Callable[..., Face]) -> None:
    data = start(access_url="presigned", access_expire_seconds=7200).one().json["data"]
    assert "x-oss-expires=7200&" in data["access_url"]
    assert data["access_expire_at"] - data["expire_at"] == 3600


def test_version_1_signs_by_setting(start: Callable[..., Face]) -> None:
    data = start(client(signature_version="v1")).one().json["data"]
    query = parse_qs(urlsplit(data["upload_url"]).query)
    assert query["Expires"] == [str(data["expire_at"])]


@pytest.mark.parametrize("version", ["v4", "v1"])
def test_a_url_of_a_token_ends_within_twelve_hours(
    start: Callable[..., Face], version: str
) -> None:
    signer = client(signature_version=version)
    face = start(signer, access_url="presigned", access_expire_seconds=100_000)
    data = face.one().json["data"]
    assert data["access_expire_at"] - data["expire_at"] == 43_200 - 3600
    if version == "v1":
        query = parse_qs(urlsplit(data["access_url"]).query)
        assert query["Expires"] == [str(data["access_expire_at"])]


FILM = {"filename": "film.MP4", "content_type": "video/mp4", "size": 20_000_000}


def begun(face: Face, **more: Any) -> dict[str, Any]:
    """What a request for parts says of an upload that was begun just now."""
    data = face.ask(MULTIPART, {**FILM, **more}).json["data"]
    names = ("object_key", "size", "part_size")
    return {"upload_id": "0004B9894A22E5B1888A1E29F823", **{name: data[name] for name in names}}


def test_parts_are_there_where_they_are_switched_on(start: Callable[..., Face]) -> None:
    off = start()
    for path in (MULTIPART, PARTS):
        assert_problem(off.ask(path, FILM).json, 40401)
    face = start(multipart=True)
    reply = face.ask(MULTIPART, FILM)
    assert reply.status == 200
    data = reply.json["data"]
    assert set(data) == FIELDS - {"upload_url"} | {"size", "part_size", "part_count", "initiate"}
    assert OBJECT_KEY.fullmatch(data["object_key"]) and data["object_key"].endswith(".mp4")
    assert (data["part_size"], data["part_count"]) == (8 * 1024**2, 3)
    assert data["initiate"]["headers"] == {"Content-Type": "video/mp4"}
    reply = face.ask(PARTS, begun(face, part_size=5_000_000))
    assert reply.status == 200
    data = reply.json["data"]
    assert set(data) == {"parts", "complete", "abort", "list_parts", "expire_at"}
    ranges = [(part["part_number"], part["offset"], part["length"]) for part in data["parts"]]
    assert ranges == [(at + 1, at * 5_000_000, 5_000_000) for at in range(4)]
    for path in (MULTIPART, PARTS):
        assert_problem(face.ask(path, FILM, method="GET").json, 40501)
        assert_problem(face.ask(path, FILM, key="wrong").json, 40102)
        assert_problem(face.ask(path, b"{").json, 40001)
        assert_problem(face.ask(path, b"[]").json, 40003)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("filename", "a.exe", 40005),
        ("filename", None, 40003),
        ("content_type", "image/png", 40006),
        ("size", ..., 40002),
        ("size", -1, 40004),
        ("size", 53_687_091_200_001, 40007),
        ("size", 10**30, 40004),
        ("size", 1.5, 40003),
        ("size", "5", 40003),
        ("part_size", 102_399, 40004),
        ("part_size", 5 * 1024**3 + 1, 40004),
        ("part_size", 0, 40004),
        ("part_size", None, 40003),
        ("expire_seconds", 59, 40004),
        ("expire_seconds", 7201, 40004),
    ],
)
def test_a_bad_request_for_an_upload_in_parts_is_400(
    start: Callable[..., Face], field: str, value: object, code: int
) -> None:
    body = {name: value for name, value in {**FILM, field: value}.items() if value is not ...}
    reply = start(multipart=True).ask(MULTIPART, body)
    assert reply.status == 400
    assert_problem(reply.json, code, field)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("object_key", ..., 40002),
        ("object_key", "", 40004),
        ("object_key", 5, 40003),
        ("object_key", "uploads/2026/01/01/secret.mp4", 40004),
        ("object_key", "other/2026/01/01/" + "0" * 32 + ".mp4", 40004),
        ("object_key", "uploads/2026/01/01/" + "0" * 32 + ".mp4/../x.mp4", 40004),
        ("object_key", "uploads/2026/01/01/" + "0" * 32 + ".exe", 40004),
        ("object_key", "k" * 5000, 40004),
        ("object_key", "\ud83d.mp4", 40004),
        ("upload_id", ..., 40002),
        ("upload_id", "", 40004),
        ("upload_id", "a b", 40004),
        ("upload_id", "a&partNumber=5", 40004),
        ("upload_id", "a\r\nb", 40004),
        ("upload_id", "编", 40004),
        ("upload_id", "\ud83d", 40004),
        ("upload_id", "a" * 129, 40004),
        ("upload_id", ["a"], 40003),
        ("size", ..., 40002),
        ("size", -1, 40004),
        ("part_size", ..., 40002),
        ("part_size", 1, 40004),
        ("part_numbers", [0], 40004),
        ("part_numbers", [4], 40004),
        ("part_numbers", [-1], 40004),
        ("part_numbers", [1] * 1001, 40004),
        ("part_numbers", [1.0], 40003),
        ("part_numbers", [None], 40003),
        ("part_numbers", "1", 40003),
        ("part_numbers", None, 40003),
        ("expire_seconds", "60", 40003),
    ],
)
def test_a_bad_request_for_parts_is_400(
    start: Callable[..., Face], field: str, value: object, code: int
) -> None:
    face = start(multipart=True)
    body = {**begun(face), field: value}
    reply = face.ask(PARTS, {name: value for name, value in body.items() if value is not ...})
    assert reply.status == 400
    assert_problem(reply.json, code, field)


def test_more_than_ten_thousand_parts_are_too_many(start: Callable[..., Face]) -> None:
    face = start(multipart=True)
    size = 102_400 * 10_000
    assert face.ask(MULTIPART, {**FILM, "size": size, "part_size": 102_400}).status == 200
    reply = face.ask(MULTIPART, {**FILM, "size": size + 1, "part_size": 102_400})
    assert_problem(reply.json, 40004, "part_size")
    largest = face.ask(MULTIPART, {**FILM, "size": 53_687_091_200_000}).json["data"]
    assert (largest["part_size"], largest["part_count"]) == (5 * 1024**3, 10_000)


def test_a_largest_size_holds_for_parts_too(start: Callable[..., Face]) -> None:
    face = start(multipart=True, max_bytes={"video": 20_000_000})
    assert_problem(face.ask(MULTIPART, {**FILM, "size": 20_000_001}).json, 40007, "size")
    asked = begun(face, part_size=102_400)
    assert asked["part_size"] == 8 * 1024**2
    part = face.ask(PARTS, asked).json["data"]["parts"][-1]
    assert "x-oss-additional-headers=content-length&" in part["upload_url"]
    assert_problem(face.ask(PARTS, {**asked, "size": 20_000_001}).json, 40007, "size")
    assert_problem(face.ask(PARTS, {**asked, "part_size": 102_400}).json, 40004, "part_size")


def test_parts_count_for_the_rate(start: Callable[..., Face]) -> None:
    face = start(multipart=True, rate_limit=(2, 600))
    assert face.ask(PARTS, begun(face)).status == 200
    for path in (MULTIPART, PARTS):
        assert face.ask(path, FILM).status == 429
