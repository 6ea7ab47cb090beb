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

__all__ = [
    "AnonymousCredentialsProvider",
    "Credentials",
    "CredentialsEmptyError",
    "CredentialsProvider",
    "CredentialsProviderFunc",
    "EnvironmentVariableCredentialsProvider",
    "ProfileCredentialsProvider",
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
    or empty id or secret raises CredentialsEmptyError.
    """

    def __init__(self) -> None:
        access_key_id = os.environ.get("OSS_ACCESS_KEY_ID", "")
        access_key_secret = os.environ.get("OSS_ACCESS_KEY_SECRET", "")
        if not access_key_id or not access_key_secret:
            raise CredentialsEmptyError()
        security_token = os.environ.get("OSS_SESSION_TOKEN")
        super().__init__(access_key_id, access_key_secret, security_token)


class CredentialsProviderFunc(CredentialsProvider):
    """Credentials from a function without arguments, called at every signing."""

    def __init__(self, func: Callable[[], Credentials]) -> None:
        self._func = func

    def get_credentials(self) -> Credentials:
        """What the function returns; what it raises passes through."""
        return self._func()
