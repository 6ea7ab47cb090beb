"""Finds a secret in what a client was made of, before a pickle carries it out of the process."""

from __future__ import annotations

from types import FunctionType, MethodType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A provider of alibabacloud-credentials keeps its secret three objects deep; a role's, four.
_DEPTH = 5
_PLAIN = (str, bytes, int, float, bool, type(None))


def holds_secret(config: object, options: Mapping[str, object] | None) -> bool:
    """Whether one of the providers of credentials has a secret that its pickle would carry."""
    providers = [getattr(config, "credentials_provider", None)]
    providers.append((options or {}).get("credentials_provider"))
    return any(_has_secret(provider, _DEPTH, set()) for provider in providers)


def _has_secret(thing: object, depth: int, seen: set[int]) -> bool:
    if isinstance(thing, _PLAIN) or id(thing) in seen or not depth:
        return False
    seen.add(id(thing))
    if type(thing).__name__ == "RefreshingCredentialsProvider":
        # It leaves its credentials out, but not whoever fetches them.
        return _has_secret(_attributes(thing).get("_fetch"), depth - 1, seen)
    if _pickles_itself(thing):
        return False
    if not hasattr(thing, "get_credentials") and getattr(thing, "access_key_secret", None):
        return True
    return any(_has_secret(part, depth - 1, seen) for part in _parts(thing)) or any(
        name.endswith("access_key_secret") and value and isinstance(value, str)
        for name, value in _attributes(thing).items()
    )


def _pickles_itself(thing: object) -> bool:
    """Whether its class says what a pickle of it holds: the author has decided about secrets."""
    from ._ossign import Credentials, StaticCredentialsProvider

    for base in type(thing).__mro__:
        if base in (Credentials, StaticCredentialsProvider, MethodType, object):
            return False
        if vars(base).keys() & {"__reduce__", "__reduce_ex__", "__getstate__"}:
            return True
    return False


def _parts(thing: object) -> Iterator[object]:
    """What a pickle of it would hold as well."""
    from ._ossign import StaticCredentialsProvider

    if isinstance(thing, StaticCredentialsProvider):
        yield StaticCredentialsProvider.get_credentials(thing)
    if isinstance(thing, MethodType):
        yield thing.__self__
    yield from _attributes(thing).values()


def _attributes(thing: object) -> dict[str, object]:
    """Its own attributes; functions and classes go into a pickle by their names."""
    if isinstance(thing, FunctionType | type):
        return {}
    return getattr(thing, "__dict__", {})
