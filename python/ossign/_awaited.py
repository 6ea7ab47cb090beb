"""Credentials that are awaited before a client signs: the rest of `Client.presign_async`."""

from __future__ import annotations

import asyncio

from ._asking_again import method_of, question
from ._ossign import Credentials
from ._refreshing import RefreshingCredentialsProvider, is_asynchronous
from .exceptions import CredentialsExpiredError, OperationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._ossign import Client, PresignResult


async def presign(client: Client, request: Any, **keywords: Any) -> PresignResult:
    """Ask for credentials, wait for them, and presign with them.

    A provider is asked once; once more where its credentials are too short and the client's policy
    says "refresh".
    """
    asked = client._asked()
    if asked is None:
        return client.presign(request, **keywords)
    source, method, may_ask_again = asked
    ask = method_of(source, "get_credentials_async")
    if ask is None:
        ask = question(source, method)
    signer, answer = await _signer(client, ask)
    if not may_ask_again:
        return signer.presign(request, **keywords)
    try:
        result = signer.presign(request, **keywords)
    except OperationError as error:
        if not isinstance(error.unwrap(), CredentialsExpiredError):
            raise
        result = None
    if result is not None and not _is_short(result):
        return result
    # Others may have asked in vain while this one waited for its answer.
    asked = client._asked()
    if result is not None and (asked is None or not asked[2]):
        return result
    again, _ = await _signer(client, _again(source, ask, answer))
    try:
        fresh = again.presign(request, **keywords)
    except OperationError:
        client._asked_in_vain()
        if result is None:
            raise
        return result
    if _is_short(fresh):
        client._asked_in_vain()
    return fresh


def waiting_for(client: Client, loop: asyncio.AbstractEventLoop) -> Client:
    """A client for another thread, which waits there for an asynchronous provider on this loop."""
    asked = client._asked()
    if asked is None:
        return client
    source, method, _ = asked
    if isinstance(source, RefreshingCredentialsProvider):
        ask = source.get_credentials_async if source.is_asynchronous else None
    else:
        ask = question(source, method)
        ask = ask if is_asynchronous(ask) else None
    if ask is None:
        return client
    return client._with_provider(lambda: asyncio.run_coroutine_threadsafe(ask(), loop).result())


def _is_short(result: PresignResult) -> bool:
    end, wanted = result.effective_expiration, result.expiration
    return end is not None and wanted is not None and end < wanted


def _again(source: Any, ask: Callable[[], Any], stale: Any) -> Callable[[], Any]:
    """How a provider is asked for others than it has given."""

    async def asked_again() -> Any:
        if isinstance(source, RefreshingCredentialsProvider):
            return await source.refresh_async(stale)
        if (refresh := method_of(source, "refresh")) is not None:
            refreshed = refresh()
            if hasattr(refreshed, "__await__"):
                await refreshed
        answer = ask()
        return await answer if hasattr(answer, "__await__") else answer

    return asked_again


async def _signer(client: Client, ask: Callable[[], Any]) -> tuple[Client, Any]:
    """The answer, and a client like this one whose provider has it, or raises what was raised."""
    try:
        answer = ask()
        if hasattr(answer, "__await__"):
            answer = await answer
    except Exception as error:
        return client._with_provider(_raising(error)), None
    known = isinstance(answer, Credentials)
    return client._with_provider(answer if known else lambda: answer), answer


def _raising(error: Exception) -> Callable[[], Any]:
    def fail() -> Any:
        raise error

    return fail
