"""Each difference on the list is real: an example where both sides differ, as the list says."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from . import mended, oracle
from .differences import DIFFERENCES, explain
from .strategies import Case
from .times import UTC
from .values import Made

NOW = datetime.datetime(2026, 1, 1, tzinfo=UTC)


def static(*parts: Any) -> Made:
    def make(oss: Any) -> Any:
        return oss.credentials.StaticCredentialsProvider(*parts)

    return Made("static", make, dict(zip(("id", "secret", "token"), parts, strict=False)))


def ended(oss: Any) -> Any:
    whole = oss.credentials.Credentials("id", "secret", "token", NOW)
    return oss.credentials.CredentialsProviderFunc(lambda: whole)


GET = {"bucket": "examplebucket", "key": "k"}
PART = {**GET, "part_number": 1, "upload_id": "u"}
V1 = {"signature_version": "v1"}
# By the name of the difference: settings, operation, fields, keywords of presign, provider.
EXAMPLES: dict[str, tuple[dict[str, Any], str, dict[str, Any], dict[str, Any], Made]] = {
    "v1-signs-x-oss-parameters": (V1, "GetObject", {**GET, "process": "a"}, {}, static("i", "s")),
    "v1-encodes-the-access-key-id": (V1, "GetObject", GET, {}, static("a&b", "s")),
    "headers-are-trimmed": ({}, "PutObject", {**GET, "tagging": " a "}, {}, static("i", "s")),
    "additional-headers-work": (
        {"additional_headers": ["host", "range"]},
        "GetObject",
        {**GET, "range_header": "bytes=0-9"},
        {},
        static("i", "s"),
    ),
    "ipv6-endpoints-work": ({"endpoint": "[::1]"}, "GetObject", GET, {}, static("i", "s")),
    "header-values-are-text": (
        {},
        "PutObject",
        {**GET, "headers": {"a": 5, "x-oss-a": 5}},
        {},
        Made(
            "anonymous",
            lambda oss: oss.credentials.AnonymousCredentialsProvider(),
            {"anonymous": True},
        ),
    ),
    "operation-inputs-of-the-wrong-type": (
        {},
        "OperationInput",
        {"op_name": "X", "method": "GET", "headers": [1]},
        {},
        static("i", "s"),
    ),
    "bytes-that-are-no-utf8": (
        {},
        "GetObject",
        {**GET, "parameters": {"a": b"\xff"}},
        {},
        static("i", "s"),
    ),
    "unreadable-endpoints": ({"endpoint": "http://"}, "GetObject", GET, {}, static("i", "s")),
    "cloud-box-detection-without-an-endpoint": (
        {"region": None, "enable_auto_detect_cloud_box_id": True},
        "GetObject",
        GET,
        {},
        static("i", "s"),
    ),
    "settings-of-the-wrong-type": ({"region": 7}, "GetObject", GET, {}, static("i", "s")),
    "names-that-are-no-text": ({}, "GetObject", {**GET, "key": b"k"}, {}, static("i", "s")),
    "credentials-that-are-no-text": ({}, "GetObject", GET, {}, static("i", b"s")),
    "lone-surrogates": ({}, "PutObject", {**GET, "tagging": "\ud800"}, {}, static("i", "s")),
    "expiry-below-one-second": (
        {},
        "GetObject",
        GET,
        {"expires": datetime.timedelta(0)},
        static("i", "s"),
    ),
    "line-breaks-in-headers": ({}, "PutObject", {**GET, "tagging": "a\nb"}, {}, static("i", "s")),
    "keys-nobody-can-ask-for": ({}, "GetObject", {**GET, "key": "/k"}, {}, static("i", "s")),
    "regions-nobody-can-sign": (
        {"region": "oss-cn-hangzhou"},
        "GetObject",
        GET,
        {},
        static("i", "s"),
    ),
    "part-numbers-out-of-range": (
        {},
        "UploadPart",
        {**PART, "part_number": 0},
        {},
        static("i", "s"),
    ),
    "unknown-keywords-of-presign": ({}, "GetObject", GET, {"expire": 1}, static("i", "s")),
    "unknown-keywords-of-requests": ({}, "GetObject", {**GET, "expire": 1}, {}, static("i", "s")),
    "expires-is-no-timedelta": ({}, "GetObject", GET, {"expires": 3600}, static("i", "s")),
    "credentials-that-have-ended": ({}, "GetObject", GET, {}, Made("ended", ended, {"end": NOW})),
    "headers-that-contradict-the-query": (
        {},
        "GetObject",
        {**GET, "headers": {"x-oss-date": "Sun, 06 Nov 1994 08:49:37 GMT"}},
        {},
        static("i", "s"),
    ),
    "callbacks-in-two-places": (
        {},
        "PutObject",
        {**GET, "callback": "e30=", "parameters": {"callback": "e30="}},
        {},
        static("i", "s"),
    ),
}


@pytest.mark.parametrize("name", [listed.name for listed in DIFFERENCES])
def test_a_listed_difference_is_real(name: str) -> None:
    config, operation, fields, call, provider = EXAMPLES[name]
    case = Case(NOW, {"region": "cn-hangzhou", **config}, provider, operation, fields, call)
    ours, theirs = oracle.ours(case), oracle.theirs(case)
    assert ours != theirs
    assert name in explain(case, ours, theirs)


def test_every_difference_has_a_name_of_its_own_and_a_reason() -> None:
    names = [listed.name for listed in DIFFERENCES]
    assert len(set(names)) == len(names) and set(names) == set(EXAMPLES)
    assert all(len(listed.reason) > 20 for listed in DIFFERENCES)
    assert all(listed.raises or listed.mend for listed in DIFFERENCES)


def test_a_difference_that_is_not_on_the_list_is_noticed() -> None:
    case = Case(NOW, {"region": "cn-hangzhou"}, static("i", "s"), "GetObject", GET, {})
    ours = oracle.ours(case)
    assert ours == oracle.theirs(case)
    changed = ("signed", ours[1] + "x", *ours[2:])
    assert explain(case, changed, ours) == []
    assert (
        explain(case, ("presign", ("ParamInvalidError", "invalid field, region: x.")), ours) == []
    )


def test_v1_signs_the_text_of_an_enum_that_is_sent() -> None:
    acl = Made("acl", lambda oss: oss.ObjectACLType.PRIVATE)
    fields = {**GET, "headers": {"Content-Type": acl}}
    case = Case(NOW, {"region": "cn-hangzhou", **V1}, static("i", "s"), "GetObject", fields, {})
    names = explain(case, oracle.ours(case), oracle.theirs(case))
    assert names == ["header-values-are-text"]


def test_both_know_the_same_sub_resources_of_v1_once_the_sdk_is_mended() -> None:
    names = (
        "acl",
        "uploads",
        "process",
        "lifecycle",
        "x-oss-process",
        "x-oss-x",
        "a",
        "",
        "Acl",
        "lang",
    )
    assert all(mended.agrees_with_ossign(name) for name in (*mended.DOCUMENTED, *names))
    assert all(mended.agrees_with_ossign(name) for name in mended.THEIR_SUB_RESOURCES)
