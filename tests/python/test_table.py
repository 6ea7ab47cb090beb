"""The table of operations is the SDK's, row by row: a newer SDK with one row more fails here."""

from __future__ import annotations

import inspect
from typing import Any, get_args

import alibabacloud_oss_v2 as sdk
import alibabacloud_oss_v2.models
import alibabacloud_oss_v2.presigner
import ossign as oss
import pytest

NAMES = [request.__name__ for request in get_args(sdk.presigner.PresignRequest)]
EXTRAS = {"headers": {"a": "b"}, "parameters": {"c": "d"}, "payload": b"e"}


def constructor(name: str) -> dict[str, inspect.Parameter]:
    parameters = dict(inspect.signature(getattr(sdk, name).__init__).parameters)
    return {
        k: p for k, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD and k != "self"
    }


def test_the_operations_are_those_that_the_sdk_presigns() -> None:
    ours = [n for n in dir(oss.models) if n.endswith("Request") and not n.startswith("_")]
    assert sorted(ours) == sorted(NAMES)
    assert len(NAMES) == 7


@pytest.mark.parametrize("name", NAMES)
def test_every_row_of_the_attribute_map_is_the_sdks_in_its_order(name: str) -> None:
    ours, theirs = getattr(oss, name)._attribute_map, getattr(sdk, name)._attribute_map
    assert list(ours) == list(theirs)
    for field, row in theirs.items():
        assert dict(ours[field]) == dict(row), field


@pytest.mark.parametrize("name", NAMES)
def test_every_keyword_of_the_constructor_is_taken_by_name(name: str) -> None:
    for keyword in constructor(name):
        ours, theirs = (getattr(package, name)(**{keyword: "value"}) for package in (oss, sdk))
        for field in getattr(sdk, name)._attribute_map:
            assert getattr(ours, field) == getattr(theirs, field), (keyword, field)


@pytest.mark.parametrize("name", NAMES)
def test_every_keyword_of_the_constructor_is_taken_by_position(name: str) -> None:
    values = [f"value {at}" for at in range(len(constructor(name)))]
    ours, theirs = (getattr(package, name)(*values) for package in (oss, sdk))
    for field in getattr(sdk, name)._attribute_map:
        assert getattr(ours, field) == getattr(theirs, field), field
    with pytest.raises(TypeError):
        getattr(oss, name)(*values, "one too many")


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_none_unless_given_and_every_default_is_none(name: str) -> None:
    assert {p.default for p in constructor(name).values()} == {None}
    ours = getattr(oss, name)()
    for field in getattr(sdk, name)._attribute_map:
        assert getattr(ours, field) is None, field


@pytest.mark.parametrize("name", NAMES)
def test_headers_parameters_and_payload_are_attributes_only_when_given(name: str) -> None:
    for extra, value in EXTRAS.items():
        ours, theirs = (getattr(package, name) for package in (oss, sdk))
        assert hasattr(ours(), extra) == hasattr(theirs(), extra) is False
        assert (
            getattr(ours(**{extra: value}), extra)
            == value
            == getattr(theirs(**{extra: value}), extra)
        )


@pytest.mark.parametrize("name", NAMES)
def test_every_field_can_be_set_read_and_deleted_as_an_attribute(name: str) -> None:
    request: Any = getattr(oss, name)()
    for field in getattr(sdk, name)._attribute_map:
        setattr(request, field, "value")
        assert getattr(request, field) == "value"
        setattr(request, field, None)
        assert getattr(request, field) is None
    with pytest.raises(AttributeError):
        request.expirse = "no such field"


@pytest.mark.parametrize(
    "kind", ["ObjectACLType", "StorageClassType", "BucketACLType", "DataRedundancyType"]
)
def test_every_enum_has_the_members_of_the_sdk(kind: str) -> None:
    ours, theirs = getattr(oss, kind), getattr(sdk, kind)
    assert [(m.name, m.value) for m in ours] == [(m.name, m.value) for m in theirs]
