"""Credentials of the package alibabacloud-credentials, with their end.

Its client gives id, secret and token, but not when they end: that only its providers know.
"""

from __future__ import annotations

from ._answers import converted, end_given_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._ossign import Credentials

# A provider that asks others (the default chain, profiles) passes on all but the end. This is where
# it keeps the one that has answered.
_INNER = ("__last_used_provider", "__innerProvider")


class Source:
    """The provider of a client of alibabacloud-credentials.

    The package caches what it fetches, and fetches anew 15 minutes ahead of the end.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._kept: tuple[Any, Credentials | None] = (None, None)

    def get_credentials(self) -> Any:
        """The credentials, with their end where the package knows it."""
        provider = self._provider()
        if provider is None:
            return self._client.get_credential()
        answer = provider.get_credentials()
        while end_given_by(answer) is None and (provider := _inner(provider)) is not None:
            answer = provider.get_credentials()
        return self._converted(answer)

    async def get_credentials_async(self) -> Any:
        """The same, without keeping an event loop waiting."""
        provider = self._provider()
        if provider is None:
            return await self._client.get_credential_async()
        answer = await provider.get_credentials_async()
        while end_given_by(answer) is None and (provider := _inner(provider)) is not None:
            answer = await provider.get_credentials_async()
        return self._converted(answer)

    def _provider(self) -> Any:
        # A bearer token has none.
        return getattr(self._client.cloud_credential, "provider", None)

    def _converted(self, answer: Any) -> Credentials:
        """The same credentials as before, as long as the package keeps its own."""
        before, kept = self._kept
        if kept is None or answer is not before:
            kept = converted(answer)
            self._kept = (answer, kept)
        return kept


def _inner(provider: Any) -> Any:
    """The provider that another one has asked."""
    kept = getattr(provider, "__dict__", {})
    return next((inner for name, inner in kept.items() if name.endswith(_INNER)), None)
