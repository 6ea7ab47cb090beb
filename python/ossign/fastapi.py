"""The HTTP presign API as a router for one's own FastAPI app: `pip install 'ossign[fastapi]'`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import Enum
from inspect import Parameter, Signature
from typing import Any

from fastapi import APIRouter, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from . import _api_models as models
from ._api_models import (
    PresignAnswer,
    PresignBatchAnswer,
    PresignBatchRequest,
    PresignedForm,
    PresignedMultipart,
    PresignedParts,
    PresignedUpload,
    PresignFormAnswer,
    PresignFormRequest,
    PresignMultipartAnswer,
    PresignMultipartRequest,
    PresignPartsAnswer,
    PresignPartsRequest,
    PresignProblem,
    PresignRequest,
)
from ._ossign import Client, NewObject
from ._service import Service, keys_of, problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._service import Answer, ApiKeys, RateLimit

__all__ = [
    "NewObject",
    "PresignAnswer",
    "PresignBatchAnswer",
    "PresignBatchRequest",
    "PresignFormAnswer",
    "PresignFormRequest",
    "PresignMultipartAnswer",
    "PresignMultipartRequest",
    "PresignPartsAnswer",
    "PresignPartsRequest",
    "PresignProblem",
    "PresignRequest",
    "PresignedForm",
    "PresignedMultipart",
    "PresignedParts",
    "PresignedUpload",
    "presign_router",
]

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The request is wrong: `code` and `field` say in what."},
    401: {
        "description": "The API key is missing or not known.",
        "headers": {"WWW-Authenticate": {"schema": {"type": "string"}}},
    },
    408: {"description": "The body took too long to arrive."},
    413: {"description": "The body is too large."},
    429: {
        "description": "Too many requests.",
        "headers": {
            "Retry-After": {
                "description": "After how many seconds to try again.",
                "schema": {"type": "integer", "minimum": 1},
            }
        },
    },
    500: {"description": "OSS is not configured, or signing fails."},
    # An app may add dependencies when it includes the router. Where there is a default, FastAPI
    # does not declare its 422, which is never sent.
    "default": {
        "description": "What stands in front of the service refuses, such as an app's dependencies."
    },
}


def presign_router(
    client: Client | Depends | None,
    *,
    bucket: str,
    api_keys: ApiKeys = (),
    identity: Depends | None = None,
    object_key: str | Callable[[NewObject], str] | Depends | None = None,
    prefix: str = "/api/oss",
    tags: Sequence[str | Enum] = ("uploads",),
    dependencies: Sequence[Depends] = (),
    access_url: str | None = None,
    access_expire_seconds: int | None = None,
    content_length: bool | None = None,
    form_upload: bool | None = None,
    multipart: bool | None = None,
    max_bytes: Mapping[str, int] | None = None,
    callback: Mapping[str, Any] | None = None,
    rate_limit: RateLimit | None = None,
    max_body_bytes: int | None = None,
) -> APIRouter:
    """A router with `POST /api/oss/presign-put` and `POST /api/oss/presign-put/batch`.

    Every error has the shape of `PresignProblem`, also those that dependencies of these routes
    raise; the app's own exception handlers are left alone.

    Args:
        client: Who signs: a `Client`, or `Depends(...)` on a function that returns one. With None,
            every request is answered with 500.
        bucket: Where files go.
        api_keys: Who may ask, by the header Apikey, as for `ossign.asgi.PresignApp`.
        identity: `Depends(...)` on a function that lets the caller in, in place of API keys. What
            it returns is the caller's name, a str; None refuses the caller with 401. Where rates or
            `{key}` go by the name, anything else is a 500, and its type is logged; so are "" and
            False anywhere.
        object_key: How objects are named: a pattern, a function from a `NewObject` to the name, or
            `Depends(...)` on a function that returns such a function.
        prefix: What the routes begin with.
        tags: Under which the routes stand in the documentation.
        dependencies: More dependencies of all these routes.
        access_url: See `ossign.asgi.PresignApp`, also for what follows.
        access_expire_seconds: For how long a presigned access URL is valid.
        content_length: Whether requests may have a `content_length`, which is signed.
        form_upload: Whether `POST /api/oss/presign-post` answers with forms.
        multipart: Whether files can be uploaded in parts as well.
        max_bytes: The largest file of a category.
        callback: What OSS posts when a file has arrived.
        rate_limit: How often a caller may ask: (requests, seconds), or a mapping of both.
        max_body_bytes: The largest body of a request.

    Raises:
        ParamInvalidError: A setting that cannot work.
        TypeError: `api_keys` is one str, or `rate_limit` is neither a pair nor a mapping.
        ValueError: Neither `api_keys` nor `identity` is given, or a setting is of another type.

    Example:
        >>> import ossign as oss
        >>> from fastapi import FastAPI
        >>> from ossign.fastapi import presign_router
        >>> client = oss.Client(oss.Config(
        ...     region="cn-hangzhou", credentials_provider=oss.Credentials("id", "secret")))
        >>> app = FastAPI()
        >>> app.include_router(
        ...     presign_router(client, bucket="examplebucket", api_keys=["an API key"]))
    """
    keys = keys_of(api_keys)
    if not keys and identity is None:
        raise ValueError("api_keys or identity must be given, or nobody could ask")
    service = Service(
        None if isinstance(client, Depends) else client,
        keys,
        None if isinstance(object_key, Depends) else object_key,
        rate_limit,
        bucket=bucket,
        path="",
        access_url=access_url,
        access_expire_seconds=access_expire_seconds,
        content_length=content_length,
        form_upload=form_upload,
        multipart=multipart,
        max_bytes=None if max_bytes is None else dict(max_bytes),
        callback=None if callback is None else dict(callback),
        max_body_bytes=max_body_bytes,
    )
    given = {
        "client": client if isinstance(client, Depends) else None,
        "object_key": object_key if isinstance(object_key, Depends) else None,
        "identity": identity,
        "apikey": Security(SCHEME) if identity is None else None,
    }
    own = {name: dependency for name, dependency in given.items() if dependency is not None}
    router = APIRouter(prefix=prefix, tags=[*tags], dependencies=[*dependencies])
    add(router, service, ERRORS, own, PresignRequest, PresignAnswer)
    add(router, service, ERRORS, own, PresignBatchRequest, PresignBatchAnswer)
    errors = {**ERRORS, 404: {"description": "This service has no forms."}}
    add(router, service, errors, own, PresignFormRequest, PresignFormAnswer)
    errors = {**ERRORS, 404: {"description": "This service takes no uploads in parts."}}
    add(router, service, errors, own, PresignMultipartRequest, PresignMultipartAnswer)
    add(router, service, errors, own, PresignPartsRequest, PresignPartsAnswer)

    async def rest(request: Request) -> Response:
        """Answer other paths and methods, also on paths that are switched off."""
        path = f"/{request.path_params['rest']}"
        return response(await service.answer(request.method, path, b""))

    router.add_api_route(
        "/{rest:path}",
        rest,
        methods=["POST"],
        include_in_schema=False,
        route_class_override=RestRoute,
    )
    return router


SCHEME = APIKeyHeader(name="Apikey", scheme_name="Apikey", auto_error=False)
ROUTES: dict[type[models.Model], tuple[str, str]] = {
    PresignRequest: ("/presign-put", "A presigned URL to upload a file to"),
    PresignBatchRequest: ("/presign-put/batch", "Presigned URLs for up to 20 files"),
    PresignFormRequest: (
        "/presign-post",
        "A form to upload a file with, where that is switched on",
    ),
    PresignMultipartRequest: (
        "/presign-multipart",
        "What begins an upload in parts, where that is switched on",
    ),
    PresignPartsRequest: (
        "/presign-multipart/parts",
        "Where the parts of an upload go, and what ends it",
    ),
}


def add(
    router: APIRouter,
    service: Service,
    errors: dict[int | str, dict[str, Any]],
    dependencies: dict[str, Depends],
    request_model: type[models.Model],
    answer_model: type[models.Model],
) -> None:
    """Add one route, whose dependencies are parameters of its function."""
    path, summary = ROUTES[request_model]

    async def endpoint(request: Request, **given: Any) -> Response:
        """Answer; the checks are done in Rust."""
        length = request.headers.get("content-length", "").encode("latin-1")
        body = await service.read(request.stream(), length)
        apikey = given.get("apikey")
        if "identity" in dependencies:
            answer = service.refused(given["identity"], "identity")
            if answer is not None:
                return response(answer)
        given["apikey"] = None if apikey is None else apikey.encode("latin-1")
        return response(await service.answer("POST", path, body, **given))

    kind = Parameter.KEYWORD_ONLY
    parameters = [Parameter("request", kind, annotation=Request)]
    for name, dependency in dependencies.items():
        parameters.append(Parameter(name, kind, default=dependency, annotation=Any))
    endpoint.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    endpoint.__name__ = path.strip("/").replace("-", "_").replace("/", "_")
    schema = models.inlined(request_model)
    router.add_api_route(
        path,
        endpoint,
        methods=["POST"],
        summary=summary,
        description=(request_model.__doc__ or "").partition("\n")[0],
        response_model=answer_model,
        responses={status: {"model": PresignProblem, **more} for status, more in errors.items()},
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}
        },
        route_class_override=PresignRoute,
    )


class PresignRoute(APIRoute):
    """A route whose errors all have our shape, and nobody else's."""

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, with what goes wrong before our function is called."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return response(invalid(error))
            except HTTPException as error:
                words = error.detail if isinstance(error.detail, str) else "refused"
                refused = response(problem(error.status_code, words))
                refused.headers.update(error.headers or {})
                return refused

        return guarded

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """A match of POST alone: the last route answers other methods."""
        match, child = super().matches(scope)
        return (match if match == Match.FULL else Match.NONE), child


class RestRoute(APIRoute):
    """Whatever else begins with our prefix, unless another route of the app is there."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """A match that gives way to every full one."""
        match, child = super().matches(scope)
        return (Match.PARTIAL if match == Match.FULL else match), child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer here: FastAPI would call the app's dependencies and handlers first."""
        answer = await self.endpoint(Request(scope, receive))
        await answer(scope, receive, send)


def response(answer: Answer) -> Response:
    """An answer of ours as one of Starlette's."""
    status, headers, body = answer
    made = Response(status_code=status)
    made.body, made.raw_headers = body, headers
    return made


def invalid(error: RequestValidationError) -> Answer:
    """What a dependency of the app's own does not accept, without the value that was given."""
    first = error.errors()[0]
    field = str(first["loc"][-1]) if first["loc"] else None
    missing = first["type"] == "missing"
    words, code = ("is missing", 40002) if missing else ("is not valid", 40004)
    return problem(400, words, field, code)
