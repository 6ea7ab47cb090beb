"""The table: requests that are really broken, and the cause that is found for each.

Every URL is presigned, by ossign or by the official SDK, and then broken as users break theirs. What
the secret is needed for is asked with it only; all else is asked both with it and without.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pytest
from ossign import Cause
from sides import ID, NOW, SECRET, TOKEN, at, client, frozen, get, put

HOUR = datetime.timedelta(hours=1)
STS_ID = "STS.ExampleId"
WHO = oss.Credentials(ID, SECRET)
STS = oss.Credentials(STS_ID, SECRET, TOKEN)
JPEG = {"Content-Type": "image/jpeg"}


@dataclass
class Broken:
    """A request as it was sent, and what its sender knows."""

    url: str
    method: str | None = "GET"
    headers: dict[str, str] | None = field(default_factory=dict)
    who: Any = WHO
    options: dict[str, Any] = field(default_factory=dict)

    def explain(self, *, with_secret: bool, **options: Any) -> oss.Report:
        given = {"now": NOW, **self.options, **options}
        if with_secret:
            given["credentials"] = self.who
        return oss.explain(self.url, method=self.method, headers=self.headers, **given)


def signed(make: Callable[..., Any] = get, /, *, package: Any = oss, **given: Any) -> str:
    """A URL for one hour. `version`, `who`, `expires` and the config's settings may be given."""
    fields = given.pop("fields", {})
    who = given.pop("who", WHO)
    static = package.credentials.StaticCredentialsProvider
    parts = (who.access_key_id, who.access_key_secret, who.security_token)
    config = {
        "signature_version": given.pop("version", "v4"),
        "credentials_provider": static(*parts),
    }
    expires, product = given.pop("expires", HOUR), given.pop("product", None)
    with frozen():
        one = client(package, **config, **given)
        if product:
            settings = package.Config(region="cn-hangzhou", **config)
            one = package.Client(settings, product=product)
        result = one.presign(make(package, **fields), expires=expires)
    return str(result.url)


def v1(make: Callable[..., Any] = get, /, **given: Any) -> str:
    return signed(make, version="v1", **given)


def replaced(url: str, old: str, new: str) -> str:
    """The URL with one thing changed, which must be in it."""
    assert old in url
    return url.replace(old, new, 1)


def without(url: str, name: str) -> str:
    """The URL without one parameter."""
    changed = re.sub(rf"(?<=[?&]){name}=[^&]*&?", "", url).rstrip("&")
    assert changed != url
    return changed


def plus_in_signature(version: str = "v1") -> str:
    """A URL of version 1 whose signature holds a plus."""
    urls = (v1(fields={"key": f"photo-{number}.jpg"}) for number in range(1000))
    return next(url for url in urls if "%2B" in url.rpartition("Signature=")[2])


def newline(secret: str) -> Any:
    return oss.Credentials(ID, secret)


def upload(url: str, headers: dict[str, str] | None = None, **rest: Any) -> Broken:
    return Broken(url, "PUT", headers or {}, **rest)


def initiate(package: Any = oss, **fields: Any) -> Any:
    named = {"bucket": "examplebucket", "key": "dir/a b.txt", **fields}
    return package.InitiateMultipartUploadRequest(**named)


HANGZHOU = "oss-cn-hangzhou.aliyuncs.com"
CNAME = {"endpoint": "https://img.example.com", "use_cname": True}
PATH = {"endpoint": "http://127.0.0.1:9000", "use_path_style": True}
HTML = "text/html; charset=utf-8"

# Name, broken request, the cause found with the secret, and the one found without it. None: nothing
# is to be seen without it.
Case = tuple[str, Callable[[], Broken], Cause, "Cause | None"]
NEEDS_SECRET: list[Case] = [
    ("a browser adds a Content-Type", lambda: upload(signed(put), JPEG), Cause.CONTENT_TYPE_ADDED, None),
    ("a browser adds a Content-Type, V1", lambda: upload(v1(put), JPEG), Cause.CONTENT_TYPE_ADDED, None),
    ("a browser adds a Content-Type, STS", lambda: upload(signed(put, who=STS), JPEG, who=STS), Cause.CONTENT_TYPE_ADDED, None),
    ("a browser adds a Content-Type, CNAME", lambda: upload(signed(put, **CNAME), JPEG, options={"bucket": "examplebucket"}), Cause.CONTENT_TYPE_ADDED, None),
    ("a browser adds a Content-Type, path style", lambda: upload(signed(put, **PATH), JPEG), Cause.CONTENT_TYPE_ADDED, None),
    ("curl sends a form's type", lambda: upload(signed(put), {"content-type": "application/x-www-form-urlencoded"}), Cause.CONTENT_TYPE_ADDED, None),
    ("the client sends no Content-Type", lambda: upload(signed(put, fields={"content_type": "image/png"})), Cause.CONTENT_TYPE_MISSING, None),
    ("the client sends no Content-Type, V1", lambda: upload(v1(put, fields={"content_type": "application/pdf"})), Cause.CONTENT_TYPE_MISSING, None),
    ("another Content-Type", lambda: upload(signed(put, fields={"content_type": "image/png"}), JPEG), Cause.CONTENT_TYPE_CHANGED, None),
    ("no space before the charset", lambda: upload(signed(put, fields={"content_type": HTML}), {"Content-Type": "text/html;charset=utf-8"}), Cause.CONTENT_TYPE_CHANGED, None),
    ("the charset in capitals", lambda: upload(signed(put, fields={"content_type": HTML}), {"Content-Type": "text/html; charset=UTF-8"}), Cause.CONTENT_TYPE_CHANGED, None),
    ("a library adds a charset", lambda: upload(v1(put, fields={"content_type": "text/plain"}), {"Content-Type": "text/plain;charset=UTF-8"}), Cause.CONTENT_TYPE_CHANGED, None),
    ("an acl header that is not signed", lambda: upload(signed(put), {"x-oss-object-acl": "public-read"}), Cause.HEADER_ADDED, None),
    ("a Content-MD5 that is not signed", lambda: upload(v1(put), {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}), Cause.HEADER_ADDED, None),
    ("several headers that are not signed", lambda: upload(signed(put), {"x-oss-meta-a": "1", "x-oss-meta-b": "2", "x-oss-meta-c": "3"}), Cause.HEADER_ADDED, None),
    ("a signed acl that is not sent", lambda: upload(signed(put, fields={"acl": "public-read"})), Cause.HEADER_MISSING, None),
    ("a signed storage class that is not sent", lambda: upload(v1(put, fields={"storage_class": "IA"})), Cause.HEADER_MISSING, None),
    ("metadata in lower case", lambda: upload(signed(put, fields={"metadata": {"a": "Value"}}), {"x-oss-meta-a": "value"}), Cause.HEADER_CHANGED, None),
    ("metadata that the SDK signed untrimmed", lambda: upload(signed(put, package=sdk, fields={"metadata": {"a": "  v  "}}), {"x-oss-meta-a": "  v  "}), Cause.HEADER_CHANGED, None),
    ("metadata that was percent-encoded", lambda: upload(signed(put, fields={"metadata": {"a": "数据"}}), {"x-oss-meta-a": quote("数据")}), Cause.HEADER_CHANGED, None),
    ("metadata read as Latin-1", lambda: upload(v1(put, fields={"metadata": {"a": "数据"}}), {"x-oss-meta-a": "数据".encode().decode("latin-1")}), Cause.HEADER_CHANGED, None),
    ("a signed host that is left for the internal one", lambda: Broken(replaced(signed(additional_headers=["host"]), HANGZHOU, "oss-cn-hangzhou-internal.aliyuncs.com")), Cause.HOST_CHANGED, None),
    ("HEAD of a URL for GET", lambda: Broken(signed(), "HEAD"), Cause.METHOD_WRONG, None),
    ("POST of a URL for PUT", lambda: Broken(v1(put), "POST"), Cause.METHOD_WRONG, None),
    ("the path encoded again", lambda: Broken(replaced(signed(), "a%20b", "a%2520b")), Cause.KEY_ENCODED_TWICE, None),
    ("the path encoded again, V1", lambda: Broken(replaced(v1(), "a%20b", "a%2520b")), Cause.KEY_ENCODED_TWICE, None),
    ("an encoded key, and its path decoded", lambda: Broken(replaced(signed(fields={"key": "a%20b"}), "a%2520b", "a%20b")), Cause.KEY_DECODED, None),
    ("a plus of the key as a space", lambda: Broken(replaced(signed(fields={"key": "a+b"}), "a%2Bb", "a%20b")), Cause.KEY_PLUS_AND_SPACE, None),
    ("a space of the key as a plus", lambda: Broken(replaced(v1(), "a%20b", "a+b")), Cause.KEY_PLUS_AND_SPACE, None),
    ("a parameter added afterwards", lambda: Broken(signed() + "&response-content-type=text%2Fplain"), Cause.PARAMETER_ADDED, None),
    ("a parameter added afterwards, V1", lambda: Broken(v1() + "&response-content-type=text%2Fplain"), Cause.SUB_RESOURCE_NOT_SIGNED, None),
    ("the SDK's V1 with x-oss-process", lambda: Broken(v1(package=sdk, fields={"process": "image/resize,w_100"})), Cause.SUB_RESOURCE_NOT_SIGNED, None),
    ("a value encoded again", lambda: Broken(replaced(signed(fields={"response_content_disposition": "a b"}), "=a%20b", "=a%2520b")), Cause.PARAMETER_CHANGED, None),
    ("a value with a plus for a space", lambda: Broken(replaced(v1(fields={"response_content_disposition": "a+b"}), "=a%2Bb", "=a+b")), Cause.PARAMETER_CHANGED, None),
    ("?uploads dropped", lambda: Broken(replaced(signed(initiate), "uploads&", ""), "POST"), Cause.PARAMETER_REMOVED, None),
    ("a longer life written into the URL", lambda: Broken(replaced(signed(), "x-oss-expires=3600", "x-oss-expires=86400")), Cause.PARAMETER_CHANGED, None),
    ("the token dropped, and an id that does not tell", lambda: Broken(without(signed(who=oss.Credentials(ID, SECRET, TOKEN)), "x-oss-security-token"), who=oss.Credentials(ID, SECRET, TOKEN)), Cause.TOKEN_MISSING, None),
    ("a token of another session", lambda: Broken(signed(who=STS), who=oss.Credentials(STS_ID, SECRET, "another-token")), Cause.TOKEN_WRONG, None),
    ("a custom domain of another bucket", lambda: Broken(signed(**CNAME), options={"bucket": "img"}), Cause.SECRET_DIFFERS_OR_URL_ALTERED, None),
    ("a custom domain's name signed as the bucket", lambda: Broken(signed(**CNAME, fields={"bucket": "img"}), options={"bucket": "examplebucket"}), Cause.BUCKET_WRONG, None),
    ("a line end after the secret given", lambda: Broken(signed(), who=newline(SECRET + "\n")), Cause.SECRET_WHITESPACE, None),
    ("a line end after the secret that signed", lambda: Broken(v1(who=newline(SECRET + "\r\n"))), Cause.SECRET_WHITESPACE, None),
    ("another secret", lambda: Broken(signed(), who=newline("another")), Cause.SECRET_DIFFERS_OR_URL_ALTERED, None),
    ("another AccessKey", lambda: Broken(signed(), who=oss.Credentials("LTAIother", "other")), Cause.ACCESS_KEY_ID_WRONG, None),
    ("a letter of the key changed", lambda: Broken(replaced(signed(), "/dir/", "/dis/")), Cause.SECRET_DIFFERS_OR_URL_ALTERED, None),
]  # fmt: skip
VISIBLE: list[Case] = [
    (name, make, cause, cause)
    for name, make, cause in [
        ("a form with a boundary", lambda: upload(signed(put), {"Content-Type": "multipart/form-data; boundary=x"}), Cause.CONTENT_TYPE_ADDED),
        ("a listed header that is not sent", lambda: Broken(signed(additional_headers=["range"], fields={"range_header": "bytes=0-9"})), Cause.HEADER_MISSING),
        ("the same option in query and header", lambda: Broken(signed(fields={"parameters": {"x-oss-traffic-limit": "819200"}}), headers={"x-oss-traffic-limit": "819201"}), Cause.HEADER_CONTRADICTS_QUERY),
        ("a path that begins with two slashes", lambda: Broken(replaced(signed(), "/dir/", "//dir/")), Cause.KEY_LEADING_SLASH),
        ("a key with dots", lambda: Broken(signed(fields={"key": "a/../b.txt"})), Cause.KEY_DOT_SEGMENTS),
        ("the token dropped", lambda: Broken(without(signed(who=STS), "x-oss-security-token"), who=STS), Cause.TOKEN_MISSING),
        ("the token dropped, V1", lambda: Broken(without(v1(who=STS), "security-token"), who=STS), Cause.TOKEN_MISSING),
        ("the token as a header", lambda: Broken(without(signed(who=STS), "x-oss-security-token"), headers={"x-oss-security-token": TOKEN}, who=STS), Cause.TOKEN_ONLY_IN_HEADER),
        ("the region of another host", lambda: Broken(signed(region="cn-beijing", endpoint=HANGZHOU)), Cause.REGION_MISMATCH),
        ("a region that is not the bucket's", lambda: Broken(signed(**CNAME), options={"bucket": "examplebucket", "region": "cn-beijing"}), Cause.REGION_MISMATCH),
        ("a region changed in the URL", lambda: Broken(replaced(signed(), "cn-hangzhou%2F", "cn-shanghai%2F")), Cause.REGION_MISMATCH),
        ("a region with oss-, as the SDK signs it", lambda: Broken(signed(package=sdk, region="oss-cn-hangzhou", endpoint=HANGZHOU)), Cause.REGION_MALFORMED),
        ("the host of another bucket", lambda: Broken(replaced(signed(), "examplebucket", "otherbucket"), options={"bucket": "examplebucket"}), Cause.BUCKET_WRONG),
        ("the product of a cloud box", lambda: Broken(signed(product="oss-cloudbox")), Cause.PRODUCT_WRONG),
        ("expired", lambda: Broken(signed(), options={"now": at(3601)}), Cause.EXPIRED),
        ("expired, V1", lambda: Broken(v1(), options={"now": at(86_400)}), Cause.EXPIRED),
        ("expired, and a Content-Type besides", lambda: upload(signed(put), JPEG, options={"now": at(7200)}), Cause.EXPIRED),
        ("signed by a clock that is ahead", lambda: Broken(signed(), options={"now": at(-901)}), Cause.NOT_YET_VALID),
        ("more than seven days", lambda: Broken(replaced(signed(), "x-oss-expires=3600", "x-oss-expires=604801")), Cause.EXPIRES_OUT_OF_RANGE),
        ("an end before the beginning, as the SDK signs it", lambda: Broken(signed(package=sdk, expires=-HOUR)), Cause.EXPIRES_OUT_OF_RANGE),
        ("seven days with a token", lambda: Broken(signed(who=STS, expires=7 * 24 * HOUR), who=STS), Cause.EXPIRES_TOO_LONG_FOR_STS),
        ("no x-oss-date", lambda: Broken(without(signed(), "x-oss-date")), Cause.PARAMETER_MISSING),
        ("no x-oss-expires", lambda: Broken(without(signed(), "x-oss-expires")), Cause.PARAMETER_MISSING),
        ("no x-oss-credential", lambda: Broken(without(signed(), "x-oss-credential")), Cause.PARAMETER_MISSING),
        ("no x-oss-signature", lambda: Broken(without(signed(), "x-oss-signature")), Cause.PARAMETER_MISSING),
        ("no OSSAccessKeyId", lambda: Broken(without(v1(), "OSSAccessKeyId")), Cause.PARAMETER_MISSING),
        ("no Expires", lambda: Broken(without(v1(), "Expires")), Cause.PARAMETER_MISSING),
        ("an empty x-oss-credential", lambda: Broken(re.sub("credential=[^&]*", "credential=", signed())), Cause.PARAMETER_EMPTY),
        ("an empty Signature", lambda: Broken(re.sub("Signature=.*", "Signature=", v1())), Cause.PARAMETER_EMPTY),
        ("empty additional headers", lambda: Broken(replaced(signed(), "&x-oss-signature=", "&x-oss-additional-headers=&x-oss-signature=")), Cause.PARAMETER_EMPTY),
        ("signed twice", lambda: Broken(signed() + "&" + signed().partition("?")[2]), Cause.PARAMETER_REPEATED),
        ("the algorithm of S3", lambda: Broken(replaced(signed(), "OSS4-HMAC-SHA256", "AWS4-HMAC-SHA256")), Cause.SIGNATURE_VERSION_INVALID),
        ("a date with hyphens", lambda: Broken(replaced(signed(), "x-oss-date=20260101T", "x-oss-date=2026-01-01T")), Cause.DATE_MALFORMED),
        ("a credential without its end", lambda: Broken(replaced(signed(), "%2Faliyun_v4_request", "")), Cause.CREDENTIAL_MALFORMED),
        ("a credential of another day", lambda: Broken(replaced(signed(), "%2F20260101%2F", "%2F20260102%2F")), Cause.CREDENTIAL_DATE_MISMATCH),
        ("a life that is no number", lambda: Broken(replaced(signed(), "x-oss-expires=3600", "x-oss-expires=1h")), Cause.EXPIRES_MALFORMED),
        ("an end in milliseconds and letters, V1", lambda: Broken(re.sub("Expires=[0-9]+", "Expires=2026-01-01", v1())), Cause.EXPIRES_MALFORMED),
        ("an id with a space", lambda: Broken(signed(who=oss.Credentials(f"{ID} ", SECRET)), who=oss.Credentials(f"{ID} ", SECRET)), Cause.ACCESS_KEY_ID_MALFORMED),
        ("&amp;", lambda: Broken(signed().replace("&", "&amp;")), Cause.URL_HTML_ESCAPED),
        ("\\u0026, V1", lambda: Broken(v1().replace("&", "\\u0026")), Cause.URL_HTML_ESCAPED),
        ("every percent sign encoded", lambda: Broken(signed().replace("%", "%25")), Cause.URL_DOUBLE_ENCODED),
        ("every percent sign encoded, V1", lambda: Broken(v1().replace("%", "%25")), Cause.URL_DOUBLE_ENCODED),
        ("the whole URL encoded", lambda: Broken(quote(signed(), safe="")), Cause.URL_DOUBLE_ENCODED),
        ("the query encoded", lambda: Broken(signed().partition("?")[0] + "?" + quote(signed().partition("?")[2], safe="")), Cause.URL_DOUBLE_ENCODED),
        ("a shell that took the &", lambda: Broken(signed().partition("&")[0]), Cause.URL_TRUNCATED),
        ("a column of 255 characters", lambda: Broken(signed()[:255]), Cause.URL_TRUNCATED),
        ("cut within the signature", lambda: Broken(signed()[:-10]), Cause.URL_TRUNCATED),
        ("cut within the signature, V1", lambda: Broken(v1()[:-9]), Cause.URL_TRUNCATED),
        ("a line end within", lambda: Broken(signed()[:150] + "\n" + signed()[150:]), Cause.URL_WHITESPACE),
        ("quotes around", lambda: Broken(f'"{signed()}"'), Cause.URL_WHITESPACE),
        ("a plus of the signature decoded", lambda: Broken(unquote_signature(plus_in_signature())), Cause.SIGNATURE_PLUS_BECAME_SPACE),
        ("a signature in capitals", lambda: Broken(re.sub("signature=.*", lambda m: "signature=" + m[0][10:].upper(), signed())), Cause.SIGNATURE_MALFORMED),
        ("an Authorization header besides", lambda: Broken(signed(), headers={"Authorization": "Bearer x"}), Cause.HEADER_AND_QUERY_SIGNED),
        ("path style at public OSS", lambda: Broken(signed(endpoint=HANGZHOU, use_path_style=True)), Cause.PATH_STYLE_ON_PUBLIC_ENDPOINT),
        ("a URL that is not signed", lambda: Broken(signed().partition("?")[0]), Cause.NOT_PRESIGNED),
        ("no scheme", lambda: Broken(signed().partition("://")[2]), Cause.URL_MALFORMED),
        ("a key that is no UTF-8", lambda: Broken(replaced(signed(), "a%20b", "a%FFb")), Cause.URL_MALFORMED),
    ]
]  # fmt: skip


def unquote_signature(url: str) -> str:
    """What a framework hands on that decodes a URL and writes it again with its plus."""
    head, name, signature = url.partition("&Signature=")
    return f"{head}{name}{unquote(signature)}"


CASES = NEEDS_SECRET + VISIBLE
FORBIDDEN = (SECRET, TOKEN, quote(TOKEN, safe=""))


def names(cases: list[Case]) -> list[str]:
    return [name for name, *_ in cases]


def test_the_table_is_long_and_its_names_differ() -> None:
    assert len(CASES) >= 45
    assert len(set(names(CASES))) == len(CASES)


@pytest.mark.parametrize(("name", "make", "cause", "_visible"), CASES, ids=names(CASES))
def test_with_the_secret(
    name: str, make: Callable[[], Broken], cause: Cause, _visible: Cause | None
) -> None:
    report = make().explain(with_secret=True)
    assert report.cause is cause, f"{name}\n{report}"
    check_hidden(make(), report)


@pytest.mark.parametrize(("name", "make", "_cause", "visible"), CASES, ids=names(CASES))
def test_without_the_secret(
    name: str, make: Callable[[], Broken], _cause: Cause, visible: Cause | None
) -> None:
    report = make().explain(with_secret=False)
    assert report.cause is (visible or Cause.OK), f"{name}\n{report}"
    check_hidden(make(), report)


def check_hidden(broken: Broken, report: oss.Report) -> None:
    """No form of a report shows a secret, a token or a whole signature."""
    signatures = re.findall(r"ignature=([^&]{20,})", broken.url)
    text = f"{report} {report!r} {report.to_dict()} {report.text(color=True)}"
    for hidden in (*FORBIDDEN, *signatures, *map(unquote, signatures)):
        assert hidden not in text


PAIRS: list[tuple[str, Callable[[], Broken], set[Cause]]] = [
    ("type and method", lambda: Broken(signed(put), "POST", JPEG), {Cause.CONTENT_TYPE_ADDED, Cause.METHOD_WRONG}),
    ("type and acl", lambda: upload(signed(put, fields={"content_type": "image/png", "acl": "private"}), JPEG | {"x-oss-object-acl": "public-read"}), {Cause.CONTENT_TYPE_CHANGED, Cause.HEADER_CHANGED}),
    ("type and key", lambda: upload(replaced(v1(put), "a%20b", "a%2520b"), JPEG), {Cause.CONTENT_TYPE_ADDED, Cause.KEY_ENCODED_TWICE}),
    ("missing type and method", lambda: Broken(signed(put, fields={"content_type": "image/png"}), "GET"), {Cause.CONTENT_TYPE_MISSING, Cause.METHOD_WRONG}),
    ("secret and type", lambda: upload(signed(put), JPEG, who=newline(SECRET + "\n")), {Cause.SECRET_WHITESPACE, Cause.CONTENT_TYPE_ADDED}),
    ("two headers", lambda: upload(signed(put), {"x-oss-meta-a": "1", "x-oss-object-acl": "private"}), {Cause.HEADER_ADDED}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "causes"), PAIRS, ids=[name for name, *_ in PAIRS])
def test_two_mistakes_at_once(name: str, make: Callable[[], Broken], causes: set[Cause]) -> None:
    report = make().explain(with_secret=True)
    assert {finding.cause for finding in report.findings} == causes, f"{name}\n{report}"
