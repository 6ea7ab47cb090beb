"""A dict that changes while it is read: what it held at first is signed, and nothing panics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ossign as oss
import pytest
from sides import client


class Growing(int):
    """A value that adds to the dict it stands in, whenever somebody wants its text."""

    entries: dict[Any, Any]

    def __str__(self) -> str:
        self.entries["later"] = "x"
        return "value"


class Name:
    """A name that does."""

    def __init__(self, entries: dict[Any, Any]) -> None:
        self.entries = entries

    def __format__(self, _: str) -> str:
        self.entries["later"] = "x"
        return "name"


def growing(prefix: str = "") -> dict[Any, Any]:
    value = Growing(5)
    value.entries = {f"{prefix}a": value, f"{prefix}b": "c"}
    return value.entries


def growing_names() -> dict[Any, Any]:
    entries: dict[Any, Any] = {}
    entries.update({Name(entries): "v", "b": "c"})
    return entries


def presign(**fields: Any) -> oss.PresignResult:
    request = oss.PutObjectRequest(bucket="examplebucket", key="k", **fields)
    result: oss.PresignResult = client().presign(request)
    return result


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (lambda: presign(headers=growing()).request_headers, {"a": "value", "b": "c"}),
        (
            lambda: presign(metadata=growing_names()).request_headers,
            {"x-oss-meta-name": "v", "x-oss-meta-b": "c"},
        ),
        (
            lambda: client().presign_post("examplebucket", "k", fields=growing()).fields,
            {"a": "value", "b": "c"},
        ),
    ],
)
def test_what_stood_in_it_at_first_is_signed(
    made: Callable[[], dict[str, str]], shown: dict[str, str]
) -> None:
    given = made()
    assert {name: given.get(name) for name in [*shown, "later"]} == {**shown, "later": None}


def test_parameters_are_those_that_stood_there_at_first() -> None:
    url = presign(parameters=growing()).url
    assert "a=value&b=c" in url and "later" not in url


def test_variables_are_those_that_stood_there_at_first() -> None:
    made = oss.Callback(url="https://app.example.com", body="a=${x:a}", vars=growing("x:"))
    assert made.vars == {"x:a": "value", "x:b": "c"}
