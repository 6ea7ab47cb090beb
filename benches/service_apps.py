"""The apps that benches/service.py compares: the same API on the official SDK, and ours."""

from __future__ import annotations

import datetime
import hmac
import os
import secrets
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, Field

TYPES = {
    "jpg": ("image/jpeg", "image/jpg"),
    "jpeg": ("image/jpeg", "image/jpg"),
    "png": ("image/png",),
    "mp4": ("video/mp4",),
    "pdf": ("application/pdf",),
}


class File(BaseModel):
    """One file."""

    filename: Annotated[str, Field(min_length=1, max_length=255)]
    content_type: Annotated[str, Field(min_length=1, max_length=255)]


class One(File):
    """A request for one file."""

    expire_seconds: Annotated[int, Field(ge=60, le=7200)] = 3600


class Several(BaseModel):
    """A request for several."""

    files: Annotated[list[File], Field(min_length=1, max_length=20)]
    expire_seconds: Annotated[int, Field(ge=60, le=7200)] = 3600


class Upload(BaseModel):
    """An answer for one file."""

    upload_url: str
    access_url: str
    object_key: str
    content_type: str
    expire_at: int


class Answer(BaseModel):
    """The whole answer for one file."""

    code: int
    data: Upload


class Batch(BaseModel):
    """The answers for several."""

    total: int
    success: int
    failed: int
    items: list[Upload | dict[str, Any]]


class BatchAnswer(BaseModel):
    """The whole answer for several."""

    code: int
    data: Batch


def with_sdk() -> FastAPI:
    """The API as one would write it with FastAPI and the official SDK."""
    import alibabacloud_oss_v2 as oss

    config = oss.config.load_default()
    config.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    config.region = os.environ["OSSIGN_REGION"]
    client, bucket = oss.Client(config), os.environ["OSSIGN_BUCKET"]
    key = os.environ["BENCH_KEY"].encode()
    app = FastAPI()

    def allowed(given: Annotated[str | None, Security(APIKeyHeader(name="Apikey"))]) -> None:
        if given is None or not hmac.compare_digest(given.encode(), key):
            raise HTTPException(401, {"code": 40102, "message": "the API key is not known"})

    def presigned(file: File, seconds: int) -> Upload:
        extension = file.filename.rpartition(".")[2].lower()
        if file.content_type not in TYPES.get(extension, ()):
            raise HTTPException(400, {"code": 40005, "message": "not allowed"})
        now = datetime.datetime.now(datetime.timezone.utc)
        name = f"uploads/{now:%Y/%m/%d}/{secrets.token_hex(16)}.{extension}"
        kind = TYPES[extension][0]
        result = client.presign(
            oss.PutObjectRequest(bucket=bucket, key=name, content_type=kind),
            expires=datetime.timedelta(seconds=seconds),
        )
        return Upload(
            upload_url=result.url,
            access_url=f"https://{bucket}.oss-{config.region}.aliyuncs.com/{name}",
            object_key=name,
            content_type=kind,
            expire_at=int(now.timestamp()) + seconds,
        )

    @app.post("/api/oss/presign-put", dependencies=[Depends(allowed)])
    async def one(request: One) -> Answer:
        return Answer(code=0, data=presigned(request, request.expire_seconds))

    @app.post("/api/oss/presign-put/batch", dependencies=[Depends(allowed)])
    async def several(request: Several) -> BatchAnswer:
        items: list[Upload | dict[str, Any]] = []
        for file in request.files:
            try:
                items.append(presigned(file, request.expire_seconds))
            except HTTPException as error:
                items.append({"error": error.detail})
        good = sum(isinstance(item, Upload) for item in items)
        total = len(items)
        data = Batch(total=total, success=good, failed=total - good, items=items)
        return BatchAnswer(code=0, data=data)

    return app


def client() -> Any:
    """A client of ours."""
    import ossign as oss

    provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    config = oss.Config(region=os.environ["OSSIGN_REGION"], credentials_provider=provider)
    return oss.Client(config)


def with_router() -> FastAPI:
    """The API as our router in an app."""
    from ossign.fastapi import presign_router

    bucket, key = os.environ["OSSIGN_BUCKET"], os.environ["BENCH_KEY"]
    app = FastAPI()
    app.include_router(presign_router(client(), bucket=bucket, api_keys=[key]))
    return app


def bare() -> Any:
    """The API as a bare ASGI app."""
    from ossign.asgi import PresignApp

    bucket, key = os.environ["OSSIGN_BUCKET"], os.environ["BENCH_KEY"]
    return PresignApp(client(), bucket=bucket, api_keys=[key])
