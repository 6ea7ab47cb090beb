"""What OSS answers to the requests of a multipart upload, read; its errors are raised."""

from __future__ import annotations

from .._headers import CaseInsensitiveDict
from .._ossign import parse_xml
from .._xml import deserialize_xml
from ..exceptions import DeserializationError, ServiceError
from ..models import (
    CompleteMultipartUploadResult,
    InitiateMultipartUploadResult,
    ListPartsResult,
)
from ..serde_utils import deserialize_encode_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar

    _R = TypeVar(
        "_R", CompleteMultipartUploadResult, InitiateMultipartUploadResult, ListPartsResult
    )

# OSS says so where the callback of an upload failed; the object is stored all the same.
_CALLBACK_FAILED = 203
_SHOWN = 256


def parse_initiate(
    body: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None
) -> InitiateMultipartUploadResult:
    """Read the answer to InitiateMultipartUpload; its `upload_id` is what `plan.parts` wants.

    Args:
        body: As it came.
        status: The HTTP status.
        headers: Those of the answer: request id and time of an error are read from them.

    Raises:
        ServiceError: OSS answered with an error, or something else did in its place.
        DeserializationError: It is no such answer.

    Example:
        >>> import ossign as oss
        >>> oss.multipart.parse_initiate(
        ...     "<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>video.mp4</Key>"
        ...     "<UploadId>0004B9894A22E5B1888A1E29F823</UploadId></InitiateMultipartUploadResult>"
        ... ).upload_id
        '0004B9894A22E5B1888A1E29F823'
    """
    result = _read(InitiateMultipartUploadResult(), body, status, headers)
    if not result.upload_id:
        raise DeserializationError(error="the answer has no UploadId")
    return result


def parse_complete(
    body: bytes | str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    callback: bool = False,
) -> CompleteMultipartUploadResult:
    """Read the answer to CompleteMultipartUpload: `etag`, `location`, `bucket`, `key`.

    An answer with an `<Error>` in it is an error, also where its status says otherwise.

    Args:
        body: As it came.
        status: The HTTP status.
        headers: Those of the answer.
        callback: Whether the request had a callback. Then the body is the JSON that your server
            said, and becomes `callback_result`; the other fields stay empty.

    Raises:
        ServiceError: As `parse_initiate`. With status 203 and code CallbackFailed, the object is
            stored, but your server did not confirm it.
        DeserializationError: It is no such answer.
    """
    result = CompleteMultipartUploadResult()
    if not callback:
        return _read(result, body, status, headers)
    _refuse_errors(body, status, headers)
    import json

    try:
        result.callback_result = json.loads(body)
    except (RecursionError, ValueError) as error:
        raise DeserializationError(error=error) from error
    return _with_facts(result, status, headers)


def parse_list_parts(
    body: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None
) -> ListPartsResult:
    """Read a page of ListParts; its `parts` have number, ETag, size and time. See `plan.missing`.

    Args:
        body: As it came.
        status: The HTTP status.
        headers: Those of the answer.

    Raises:
        ServiceError: As `parse_initiate`; its code is NoSuchUpload where the upload was completed
            or aborted.
        DeserializationError: It is no such answer.
    """
    result = _read(ListPartsResult(), body, status, headers)
    result.parts = result.parts or []
    return result


def _read(result: _R, body: bytes | str, status: int, headers: Mapping[str, str] | None) -> _R:
    _refuse_errors(body, status, headers)
    try:
        deserialize_xml(body, result, type(result).__name__)
    except ValueError as error:
        raise DeserializationError(error=error) from error
    return _with_facts(deserialize_encode_type(result), status, headers)


def _with_facts(result: _R, status: int, headers: Mapping[str, str] | None) -> _R:
    result.status_code = status
    result.headers = CaseInsensitiveDict(headers or {})
    result.request_id = result.headers.get("x-oss-request-id", "")
    if isinstance(result, CompleteMultipartUploadResult):
        result.hash_crc64 = result.headers.get("x-oss-hash-crc64ecma")
        result.version_id = result.headers.get("x-oss-version-id")
    return result


def _refuse_errors(body: bytes | str, status: int, headers: Mapping[str, str] | None) -> None:
    """Raise what is no success. Not every 2xx is one."""
    if not isinstance(status, int):
        raise TypeError(f"status must be an int, not {type(status).__name__}")
    if not isinstance(body, bytes | str):
        raise TypeError(f"body must be bytes or str, not {type(body).__name__}")
    if not 200 <= status < 300 or status == _CALLBACK_FAILED or _error_of(body):
        raise _service_error(body, status, CaseInsensitiveDict(headers or {}))


def _error_of(body: bytes | str) -> dict[str, Any]:
    """The members of an `<Error>`, or nothing."""
    try:
        tag, _, children = parse_xml(body)
    except ValueError:
        return {}
    is_error = tag.rpartition("}")[2] == "Error"
    return {child[0].rpartition("}")[2]: child[1] for child in children} if is_error else {}


def _service_error(body: bytes | str, status: int, headers: CaseInsensitiveDict) -> ServiceError:
    from .._wire import deserialize_httptime

    data = body or _decoded(headers.get("x-oss-err", ""))
    fields = _error_of(data)
    message = fields.get("Message")
    if not fields:
        message = f"the answer is no error of OSS; it begins with {data[:_SHOWN]!r}"
    date = headers.get("Date")
    try:
        timestamp = deserialize_httptime(date) if date else None
    except (DeserializationError, ValueError):
        timestamp = None
    return ServiceError(
        status_code=status,
        code=fields.get("Code", "BadErrorResponse"),
        message=message,
        request_id=fields.get("RequestId") or headers.get("x-oss-request-id", ""),
        ec=fields.get("EC") or headers.get("x-oss-ec", ""),
        timestamp=timestamp,
        request_target="",
        snapshot=body,
        headers=headers,
        error_fileds=fields,
    )


def _decoded(text: str) -> bytes:
    """Where an answer may have no body, OSS puts the error into a header."""
    import binascii

    try:
        return binascii.a2b_base64(text)
    except ValueError:
        return b""
