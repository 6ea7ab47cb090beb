"""Where credentials come from: given, the environment, a file, a function, or none at all."""

from __future__ import annotations

import os

from ._ossign import StaticCredentialsProvider
from .exceptions import CredentialsEmptyError
from .profiles import ProfileCredentialsProvider
from .types import Credentials, CredentialsProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Self

    from ._refreshing import RefreshingCredentialsProvider
else:

    def __getattr__(name: str) -> object:
        # Loaded when first used: most programs that presign need no threads for it.
        if name == "RefreshingCredentialsProvider":
            from ._refreshing import RefreshingCredentialsProvider

            return globals().setdefault(name, RefreshingCredentialsProvider)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AnonymousCredentialsProvider",
    "Credentials",
    "CredentialsEmptyError",
    "CredentialsProvider",
    "CredentialsProviderFunc",
    "EnvironmentVariableCredentialsProvider",
    "ProfileCredentialsProvider",
    "RefreshingCredentialsProvider",
    "StaticCredentialsProvider",
]


class AnonymousCredentialsProvider(CredentialsProvider):
    """No credentials: URLs for public objects, without a signature."""

    def __init__(self) -> None:
        self._credentials = Credentials("", "")

    def get_credentials(self) -> Credentials:
        """Credentials whose id and secret are empty."""
        return self._credentials


class EnvironmentVariableCredentialsProvider(StaticCredentialsProvider):
    """Credentials from OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET and, optionally, OSS_SESSION_TOKEN.

    The variables are read once, when the provider is made; later changes are not seen. A missing
    or empty id or secret raises CredentialsEmptyError. A pickle holds no credentials: whoever
    unpickles it reads the environment there.
    """

    def __init__(self) -> None:
        access_key_id = os.environ.get("OSS_ACCESS_KEY_ID", "")
        access_key_secret = os.environ.get("OSS_ACCESS_KEY_SECRET", "")
        if not access_key_id or not access_key_secret:
            raise CredentialsEmptyError()
        security_token = os.environ.get("OSS_SESSION_TOKEN")
        super().__init__(access_key_id, access_key_secret, security_token)

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_environment, (type(self), vars(self))

    def __copy__(self) -> Self:
        return self.__deepcopy__(None)

    def __deepcopy__(self, memo: object) -> Self:
        made = type(self).__new__(type(self))
        made.__setstate__((self.get_credentials(), vars(self)))
        return made


def _from_environment(
    kind: type[EnvironmentVariableCredentialsProvider], attributes: dict[str, object]
) -> EnvironmentVariableCredentialsProvider:
    """A provider with the credentials of this process, for pickle."""
    provider = kind.__new__(kind)
    EnvironmentVariableCredentialsProvider.__init__(provider)
    vars(provider).update(attributes)
    return provider


class CredentialsProviderFunc(CredentialsProvider):
    """Credentials from a function without arguments, called at every signing."""

    def __init__(self, func: Callable[[], Credentials]) -> None:
        self._func = func

    def get_credentials(self) -> Credentials:
        """What the function returns; what it raises passes through."""
        return self._func()
