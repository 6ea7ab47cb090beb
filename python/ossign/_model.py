"""The base of requests, results and the structures inside them.

A model class says in `_attribute_map` where each of its attributes travels: `tag` ("input",
"output" or "xml"), `position` ("host", "path", "query", "header" or "body"), `rename` (the name on
the wire), `type` and `required`. `_xml_map["name"]` is its XML element.
"""

from __future__ import annotations

import abc
from _collections_abc import Mapping

from ._headers import without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any, ClassVar

_EXTRA_ATTRIBUTES = frozenset(("headers", "parameters", "payload"))


class Model(metaclass=abc.ABCMeta):
    """Something with an `_attribute_map`.

    Keywords that are in the map, and `headers`, `parameters`, `payload`, become attributes; others
    are ignored. Two models are equal when they have the same class and equal attributes.
    """

    _attribute_map: ClassVar[dict[str, dict[str, Any]]] = {}
    _dependency_map: ClassVar[dict[str, dict[str, Any]]] = {}

    def __init__(self, **kwargs: Any) -> None:
        for name, value in kwargs.items():
            if name in self._attribute_map or name in _EXTRA_ATTRIBUTES:
                setattr(self, name, value)

    def __eq__(self, other: object) -> bool:
        # Quirk: a model never equals one of a subclass, although its fields may agree
        if type(other) is not type(self):
            return NotImplemented
        return vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # attributes may change

    def _shown(self) -> dict[str, Any]:
        """The attributes, with tokens and signatures in headers or parameters starred out."""
        return {
            name: without_secrets(value)
            if name in _EXTRA_ATTRIBUTES and isinstance(value, Mapping)
            else value
            for name, value in vars(self).items()
        }

    def __str__(self) -> str:
        return str(self._shown())

    def __repr__(self) -> str:
        fields = (f"{name}={value!r}" for name, value in self._shown().items() if value is not None)
        return f"{type(self).__name__}({', '.join(fields)})"


class RequestModel(Model):
    """A model that is sent. The request classes, written in Rust, are registered here."""


class ResultModel(Model):
    """A model that is read from an answer, with the HTTP status, headers and request id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.status = ""
        self.status_code = 0
        self.request_id = ""
        self.headers: MutableMapping[str, str] = {}


def is_model(value: object) -> bool:
    """Whether a value describes itself as models do; the models of the official SDK count too."""
    return isinstance(value, Model) or hasattr(type(value), "_attribute_map")


def new_dependency(model: object, name: str) -> Any:
    """Make an empty model of the class called `name` for use inside `model`; None if unknown.

    It is looked for in the `_dependency_map` first, then in the package that holds the class.
    """
    new = getattr(model, "_dependency_map", {}).get(name, {}).get("new")
    if new is None:
        import sys

        package = sys.modules.get(type(model).__module__.rsplit(".", 1)[0])
        new = vars(package).get(name) if package else None
    return new() if new is not None else None
