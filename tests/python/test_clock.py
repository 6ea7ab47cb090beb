"""Clocks that are wrong: an offset for ours, an earlier signing time for the server's."""

from __future__ import annotations

import contextlib
import datetime
import email.message
import types
from typing import Any

import ossign as oss
import pyarrow as pa
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from ossign import exceptions as E
from ossign.testing import emulator
from sides import ID, NOW, SECRET, at, client, frozen, get, query

WHO = oss.Credentials(ID, SECRET)
HOUR = datetime.timedelta(hours=1)
WEEK = datetime.timedelta(days=7)


def seconds(number: float) -> datetime.timedelta:
    return datetime.timedelta(seconds=number)


@pytest.mark.parametrize("offset", [-7200, -1, 0, 0.25, 1, 90_000])
def test_an_offset_is_added_to_the_time(offset: float) -> None:
    config = oss.Config(
        region="cn-hangzhou", credentials_provider=WHO, clock_offset=seconds(offset)
    )
    for signer in (oss.Client(config), client_with(clock_offset=seconds(offset))):
        with frozen():
            result = signer.presign(get(), expires=HOUR)
            many = signer.presign_many(get(), key=["a"], expires=HOUR)
            post = signer.presign_post("examplebucket", "k", expires=HOUR)
        facts = oss.verify(result.url, method="GET", credentials=WHO, now=at(offset))
        assert result.expiration == at(offset) + HOUR
        assert facts.signed_at == at(offset).replace(microsecond=0)
        assert many.expiration == result.expiration and post.expiration == result.expiration
        assert query(many[0])["x-oss-date"] == query(result.url)["x-oss-date"]
        assert post.fields["x-oss-date"] == query(result.url)["x-oss-date"]


def client_with(**options: Any) -> oss.Client:
    return oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=WHO), **options)


def test_an_end_that_is_given_is_not_moved() -> None:
    with frozen():
        result = client(clock_offset=seconds(60)).presign(get(), expiration=NOW + HOUR)
    assert result.expiration == NOW + HOUR
    assert query(result.url)["x-oss-expires"] == "3540"


def test_version_1_ends_by_the_servers_clock() -> None:
    with frozen():
        url = client(signature_version="v1", clock_offset=seconds(60)).presign(get()).url
    assert int(query(url)["Expires"]) == at(960).timestamp()


def test_credentials_end_by_the_servers_clock() -> None:
    who = oss.Credentials("STS.id", "secret", "token", expiration=at(30))
    with frozen():
        client(credentials_provider=who).presign(get())
        with pytest.raises(E.OperationError):
            client(credentials_provider=who, clock_offset=seconds(60)).presign(get())


@pytest.mark.parametrize("where", ["config", "option", "call", "call over config"])
def test_a_backdated_url_is_signed_earlier_and_ends_when_it_was_to_end(where: str) -> None:
    minute = seconds(60)
    settings = {"config": minute, "call over config": seconds(5)}
    options = {"backdate": minute} if where == "option" else {}
    call: Any = {"backdate": minute} if where.startswith("call") else {}
    config = oss.Config(
        region="cn-hangzhou", credentials_provider=WHO, backdate=settings.get(where)
    )
    signer = oss.Client(config, **options)
    with frozen():
        result = signer.presign(get(), expires=HOUR, **call)
        many = signer.presign_many(get(), key=["dir/a b.txt"], expires=HOUR, **call)
        post = signer.presign_post("examplebucket", "k", expires=HOUR, **call)
    own = query(result.url)
    assert (own["x-oss-date"], own["x-oss-expires"]) == ("20251231T235900Z", "3660")
    assert own["x-oss-credential"].split("/")[1] == "20251231"
    assert many == [result.url] and many.expiration == result.expiration == NOW + HOUR
    assert post.fields["x-oss-date"] == "20251231T235900Z" and post.expiration == NOW + HOUR
    for when in (at(-60 - 900), at(3600)):
        oss.verify(result.url, method="GET", credentials=WHO, now=when)
    with pytest.raises(E.URLVerificationError, match="expired"):
        oss.verify(result.url, method="GET", credentials=WHO, now=at(3601))
    fields: dict[str, str] = post.fields
    oss.verify_post(fields, credentials=WHO, bucket="examplebucket", now=NOW)


def test_arrow_streams_are_backdated() -> None:
    reader = pa.table({"key": ["a"]}).to_reader()
    with frozen():
        stream = client().presign_batches(get(), reader, backdate=seconds(60))
        url = pa.table(stream)["url"].to_pylist()[0]
    assert query(url)["x-oss-date"] == "20251231T235900Z"


def test_version_1_has_no_signing_time() -> None:
    signer = client(signature_version="v1")
    with frozen():
        plain = signer.presign(get(), expires=2 * WEEK)
        assert signer.presign(get(), expires=2 * WEEK, backdate=seconds(60)) == plain


def test_both_together_are_at_most_seven_days() -> None:
    with frozen():
        signer = client(backdate=seconds(60))
        url = signer.presign(get(), expires=WEEK - seconds(60)).url
        assert query(url)["x-oss-expires"] == "604800"
        words = "expires 604800 s . backdate 60 s must be at most 604800 s .seven days. together"
        for presign in (
            lambda: signer.presign(get(), expires=WEEK),
            lambda: signer.presign(get(), expiration=NOW + WEEK),
            lambda: signer.presign_many(get(), key=["a"], expires=WEEK),
            lambda: signer.presign_post("examplebucket", "k", expires=WEEK),
        ):
            with pytest.raises(E.PresignExpirationError, match=words):
                presign()
        assert signer.presign(get(), expires=WEEK, backdate=seconds(0)).url
        with pytest.raises(E.PresignExpirationError, match="at least 1 second"):
            signer.presign(get(), expires=seconds(0))


BAD: list[tuple[Any, type[Exception], str]] = [
    (60, TypeError, "backdate must be a datetime.timedelta, got 60"),
    ("60", TypeError, "backdate must be a datetime.timedelta, got '60'"),
    (seconds(-1), E.ParamInvalidError, "backdate: '-1 day, 23:59:59' must not be negative"),
    (datetime.timedelta.max, OverflowError, "backdate is out of range"),
    (8 * 24 * HOUR, E.PresignExpirationError, "backdate 691200 s"),
]


@pytest.mark.parametrize(("backdate", "error", "words"), BAD)
def test_a_bad_backdate_names_field_value_and_rule(backdate: Any, error: Any, words: str) -> None:
    with pytest.raises(error) as raised:
        client().presign(get(), backdate=backdate)
    assert words in str(raised.value)
    with pytest.raises(error):
        client(backdate=backdate).presign(get())


def test_a_bad_offset_names_field_and_value() -> None:
    with pytest.raises(TypeError, match="clock_offset must be a datetime.timedelta, got 60"):
        client(clock_offset=60)
    with pytest.raises(OverflowError, match="clock_offset is out of range"):
        client(clock_offset=datetime.timedelta.min)


DATE = "Thu, 01 Jan 2026 00:05:00 GMT"


@pytest.mark.parametrize(
    "answer",
    [
        DATE,
        "Thursday, 01-Jan-26 00:05:00 GMT",
        "Thu Jan  1 00:05:00 2026",
        {"Date": DATE},
        {"date": DATE, "Server": "AliyunOSS"},
        types.SimpleNamespace(headers={"DATE": DATE}),
    ],
)
def test_an_offset_is_read_from_an_answer(answer: Any) -> None:
    with frozen():
        assert oss.clock_offset(answer) == seconds(300)
    assert oss.clock_offset(answer, now=at(301)) == seconds(-1)
    assert oss.clock_offset(answer, now=at(0.25)) == seconds(299.75)


def test_an_offset_is_read_from_a_message() -> None:
    message = email.message.Message()
    message["Date"] = DATE
    assert oss.clock_offset(message, now=NOW) == seconds(300)


@pytest.mark.parametrize(
    ("answer", "error"),
    [("", ValueError), ("now", ValueError), ({}, ValueError), (1, TypeError), (None, TypeError)],
)
def test_what_has_no_date_is_refused(answer: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        oss.clock_offset(answer)


def test_a_now_that_is_no_datetime_is_refused_by_name() -> None:
    now: Any = 5.0
    with pytest.raises(TypeError, match=r"now must be a datetime\.datetime, not float"):
        oss.clock_offset("Thu, 01 Jan 2026 12:05:00 GMT", now=now)


@given(st.text())
def test_no_text_breaks_the_reading_of_a_date(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(oss.clock_offset(text), datetime.timedelta)


@given(st.integers(-86400 * 365, 86400 * 365), st.integers(0, 86400), st.integers(1, 518_400))
def test_whatever_the_clocks_the_url_is_valid_until_its_end(
    offset: int, backdate: int, expires: int
) -> None:
    with frozen():
        signer = client(clock_offset=seconds(offset), backdate=seconds(backdate))
        url = signer.presign(get(), expires=seconds(expires)).url
    for when in (offset, offset + expires):
        facts = oss.verify(url, method="GET", credentials=WHO, now=at(when))
    assert facts.expiration == at(offset + expires)
    assert facts.signed_at == at(offset - backdate)


def test_a_fast_clock_is_put_right_by_the_servers_date() -> None:
    with emulator(log="off", clock=-7200) as local:
        early = requests.get(local.client().presign(get()).url)
        assert early.headers["x-oss-ec"] == "0002-00000235"
        report = oss.explain(local.client().presign(get()).url, server_error=early.text)
        assert "clock_offset" in report.fix
        offset = oss.clock_offset(early)
        assert abs(offset - seconds(-7200)) < seconds(60)
        url = local.client(clock_offset=offset).presign(get()).url
        assert requests.get(url).status_code == 404


def test_a_clock_that_was_stopped_at_an_int_is_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen():
        usual = client().presign(get()).url
    monkeypatch.setattr("time.time", lambda: int(NOW.timestamp()))
    assert client().presign(get()).url == client().presign_many(get(), key=[get().key])[0] == usual
