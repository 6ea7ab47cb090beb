"""RefreshingCredentialsProvider: one fetch for all, ahead of the end, and what if it fails."""

from __future__ import annotations

import asyncio
import copy
import datetime
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import alibabacloud_oss_v2 as sdk
import freezegun
import ossign as oss
import pytest
import time_machine
from sides import ID, NOW, SECRET, TOKEN, at, client, get, query

E = oss.exceptions
Provider = oss.credentials.RefreshingCredentialsProvider
MINUTE = 60.0
HOUR = 60 * MINUTE
THREADS = 1000


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


class Fetch:
    """A service that gives credentials of an hour, or fails."""

    def __init__(self, life: float | None = HOUR) -> None:
        self.life, self.count = life, 0
        self.error: Exception | None = None

    def answer(self) -> Any:
        self.count += 1
        if self.error is not None:
            raise self.error from KeyError("why")
        end = None
        if self.life is not None:
            now = datetime.datetime.now(datetime.timezone.utc)
            end = now + datetime.timedelta(seconds=self.life)
        return oss.Credentials(f"{ID}{self.count}", SECRET, TOKEN, end)

    def __call__(self) -> Any:
        return self.answer()


class AsyncFetch(Fetch):
    async def __call__(self) -> Any:
        await asyncio.sleep(0)
        return self.answer()


def number(credentials: oss.Credentials) -> int:
    return int(credentials.access_key_id.removeprefix(ID))


def asked(provider: Any, fetch: Fetch) -> int:
    """Which credentials a provider gives now."""
    if isinstance(fetch, AsyncFetch):
        return number(asyncio.run(provider.get_credentials_async()))
    return number(provider.get_credentials())


FETCHES = pytest.mark.parametrize("kind", [Fetch, AsyncFetch])


@FETCHES
def test_credentials_are_kept_until_some_minutes_ahead_of_their_end(
    kind: type[Fetch], clock: time_machine.Coordinates
) -> None:
    fetch = kind()
    provider = Provider(fetch, ahead=datetime.timedelta(minutes=10))
    assert [asked(provider, fetch) for _ in range(5)] == [1] * 5
    clock.shift(50 * MINUTE - 1)
    assert asked(provider, fetch) == 1
    clock.shift(1)
    assert [asked(provider, fetch) for _ in range(5)] == [2] * 5
    clock.shift(24 * HOUR)
    assert asked(provider, fetch) == 3 == fetch.count


def test_credentials_that_live_shortly_are_kept_for_half_of_their_life(
    clock: time_machine.Coordinates,
) -> None:
    fetch = Fetch(10 * MINUTE)
    provider = Provider(fetch)
    assert asked(provider, fetch) == 1
    clock.shift(5 * MINUTE - 1)
    assert asked(provider, fetch) == 1
    clock.shift(1)
    assert asked(provider, fetch) == 2


def test_credentials_that_do_not_say_when_they_end_are_fetched_again_after_ahead(
    clock: time_machine.Coordinates,
) -> None:
    fetch = Fetch(None)
    provider = Provider(fetch, ahead=datetime.timedelta(minutes=5))
    assert asked(provider, fetch) == asked(provider, fetch) == 1
    clock.shift(5 * MINUTE)
    assert asked(provider, fetch) == 2
    fetch.error = OSError("down")
    clock.shift(24 * HOUR)
    assert asked(provider, fetch) == 2


def together(work: Callable[[], Any]) -> list[Any]:
    """What a thousand threads get that begin at one time."""
    barrier = threading.Barrier(THREADS)

    def run() -> Any:
        barrier.wait()
        try:
            return work()
        except OSError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(THREADS)]]


class Gate(Fetch):
    """A fetch that waits until it is let through."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.open = threading.Event(), threading.Event()

    def __call__(self) -> Any:
        self.began.set()
        assert self.open.wait(60)
        return super().__call__()


def test_a_thousand_threads_wait_for_one_fetch() -> None:
    fetch = Gate()
    made = client(credentials_provider=Provider(fetch))
    opener = threading.Thread(target=lambda: (fetch.began.wait(60), fetch.open.set()))
    opener.start()
    urls = together(lambda: made.presign(get()).url)
    opener.join()
    assert fetch.count == 1
    assert {query(url)["x-oss-credential"].partition("/")[0] for url in urls} == {f"{ID}1"}


def test_while_one_thread_fetches_all_others_use_what_is_valid(
    clock: time_machine.Coordinates,
) -> None:
    fetch = Gate()
    fetch.open.set()
    provider = Provider(fetch)
    provider.get_credentials()
    fetch.open.clear()
    fetch.began.clear()
    clock.shift(50 * MINUTE)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(provider.get_credentials)
        assert fetch.began.wait(60)
        # None of them waits: the gate is shut.
        assert {number(found) for found in together(provider.get_credentials)} == {1}
        assert not slow.done()
        fetch.open.set()
        assert number(slow.result()) == 2
    assert number(provider.get_credentials()) == fetch.count == 2


def test_threads_that_wait_share_a_failure(clock: time_machine.Coordinates) -> None:
    fetch = Gate()
    fetch.error = OSError("down")
    provider = Provider(fetch)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(provider.get_credentials)
        assert fetch.began.wait(60)
        threading.Thread(target=fetch.open.set).start()
        errors = together(provider.get_credentials)
        assert first.exception() is fetch.error
    assert set(errors) == {fetch.error}
    # The first has no pause after it, for whoever came after it had failed.
    assert fetch.count <= 2


def test_a_thousand_threads_that_need_longer_credentials_refresh_once() -> None:
    fetch = Fetch(10 * MINUTE)
    provider = Provider(fetch)
    provider.get_credentials()
    fetch.life = 2 * HOUR
    made = client(credentials_provider=provider, on_short_credentials="refresh")
    hour = datetime.timedelta(hours=1)
    results = together(lambda: made.presign(get(), expires=hour))
    assert fetch.count == 2
    assert all(result.effective_expiration == result.expiration for result in results)


def test_threads_that_are_given_short_credentials_only_refresh_once() -> None:
    fetch = Fetch(MINUTE)
    made = client(credentials_provider=Provider(fetch), on_short_credentials="refresh")
    together(lambda: made.presign(get()))
    assert fetch.count == 2


def test_clients_that_share_a_provider_refresh_it_once_a_second(
    clock: time_machine.Coordinates,
) -> None:
    fetch = Fetch(MINUTE)
    provider = Provider(fetch)
    for expected in (2, 3):
        for _ in range(20):
            client(credentials_provider=provider, on_short_credentials="refresh").presign(get())
        assert fetch.count == expected
        clock.shift(1)


@FETCHES
def test_a_fetch_that_always_gives_the_same_object_is_not_called_by_each_client(
    kind: type[Fetch], clock: time_machine.Coordinates
) -> None:
    same = oss.Credentials(ID, SECRET, TOKEN, at(MINUTE))

    class Same(kind):  # type: ignore[misc, valid-type]
        def answer(self) -> Any:
            self.count += 1
            return same

    fetch = Same()
    provider = Provider(fetch)
    for _ in range(5):
        made = client(credentials_provider=provider, on_short_credentials="refresh")
        asyncio.run(made.presign_async(get()))
    assert fetch.count == 2


@FETCHES
def test_a_failed_refresh_keeps_the_valid_credentials_until_they_end(
    kind: type[Fetch], clock: time_machine.Coordinates
) -> None:
    fetch = kind()
    provider = Provider(fetch)
    assert asked(provider, fetch) == 1
    fetch.error = OSError("down")
    clock.shift(HOUR - 1)
    assert asked(provider, fetch) == 1 and fetch.count == 2
    clock.shift(1)
    with pytest.raises(OSError, match="down") as raised:
        asked(provider, fetch)
    assert raised.value is fetch.error and isinstance(raised.value.__cause__, KeyError)
    fetch.error = None
    clock.shift(MINUTE)
    assert asked(provider, fetch) == fetch.count


@FETCHES
def test_a_refresh_is_tried_again_after_pauses_that_grow_to_a_minute(
    kind: type[Fetch], clock: time_machine.Coordinates
) -> None:
    fetch = kind(100 * HOUR)
    provider = Provider(fetch, ahead=datetime.timedelta(hours=50))
    asked(provider, fetch)
    fetch.error = OSError("down")
    clock.shift(50 * HOUR)
    tries = []
    for second in range(250):
        before = fetch.count
        for _ in range(3):
            assert asked(provider, fetch) == 1
        tries += [second] * (fetch.count - before)
        clock.shift(1)
    assert tries == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    fetch.error = None
    clock.shift(60)
    assert asked(provider, fetch) == fetch.count


@FETCHES
def test_where_nothing_is_valid_the_second_failure_has_a_pause(
    kind: type[Fetch], clock: time_machine.Coordinates
) -> None:
    fetch = kind()
    provider = Provider(fetch)
    fetch.error = OSError("down")
    for expected in (1, 2, 2, 2):
        with pytest.raises(OSError, match="down") as raised:
            asked(provider, fetch)
        assert raised.value is fetch.error and fetch.count == expected
    clock.shift(1)
    fetch.error = None
    assert asked(provider, fetch) == 3


def test_a_first_failure_may_be_followed_by_success_at_once(
    clock: time_machine.Coordinates,
) -> None:
    fetch = Fetch()
    fetch.error = OSError("down")
    provider = Provider(fetch)
    with pytest.raises(OSError, match="down"):
        provider.get_credentials()
    fetch.error = None
    assert number(provider.get_credentials()) == 2


def test_the_traceback_of_a_shared_error_does_not_grow(clock: time_machine.Coordinates) -> None:
    fetch = Fetch()
    fetch.error = OSError("down")
    provider = Provider(fetch)
    lengths = []
    for _ in range(10):
        with pytest.raises(OSError, match="down") as raised:
            provider.get_credentials()
        trace, length = raised.value.__traceback__, 0
        while trace is not None:
            trace, length = trace.tb_next, length + 1
        lengths.append(length)
    assert len(set(lengths[2:])) == 1


def test_an_interrupt_in_fetch_passes_and_leaves_no_lock_behind(
    clock: time_machine.Coordinates,
) -> None:
    fetch = Fetch()
    provider = Provider(fetch)
    fetch.error = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        provider.get_credentials()
    fetch.error = None
    assert number(provider.get_credentials()) == 2


@FETCHES
def test_refresh_fetches_at_once_and_fails_as_fetch_does(
    kind: type[Fetch], clock: time_machine.Coordinates
) -> None:
    fetch = kind()
    provider = Provider(fetch)

    def refreshed() -> int:
        if kind is AsyncFetch:
            return number(asyncio.run(provider.refresh_async()))
        return number(provider.refresh())

    assert [refreshed(), refreshed(), asked(provider, fetch)] == [1, 2, 2]
    fetch.error = OSError("down")
    with pytest.raises(OSError, match="down"):
        refreshed()
    assert asked(provider, fetch) == 2


def test_refresh_gives_others_than_the_stale_ones_if_there_are_any(
    clock: time_machine.Coordinates,
) -> None:
    provider = Provider(Fetch())
    first = provider.get_credentials()
    second = provider.refresh(first)
    assert [number(second), number(provider.refresh(first))] == [2, 2]
    # Others that were fetched at once would be no longer.
    assert number(provider.refresh(second)) == 2
    clock.shift(1)
    assert number(provider.refresh(second)) == 3


@pytest.mark.parametrize(
    "end",
    [
        at(HOUR),
        at(HOUR).replace(tzinfo=None),
        "2026-01-01T01:00:00Z",
        "2026-01-01T09:00:00+08:00",
        int(at(HOUR).timestamp()),
        str(int(at(HOUR).timestamp())),
        at(HOUR).timestamp(),
    ],
    ids=str,
)
def test_the_end_may_be_written_as_sts_and_others_write_it(
    end: object, clock: time_machine.Coordinates
) -> None:
    answer = SimpleNamespace(
        access_key_id=ID, access_key_secret=SECRET, security_token=TOKEN, expiration=end
    )
    made = client(credentials_provider=Provider(lambda: answer))
    result = made.presign(get(), expires=datetime.timedelta(hours=2))
    assert result.effective_expiration == at(HOUR)
    assert query(result.url)["x-oss-security-token"] == TOKEN


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, E.CredentialsEmptyError),
        (oss.Credentials("", SECRET), E.CredentialsEmptyError),
        (oss.Credentials(ID, SECRET, TOKEN, at(0)), E.CredentialsExpiredError),
        (SimpleNamespace(access_key_id=ID, access_key_secret="s", expiration="soon"), ValueError),
        (object(), AttributeError),
    ],
    ids=["None", "no id", "ended", "no time", "no credentials"],
)
def test_what_is_no_valid_credentials_is_a_failure(
    answer: Any, error: type[Exception], clock: time_machine.Coordinates
) -> None:
    answers = [oss.Credentials(ID, SECRET, TOKEN, at(HOUR)), answer]
    provider = Provider(lambda: answers[-1] if len(answers) == 1 else answers.pop(0))
    assert provider.get_credentials().access_key_id == ID
    clock.shift(50 * MINUTE)
    if error is not E.CredentialsExpiredError:
        assert provider.get_credentials().access_key_id == ID
    with pytest.raises(error) as raised:
        Provider(lambda: answer).get_credentials()
    assert SECRET not in str(raised.value)


def test_its_errors_are_those_of_a_provider_in_presign(clock: time_machine.Coordinates) -> None:
    fetch = Fetch()
    fetch.error = OSError("down")
    with pytest.raises(E.OperationError) as raised:
        client(credentials_provider=Provider(fetch)).presign(get())
    inner = raised.value.unwrap()
    assert type(inner) is E.CredentialsFetchError and inner.__cause__ is fetch.error


def test_the_client_of_the_sdk_takes_it_too(clock: time_machine.Coordinates) -> None:
    urls = {
        client(package, credentials_provider=Provider(Fetch())).presign(get(package)).url
        for package in (oss, sdk)
    }
    assert len(urls) == 1


def test_the_clock_is_looked_up_each_time() -> None:
    fetch = Fetch()
    provider = Provider(fetch)
    with freezegun.freeze_time(NOW) as frozen:
        assert asked(provider, fetch) == 1
        frozen.tick(HOUR)
        assert asked(provider, fetch) == 2
    with time_machine.travel(at(3 * HOUR), tick=False):
        assert asked(provider, fetch) == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this platform")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_that_was_forked_while_a_thread_fetched_can_fetch() -> None:
    fetch = Gate()
    provider = Provider(fetch)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(provider.get_credentials)
        assert fetch.began.wait(60)
        child = os.fork()
        if child == 0:
            try:
                fetch.open = threading.Event()
                fetch.open.set()
                os._exit(number(provider.get_credentials()))
            finally:
                os._exit(99)
        fetch.open.set()
        assert number(slow.result()) == 1
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 1


def module_fetch() -> oss.Credentials:
    return oss.Credentials("of-this-process", SECRET, TOKEN, at(HOUR))


def test_a_pickle_or_a_copy_holds_no_credentials(clock: time_machine.Coordinates) -> None:
    ahead = datetime.timedelta(minutes=7)
    provider = Provider(module_fetch, ahead=ahead)
    provider.note = "mine"
    provider.get_credentials()
    pickled = pickle.dumps(client(credentials_provider=provider))
    assert SECRET.encode() not in pickled and b"of-this-process" not in pickled
    assert "of-this-process" in pickle.loads(pickled).presign(get()).url
    for again in (pickle.loads(pickle.dumps(provider)), copy.copy(provider)):
        assert again.note == "mine" and "of-this-process" in repr(again.get_credentials())
    assert "of-this-process" in copy.deepcopy(provider).get_credentials().access_key_id


class Holder:
    def __init__(self) -> None:
        self.credentials = oss.Credentials(ID, SECRET)

    def fetch(self) -> oss.Credentials:
        return self.credentials


def test_a_client_whose_fetch_holds_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="picklable_with_secret"):
        pickle.dumps(client(credentials_provider=Provider(Holder().fetch)))


def test_no_repr_shows_a_secret() -> None:
    provider = Provider(module_fetch)
    with time_machine.travel(NOW, tick=False):
        provider.get_credentials()
    assert SECRET not in repr(provider) and TOKEN not in repr(provider)


def test_a_wrong_argument_is_named() -> None:
    wrong: list[tuple[Any, Any, type[Exception], str]] = [
        ("x", datetime.timedelta(0), TypeError, "fetch must be callable, not str"),
        (module_fetch, 300, TypeError, "ahead must be a datetime.timedelta, not int"),
        (module_fetch, -datetime.timedelta(1), ValueError, "ahead must not be negative"),
    ]
    for fetch, ahead, error, words in wrong:
        with pytest.raises(error, match=words):
            Provider(fetch, ahead=ahead)
    offset: Any = 5.0
    with pytest.raises(TypeError, match=r"clock_offset must be a datetime\.timedelta, not float"):
        Provider(module_fetch, clock_offset=offset)


@FETCHES
@pytest.mark.parametrize("hours", [-2, 2])
def test_the_end_is_judged_by_the_servers_clock(
    kind: type[Fetch], hours: int, clock: time_machine.Coordinates
) -> None:
    offset = datetime.timedelta(hours=hours)
    # Its credentials last an hour by the server's clock.
    fetch = kind((hours + 1) * HOUR)
    provider = pickle.loads(pickle.dumps(Provider(module_fetch, clock_offset=offset)))
    provider._fetch, provider._asynchronous = fetch, kind is AsyncFetch
    made = client(credentials_provider=provider, clock_offset=offset)
    assert asked(provider, fetch) == 1
    assert made.presign(get()).effective_expiration == at((hours + 0.25) * HOUR)
    clock.shift(45 * MINUTE - 1)
    assert asked(provider, fetch) == 1
    clock.shift(1)
    assert asked(provider, fetch) == 2


def test_by_the_machines_clock_alone_they_would_have_ended(
    clock: time_machine.Coordinates,
) -> None:
    with pytest.raises(E.CredentialsExpiredError):
        Provider(Fetch(-HOUR)).get_credentials()


# Asynchronous fetches


def test_a_thousand_tasks_wait_for_one_fetch() -> None:
    fetch = AsyncFetch()
    made = client(credentials_provider=Provider(fetch))

    async def ask() -> list[Any]:
        return await asyncio.gather(*(made.presign_async(get()) for _ in range(1000)))

    assert len({result.url for result in asyncio.run(ask())}) <= 2
    assert fetch.count == 1


def test_a_thousand_tasks_that_need_longer_credentials_refresh_once() -> None:
    fetch = AsyncFetch(10 * MINUTE)
    made = client(credentials_provider=Provider(fetch), on_short_credentials="refresh")
    hour = datetime.timedelta(hours=1)

    async def ask() -> list[Any]:
        await made.presign_async(get(), expires=datetime.timedelta(minutes=5))
        fetch.life = 2 * HOUR
        return await asyncio.gather(*(made.presign_async(get(), expires=hour) for _ in range(1000)))

    results = asyncio.run(ask())
    assert all(result.effective_expiration == result.expiration for result in results)
    assert fetch.count == 2


def test_tasks_that_are_given_short_credentials_only_refresh_once() -> None:
    fetch = AsyncFetch(MINUTE)
    made = client(credentials_provider=Provider(fetch), on_short_credentials="refresh")

    async def ask() -> None:
        await asyncio.gather(*(made.presign_async(get()) for _ in range(1000)))

    asyncio.run(ask())
    assert fetch.count == 2


def test_a_task_that_is_cancelled_does_not_take_the_others_fetch_along() -> None:
    class Slow(AsyncFetch):
        async def __call__(self) -> Any:
            await gate.wait()
            return self.answer()

    async def ask() -> None:
        nonlocal gate
        gate = asyncio.Event()
        first = asyncio.create_task(provider.get_credentials_async())
        second = asyncio.create_task(provider.get_credentials_async())
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        gate.set()
        assert number(await second) == 1

    gate: asyncio.Event
    fetch = Slow()
    provider = Provider(fetch)
    asyncio.run(ask())
    assert fetch.count == 1


def test_while_one_task_fetches_all_others_use_what_is_valid(
    clock: time_machine.Coordinates,
) -> None:
    async def ask() -> list[int]:
        await provider.get_credentials_async()
        clock.shift(50 * MINUTE)
        asking = [provider.get_credentials_async() for _ in range(5)]
        return [number(found) for found in await asyncio.gather(*asking)]

    provider = Provider(AsyncFetch())
    assert asyncio.run(ask()) == [2, 1, 1, 1, 1]


@pytest.mark.parametrize("hidden", [False, True], ids=["async def", "a function that returns one"])
def test_presign_signs_with_what_was_awaited_and_says_so_before(
    hidden: bool, clock: time_machine.Coordinates
) -> None:
    fetch = AsyncFetch()
    provider = Provider((lambda: fetch()) if hidden else fetch)
    made = client(credentials_provider=provider)
    with pytest.raises(E.OperationError, match="presign_async"):
        made.presign(get())
    asyncio.run(made.presign_async(get()))
    assert f"{ID}1%2F" in made.presign(get()).url
    clock.shift(50 * MINUTE)
    assert f"{ID}1%2F" in made.presign(get()).url
    with pytest.raises(TypeError, match="presign_async"):
        provider.refresh()


def test_a_loop_that_has_ended_leaves_nothing_for_the_next_to_wait_for() -> None:
    class Stuck(AsyncFetch):
        async def __call__(self) -> Any:
            if self.count == 0:
                self.count += 1
                await asyncio.Event().wait()
            return self.answer()

    provider = Provider(Stuck())

    async def give_up() -> None:
        task = asyncio.create_task(provider.get_credentials_async())
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(give_up())
    assert number(asyncio.run(provider.get_credentials_async())) == 2
