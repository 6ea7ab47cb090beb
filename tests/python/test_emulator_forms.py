"""The emulator takes the forms of browsers: PostObject.

The forms are signed here by hand, from OSS's pages, and not by ossign: the emulator is to take what
OSS takes.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
from typing import Any

import pytest
import requests
from ossign.testing import Emulator
from wire import Answer

ID, SECRET, BUCKET = "emulator", "emulator-secret", "examplebucket"
UTC = datetime.timezone.utc


def conditions_of(fields: dict[str, str]) -> list[Any]:
    return [{"bucket": BUCKET}, *({name: value} for name, value in fields.items())]


def policy(conditions: list[Any], minutes: int = 10) -> str:
    end = datetime.datetime.now(UTC) + datetime.timedelta(minutes=minutes)
    expiration = end.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    text = json.dumps({"expiration": expiration, "conditions": conditions})
    return base64.b64encode(text.encode()).decode()


def signed_v4(
    more: list[Any], minutes: int = 10, region: str = "cn-hangzhou", secret: str = SECRET
) -> dict[str, str]:
    now = datetime.datetime.now(UTC)
    day = f"{now:%Y%m%d}"
    fields = {
        "x-oss-signature-version": "OSS4-HMAC-SHA256",
        "x-oss-credential": f"{ID}/{day}/{region}/oss/aliyun_v4_request",
        "x-oss-date": f"{now:%Y%m%dT%H%M%SZ}",
    }
    encoded = policy([*conditions_of(fields), *more], minutes)
    key = f"aliyun_v4{secret}".encode()
    for part in (day, region, "oss", "aliyun_v4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, encoded.encode(), "sha256").hex()
    return {**fields, "policy": encoded, "x-oss-signature": signature}


def signed_v1(more: list[Any]) -> dict[str, str]:
    encoded = policy([{"bucket": BUCKET}, *more])
    signature = base64.b64encode(hmac.digest(SECRET.encode(), encoded.encode(), "sha1")).decode()
    return {"OSSAccessKeyId": ID, "policy": encoded, "Signature": signature}


def post(
    emulator: Emulator,
    fields: dict[str, str],
    data: bytes = b"file",
    name: str = "photo.jpg",
    kind: str = "image/jpeg",
) -> Answer:
    answer = requests.post(
        f"{emulator.endpoint}/{BUCKET}",
        data=fields,
        files={"file": (name, data, kind)},
        allow_redirects=False,
        timeout=30,
    )
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status_code, headers, answer.content)


@pytest.mark.parametrize("sign", [signed_v4, signed_v1])
def test_a_signed_form_is_stored(oss_emulator: Emulator, sign: Any) -> None:
    fields = {"key": "dir/${filename}", "x-oss-meta-author": "alice", "Cache-Control": "no-cache"}
    conditions = [
        ["starts-with", "$key", "dir/"],
        {"x-oss-meta-author": "alice"},
        ["eq", "$Cache-Control", "no-cache"],
        ["content-length-range", 1, 100],
    ]
    answer = post(oss_emulator, {**fields, **sign(conditions)})
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["etag"] == f'"{hashlib.md5(b"file").hexdigest().upper()}"'
    (stored,) = oss_emulator.objects()
    assert (stored.bucket, stored.key, stored.size) == (BUCKET, "dir/photo.jpg", 4)
    assert stored.headers == {
        "content-type": "image/jpeg",
        "x-oss-meta-author": "alice",
        "cache-control": "no-cache",
    }
    assert oss_emulator.read(BUCKET, "dir/photo.jpg") == b"file"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "image/jpeg"),
        ({"Content-Type": "text/plain"}, "text/plain"),
        ({"Content-Type": "text/plain", "x-oss-content-type": "text/css"}, "text/css"),
    ],
)
def test_the_type_is_that_of_the_form_before_that_of_the_file(
    oss_emulator: Emulator, fields: dict[str, str], kind: str
) -> None:
    conditions = [["starts-with", f"${name}", ""] for name in ("key", *fields)]
    assert post(oss_emulator, {"key": "a", **fields, **signed_v4(conditions)}).status == 204
    assert oss_emulator.objects()[0].headers["content-type"] == kind


def test_a_form_chooses_its_answer(oss_emulator: Emulator) -> None:
    def answered(**fields: str) -> Answer:
        conditions = [["eq", f"${name}", value] for name, value in fields.items()]
        conditions.append(["eq", "$key", "a b"])
        return post(oss_emulator, {"key": "a b", **fields, **signed_v4(conditions)})

    assert answered(success_action_status="200").status == 200
    assert answered(success_action_status="418").status == 204
    created = answered(success_action_status="201")
    assert created.status == 201
    assert created.field("Key") == "a b"
    assert created.field("Bucket") == BUCKET
    assert created.field("ETag") == created.headers["etag"]
    assert created.field("Location") == f"{oss_emulator.endpoint}/{BUCKET}/a%20b"
    redirected = answered(success_action_redirect="http://example.com/done?x=1")
    assert redirected.status == 303
    assert redirected.headers["location"].startswith(
        f"http://example.com/done?x=1&bucket={BUCKET}&key=a%20b&etag=%22"
    )


@pytest.mark.parametrize(
    ("fields", "conditions", "options", "code"),
    [
        ({"key": "b"}, [{"key": "a"}], {}, "AccessDenied"),
        ({"key": "a"}, [["starts-with", "$key", "dir/"]], {}, "AccessDenied"),
        ({"key": "a"}, [{"key": "a"}, ["content-length-range", 5, 9]], {}, None),
        ({"key": "a"}, [{"key": "a"}, ["content-length-range", 0, 3]], {}, None),
        ({"key": "a"}, [{"key": "a"}], {"minutes": -1}, "AccessDenied"),
        ({"key": "a"}, [{"key": "a"}], {"secret": "wrong"}, "SignatureDoesNotMatch"),
        ({"key": "a"}, [{"key": "a"}], {"region": "cn-shanghai"}, "InvalidArgument"),
        ({"key": "/a"}, [{"key": "/a"}], {}, "InvalidObjectName"),
    ],
)
def test_a_form_that_breaks_its_policy_is_refused(
    oss_emulator: Emulator,
    fields: dict[str, str],
    conditions: list[Any],
    options: dict[str, Any],
    code: str | None,
) -> None:
    answer = post(oss_emulator, {**fields, **signed_v4(conditions, **options)})
    assert answer.status in (400, 403)
    assert answer.code in (
        (code,) if code else ("EntityTooLarge", "EntityTooSmall", "AccessDenied")
    )
    assert oss_emulator.objects() == []


def test_an_unsigned_form_is_refused(oss_emulator: Emulator) -> None:
    assert post(oss_emulator, {"key": "a"}).code == "AccessDenied"
    only_policy = {"key": "a", "policy": policy([])}
    assert post(oss_emulator, only_policy).code == "InvalidArgument"


def test_a_form_does_not_overwrite_what_it_must_not(oss_emulator: Emulator) -> None:
    fields = {"key": "a", "x-oss-forbid-overwrite": "true"}
    form = {**fields, **signed_v4(conditions_of(fields)[1:])}
    assert post(oss_emulator, form).status == 204
    assert post(oss_emulator, form, b"other").code == "FileAlreadyExists"
    assert oss_emulator.read(BUCKET, "a") == b"file"


def test_a_form_without_a_file_or_without_form_is_refused(oss_emulator: Emulator) -> None:
    url = f"{oss_emulator.endpoint}/{BUCKET}"
    form = requests.post(url, files={"key": (None, "a")}, timeout=30)
    assert "IncorrectNumberOfFilesInPOSTRequest" in form.text
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in [
        b"",
        b"no form",
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n",
    ]:
        assert requests.post(url, data=body, headers=kind, timeout=30).status_code == 400, body
    plain = {"Content-Type": "multipart/form-data"}
    assert requests.post(url, data=b"x", headers=plain, timeout=30).status_code == 400


def test_fields_have_their_limits(oss_emulator: Emulator) -> None:
    for fields in [{"x:a": "v" * (2 << 20) + "v"}, {"x" * 8200: "v"}]:
        assert post(oss_emulator, {"key": "a", **fields}).code == "EntityTooLarge"


def test_a_large_form_is_streamed(oss_emulator: Emulator) -> None:
    data = bytes(range(256)) * (8 << 12)
    form = {"key": "large", **signed_v4([{"key": "large"}])}
    assert post(oss_emulator, form, data).status == 204
    assert oss_emulator.read(BUCKET, "large") == data
