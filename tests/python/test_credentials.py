"""Providers of all kinds: asked at every call, once, and heard with all they say."""

from __future__ import annotations

import copy
import datetime
import pickle
import threading
import time
from typing import Any
from unittest import mock

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pytest
from alibabacloud_credentials.client import Client as CredentialsClient
from alibabacloud_credentials.models import Config as CredentialsConfig
from sides import ID, NOW, SECRET, TOKEN, at, both, client, frozen, get, query

E = oss.exceptions
Static = oss.credentials.StaticCredentialsProvider
Func = oss.credentials.CredentialsProviderFunc


def key_id(provider: Any, **config: Any) -> str:
    """The id that signs."""
    with frozen():
        url = client(credentials_provider=provider, **config).presign(get()).url
    return query(url)["x-oss-credential"].partition("/")[0]


def failure(provider: Any) -> Exception:
    with frozen(), pytest.raises(E.OperationError) as raised:
        client(credentials_provider=provider).presign(get())
    inner: Exception = raised.value.unwrap()
    return inner


class Foreign:
    """Credentials of another library: attributes only."""

    def __init__(self, name: str, **more: Any) -> None:
        self.access_key_id, self.access_key_secret = name, SECRET
        vars(self).update(more)


class Vault:
    """A provider that derives from nothing."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), 0

    def get_credentials(self) -> Any:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class AlibabaCloudClient:
    """A stand-in for the client of alibabacloud_credentials, which has a factory beside."""

    def __init__(self, **parts: Any) -> None:
        self.parts = parts

    @classmethod
    def get_credentials(cls, config: Any) -> Any:
        raise AssertionError("the factory is not for us")

    def get_credential(self) -> Any:
        return Model(**self.parts)


class Model:
    """A stand-in for its CredentialModel."""

    def __init__(self, **parts: Any) -> None:
        self.access_key_id = self.access_key_secret = self.security_token = None
        vars(self).update(parts)

    def get_access_key_id(self) -> Any:
        return self.access_key_id


def test_static_credentials_with_a_token_sign_as_in_the_sdk() -> None:
    for version in ("v4", "v1"):
        with frozen():
            urls = [
                client(
                    package,
                    signature_version=version,
                    credentials_provider=package.credentials.StaticCredentialsProvider(
                        ID, SECRET, TOKEN
                    ),
                )
                .presign(get(package))
                .url
                for package in (oss, sdk)
            ]
        assert urls[0] == urls[1]
        assert TOKEN in query(urls[0]).values()


def test_credentials_of_the_environment_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", "from-env")
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", SECRET)
    monkeypatch.setenv("OSS_SESSION_TOKEN", TOKEN)
    provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    assert key_id(provider) == "from-env"


@pytest.mark.parametrize(
    "provider",
    [
        oss.Credentials("one", SECRET),
        Static("one", SECRET),
        Func(lambda: oss.Credentials("one", SECRET)),
        Func(lambda: Foreign("one")),
        lambda: oss.Credentials("one", SECRET),
        lambda: sdk.credentials.Credentials("one", SECRET, TOKEN),
        Vault(oss.Credentials("one", SECRET)),
        Vault(Foreign("one", security_token=None)),
        Foreign("one"),
        sdk.credentials.StaticCredentialsProvider("one", SECRET),
        sdk.credentials.CredentialsProviderFunc(lambda: sdk.credentials.Credentials("one", SECRET)),
        AlibabaCloudClient(access_key_id="one", access_key_secret=SECRET, security_token=TOKEN),
    ],
)
def test_whatever_gives_credentials_is_a_provider(provider: Any) -> None:
    assert key_id(provider) == "one"


def test_a_client_of_alibabacloud_credentials_gives_its_token() -> None:
    provider = AlibabaCloudClient(
        access_key_id="one", access_key_secret=SECRET, security_token=TOKEN
    )
    with frozen():
        url = client(credentials_provider=provider).presign(get()).url
        expected = client(credentials_provider=Static("one", SECRET, TOKEN)).presign(get()).url
    assert url == expected


def test_a_rotated_key_is_seen_at_the_next_call() -> None:
    vault = Vault(*(oss.Credentials(name, SECRET, name) for name in "abac"))
    made = client(credentials_provider=vault)
    with frozen():
        found = [query(made.presign(get()).url) for _ in range(4)]
    assert [q["x-oss-credential"][0] for q in found] == list("abac")
    assert [q["x-oss-security-token"] for q in found] == list("abac")
    assert vault.asked == 4


def test_a_changed_secret_alone_is_seen() -> None:
    who = oss.Credentials("a", "first")
    made = client(credentials_provider=who)
    with frozen():
        first = made.presign(get()).url
        who.access_key_secret = "second"
        second = made.presign(get()).url
        who.access_key_secret = "first"
        assert made.presign(get()).url == first != second


def test_no_credentials_means_a_plain_url_as_in_the_sdk() -> None:
    class Nobody(oss.credentials.AnonymousCredentialsProvider):
        pass

    for package, provider in (
        (oss, oss.credentials.AnonymousCredentialsProvider()),
        (oss, Nobody()),
    ):
        with frozen():
            result = client(package, credentials_provider=provider).presign(get(version_id="v"))
            theirs = client(
                sdk, credentials_provider=sdk.credentials.AnonymousCredentialsProvider()
            ).presign(get(sdk, version_id="v"))
        assert result.url == theirs.url and result.url.endswith("?versionId=v")
        assert result.expiration is theirs.expiration is None is result.effective_expiration


@pytest.mark.parametrize("error", [ValueError("boom"), KeyError("k"), OSError(2, "gone")])
def test_a_failing_provider_is_asked_once_and_at_once(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("the SDK pauses here"))
    asked = []

    def fail() -> Any:
        asked.append(1)
        raise error

    raised = failure(Func(fail))
    assert isinstance(raised, E.CredentialsFetchError) and raised.kwargs["error"] is error
    assert str(raised) == f"Fetch Credentials raised an exception: {error}"
    assert raised.__cause__ is error and len(asked) == 1


def test_what_is_no_provider_fails_in_presign_as_in_the_sdk() -> None:
    for nothing in (None, object(), "provider", 7):
        assert isinstance(failure(nothing), E.CredentialsFetchError)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        oss.Credentials("", SECRET),
        oss.Credentials("a", ""),
        oss.Credentials(None, None),
        Model(),
    ],
)
def test_an_empty_answer_is_the_error_of_the_sdk(answer: Any) -> None:
    error = failure(lambda: answer)
    assert type(error) is E.CredentialsEmptyError and str(error) == "Credentials is null or empty"


def test_a_keyboard_interrupt_in_a_provider_passes() -> None:
    def interrupt() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client(credentials_provider=interrupt).presign(get())


@pytest.mark.parametrize("end", [at(0), at(-1), at(-1e6), at(-1).replace(tzinfo=None)])
def test_credentials_that_have_ended_are_refused(end: datetime.datetime) -> None:
    error = failure(lambda: oss.Credentials("a", SECRET, TOKEN, end))
    assert isinstance(error, E.CredentialsExpiredError | E.CredentialsBaseError)
    assert str(error) == f"Credentials expired at {error.kwargs['expiration']}"
    foreign = failure(lambda: Foreign("a", expiration=end))
    assert isinstance(foreign, E.CredentialsExpiredError)


def test_an_end_that_is_no_time_says_nothing() -> None:
    for end in ("soon", "", 0, False, datetime.date(2020, 1, 1)):
        assert key_id(lambda end=end: Foreign("a", expiration=end)) == "a"


def test_credentials_know_whether_they_have_keys_and_have_ended() -> None:
    for package in (oss, sdk):
        make = package.credentials.Credentials
        with frozen():
            assert [make("a", "b", None, end).is_expired() for end in (None, at(1), at(-1))] == [
                False,
                False,
                True,
            ]
        assert [make(*pair).has_keys() for pair in (("a", "b"), ("", "b"), ("a", None))] == [
            True,
            False,
            False,
        ]


class Session(oss.Credentials):
    """Credentials with a constructor of their own."""

    def __init__(self, whole: str) -> None:
        super().__init__(*whole.split(":"))


class Cached(Static):
    """A static provider that is asked all the same, because it answers differently."""

    def __init__(self) -> None:
        super().__init__("static", SECRET)
        self.count = 0

    def get_credentials(self) -> Any:
        self.count += 1
        return Session(f"call-{self.count}:{SECRET}")


def test_credentials_and_providers_may_be_subclassed_with_their_own_constructors() -> None:
    assert key_id(Session(f"one:{SECRET}:{TOKEN}")) == "one"
    provider = Cached()
    assert [key_id(provider), key_id(provider)] == ["call-1", "call-2"]

    class Named(Static):
        def __init__(self, name: str) -> None:
            super().__init__(name, SECRET)

    class Own(oss.credentials.CredentialsProvider):
        def get_credentials(self) -> oss.Credentials:
            return oss.Credentials("own", SECRET)

    assert [key_id(Named("x")), key_id(Own())] == ["x", "own"]


def test_one_provider_serves_eight_threads() -> None:
    names = [f"id-{n}" for n in range(8)]
    local = threading.local()
    made = client(credentials_provider=lambda: oss.Credentials(local.name, SECRET))
    wrong: list[str] = []

    def work(name: str) -> None:
        local.name = name
        for _ in range(500):
            found = query(made.presign(get()).url)["x-oss-credential"].partition("/")[0]
            if found != name:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("version", ["v4", "v1"])
@pytest.mark.parametrize("secret", ["s", "x" * 54, "x" * 55, "x" * 56, "x" * 64, "x" * 200, "數據"])
def test_a_secret_of_any_length_signs_as_in_the_sdk(version: str, secret: str) -> None:
    for package in (oss, sdk):
        assert package.credentials.StaticCredentialsProvider(ID, secret)
    with frozen():
        urls = {
            client(
                package,
                signature_version=version,
                credentials_provider=package.credentials.StaticCredentialsProvider(ID, secret),
            )
            .presign(get(package))
            .url
            for package in (oss, sdk)
        }
    assert len(urls) == 1


def test_v1_encodes_an_id_that_would_break_its_url_apart() -> None:
    with frozen():
        made = client(signature_version="v1", credentials_provider=Static("a&b#c d", SECRET))
        assert "?OSSAccessKeyId=a%26b%23c%20d&Expires=" in made.presign(get()).url


def test_credentials_copy_and_pickle_like_the_sdks() -> None:
    who = oss.Credentials("id", SECRET, TOKEN, NOW)
    for again in (copy.copy(who), copy.deepcopy(who), pickle.loads(pickle.dumps(who))):
        assert (again.access_key_id, again.access_key_secret) == ("id", SECRET)
        assert (again.security_token, again.expiration) == (TOKEN, NOW)


def test_providers_configs_and_clients_copy_like_the_sdks() -> None:
    class_of = oss.credentials
    anonymous = class_of.AnonymousCredentialsProvider()
    provider = Static(ID, SECRET, TOKEN)
    config = oss.Config(region="cn-hangzhou", credentials_provider=provider)
    made = oss.Client(config)
    made.note = "mine"
    allowed = made.picklable_with_secret()
    once = pickle.loads(pickle.dumps(allowed))
    twice = pickle.loads(pickle.dumps(copy.deepcopy(once)))
    for again in (allowed, once, twice, copy.copy(made), copy.deepcopy(made)):
        with frozen():
            assert again.presign(get()) == made.presign(get())
        assert again.note == "mine" and type(again) is oss.Client
    for thing in (provider, anonymous, config):
        for again in (pickle.loads(pickle.dumps(thing)), copy.copy(thing), copy.deepcopy(thing)):
            assert type(again) is type(thing)
    again = pickle.loads(pickle.dumps(provider)).get_credentials()
    assert (again.access_key_id, again.security_token) == (ID, TOKEN)
    config.region = "changed later"
    with frozen():
        assert pickle.loads(pickle.dumps(allowed)).presign(get()) == made.presign(get())


class Keeping:
    """A provider that keeps what it answers with."""

    def __init__(self) -> None:
        self.kept = oss.Credentials(ID, SECRET)

    def get_credentials(self) -> oss.Credentials:
        return self.kept


class Discreet(Keeping):
    """One that leaves its secret out of a pickle."""

    def __getstate__(self) -> dict[str, object]:
        return {}


def asked() -> oss.Credentials:
    return oss.Credentials(ID, SECRET)


def alibabacloud(**options: str) -> CredentialsClient:
    return CredentialsClient(
        CredentialsConfig(access_key_id=ID, access_key_secret=SECRET, **options)
    )


@pytest.mark.parametrize(
    "provider",
    [
        Static(ID, SECRET),
        oss.Credentials(ID, SECRET, TOKEN),
        type("Mine", (Static,), {})(ID, SECRET),
        Keeping(),
        Keeping().get_credentials,
        alibabacloud(type="access_key"),
        alibabacloud(type="ram_role_arn", role_arn="acs:ram::1:role/r"),
        sdk.credentials.StaticCredentialsProvider(ID, SECRET),
    ],
    ids=lambda provider: type(provider).__module__ + "." + type(provider).__name__,
)
def test_a_client_that_holds_a_secret_is_not_pickled(provider: object) -> None:
    config = oss.Config(region="cn-hangzhou", credentials_provider=provider)
    anonymous = oss.Config(region="cn-hangzhou", credentials_provider=asked)
    for made in (oss.Client(config), oss.Client(anonymous, credentials_provider=provider)):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="picklable_with_secret") as raised:
                pickle.dumps(made, protocol)
            assert SECRET not in str(raised.value)
        assert type(copy.copy(made)) is oss.Client


@pytest.mark.parametrize("provider", [asked, Discreet()], ids=["a function", "an object"])
def test_a_client_without_a_secret_is_pickled(provider: object) -> None:
    config = oss.Config(region="cn-hangzhou", credentials_provider=provider)
    assert SECRET.encode() not in pickle.dumps(oss.Client(config))
    assert type(pickle.loads(pickle.dumps(oss.Client(config)))) is oss.Client


def test_a_client_with_the_environments_credentials_reads_them_where_it_is_unpickled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", "here")
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", SECRET)
    provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    provider.note = "mine"
    made = oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=provider))
    pickled = pickle.dumps(made)
    assert SECRET.encode() not in pickled
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", "there")
    assert "there%2F" in pickle.loads(pickled).presign(get()).url
    for again in (copy.copy(made), copy.deepcopy(made)):
        assert "here%2F" in again.presign(get()).url
    assert pickle.loads(pickle.dumps(provider)).note == copy.copy(provider).note == "mine"
    monkeypatch.delenv("OSS_ACCESS_KEY_ID")
    with pytest.raises(oss.credentials.CredentialsEmptyError):
        pickle.loads(pickled)


def test_a_client_that_refers_to_itself_is_copied() -> None:
    made = client()
    made.itself = made
    again = copy.deepcopy(made)
    assert again.itself is again is not made


def test_tests_of_others_may_replace_presign_and_add_attributes() -> None:
    made = client()
    with mock.patch.object(made, "presign", return_value="a mock"):
        assert made.presign(get()) == "a mock"
    assert made.presign(get()) != "a mock"
    who = oss.Credentials("id", SECRET)
    who.source = "vault"
    assert pickle.loads(pickle.dumps(who)).source == "vault"


@pytest.mark.parametrize("part", range(3))
def test_a_character_that_is_none_does_not_carry_a_secret_into_the_exception(part: int) -> None:
    values = [ID, SECRET, TOKEN]
    values[part] += "\ud800"
    error = failure(lambda: oss.Credentials(*values))
    assert isinstance(error, UnicodeEncodeError)
    position = len(values[part]) - 1
    assert str(error).endswith(f"'\\ud800' in position {position}: surrogates not allowed")
    assert SECRET not in repr(error) and TOKEN not in repr(error)


def test_both_sides_agree_on_the_default() -> None:
    both(get)
