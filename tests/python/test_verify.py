"""What `verify` accepts, what it refuses, and that the official SDK's requests are understood."""

from __future__ import annotations

import datetime
import pickle
from typing import Any

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pytest
from alibabacloud_oss_v2.signer import SignerV1, SignerV4
from alibabacloud_oss_v2.types import HttpRequest, SigningContext
from ossign import Cause
from ossign.exceptions import CredentialsEmptyError, VerificationError
from sides import ID, NOW, SECRET, TOKEN, at, get, put
from test_explain_cases import CASES, CNAME, PATH, STS, WHO, Broken, names, signed, v1

HARMLESS = {Cause.PATH_STYLE_ON_PUBLIC_ENDPOINT, Cause.KEY_DOT_SEGMENTS}


def verified(url: str, method: str = "GET", **options: Any) -> oss.Facts:
    given = {"method": method, "credentials": WHO, "now": NOW, **options}
    return oss.verify(url, **given)


def refused(url: str, **options: Any) -> VerificationError:
    with pytest.raises(VerificationError) as raised:
        verified(url, **options)
    return raised.value


def test_facts_of_a_presigned_url() -> None:
    headers = {"content-type": "image/png", "range": "bytes=0-9", "user-agent": "x"}
    url = signed(
        put,
        additional_headers=["host", "range"],
        fields={
            "content_type": "image/png",
            "headers": {"range": "bytes=0-9"},
            "parameters": {"x-oss-traffic-limit": "819200", "a": ""},
        },
    )
    facts = verified(url, "put", headers=headers, now=at(59.5))
    assert facts == oss.Facts(
        method="PUT",
        bucket="examplebucket",
        key="dir/a b.txt",
        access_key_id=ID,
        region="cn-hangzhou",
        product="oss",
        signed_at=NOW,
        expiration=at(3600),
        seconds_left=3541,
        signed_headers=("content-type", "host", "range"),
        parameters={"x-oss-traffic-limit": "819200", "a": ""},
        version="v4",
        is_temporary=False,
        place="query",
        address_style="virtual",
    )
    assert facts.to_dict()["expiration"] == "2026-01-01T01:00:00+00:00"


@pytest.mark.parametrize("package", [oss, sdk])
@pytest.mark.parametrize("who", [WHO, STS])
@pytest.mark.parametrize("version", ["v4", "v1"])
@pytest.mark.parametrize(
    ("config", "options", "style"),
    [({}, {}, "virtual"), (PATH, {}, "path"), (CNAME, {"bucket": "examplebucket"}, "cname")],
)
def test_what_either_package_signs_is_accepted(
    package: Any, who: Any, version: str, config: Any, options: Any, style: str
) -> None:
    url = signed(put, package=package, who=who, version=version, **config)
    facts = verified(url, "PUT", credentials=who, **options)
    assert (facts.version, facts.address_style) == (version, style)
    assert (facts.bucket, facts.key) == ("examplebucket", "dir/a b.txt")
    assert facts.is_temporary is (who is STS)
    assert TOKEN not in repr(facts) and facts.access_key_id == who.access_key_id


@pytest.mark.parametrize("signer", [SignerV4, SignerV1])
@pytest.mark.parametrize("token", [None, TOKEN])
def test_the_sdks_signatures_in_a_header_are_accepted(signer: Any, token: str | None) -> None:
    url = "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/dir/a%20b.txt?acl&x=1"
    request = HttpRequest("PUT", url, headers={"Content-Type": "image/png", "x-oss-meta-a": "b"})
    who = sdk.credentials.Credentials(ID, SECRET, token)
    context = SigningContext(
        product="oss",
        region="cn-hangzhou",
        bucket="examplebucket",
        key="dir/a b.txt",
        request=request,
        credentials=who,
        signing_time=NOW,
    )
    signer().sign(context)
    headers = {name: str(value) for name, value in request.headers.items()}
    options = {"headers": headers, "credentials": oss.Credentials(ID, SECRET, token)}
    facts = verified(request.url, "PUT", **options)
    assert facts.place == "header" and facts.expiration is None and facts.signed_at == NOW
    assert facts.is_temporary is (token is not None)
    assert refused(request.url, method="GET", **options).cause is Cause.SIGNATURE_MISMATCH
    late = refused(request.url, method="PUT", **{**options, "now": at(901)})
    assert late.cause is Cause.CLOCK_SKEWED


def test_time_is_judged_to_the_second() -> None:
    for url in (signed(), v1()):
        assert verified(url, now=at(3600)).seconds_left == 0
        assert refused(url, now=at(3600.5)).cause is Cause.EXPIRED
    assert verified(signed(), now=at(-900)).seconds_left == 4500
    assert refused(signed(), now=at(-901)).cause is Cause.NOT_YET_VALID
    assert verified(v1(), now=at(-901)).signed_at is None


@pytest.mark.parametrize(("name", "make", "cause", "_"), CASES, ids=names(CASES))
def test_every_broken_request_is_refused(name: str, make: Any, cause: Cause, _: Any) -> None:
    broken: Broken = make()
    given = {"headers": broken.headers, "credentials": broken.who, **broken.options}
    if cause in HARMLESS:
        # What the server itself does not refuse: it is the clients, or the host, that do.
        verified(broken.url, broken.method or "GET", **given)
        return
    refusal = refused(broken.url, method=broken.method or "GET", **given)
    for hidden in (SECRET, TOKEN):
        assert hidden not in f"{refusal} {refusal!r} {refusal.kwargs}"


def test_a_refusal_has_a_cause_and_texts_and_survives_pickling() -> None:
    refusal = refused(signed(who=STS), method="PUT", credentials=STS)
    assert refusal.cause is Cause.SIGNATURE_MISMATCH and refusal.ec == "0002-00000201"
    assert refusal.canonical_request is not None
    assert refusal.canonical_request.startswith("PUT\n/examplebucket/dir/a%20b.txt\n")
    assert "x-oss-security-token=a-to..." in refusal.canonical_request
    assert refusal.string_to_sign is not None
    assert refusal.string_to_sign.startswith("OSS4-HMAC-SHA256\n20260101T000000Z\n")
    again = pickle.loads(pickle.dumps(refusal))
    assert (again.cause, str(again)) == (refusal.cause, str(refusal))
    assert refused("nonsense").canonical_request is None


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", ID)
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", SECRET)
    monkeypatch.delenv("OSS_SESSION_TOKEN", raising=False)
    assert oss.verify(signed(), method="GET", now=NOW).access_key_id == ID
    monkeypatch.delenv("OSS_ACCESS_KEY_SECRET")
    with pytest.raises(CredentialsEmptyError):
        oss.verify(signed(), method="GET", now=NOW)


def test_credentials_may_be_a_provider_or_a_function() -> None:
    for who in (oss.credentials.StaticCredentialsProvider(ID, SECRET), lambda: WHO):
        assert verified(signed(), credentials=who).access_key_id == ID
    other = refused(signed(), credentials=oss.Credentials("LTAIother", SECRET))
    assert other.cause is Cause.ACCESS_KEY_UNKNOWN


def test_a_token_is_compared_where_the_credentials_have_one() -> None:
    long_lived = oss.Credentials(STS.access_key_id, SECRET)
    assert verified(signed(who=STS), credentials=long_lived).is_temporary
    other = oss.Credentials(STS.access_key_id, SECRET, "another")
    assert refused(signed(who=STS), credentials=other).cause is Cause.TOKEN_WRONG


def test_region_and_bucket_are_compared_where_they_are_given() -> None:
    assert refused(signed(), region="cn-beijing").cause is Cause.REGION_MISMATCH
    assert refused(v1(), region="cn-beijing").cause is Cause.ENDPOINT_WRONG
    assert refused(signed(), bucket="otherbucket").cause is Cause.BUCKET_WRONG
    assert refused(signed(**CNAME)).cause is Cause.HOST_UNKNOWN


def test_without_a_time_the_clock_is_asked() -> None:
    result = oss.presign(get(), region="cn-hangzhou", credentials=WHO)
    assert oss.verify(result.url, method="GET", credentials=WHO).seconds_left in (899, 900)
    naive = datetime.datetime.now() + datetime.timedelta(days=1)
    assert refused(result.url, now=naive).cause is Cause.EXPIRED


def test_a_time_that_is_none_is_named() -> None:
    for ask in (verified, oss.explain):
        with pytest.raises(TypeError, match=r"now must be a datetime\.datetime, got 5"):
            ask(signed(), now=5)
