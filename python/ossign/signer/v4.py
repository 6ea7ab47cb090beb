"""Signature version 4, as documented at https://help.aliyun.com/en/oss/developer-reference/recommend-to-use-signature-version-4."""

from __future__ import annotations

from .._ossign import v4_texts
from .._wire import serialize_httptime
from ..types import HttpRequest, Signer, SigningContext
from . import _request

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Collection, Iterable

ALGORITHM = "OSS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_REPLACED = ("x-oss-signature", "x-oss-security-token", "x-oss-additional-headers")


class SignerV4(Signer):
    """Signs with HMAC-SHA256, either in the Authorization header or in the query of the URL."""

    def sign(self, signing_ctx: SigningContext) -> None:
        """Sign `signing_ctx.request` in place.

        `string_to_sign`, `signing_time` and, for a URL, `expiration_time` are set. Raises
        ParamNullError or ParamNullOrEmptyError when the context lacks something. Whether the URL's
        life is sensible is for the caller to check.
        """
        _request.request_and_credentials(signing_ctx)
        if signing_ctx.auth_method_query:
            self._sign_url(signing_ctx)
        else:
            self._sign_headers(signing_ctx)

    @staticmethod
    def is_signed_header(h: str) -> bool:
        """Whether a header is signed always: content-type, content-md5 and every x-oss-."""
        return _is_signed(h.lower())

    def _sign_headers(self, context: SigningContext) -> None:
        request, credentials = _request.request_and_credentials(context)
        time = _request.header_time(context)
        request.headers["x-oss-date"] = f"{time:%Y%m%dT%H%M%SZ}"
        request.headers["Date"] = serialize_httptime(time)
        if credentials.security_token:
            request.headers["x-oss-security-token"] = credentials.security_token
        request.headers["x-oss-content-sha256"] = UNSIGNED_PAYLOAD

        additional = _additional_headers(request, context.additional_headers)
        signature = _signature(context, time, _request.query_pairs(request.url), additional)
        also = f",AdditionalHeaders={';'.join(additional)}" if additional else ""
        credential = f"{credentials.access_key_id}/{_scope(context, time)}"
        request.headers["Authorization"] = (
            f"{ALGORITHM} Credential={credential}{also},Signature={signature}"
        )
        context.signing_time = time

    def _sign_url(self, context: SigningContext) -> None:
        request, credentials = _request.request_and_credentials(context)
        time, ends = _request.query_times(context)
        additional = _additional_headers(request, context.additional_headers)
        # Quirk: a parameter of the caller that has one of these names is replaced where it stands
        query = dict(_request.query_pairs(request.url))
        for name in _REPLACED:
            query.pop(name, None)
        query["x-oss-signature-version"] = ALGORITHM
        query["x-oss-date"] = f"{time:%Y%m%dT%H%M%SZ}"
        query["x-oss-expires"] = str(int((ends - time).total_seconds()))
        credential = f"{credentials.access_key_id}/{_scope(context, time)}"
        query["x-oss-credential"] = _request.encoded(credential)
        if credentials.security_token:
            query["x-oss-security-token"] = _request.encoded(credentials.security_token)
        if additional:
            query["x-oss-additional-headers"] = _request.encoded(";".join(additional))

        signature = _signature(context, time, query.items(), additional)
        request.url = _request.with_query(
            request.url, [*query.items(), ("x-oss-signature", signature)]
        )
        context.signing_time = time
        context.expiration_time = ends


def _is_signed(name: str) -> bool:
    return name.startswith("x-oss-") or name in ("content-type", "content-md5")


def _additional_headers(request: HttpRequest, names: Collection[str] | None) -> list[str]:
    """The wanted headers that the request has and that are not signed anyway, in order."""
    lowered = {name.lower() for name in names or ()}
    return sorted(n for n in lowered if not _is_signed(n) and request.headers.get(n, ""))


def _scope(context: SigningContext, time: datetime.datetime) -> str:
    return f"{time:%Y%m%d}/{context.region or ''}/{context.product or ''}/aliyun_v4_request"


def _signature(
    context: SigningContext,
    time: datetime.datetime,
    query: Iterable[tuple[str, str]],
    additional: list[str],
) -> str:
    """Sign, keep the string to sign in the context, and give the signature."""
    request, credentials = _request.request_and_credentials(context)
    headers = _request.signed_pairs(request, lambda name: _is_signed(name) or name in additional)
    _, context.string_to_sign, signature = v4_texts(
        request.method,
        context.bucket,
        context.key,
        list(query),
        headers,
        additional,
        request.headers.get("x-oss-content-sha256", UNSIGNED_PAYLOAD),
        credentials.access_key_secret,
        f"{time:%Y%m%dT%H%M%SZ}",
        context.region or "",
        context.product or "",
    )
    return signature
