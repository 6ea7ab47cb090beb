"""Models declared like dataclasses: one line a field says its type and where it travels.

Besides, what `help()` shows of the requests, which are declared in Rust.
"""

from __future__ import annotations

from .._model import Model
from .._ossign import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inspect import Signature
    from typing import Any

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform() -> object:
        """At run time the mark for type checkers does nothing."""
        return lambda cls: cls


class _Field(dict):  # type: ignore[type-arg]  # a subclass, to tell fields from other attributes
    """One entry of an `_attribute_map`."""


def header(name: str, kind: str | None = None) -> Any:
    """A field that the answer carries in the header `name`."""
    field = _Field(tag="output", position="header", rename=name)
    return _Field(field, type=kind) if kind else field


def body(kind: str) -> Any:
    """A field made of the body of the answer."""
    return _Field(tag="output", position="body", type=kind)


def element(name: str, kind: str | None = None) -> Any:
    """A field that is the XML element `name`."""
    field = _Field(tag="xml", rename=name)
    return _Field(field, type=kind) if kind else field


def local() -> Any:
    """A field that never travels."""
    return _Field()


@dataclass_transform()
class Declared(Model):
    """A model whose `_attribute_map` and constructor come from its annotated fields.

    The constructor takes the fields in order or by name, each None unless given; other keywords go
    where those of any `Model` go.
    """

    def __init_subclass__(cls) -> None:
        fields = {name: value for name, value in vars(cls).items() if isinstance(value, _Field)}
        for name in fields:
            delattr(cls, name)
        own = {name: dict(field) for name, field in fields.items()}
        cls._attribute_map = {**cls._attribute_map, **own}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        names = list(self._attribute_map)
        if len(args) > len(names):
            raise TypeError(f"{type(self).__name__}() takes at most {len(names)} values by order")
        for name, value in zip(names, args, strict=False):
            if name in kwargs:
                raise TypeError(f"{type(self).__name__}() got two values for {name!r}")
            kwargs[name] = value
        own = {name: kwargs.pop(name, None) for name in names}
        super().__init__(**kwargs)
        vars(self).update(own)


_EXTRAS = ("headers", "parameters", "payload")


class ConstructorSignature:
    """The `__signature__` of a request class: its fields, then the extras as keywords."""

    def __get__(self, instance: Request | None, owner: type[Request]) -> Signature:
        """Raises AttributeError for a subclass with a constructor of its own."""
        if owner.__init__ is not Request.__init__:
            raise AttributeError("__signature__")
        from inspect import Parameter, Signature

        fields = [
            Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=None)
            for name in owner._attribute_map
        ]
        extras = [Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in _EXTRAS]
        return Signature(fields + extras)
