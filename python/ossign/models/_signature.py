"""What `help()` and editors show of the request classes' constructors, made when they ask."""

from __future__ import annotations

from .._ossign import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from inspect import Signature

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
