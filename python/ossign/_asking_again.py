"""A provider that is asked for longer credentials, once for all threads that want them."""

from __future__ import annotations

import os
import threading

from ._refreshing import RefreshingCredentialsProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

__all__ = ["asked_again", "method_of", "question"]


def question(provider: Any, method: str | None) -> Callable[[], Any]:
    """What is called to ask a provider; `method` is that of one that is no function itself."""
    asked: Callable[[], Any] = provider if method is None else getattr(provider, method)
    return asked


def method_of(provider: Any, name: str) -> Callable[[], Any] | None:
    """The method of this name, if a provider has one."""
    found = getattr(provider, name, None)
    return found if callable(found) else None


class _Turn:
    """Those who ask one provider for others at one time, and what the last of them was given."""

    __slots__ = ("answer", "count", "error", "lock", "trace", "users")

    def __init__(self) -> None:
        # Whoever is asked may presign with the same provider, in the same thread.
        self.lock = threading.RLock()
        self.users = self.count = 0
        self.answer: Any = None
        self.error: Exception | None = None
        self.trace: TracebackType | None = None

    def take(self, ask: Callable[[], Any]) -> Any:
        """Ask, or share the outcome of who asked while this one waited."""
        before = self.count
        with self.lock:
            if self.count == before:
                self._ask(ask)
            if self.error is not None:
                raise self.error.with_traceback(self.trace)
            return self.answer

    def _ask(self, ask: Callable[[], Any]) -> None:
        try:
            self.answer, self.error, self.trace = ask(), None, None
        except Exception as error:
            self.answer, self.error, self.trace = None, error, error.__traceback__
        self.count += 1


_TURNS: dict[int, _Turn] = {}
_LOCK = threading.Lock()


def asked_again(provider: Any, method: str | None, stale: Any) -> Any:
    """Other credentials than `stale`: after `refresh()`, where a provider has that; else ask again.

    Raises:
        Whatever the provider raises.
    """
    if isinstance(provider, RefreshingCredentialsProvider):
        return provider.refresh(stale)

    def ask() -> Any:
        if (refresh := method_of(provider, "refresh")) is not None:
            refresh()
        return question(provider, method)()

    with _LOCK:
        turn = _TURNS.setdefault(id(provider), _Turn())
        turn.users += 1
    try:
        return turn.take(ask)
    finally:
        with _LOCK:
            turn.users -= 1
            if not turn.users:
                _TURNS.pop(id(provider), None)


def _after_fork() -> None:
    # Who held them is not in this process.
    global _LOCK
    _LOCK = threading.Lock()
    _TURNS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
