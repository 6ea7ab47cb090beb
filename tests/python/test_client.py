"""What a client does: time, expiry, versions, headers of all requests, options, threads."""

from __future__ import annotations

import datetime
import gc
import threading
import weakref
from typing import Any

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pytest
import time_machine
from freezegun import freeze_time
from sides import NOW, UTC, at, both, client, frozen, get, put, query

E = oss.exceptions
HOUR = datetime.timedelta(hours=1)


def seconds(result: Any) -> str:
    return query(result.url)["x-oss-expires"]


def test_an_hour_is_3600_seconds_although_the_clock_runs() -> None:
    with time_machine.travel(NOW, tick=True):
        assert seconds(client().presign(get(), expires=HOUR)) == "3600"
        assert seconds(client(sdk).presign(get(sdk), expires=HOUR)) == "3599"


def test_seven_days_are_allowed_and_a_microsecond_more_is_not() -> None:
    week = datetime.timedelta(days=7)
    with time_machine.travel(NOW, tick=True):
        assert seconds(client().presign(get(), expires=week)) == "604800"
    with frozen():
        for call in (
            {"expires": week + datetime.timedelta(microseconds=1)},
            {"expiration": at(8e5)},
        ):
            with pytest.raises(E.PresignExpirationError) as raised:
                client().presign(get(), **call)
            words = "expires should be not greater than 604800(seven days)"
            assert str(raised.value) == words
        both(get, {"expires": week * 52}, signature_version="v1")


def test_without_a_time_a_url_lasts_15_minutes() -> None:
    result = both(get)
    assert (result.expiration, seconds(result)) == (at(900), "900")


def test_expiration_wins_over_expires() -> None:
    assert both(get, {"expires": HOUR, "expiration": at(60)}).expiration == at(60)


def test_a_naive_expiration_is_local_time() -> None:
    with time_machine.travel(NOW.astimezone(datetime.timezone.utc), tick=False):
        local = at(600).astimezone().replace(tzinfo=None)
        assert client().presign(get(), expiration=local).expiration == at(600)


@pytest.mark.parametrize("version", ["v4", "v1"])
@pytest.mark.parametrize("span", [0, -1, -5, 0.9, -1e9])
def test_less_than_a_second_is_refused(version: str, span: float) -> None:
    for call in ({"expires": datetime.timedelta(seconds=span)}, {"expiration": at(span)}):
        with (
            frozen(),
            pytest.raises(E.PresignExpirationError, match="expires .* at least 1 second"),
        ):
            client(signature_version=version).presign(get(), **call)


@pytest.mark.parametrize("number", [3600, 3600.0, True])
def test_a_number_of_seconds_is_refused_with_the_remedy(number: float) -> None:
    with pytest.raises(TypeError, match=r"use datetime.timedelta\(seconds="):
        client().presign(get(), expires=number)


@pytest.mark.parametrize("keyword", ["expire", "expries", "headers", "http_client"])
def test_an_unknown_keyword_of_presign_is_refused(keyword: str) -> None:
    with pytest.raises(TypeError, match=keyword):
        client().presign(get(), **{keyword: HOUR})


def test_freezegun_freezes_ossign_as_it_freezes_the_sdk() -> None:
    with freeze_time("2024-02-29 23:59:59.5") as clock:
        clients = client(), client(sdk)
        for _ in range(3):
            ours, theirs = clients[0].presign(get()), clients[1].presign(get(sdk))
            assert ours.url == theirs.url and ours.expiration == theirs.expiration
            clock.tick(43_200)
    assert "x-oss-date=20240229T235959Z" not in client().presign(get()).url


def test_only_exactly_v1_is_signature_version_1() -> None:
    assert "Signature" in query(both(get, signature_version="v1").url)
    for version in ("V1", "v2", "", None):
        assert "x-oss-signature" in query(both(get, signature_version=version).url)


def test_v1_signs_the_process_parameter() -> None:
    with frozen():
        ours, plain = client(signature_version="v1"), client(sdk, signature_version="v1")
        url = ours.presign(get(process="image/resize,w_100")).url
        wrong = plain.presign(get(sdk, process="image/resize,w_100")).url
        assert query(plain.presign(get(sdk)).url)["Signature"] == query(wrong)["Signature"]
    assert query(url)["Signature"] != query(wrong)["Signature"]


def test_default_request_headers_fill_what_a_request_leaves_out() -> None:
    defaults = {"Content-Type": "a/b", "x-oss-tagging": "k=v", "abc": "1", "": "x", "empty": ""}
    for make in (put, lambda package: put(package, content_type="c/d", headers={"ABC": ""})):
        result = both(make, default_request_headers=defaults)
        assert result.request_headers["abc"] == "1"
        assert set(result.request_headers) == {"Content-Type", "x-oss-tagging", "abc"}


def test_settings_are_read_when_the_client_is_made() -> None:
    defaults = {"x-oss-tagging": "k=v"}
    config = oss.Config(
        region="cn-hangzhou",
        credentials_provider=oss.credentials.StaticCredentialsProvider("id", "secret"),
        default_request_headers=defaults,
    )
    made = oss.Client(config)
    config.region, defaults["x-oss-tagging"] = "cn-beijing", "other"
    result = made.presign(put())
    assert "cn-hangzhou" in result.url and result.signed_headers == {"x-oss-tagging": "k=v"}


class Resolver(oss.types.BucketNameResolver):
    """Gives the name that is signed, and keeps what it was asked."""

    def __init__(self, name: Any) -> None:
        self.name, self.asked = name, []

    def build_bucket_name(self, op_input: Any) -> Any:
        self.asked.append((op_input.op_name, op_input.bucket, op_input.key))
        return self.name


@pytest.mark.parametrize("name", ["other-bucket", "bucket:1234", None])
def test_a_bucket_name_resolver_gives_the_name_that_is_signed(name: str | None) -> None:
    ours, theirs = Resolver(name), client(sdk)
    theirs._client._options.bucket_name_resolver = Resolver(name)
    with frozen():
        url = client(bucket_name_resolver=ours).presign(get()).url
        assert url == theirs.presign(get(sdk)).url
    assert ours.asked == [("GetObject", "examplebucket", "dir/a b.txt")]
    assert url.startswith("https://examplebucket.oss-")


def test_client_options_override_the_config_and_unknown_ones_are_refused() -> None:
    config = oss.Config(region="cn-hangzhou", credentials_provider=lambda: None)
    provider = oss.credentials.StaticCredentialsProvider("other", "secret")
    options = {"region": "cn-beijing", "credentials_provider": provider, "retry_max_attempts": 3}
    url = oss.Client(config, **options).presign(get()).url
    assert query(url)["x-oss-credential"].startswith("other/") and "cn-beijing" in url
    with pytest.raises(TypeError, match="regoin"):
        oss.Client(config, regoin="x")


class Tenant(oss.Client):
    """A client with a constructor and a method of its own."""

    def __init__(self, tenant: str) -> None:
        super().__init__(client_config())
        self.tenant = tenant

    def upload(self, key: str) -> Any:
        return self.presign(put(key=f"{self.tenant}/{key}"))


def client_config() -> oss.Config:
    provider = oss.credentials.StaticCredentialsProvider("id", "secret")
    return oss.Config(region="cn-hangzhou", credentials_provider=provider)


def test_a_client_may_be_subclassed_with_its_own_constructor() -> None:
    assert "/acme/k?" in Tenant("acme").upload("k").url


def test_a_client_that_was_never_configured_says_so() -> None:
    with pytest.raises(RuntimeError, match="__init__"):
        oss.Client.__new__(oss.Client).presign(get())


def test_eight_threads_get_the_same_urls_from_one_client() -> None:
    shared, urls, lock = client(), [], threading.Lock()
    request, span = put(content_type="text/plain", metadata={"a": "b"}), HOUR

    def work() -> None:
        own = [shared.presign(request, expires=span).url for _ in range(2_000)]
        with lock:
            urls.extend(own)

    with frozen():
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expected = client(sdk).presign(
            put(sdk, content_type="text/plain", metadata={"a": "b"}), expires=span
        )
    assert len(urls) == 16_000 and set(urls) == {expected.url}


class Rotating:
    """A provider that knows its client."""

    client: Any = None

    def get_credentials(self) -> Any:
        return oss.Credentials("id", "secret")


def test_a_cycle_of_client_and_provider_is_collected() -> None:
    provider = Rotating()
    provider.client = client(credentials_provider=provider)
    provider.client.presign(get())
    gone = weakref.ref(provider)
    del provider
    gc.collect()
    assert gone() is None


def test_a_client_shows_nothing() -> None:
    assert repr(client()) == "<OssClient>" == str(client())


def test_the_time_of_a_url_is_utc() -> None:
    expiration = both(get).expiration
    assert expiration.tzinfo is UTC
