"""Header maps: a dict that ignores the case of names, and what of one may be shown."""

from __future__ import annotations

from _collections_abc import Mapping, MutableMapping  # collections.abc would load all collections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

HIDDEN = "***"
_SECRET_NAMES = frozenset(
    (
        "authorization",
        "proxy-authorization",
        "cookie",
        "security-token",
        "signature",
        "x-oss-security-token",
        "x-oss-signature",
    )
)


def without_secrets(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Copy headers or query parameters for a repr, with tokens and signatures starred out."""
    if values is None:
        return None
    return {
        name: HIDDEN if str(name).lower() in _SECRET_NAMES else value
        for name, value in values.items()
    }


def without_userinfo(url: str) -> str:
    """Star out `user:password@` in a URL for a repr."""
    scheme, mark, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    if "@" not in authority:
        return url
    return f"{scheme}{mark}{HIDDEN}@{authority.rpartition('@')[2]}{slash}{path}"


class CaseInsensitiveDict(MutableMapping[str, "Any"]):
    """A dict whose keys are compared after `str.lower()`, as HTTP header names are.

    Order is that of first insertion; the case shown is that of the last assignment. Equality, also
    with a plain mapping, ignores case. A key that is no str raises AttributeError.
    """

    _store: dict[str, tuple[str, Any]]

    def __init__(
        self, data: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None, **kwargs: Any
    ) -> None:
        self._store = {}
        self.update({} if data is None else data, **kwargs)

    def __setitem__(self, key: str, value: Any) -> None:
        self._store[key.lower()] = (key, value)

    def __getitem__(self, key: str) -> Any:
        return self._store[key.lower()][1]

    def __delitem__(self, key: str) -> None:
        del self._store[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self._store.values())

    def __len__(self) -> int:
        return len(self._store)

    def lower_items(self) -> Iterator[tuple[str, Any]]:
        """Pairs of lower-cased key and value, in order."""
        return ((lower, value) for lower, (_, value) in self._store.items())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self.lower_items()) == dict(CaseInsensitiveDict(other).lower_items())

    def copy(self) -> CaseInsensitiveDict:
        """A new dict with the same keys and values."""
        return CaseInsensitiveDict(self._store.values())

    def __repr__(self) -> str:
        return str(without_secrets(self))
