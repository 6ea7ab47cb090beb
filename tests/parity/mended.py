"""The SDK, mended in one point at a time, as long as a context lasts."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock
from urllib.parse import quote, urlsplit

from alibabacloud_oss_v2 import _client, endpoints, presigner
from alibabacloud_oss_v2.signer import SignerV1, SignerV4
from alibabacloud_oss_v2.types import Credentials
from ossign._ossign import is_v1_subresource

from . import oracle
from .strategies import Case

THEIR_SUB_RESOURCES = SignerV1._subresource_key_set
# The documented names that the SDK's list lacks, from both pages on signature version 1.
DOCUMENTED = frozenset(
    ("cname", "comp", "cors", "endTime", "img", "lifecycle", "live", "logging", "qos", "referer")
    + ("replication", "replicationLocation", "replicationProgress", "startTime", "status", "style")
    + ("styleName", "vod", "website")
)


def outcome(case: Case, mends: list[Callable[[Case], Any]]) -> oracle.Outcome:
    """What the SDK answers once it is mended."""
    with ExitStack() as stack:
        for mend in mends:
            stack.enter_context(mend(case))
        return oracle.theirs(case)


def is_missing(name: str) -> bool:
    """Whether OSS signs this V1 parameter and the SDK does not."""
    return name not in THEIR_SUB_RESOURCES and (name.startswith("x-oss-") or name in DOCUMENTED)


class _SubResources(frozenset[str]):
    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or is_missing(str(name))


def sub_resources(_: Case) -> Any:
    """V1 signs what OSS signs."""
    names = _SubResources(THEIR_SUB_RESOURCES)
    return mock.patch.object(SignerV1, "_subresource_key_set", names)


@contextmanager
def access_key_id(_: Case) -> Iterator[None]:
    """V1 encodes the id."""
    original = SignerV1.sign

    def sign(self: SignerV1, context: Any) -> None:
        who = context.credentials
        name = (
            quote(who.access_key_id, safe="")
            if isinstance(who.access_key_id, str)
            else who.access_key_id
        )
        context.credentials = Credentials(name, who.access_key_secret, who.security_token)
        original(self, context)

    with mock.patch.object(SignerV1, "sign", sign):
        yield


@contextmanager
def trimmed(_: Case) -> Iterator[None]:
    """Both versions sign values without spaces and tabs around them."""
    with ExitStack() as stack:
        for signer, name in (
            (SignerV1, "_calc_string_to_sign"),
            (SignerV4, "_calc_canonical_request"),
        ):
            stack.enter_context(mock.patch.object(signer, name, _trimming(getattr(signer, name))))
        yield


def _trimming(original: Callable[..., Any]) -> Callable[..., Any]:
    def calculate(self: Any, signing_ctx: Any, **more: Any) -> Any:
        context = copy.copy(signing_ctx)
        context.request = copy.copy(signing_ctx.request)
        context.request.headers = signing_ctx.request.headers.copy()
        for name, value in signing_ctx.request.headers.items():
            if isinstance(value, str):
                context.request.headers[name] = value.strip(" \t")
        return original(self, signing_ctx=context, **more)

    return calculate


@contextmanager
def additional_headers(case: Case) -> Iterator[None]:
    """The setting reaches the signer, which counts those headers among the signed ones."""
    names = {str(name).lower() for name in case.config.get("additional_headers", ())}
    original = _client._ClientImplMixIn.build_request_context
    is_signed = SignerV4.is_signed_header
    added: set[str] = set()

    def build(self: Any, op_input: Any, options: Any, inner: Any) -> Any:
        context = original(self, op_input, options, inner)
        context.additional_headers = options.additional_headers
        if "host" in names and "host" not in context.request.headers:
            # The SDK leaves this one to the HTTP client; OSS signs what that client sends.
            context.request.headers["host"] = _host(context.request.url)
            added.add("host")
        return context

    with (
        mock.patch.object(_client._ClientImplMixIn, "build_request_context", build),
        mock.patch.object(
            SignerV4,
            "is_signed_header",
            staticmethod(lambda h: is_signed(h) or (h.lower() in names and h not in added)),
        ),
    ):
        yield


@contextmanager
def header_texts(case: Case) -> Iterator[None]:
    """signed_headers holds what is sent, which is text, and that text is signed.

    V1 signs the str() of a str that is also an enum, which no HTTP client sends.
    """
    original = presigner._deserialize_output

    def deserialize(client: Any, op_output: Any) -> Any:
        result = original(client, op_output)
        signed = result.signed_headers.items()
        # Not the str() of a str that is also an enum: it is signed as the text it holds.
        result.signed_headers = {k: v if isinstance(v, str) else str(v) for k, v in signed}
        return result

    with trimmed(case), mock.patch.object(presigner, "_deserialize_output", deserialize):
        yield


def _host(url: str) -> str:
    parts = urlsplit(url)
    default = ":443" if parts.scheme == "https" else ":80"
    return parts.netloc.rpartition("@")[2].removesuffix(default)


def ipv6(_: Case) -> Any:
    """A host name with a colon is an IPv6 address."""
    original = endpoints.is_ip
    return mock.patch.object(endpoints, "is_ip", lambda host: ":" in host or original(host))


def agrees_with_ossign(name: str) -> bool:
    """Whether both know this V1 parameter alike, once the SDK is mended."""
    return is_v1_subresource(name) == (is_missing(name) or name in THEIR_SUB_RESOURCES)
