"""Callbacks of OSS in Django, under WSGI and ASGI."""

from __future__ import annotations

from functools import wraps
from inspect import iscoroutinefunction

from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from ..exceptions import CallbackVerificationError
from . import verify_callback
from ._raw import from_asgi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from . import Nonce, VerifiedCallback

__all__ = ["oss_callback"]


def oss_callback(
    *, public_key: str | None = None, nonce: Nonce | None = None, prefix: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: the view gets request and `VerifiedCallback`; what is not from OSS gets 403.

    The view needs no CSRF token then. It may be a coroutine.

    Args:
        public_key: As `verify_callback` takes it.
        nonce: As `verify_callback` takes it.
        prefix: What a proxy in front has cut off the path, such as `/api`.
    """

    def check(request: Any) -> VerifiedCallback:
        scope = getattr(request, "scope", None)
        # Under WSGI, Django has made Unicode of the path in the environment.
        path = {
            "path": request.path,
            "query_string": request.META["QUERY_STRING"].encode("latin-1"),
        }
        where = from_asgi(path if scope is None else scope, prefix)
        headers = request.headers.items()
        return verify_callback(headers, where, request.body, public_key=public_key, nonce=nonce)

    def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def verified(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                callback = check(request)
            except CallbackVerificationError as error:
                return _refusal(error)
            return view(request, callback, *args, **kwargs)

        @wraps(view)
        async def verified_async(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                callback = check(request)
            except CallbackVerificationError as error:
                return _refusal(error)
            return await view(request, callback, *args, **kwargs)

        chosen = verified_async if iscoroutinefunction(view) else verified
        exempt: Callable[..., Any] = csrf_exempt(chosen)
        return exempt

    return decorator


def _refusal(error: CallbackVerificationError) -> Any:
    return JsonResponse({"detail": error.cause}, status=403)
