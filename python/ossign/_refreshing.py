"""Credentials that are fetched anew ahead of their end, once for all who ask."""

from __future__ import annotations

import datetime
import os
import threading
import time
import weakref

from ._answers import credentials_of
from ._ossign import Credentials
from .exceptions import CredentialsExpiredError
from .types import CredentialsProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from types import TracebackType
    from typing import Any, TypeAlias

    Fetch: TypeAlias = Callable[[], Any] | Callable[[], Awaitable[Any]]

__all__ = ["RefreshingCredentialsProvider", "is_asynchronous"]

_LONGEST_PAUSE = 60.0
# Who asks for others within this time of the last others, in seconds, gets no longer ones.
_JUST_NOW = 1.0
_ASYNCHRONOUS = (
    "fetch is asynchronous, and there are no valid credentials yet:"
    " `await client.presign_async(...)`, or `await provider.get_credentials_async()` first"
)


class RefreshingCredentialsProvider(CredentialsProvider):
    """Keeps temporary credentials, and fetches others ahead of their end.

    Whoever asks first in the last minutes fetches, and waits for that; all others go on with what
    is valid. Only where nothing is valid do they wait, for the one fetch that is under way.

    A fetch that fails leaves the credentials in use until their end, and the next one is made after
    a pause: 1 s, then twice as long each time, 60 s at most. Where nothing is valid, what `fetch`
    raises is raised, in a pause too; the first failure has no pause after it.

    Safe under threads, among the tasks of an event loop, and after a fork; `time.time` is the
    clock, with `clock_offset` added. A pickle holds no credentials: whoever unpickles it fetches
    its own.

    Args:
        fetch: A function without arguments, `async def` or not, that gives credentials: an object
            with `access_key_id`, `access_key_secret`, `security_token` and `expiration`, such as
            `Credentials` or what the SDK of STS answers. `expiration` may be a datetime (a naive
            one is UTC), ISO 8601, or Unix seconds. Without it they are fetched again after `ahead`.
        ahead: How long before their end others are fetched; at most half of their life.
        clock_offset: The server's clock minus this machine's, as in `Config`. A client does not
            pass its own on.

    Raises:
        TypeError: `fetch` cannot be called, or `ahead` or `clock_offset` is no timedelta.
        ValueError: `ahead` is negative.

    Example:
        >>> import datetime
        >>> import ossign as oss
        >>> def assume_role():
        ...     end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        ...     return oss.Credentials("STS.id", "secret", "token", end)
        >>> provider = oss.credentials.RefreshingCredentialsProvider(assume_role)
        >>> provider.get_credentials() is provider.get_credentials()
        True
    """

    _lock: threading.Lock
    _kept: _Kept | None
    _task: asyncio.Task[Exception | None] | None
    _error: Exception | None
    _trace: TracebackType | None

    def __init__(
        self,
        fetch: Fetch,
        *,
        ahead: datetime.timedelta = datetime.timedelta(minutes=15),
        clock_offset: datetime.timedelta = datetime.timedelta(0),
    ) -> None:
        if not callable(fetch):
            raise TypeError(f"fetch must be callable, not {type(fetch).__name__}")
        for name, given in (("ahead", ahead), ("clock_offset", clock_offset)):
            if not isinstance(given, datetime.timedelta):
                kind = type(given).__name__
                raise TypeError(f"{name} must be a datetime.timedelta, not {kind}")
        if ahead < datetime.timedelta(0):
            raise ValueError(f"ahead must not be negative, got {ahead!r}")
        self._fetch = fetch
        self._ahead = ahead
        self._offset = clock_offset.total_seconds()
        self._asynchronous = is_asynchronous(fetch)
        self._reset()

    @property
    def is_asynchronous(self) -> bool:
        """Whether `fetch` is awaited."""
        return self._asynchronous

    def get_credentials(self) -> Credentials:
        """Credentials that are valid now.

        Raises:
            Whatever `fetch` raises, where there are none.
            TypeError: `fetch` is asynchronous, and nothing is valid yet.
        """
        kept, now = self._kept, self._now()
        if kept is not None and now < kept.renewal:
            return kept.credentials
        if kept is None or now >= kept.end:
            return self._fetch_or_share()
        if not self._asynchronous and not self._pauses(now) and self._lock.acquire(blocking=False):
            try:
                if self._kept is kept:
                    self._fetch_now()
            except Exception:
                if self._now() >= kept.end:
                    raise
            finally:
                self._lock.release()
        return (self._kept or kept).credentials

    async def get_credentials_async(self) -> Credentials:
        """The same, where `fetch` may be asynchronous: one fetch for all tasks of an event loop."""
        if not self._asynchronous:
            try:
                return self.get_credentials()
            except TypeError:
                if not self._asynchronous:
                    raise
        kept, now = self._kept, self._now()
        if kept is not None and now < kept.end:
            if now < kept.renewal or self._pauses(now) or self._flying():
                return kept.credentials
            error = await self._flight()
            if error is not None and self._now() >= kept.end:
                raise error.with_traceback(self._trace)
            return (self._kept or kept).credentials
        if self._pauses(now) and self._error is not None:
            raise self._error.with_traceback(self._trace)
        return await self.refresh_async()

    def refresh(self, stale: Credentials | None = None) -> Credentials:
        """Fetch now, and return what was fetched.

        Args:
            stale: The credentials that will not do. If others are kept already, those are returned;
                so are they themselves, if it is not a second ago that they replaced others so.

        Raises:
            Whatever `fetch` raises; what was valid stays in use.
        """
        before = self._fetched
        with self._lock:
            kept = self._kept
            if kept is not None and self._replaces(kept, stale):
                return kept.credentials
            if self._fetched != before and self._error is not None:
                raise self._error.with_traceback(self._trace)
            if self._fetched != before and kept is not None:
                return kept.credentials
            fresh = self._fetch_now()
            self._note_replaced(stale)
            return fresh

    async def refresh_async(self, stale: Credentials | None = None) -> Credentials:
        """The same, where `fetch` is asynchronous."""
        if not self._asynchronous:
            return self.refresh(stale)
        kept = self._kept
        if kept is None or not self._replaces(kept, stale):
            error = await self._flight()
            kept = self._kept
            if error is not None:
                raise error.with_traceback(self._trace)
            self._note_replaced(stale)
        return kept.credentials if kept is not None else await self.get_credentials_async()

    def _replaces(self, kept: _Kept, stale: Credentials | None) -> bool:
        """Whether the credentials that are kept are all that there is in place of stale ones."""
        if stale is None:
            return False
        since = self._now() - kept.replaced
        return kept.credentials is not stale or 0 <= since < _JUST_NOW

    def _note_replaced(self, stale: Credentials | None) -> None:
        kept = self._kept
        if kept is not None and stale is not None:
            kept.replaced = self._now()

    def _now(self) -> float:
        """The time, as far as is known by the server's clock."""
        return time.time() + self._offset

    def _fetch_or_share(self) -> Credentials:
        """Fetch where nothing is valid, or share the outcome of the fetch that was waited for."""
        before = self._fetched
        with self._lock:
            kept, now = self._kept, self._now()
            if kept is not None and now < kept.end:
                return kept.credentials
            if self._error is not None and (self._fetched != before or self._pauses(now)):
                raise self._error.with_traceback(self._trace)
            return self._fetch_now()

    def _fetch_now(self) -> Credentials:
        """Fetch, with the lock held."""
        if self._asynchronous:
            raise TypeError(_ASYNCHRONOUS)
        try:
            answer = self._fetch()
            if hasattr(answer, "__await__"):
                self._asynchronous = True
                if hasattr(answer, "close"):
                    answer.close()
                raise TypeError(_ASYNCHRONOUS)
            return self._keep(answer)
        except Exception as error:
            if not self._asynchronous:
                self._note(error)
            raise
        finally:
            self._fetched += 1

    def _flying(self) -> bool:
        """Whether a task of this event loop is fetching."""
        import asyncio

        task = self._task
        return (
            task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop()
        )

    async def _flight(self) -> Exception | None:
        """Wait for the fetch that is under way, or for a new one; return what it raised."""
        import asyncio

        task = self._task
        if task is None or not self._flying():
            task = self._task = asyncio.get_running_loop().create_task(self._fetch_async())
        # Who is cancelled does not take the others' fetch along.
        return await asyncio.shield(task)

    async def _fetch_async(self) -> Exception | None:
        try:
            answer = self._fetch()
            if hasattr(answer, "__await__"):
                answer = await answer
            self._keep(answer)
        except Exception as error:
            self._note(error)
            return error
        return None

    def _keep(self, answer: Any) -> Credentials:
        """Keep what was fetched, if it is any good."""
        credentials = credentials_of(answer)
        now, ahead = self._now(), self._ahead.total_seconds()
        if credentials.expiration is None:
            self._kept = _Kept(credentials, float("inf"), now + ahead)
        else:
            end = credentials.expiration.timestamp()
            if end <= now:
                raise CredentialsExpiredError(expiration=credentials.expiration)
            self._kept = _Kept(credentials, end, end - min(ahead, (end - now) / 2))
        self._error, self._trace, self._failures = None, None, 0
        return credentials

    def _note(self, error: Exception) -> None:
        """Note a failure, and when the next fetch may be made."""
        now = self._now()
        self._failures += 1
        # Where nothing is valid, somebody is waiting: the first failure has no pause.
        free = 0 if self._kept is not None and now < self._kept.end else 1
        steps = min(self._failures - 1 - free, 10)
        self._pause = (now, min(2.0**steps, _LONGEST_PAUSE) if steps >= 0 else 0.0)
        self._error, self._trace = error, error.__traceback__

    def _pauses(self, now: float) -> bool:
        since, seconds = self._pause
        return self._failures > 0 and 0 <= now - since < seconds

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._kept = None
        self._task = None
        self._fetched = 0
        self._failures = 0
        self._pause = (0.0, 0.0)
        self._error = None
        self._trace = None
        _ALIVE.add(self)

    def _after_fork(self) -> None:
        # Who held them is not in this process.
        self._lock = threading.Lock()
        self._task = None

    def __getstate__(self) -> dict[str, Any]:
        own = ("_lock", "_kept", "_task", "_fetched", "_failures", "_pause", "_error", "_trace")
        return {name: value for name, value in vars(self).items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._reset()


class _Kept:
    """Credentials, and three times in Unix seconds.

    They are: when they end, when others are fetched, and when they replaced some that would not do.
    """

    __slots__ = ("credentials", "end", "renewal", "replaced")

    def __init__(self, credentials: Credentials, end: float, renewal: float) -> None:
        self.credentials = credentials
        self.end = end
        self.renewal = renewal
        self.replaced = float("-inf")


_ALIVE: weakref.WeakSet[RefreshingCredentialsProvider] = weakref.WeakSet()


def _after_fork() -> None:
    for provider in list(_ALIVE):
        provider._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def is_asynchronous(function: Any) -> bool:
    """Whether to call it is to make a coroutine, as far as that can be seen."""
    import inspect

    call = getattr(type(function), "__call__", None)  # noqa: B004 - it is looked at, not asked
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)
