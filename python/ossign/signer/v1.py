"""Signature version 1, as documented at https://help.aliyun.com/en/oss/developer-reference/ddd-signatures-to-urls."""

from __future__ import annotations

from .._ossign import is_v1_subresource, v1_texts
from .._wire import serialize_httptime
from ..types import Signer, SigningContext
from . import _request

_REPLACED = ("Signature", "security-token")


class SignerV1(Signer):
    """Signs with HMAC-SHA1, either in the Authorization header or in the query of the URL."""

    def sign(self, signing_ctx: SigningContext) -> None:
        """Sign `signing_ctx.request` in place.

        `string_to_sign`, `signing_time` and, for a URL, `expiration_time` are set. Raises
        ParamNullError or ParamNullOrEmptyError when the context lacks something.
        """
        _request.request_and_credentials(signing_ctx)
        if signing_ctx.auth_method_query:
            self._sign_url(signing_ctx)
        else:
            self._sign_headers(signing_ctx)

    @staticmethod
    def is_signed_header(h: str) -> bool:
        """Whether a header is signed: content-type, content-md5, date and every x-oss-."""
        name = h.lower()
        return name.startswith("x-oss-") or name in ("content-type", "content-md5", "date")

    def _sign_headers(self, context: SigningContext) -> None:
        request, credentials = _request.request_and_credentials(context)
        time = _request.header_time(context)
        headers = request.headers
        headers["Date"] = serialize_httptime(time)
        if credentials.security_token:
            # Quirk: the SDK names this header without "x-oss-", so it is not signed
            headers["security-token"] = credentials.security_token
        date = headers.get("x-oss-date", "") or headers["Date"]
        signature = _signature(context, date, _request.query_pairs(request.url))
        headers["Authorization"] = f"OSS {credentials.access_key_id}:{signature}"
        context.signing_time = time

    def _sign_url(self, context: SigningContext) -> None:
        request, credentials = _request.request_and_credentials(context)
        time, ends = _request.query_times(context)
        expires = str(int(ends.timestamp()))
        # Quirk: a parameter of the caller that has one of these names is replaced where it stands
        query = dict(_request.query_pairs(request.url))
        for name in _REPLACED:
            query.pop(name, None)
        query["OSSAccessKeyId"] = _request.encoded(credentials.access_key_id)
        query["Expires"] = expires
        if credentials.security_token:
            query["security-token"] = _request.encoded(credentials.security_token)

        signature = _request.encoded(_signature(context, expires, list(query.items())))
        request.url = _request.with_query(request.url, [*query.items(), ("Signature", signature)])
        context.signing_time = time
        context.expiration_time = ends


def _signature(context: SigningContext, date_or_expires: str, query: list[tuple[str, str]]) -> str:
    """Sign, keep the string to sign in the context, and give the signature in base64."""
    from urllib.parse import unquote

    request, credentials = _request.request_and_credentials(context)
    decoded = [(unquote(name), unquote(value)) for name, value in query]
    # every x-oss- parameter is signed as OSS documents; the SDK signs none, so its URLs are refused
    signed = [
        (name, value)
        for name, value in decoded
        if name.startswith("x-oss-") or is_v1_subresource(name) or name in context.sub_resource
    ]
    bucket = "" if context.bucket is None else f"{context.bucket}/"
    context.string_to_sign, signature = v1_texts(
        request.method,
        request.headers.get("content-md5", "").strip(" \t"),
        request.headers.get("content-type", "").strip(" \t"),
        date_or_expires.strip(" \t"),
        _request.signed_pairs(request, lambda name: name.startswith("x-oss-")),
        f"/{bucket}{'' if context.key is None else context.key}",
        signed,
        credentials.access_key_secret,
    )
    return signature
