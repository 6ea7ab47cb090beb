"""Callbacks: what OSS is asked to send, and whether a request is what OSS sent."""

from __future__ import annotations

import base64
import json
import pickle
import re
from pathlib import Path
from typing import Any

import ossign as oss
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ossign import callbacks
from ossign import exceptions as E
from sides import client, frozen, put, query

CAPTURED = json.loads((Path(__file__).parents[1] / "vectors" / "callback.json").read_text("utf-8"))
NONCE = "0123456789abcdef-nonce"
TEST_KEY = {"public_key": callbacks.TEST_PUBLIC_KEY}
KEY_URL = "http://gosspublic.alicdn.com/callback_pub_key_v1.pem"


def b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def decoded(value: str | None) -> Any:
    return json.loads(base64.b64decode(value or ""))


def callback(**keywords: Any) -> oss.Callback:
    return oss.Callback(
        **{"url": "https://app.example.com/done", "body": "object=${object}", **keywords}
    )


def refused(**keywords: Any) -> str:
    with pytest.raises(E.ParamInvalidError) as raised:
        callback(**keywords)
    return str(raised.value)


def delivered(captured: dict[str, str], **changed: Any) -> dict[str, Any]:
    headers = {"Authorization": captured["authorization"], "x-oss-pub-key-url": b64(KEY_URL)}
    where = captured["path"] + captured["query"]
    return {"headers": headers, "path_and_query": where, "body": captured["body"], **changed}


def cause(**request: Any) -> str:
    with pytest.raises(E.CallbackVerificationError) as raised:
        oss.verify_callback(**request)
    return raised.value.cause


# What is sent along.


def test_both_values_are_json_in_base64() -> None:
    made = callback(
        url=["https://a.example.com/1?x=y", "http://b.example.com:8080/2"],
        body='{"object":${object},"order":${x:order}}',
        body_type="application/json",
        host="a.example.com",
        vars={"x:order": 4711},
    )
    assert decoded(made.callback) == {
        "callbackUrl": "https://a.example.com/1?x=y;http://b.example.com:8080/2",
        "callbackHost": "a.example.com",
        "callbackBody": '{"object":${object},"order":${x:order}}',
        "callbackBodyType": "application/json",
        "callbackSNI": True,
    }
    assert decoded(made.callback_var) == {"x:order": "4711"}
    assert made == oss.Callback.parse(made.callback, made.callback_var)
    assert pickle.loads(pickle.dumps(made)) == made != callback()
    assert (made.urls[1], made.host, made.sni) == (
        "http://b.example.com:8080/2",
        "a.example.com",
        True,
    )


def test_sni_is_on_for_https_unless_said_otherwise() -> None:
    assert callback().sni and not callback(sni=False).sni
    assert not callback(url="http://app.example.com").sni
    assert "callbackSNI" not in decoded(callback(sni=False).callback)


def test_without_variables_there_is_no_second_value() -> None:
    assert callback().callback_var is None
    assert [*callback().as_headers()] == ["x-oss-callback"]


@pytest.mark.parametrize("version", ["v1", "v4"])
@pytest.mark.parametrize("make", [oss.PutObjectRequest, oss.CompleteMultipartUploadRequest])
def test_a_request_takes_it_where_it_takes_a_text(make: Any, version: str) -> None:
    made = callback(vars={"x:a": "b"})
    fields = {"bucket": "examplebucket", "key": "k"}
    if make is oss.CompleteMultipartUploadRequest:
        fields["upload_id"] = "u"
    texts = {"callback": made.callback, "callback_var": made.callback_var}
    with frozen():
        signer = client(signature_version=version)
        ours = signer.presign(make(**fields, callback=made))
        assert ours == signer.presign(make(**fields, **texts))
        own_vars = signer.presign(make(**fields, callback=made, callback_var="eyJ9"))
        own_header = {"x-oss-callback-var": "eyJ8"}
        from_header = signer.presign(make(**fields, callback=made, headers=own_header))
    assert ours.signed_headers.items() >= made.as_headers().items()
    assert own_vars.signed_headers["x-oss-callback-var"] == "eyJ9"
    assert from_header.signed_headers["x-oss-callback-var"] == "eyJ8"


def test_it_goes_in_the_query_as_well() -> None:
    made = callback(vars={"x:a": "b"})
    with frozen():
        result = client().presign(put(parameters=made.as_parameters()))
    given = query(result.url)
    assert (given["callback"], given["callback-var"]) == (made.callback, made.callback_var)
    assert not result.signed_headers


def test_the_sdks_own_requests_take_it() -> None:
    import alibabacloud_oss_v2 as sdk

    made = callback(vars={"x:a": "b"})
    with frozen():
        ours = client().presign(put(callback=made))
        theirs = client().presign(put(sdk, callback=made))
    assert ours.url == theirs.url


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"url": []}, "url: '0' is not the number of URLs: 1 to 5"),
        ({"url": ""}, "url"),
        ({"url": ["http://a.com"] * 6}, "url: '6' is not"),
        ({"url": ";".join(["http://a.com"] * 6)}, "url: '6' is not"),
        ({"url": "ftp://a.com"}, "url: 'ftp://a.com' must be http or https"),
        ({"url": "http://[::1]/"}, "IPv6"),
        ({"url": "http://例子.com"}, "percent-encoded"),
        ({"url": "http://a.com/ b"}, "percent-encoded"),
        ({"url": "http:///x"}, "must name a host"),
        ({"url": "http://a.com:port/"}, "a number"),
        ({"body": ""}, "body: '' must not be empty"),
        ({"body": "a=${objekt}"}, "body: '${objekt}' is neither"),
        ({"body": "x" * 5000}, "5 KB"),
        ({"body_type": "text/plain"}, "body_type: 'text/plain' must be"),
        ({"body": "a=${object}", "body_type": "application/json"}, "must be JSON"),
        ({"body": '{"a":"${object}"}', "body_type": "application/json"}, "bring their quotes"),
        ({"host": ""}, "host"),
        ({"host": "https://a.com/"}, "host"),
        ({"vars": {"order": "1"}}, "vars: 'order' must be 'x:'"),
        ({"vars": {"x:Order": "1"}}, "small letters"),
        ({"vars": {"x:": "1"}}, "small letters"),
        ({"vars": {"x:a": "v" * 5000}}, "vars: '6680 bytes' must not be longer than 5 KB"),
        ({"nonce": "short"}, "nonce: '...' must be at least 16"),
        ({"nonce": NONCE}, "nonce=${x:nonce}"),
    ],
)
def test_what_oss_would_refuse_is_refused_with_field_and_rule(
    keywords: dict[str, Any], words: str
) -> None:
    assert words in refused(**keywords)


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"url": 5}, "url must be a str, or a list of str, not int"),
        ({"url": [5]}, "each url must be a str, not int"),
        ({"url": b"http://a.com"}, "each url must be a str"),
        ({"body": None}, "body must be a str, not NoneType"),
        ({"body_type": 5}, "body_type must be a str, not int"),
        ({"host": 5}, "host must be a str, not int"),
        ({"sni": "true"}, "sni must be a bool, not str"),
        ({"vars": [("x:a", "b")]}, "vars must be a dict of str, not list"),
        ({"vars": {1: "a"}}, "vars: each name must be a str, not int"),
        ({"vars": {"x:a": None}}, 'vars["x:a"] must be a str, an int or a bool, not NoneType'),
        ({"nonce": 5}, "nonce must be a str, not int"),
        ({"bodytype": "x"}, "bodytype"),
    ],
)
def test_another_type_is_a_type_error_that_names_the_argument(
    keywords: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(words)):
        callback(**keywords)


@pytest.mark.parametrize(
    ("keywords", "field"),
    [
        ({"url": "http://a.com/\ud800"}, "url"),
        ({"url": ["http://a.com/\ud800"]}, "url"),
        ({"body": "a=\ud800"}, "body"),
        ({"body_type": "\ud800"}, "body_type"),
        ({"host": "\ud800"}, "host"),
        ({"vars": {"x:\ud800": "a"}}, "vars"),
        ({"vars": {"x:a": "secret\ud800"}}, 'vars["x:a"]'),
        ({"nonce": NONCE + "\ud800"}, "nonce"),
    ],
)
def test_half_a_character_is_refused_with_its_field(keywords: dict[str, Any], field: str) -> None:
    words = refused(**keywords)
    assert f"invalid field, {field}: " in words
    assert "secret" not in words and NONCE not in words


def test_no_repr_shows_the_values_of_variables() -> None:
    made = callback(body="nonce=${x:nonce}", nonce=NONCE)
    assert NONCE not in repr(made) and "x:nonce" in repr(made)


@pytest.mark.parametrize(
    "values", [("no base64",), (b64("[]"),), (b64("{}"),), (b64('{"callbackUrl":"a.com"}'),)]
)
def test_what_is_no_callback_is_not_read(values: tuple[str, ...]) -> None:
    with pytest.raises(E.ParamInvalidError):
        oss.Callback.parse(*values)


NAMES = st.from_regex(r"x:[a-z0-9_]{1,8}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="$"), min_size=1)


@given(
    st.lists(st.from_regex(r"https?://[a-z]{1,9}\.com(/[a-z0-9%]{0,9})?", fullmatch=True))
    .filter(lambda urls: 1 <= len(urls) <= 5)
    .map(lambda urls: urls),
    PLAIN,
    st.dictionaries(NAMES, TEXT, max_size=4),
    st.booleans(),
)
def test_any_callback_is_read_back_as_it_was_written(
    urls: list[str], body: str, own: dict[str, str], sni: bool
) -> None:
    made = oss.Callback(url=urls, body=body, vars=own, sni=sni)
    read = oss.Callback.parse(made.callback, made.callback_var)
    assert (read.urls, read.body, read.vars, read.sni) == (urls, body, own, sni)
    assert read == made or own
    assert decoded(made.callback)["callbackUrl"] == ";".join(urls)


@given(st.text(), st.none() | st.text())
def test_reading_never_crashes(value: str, own: str | None) -> None:
    with pytest.raises(E.ParamInvalidError):
        oss.Callback.parse(value, own)


# What arrives.


@pytest.mark.parametrize("captured", CAPTURED, ids=lambda c: c["name"])
def test_the_requests_that_oss_signed_are_believed(captured: dict[str, str]) -> None:
    for body in (captured["body"], captured["body"].encode(), bytearray(captured["body"].encode())):
        assert (
            oss.verify_callback(**delivered(captured, body=body)).body.decode() == captured["body"]
        )
    raw = [(b"AUTHORIZATION", captured["authorization"].encode())]
    raw.append((b"X-Oss-Pub-Key-Url", b64(KEY_URL.replace("http", "https")).encode()))
    assert oss.verify_callback(**delivered(captured, headers=raw))


def test_fields_are_those_of_the_body() -> None:
    official, cloudreve, _ = CAPTURED
    assert oss.verify_callback(**delivered(official)).fields == {"bucket": "yonghu-test"}
    request = delivered(cloudreve)
    request["headers"]["Content-Type"] = "application/json; charset=utf-8"
    verified = oss.verify_callback(**request)
    assert verified.fields["size"] == 114020
    assert "114020" not in repr(verified)


@pytest.mark.parametrize("captured", CAPTURED, ids=lambda c: c["name"])
def test_whatever_is_changed_is_noticed(captured: dict[str, str]) -> None:
    where = captured["path"] + captured["query"]
    assert cause(**delivered(captured, body=captured["body"] + " ")) == "signature_mismatch"
    assert cause(**delivered(captured, body=b"")) == "signature_mismatch"
    assert cause(**delivered(captured, path_and_query=where + "x")) == "signature_mismatch"
    assert cause(**delivered(captured, path_and_query="/x" + where)) == "signature_mismatch"
    assert cause(**delivered(captured), **TEST_KEY) == "signature_mismatch"
    headers = delivered(captured)["headers"]
    signature = headers["Authorization"]
    forged = "A" * 86 + "=="
    for authorization, expected in {
        forged: "signature_mismatch",
        signature[:-8]: "signature_mismatch",
        "%": "signature_malformed",
        "OSS " + signature: "signature_malformed",
    }.items():
        changed = {**headers, "Authorization": authorization}
        assert cause(**delivered(captured, headers=changed)) == expected
    for name in headers:
        rest = {n: v for n, v in headers.items() if n != name}
        assert cause(**delivered(captured, headers=rest)) == "header_missing"
        for empty in ("", b"", None):
            changed = {**headers, name: empty}
            assert cause(**delivered(captured, headers=changed)) == "header_missing"
    twice = [*headers.items(), ("authorization", forged)]
    assert cause(**delivered(captured, headers=twice)) == "header_repeated"


@pytest.mark.parametrize(
    "url",
    [
        "http://gosspublic.alicdn.com.evil.com/k.pem",
        "http://evil.com/gosspublic.alicdn.com/",
        "http://gosspublic.alicdn.com",
        "http://gosspublic.alicdn.com@evil.com/",
        "http://evil.com\\@gosspublic.alicdn.com/",
        "http://gosspublic.alicdn.com\\@evil.com/k",
        "http://gosspublic.alicdn.com\\.evil.com/k",
        "http://gosspublic.alicdn.com/\\@evil.com/k",
        "http://gosspublic.alicdn.com#@evil.com/k",
        "http://gosspublic.alicdn.com?@evil.com/k",
        "http://gosspublic.alicdn.com\t.evil.com/k",
        "http://gosspublic.alicdn.com .evil.com/k",
        "http://a:b@gosspublic.alicdn.com/",
        "http://gosspublic.alicdn.com:8080/",
        "ftp://gosspublic.alicdn.com/",
        "//gosspublic.alicdn.com/",
        "gosspublic.alicdn.com/k.pem",
        "http://gosspublic.alicdn.com\n/",
    ],
)
def test_only_a_key_at_oss_own_host_is_believed(url: str) -> None:
    request = delivered(CAPTURED[0])
    request["headers"]["x-oss-pub-key-url"] = b64(url)
    assert cause(**request) in ("key_url_refused", "key_url_malformed")


def test_headers_that_are_not_read_may_come_twice() -> None:
    request = delivered(CAPTURED[0])
    forwarded = [("X-Forwarded-For", "10.0.0.1"), ("X-Forwarded-For", "10.0.0.2")]
    assert oss.verify_callback(
        **{**request, "headers": [*request["headers"].items(), *forwarded]}
    ).fields


@pytest.mark.parametrize("body", [5, 10**12, None, ["a"], True])
def test_a_body_of_another_type_is_a_type_error(body: Any) -> None:
    with pytest.raises(TypeError, match="body must be bytes, bytearray, memoryview or str"):
        oss.verify_callback({}, "/", body)
    with pytest.raises(TypeError, match="body must be bytes"):
        callbacks.sign("/", body)


def test_the_path_is_decoded_once_and_the_query_never() -> None:
    for path in ("/a%20b/%E6%95%B0", "/%2525", "/a+b", "/%FF"):
        where = path + "?q=%20+%25"
        headers = callbacks.sign(where, b"x=1")
        assert oss.verify_callback(headers, where, b"x=1", **TEST_KEY)
        assert oss.verify_callback(headers, where.encode(), b"x=1", **TEST_KEY)
        changed = {"headers": headers, "path_and_query": where.replace("?q=%20", "?q=+")}
        assert cause(**changed, body=b"x=1", **TEST_KEY) == "signature_mismatch"
    headers = callbacks.sign("/%E6%95%B0", b"")
    assert oss.verify_callback(headers, "/数", b"", **TEST_KEY)


def test_a_whole_url_is_not_a_path() -> None:
    with pytest.raises(E.ParamInvalidError, match="path_and_query"):
        oss.verify_callback({}, "https://app.example.com/done", b"")


@pytest.mark.parametrize(
    "key", ["", "x", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_key_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(E.ParamInvalidError, match="public_key: '...' must be an RSA key"):
        oss.verify_callback(**delivered(CAPTURED[0]), public_key=key)
    with pytest.raises(E.ParamInvalidError, match="private_key: '...' must be an RSA key"):
        callbacks.sign("/", b"", private_key=key)


def sent(body: str, kind: str = "application/x-www-form-urlencoded") -> dict[str, Any]:
    """What any customer of OSS can have sent, and signed."""
    headers = callbacks.sign("/done", body, content_type=kind)
    return {"headers": headers, "path_and_query": "/done", "body": body, **TEST_KEY}


def test_the_nonce_is_compared() -> None:
    good = sent(f"object=a.png&nonce={NONCE}")
    assert oss.verify_callback(**good, nonce=NONCE).fields["object"] == "a.png"
    assert oss.verify_callback(**good, nonce=lambda fields: NONCE if fields["object"] else "")
    as_json = sent(json.dumps({"nonce": NONCE}), "application/json")
    assert oss.verify_callback(**as_json, nonce=NONCE)
    assert cause(**good, nonce=NONCE + "x") == "nonce_mismatch"
    assert cause(**sent("nonce="), nonce="") == "nonce_mismatch"
    assert cause(**sent("object=a"), nonce=NONCE) == "nonce_missing"
    assert cause(**sent('{"nonce":1}', "application/json"), nonce=NONCE) == "nonce_missing"
    assert cause(**sent("[1", "application/json"), nonce=NONCE) == "nonce_missing"
    with pytest.raises(E.CallbackVerificationError) as raised:
        oss.verify_callback(**good, nonce="another secret of mine")
    assert NONCE not in str(raised.value) and "another" not in str(raised.value)


def test_a_body_that_nobody_can_read_has_no_fields() -> None:
    deep = sent("[" * 100_000, "application/json")
    assert oss.verify_callback(**deep).fields == {}
    assert cause(**deep, nonce=NONCE) == "nonce_missing"
    gap = sent('{"height":}', "application/json")  # of what is no image
    assert oss.verify_callback(**gap).fields == {}
    assert oss.verify_callback(**gap).body == b'{"height":}'


def test_half_a_character_as_nonce_is_refused() -> None:
    half = sent('{"nonce":"\\ud800"}', "application/json")
    assert cause(**half, nonce=NONCE) == "nonce_mismatch"
    assert cause(**half, nonce=lambda fields: NONCE) == "nonce_mismatch"


def nonce_of(fields: dict[str, Any]) -> str:
    return oss.callback_nonce("a secret of my server", fields["bucket"], fields["object"])


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"object": "a.png"}, KeyError),
        ({"bucket": "b", "object": 5}, TypeError),
        ({"bucket": "b", "object": "\ud800"}, UnicodeEncodeError),
    ],
)
def test_fields_that_have_no_nonce_are_refused(
    fields: dict[str, Any], why: type[Exception]
) -> None:
    request = sent(json.dumps({**fields, "nonce": NONCE}), "application/json")
    with pytest.raises(E.CallbackVerificationError, match=why.__name__) as raised:
        oss.verify_callback(**request, nonce=nonce_of)
    assert raised.value.cause == "nonce_mismatch"
    assert isinstance(raised.value.__cause__, why)


def test_the_function_for_the_nonce_is_asked_only_about_a_nonce() -> None:
    assert cause(**sent("a=b"), nonce=nonce_of) == "nonce_missing"
    good = sent(f"object=a.png&bucket=b&nonce={nonce_of({'bucket': 'b', 'object': 'a.png'})}")
    assert oss.verify_callback(**good, nonce=nonce_of)
    assert cause(**good, nonce=lambda fields: None) == "nonce_mismatch"
    # What is not the body's fault is not a refusal.
    with pytest.raises(OSError, match="the database is down"):
        oss.verify_callback(**good, nonce=database_is_down)
    with pytest.raises(TypeError, match="nonce must be a str, or a function that returns one"):
        oss.verify_callback(**good, nonce=NONCE.encode())


def database_is_down(fields: dict[str, Any]) -> str:
    raise OSError("the database is down")


def test_a_derived_nonce_depends_on_all_its_parts() -> None:
    secret = "a secret of sixteen bytes or more"
    made = oss.callback_nonce(secret, "bucket", "a.png")
    assert made == oss.callback_nonce(secret.encode(), "bucket", "a.png")
    others = [("bucket", "b.png"), ("bucketa", ".png"), ("bucket", "a.png", ""), ("bucketa.png",)]
    assert len({made, *(oss.callback_nonce(secret, *parts) for parts in others)}) == 5
    assert oss.callback_nonce(secret + "x", "bucket", "a.png") != made
    assert callback(body="nonce=${x:nonce}", nonce=made).vars == {"x:nonce": made}
    with pytest.raises(ValueError, match="16"):
        oss.callback_nonce("short", "a")
    with pytest.raises(TypeError, match="parts must be str, not int"):
        oss.callback_nonce(secret, "a", 5)


def test_errors_pickle() -> None:
    with pytest.raises(E.CallbackVerificationError) as raised:
        oss.verify_callback({}, "/", b"")
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.cause, str(again)) == ("header_missing", str(raised.value))


@given(st.dictionaries(st.text(max_size=9), st.text(max_size=9)), st.text(), st.binary())
def test_nothing_that_arrives_crashes(headers: dict[str, str], path: str, body: bytes) -> None:
    headers = {**headers, "authorization": "AAAA", "x-oss-pub-key-url": b64(KEY_URL)}
    assert cause(headers=headers, path_and_query="/" + path, body=body) == "signature_mismatch"


def test_it_goes_into_headers_and_parameters_as_it_is() -> None:
    made = callback(vars={"x:user": "7"})
    same = [
        ({"parameters": {"callback": made}}, {"parameters": made.as_parameters()}),
        ({"headers": {"X-Oss-Callback": made}}, {"headers": made.as_headers()}),
    ]
    for given_, spelled in same:
        with frozen():
            assert client().presign(put(**given_)).url == client().presign(put(**spelled)).url
    own = put(parameters={"callback-var": "e30=", "callback": made})
    assert query(client().presign(own).url)["callback-var"] == "e30="


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"parameters": {"other": callback()}}, "other"),
        ({"headers": {"x-other": callback()}}, "x-other"),
        ({"metadata": {"a": callback()}}, "x-oss-meta-a"),
        ({"callback_var": callback()}, "x-oss-callback-var"),
        ({"content_type": callback()}, "Content-Type"),
    ],
)
def test_it_is_signed_nowhere_else(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(TypeError, match=f"^{name}: a Callback can only be"):
        client().presign(put(**fields))


@pytest.mark.parametrize("version", ["v4", "v1"])
def test_it_is_not_given_twice(version: str) -> None:
    twice = put(callback=callback(), parameters=callback().as_parameters())
    with pytest.raises(E.OperationError, match="must not be given beside the query parameter"):
        client(signature_version=version).presign(twice)
