"""Requests of the seven operations with every field of the SDK's classes, and OperationInput."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import alibabacloud_oss_v2 as sdk
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from . import values
from .values import Made, chance, maybe

OPERATIONS = (
    "GetObject",
    "PutObject",
    "PutObject",
    "HeadObject",
    "InitiateMultipartUpload",
    "UploadPart",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
    "OperationInput",
)
BUCKETS = st.sampled_from(("examplebucket", "abc", "a-1", "0" * 63))
ODD_BUCKETS = st.one_of(
    st.sampled_from(
        ("", "ab", "-ab", "ab-", "ABC", "a.b", "a" * 64, "数据桶", "abc\n", "ab\ud800")
    ),
    st.sampled_from((None, 7, b"abc", ["a", "b", "c"], ("a", "b"), {"abc": 1}, 1.5)),
)
KEYS = st.sampled_from(
    ("k", "dir/a b.txt", "数据/报告 (1).pdf", "a+b%20c", "~-_.", "a//b", "a/../b")
)
ODD_KEYS = st.one_of(
    st.sampled_from(("", "/a", "\\a", "k" * 1023, "k" * 1024, "k" * 1025, "数" * 341, "数" * 342)),
    st.sampled_from(
        (".", "..", "a\nb", "a\r", "\0", "?q", "#f", "a\ud800", " k ", "%", "//", "a\\b")
    ),
    st.sampled_from((None, 7, b"key", ["k"], [], 1.5, values.Word("word"), values.Colour.RED)),
    values.odd,
)
NAMES = st.sampled_from(
    (
        "a",
        "K",
        "k",
        "\u212a",
        "Content-Type",
        "CONTENT-md5",
        "x-oss-a",
        "X-Oss-Meta-K",
        "x-oss-date",
    )
    + (
        "x-oss-content-sha256",
        "Range",
        "host",
        "User-Agent",
        "x-oss-security-token",
        "Authorization",
    )
    + ("Cache-Control", "date", "abc", "x-oss-traffic-limit", "x-oss-process", "é", "a b")
)
PARAMETERS = st.sampled_from(
    (
        "a",
        "b",
        "acl",
        "x-oss-process",
        "x-oss-date",
        "x-oss-expires",
        "x-oss-credential",
        "versionId",
    )
    + (
        "x-oss-signature",
        "x-oss-security-token",
        "x-oss-additional-headers",
        "Expires",
        "Signature",
    )
    + (
        "OSSAccessKeyId",
        "security-token",
        "x-oss-traffic-limit",
        "lifecycle",
        "a=b",
        "a-b",
        "é",
        "",
    )
    + (
        "x-oss-signature-version",
        "callback",
        "response-content-type",
        "x-oss-ac-source-ip",
        "uploads",
    )
    + ("X-Oss-Process", "x%2Doss-date", "partNumber", "continuation-token", "sub/x")
)
DATES = st.sampled_from(("Sun, 06 Nov 1994 08:49:37 GMT", "20231216T162057Z", "6 Nov 94 08:49:37"))
header_values = st.one_of(values.text, values.text, values.text, DATES)
plain_headers = st.dictionaries(NAMES, header_values, max_size=4)
odd_headers = st.one_of(
    st.dictionaries(values.odd, values.text, max_size=3),
    st.dictionaries(NAMES, st.one_of(values.wrong, st.none()), min_size=1, max_size=2),
    st.dictionaries(
        st.one_of(values.scalars, st.binary(max_size=3)), values.plain, min_size=1, max_size=1
    ),
    st.sampled_from((None, "", "abc", (), [], [("a", "b")], 7, iter(()), b"")),
    st.dictionaries(st.sampled_from(("a", "B", "x-oss-a")), values.text).map(CaseInsensitiveDict),
    st.dictionaries(st.sampled_from(("a", "B", "x-oss-a")), values.text).map(MappingProxyType),
)
headers = maybe(5, plain_headers, odd_headers)
plain_parameters = st.dictionaries(maybe(6, PARAMETERS, values.odd), values.text, max_size=4)
odd_parameters = st.one_of(
    st.dictionaries(PARAMETERS, st.one_of(values.wrong, st.none()), min_size=1, max_size=2),
    st.dictionaries(
        st.one_of(values.scalars, st.binary(max_size=3)), values.wrong, min_size=1, max_size=2
    ),
    st.sampled_from((None, "", "abc", (), [], [("a", "b")], 7, {}, b"")),
)
parameters = maybe(5, plain_parameters, odd_parameters)
metadata = maybe(
    5,
    st.dictionaries(
        maybe(5, st.sampled_from(("k", "K", "author", "\u212a")), values.odd), values.text
    ),
    st.one_of(
        st.dictionaries(
            st.one_of(values.scalars, values.plain), st.one_of(values.wrong, values.text)
        ),
        values.wrong,
        values.text,
    ),
)
PART_NUMBERS = st.integers(1, 10_000)
ODD_PART_NUMBERS = st.one_of(
    st.sampled_from((0, -1, 10_001, "1", "10001", "x", "", " 1 ", "+1", "٣", True, 1.0)),
    values.wrong,
)


def _value(field: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind, rename = field.get("type", ""), field.get("rename", "")
    plain: st.SearchStrategy[Any] = values.text
    if "dict" in kind:
        return metadata
    if kind == "int":
        plain = st.integers(0, 2**40)
    elif kind == "bool":
        plain = st.booleans()
    elif rename == "x-oss-object-acl":
        plain = st.one_of(values.plain, st.just(values.ACL))
    elif rename == "x-oss-storage-class":
        plain = st.one_of(values.plain, st.just(values.STORAGE))
    return maybe(8, maybe(3, plain, values.scalars), values.wrong)


def _fields(name: str) -> dict[str, st.SearchStrategy[Any]]:
    rows = getattr(sdk, f"{name}Request")._attribute_map
    placed = {row: _value(field) for row, field in rows.items() if field.get("position") != "body"}
    placed |= {
        "bucket": maybe(15, BUCKETS, ODD_BUCKETS),
        "key": maybe(4, KEYS, ODD_KEYS),
        "upload_id": maybe(12, values.plain, st.one_of(values.odd, values.wrong, st.none())),
        "part_number": maybe(8, PART_NUMBERS, st.one_of(ODD_PART_NUMBERS, st.none())),
    }
    return {row: placed[row] for row in rows if row in placed}


FIELDS = {name: _fields(name) for name in OPERATIONS if name != "OperationInput"}
UNKNOWN = st.dictionaries(
    st.sampled_from(("expire", "Bucket", "contentType")), values.plain, min_size=1
)


@st.composite
def requests(draw: Callable[..., Any], name: str) -> dict[str, Any]:
    """The keywords of one request."""
    if name == "OperationInput":
        return draw(operation_inputs())  # type: ignore[no-any-return]
    known = FIELDS[name]
    rows = getattr(sdk, f"{name}Request")._attribute_map
    required = {row for row, field in rows.items() if field.get("required")}
    optional = [row for row in known if row not in required]
    chosen = set(draw(st.lists(st.sampled_from(optional), max_size=6))) if optional else set()
    given = {row: draw(known[row]) for row in known if row in chosen or row in required}
    if draw(st.integers(1, 25)) == 25:
        given.pop(draw(st.sampled_from(sorted(required))))
    for extra, strategy in (("headers", headers), ("parameters", parameters)):
        if draw(st.integers(1, 4)) == 4:
            given[extra] = draw(strategy)
    if draw(st.integers(1, 40)) == 40:
        given |= draw(UNKNOWN)
    return given


@st.composite
def operation_inputs(draw: Callable[..., Any]) -> dict[str, Any]:
    """The keywords of an OperationInput."""
    given = {
        "op_name": draw(st.sampled_from(("DeleteObject", "GetObjectAcl", "X", ""))),
        "method": draw(st.sampled_from(("DELETE", "GET", "PUT", "POST", "OPTIONS", "get"))),
        "bucket": draw(maybe(10, BUCKETS, ODD_BUCKETS)),
        "key": draw(maybe(4, KEYS, ODD_KEYS)),
        "headers": draw(chance(2, headers)),
        "parameters": draw(chance(2, parameters)),
    }
    return {name: value for name, value in given.items() if value is not None}


PAYLOAD = Made("payload", lambda oss: b"payload")
