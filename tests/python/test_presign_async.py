"""presign_async: it waits for credentials, and for nothing else."""

from __future__ import annotations

import asyncio
import copy
import datetime
import gc
import inspect
import pickle
import threading
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import ossign as oss
import pytest
import time_machine
from sides import ID, NOW, SECRET, TOKEN, at, client, frozen, get, put, query

E = oss.exceptions
HOUR = datetime.timedelta(hours=1)


def who(name: str = ID, end: float | None = None) -> oss.Credentials:
    return oss.Credentials(name, SECRET, TOKEN, None if end is None else at(end))


async def from_a_function() -> oss.Credentials:
    await asyncio.sleep(0)
    return who()


class Method:
    """A provider whose method is a coroutine."""

    async def get_credentials(self) -> oss.Credentials:
        return await from_a_function()


class Callable_:
    """A callable object that is a coroutine function."""

    async def __call__(self) -> oss.Credentials:
        return await from_a_function()


class Both:
    """A provider with a method for each world."""

    def get_credentials(self) -> oss.Credentials:
        raise AssertionError("this one would block")

    async def get_credentials_async(self) -> oss.Credentials:
        return await from_a_function()


class Foreign:
    """Credentials of another library."""

    access_key_id, access_key_secret, security_token = ID, SECRET, TOKEN


async def foreign() -> Any:
    return Foreign()


def awaitable() -> Any:
    return asyncio.ensure_future(from_a_function())


ASYNCHRONOUS = [from_a_function, lambda: from_a_function(), Method(), Callable_(), foreign]
PROVIDERS = [*ASYNCHRONOUS, Both(), awaitable, who(), who, lambda: Foreign()]


def signed(made: Any, request: Any, **keywords: Any) -> Any:
    with frozen():
        return asyncio.run(made.presign_async(request, **keywords))


@pytest.mark.parametrize("version", ["v4", "v1"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_signs_as_presign_does(provider: Any, version: str) -> None:
    made = client(credentials_provider=provider, signature_version=version)
    known = client(credentials_provider=who(), signature_version=version)
    call = {"expires": HOUR, "download_as": "a.txt"}
    with frozen():
        expected = known.presign(get(), **call)
    assert signed(made, get(), **call) == expected


def test_its_signature_is_that_of_presign() -> None:
    assert inspect.signature(oss.Client.presign_async) == inspect.signature(oss.Client.presign)


@pytest.mark.parametrize("provider", [*ASYNCHRONOUS, awaitable])
@pytest.mark.parametrize(
    "call",
    [
        lambda made: made.presign(get()),
        lambda made: made.presign_many(oss.GetObjectRequest(bucket="bucket"), key=["a"]),
        lambda made: made.presign_post("bucket", "k"),
    ],
    ids=["presign", "presign_many", "presign_post"],
)
def test_what_cannot_wait_says_who_can(provider: Any, call: Callable[[Any], Any]) -> None:
    async def run() -> None:
        with pytest.raises(E.OperationError, match="presign_async") as raised:
            call(client(credentials_provider=provider))
        assert isinstance(raised.value.unwrap(), E.CredentialsFetchError)
        assert isinstance(raised.value.unwrap().kwargs["error"], TypeError)
        assert "credentials_provider=credentials" in str(raised.value)

    with warnings.catch_warnings():
        # As "coroutine ... was never awaited" is.
        warnings.simplefilter("error")
        asyncio.run(run())
        gc.collect()


def test_what_presign_many_needs_can_be_awaited_first() -> None:
    async def run() -> Any:
        config = oss.Config(region="cn-hangzhou")
        made = oss.Client(config, credentials_provider=await from_a_function())
        return made.presign_many(oss.GetObjectRequest(bucket="bucket"), key=["a", "b"])

    assert len(asyncio.run(run())) == 2


def test_nothing_is_asked_before_it_is_awaited() -> None:
    asked = []

    def ask() -> oss.Credentials:
        asked.append(1)
        return who()

    coroutine = client(credentials_provider=ask).presign_async(get())
    assert inspect.iscoroutine(coroutine) and asked == []
    asyncio.run(coroutine)
    assert asked == [1]


def test_no_thread_is_started() -> None:
    seen = set()

    def ask() -> oss.Credentials:
        seen.add(threading.get_ident())
        return who()

    signed(client(credentials_provider=ask), get())
    assert seen == {threading.get_ident()}


@pytest.mark.parametrize("error", [OSError("down"), ValueError("no"), E.CredentialsEmptyError()])
def test_its_errors_are_those_of_presign(error: Exception) -> None:
    async def fail() -> Any:
        raise error

    def fail_now() -> Any:
        raise error

    with pytest.raises(E.OperationError) as expected:
        client(credentials_provider=fail_now).presign(put())
    with pytest.raises(E.OperationError) as raised:
        signed(client(credentials_provider=fail), put())
    assert str(raised.value) == str(expected.value)
    assert raised.value.kwargs["name"] == "PutObject"
    inner = raised.value.unwrap()
    assert type(inner) is E.CredentialsFetchError and inner.__cause__ is error


@pytest.mark.parametrize("answer", [None, oss.Credentials("", SECRET), who(end=-1)])
def test_an_answer_that_is_no_use_is_the_error_of_presign(answer: Any) -> None:
    async def give() -> Any:
        return answer

    with frozen(), pytest.raises(E.OperationError) as expected:
        client(credentials_provider=lambda: answer).presign(get())
    with pytest.raises(E.OperationError) as raised:
        signed(client(credentials_provider=give), get())
    assert type(raised.value.unwrap()) is type(expected.value.unwrap())
    assert str(raised.value) == str(expected.value)


def test_a_wrong_call_is_the_error_of_presign() -> None:
    made = client(credentials_provider=from_a_function)
    with pytest.raises(TypeError, match="unexpected"):
        signed(made, get(), expire=HOUR)
    with pytest.raises(E.ParamRequiredError):
        signed(made, oss.GetObjectRequest(bucket="bucket"))
    with pytest.raises(E.PresignExpirationError):
        signed(made, get(), expires=datetime.timedelta(days=8))


def test_to_cancel_passes_through() -> None:
    async def forever() -> Any:
        await asyncio.Event().wait()

    async def run() -> None:
        task = asyncio.create_task(client(credentials_provider=forever).presign_async(get()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_rotated_credentials_are_seen_and_kept_ones_keep_their_client() -> None:
    answers = [who("a"), who("b")]

    async def rotate() -> oss.Credentials:
        return answers[0]

    made = client(credentials_provider=rotate)

    def key_id() -> str:
        return query(signed(made, get()).url)["x-oss-credential"].partition("/")[0]

    assert [key_id(), key_id()] == ["a", "a"]
    assert made._with_provider(answers[0]) is made._with_provider(answers[0])
    answers[0].access_key_id = "changed"
    assert key_id() == "changed"
    answers.pop(0)
    assert key_id() == "b"


def test_a_subclass_signs_with_its_own_presign() -> None:
    class Counting(oss.Client):
        calls = 0

        def presign(self, request: Any, **keywords: Any) -> Any:
            Counting.calls += 1
            return super().presign(request, **keywords)

    for provider in (from_a_function, who()):
        made = Counting(oss.Config(region="cn-hangzhou", credentials_provider=provider))
        assert signed(made, get()).url
    assert Counting.calls == 2


def test_tasks_of_many_tenants_do_not_get_each_others_credentials() -> None:
    turn: dict[str, str] = {}

    async def of_the_tenant() -> oss.Credentials:
        name = turn[asyncio.current_task().get_name()]  # type: ignore[union-attr]
        await asyncio.sleep(0)
        return who(name)

    made = client(credentials_provider=of_the_tenant)

    async def one(name: str) -> bool:
        turn[asyncio.current_task().get_name()] = name  # type: ignore[union-attr]
        result = await made.presign_async(get())
        return query(result.url)["x-oss-credential"].startswith(f"{name}/")

    async def all_of_them() -> list[bool]:
        return await asyncio.gather(*(one(f"id{n}") for n in range(100)))

    assert all(asyncio.run(all_of_them()))


def test_copies_of_a_client_still_ask() -> None:
    made = client(credentials_provider=from_a_function)
    signed(made, get())
    assert signed(copy.deepcopy(made), get()) == signed(made, get())
    assert signed(pickle.loads(pickle.dumps(made)), get()) == signed(made, get())


# Policies


@asynccontextmanager
async def at_noon() -> AsyncIterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


class Vault:
    """A provider whose answers last so many seconds, one after the other."""

    def __init__(self, *lives: float) -> None:
        self.lives, self.refreshed = list(lives), 0

    async def get_credentials(self) -> oss.Credentials:
        return who(end=self.lives[min(self.refreshed, len(self.lives) - 1)])

    async def refresh(self) -> None:
        self.refreshed += 1


@pytest.mark.parametrize("version", ["v4", "v1"])
def test_it_follows_the_policy(version: str) -> None:
    def made(policy: str, *lives: float) -> Any:
        vault = Vault(*lives)
        return vault, client(
            credentials_provider=vault, signature_version=version, on_short_credentials=policy
        )

    _, keep = made("keep", 600)
    assert signed(keep, get(), expires=HOUR).effective_expiration == at(600)
    _, clamp = made("clamp", 600)
    assert signed(clamp, get(), expires=HOUR).expiration == at(600)
    _, error = made("error", 600)
    with pytest.raises(E.OperationError, match="before the URL"):
        signed(error, get(), expires=HOUR)
    vault, refresh = made("refresh", 600, 7200)
    assert signed(refresh, get(), expires=HOUR).effective_expiration == NOW + HOUR
    assert vault.refreshed == 1
    vault, refresh = made("refresh", -1, 7200)
    assert signed(refresh, get(), expires=HOUR).effective_expiration == NOW + HOUR


def test_a_provider_that_stays_short_is_left_alone_for_a_minute() -> None:
    async def run() -> None:
        vault = Vault(600)
        made = client(credentials_provider=vault, on_short_credentials="refresh")
        async with at_noon() as clock:
            for shift, refreshed in ((0, 1), (0, 1), (59, 1), (1, 2)):
                clock.shift(shift)
                result = await made.presign_async(get(), expires=HOUR)
                assert result.effective_expiration == at(600)
                assert vault.refreshed == refreshed

    asyncio.run(run())


def test_a_refresh_that_fails_leaves_what_is_valid() -> None:
    class Failing(Vault):
        async def refresh(self) -> None:
            raise OSError("down")

    short = client(credentials_provider=Failing(600), on_short_credentials="refresh")
    assert signed(short, get(), expires=HOUR).effective_expiration == at(600)
    ended = client(credentials_provider=Failing(-1), on_short_credentials="refresh")
    with pytest.raises(E.OperationError) as raised:
        signed(ended, get(), expires=HOUR)
    assert isinstance(raised.value.unwrap().__cause__, OSError)


def test_a_function_is_awaited_once_more() -> None:
    lives = [600, 7200]

    async def give() -> oss.Credentials:
        return who(end=lives.pop(0))

    made = client(credentials_provider=give, on_short_credentials="refresh")
    assert signed(made, get(), expires=HOUR).effective_expiration == NOW + HOUR
