"""Callbacks in the web frameworks themselves: body and path as they came, and nobody else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import django
import fastapi
import flask
import httpx
import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.test import AsyncClient, Client, override_settings
from django.urls import path as django_path
from ossign.callbacks import TEST_PUBLIC_KEY, VerifiedCallback, _raw, sign
from ossign.callbacks import django as in_django
from ossign.callbacks import fastapi as in_fastapi
from ossign.callbacks import flask as in_flask

NONCE = "0123456789abcdef-nonce"
BODY = f"object=%E6%95%B0%2Fa+b.png&nonce={NONCE}".encode()
OPTIONS: dict[str, Any] = {"public_key": TEST_PUBLIC_KEY, "nonce": NONCE, "prefix": "/api"}
# Status and JSON of what a server answers to headers and body, posted to a path below /api.
Post = Callable[[str, dict[str, str], bytes], tuple[int, Any]]


def answer(callback: VerifiedCallback) -> dict[str, str]:
    return {"object": callback.fields["object"]}


def post_to_fastapi() -> Post:
    app = fastapi.FastAPI()
    checked = fastapi.Depends(in_fastapi.oss_callback(**OPTIONS))

    @app.post("/done/{name}")
    async def done(name: str, callback: VerifiedCallback = checked) -> dict[str, str]:
        return answer(callback)

    return post_to_asgi(app)


def post_to_asgi(app: Any) -> Post:
    async def send(where: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.post(where, content=body, headers=headers)

    def post(where: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        response = asyncio.run(send(where, headers, body))
        return response.status_code, response.json()

    return post


def post_to_flask() -> Post:
    app = flask.Flask(__name__)

    @app.post("/done/<name>")
    @in_flask.oss_callback(**OPTIONS)
    def done(callback: VerifiedCallback, name: str) -> Any:
        return flask.jsonify(answer(callback))

    return post_to_wsgi(app)


def post_to_flask_async() -> Post:
    app = flask.Flask(__name__)

    @app.post("/done/<name>")
    @in_flask.oss_callback(**OPTIONS)
    async def done(callback: VerifiedCallback, name: str) -> Any:
        return flask.jsonify(answer(callback))

    return post_to_wsgi(app)


def post_to_wsgi(app: flask.Flask) -> Post:
    client = app.test_client()

    def post(where: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        response = client.post(where, data=body, headers=headers)
        return response.status_code, response.get_json()

    return post


@in_django.oss_callback(**OPTIONS)
def django_view(request: Any, callback: VerifiedCallback, name: str) -> Any:
    return django.http.JsonResponse(answer(callback))


@in_django.oss_callback(**OPTIONS)
async def django_async_view(request: Any, callback: VerifiedCallback, name: str) -> Any:
    return django.http.JsonResponse(answer(callback))


urlpatterns = [django_path("done/<name>", django_view)]


@pytest.fixture(scope="module", autouse=True)
def _django_settings() -> None:
    settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["testserver"],
        MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
        USE_TZ=True,
    )
    django.setup()


def post_to_django() -> Post:
    client = Client(enforce_csrf_checks=True)

    def post(where: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        rest = dict(headers)
        kind = rest.pop("Content-Type", "application/x-www-form-urlencoded")
        response = client.post(where, data=body, content_type=kind, headers=rest)
        return response.status_code, response.json()

    return post


def post_to_django_async() -> Post:
    urls = ModuleType("urls")
    urls.urlpatterns = [django_path("done/<name>", django_async_view)]  # type: ignore[attr-defined]
    app = get_asgi_application()

    def post(where: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        with override_settings(ROOT_URLCONF=urls):
            return post_to_asgi(app)(where, headers, body)

    return post


FRAMEWORKS = [
    post_to_fastapi,
    post_to_flask,
    post_to_flask_async,
    post_to_django,
    post_to_django_async,
]


@pytest.fixture(params=FRAMEWORKS, ids=lambda make: make.__name__.removeprefix("post_to_"))
def post(request: pytest.FixtureRequest) -> Post:
    make: Callable[[], Post] = request.param
    return make()


@pytest.mark.parametrize(
    "where", ["/done/x", "/done/a%20b?id=%E6%95%B0+1", "/done/%E6%95%B0?", "/done/a%2Bb%25?q"]
)
def test_a_callback_of_oss_arrives(post: Post, where: str) -> None:
    signed = "/api" + where.removesuffix("?")
    assert post(where, sign(signed, BODY), BODY) == (200, {"object": "数/a b.png"})


def test_what_is_not_from_oss_gets_403_and_the_cause(post: Post) -> None:
    headers = sign("/api/done/x", BODY)
    assert post("/done/x", headers, BODY + b"&x=1") == (403, {"detail": "signature_mismatch"})
    assert post("/done/y", headers, BODY) == (403, {"detail": "signature_mismatch"})
    assert post("/done/x?a=b", headers, BODY) == (403, {"detail": "signature_mismatch"})
    assert post("/done/x", {}, BODY) == (403, {"detail": "header_missing"})
    other = BODY + b"0"
    answer = post("/done/x", sign("/api/done/x", other), other)
    assert answer == (403, {"detail": "nonce_mismatch"})


def test_the_async_client_of_django_gives_its_query_as_text() -> None:
    headers = sign("/api/done/a%20b?x=%20", BODY)
    sent = {"content_type": headers.pop("Content-Type"), "headers": headers, "data": BODY}
    response = asyncio.run(AsyncClient().post("/done/a%20b?x=%20", **sent))
    assert (response.status_code, response.json()) == (200, {"object": "数/a b.png"})


def test_a_form_that_fastapi_read_first_is_told_apart() -> None:
    app = fastapi.FastAPI()
    checked = fastapi.Depends(in_fastapi.oss_callback(**OPTIONS))

    # As FastAPI itself does for Form(), which needs one more package.
    async def read(request: fastapi.Request) -> None:
        assert [piece async for piece in request.stream()]

    @app.post("/done/x", dependencies=[fastapi.Depends(read)])
    async def done(callback: VerifiedCallback = checked) -> None: ...

    with pytest.raises(RuntimeError, match=re.escape("VerifiedCallback.fields instead of")):
        post_to_asgi(app)("/done/x", sign("/api/done/x", BODY), BODY)


def test_a_form_that_flask_read_first_is_told_apart() -> None:
    app = flask.Flask(__name__)
    app.testing = True
    app.before_request(lambda: app.config["FIRST"]())

    @app.post("/done/x")
    @in_flask.oss_callback(**OPTIONS)
    def done(callback: VerifiedCallback) -> Any:
        return flask.jsonify(answer(callback))

    def read() -> None:
        assert flask.request.form

    def keep_and_read() -> None:
        flask.request.get_data()
        read()

    post, headers = post_to_wsgi(app), sign("/api/done/x", BODY)
    app.config["FIRST"] = keep_and_read
    assert post("/done/x", headers, BODY) == (200, {"object": "数/a b.png"})
    app.config["FIRST"] = read
    with pytest.raises(RuntimeError, match=re.escape("call request.get_data() before")):
        post("/done/x", headers, BODY)


def test_path_and_query_are_found_whatever_a_server_leaves_out() -> None:
    scope = {"path": "/a b/数", "query_string": b"x=%20"}
    assert _raw.from_asgi(scope) == "/a%20b/%E6%95%B0?x=%20"
    assert _raw.from_asgi({**scope, "raw_path": b"/raw%20?x=%20"}) == "/raw%20?x=%20"
    assert _raw.from_asgi({"path": "/", "query_string": "x=%20"}) == "/?x=%20"
    assert _raw.from_asgi({"path": "/"}) == "/"
    environ = {"SCRIPT_NAME": "/app", "PATH_INFO": "/æ\x95°", "QUERY_STRING": ""}
    assert _raw.from_wsgi(environ) == "/app/%E6%95%B0"
    assert _raw.from_wsgi({"PATH_INFO": "/", "QUERY_STRING": "a=b"}, "/x") == "/x/?a=b"
