"""The stubs say what the classes are."""

from __future__ import annotations

import inspect

import make_stubs
import pytest
from ossign import _ossign


def test_the_generated_part_of_the_stubs_is_up_to_date() -> None:
    _, mark, below = make_stubs.STUBS.read_text(encoding="utf-8").partition(make_stubs.MARK)
    assert mark, "the mark is gone"
    assert below == "\n" + make_stubs.generated(), "run `make stubs`"


def test_every_class_of_the_module_that_is_a_request_has_a_stub() -> None:
    exported = {
        value
        for value in vars(_ossign).values()
        if isinstance(value, type) and issubclass(value, _ossign.Request)
    }
    assert exported - {_ossign.Request} == set(make_stubs.OPERATIONS)


@pytest.mark.parametrize("cls", make_stubs.OPERATIONS, ids=lambda cls: cls.__name__)
def test_the_constructor_takes_what_its_stub_says(cls: type[_ossign.Request]) -> None:
    names = [*cls._attribute_map, *make_stubs.ALIASES.get(cls, ())]
    given = {name: f"{name} given" for name in names}
    by_name, by_order = cls(**given), cls(*given.values())
    assert by_name == by_order
    for name in cls._attribute_map:
        assert hasattr(by_name, name)
    with pytest.raises(TypeError):
        cls(*given.values(), "one more")


@pytest.mark.parametrize("cls", make_stubs.OPERATIONS, ids=lambda cls: cls.__name__)
def test_help_shows_the_fields_of_a_constructor(cls: type[_ossign.Request]) -> None:
    shown = [*inspect.signature(cls).parameters]
    assert shown == [*cls._attribute_map, "headers", "parameters", "payload"]

    class Plain(cls):  # type: ignore[misc, valid-type]
        pass

    class Own(cls):  # type: ignore[misc, valid-type]
        def __init__(self, only: str) -> None:
            super().__init__(key=only)

    assert inspect.signature(Plain) == inspect.signature(cls)
    assert [*inspect.signature(Own).parameters] == ["only"]
