"""Settings, credentials and the plain types: the SDK's names and defaults, and no secret shown."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys

import alibabacloud_oss_v2 as sdk
import alibabacloud_oss_v2.config
import alibabacloud_oss_v2.credentials
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ossign import config, credentials, exceptions, types
from requests.structures import CaseInsensitiveDict as TheirDict

NEW_KEYWORDS = [
    "use_accelerate_overseas_endpoint",
    "bucket_name_resolver",
    "clock_offset",
    "backdate",
    "on_short_credentials",
]


def keywords(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_config_takes_the_keywords_of_the_sdk_in_its_order_and_five_more() -> None:
    assert keywords(config.Config) == keywords(sdk.config.Config) + NEW_KEYWORDS


def test_config_has_the_attributes_of_the_sdk_all_unset() -> None:
    ours, theirs = vars(config.Config()), vars(sdk.config.Config())
    assert ours == {**theirs, **dict.fromkeys(NEW_KEYWORDS)}


def test_config_keeps_every_keyword_under_its_name() -> None:
    given_values = {name: object() for name in keywords(config.Config)}
    assert vars(config.Config(**given_values)) == given_values  # type: ignore[arg-type]


def test_default_config_is_that_of_the_sdk() -> None:
    ours, theirs = vars(config.load_default()), vars(sdk.config.load_default())
    assert {k: v for k, v in ours.items() if v} == {k: v for k, v in theirs.items() if v}


def test_an_unknown_keyword_is_refused() -> None:
    with pytest.raises(TypeError, match="regoin"):
        config.Config(regoin="cn-hangzhou")  # type: ignore[call-arg]


def test_config_repr_shows_what_is_set_and_no_secret() -> None:
    cfg = config.Config(
        region="cn-hangzhou",
        endpoint="https://user:pass-1@host:80/",
        proxy_host={"http": "http://u:pass-2@proxy:3128"},
        credentials_provider=credentials.StaticCredentialsProvider("ak", "sk-3", "token-4"),
        default_request_headers={"X-Oss-Security-Token": "token-5", "a": "b"},
        use_cname=False,
    )
    text = repr(cfg)
    assert text.startswith("Config(region='cn-hangzhou', endpoint='https://***@host:80/', ")
    assert "use_cname=False" in text and "<StaticCredentialsProvider>" in text and "'a'" in text
    for secret in ("pass-1", "pass-2", "sk-3", "token-4", "token-5", "disable_ssl"):
        assert secret not in text


def test_credentials_offers_the_names_of_the_sdk() -> None:
    public = {
        n for n in vars(sdk.credentials) if n[0].isupper() and n not in ("Callable", "Optional")
    }
    assert public <= set(vars(credentials))


def test_environment_provider_reads_the_environment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", "ak")
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", "sk")
    monkeypatch.delenv("OSS_SESSION_TOKEN", raising=False)
    provider = credentials.EnvironmentVariableCredentialsProvider()
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", "later")
    monkeypatch.setenv("OSS_SESSION_TOKEN", "token")
    found = provider.get_credentials()
    assert (found.access_key_id, found.access_key_secret, found.security_token) == (
        "ak",
        "sk",
        None,
    )
    found = credentials.EnvironmentVariableCredentialsProvider().get_credentials()
    assert (found.access_key_id, found.security_token) == ("later", "token")


@pytest.mark.parametrize("missing", ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"])
@pytest.mark.parametrize("value", [None, ""])
def test_environment_without_credentials_is_an_error(
    monkeypatch: pytest.MonkeyPatch, missing: str, value: str | None
) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", "ak")
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", "sk")
    if value is None:
        monkeypatch.delenv(missing)
    else:
        monkeypatch.setenv(missing, value)
    with pytest.raises(exceptions.CredentialsEmptyError):
        credentials.EnvironmentVariableCredentialsProvider()


def test_anonymous_credentials_are_empty() -> None:
    found = credentials.AnonymousCredentialsProvider().get_credentials()
    assert (found.access_key_id, found.access_key_secret) == ("", "")
    assert not found.has_keys() and not found.is_expired()


def test_function_provider_asks_its_function_every_time() -> None:
    ids = iter(("a", "b"))
    provider = credentials.CredentialsProviderFunc(lambda: types.Credentials(next(ids), "sk"))
    assert [provider.get_credentials().access_key_id for _ in range(2)] == ["a", "b"]


def test_every_provider_is_a_credentials_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", "ak")
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", "sk-secret")
    for provider in (
        credentials.AnonymousCredentialsProvider(),
        credentials.StaticCredentialsProvider("ak", "sk-secret"),
        credentials.EnvironmentVariableCredentialsProvider(),
        credentials.CredentialsProviderFunc(lambda: types.Credentials("ak", "sk-secret")),
    ):
        assert isinstance(provider, types.CredentialsProvider)
        assert "sk-secret" not in repr(provider) + repr(provider.get_credentials())


def test_a_provider_of_ones_own_can_be_built_on_the_static_one() -> None:
    class Mine(credentials.StaticCredentialsProvider):
        def __init__(self, name: str) -> None:
            super().__init__(f"{name}-id", f"{name}-secret")

    assert Mine("a").get_credentials().access_key_id == "a-id"


def test_a_provider_of_ones_own_must_say_how_to_get_credentials() -> None:
    class Incomplete(types.CredentialsProvider):
        pass

    with pytest.raises(TypeError):
        Incomplete()  # type: ignore[abstract]


NAMES = st.text(st.sampled_from("aAbBK\u212a\u0130\u0131ß-x"), max_size=3)
PAIRS = st.lists(st.tuples(NAMES, st.integers(0, 9)), max_size=8)


@given(PAIRS, PAIRS, st.lists(NAMES, max_size=3))
def test_the_dict_that_ignores_case_behaves_as_that_of_requests(
    pairs: list[tuple[str, int]], more: list[tuple[str, int]], gone: list[str]
) -> None:
    ours, theirs = types.CaseInsensitiveDict(pairs), TheirDict(pairs)
    for mapping in (ours, theirs):
        mapping.update(more)
        for name in gone:
            mapping.pop(name, None)
    assert list(ours.items()) == list(theirs.items())
    assert list(ours.lower_items()) == list(theirs.lower_items())
    assert len(ours) == len(theirs)
    assert ours == theirs and ours == dict(theirs) and ours.copy() == ours
    assert [name in ours for name, _ in pairs] == [name in theirs for name, _ in pairs]


def test_the_dict_that_ignores_case_is_no_key_and_equals_no_other_thing() -> None:
    ours = types.CaseInsensitiveDict({"A": 1}, b=2)
    assert ours != [("A", 1), ("b", 2)]
    assert pickle.loads(pickle.dumps(ours)) == ours
    with pytest.raises(TypeError):
        hash(ours)
    with pytest.raises(KeyError):
        ours["c"]


def test_no_repr_shows_a_token_or_a_signature() -> None:
    headers = {"Authorization": "secret-1", "x-oss-security-token": "secret-2", "a": "b"}
    request = types.HttpRequest("GET", "https://h/k?x-oss-signature=secret-3", headers)
    op_input = types.OperationInput("Op", "GET", dict(headers), {"security-token": "secret-4"})
    op_output = types.OperationOutput("OK", 200, headers=dict(headers))
    text = f"{request!r} {request.headers!r} {op_input} {op_output}"
    assert "secret" not in text
    assert repr(request) == "<HttpRequest [GET], url: 'https://h/k?...'>"
    assert (
        repr(types.HttpRequest("GET", "https://h/k")) == "<HttpRequest [GET], url: 'https://h/k'>"
    )


@pytest.mark.parametrize(
    "name", ["HttpRequest", "SigningContext", "OperationInput", "OperationOutput"]
)
def test_plain_types_take_the_keywords_of_the_sdk(name: str) -> None:
    assert keywords(getattr(types, name)) == keywords(getattr(sdk, name))


def test_a_signing_context_starts_as_that_of_the_sdk() -> None:
    assert vars(types.SigningContext()) == vars(sdk.SigningContext())


@pytest.mark.parametrize(
    "name",
    [
        "CredentialsProvider",
        "Retryer",
        "HttpClient",
        "Signer",
        "EndpointProvider",
        "BucketNameResolver",
    ],
)
def test_interfaces_ask_for_the_methods_of_the_sdk(name: str) -> None:
    ours, theirs = getattr(types, name), getattr(sdk, name)
    assert ours.__abstractmethods__ == theirs.__abstractmethods__


def test_an_http_response_of_the_sdk_has_the_same_methods() -> None:
    assert types.HttpResponse.__abstractmethods__ == sdk.HttpResponse.__abstractmethods__


def test_body_type_is_a_type_that_annotations_can_be_evaluated_with() -> None:
    assert bytes in types.BodyType.__args__
    with pytest.raises(AttributeError):
        getattr(types, "NoSuch" + "Name")


def test_importing_loads_no_slow_module_of_the_standard_library() -> None:
    slow = "typing enum re dataclasses inspect xml.etree email.utils urllib.parse collections.abc"
    code = (
        "import sys; before = set(sys.modules)\n"
        "import ossign.config, ossign.credentials, ossign.exceptions, ossign.models, ossign.serde\n"
        "import ossign.io_utils, ossign.signer\n"
        f"print(*sorted((set(sys.modules) - before) & set({slow.split()!r})))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
