"""Both signers change a context exactly as the SDK's do, apart from the differences named here."""

from __future__ import annotations

import datetime
from types import ModuleType
from typing import Any
from urllib.parse import quote

import alibabacloud_oss_v2 as sdk
import alibabacloud_oss_v2.signer
import alibabacloud_oss_v2.types
import ossign.exceptions
import ossign.signer
import ossign.types
import pytest
from hypothesis import given
from hypothesis import strategies as st

UTC = datetime.timezone.utc
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LATER = NOW + datetime.timedelta(seconds=4000.5)
EAST = NOW.astimezone(datetime.timezone(datetime.timedelta(hours=8)))
OURS = (ossign.types, ossign.signer)
THEIRS = (sdk.types, sdk.signer)


def signed(
    modules: tuple[ModuleType, ModuleType], version: str, query: bool, **fields: Any
) -> dict[str, Any]:
    """What a context holds after signing."""
    types, signer = modules
    credentials = types.Credentials(*fields.pop("credentials", ("ak", "sk")))
    url, headers = fields.pop("url", "https://b.host/k"), fields.pop("headers", {})
    request = types.HttpRequest(fields.pop("method", "GET"), url, headers)
    ends, sub_resource = fields.pop("expiration_time", LATER), fields.pop("sub_resource", [])
    fields = {"region": "cn-hangzhou", "product": "oss", "signing_time": NOW, **fields}
    context = types.SigningContext(request=request, credentials=credentials, **fields)
    context.auth_method_query, context.expiration_time = query, ends
    context.sub_resource = sub_resource
    getattr(signer, f"Signer{version}")().sign(context)
    return {
        "url": request.url,
        "headers": list(request.headers.items()),
        "string_to_sign": context.string_to_sign,
        "signing_time": context.signing_time,
        "expiration_time": context.expiration_time,
    }


TEXT = st.text(st.sampled_from("aZ0-~/ +%?&=#:;|é中"), max_size=6)
NAMES = st.sampled_from(
    "a versionId acl x-oss-date x-oss-signature Signature security-token Expires uploadId "
    "response-content-type x-oss-security-token x-oss-expires callback".split()
)
HEADERS = st.dictionaries(
    st.sampled_from(
        "Content-Type content-MD5 X-Oss-Meta-A x-oss-meta-b Abc range x-oss-content-sha256".split()
    ),
    TEXT.map(lambda text: f"v{text}v"),
)


@pytest.mark.parametrize("query", [False, True], ids=["header", "query"])
@pytest.mark.parametrize("version", ["V1", "V4"])
@given(
    bucket=st.one_of(st.none(), st.just("bucket")),
    key=st.one_of(st.none(), TEXT),
    params=st.lists(st.tuples(st.one_of(NAMES, TEXT), TEXT), max_size=5),
    headers=HEADERS,
    token=st.one_of(st.none(), st.just(""), TEXT.map(lambda text: f"t{text}t")),
    additional=st.one_of(
        st.none(), st.sets(st.sampled_from(["ABC", "range", "x-oss-meta-a", "no"]))
    ),
    times=st.sampled_from([(NOW, LATER), (EAST, LATER), (NOW.replace(tzinfo=None), EAST)]),
)
def test_a_signed_context_is_that_of_the_sdk(
    version: str,
    query: bool,
    bucket: str | None,
    key: str | None,
    params: list[tuple[str, str]],
    headers: dict[str, str],
    token: str | None,
    additional: set[str] | None,
    times: tuple[datetime.datetime, datetime.datetime],
) -> None:
    if version == "V1":  # V1 signs every x-oss- parameter, the SDK none
        params = [(name, value) for name, value in params if not name.startswith("x-oss-")]
    text = "&".join(f"{quote(name)}={quote(value)}" for name, value in params)
    fields = dict(
        bucket=bucket,
        key=key,
        url=f"https://bucket.host/x?{text}",
        headers=headers,
        credentials=("ak", "sk", token),
        additional_headers=additional,
        signing_time=times[0],
        expiration_time=times[1],
    )
    assert signed(OURS, version, query, **fields) == signed(THEIRS, version, query, **fields)


@pytest.mark.parametrize("version", ["V1", "V4"])
def test_is_signed_header_answers_as_the_sdk(version: str) -> None:
    ours = getattr(ossign.signer, f"Signer{version}")
    theirs = getattr(sdk.signer, f"Signer{version}")
    for name in ("X-Oss-A", "x-oss-", "Content-Type", "content-md5", "Date", "Host", "range", ""):
        assert ours.is_signed_header(name) == theirs.is_signed_header(name)


@pytest.mark.parametrize("version", ["V1", "V4"])
def test_a_context_that_lacks_something_gives_the_errors_of_the_sdk(version: str) -> None:
    def message(modules: tuple[ModuleType, ModuleType], make: Any) -> tuple[str, str]:
        types, signers = modules
        with pytest.raises(Exception) as caught:
            getattr(signers, f"Signer{version}")().sign(make(types))
        return type(caught.value).__name__, str(caught.value)

    for make in (
        lambda types: None,
        lambda types: types.SigningContext(),
        lambda types: types.SigningContext(credentials=types.Credentials("ak", "")),
        lambda types: types.SigningContext(credentials=types.Credentials("ak", "sk")),
    ):
        assert message(OURS, make) == message(THEIRS, make)


@pytest.mark.parametrize("version", ["V1", "V4"])
def test_a_url_lasts_exactly_fifteen_minutes_by_default(version: str) -> None:
    found = signed(OURS, version, True, signing_time=None, expiration_time=None)
    assert found["expiration_time"] - found["signing_time"] == datetime.timedelta(minutes=15)
    if version == "V4":
        assert "x-oss-expires=900&" in found["url"]


@pytest.mark.parametrize("version", ["V1", "V4"])
def test_the_clock_offset_moves_the_time_of_a_signed_request(version: str) -> None:
    found = signed(OURS, version, False, signing_time=None, clock_offset=3600)
    ahead = found["signing_time"] - datetime.datetime.now(UTC)
    assert datetime.timedelta(minutes=59) < ahead <= datetime.timedelta(minutes=60)


@pytest.mark.parametrize("version", ["V1", "V4"])
@pytest.mark.parametrize("query", [False, True], ids=["header", "query"])
def test_values_are_signed_without_the_blanks_around_them(version: str, query: bool) -> None:
    bare = {"x-oss-meta-a": "v w", "Content-Type": "text/plain"}
    padded = {name: f" \t{value}\t " for name, value in bare.items()}
    found, expected = (
        signed(OURS, version, query, headers=headers, bucket="b", key="k")
        for headers in (padded, bare)
    )
    assert found["string_to_sign"] == expected["string_to_sign"]
    assert found["url"] == expected["url"]
    assert dict(found["headers"])["x-oss-meta-a"] == " \tv w\t "


@pytest.mark.parametrize(
    "parameter", ["x-oss-process=image%2Fresize", "x-oss-traffic-limit=819200", "cors", "lifecycle"]
)
def test_v1_signs_the_parameters_that_oss_documents(parameter: str) -> None:
    url = f"https://b.host/k?{parameter}&other=1"
    found = signed(OURS, "V1", True, url=url, bucket="b", key="k")
    assert found["string_to_sign"].endswith(f"/b/k?{parameter.replace('%2F', '/')}")


def test_v1_signs_what_the_context_names_as_sub_resource() -> None:
    fields = dict(url="https://b.host/k?b=2&mine=1", bucket="b", key="k", sub_resource=["mine"])
    found = signed(OURS, "V1", True, **fields)
    assert found["string_to_sign"].endswith("/b/k?mine=1")
    assert found == signed(THEIRS, "V1", True, **fields)


def test_v1_percent_encodes_the_access_key_id() -> None:
    found = signed(OURS, "V1", True, credentials=("a&b#c+d", "sk"))
    assert "?OSSAccessKeyId=a%26b%23c%2Bd&Expires=" in found["url"]


@pytest.mark.parametrize("version", ["V1", "V4"])
def test_a_signature_stands_before_the_fragment_of_a_url(version: str) -> None:
    found = signed(OURS, version, True, url="https://b.host/k?a=1#part")
    assert found["url"].endswith("#part")
    assert "ignature=" in found["url"].partition("#")[0]


def test_a_request_signed_twice_keeps_one_signature() -> None:
    once = signed(OURS, "V4", True, url="https://b.host/k?a=1")
    assert signed(OURS, "V4", True, url=once["url"]) == once
