"""What only the faces in Python have: clients, functions, mounts, FastAPI's own ways."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import faces
import ossign as oss
import pytest
from faces import (
    BATCH,
    FORM,
    KEY,
    MULTIPART,
    ONE,
    PARTS,
    PHOTO,
    SECRET,
    Face,
    Reply,
    client,
    of_app,
)
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from ossign.asgi import NewObject, PresignApp
from ossign.fastapi import presign_router
from starlette.applications import Starlette
from starlette.routing import Mount

PYTHON = ["asgi", "fastapi"]


@pytest.fixture(params=PYTHON)
def start(request: pytest.FixtureRequest) -> Callable[..., Face]:
    """A function that makes an app; nothing needs to be stopped."""

    def made(signer: Any = ..., **settings: Any) -> Face:
        signer = client() if signer is ... else signer
        return faces.FACES[request.param](signer, **settings).__enter__()

    return made


def test_without_a_client_it_is_500(start: Callable[..., Face]) -> None:
    for path, body in ((ONE, PHOTO), (BATCH, {"files": [PHOTO]})):
        reply = start(None).ask(path, body)
        assert (reply.status, reply.json["code"]) == (500, 50002)


@pytest.mark.parametrize(
    "config",
    [{"region": None}, {"credentials_provider": oss.credentials.AnonymousCredentialsProvider()}],
)
def test_a_client_that_cannot_sign_is_500(start: Callable[..., Face], config: Any) -> None:
    reply = start(client(**config)).one()
    assert (reply.status, reply.json["code"]) == (500, 50002)


def test_a_failing_provider_is_500_and_its_words_go_nowhere(
    start: Callable[..., Face], caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> oss.Credentials:
        raise OSError(f"cannot fetch {SECRET}")

    reply = start(client(credentials_provider=broken)).one()
    assert (reply.status, reply.json["code"]) == (500, 50003)
    assert SECRET not in reply.body.decode() + caplog.text
    assert caplog.record_tuples == [
        (
            "ossign.service",
            logging.ERROR,
            "cannot presign: the credentials provider raised CredentialsFetchError",
        )
    ]


def test_rotated_credentials_are_seen(start: Callable[..., Face]) -> None:
    tokens = iter(["one", "two"])
    face = start(client(credentials_provider=lambda: oss.Credentials("id", "s", next(tokens))))
    urls = [face.one().json["data"]["upload_url"] for _ in range(2)]
    assert "x-oss-security-token=one&" in urls[0] and "x-oss-security-token=two&" in urls[1]


@pytest.mark.parametrize("keeps", [False, True], ids=["bare", "refreshing"])
def test_credentials_may_be_awaited(start: Callable[..., Face], keeps: bool) -> None:
    async def fetch() -> oss.Credentials:
        await asyncio.sleep(0)
        return oss.Credentials("id", "s", "awaited-token")

    provider = oss.credentials.RefreshingCredentialsProvider(fetch) if keeps else fetch
    face = start(client(credentials_provider=provider))
    for _ in range(2):
        assert "security-token=awaited-token" in face.one().json["data"]["upload_url"]


def test_objects_are_named_by_a_function(start: Callable[..., Face]) -> None:
    seen: list[NewObject] = []

    def name(file: NewObject) -> str:
        seen.append(file)
        return f"mine/{file.caller}/{len(seen)}.{file.extension}"

    data = start(object_key=name).batch(
        PHOTO, {"filename": "b.PDF", "content_type": "application/pdf"}
    )
    keys = [item["object_key"] for item in data.json["data"]["items"]]
    assert keys == ["mine/key1/1.jpg", "mine/key1/2.pdf"]
    assert (seen[0].filename, seen[0].content_type) == ("照片.JPG", "image/jpeg")
    assert (seen[0].category, seen[1].category) == ("image", "document")


@pytest.mark.parametrize(
    "name",
    [
        lambda file: 1 / 0,
        lambda file: "/a",
        lambda file: "a/../b.jpg",
        lambda file: "a/.",
        lambda file: 5,
        lambda file: "",
    ],
)
def test_a_name_that_cannot_be_is_500(start: Callable[..., Face], name: Any) -> None:
    face = start(object_key=name)
    assert (face.one().status, face.one().json["code"]) == (500, 50003)
    assert face.batch(PHOTO).json["data"]["items"][0]["error"]["code"] == 50003


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"object_key": "{yyyy}.{ext}"}, "object_key"),
        ({"object_key": "{filename}{random}.{ext}"}, "object_key"),
        ({"object_key": "a/../{random}.{ext}"}, "object_key"),
        ({"access_url": "cdn.example.com"}, "access_url"),
        ({"access_url": "presigned", "access_expire_seconds": 0}, "access_expire_seconds"),
        ({"max_bytes": {"zip": 5}}, "max_bytes"),
        ({"max_bytes": {"image": -5}}, "max_bytes"),
        ({"rate_limit": (0, 5)}, "rate_limit.requests"),
        ({"callback": {"url": "https://example.com/"}}, "callback"),
        ({"callback": {"url": "ftp://x", "body": "${object}"}}, "callback.url"),
        ({"access_url": "https://x:99999"}, "access_url"),
        ({"max_body_bytes": 5}, "max_body_bytes"),
    ],
)
def test_a_wrong_setting_is_named(start: Callable[..., Face], settings: Any, words: str) -> None:
    with pytest.raises((ValueError, oss.exceptions.ParamInvalidError), match=words):
        start(**settings)


@pytest.mark.parametrize("bucket", ["BAD_Bucket", "a.b", "ab"])
def test_a_bucket_that_oss_does_not_allow_is_refused(bucket: str) -> None:
    for make in (PresignApp, presign_router):
        with pytest.raises(oss.exceptions.ParamInvalidError, match=f"bucket: '{bucket}' must be"):
            make(client(), bucket=bucket, api_keys=["a long random key"])


def test_version_1_and_sizes_exclude_each_other(start: Callable[..., Face]) -> None:
    with pytest.raises(oss.exceptions.ParamInvalidError, match="signature_version"):
        start(client(signature_version="v1"), content_length=True)


def test_somebody_must_be_let_in() -> None:
    for make in (PresignApp, presign_router):
        with pytest.raises(ValueError, match="api_keys"):
            make(client(), bucket="examplebucket")


def test_api_keys_may_be_hashed_and_have_a_prefix() -> None:
    keys = [
        f"sha256:{faces.digest('one')}",
        {"name": "app", "sha256": faces.digest("two"), "prefix": "app/"},
    ]
    face = of_app(PresignApp(client(), bucket="examplebucket", api_keys=keys))
    assert face.ask(ONE, PHOTO, key="one").json["data"]["object_key"].startswith("uploads/")
    assert face.ask(ONE, PHOTO, key="two").json["data"]["object_key"].startswith("app/uploads/")
    with pytest.raises((ValueError, oss.exceptions.ParamInvalidError)) as caught:
        PresignApp(client(), bucket="examplebucket", api_keys=[{"name": "a", "sha256": "hush"}])
    assert "hush" not in str(caught.value)


def test_api_keys_may_be_named_by_a_dict() -> None:
    keys = {"web": "one", "app": {"sha256": faces.digest("two"), "prefix": "app/"}}
    for make in (PresignApp, fastapi_app):
        settings = {"bucket": "examplebucket"} if make is PresignApp else {}
        pattern = "{key}/{random}.{ext}"
        face = of_app(make(client(), api_keys=keys, object_key=pattern, **settings))
        assert face.ask(ONE, PHOTO, key="one").json["data"]["object_key"].startswith("web/")
        assert face.ask(ONE, PHOTO, key="two").json["data"]["object_key"].startswith("app/app/")
        for name in keys:
            assert face.ask(ONE, PHOTO, key=name).json["code"] == 40102


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("hush", "not one str"),
        (b"hush", "not one bytes"),
        ({"name": "web", "sha256": "hush"}, "not one mapping"),
        ({"web": None}, "web must be a str, .* not NoneType"),
        (["a", 5], "key2 must be a str, .* not int"),
    ],
)
def test_api_keys_that_are_none_are_refused(keys: Any, words: str) -> None:
    for make in (PresignApp, presign_router):
        with pytest.raises(TypeError, match=f"api_keys.*{words}") as caught:
            make(client(), bucket="examplebucket", api_keys=keys)
        assert "hush" not in str(caught.value)


def test_a_rate_may_be_a_mapping_and_nothing_else_but_a_pair(start: Callable[..., Face]) -> None:
    face = start(rate_limit={"requests": 1, "seconds": 600})
    assert [face.one().status for _ in range(2)] == [200, 429]
    with pytest.raises(ValueError, match="rate_limit"):
        start(rate_limit={"requests": 1})
    for wrong in (5, "5/m", (1, 2, 3)):
        with pytest.raises(TypeError, match="rate_limit must be"):
            start(rate_limit=wrong)


WHO = [(7, "int"), (object(), "object"), (True, "bool")]
BY_NAME = [{"rate_limit": (9, 60)}, {"object_key": "{key}/{random}.{ext}"}]


@pytest.mark.parametrize(
    ("identity", "kind", "more"),
    [(*who, more) for who in WHO for more in BY_NAME]
    + [("", "an empty one", {}), (False, "bool", {}), (0, "int", {})],
)
def test_a_caller_without_a_name_is_500_and_said_in_the_log(
    identity: Any, kind: str, more: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = PresignApp(client(), bucket="examplebucket", authenticate=lambda scope: identity, **more)
    router = fastapi_app(client(), identity=Depends(lambda: identity), **more)
    for face, setting in ((of_app(app), "authenticate"), (of_app(router), "identity")):
        caplog.clear()
        reply = face.one()
        assert (reply.status, reply.json["code"]) == (500, 50001)
        (record,) = caplog.records
        assert record.name == "ossign.service"
        words = record.getMessage()
        assert f"{setting} must return a str" in words and words.endswith(f"not {kind}")


@pytest.mark.parametrize("identity", [7, object(), True, {"sub": "ann"}])
def test_a_caller_without_a_name_is_let_in_where_none_is_needed(identity: Any) -> None:
    app = PresignApp(client(), bucket="examplebucket", authenticate=lambda scope: identity)
    router = fastapi_app(client(), identity=Depends(lambda: identity))
    assert [of_app(app).one().status, of_app(router).one().status] == [200, 200]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_asgi_app_may_know_its_callers_by_itself(asynchronous: bool) -> None:
    def known(scope: Any) -> str | None:
        return dict(scope["headers"]).get(b"x-user", b"").decode() or None

    async def known_later(scope: Any) -> str | None:
        return known(scope)

    authenticate = known_later if asynchronous else known
    app = PresignApp(
        client(),
        bucket="examplebucket",
        authenticate=authenticate,
        object_key="{key}/{random}.{ext}",
    )
    face = of_app(app)
    data = face.ask(ONE, PHOTO, key=None, **{"X-User": "ann"}).json["data"]
    assert data["object_key"].startswith("ann/")
    assert (face.ask(ONE, PHOTO).status, face.ask(ONE, PHOTO).json["code"]) == (401, 40102)
    assert face.ask("/x", PHOTO).status == 404


def test_an_asgi_app_can_be_mounted() -> None:
    app = PresignApp(client(), bucket="examplebucket", api_keys=[KEY])
    bare = PresignApp(client(), bucket="examplebucket", api_keys=[KEY], path="")
    outer = Starlette(routes=[Mount("/api", bare), Mount("/deep/down", app)])
    face = of_app(outer)
    assert face.ask("/deep/down/api/oss/presign-put", PHOTO).status == 200
    assert face.ask("/api/presign-put", PHOTO).status == 200
    assert face.ask("/api/presign-put/x", PHOTO).json["code"] == 40401
    assert face.ask("/api/openapi.json", method="GET").json["paths"]["/presign-put"]


def test_an_asgi_app_can_be_mounted_where_the_path_is_cut() -> None:
    app = PresignApp(client(), bucket="examplebucket", api_keys=[KEY])

    async def cut(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "root_path": "/api", "path": "/api/oss/presign-put"}, receive, send)

    assert of_app(cut).ask("/api/api/oss/presign-put", PHOTO).status == 200

    async def cut_as_litestar_does(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "path": "/api/oss/presign-put/"}, receive, send)

    assert of_app(cut_as_litestar_does).ask("/x/api/oss/presign-put", PHOTO).status == 200


def test_an_asgi_app_lives_and_ends() -> None:
    async def life() -> list[str]:
        received = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        sent: list[str] = []

        async def receive() -> Any:
            return next(received)

        async def send(message: Any) -> None:
            sent.append(message["type"])

        app = PresignApp(client(), bucket="examplebucket", api_keys=[KEY])
        await app({"type": "lifespan"}, receive, send)
        await app({"type": "websocket"}, receive, send)
        return sent

    assert asyncio.run(life()) == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
        "websocket.close",
    ]


def test_a_client_that_goes_away_is_not_answered() -> None:
    async def gone() -> list[Any]:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        app = PresignApp(client(), bucket="examplebucket", api_keys=[KEY])
        await app(faces.scope_of("POST", ONE, {"Apikey": KEY}), receive, send)
        return sent

    assert asyncio.run(gone()) == []


def fastapi_app(*args: Any, **settings: Any) -> FastAPI:
    app = FastAPI()
    app.include_router(presign_router(*args, bucket="examplebucket", **settings))
    return app


def test_dependencies_of_fastapi_name_the_caller_the_client_and_the_key() -> None:
    def user(x_user: str = Header()) -> str:
        if x_user == "bob":
            raise HTTPException(403, "not you", headers={"X-Why": "bob"})
        return x_user

    def tenant(user: str = Depends(user)) -> oss.Client:
        return client(region="cn-beijing" if user == "ann" else "cn-hangzhou")

    def naming(user: str = Depends(user)) -> Callable[[NewObject], str]:
        return lambda file: f"{user}/{file.caller}.{file.extension}"

    app = fastapi_app(Depends(tenant), identity=Depends(user), object_key=Depends(naming))
    face = of_app(app)

    def ask(name: str) -> Reply:
        return face.ask(ONE, PHOTO, key=None, **{"X-User": name})

    data = ask("ann").json["data"]
    assert data["object_key"] == "ann/ann.jpg"
    assert data["upload_url"].startswith("https://examplebucket.oss-cn-beijing.aliyuncs.com/")
    assert "cn-hangzhou" in ask("eve").json["data"]["upload_url"]
    refused = ask("bob")
    assert (refused.status, refused.json) == (403, {"code": 40300, "message": "not you"})
    assert refused.headers["x-why"] == "bob"
    missing = face.ask(ONE, PHOTO)
    assert missing.status == 400
    assert missing.json == {"code": 40002, "message": "is missing", "field": "x-user"}
    responses = app.openapi()["paths"][ONE]["post"]["responses"]
    assert "422" not in responses and "default" in responses


@pytest.mark.parametrize("settings", [{"max_bytes": {"image": 5}}, {"content_length": True}])
def test_a_client_of_a_request_that_signs_no_length_signs_nothing(settings: Any) -> None:
    version = "v1"

    def tenant() -> oss.Client:
        return client(signature_version=version)

    every = {"form_upload": True, "multipart": True, "identity": Depends(lambda: "ann")}
    face = of_app(fastapi_app(Depends(tenant), **every, **settings))
    photo = {**PHOTO, "content_length": 5, "size": 5}
    part_size = 8 * 1024**2
    key = f"uploads/2026/01/01/{'0f' * 16}.jpg"
    parts = {"object_key": key, "upload_id": "AB01", "size": 5, "part_size": part_size}
    asked = [(ONE, photo), (FORM, photo), (MULTIPART, photo), (PARTS, parts)]
    for path, body in asked:
        reply = face.ask(path, body)
        assert (reply.status, reply.json["code"]) == (500, 50002), path
    assert face.batch(photo).json["code"] == 50002
    version = "v4"
    for path, body in asked:
        assert face.ask(path, body).status == 200, path


@pytest.mark.parametrize("key", ["/a.mp4", "\\a.mp4", "a.exe", "a", "a.MP4", f"{'a' * 1020}.mp4"])
@pytest.mark.parametrize("settings", [{}, {"max_bytes": {"video": 5}}], ids=["", "capped"])
def test_a_foreign_name_is_400_where_a_function_names(
    start: Callable[..., Face], settings: Any, key: str
) -> None:
    face = start(multipart=True, object_key=lambda file: f"a.{file.extension}", **settings)
    asked = {"object_key": "a.mp4", "upload_id": "AB01", "size": 5, "part_size": 8 * 1024**2}
    assert face.ask(PARTS, asked).status == 200
    reply = face.ask(PARTS, {**asked, "object_key": key})
    assert (reply.status, reply.json["code"], reply.json["field"]) == (400, 40004, "object_key")


def test_a_caller_that_a_dependency_does_not_know_is_401() -> None:
    face = of_app(fastapi_app(client(), identity=Depends(lambda: None)))
    assert face.one().status == 401
    assert face.one().body == b'{"code":40102,"message":"the caller is not known"}'


def test_the_apps_own_handlers_and_routes_are_left_alone() -> None:
    app = FastAPI()

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Any, error: Any) -> PlainTextResponse:
        return PlainTextResponse("mine", 499)

    app.include_router(presign_router(client(), bucket="examplebucket", api_keys=[KEY]))

    @app.get("/api/oss/own")
    async def own(number: int) -> int:
        return number

    face = of_app(app)
    assert face.ask("/api/oss/own", method="GET").body == b"mine"
    assert face.ask(ONE, {}).json["code"] == 40002
    assert face.ask("/api/oss/other", method="GET").json["code"] == 40401
    assert face.ask("/nowhere", method="GET").json == {"detail": "Not Found"}


def test_a_router_may_stand_under_several_prefixes_with_dependencies() -> None:
    calls: list[int] = []
    app = FastAPI()
    router = presign_router(client(), bucket="examplebucket", api_keys=[KEY], prefix="/files")
    app.include_router(router, prefix="/v1", dependencies=[Depends(lambda: calls.append(1))])
    face = of_app(app)
    assert face.ask("/v1/files/presign-put", PHOTO).status == 200
    assert face.ask("/v1/files/presign-put", PHOTO, method="GET").json["code"] == 40501
    assert face.ask("/v1/files/x", PHOTO).json["code"] == 40401
    assert calls == [1]


def test_the_document_is_true_whoever_adds_dependencies() -> None:
    def tenant(x_tenant: int = Header()) -> int:
        return x_tenant

    needed = [Depends(tenant)]
    given = {"bucket": "examplebucket", "api_keys": [KEY]}
    apps = [FastAPI(), FastAPI(dependencies=needed), FastAPI()]
    apps[0].include_router(presign_router(client(), **given), dependencies=needed)
    apps[1].include_router(presign_router(client(), **given))
    apps[2].include_router(presign_router(client(), dependencies=needed, **given))
    for app in apps:
        document = app.openapi()
        assert "HTTPValidationError" not in document["components"]["schemas"]
        operation = document["paths"][ONE]["post"]
        assert "422" not in operation["responses"] and "default" in operation["responses"]
        assert [parameter["name"] for parameter in operation["parameters"]] == ["x-tenant"]
        reply = of_app(app).ask(ONE, PHOTO, **{"X-Tenant": "a"})
        assert (reply.status, reply.json["field"]) == (400, "x-tenant")


def test_dependency_overrides_work_as_for_any_route() -> None:
    def user() -> str:
        raise HTTPException(401)

    app = fastapi_app(client(), identity=Depends(user))
    app.dependency_overrides[user] = lambda: "tester"
    assert of_app(app).one().status == 200
