"""Callbacks of OSS in Flask."""

from __future__ import annotations

from functools import wraps

from flask import current_app, jsonify, make_response, request

from ..exceptions import CallbackVerificationError
from . import verify_callback
from ._raw import from_wsgi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from . import Nonce

__all__ = ["oss_callback"]

_BODY_GONE = (
    "the body of the callback was read as a form before its signature could be checked, and nothing"
    " is left of it: call request.get_data() before anything reads request.form, in before_request"
)


def oss_callback(
    *, public_key: str | None = None, nonce: Nonce | None = None, prefix: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: the view gets the `VerifiedCallback` first; what is not from OSS gets 403.

    Stands below `@app.post(...)`. The view may be a coroutine.

    Args:
        public_key: As `verify_callback` takes it.
        nonce: As `verify_callback` takes it.
        prefix: What a proxy in front has cut off the path, such as `/api`.

    The view raises RuntimeError where something has read `request.form` before, in `before_request`
    say: nothing is left of the body then. Call `request.get_data()` there first, which keeps it.
    """

    def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def verified(*args: Any, **kwargs: Any) -> Any:
            where, body = from_wsgi(request.environ, prefix), _body()
            try:
                callback = verify_callback(
                    request.headers, where, body, public_key=public_key, nonce=nonce
                )
            except CallbackVerificationError as error:
                return make_response(jsonify(detail=error.cause), 403)
            return current_app.ensure_sync(view)(callback, *args, **kwargs)

        return verified

    return decorator


def _body() -> bytes:
    body = request.get_data()
    if not body and request.content_length:
        raise RuntimeError(_BODY_GONE)
    return body
