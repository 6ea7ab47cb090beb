"""The emulator refuses what OSS refuses, in OSS's words, and says why in its log."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import ossign as oss
import pytest
from ossign.testing import Emulator
from wire import Answer, ask, send

BUCKET = "examplebucket"


def presigned(emulator: Emulator, **settings: Any) -> oss.PresignResult:
    request = oss.PutObjectRequest(bucket=BUCKET, key="a", content_type="text/plain")
    return emulator.client(**settings).presign(request, expires=timedelta(hours=1))


def with_id(access_key_id: str, secret: str = "emulator-secret", token: str | None = None) -> Any:
    return {"credentials_provider": oss.Credentials(access_key_id, secret, token)}


def put(emulator: Emulator, url: str, **headers: str) -> Answer:
    given = {"content-type": "text/plain", **{n.replace("_", "-"): v for n, v in headers.items()}}
    return ask(emulator.endpoint, "PUT", url, given, b"body")


@pytest.mark.parametrize("version", ["v4", "v1"])
def test_a_wrong_signature_is_answered_with_the_text_that_should_have_been_signed(
    oss_emulator: Emulator, version: str
) -> None:
    result = presigned(oss_emulator, signature_version=version)
    answer = put(oss_emulator, result.url, content_type="image/png")
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert answer.headers["content-type"] == "application/xml"
    assert answer.field("RequestId") == answer.headers["x-oss-request-id"]
    assert answer.field("HostId") == oss_emulator.endpoint.removeprefix("http://")
    assert answer.field("OSSAccessKeyId") == "emulator"
    ec = {"v4": "0002-00000201", "v1": "0002-00000040"}[version]
    assert answer.field("EC") == answer.headers["x-oss-ec"] == ec
    text = answer.field("StringToSign") or ""
    digits = answer.field("StringToSignBytes") or ""
    assert bytes.fromhex(digits).decode() == text
    assert digits.endswith(" ")
    if version == "v4":
        canonical = answer.field("CanonicalRequest") or ""
        assert canonical.startswith(f"PUT\n/{BUCKET}/a\n")
        assert "content-type:image/png\n" in canonical
        assert text.startswith("OSS4-HMAC-SHA256\n")
    else:
        assert text.startswith("PUT\n\nimage/png\n")
    assert oss_emulator.objects() == []
    (line,) = oss_emulator.refusals
    assert line.startswith(f"PUT /{BUCKET}/a: 403 SignatureDoesNotMatch: ")
    assert "emulator-secret" not in answer.body.decode() + line


def test_a_url_that_has_ended_or_not_begun_is_refused() -> None:
    with Emulator(clock=3601) as late, Emulator(clock=-901) as early:
        url = presigned(late).url
        answer = put(late, url)
        assert (answer.status, answer.code) == (403, "AccessDenied")
        assert answer.field("Message") == "Request has expired."
        assert (answer.field("Expires") or "") < (answer.field("ServerTime") or "")
        assert "expired" in late.refusals[0]
        refused = put(early, presigned(early).url)
        assert (refused.status, refused.field("EC")) == (403, "0002-00000235")
        v1 = put(late, presigned(late, signature_version="v1").url)
        assert v1.field("Message") == "Request has expired."
    with Emulator(clock=3590) as in_time, Emulator(clock=-890) as nearly:
        assert put(in_time, presigned(in_time).url).status == 200
        assert put(nearly, presigned(nearly).url).status == 200


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (with_id("another"), "InvalidAccessKeyId"),
        (with_id("emulator", "another-secret"), "SignatureDoesNotMatch"),
        ({"region": "cn-shanghai"}, "AccessDenied"),
    ],
)
def test_the_wrong_key_and_the_wrong_region_are_refused(
    oss_emulator: Emulator, settings: dict[str, Any], code: str
) -> None:
    assert put(oss_emulator, presigned(oss_emulator, **settings).url).code == code


def test_the_log_names_the_key_that_the_emulator_knows(oss_emulator: Emulator) -> None:
    put(oss_emulator, presigned(oss_emulator, **with_id("another")).url)
    assert "The emulator's own AccessKey is emulator." in oss_emulator.refusals[0]


def test_without_a_region_of_its_own_any_region_is_right() -> None:
    with Emulator(region=None) as emulator:
        assert put(emulator, presigned(emulator, region="eu-west-1").url).status == 200


def test_a_token_has_to_be_the_emulators() -> None:
    with Emulator(credentials=oss.Credentials("STS.id", "secret", "token")) as emulator:
        assert put(emulator, presigned(emulator).url).status == 200
        wrong = presigned(emulator, **with_id("STS.id", "secret", "other"))
        assert put(emulator, wrong.url).code == "InvalidSecurityToken"
        missing = presigned(emulator, **with_id("STS.id", "secret"))
        assert put(emulator, missing.url).status == 403


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda url: url.partition("?")[0], "AccessDenied"),
        (lambda url: url.replace("&", "&amp;"), "AccessDenied"),
        (lambda url: url[:-10], "SignatureDoesNotMatch"),
        (lambda url: url.replace("/a?", "/b?"), "SignatureDoesNotMatch"),
        (lambda url: url.replace(BUCKET, "otherbucket"), "SignatureDoesNotMatch"),
        (lambda url: url + "&extra=1", "SignatureDoesNotMatch"),
        (
            lambda url: url.replace("x-oss-expires=3600", "x-oss-expires=7200"),
            "SignatureDoesNotMatch",
        ),
        (lambda url: url.replace("x-oss-expires=3600", "x-oss-expires=604801"), "InvalidArgument"),
        (lambda url: url.replace("x-oss-expires=3600&", ""), "AccessDenied"),
        (lambda url: url.replace(BUCKET, "Bucket_1"), "InvalidBucketName"),
    ],
)
def test_a_spoiled_url_is_refused(oss_emulator: Emulator, spoil: Any, code: str) -> None:
    answer = put(oss_emulator, spoil(presigned(oss_emulator).url))
    assert (answer.status >= 400, answer.code) == (True, code)
    assert len(oss_emulator.refusals) == 1


def test_a_header_and_a_url_may_not_both_be_signed(oss_emulator: Emulator) -> None:
    answer = put(oss_emulator, presigned(oss_emulator).url, authorization="OSS a:b")
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_a_refused_upload_is_read_so_that_the_client_sees_the_answer(
    oss_emulator: Emulator,
) -> None:
    result = presigned(oss_emulator)
    body = bytes(16 << 20)
    answer = ask(oss_emulator.endpoint, "PUT", result.url, {"content-type": "image/png"}, body)
    assert answer.code == "SignatureDoesNotMatch"


def test_a_get_url_does_not_serve_head_nor_delete(oss_emulator: Emulator) -> None:
    send(oss_emulator.endpoint, presigned(oss_emulator), b"x")
    url = oss_emulator.client().presign(oss.GetObjectRequest(bucket=BUCKET, key="a")).url
    for method, status in [("GET", 200), ("HEAD", 403), ("DELETE", 403), ("PATCH", 403)]:
        assert ask(oss_emulator.endpoint, method, url).status == status


PROGRAM = """
import sys, urllib.request, urllib.error
from ossign.testing import Emulator
with Emulator(log=sys.argv[1], log_level=sys.argv[2]) as emulator:
    for path in ("/", "/examplebucket/a?x-oss-security-token=hush"):
        try:
            urllib.request.urlopen(emulator.endpoint + path).read()
        except urllib.error.HTTPError as error:
            assert error.code == 403
"""


def logged(log: str, level: str) -> str:
    command = [sys.executable, "-c", PROGRAM, log, level]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr


def test_the_log_is_for_people_or_for_machines_and_holds_no_query() -> None:
    text = logged("text", "info")
    assert "for development, not for storage" in text
    assert "not_presigned" in text
    assert "GET" in text
    assert "hush" not in text
    assert "\x1b" not in text
    lines = [json.loads(line) for line in logged("json", "info").splitlines()]
    assert {line["level"] for line in lines} == {"INFO", "WARN"}
    answered = [line for line in lines if "status" in line]
    assert [line["status"] for line in answered] == [200, 403]
    assert answered[1]["path"] == "/examplebucket/a"
    assert "emulator-secret" not in text
    refusals = logged("text", "warn").splitlines()
    assert len(refusals) == 1
    assert logged("off", "info") == ""
