"""Another host per call, and in a URL that is signed already."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import ossign as oss
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ossign import exceptions as E
from sides import ID, SECRET, client, frozen, get, put, query

WHO = oss.Credentials(ID, SECRET)
PUBLIC = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
INTERNAL = "examplebucket.oss-cn-hangzhou-internal.aliyuncs.com"
CDN = "cdn.example.com"
VERSIONS = ["v4", "v1"]


def where(url: str) -> str:
    return url.partition("?")[0]


CALLS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"endpoint": "oss-accelerate.aliyuncs.com"}, "https://examplebucket.oss-accelerate.a"),
    ({}, {"scheme": "http"}, f"http://{PUBLIC}/"),
    ({"disable_ssl": True}, {"scheme": "https"}, f"https://{PUBLIC}/"),
    ({"disable_ssl": True}, {"endpoint": "h.com"}, "http://examplebucket.h.com/"),
    ({}, {"endpoint": "http://h.com:81", "scheme": "http"}, "http://examplebucket.h.com:81/"),
    ({}, {"endpoint": CDN, "cname": True}, f"https://{CDN}/dir/a%20b.txt"),
    ({}, {"cname": CDN}, f"https://{CDN}/dir/a%20b.txt"),
    ({}, {"cname": f"http://{CDN}:81"}, f"http://{CDN}:81/dir/a%20b.txt"),
    ({}, {"cname": CDN, "scheme": "http"}, f"http://{CDN}/dir/a%20b.txt"),
    ({"endpoint": CDN}, {"cname": True}, f"https://{CDN}/dir/a%20b.txt"),
    ({"endpoint": CDN, "use_cname": True}, {"cname": False}, f"https://examplebucket.{CDN}/"),
    ({"endpoint": CDN, "use_cname": True}, {"scheme": "http"}, f"http://{CDN}/dir/"),
    ({"endpoint": CDN, "use_cname": True}, {"endpoint": "h.com"}, "https://examplebucket.h.com/"),
    ({"use_path_style": True}, {"endpoint": "h.com"}, "https://h.com/examplebucket/dir/"),
    ({"endpoint": "http://127.0.0.1:9"}, {"endpoint": "h.com"}, "https://examplebucket.h.com/"),
    ({}, {"endpoint": "http://127.0.0.1:9"}, "http://127.0.0.1:9/examplebucket/dir/"),
    ({}, {"endpoint": "http://127.0.0.1:9", "cname": True}, "http://127.0.0.1:9/examplebucket/"),
    (
        {"use_path_style": True, "endpoint": "http://localhost:9"},
        {"endpoint": PUBLIC[14:]},
        f"https://{PUBLIC}/",
    ),
    ({}, {"endpoint": PUBLIC, "cname": True}, f"https://{PUBLIC}/dir/"),
    ({"use_internal_endpoint": True}, {"cname": CDN}, f"https://{CDN}/dir/a%20b.txt"),
    ({"region": None, "signature_version": "v1"}, {"cname": CDN}, f"https://{CDN}/dir/"),
]


@pytest.mark.parametrize(("config", "call", "url"), CALLS)
def test_a_call_may_point_elsewhere(config: Any, call: Any, url: str) -> None:
    assert client(**config).presign(get(), **call).url.startswith(url)


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_but_scheme_and_host_is_another(version: str) -> None:
    signer = client(signature_version=version, use_internal_endpoint=True)
    with frozen():
        usual = signer.presign(put(content_type="a/b"))
        other = signer.presign(put(content_type="a/b"), endpoint=CDN, cname=True)
        again = signer.presign(put(content_type="a/b"))
    assert usual.url.split("/", 3)[3] == other.url.split("/", 3)[3]
    assert again == usual and other.signed_headers == usual.signed_headers


def test_a_signed_host_is_that_of_the_call() -> None:
    signer = client(additional_headers=["host"])
    result = signer.presign(get(), cname=CDN)
    facts = oss.verify(result.url, method="GET", credentials=WHO, bucket="examplebucket")
    assert facts.signed_headers == ("host",) and facts.address_style == "cname"


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"endpoint": ""}, E.ParamInvalidError, "endpoint: '' must name a host"),
    ({"endpoint": "http://"}, E.ParamInvalidError, "endpoint"),
    ({"endpoint": 1}, TypeError, "endpoint must be a str, not int"),
    ({"endpoint": b"h.com"}, TypeError, "endpoint must be a str, not bytes"),
    ({"scheme": "ftp"}, E.ParamInvalidError, "scheme: 'ftp' must be 'https' or 'http'"),
    ({"scheme": "HTTPS"}, E.ParamInvalidError, "scheme: 'HTTPS' must be"),
    ({"scheme": True}, TypeError, "scheme must be a str, not bool"),
    ({"endpoint": "http://h.com", "scheme": "https"}, E.ParamInvalidError, "endpoint: 'http://h"),
    ({"cname": 1}, TypeError, "cname must be a bool or a str, not int"),
    ({"cname": ""}, E.ParamInvalidError, "cname: '' must be True, False or a domain"),
    ({"cname": True}, E.ParamInvalidError, "cname: 'True' must be the bucket's own domain"),
    ({"cname": PUBLIC[14:]}, E.ParamInvalidError, "cname: 'oss-cn-hangzhou.aliyuncs.com' must be"),
    ({"cname": True, "endpoint": PUBLIC[14:]}, E.ParamInvalidError, "must be the bucket's own"),
    (
        {"endpoint": "http://me:pw@h.com", "scheme": "https"},
        E.ParamInvalidError,
        "endpoint: 'h.com'",
    ),
    ({"cname": CDN, "endpoint": "h.com"}, E.ParamInvalidError, "cname: 'cdn.example.com' must be"),
    ({"cname": "192.0.2.1:81"}, E.ParamInvalidError, "not an IP address"),
    ({"cname": "[::1]"}, E.ParamInvalidError, "not an IP address"),
    *(
        ({field: host}, E.ParamInvalidError, f"{field}: ")
        for field in ("endpoint", "cname")
        for host in ("a b", "a\nb.com", "a.com:99999", "a.com:x", "http://me:pw@a.com", "a..com")
    ),
    *(({"endpoint": host}, E.ParamInvalidError, "") for host in ("ftp://h.com", ".", 'a"<>.com')),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD)
def test_a_bad_host_names_field_value_and_rule(call: Any, error: Any, words: str) -> None:
    for presign in (
        lambda: client().presign(get(), **call),
        lambda: client().presign_post("examplebucket", "k", **call),
        lambda: client().presign_many(get(), key=["a"], **call),
    ):
        with pytest.raises(error) as raised:
            presign()
        assert words in str(raised.value)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_batch_and_a_form_go_where_the_call_says(version: str) -> None:
    signer = client(signature_version=version)
    call: dict[str, Any] = {"endpoint": f"{CDN}:81", "cname": True, "scheme": "http"}
    keys = ["a b", "c"]
    with frozen():
        one_by_one = [signer.presign(get(key=key), **call).url for key in keys]
        assert signer.presign_many(get(), key=keys, **call) == one_by_one
        table = pa.table({"key": keys})
        stream = signer.presign_batches(get(), table.to_reader(), **call)
        signed = pa.RecordBatchReader.from_stream(stream).read_all()
        assert signed["url"].to_pylist() == one_by_one
    assert signer.presign_post("examplebucket", "k", **call).url == f"http://{CDN}:81/"
    usual = signer.presign_post("examplebucket", "k")
    assert usual.url == f"https://{PUBLIC}/"


def test_the_function_takes_the_same_keywords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ENDPOINT", "oss-cn-hangzhou-internal.aliyuncs.com")
    settings: Any = {"region": "cn-hangzhou", "credentials": WHO}
    assert where(oss.presign(get(), **settings).url) == f"https://{INTERNAL}/dir/a%20b.txt"
    url = oss.presign(get(), cname=CDN, scheme="http", download_as="x", **settings).url
    assert where(url) == f"http://{CDN}/dir/a%20b.txt" and "response-content-disp" in url
    url = oss.presign(get(), endpoint=CDN, cname=True, **settings).url
    assert where(url) == f"https://{CDN}/dir/a%20b.txt"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("host", "start"),
    [
        (INTERNAL, f"https://{INTERNAL}/"),
        (CDN, f"https://{CDN}/"),
        (f"http://{CDN}:8080", f"http://{CDN}:8080/"),
        (f"HTTP://{INTERNAL}/", f"http://{INTERNAL}/"),
        ("examplebucket.oss-accelerate.aliyuncs.com", "https://examplebucket.oss-accelerate"),
    ],
)
def test_a_url_with_another_host_is_still_valid(version: str, host: str, start: str) -> None:
    url = client(signature_version=version).presign(get(key="a b/ü+%.txt")).url
    moved = oss.rehost(url, host)
    assert moved.startswith(start) and moved.split("/", 3)[3] == url.split("/", 3)[3]
    oss.verify(moved, method="GET", credentials=WHO, bucket="examplebucket")
    assert oss.rehost(moved, PUBLIC).partition("://")[2] == url.partition("://")[2]


def test_what_a_rehosted_url_would_have_been() -> None:
    with frozen():
        signer = client(use_internal_endpoint=True)
        moved = oss.rehost(signer.presign(get()).url, CDN)
        assert moved == signer.presign(get(), cname=CDN).url


def test_a_signed_host_stays() -> None:
    url = client(additional_headers=["host"]).presign(get()).url
    with pytest.raises(E.ParamInvalidError, match="must not be signed for its host") as raised:
        oss.rehost(url, CDN)
    assert "signature=" not in str(raised.value)
    other = client(additional_headers=["range"]).presign(get(range_header="bytes=0-1")).url
    assert oss.rehost(other, CDN).startswith(f"https://{CDN}/")


@pytest.mark.parametrize(
    ("config", "host", "words"),
    [
        ({}, "oss-cn-hangzhou-internal.aliyuncs.com", "must begin with the bucket"),
        ({}, "another.oss-cn-hangzhou.aliyuncs.com", "the bucket that is signed"),
        ({}, "examplebucket.oss-cn-beijing.aliyuncs.com", "the region that is signed"),
        ({}, "127.0.0.1:9000", "would look for the bucket in the path"),
        ({"endpoint": "http://127.0.0.1:9000"}, PUBLIC, "would not look for the bucket"),
        ({"endpoint": "http://127.0.0.1:9000"}, CDN, "would not look for the bucket"),
        ({}, "cdn.example.com/path", "a host and nothing else"),
        ({}, "user@cdn.example.com", "a host and nothing else"),
        ({}, "", "must name a host"),
        ({}, "cdn.example.com:99999", "a port from 1 to 65535"),
    ],
)
def test_a_host_that_cannot_serve_the_url_is_refused(config: Any, host: str, words: str) -> None:
    url = client(**config).presign(get()).url
    with pytest.raises(E.ParamInvalidError) as raised:
        oss.rehost(url, host)
    assert str(raised.value).startswith("invalid field, host: ") and words in str(raised.value)


def test_the_bucket_in_the_path_moves_from_address_to_address() -> None:
    url = client(endpoint="http://127.0.0.1:9000").presign(get()).url
    moved = oss.rehost(url, "emulator:9000")
    assert moved == url.replace("127.0.0.1", "emulator")
    oss.verify(moved, method="GET", credentials=WHO, endpoint="emulator:9000")


def test_another_region_is_explained() -> None:
    url = client().presign(get()).url.replace("oss-cn-hangzhou", "oss-cn-beijing")
    assert oss.explain(url, credentials=WHO).cause is oss.Cause.REGION_MISMATCH


@pytest.mark.parametrize(
    "url", ["", "a", f"https://{PUBLIC}/a", f"https://{PUBLIC}/a?x-oss-signature=1"]
)
def test_what_is_not_presigned_is_refused(url: str) -> None:
    with pytest.raises(E.ParamInvalidError, match="invalid field, url: "):
        oss.rehost(url, CDN)


def test_rehost_names_the_argument_that_is_wrong() -> None:
    url = client().presign(get()).url
    for call, words in [
        ((None, CDN), "url must be a str, not NoneType"),
        ((url, 5), "host must be a str, not int"),
    ]:
        with pytest.raises(TypeError, match=words):
            oss.rehost(*call)  # type: ignore[arg-type]
    with pytest.raises(E.ParamInvalidError, match="host: '.ud800' is half of a character"):
        oss.rehost(url, "a\ud800")
    with pytest.raises(E.ParamInvalidError, match="url: '.ud800' is half of a character") as raised:
        oss.rehost(url + "\ud800", CDN)
    assert url.partition("?")[2] not in str(raised.value)


@given(st.text(max_size=40), st.text(max_size=20))
def test_no_text_breaks_rehost(url: str, host: str) -> None:
    good = client().presign(get()).url
    for one, other in [(url, CDN), (f"https://{url}/?x-oss-signature=1", CDN), (good, host)]:
        try:
            moved = oss.rehost(one, other)
        except E.ParamInvalidError:
            continue
        assert one == good and moved.split("/", 3)[3] == good.split("/", 3)[3]
        assert urlsplit(moved).scheme in ("http", "https") and query(moved) == query(good)
