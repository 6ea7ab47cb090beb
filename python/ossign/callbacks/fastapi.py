"""Callbacks of OSS in FastAPI and Starlette, as a dependency."""

from __future__ import annotations

from fastapi import HTTPException, Request

from ..exceptions import CallbackVerificationError
from . import VerifiedCallback, verify_callback
from ._raw import from_asgi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from . import Nonce

__all__ = ["oss_callback"]

_BODY_GONE = (
    "the body of the callback was read as a form before its signature could be checked, and nothing"
    " is left of it: take the fields from VerifiedCallback.fields instead of parameters with Form()"
    " or File(), and let no middleware read request.form() or request.stream()"
)


def oss_callback(
    *, public_key: str | None = None, nonce: Nonce | None = None, prefix: str = ""
) -> Callable[[Request], Awaitable[VerifiedCallback]]:
    """A dependency that gives the `VerifiedCallback`, and answers 403 to what is not from OSS.

    Args:
        public_key: As `verify_callback` takes it.
        nonce: As `verify_callback` takes it.
        prefix: What a proxy in front has cut off the path, such as `/api`.

    The dependency raises RuntimeError where the endpoint has parameters with `Form()` or `File()`:
    FastAPI reads those first, and leaves nothing of the body. Take the fields of the
    `VerifiedCallback`.
    """

    async def dependency(request: Request) -> VerifiedCallback:
        where, body = from_asgi(request.scope, prefix), await _body(request)
        try:
            return verify_callback(
                request.headers.raw, where, body, public_key=public_key, nonce=nonce
            )
        except CallbackVerificationError as error:
            raise HTTPException(403, error.cause) from error

    return dependency


async def _body(request: Request) -> bytes:
    try:
        return await request.body()
    except RuntimeError as error:
        if str(error) != "Stream consumed":
            raise
        raise RuntimeError(_BODY_GONE) from error
