"""Published signatures, reproduced through `ossign.signer`. The files name the source of each."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from ossign import signer
from ossign.types import Credentials, HttpRequest, SigningContext

VECTORS = Path(__file__).parents[1] / "vectors"
UTC = datetime.timezone.utc
Vector = dict[str, Any]


def named(file: str, prefix: str) -> list[Any]:
    vectors = json.loads((VECTORS / file).read_text("utf-8"))
    return [pytest.param(v, id=v["name"]) for v in vectors if v["name"].startswith(prefix)]


def v4_context(vector: Vector) -> SigningContext:
    given = vector["inputs"]
    query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in given.get("query", ()))
    url = f"https://{given['bucket']}.host/{quote(given['key'])}"
    return SigningContext(
        product=given["product"],
        region=given["region"],
        bucket=given["bucket"],
        key=given["key"],
        request=HttpRequest(given["method"], f"{url}?{query}" if query else url, given["headers"]),
        credentials=Credentials(given["ak"], given["sk"], given.get("token")),
        signing_time=datetime.datetime.strptime(given["date"], "%Y%m%dT%H%M%SZ").replace(
            tzinfo=UTC
        ),
        additional_headers=given["additional"],
    )


@pytest.mark.parametrize("vector", named("v4.json", "v4-query"))
def test_a_published_v4_url_is_signed_alike(vector: Vector) -> None:
    context = v4_context(vector)
    assert context.signing_time is not None and context.request is not None
    context.auth_method_query = True
    context.expiration_time = context.signing_time + datetime.timedelta(
        seconds=vector["inputs"]["expires"]
    )
    signer.SignerV4().sign(context)
    assert context.string_to_sign == vector["string_to_sign"]
    assert context.request.url.endswith("&x-oss-signature=" + vector["signature"])


@pytest.mark.parametrize("vector", named("v4.json", "v4-header"))
def test_a_published_v4_header_is_signed_alike(vector: Vector) -> None:
    context = v4_context(vector)
    signer.SignerV4().sign(context)
    assert context.request is not None
    assert context.string_to_sign == vector["string_to_sign"]
    assert context.request.headers["Authorization"].endswith(",Signature=" + vector["signature"])


@pytest.mark.parametrize("vector", named("v1.json", "v1"))
def test_a_published_v1_text_is_signed_alike(vector: Vector) -> None:
    method, md5, kind, date, *headers, resource = vector["string_to_sign"].split("\n")
    path, _, query = resource.partition("?")
    bucket, _, key = path[1:].partition("/")
    encoded = "&".join(
        "=".join(quote(p, safe="") for p in x.split("=", 1)) for x in query.split("&")
    )
    given = {"content-md5": md5, "content-type": kind}
    given |= dict(line.split(":", 1) for line in headers)
    context = SigningContext(
        bucket=bucket,
        key=key,
        request=HttpRequest(method, f"https://host/{quote(key)}?{encoded}", given),
        credentials=Credentials("ak", vector["inputs"]["sk"]),
    )
    if "security-token" in query:
        context.credentials = Credentials("ak", vector["inputs"]["sk"], "token")
    if is_url := date.isdigit():
        context.auth_method_query = True
        context.expiration_time = datetime.datetime.fromtimestamp(int(date), UTC)
    else:
        when = datetime.datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
        context.signing_time = when
    signer.SignerV1().sign(context)
    assert context.request is not None
    assert context.string_to_sign == vector["string_to_sign"]
    signed = unquote(context.request.url) if is_url else context.request.headers["Authorization"]
    assert signed.endswith((f"&Signature={vector['signature']}", f"OSS ak:{vector['signature']}"))


def test_every_vector_is_used() -> None:
    count = sum(len(named("v4.json", prefix)) for prefix in ("v4-query", "v4-header"))
    # The sixteenth is a bare signing key, which only the Rust test can use.
    assert (count, len(named("v1.json", "v1"))) == (15, 9)
