"""What a report says: of servers' answers, of random harm, of requests with nothing wrong."""

from __future__ import annotations

import base64
import json
import pickle
import random
import re
from urllib.parse import quote, unquote

import ossign as oss
import pytest
from ossign import Cause
from sides import ID, NOW, SECRET, TOKEN, get, put
from test_explain_cases import (
    HTML,
    JPEG,
    STS,
    STS_ID,
    WHO,
    Broken,
    check_hidden,
    signed,
    upload,
    v1,
)

V1_ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<Error>
  <Code>SignatureDoesNotMatch</Code>
  <Message>The request signature we calculated does not match the signature you provided. \
Check your key and signing method.</Message>
  <RequestId>65000000000000000000ABCD</RequestId>
  <HostId>examplebucket.oss-cn-hangzhou.aliyuncs.com</HostId>
  <OSSAccessKeyId>{id}</OSSAccessKeyId>
  <SignatureProvided>{signature}</SignatureProvided>
  <StringToSign>{text}</StringToSign>
  <StringToSignBytes>{bytes}</StringToSignBytes>
  <EC>0002-00000040</EC>
  <RecommendDoc>https://api.aliyun.com/troubleshoot?q=0002-00000040</RecommendDoc>
</Error>
"""
ANSWER = "<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>"


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def v1_answer(url: str, method: str, content_type: str, more: str = "", token: str = "") -> str:
    """What OSS says, its string to sign written here by hand."""
    ends = re.search("Expires=([0-9]+)", url)
    assert ends
    resource = "/examplebucket/dir/a b.txt" + (f"?security-token={token}" if token else "")
    text = f"{method}\n\n{content_type}\n{ends[1]}\n{more}{resource}"
    signature = unquote(url.rpartition("Signature=")[2])
    spelt = "".join(f"{byte:02X} " for byte in text.encode())
    return V1_ANSWER.format(id=ID, signature=signature, text=escaped(text), bytes=spelt)


def v4_answer(
    url: str, method: str, headers: str, path: str = "/examplebucket/dir/a%20b.txt"
) -> str:
    """What OSS says of version 4, its canonical request written here by hand."""
    pairs = [p for p in url.partition("?")[2].split("&") if not p.startswith("x-oss-signature=")]
    canonical = f"{method}\n{path}\n{'&'.join(sorted(pairs))}\n{headers}\n\nUNSIGNED-PAYLOAD"
    more = f"<CanonicalRequest>{escaped(canonical)}</CanonicalRequest>"
    return ANSWER.format(code="SignatureDoesNotMatch", message="No.", more=more)


def explained(broken: Broken, xml: str | bytes, *, with_secret: bool = False) -> oss.Report:
    report = broken.explain(with_secret=with_secret, server_error=xml)
    check_hidden(broken, report)
    return report


@pytest.mark.parametrize("with_secret", [False, True])
def test_the_servers_text_names_the_content_type(with_secret: bool) -> None:
    url = v1(put)
    unknown = Broken(url, None, None)
    report = explained(unknown, v1_answer(url, "PUT", "image/jpeg"), with_secret=with_secret)
    assert report.cause is Cause.CONTENT_TYPE_ADDED
    assert "image/jpeg" in report.detail and report.ec == "0002-00000040"
    assert oss.diagnosis.Difference("header content-type", None, "image/jpeg") in report.differences
    assert report.server_string_to_sign is not None
    assert "image/jpeg" in report.server_string_to_sign
    assert "  + image/jpeg" in str(report) or "    image/jpeg" in str(report)


@pytest.mark.parametrize("with_secret", [False, True])
@pytest.mark.parametrize(
    ("url", "method", "headers", "cause"),
    [
        (signed(put), "PUT", "content-type:image/jpeg\n", Cause.CONTENT_TYPE_ADDED),
        (signed(), "HEAD", "", Cause.METHOD_WRONG),
        (signed(), "GET", "x-oss-meta-a:1\n", Cause.HEADER_ADDED),
    ],
)
def test_the_servers_canonical_request_names_what_arrived(
    url: str, method: str, headers: str, cause: Cause, with_secret: bool
) -> None:
    own = "PUT" if method == "PUT" else "GET"
    report = explained(Broken(url, own), v4_answer(url, method, headers), with_secret=with_secret)
    assert report.cause is cause, report


def test_a_proxy_that_changes_the_path_is_named_by_the_servers_text() -> None:
    url = signed()
    xml = v4_answer(url, "GET", "", "/examplebucket/dir/a%2520b.txt")
    for with_secret in (False, True):
        report = explained(Broken(url), xml, with_secret=with_secret)
        assert report.cause is Cause.KEY_ENCODED_TWICE, report


def test_what_the_client_meant_to_send_is_compared_with_what_arrived() -> None:
    url = signed(put, fields={"content_type": HTML})
    xml = v4_answer(url, "PUT", "content-type:text/html;charset=utf-8\n")
    report = explained(upload(url, {"Content-Type": HTML}), xml)
    assert report.cause is Cause.CONTENT_TYPE_CHANGED
    assert "text/html;charset=utf-8" in report.detail


def test_equal_texts_mean_another_secret() -> None:
    url = v1(put)
    xml = v1_answer(url, "PUT", "")
    assert explained(upload(url), xml).cause is Cause.SIGNATURE_MISMATCH
    report = explained(upload(url), xml, with_secret=True)
    assert report.cause is Cause.SECRET_DIFFERS_OR_URL_ALTERED
    assert "OSS has another secret" in report.detail


def test_a_right_signature_that_was_refused_is_another_request() -> None:
    bare = ANSWER.format(code="SignatureDoesNotMatch", message="No.", more="")
    report = explained(upload(signed(put)), bare, with_secret=True)
    assert report.cause is Cause.SIGNATURE_MISMATCH
    assert "what arrived at OSS was another one" in report.detail


def test_a_token_in_the_servers_text_is_hidden() -> None:
    url = v1(put, who=STS)
    xml = v1_answer(url, "PUT", "image/jpeg", token=TOKEN)
    report = explained(Broken(url, None, None, who=STS), xml)
    assert report.cause is Cause.CONTENT_TYPE_ADDED
    assert "security-token=a-to..." in str(report)


def test_what_expired_since_is_not_what_the_server_refused() -> None:
    url = v1(put)
    late = Broken(url, None, None, options={"now": NOW.replace(year=2027)})
    report = explained(late, v1_answer(url, "PUT", "image/jpeg"))
    assert [finding.cause for finding in report.findings] == [
        Cause.CONTENT_TYPE_ADDED,
        Cause.EXPIRED,
    ]


CODES = [
    (
        "InvalidAccessKeyId",
        "The OSS Access Key Id you provided does not exist in our records.",
        "",
        Cause.ACCESS_KEY_UNKNOWN,
    ),
    (
        "InvalidAccessKeyId",
        "The OSS Access Key Id you provided is disabled.",
        "",
        Cause.ACCESS_KEY_DISABLED,
    ),
    ("InvalidAccessKeyId", "No.", "<EC>0002-00000904</EC>", Cause.ACCESS_KEY_DISABLED),
    (
        "SecurityTokenExpired",
        "The security token you provided has expired.",
        "",
        Cause.TOKEN_EXPIRED,
    ),
    ("InvalidSecurityToken", "The security token you provided is invalid.", "", Cause.TOKEN_WRONG),
    ("RequestTimeTooSkewed", "No.", "<EC>0002-00000504</EC>", Cause.CLOCK_SKEWED),
    ("AccessDenied", "Request has expired.", "", Cause.EXPIRED),
    (
        "AccessDenied",
        "Go elsewhere.",
        "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>",
        Cause.ENDPOINT_WRONG,
    ),
    (
        "AccessDenied",
        "You have no right to access this object because of its acl.",
        "",
        Cause.NOT_ALLOWED,
    ),
    (
        "SecondLevelDomainForbidden",
        "Please use virtual hosted style to access.",
        "",
        Cause.PATH_STYLE_ON_PUBLIC_ENDPOINT,
    ),
    ("AccessForbidden", "CORSResponse: This CORS request is not allowed.", "", Cause.CORS_REFUSED),
    ("SignatureDoesNotMatch", "No.", "<EC>0002-00000225</EC>", Cause.ADDRESS_NOT_ALLOWED),
    ("NoSuchKey", "The specified key does not exist.", "", Cause.OTHER_ERROR),
]


@pytest.mark.parametrize(("code", "message", "more", "cause"), CODES)
def test_the_servers_code_has_a_cause(code: str, message: str, more: str, cause: Cause) -> None:
    xml = ANSWER.format(code=code, message=message, more=more)
    for with_secret in (False, True):
        report = explained(Broken(signed()), xml.encode(), with_secret=with_secret)
        assert report.cause is cause and code in report.detail
        assert (report.server_code, report.server_message) == (code, message)


def test_spoiled_answers_are_read_as_far_as_they_can_be() -> None:
    url = v1(put)
    whole = v1_answer(url, "PUT", "image/jpeg")
    unknown = Broken(url, None, None)
    cut = whole.partition("<EC>")[0]
    for xml in (cut, cut.encode(), base64.b64encode(whole.encode()), "\ufeff \n" + whole):
        assert explained(unknown, xml).cause is Cause.CONTENT_TYPE_ADDED
    for xml in ("", "<", "<html>502 Bad Gateway</html>", b"\xff\x00", "a" * 100_000):
        report = explained(unknown, xml)
        assert report.ok and any("server" in words for words in report.unchecked)


def test_an_answer_cannot_explode() -> None:
    entities = "".join(f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};">' for n in range(1, 60))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><Error><Code>&e59;</Code></Error>'
    assert len(str(explained(Broken(signed()), bomb))) < 10_000
    deep = "<Error>" * 100_000
    assert explained(Broken(signed()), deep).cause in Cause


def test_nothing_wrong_says_what_was_not_checked() -> None:
    report = Broken(signed(), None, None).explain(with_secret=False)
    assert report.ok and report.cause is Cause.OK
    assert report.detail.startswith("nothing wrong is to be seen: GET examplebucket/dir/a b.txt")
    assert "not checked: the signature itself" in report.detail
    report = upload(signed(put, fields={"content_type": "image/jpeg"}), JPEG).explain(
        with_secret=False
    )
    assert report.ok and "whether the URL was signed with content-type" in report.detail
    assert report.signed_headers == ("content-type",)
    report = Broken(signed(), headers={"User-Agent": "x"}).explain(with_secret=True)
    assert report.ok and report.unchecked == () and report.unsigned_headers == ("user-agent",)


def test_an_unknown_method_is_found() -> None:
    for make, method in ((get, "GET"), (put, "PUT")):
        report = Broken(signed(make), None, {}).explain(with_secret=True)
        assert report.ok and report.facts is not None and report.facts.method == method
    unknown = Broken(signed(put, fields={"content_type": "image/png"}), None, None)
    report = unknown.explain(with_secret=True)
    assert report.cause is Cause.CONTENT_TYPE_MISSING and "image/png" in report.detail
    assert report.facts is not None and report.facts.method == "PUT"


def test_a_custom_domain_whose_bucket_nobody_says() -> None:
    domain = {"endpoint": "https://img.example.com", "use_cname": True}
    report = Broken(signed(**domain)).explain(with_secret=False)
    assert report.ok and "bucket=" in report.detail
    report = Broken(signed(**domain)).explain(with_secret=True)
    assert report.cause is Cause.HOST_UNKNOWN
    report = Broken(signed(**domain, fields={"bucket": "img"})).explain(with_secret=True)
    assert report.ok and report.facts is not None and report.facts.bucket == "img"


def test_an_endpoint_of_ones_own() -> None:
    url = signed(endpoint="http://oss.local:9000")
    assert url.startswith("http://examplebucket.oss.local:9000/")
    for endpoint in ("oss.local:9000", "http://oss.local:9000/", "OSS.local"):
        assert Broken(url, options={"endpoint": endpoint}).explain(with_secret=True).ok


def test_unexpected_headers_are_listed() -> None:
    report = upload(signed(put), JPEG | {"User-Agent": "x"}).explain(with_secret=True)
    assert report.unexpected_headers == ("content-type",)
    assert report.differences == (
        oss.diagnosis.Difference("header content-type", None, "image/jpeg"),
    )


def test_a_report_is_for_machines_as_well() -> None:
    report = upload(signed(put, who=STS), JPEG, who=STS).explain(with_secret=True)
    told = json.loads(json.dumps(report.to_dict()))
    assert told["cause"] == "content_type_added"
    assert told["facts"]["expiration"] == "2026-01-01T01:00:00+00:00"
    assert told["facts"]["access_key_id"] == STS_ID
    assert pickle.loads(pickle.dumps(report)) == report
    assert report.text() == str(report) and "\x1b" not in str(report)
    assert "\x1b[1mCause:\x1b[0m content_type_added" in report.text(color=True)


def test_what_a_terminal_would_obey_is_escaped() -> None:
    url = signed(fields={"key": "a\x1b[2Jb\u202e", "parameters": {"\x1b": "\r\x07"}})
    report = Broken(url, headers={"x-oss-meta-\x1b": "\x1b"}).explain(with_secret=False)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", str(report))


def test_headers_may_be_pairs_and_bytes() -> None:
    pairs = [(b"Content-Type", b"image/jpeg"), ("x-oss-meta-a", "1"), ("X-Oss-Meta-A", "2")]
    report = oss.explain(signed(put), method="put", headers=pairs, now=NOW)
    assert report.signed_headers == ("content-type", "x-oss-meta-a")
    assert "x-oss-meta-a:1,2" in (report.canonical_request or "")


HARMLESS = {Cause.SECRET_DIFFERS_OR_URL_ALTERED}
PLACES = {
    "key": (r"/dir/([^?]+)\?", HARMLESS | {Cause.KEY_DOT_SEGMENTS, Cause.URL_MALFORMED}),
    "V4 signature": (r"x-oss-signature=([0-9a-f]+)", HARMLESS | {Cause.SIGNATURE_MALFORMED}),
    "V1 signature": (
        r"&Signature=.*?([A-Za-z0-9]{3,})(?=%)",
        HARMLESS | {Cause.SIGNATURE_MALFORMED},
    ),
    "value": (r"versionId=([a-z]+)", HARMLESS),
}


@pytest.mark.parametrize("place", PLACES)
def test_random_harm_has_no_specific_name(place: str) -> None:
    """With the secret, a letter that somebody changed is never taken for a usual mistake."""
    pattern, allowed = PLACES[place]
    dice = random.Random(place)
    for number in range(20):
        fields = {"key": f"dir/{dice.randbytes(6).hex()}.bin", "version_id": "abcdefghijk"}
        url = (v1 if place == "V1 signature" else signed)(fields=fields)
        span = re.search(pattern, url)
        assert span, url
        where = dice.randrange(*span.span(1))
        letter = dice.choice("bcd24680".replace(url[where], ""))
        broken = Broken(f"{url[:where]}{letter}{url[where + 1 :]}")
        report = broken.explain(with_secret=True)
        assert report.cause in allowed, f"{number} {broken.url}\n{report}"
        assert report.ruled_out
        check_hidden(broken, report)


def test_random_harm_anywhere_is_survived_and_true() -> None:
    """Deleted, doubled and changed letters: no crash, no secret shown, and never OK."""
    dice = random.Random(4)
    urls = [signed(who=STS), v1(who=STS), signed(additional_headers=["host"])]
    for _ in range(50):
        url = dice.choice(urls)
        where = dice.randrange(url.index("/", 9), len(url))
        letter = dice.choice(["", url[where] * 2, dice.choice('&=?%#+ ;/\\"<a0Z~\n\0数')])
        broken = Broken(f"{url[:where]}{letter}{url[where + 1 :]}", "GET", None, who=STS)
        for with_secret in (True, False):
            report = broken.explain(with_secret=with_secret)
            check_hidden(broken, report)
            json.dumps(report.to_dict())
        same = re.sub("&+", "&", unquote(broken.url)) == unquote(url)
        assert same or not broken.explain(with_secret=True).ok, broken.url


def test_a_request_with_thousands_of_parameters_is_answered() -> None:
    many = "&".join(f"x-oss-{number}={quote('a b')}" for number in range(2000))
    report = Broken(f"{signed()}&{many}").explain(with_secret=True)
    assert report.cause in {Cause.PARAMETER_ADDED, Cause.SECRET_DIFFERS_OR_URL_ALTERED}


@pytest.mark.parametrize(
    "url", ["", " ", "?", "https://", "http://h", "x" * 10_000, "\0", "https://h/?&&=&"]
)
def test_no_url_at_all(url: str) -> None:
    for who in (None, WHO):
        report = oss.explain(url, credentials=who, now=NOW)
        assert report.cause in {Cause.URL_MALFORMED, Cause.NOT_PRESIGNED}
        assert SECRET not in str(report)


def test_a_signature_of_s3_is_no_signature_of_oss() -> None:
    url = "https://b.oss-cn-hangzhou.aliyuncs.com/k?X-Amz-Signature=00&X-Amz-Credential=x"
    report = oss.explain(url, now=NOW)
    assert report.cause is Cause.NOT_PRESIGNED and "X-Amz-" in report.detail


def test_every_cause_can_be_asked_for_its_meaning() -> None:
    assert [row[0] for row in oss._ossign.causes()] == [cause.value for cause in Cause]
    for cause in Cause:
        assert cause.meaning and cause.fix and isinstance(cause.ecs, tuple)
        assert f"{cause}" == str(cause) == cause.value
