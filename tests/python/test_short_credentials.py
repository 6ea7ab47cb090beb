"""Credentials that end before a URL would: four policies, in every way to presign."""

from __future__ import annotations

import asyncio
import copy
import datetime
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pyarrow as pa
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from ossign._asking_again import _Turn
from ossign.form import verify_post
from sides import ID, NOW, SECRET, TOKEN, at, client, frozen, get, query

E = oss.exceptions
HOUR = datetime.timedelta(hours=1)
SECOND = datetime.timedelta(seconds=1)
VERSIONS = ["v4", "v1"]


def temporary(end: float | None, name: str = ID) -> oss.Credentials:
    """Credentials that end so many seconds from now."""
    return oss.Credentials(name, SECRET, TOKEN, None if end is None else at(end))


def made(provider: Any, policy: str | None, version: str = "v4", **config: Any) -> oss.Client:
    return client(
        credentials_provider=provider,
        on_short_credentials=policy,
        signature_version=version,
        **config,
    )


def end_in(url: str) -> datetime.datetime:
    """When a URL ends, as OSS reads it."""
    found = query(url)
    if "Expires" in found:
        return datetime.datetime.fromtimestamp(int(found["Expires"]), datetime.timezone.utc)
    start = datetime.datetime.strptime(found["x-oss-date"], "%Y%m%dT%H%M%SZ")
    start = start.replace(tzinfo=datetime.timezone.utc)
    return start + datetime.timedelta(seconds=int(found["x-oss-expires"]))


def by_presign(made: oss.Client, expires: datetime.timedelta) -> Any:
    return made.presign(get(), expires=expires)


def by_many(made: oss.Client, expires: datetime.timedelta) -> Any:
    urls = made.presign_many(oss.GetObjectRequest(bucket="bucket"), key=["a", "b"], expires=expires)
    assert end_in(urls[0]) == end_in(urls[1])
    return urls.result(1)


def by_batches(made: oss.Client, expires: datetime.timedelta) -> Any:
    table = pa.table({"key": ["a", "b", "c", "d"]})
    template = oss.GetObjectRequest(bucket="examplebucket")
    signed = made.presign_batches(template, table.to_reader(2), expires=expires)
    urls = pa.table(pa.RecordBatchReader.from_stream(signed)).column("url").to_pylist()
    result = made.presign(get(key="d"), expires=expires)
    assert result.url == urls[-1] and {end_in(url) for url in urls} == {end_in(result.url)}
    return result


WAYS = pytest.mark.parametrize(
    "way", [by_presign, by_many, by_batches], ids=["presign", "presign_many", "presign_batches"]
)
Way = Callable[[oss.Client, datetime.timedelta], Any]


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("policy", [None, "keep", "refresh"])
def test_to_keep_is_to_sign_as_the_sdk_does(way: Way, version: str, policy: str | None) -> None:
    with frozen():
        result = way(made(temporary(600), policy, version), HOUR)
    assert end_in(result.url) == result.expiration == NOW + HOUR
    assert result.effective_expiration == at(600)


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
def test_to_clamp_is_to_end_with_the_credentials(way: Way, version: str) -> None:
    with frozen():
        result = way(made(temporary(600.9), "clamp", version), HOUR)
        long = way(made(temporary(3600), "clamp", version), HOUR)
        kept = way(made(temporary(3600), "keep", version), HOUR)
    assert end_in(result.url) == result.expiration == result.effective_expiration == at(600)
    assert long.url == kept.url and long.expiration == NOW + HOUR


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
def test_an_error_names_both_times(way: Way, version: str) -> None:
    with frozen():
        short = made(temporary(3599.999999), "error", version)
        with pytest.raises(E.OperationError) as raised:
            way(short, HOUR)
        assert way(made(temporary(3600), "error", version), HOUR).expiration == NOW + HOUR
    assert "2026-01-01 00:59:59.999999+00:00" in str(raised.value)
    assert "2026-01-01 01:00:00+00:00" in str(raised.value)


def test_the_error_is_the_reason_of_an_operation_error() -> None:
    with frozen(), pytest.raises(E.OperationError) as raised:
        made(temporary(60), "error").presign(get())
    inner = raised.value.unwrap()
    assert type(inner) is E.CredentialsTooShortError
    assert isinstance(inner, E.CredentialsBaseError)
    assert inner.kwargs == {"expiration": at(60), "wanted": at(900)}
    assert raised.value.kwargs["name"] == "GetObject"
    assert SECRET not in str(raised.value) and TOKEN not in str(raised.value)


@pytest.mark.parametrize("version", VERSIONS)
def test_less_than_a_second_cannot_be_clamped_to(version: str) -> None:
    with frozen():
        with pytest.raises(E.OperationError, match="in less than a second") as raised:
            made(temporary(0.999999), "clamp", version).presign(get())
        assert isinstance(raised.value.unwrap(), E.CredentialsTooShortError)
        one = made(temporary(1), "clamp", version).presign(get())
    assert end_in(one.url) == one.expiration == at(1)


@pytest.mark.parametrize("policy", ["keep", "clamp", "refresh", "error"])
def test_credentials_that_have_ended_are_an_error_in_every_policy(policy: str) -> None:
    with frozen(), pytest.raises(E.OperationError) as raised:
        made(temporary(0), policy).presign(get())
    assert isinstance(raised.value.unwrap(), E.CredentialsExpiredError)


@pytest.mark.parametrize("policy", ["clamp", "error", "keep"])
def test_what_cannot_be_asked_for_is_refused_as_ever(policy: str) -> None:
    with frozen():
        for wrong in (datetime.timedelta(days=8), datetime.timedelta(seconds=0)):
            with pytest.raises(E.PresignExpirationError):
                made(temporary(600), policy).presign(get(), expires=wrong)


@given(
    now=st.floats(0, 3, exclude_max=True),
    left=st.floats(0.000001, 100_000),
    asked=st.integers(1, 100_000),
    version=st.sampled_from(VERSIONS),
)
def test_no_clamped_url_outlives_its_credentials(
    now: float, left: float, asked: int, version: str
) -> None:
    with time_machine.travel(at(now), tick=False):
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=left)
        who = oss.Credentials(ID, SECRET, TOKEN, end)
        try:
            result = made(who, "clamp", version).presign(
                get(), expires=datetime.timedelta(seconds=asked)
            )
        except E.OperationError as error:
            assert isinstance(error.unwrap(), E.CredentialsTooShortError) and left < 1
            return
    assert end_in(result.url) <= end and end_in(result.url) <= result.expiration
    assert result.effective_expiration <= result.expiration
    if result.expiration < at(now + asked) - SECOND:
        assert end_in(result.url) == result.expiration


# Twelve hours: https://help.aliyun.com/en/oss/developer-reference/add-signatures-to-urls


def test_temporary_credentials_have_twelve_hours_with_version_4() -> None:
    half, more = datetime.timedelta(seconds=43_200), datetime.timedelta(seconds=43_201)
    with frozen():
        for end in (None, 90_000):
            kept = made(temporary(end), "keep").presign(get(), expires=more)
            clamped = made(temporary(end), "clamp").presign(get(), expires=more)
            assert query(kept.url)["x-oss-expires"] == "43201"
            assert query(clamped.url)["x-oss-expires"] == "43200"
            assert clamped.expiration == clamped.effective_expiration == NOW + half
            strict = made(temporary(end), "error")
            assert query(strict.presign(get(), expires=half).url)["x-oss-expires"] == "43200"
            with pytest.raises(E.PresignExpirationError, match="at most 43200 seconds") as raised:
                strict.presign(get(), expires=more)
            assert "43201 s" in str(raised.value)
    assert made(temporary(None), "keep").presign(get(), expires=half)


def test_neither_version_1_nor_a_long_term_key_is_held_to_twelve_hours() -> None:
    day = datetime.timedelta(days=1)
    with frozen():
        for policy in ("clamp", "error"):
            v1 = made(temporary(None), policy, "v1").presign(get(), expires=day)
            v4 = made(oss.Credentials(ID, SECRET), policy).presign(get(), expires=day)
            assert end_in(v1.url) == end_in(v4.url) == NOW + day


# When they end


@pytest.mark.parametrize(
    "end",
    ["2026-01-01T00:10:00Z", "2026-01-01T08:10:00+08:00", NOW.timestamp() + 600]
    + [int(NOW.timestamp()) + 600, str(int(NOW.timestamp()) + 600)],
    ids=str,
)
@pytest.mark.parametrize("kind", [SimpleNamespace, oss.Credentials])
def test_the_end_may_be_a_text_or_unix_seconds(kind: Any, end: Any) -> None:
    answer = kind(access_key_id=ID, access_key_secret=SECRET, security_token=TOKEN, expiration=end)
    with time_machine.travel(NOW, tick=False) as clock:
        kept = made(lambda: answer, "keep").presign(get(), expires=HOUR)
        assert kept.effective_expiration == at(600) < kept.expiration
        clamped = made(lambda: answer, "clamp").presign(get(), expires=HOUR)
        assert end_in(clamped.url) == clamped.expiration == at(600)
        with pytest.raises(E.OperationError, match="00:10:00"):
            made(answer, "error").presign(get(), expires=HOUR)
        clock.shift(601)
        with pytest.raises(E.OperationError) as raised:
            made(answer, "clamp").presign(get())
        assert isinstance(raised.value.unwrap(), E.CredentialsExpiredError)


@WAYS
@pytest.mark.parametrize("end", ["soon", True, NOW.date(), 1e300, float("nan")], ids=str)
def test_an_end_that_is_no_time_is_an_error_where_a_policy_needs_it(way: Way, end: Any) -> None:
    odd = oss.Credentials(ID, SECRET, TOKEN, end)
    with frozen():
        for policy in ("clamp", "error", "refresh"):
            with pytest.raises(E.OperationError, match="expiration of the credentials is no time"):
                way(made(odd, policy), HOUR)
        kept = way(made(odd, "keep"), HOUR)
    assert kept.effective_expiration == kept.expiration == NOW + HOUR


# Refreshing


class Vault:
    """A provider whose answers last so many seconds, one after the other."""

    def __init__(self, *lives: float) -> None:
        self.lives, self.asked, self.refreshed = list(lives), 0, 0

    def get_credentials(self) -> oss.Credentials:
        self.asked += 1
        life = self.lives[min(self.refreshed, len(self.lives) - 1)]
        return temporary(life, f"{ID}{self.refreshed}")

    def refresh(self) -> None:
        self.refreshed += 1


class Failing(Vault):
    """One that cannot give others."""

    def refresh(self) -> None:
        super().refresh()
        raise OSError("down")


@WAYS
@pytest.mark.parametrize("version", VERSIONS)
def test_a_provider_is_asked_for_fresh_credentials_once(way: Way, version: str) -> None:
    vault = Vault(600, 7200)
    with frozen():
        result = way(made(vault, "refresh", version), HOUR)
    assert vault.refreshed == 1
    assert result.effective_expiration == result.expiration == NOW + HOUR


def test_a_function_is_called_once_more() -> None:
    lives = [600, 7200, 7200]
    with frozen():
        asking = made(lambda: temporary(lives.pop(0)), "refresh")
        result = asking.presign(get(), expires=HOUR)
        assert result.effective_expiration == result.expiration and lives == [7200]
        asking.presign(get(), expires=HOUR)
    assert lives == []


def test_credentials_that_stay_short_are_kept_and_the_provider_is_left_alone_for_a_minute() -> None:
    vault = Vault(600)
    with time_machine.travel(NOW, tick=False) as clock:
        asking = made(vault, "refresh")
        for _ in range(5):
            result = asking.presign(get(), expires=HOUR)
            assert result.expiration == NOW + HOUR and result.effective_expiration == at(600)
        assert vault.refreshed == 1
        clock.shift(59)
        asking.presign(get(), expires=HOUR)
        assert vault.refreshed == 1
        clock.shift(1)
        asking.presign(get(), expires=HOUR)
        assert vault.refreshed == 2


def test_a_thread_whose_now_is_earlier_than_the_note_of_another_does_not_ask() -> None:
    vault = Vault(600)
    with time_machine.travel(NOW, tick=False) as clock:
        asking = made(vault, "refresh")
        for _ in range(5):
            asking.presign(get(), expires=HOUR)
            clock.shift(-0.001)
        assert vault.refreshed == 1
        clock.shift(-60)
        asking.presign(get(), expires=HOUR)
    assert vault.refreshed == 2


@pytest.mark.parametrize("asynchronous", [False, True], ids=["presign", "presign_async"])
def test_who_was_slow_to_be_answered_does_not_ask_where_others_were_in_vain(
    asynchronous: bool,
) -> None:
    class Slow(Vault):
        def get_credentials(self) -> oss.Credentials:
            answer = super().get_credentials()
            if self.asked == 1:  # Meanwhile, somebody else is served.
                asking.presign(get(), expires=HOUR)
            return answer

    vault = Slow(600)
    with frozen():
        asking = made(vault, "refresh")
        if asynchronous:
            asyncio.run(asking.presign_async(get(), expires=HOUR))
        else:
            asking.presign(get(), expires=HOUR)
    assert vault.refreshed == 1


@pytest.mark.parametrize("life", [600, 7200])
def test_threads_that_find_credentials_short_at_one_time_refresh_together(life: float) -> None:
    threads = 50

    class Gated(Vault):
        def get_credentials(self) -> oss.Credentials:
            with lock:
                answer = super().get_credentials()
                if self.asked == threads:
                    everybody.set()
            return answer

        def refresh(self) -> None:
            assert everybody.wait(60)
            with lock:
                super().refresh()

    lock, everybody = threading.Lock(), threading.Event()
    vault = Gated(600, life)
    with frozen():
        asking = made(vault, "refresh")
        with ThreadPoolExecutor(threads) as pool:
            asked = [pool.submit(asking.presign, get(), expires=HOUR) for _ in range(threads)]
            ends = {future.result().effective_expiration for future in asked}
    assert at(min(life, 3600)) in ends
    # One that comes while the first ones leave may be late.
    assert 1 <= vault.refreshed <= 5


def test_threads_share_the_failure_of_a_refresh_and_its_traceback_does_not_grow() -> None:
    turn, raised = _Turn(), []

    def fail() -> None:
        raise OSError("down")

    for _ in range(3):
        with pytest.raises(OSError, match="down") as error:
            turn.take(fail)
        raised.append(error.value)
    assert len(set(map(id, raised))) == 3

    # Somebody else was answered while this one waited.
    class Waited:
        def __enter__(self) -> None:
            turn.count += 1

        def __exit__(self, *_: object) -> None:
            pass

    turn.lock = Waited()  # type: ignore[assignment]
    lengths = []
    for _ in range(3):
        with pytest.raises(OSError, match="down") as error:
            turn.take(fail)
        assert error.value is raised[-1]
        lengths.append(len(error.traceback))
    assert len(set(lengths)) == 1


def test_a_refresh_that_fails_leaves_what_is_valid() -> None:
    vault = Failing(600)
    with frozen():
        result = made(vault, "refresh").presign(get(), expires=HOUR)
    assert result.effective_expiration == at(600) and vault.refreshed == 1


def test_a_refresh_that_fails_after_the_end_is_the_error() -> None:
    with frozen(), pytest.raises(E.OperationError) as raised:
        made(Failing(-1), "refresh").presign(get())
    inner = raised.value.unwrap()
    assert isinstance(inner, E.CredentialsFetchError)
    assert isinstance(inner.__cause__, OSError)


def test_a_refresh_that_gives_nothing_leaves_what_is_valid() -> None:
    answers = [temporary(600), None]
    with frozen():
        result = made(lambda: answers.pop(0), "refresh").presign(get(), expires=HOUR)
    assert result.effective_expiration == at(600) and answers == []


def test_an_interrupt_while_refreshing_passes() -> None:
    class Interrupted(Vault):
        def refresh(self) -> None:
            raise KeyboardInterrupt

    with frozen(), pytest.raises(KeyboardInterrupt):
        made(Interrupted(600), "refresh").presign(get(), expires=HOUR)


def test_nobody_is_asked_again_where_nothing_is_short_or_the_call_is_wrong() -> None:
    vault = Vault(600)
    with frozen():
        asking = made(vault, "refresh")
        asking.presign(get(), expires=datetime.timedelta(seconds=600))
        with pytest.raises(E.PresignExpirationError):
            asking.presign(get(), expires=datetime.timedelta(days=8))
    assert vault.refreshed == 0


def test_a_batch_of_a_stream_is_signed_with_the_policy_of_its_time() -> None:
    table = pa.table({"key": ["a", "b", "c", "d"]})
    with time_machine.travel(NOW, tick=False) as clock:
        signed = made(temporary(600), "clamp").presign_batches(
            oss.GetObjectRequest(bucket="bucket"), table.to_reader(2), expires=HOUR
        )
        reader = pa.RecordBatchReader.from_stream(signed)
        first = reader.read_next_batch().column("url").to_pylist()
        clock.shift(300)
        second = reader.read_next_batch().column("url").to_pylist()
    assert [query(url)["x-oss-expires"] for url in first + second] == ["600"] * 2 + ["300"] * 2
    assert {end_in(url) for url in first + second} == {at(600)}


# Forms


@pytest.mark.parametrize("version", VERSIONS)
def test_a_form_follows_the_policy(version: str) -> None:
    def post(end: float | None, policy: str, expires: datetime.timedelta = HOUR) -> Any:
        return made(temporary(end), policy, version).presign_post("bucket", "k", expires=expires)

    with frozen():
        kept, clamped = post(600.5, "keep"), post(600.5, "clamp")
        assert kept.expiration == NOW + HOUR and kept.effective_expiration == at(600.5)
        assert clamped.expiration == clamped.effective_expiration == at(600)
        assert '"expiration":"2026-01-01T00:10:00.000Z"' in clamped.policy
        assert verify_post(clamped.fields, credentials=temporary(600)).expiration == at(600)
        with pytest.raises(
            E.OperationError, match=r"00:10:00\.5.* before the URL at 2026"
        ) as error:
            post(600.5, "error")
        assert isinstance(error.value.unwrap(), E.CredentialsTooShortError)
        assert error.value.kwargs["name"] == "PostObject"
        with pytest.raises(E.OperationError, match="in less than a second"):
            post(0.5, "clamp")
        # Twelve hours are a rule about URLs.
        day = datetime.timedelta(days=1)
        assert post(None, "clamp", day).expiration == NOW + day
        vault = Vault(600, 7200)
        again = made(vault, "refresh", version).presign_post("bucket", "k", expires=HOUR)
        assert again.effective_expiration == NOW + HOUR and vault.refreshed == 1


# The setting


def test_the_policy_may_be_an_option_of_the_client_and_a_keyword_of_presign() -> None:
    config = oss.Config(region="cn-hangzhou", credentials_provider=temporary(600))
    theirs = sdk.Config(region="cn-hangzhou", credentials_provider=temporary(600))
    with frozen():
        for given_config in (config, theirs):
            option = oss.Client(given_config, on_short_credentials="clamp")
            assert option.presign(get(), expires=HOUR).expiration == at(600)
            assert oss.Client(given_config).presign(get(), expires=HOUR).expiration == NOW + HOUR
        config.on_short_credentials = "clamp"
        overridden = oss.Client(config, on_short_credentials="keep")
        assert overridden.presign(get(), expires=HOUR).expiration == NOW + HOUR
        result = oss.presign(
            get(),
            region="cn-hangzhou",
            credentials=temporary(600),
            expires=HOUR,
            on_short_credentials="clamp",
        )
    assert result.expiration == at(600)


def test_an_unknown_policy_is_refused_by_name() -> None:
    with pytest.raises(E.ParamInvalidError, match=r"on_short_credentials: 'trim' must be 'keep'"):
        made(temporary(600), "trim")
    with pytest.raises(TypeError, match="on_short_credentials must be str, not bool"):
        client(on_short_credentials=True)


def test_a_copy_keeps_the_policy() -> None:
    with frozen():
        short = made(temporary(600), "clamp")
        for again in (
            copy.deepcopy(short),
            pickle.loads(pickle.dumps(short.picklable_with_secret())),
        ):
            assert again.presign(get(), expires=HOUR).expiration == at(600)


def test_without_credentials_no_policy_has_anything_to_do() -> None:
    anonymous = oss.credentials.AnonymousCredentialsProvider()
    for policy in ("keep", "clamp", "refresh", "error"):
        assert "?" not in made(anonymous, policy).presign(get(), expires=HOUR).url


def test_a_url_that_is_backdated_ends_with_the_credentials_all_the_same() -> None:
    early = datetime.timedelta(seconds=90)
    with frozen():
        clamped = made(temporary(600), "clamp", backdate=early).presign(get(), expires=HOUR)
        long = made(temporary(None), "clamp").presign(
            get(), expires=datetime.timedelta(days=1), backdate=early
        )
        with pytest.raises(E.OperationError, match="in less than a second"):
            made(temporary(0.9), "clamp", backdate=early).presign(get())
        for end in (None, 90_000):
            with pytest.raises(E.PresignExpirationError, match="at most 43200 seconds"):
                made(temporary(end), "clamp").presign(
                    get(), expires=HOUR, backdate=datetime.timedelta(hours=13)
                )
    assert query(clamped.url)["x-oss-expires"] == "690"
    assert end_in(clamped.url) == clamped.expiration == at(600)
    assert query(long.url)["x-oss-expires"] == "43200"
    assert end_in(long.url) == long.expiration == at(43_200 - 90)
