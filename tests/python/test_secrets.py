"""No secret, token or signature in any repr, text or format, of any object and any exception."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import ossign as oss
import pytest
from sides import ID, SECRET, TOKEN, client, frozen, get, put, query

STATIC = oss.credentials.StaticCredentialsProvider(ID, SECRET, TOKEN)


def signed(version: str) -> Any:
    with frozen():
        return client(signature_version=version, credentials_provider=STATIC).presign(put())


def objects() -> list[Any]:
    who = oss.Credentials(ID, SECRET, TOKEN)
    environment = oss.credentials.CredentialsProviderFunc(lambda: who)
    config = oss.Config(region="cn-hangzhou", credentials_provider=STATIC)
    headers = {"x-oss-security-token": TOKEN, "Authorization": SECRET}
    request = oss.types.HttpRequest("GET", signed("v4").url, headers)
    context = oss.types.SigningContext(request=request, credentials=who)
    op_input = oss.OperationInput("X", "GET", headers=headers)
    values = [who, STATIC, environment, config, oss.Client(config), request, context, op_input]
    return [*values, signed("v4"), signed("v1"), oss.credentials.AnonymousCredentialsProvider()]


def secrets() -> list[str]:
    urls = query(signed("v4").url), query(signed("v1").url)
    return [SECRET, TOKEN, urls[0]["x-oss-signature"], urls[1]["Signature"]]


@pytest.mark.parametrize("thing", objects(), ids=lambda thing: type(thing).__name__)
def test_no_object_shows_a_secret(thing: Any) -> None:
    for text in (
        repr(thing),
        str(thing),
        f"{thing}",
        f"{[thing]}",
        logging.Formatter().format(
            logging.LogRecord("n", 20, "p", 1, "%s %r", (thing, thing), None)
        ),
    ):
        for secret in secrets():
            assert secret not in text


def test_a_result_still_shows_what_it_is_for() -> None:
    text = repr(signed("v4"))
    assert text.startswith(
        "PresignResult(method='PUT', url='https://examplebucket.oss-cn-hangzhou."
    )
    assert "x-oss-signature=***" in text and "x-oss-security-token=***" in text
    assert "Signature=***" in repr(signed("v1")) and "security-token=***" in repr(signed("v1"))


FAILURES: list[tuple[dict[str, Any], Any]] = [
    ({}, put(content_type="a\n")),
    ({}, put(headers={"x-oss-security-token": TOKEN + "\n"})),
    ({}, put(headers={"Authorization": SECRET + "\n"})),
    ({}, put(key="/k")),
    ({}, put(metadata={"a": 5})),
    ({"region": "oss-x", "endpoint": "h.com"}, get()),
    ({"credentials_provider": oss.credentials.CredentialsProviderFunc(lambda: 1 / 0)}, get()),
    ({"credentials_provider": lambda: oss.Credentials(ID, SECRET, b"token")}, get()),
    ({"credentials_provider": lambda: oss.Credentials(ID, SECRET + "\ud800", TOKEN)}, get()),
]


@pytest.mark.parametrize(("config", "request_"), FAILURES)
def test_no_exception_shows_a_secret(config: dict[str, Any], request_: Any) -> None:
    with frozen(), pytest.raises(oss.exceptions.OperationError) as raised:
        client(**{"credentials_provider": STATIC, **config}).presign(request_)
    text = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    for secret in (SECRET, TOKEN):
        assert secret not in text
