"""Values for headers, parameters and fields: plain ones, odd ones, and those of the wrong type."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import math
from collections.abc import Callable
from types import MappingProxyType, ModuleType
from typing import Any

from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict


@dataclasses.dataclass(frozen=True)
class Made:
    """A value that each side makes with its own classes."""

    words: str
    make: Callable[[ModuleType], Any] = dataclasses.field(repr=False, compare=False)
    facts: dict[str, Any] = dataclasses.field(default_factory=dict, compare=False, repr=False)

    def __hash__(self) -> int:
        return hash(self.words)


def chance(one_in: int, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """None, but for one case in so many."""
    return st.integers(1, one_in).flatmap(lambda n: strategy if n == one_in else st.none())


def maybe(
    one_in: int, plain: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    """Plain values, but for one in so many."""
    return st.integers(1, one_in).flatmap(lambda n: odd if n == one_in else plain)


class Colour(enum.Enum):
    """An enum of the caller's own."""

    RED = "red"
    NUMBER = 7
    NOTHING = None


class Level(enum.IntEnum):
    """An enum that is also an int."""

    HIGH = 3


class Word(str):
    """A subclass of str that shows itself differently."""

    def __str__(self) -> str:
        return "shown"


class Count(int):
    """A subclass of int."""

    def __str__(self) -> str:
        return "many"


class Unprintable:
    """An object whose str() fails."""

    def __repr__(self) -> str:
        return "Unprintable()"

    def __str__(self) -> str:
        raise RuntimeError("no text")


PLAIN = "abcxyzABCXYZ0189-_.~/ =;,"
plain = st.text(PLAIN, min_size=1, max_size=12).map(lambda text: text.strip() or "v")
unicode_text = st.text(st.characters(exclude_characters="\r\n\0"), max_size=10)
anything = st.text(st.characters(exclude_categories=()), max_size=6)
edge_texts = st.sampled_from(
    ("", " ", "  v  ", "\tv\t", "v\x0b", "\u00a0v", "%41", "%zz", "a+b", "a&b=c#d?e", "数据", "é")
    + (
        "e\u0301",
        "\u212a",
        "\u0130",
        "ß",
        "\U0001f600",
        "\x7f",
        "\x01",
        "\ufeff",
        "\u2028",
        "a" * 300,
    )
)
hostile = st.sampled_from(
    ("a\r\nx-oss-object-acl:public-read", "a\nb", "\0", "\r", "\ud800", "a\udfffb", "\n", "v\n")
)
odd = st.one_of(edge_texts, unicode_text, edge_texts, unicode_text, hostile, anything)

ACL = Made("ObjectACLType.PRIVATE", lambda oss: oss.ObjectACLType.PRIVATE)
STORAGE = Made("StorageClassType.IA", lambda oss: oss.StorageClassType.IA)
moments = st.one_of(
    st.datetimes(timezones=st.sampled_from((datetime.timezone.utc, None))),
    st.sampled_from(
        (
            datetime.datetime(999, 1, 2, tzinfo=datetime.timezone.utc),
            datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=14))),
            datetime.datetime(2024, 11, 3, 1, 30, fold=1),
            datetime.datetime(2024, 1, 1, 0, 0, 0, 1),
            datetime.datetime.max,
        )
    ),
)
scalars = st.one_of(
    st.integers(-3, 20_000),
    st.booleans(),
    st.sampled_from((2**63 - 1, 2**63, -(2**70), 1.5, 1e22, -0.0, 1e-7, math.inf, math.nan)),
    st.sampled_from((ACL, STORAGE, Colour.RED, Colour.NUMBER, Colour.NOTHING, Level.HIGH)),
    st.sampled_from((Word("word"), Count(5))),
    moments,
)
no_texts = st.sampled_from(
    (b"bytes", b"\xff", bytearray(b"x"), [], ["a", "b", "c"], (), {}, {"a": "b"}, {1, 2}, object())
    + (datetime.date(2024, 1, 1), datetime.timedelta(1), decimal.Decimal("1.0"), Unprintable())
    + (1j, ValueError("x"), int, len, MappingProxyType({"a": "b"}), CaseInsensitiveDict({"A": "b"}))
)
wrong = st.one_of(scalars, no_texts)
text = maybe(6, plain, odd)
