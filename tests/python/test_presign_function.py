"""`oss.presign(request, ...)`: what is not given comes from the environment, at each call."""

from __future__ import annotations

import datetime
from typing import Any

import ossign as oss
import pytest
from sides import ID, SECRET, TOKEN, at, client, frozen, get, query

E = oss.exceptions
VARIABLES = (
    "OSS_ACCESS_KEY_ID",
    "OSS_ACCESS_KEY_SECRET",
    "OSS_SESSION_TOKEN",
    "OSS_REGION",
    "OSS_ENDPOINT",
)


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", ID)
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", SECRET)
    monkeypatch.setenv("OSS_REGION", "cn-hangzhou")


def test_all_of_it_may_be_given() -> None:
    with frozen():
        result = oss.presign(get(), region="cn-hangzhou", credentials=oss.Credentials(ID, SECRET))
        assert result == client().presign(get())


@pytest.mark.usefixtures("environment")
def test_all_of_it_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with frozen():
        assert oss.presign(get()) == client().presign(get())
        monkeypatch.setenv("OSS_SESSION_TOKEN", TOKEN)
        monkeypatch.setenv("OSS_ENDPOINT", "http://127.0.0.1:9000")
        url = oss.presign(get()).url
    assert url.startswith("http://127.0.0.1:9000/examplebucket/dir/")
    assert query(url)["x-oss-security-token"] == TOKEN


@pytest.mark.usefixtures("environment")
def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ENDPOINT", "https://from.env")
    url = oss.presign(
        get(),
        region="cn-beijing",
        endpoint="given.com",
        credentials=lambda: oss.Credentials("x", "y"),
    ).url
    assert url.startswith("https://examplebucket.given.com/")
    assert query(url)["x-oss-credential"].startswith("x/")
    assert "/cn-beijing/" in query(url)["x-oss-credential"]


@pytest.mark.usefixtures("environment")
def test_every_keyword_of_config_is_taken() -> None:
    with frozen():
        settings = {"signature_version": "v1", "use_cname": True, "endpoint": "files.example.com"}
        assert oss.presign(get(), **settings) == client(**settings).presign(get())
        provider = oss.credentials.StaticCredentialsProvider("x", "y")
        assert (
            "x/" in query(oss.presign(get(), credentials_provider=provider).url)["x-oss-credential"]
        )


@pytest.mark.usefixtures("environment")
def test_times_are_those_of_client_presign() -> None:
    with frozen():
        span = datetime.timedelta(hours=1)
        assert oss.presign(get(), expires=span).expiration == at(3600)
        assert oss.presign(get(), expires=span, expiration=at(7)).expiration == at(7)


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("keyword", ["expire", "regoin", "Endpoint"])
def test_an_unknown_keyword_is_refused(keyword: str) -> None:
    keywords: dict[str, Any] = {keyword: "x"}
    with pytest.raises(TypeError, match=keyword):
        oss.presign(get(), **keywords)


def test_without_credentials_the_error_says_so() -> None:
    with pytest.raises(E.CredentialsEmptyError):
        oss.presign(get(), region="cn-hangzhou")


def test_without_a_region_the_error_says_so() -> None:
    with pytest.raises(E.OperationError) as raised:
        oss.presign(get(), credentials=oss.Credentials(ID, SECRET))
    assert isinstance(raised.value.unwrap(), E.ParamInvalidError)
