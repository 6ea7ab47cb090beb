"""Every kind of endpoint gives the SDK's host and path; those it cannot reach are reached."""

from __future__ import annotations

from typing import Any

import ossign as oss
import pytest
from sides import both, client, frozen, get, query

OSS = "examplebucket.oss-cn-hangzhou.aliyuncs.com/dir/a%20b.txt"
BOX = "cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com"
KINDS: list[tuple[dict[str, Any], str]] = [
    ({}, f"https://{OSS}"),
    ({"disable_ssl": True}, f"http://{OSS}"),
    (
        {"use_internal_endpoint": True},
        "https://examplebucket.oss-cn-hangzhou-internal.aliyuncs.com/",
    ),
    ({"use_accelerate_endpoint": True}, "https://examplebucket.oss-accelerate.aliyuncs.com/dir/"),
    ({"use_dualstack_endpoint": True}, "https://examplebucket.cn-hangzhou.oss.aliyuncs.com/dir/"),
    ({"use_path_style": True}, "https://oss-cn-hangzhou.aliyuncs.com/examplebucket/dir/a%20b.txt"),
    (
        {"endpoint": "oss-cn-beijing.aliyuncs.com"},
        "https://examplebucket.oss-cn-beijing.aliyuncs.com/",
    ),
    ({"endpoint": "host.com", "disable_ssl": True}, "http://examplebucket.host.com/dir/"),
    ({"endpoint": "http://host.com"}, "http://examplebucket.host.com/dir/"),
    ({"endpoint": "https://host.com", "disable_ssl": True}, "https://examplebucket.host.com/dir/"),
    ({"endpoint": "HTTP://Host.Com:8080/path?q#f"}, "http://examplebucket.Host.Com:8080/dir/"),
    (
        {"endpoint": "https://files.example.com", "use_cname": True},
        "https://files.example.com/dir/",
    ),
    ({"endpoint": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000/examplebucket/dir/a%20b.txt"),
    ({"endpoint": "http://127.0.0.1", "use_cname": True}, "http://127.0.0.1/examplebucket/dir/"),
    ({"endpoint": "user:pw@host.com"}, "https://examplebucket.user:pw@host.com/dir/"),
    (
        {"endpoint": "short.com", "use_virtual_hosted_alias": True},
        "https://examplebucket.short.com/",
    ),
]


@pytest.mark.parametrize(("config", "start"), KINDS)
@pytest.mark.parametrize("version", ["v4", "v1"])
def test_a_setting_gives_the_host_and_path_of_the_sdk(
    config: dict[str, Any], start: str, version: str
) -> None:
    assert both(get, signature_version=version, **config).url.startswith(start)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("use_dualstack_endpoint", "use_internal_endpoint"),
        ("use_internal_endpoint", "use_accelerate_endpoint"),
        ("use_cname", "use_path_style"),
        ("use_path_style", "use_virtual_hosted_alias"),
    ],
)
def test_of_two_settings_the_first_wins_as_in_the_sdk(first: str, second: str) -> None:
    with_both = both(get, **{first: True, second: True})
    assert with_both == both(get, **{first: True})


def test_acceleration_outside_mainland_china_is_reached() -> None:
    with frozen():
        url = client(use_accelerate_overseas_endpoint=True).presign(get()).url
    assert url.startswith("https://examplebucket.oss-accelerate-overseas.aliyuncs.com/dir/")
    assert "%2Fcn-hangzhou%2Foss%2F" in url


@pytest.mark.parametrize("endpoint", ["http://[::1]:9000", "[fe80::1]", "https://[2001:DB8::1]"])
def test_an_ipv6_endpoint_has_the_bucket_in_its_path(endpoint: str) -> None:
    with frozen():
        url = client(endpoint=endpoint).presign(get()).url
    host = endpoint.rpartition("//")[2]
    assert f"://{host}/examplebucket/dir/a%20b.txt?" in url


@pytest.mark.parametrize(
    "config",
    [
        {"cloud_box_id": "cb-123"},
        {"cloud_box_id": "cb-123", "endpoint": BOX},
        {"enable_auto_detect_cloud_box_id": True, "endpoint": BOX},
        {"enable_auto_detect_cloud_box_id": True, "endpoint": f"http://{BOX.upper()}:80/x"},
    ],
)
def test_a_cloud_box_is_signed_with_its_id_and_product(config: dict[str, Any]) -> None:
    credential = query(both(get, **config).url)["x-oss-credential"]
    assert credential.lower().endswith("/20260101/cb-123/oss-cloudbox/aliyun_v4_request")


def test_no_cloud_box_is_detected_where_nobody_asks_or_none_is() -> None:
    for config in ({"endpoint": BOX}, {"enable_auto_detect_cloud_box_id": True}):
        assert "/cn-hangzhou/oss/" in query(both(get, **config).url)["x-oss-credential"]


@pytest.mark.parametrize("endpoint", ["http://", "https://:80", "1+://x", "[::1", "a\0b"])
def test_an_endpoint_without_a_host_is_refused_by_name(endpoint: str) -> None:
    with pytest.raises(oss.exceptions.ParamInvalidError, match="invalid field, endpoint: "):
        client(endpoint=endpoint)


@pytest.mark.parametrize("version", ["v4", "v1"])
def test_neither_region_nor_endpoint_is_an_error_of_presign(version: str) -> None:
    with pytest.raises(oss.exceptions.OperationError) as raised:
        client(region=None, signature_version=version).presign(get())
    assert str(raised.value) == "operation error GetObject: invalid field, endpoint.."
    assert isinstance(raised.value.unwrap(), oss.exceptions.ParamInvalidError)


@pytest.mark.parametrize(
    "region", [None, "", "oss-cn-hangzhou", "cn-hangzhou\n", "CN", "cn_x", "数"]
)
def test_a_region_that_v4_cannot_sign_is_refused_by_name(region: str | None) -> None:
    with pytest.raises(oss.exceptions.OperationError) as raised:
        client(region=region, endpoint="https://host.com").presign(get())
    error = raised.value.unwrap()
    assert isinstance(error, oss.exceptions.ParamInvalidError)
    assert str(error).startswith("invalid field, region: ")
    assert error.kwargs["value"] == (region or "")


@pytest.mark.parametrize("region", ["oss-cn-hangzhou", "cn-hangzhou\n"])
@pytest.mark.parametrize("version", ["v4", "v1"])
def test_no_host_is_made_of_a_region_that_is_none(region: str, version: str) -> None:
    with pytest.raises(oss.exceptions.OperationError) as raised:
        client(region=region, signature_version=version).presign(get())
    error = raised.value.unwrap()
    assert isinstance(error, oss.exceptions.ParamInvalidError)
    assert error.kwargs["field"] == "region" and error.kwargs["value"] == region


def test_v1_needs_no_region_where_there_is_an_endpoint() -> None:
    both(get, region=None, endpoint="host.com", signature_version="v1")


def test_a_bad_account_id_is_a_bare_value_error_of_presign_as_in_the_sdk() -> None:
    for account in ("x1", "１２"):
        with pytest.raises(ValueError, match=f"invalid account id: {account}, must be pure digits"):
            client(account_id=account).presign(get())
