"""Random cases for both sides: settings, credentials, one request, one clock.

Most of a case is plain, and a few spots of it are odd: a case that is odd everywhere fails at the
first spot and shows nothing about the others.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from . import times, values
from .fields import OPERATIONS, requests
from .providers import providers
from .values import Made, chance, maybe

DOORS = ("own", "own", "theirs", "accelerated")


@dataclasses.dataclass
class Case:
    """All that both sides are given."""

    now: datetime.datetime
    config: dict[str, Any]
    provider: Made
    operation: str
    fields: dict[str, Any]
    call: dict[str, Any]
    door: str = "own"

    def __repr__(self) -> str:
        names = [field.name for field in dataclasses.fields(self)]
        return "Case(\n" + "".join(f"    {n}={getattr(self, n)!r},\n" for n in names) + ")"


def build(value: Any, module: ModuleType) -> Any:
    """What a recipe makes with one side's classes; other values are shared by both sides."""
    if isinstance(value, Made):
        return value.make(module)
    if type(value) is dict:
        return {build(k, module): build(v, module) for k, v in value.items()}
    return value


REGIONS = st.sampled_from(("cn-hangzhou", "cn-shanghai", "ap-southeast-1", "us-west-1", "x"))
ODD_REGIONS = st.sampled_from(
    (None, "", "oss-cn-hangzhou", "CN-Hangzhou", "cn-hangzhou\n", "cn hangzhou", "cn_x", "数", 7)
)
HOSTS = st.sampled_from(
    (
        "oss-cn-hangzhou.aliyuncs.com",
        "Files.Example.COM",
        "localhost",
        "a",
        "127.0.0.1",
        "127.1",
        "1",
        "0x7f.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "cb-123.cn-x.oss-cloudbox.aliyuncs.com",
        "CB-123.cn-x.OSS-cloudbox-control.aliyuncs.com",
        "cb-1.a.b.oss-cloudbox.aliyuncs.com",
        "x.cn-x.oss-cloudbox.aliyuncs.com",
        "数据.example.com",
        "a_b.example.com",
        "[::1]",
        "[fe80::1]",
    )
)
SCHEMES = st.sampled_from(("", "", "http://", "https://", "HTTP://", "ftp://", "oss+x://"))
PORTS = st.sampled_from(("", "", ":80", ":443", ":8080", ":", ":x", ":99999"))
PATHS = st.sampled_from(("", "", "", "/", "/path", "?q=1", "#f", "/a?b#c", "//x"))
USERS = st.sampled_from(("", "", "", "", "user@", "user:pw@", "a@b@", "@"))
ENDPOINTS = st.builds("".join, st.tuples(SCHEMES, USERS, HOSTS, PORTS, PATHS))
ODD_ENDPOINTS = st.one_of(
    st.sampled_from(
        ("", "http://", "://x", "https:///p", ":80", "http://:80", "[::1", "::1", "a]b", "[x]", "/")
        + (" h ", "\th", "h\n.com", "h\uff0fx", "http:\\h", "1+://x", "http:/x", "h h", "a:b:c", 7)
    ),
    values.odd,
)
VERSIONS = st.sampled_from(("V1", "V4", "", "v2", values.Word("v1")))
ADDITIONAL = st.sampled_from(
    ("Range", "ABC", "abc", "host", "Cache-Control", "x-oss-a", "none", "")
)
FLAGS = st.sampled_from((True, False, None, 0, 1, "false", ""))


def _flag(*names: str) -> dict[str, st.SearchStrategy[Any]]:
    return {name: chance(6, FLAGS) for name in names}


HEADER_NAMES = st.sampled_from(
    ("x-oss-a", "X-OSS-B", "x-oss-meta-k", "Content-Type", "content-md5", "abc", "Range", "Date")
)


@st.composite
def configs(draw: Callable[..., Any]) -> dict[str, Any]:
    """Keywords of Config, all but the provider."""
    config = {
        "region": draw(maybe(12, REGIONS, ODD_REGIONS)),
        "endpoint": draw(chance(2, maybe(6, ENDPOINTS, ODD_ENDPOINTS))),
        "signature_version": draw(maybe(9, st.sampled_from(("v4", "v1", None)), VERSIONS)),
        "cloud_box_id": draw(chance(15, st.sampled_from(("cb-123", "", "CB", "a b", 7)))),
        "account_id": draw(chance(15, st.sampled_from(("123", "", "x1", "１２", "1 2")))),
        "additional_headers": draw(chance(8, st.lists(ADDITIONAL, max_size=3))),
        "default_request_headers": draw(
            chance(8, st.dictionaries(HEADER_NAMES, values.text, max_size=3))
        ),
    }
    flags = _flag(
        "use_dualstack_endpoint",
        "use_accelerate_endpoint",
        "use_internal_endpoint",
        "disable_ssl",
        "use_cname",
        "use_path_style",
        "use_virtual_hosted_alias",
        "enable_auto_detect_cloud_box_id",
    )
    config |= {name: draw(flag) for name, flag in flags.items()}
    return {name: value for name, value in config.items() if value is not None}


@st.composite
def cases(draw: Callable[..., Any]) -> Case:
    """One case."""
    now = draw(times.moments())
    operation = draw(st.sampled_from(OPERATIONS))
    door = draw(st.sampled_from(DOORS)) if operation != "OperationInput" else "own"
    return Case(
        now=now,
        config=draw(configs()),
        provider=draw(providers(now)),
        operation=operation,
        fields=draw(requests(operation)),
        call=draw(times.calls(now)),
        door=door,
    )
