"""The requests and answers of the HTTP presign API as pydantic models: its OpenAPI is made of them.

The checks themselves are done in Rust, in one pass; a test holds the two together.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

KEY = "uploads/2026/01/01/5d41402abc4b2a76b9719d911017c592.jpg"
HOST = "https://examplebucket.oss-cn-hangzhou.aliyuncs.com"
UPLOAD: dict[str, Any] = {
    "upload_url": f"{HOST}/{KEY}?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=...",
    "access_url": f"{HOST}/{KEY}",
    "object_key": KEY,
    "content_type": "image/jpeg",
    "expire_at": 1767229200,
}
FORM: dict[str, Any] = {
    **UPLOAD,
    "upload_url": f"{HOST}/",
    "fields": {"key": KEY, "Content-Type": "image/jpeg", "policy": "..."},
}
PROBLEM: dict[str, Any] = {
    "code": 40005,
    "message": "must end with one of .jpg .jpeg .png ...",
    "field": "filename",
}
CODES = """What is wrong; its first three digits are the HTTP status.

| code | meaning |
|---|---|
| 40001 | The body is not JSON, is nested too deeply, or names a field twice. |
| 40002 | A required field is missing. |
| 40003 | A field has a value of another type. |
| 40004 | A value is too small, too large, too long, empty, or holds what it must not. |
| 40005 | The file name has no extension, or one that is not allowed. |
| 40006 | The content type contradicts the extension. |
| 40007 | The file is larger than files of its kind may be. |
| 40101 | There is no API key in the request. |
| 40102 | The API key, or the caller, is not known. |
| 40401 | There is nothing at this path. |
| 40501 | The method must be POST. |
| 40801 | The body took too long to arrive. |
| 41301 | The body is too large. |
| 42901 | Too many requests: the header Retry-After says after how many seconds to try again. |
| 50001 | A bug. |
| 50002 | OSS is not configured. |
| 50003 | The URL cannot be signed. |
"""


def optional(schema: dict[str, Any]) -> None:
    """A field that is absent where it does not apply, and never null."""
    schema.pop("default", None)


class Model(BaseModel):
    """A JSON object. Names that it does not know are ignored, types are not converted."""

    model_config = ConfigDict(extra="ignore", strict=True)


class PresignFile(Model):
    """A file that is to be uploaded."""

    filename: str = Field(
        min_length=1,
        max_length=255,
        description="The user's name for the file. Only its last extension counts: jpg, jpeg, png, "
        "gif, webp, bmp, mp4, mov, avi, mkv, webm, mp3, wav, aac, m4a or pdf, in any case. Control "
        "characters, and characters that turn the text's direction, are refused.",
        examples=["holiday.jpg"],
    )
    content_type: str = Field(
        min_length=1,
        max_length=255,
        description="The type as the browser says it, such as `file.type`. Known other names of a "
        "type are accepted; one that contradicts the extension is refused.",
        examples=["image/jpeg"],
    )
    content_length: int = Field(
        default=None,  # type: ignore[assignment]
        ge=0,
        le=5 * 1024**3,
        description="The file's size in bytes, for services that sign it: OSS then refuses an "
        "upload of any other size. Required where a service limits the size of such files, and "
        "ignored where it does not sign sizes.",
        json_schema_extra=optional,
    )


class PresignRequest(PresignFile):
    """A file that is to be uploaded, and within which time."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"filename": "a.jpg", "content_type": "image/jpeg"}]}
    )
    expire_seconds: int = Field(
        default=3600, ge=60, le=7200, description="For how long the upload URL is to be valid."
    )


class PresignBatchRequest(Model):
    """Several files, each of which is answered for itself."""

    files: list[PresignFile] = Field(min_length=1, max_length=20)
    expire_seconds: int = Field(
        default=3600, ge=60, le=7200, description="For how long the upload URLs are to be valid."
    )


class PresignedUpload(Model):
    """Where to PUT the file, and where it can be read afterwards."""

    model_config = ConfigDict(json_schema_extra={"examples": [UPLOAD]})
    upload_url: str = Field(description="PUT the file's bytes here. Whoever has it can upload.")
    access_url: str = Field(description="Where the file can be read once it is uploaded.")
    object_key: str = Field(description="The object's name in the bucket.")
    content_type: str = Field(description="The PUT must send exactly this Content-Type.")
    expire_at: int = Field(
        description="When the upload URL ends, in seconds since 1970. Earlier than asked for where "
        "the service's own credentials end earlier."
    )
    content_length: int = Field(
        default=None,  # type: ignore[assignment]
        description="The size that the PUT must have, where it was signed.",
        json_schema_extra=optional,
    )
    access_expire_at: int = Field(
        default=None,  # type: ignore[assignment]
        description="When a presigned access URL ends, in seconds since 1970.",
        json_schema_extra=optional,
    )
    headers: dict[str, str] = Field(
        default=None,  # type: ignore[arg-type]
        description="Headers that the PUT must send as well, where the service wants some.",
        json_schema_extra=optional,
    )


class PresignedForm(Model):
    """Where to POST a form with the file, and where it can be read afterwards."""

    model_config = ConfigDict(json_schema_extra={"examples": [FORM]})
    upload_url: str = Field(description="POST a multipart/form-data form here.")
    fields: dict[str, str] = Field(
        description="The form's fields, in this order. The file follows as the last, named `file`."
    )
    access_url: str = Field(description="Where the file can be read once it is uploaded.")
    object_key: str = Field(description="The object's name in the bucket.")
    content_type: str = Field(description="The type that the object will have.")
    expire_at: int = Field(description="When the form ends, in seconds since 1970.")
    content_length: int = Field(
        default=None,  # type: ignore[assignment]
        description="The size that the file must have, where the request said one.",
        json_schema_extra=optional,
    )
    access_expire_at: int = Field(
        default=None,  # type: ignore[assignment]
        description="When a presigned access URL ends, in seconds since 1970.",
        json_schema_extra=optional,
    )


class PresignProblem(Model):
    """Every error has this shape."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROBLEM]})
    code: int = Field(description=CODES, ge=40000, le=59999)
    message: str = Field(description="What is wrong, for people. Nothing of the request is in it.")
    field: str = Field(
        default=None,  # type: ignore[assignment]
        description="The field that is wrong, where it is one.",
        json_schema_extra=optional,
    )


class PresignAnswer(Model):
    """One file's URLs."""

    code: Literal[0]
    data: PresignedUpload


class PresignFormAnswer(Model):
    """One file's form."""

    code: Literal[0]
    data: PresignedForm


class PresignFormRequest(PresignRequest):
    """A file that is to be uploaded by a form, and within which time."""


class FailedFile(Model):
    """A file of a batch that has no URL."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"error": PROBLEM}]})
    error: PresignProblem


class PresignBatch(Model):
    """One item for each file, in the order of the request."""

    total: int
    success: int
    failed: int
    items: list[PresignedUpload | FailedFile]


class PresignBatchAnswer(Model):
    """The URLs of a batch."""

    code: Literal[0]
    data: PresignBatch


def inlined(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a model, without references: it stands in the middle of a document."""
    schema = model.model_json_schema()
    known = schema.pop("$defs", {})

    def resolve(value: Any) -> Any:
        if isinstance(value, list):
            return [resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return resolve(known[value["$ref"].rpartition("/")[2]])
        return {name: resolve(item) for name, item in value.items()}

    resolved: dict[str, Any] = resolve(schema)
    return resolved
