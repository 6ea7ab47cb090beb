"""The requests and answers of the HTTP presign API as pydantic models: its OpenAPI is made of them.

The checks themselves are done in Rust, in one pass; a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

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
FILM = "uploads/2026/01/01/5d41402abc4b2a76b9719d911017c592.mp4"
UPLOAD_ID = "0004B9895DBBB6EC98E36D6A2F1F9C4A"
MULTIPART: dict[str, Any] = {
    "object_key": FILM,
    "content_type": "video/mp4",
    "access_url": f"{HOST}/{FILM}",
    "size": 20000000,
    "part_size": 8388608,
    "part_count": 3,
    "initiate": {
        "method": "POST",
        "url": f"{HOST}/{FILM}?uploads&x-oss-signature-version=OSS4-HMAC-SHA256&...",
        "headers": {"Content-Type": "video/mp4"},
    },
    "expire_at": 1767229200,
}
OF_UPLOAD = f"{HOST}/{FILM}?uploadId={UPLOAD_ID}&..."
PARTS: dict[str, Any] = {
    "parts": [
        {
            "part_number": 3,
            "offset": 16777216,
            "length": 3222784,
            "upload_url": f"{OF_UPLOAD}&partNumber=3&...",
        }
    ],
    "complete": {"method": "POST", "url": OF_UPLOAD, "headers": {}},
    "abort": {"method": "DELETE", "url": OF_UPLOAD, "headers": {}},
    "list_parts": [{"method": "GET", "url": OF_UPLOAD, "headers": {}}],
    "expire_at": 1767229200,
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


def unique(schema: dict[str, Any]) -> None:
    """A list of different things, which may be left out."""
    optional(schema)
    schema["uniqueItems"] = True


class Model(BaseModel):
    """A JSON object. Names that it does not know are ignored, types are not converted."""

    model_config = ConfigDict(extra="ignore", strict=True)


class NamedFile(Model):
    """What is known of a file's name and type."""

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


class PresignFile(NamedFile):
    """A file that is to be uploaded."""

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


class PresignMultipartRequest(NamedFile):
    """A file that is to be uploaded in parts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"filename": "a.mp4", "content_type": "video/mp4", "size": 20000000}]
        }
    )
    size: int = Field(ge=0, le=53_687_091_200_000, description="The file's size in bytes.")
    part_size: int = Field(
        default=None,  # type: ignore[assignment]
        ge=102_400,
        le=5 * 1024**3,
        description="How many bytes each part but the last is to have: a wish, which is not "
        "followed where the service limits the size of such files. There are 10,000 parts at most. "
        "Without it, parts have 8 MB, or more for files of more than 40 GB.",
        json_schema_extra=optional,
    )
    expire_seconds: int = Field(
        default=3600, ge=60, le=7200, description="For how long `initiate` is to be valid."
    )


class PresignPartsRequest(Model):
    """Parts of an upload that has begun."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "object_key": FILM,
                    "upload_id": UPLOAD_ID,
                    "size": 20000000,
                    "part_size": 8388608,
                    "part_numbers": [3],
                }
            ]
        }
    )
    object_key: str = Field(
        min_length=1, max_length=1023, description="As it was answered.", examples=[FILM]
    )
    upload_id: str = Field(
        min_length=1,
        max_length=128,
        pattern="^[0-9A-Za-z_-]+$",
        description="The UploadId that OSS answered to `initiate`. Keep it to yourself: whoever "
        "has it can send parts.",
        examples=[UPLOAD_ID],
    )
    size: int = Field(ge=0, le=53_687_091_200_000, description="The file's size in bytes.")
    part_size: int = Field(ge=102_400, le=5 * 1024**3, description="As it was answered.")
    part_numbers: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(
        default=None,  # type: ignore[arg-type]
        max_length=1000,
        description="The parts to presign, counted from 1, none of them twice: none at all for the "
        "other requests alone. Without it, the first 1,000.",
        json_schema_extra=unique,
    )
    expire_seconds: int = Field(
        default=3600, ge=60, le=7200, description="For how long the URLs are to be valid."
    )


class PresignedCall(Model):
    """A presigned request."""

    method: str
    url: str
    headers: dict[str, str] = Field(description="Headers that must be sent.")


class PresignedMultipart(Model):
    """What begins an upload in parts."""

    model_config = ConfigDict(json_schema_extra={"examples": [MULTIPART]})
    object_key: str = Field(description="The object's name in the bucket.")
    content_type: str = Field(description="The type that the object will have.")
    access_url: str = Field(description="Where the file can be read once it is uploaded.")
    access_expire_at: int = Field(
        default=None,  # type: ignore[assignment]
        description="When a presigned access URL ends, in seconds since 1970.",
        json_schema_extra=optional,
    )
    size: int = Field(description="The file's size in bytes.")
    part_size: int = Field(description="The bytes of each part but the last, which has the rest.")
    part_count: int = Field(description="How many parts there are; one for an empty file.")
    initiate: PresignedCall = Field(
        description="Begins the upload: the answer of OSS, in XML, has its UploadId."
    )
    expire_at: int = Field(description="When `initiate` ends, in seconds since 1970.")


class PresignedPart(Model):
    """Where to PUT one part of the file."""

    part_number: int = Field(description="From 1 on.")
    offset: int = Field(description="Where it begins in the file, in bytes.")
    length: int = Field(description="How many bytes it has.")
    upload_url: str = Field(
        description="PUT these bytes here, without a Content-Type. The answer's ETag goes into "
        "the body of `complete`."
    )
    headers: dict[str, str] = Field(
        default=None,  # type: ignore[arg-type]
        description="Headers that the PUT must send, where the service wants some.",
        json_schema_extra=optional,
    )


class PresignedParts(Model):
    """Where the parts of an upload go, and what ends it."""

    model_config = ConfigDict(json_schema_extra={"examples": [PARTS]})
    parts: list[PresignedPart] = Field(description="In the order in which they were asked for.")
    complete: PresignedCall = Field(
        description="Makes the object of its parts. The body is XML, without a Content-Type: "
        "`<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>...</ETag></Part>...`, "
        "by ascending numbers."
    )
    abort: PresignedCall = Field(description="Gives the upload up, and deletes its parts.")
    list_parts: list[PresignedCall] = Field(
        description="Say which parts have arrived: one request for each 1,000 parts of the file."
    )
    expire_at: int = Field(description="When the URLs end, in seconds since 1970.")


class PresignMultipartAnswer(Model):
    """What begins one upload."""

    code: Literal[0]
    data: PresignedMultipart


class PresignPartsAnswer(Model):
    """The URLs of one upload's parts."""

    code: Literal[0]
    data: PresignedParts


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
