"""Requests and answers of the seven operations, the body of CompleteMultipartUpload, and ListParts.

The requests are made in Rust, from its table of operations.

Every field is None unless the answer has it. Sizes are bytes; hash_crc64 is the CRC-64 (ECMA-182)
of the object as a decimal number in text.
"""

from __future__ import annotations

from .._model import RequestModel, ResultModel
from .._ossign import AbortMultipartUploadRequest as AbortMultipartUploadRequest
from .._ossign import CompleteMultipartUploadRequest as CompleteMultipartUploadRequest
from .._ossign import GetObjectRequest as GetObjectRequest
from .._ossign import HeadObjectRequest as HeadObjectRequest
from .._ossign import InitiateMultipartUploadRequest as InitiateMultipartUploadRequest
from .._ossign import PutObjectRequest as PutObjectRequest
from .._ossign import UploadPartRequest as UploadPartRequest
from ._fields import ConstructorSignature, Declared, body, element, header, local

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import MutableMapping
    from typing import Any


for _request in (
    GetObjectRequest,
    PutObjectRequest,
    HeadObjectRequest,
    InitiateMultipartUploadRequest,
    UploadPartRequest,
    CompleteMultipartUploadRequest,
    AbortMultipartUploadRequest,
):
    RequestModel.register(_request)
    _request.__signature__ = ConstructorSignature()


class PutObjectResult(Declared, ResultModel):
    """The answer to PutObject; `callback_result` is what the callback server said, if asked."""

    content_md5: str | None = header("Content-MD5")
    etag: str | None = header("ETag")
    hash_crc64: str | None = header("x-oss-hash-crc64ecma")
    version_id: str | None = header("x-oss-version-id")
    callback_result: Any = body("dict,json")


class HeadObjectResult(Declared, ResultModel):
    """The answer to HeadObject; `metadata` holds the user's own entries without "x-oss-meta-"."""

    content_length: int | None = header("Content-Length", "int")
    content_type: str | None = header("Content-Type")
    etag: str | None = header("ETag")
    last_modified: datetime.datetime | None = header("Last-Modified", "datetime,httptime")
    content_md5: str | None = header("Content-MD5")
    metadata: MutableMapping[str, str] | None = header("x-oss-meta-", "dict,usermeta")
    cache_control: str | None = header("Cache-Control")
    content_disposition: str | None = header("Content-Disposition")
    content_encoding: str | None = header("Content-Encoding")
    expires: str | None = header("Expires")
    hash_crc64: str | None = header("x-oss-hash-crc64ecma")
    storage_class: str | None = header("x-oss-storage-class")
    object_type: str | None = header("x-oss-object-type")
    version_id: str | None = header("x-oss-version-id")
    tagging_count: int | None = header("x-oss-tagging-count", "int")
    server_side_encryption: str | None = header("x-oss-server-side-encryption")
    server_side_data_encryption: str | None = header("x-oss-server-side-data-encryption")
    server_side_encryption_key_id: str | None = header("x-oss-server-side-encryption-key-id")
    next_append_position: int | None = header("x-oss-next-append-position", "int")
    expiration: str | None = header("x-oss-expiration")
    restore: str | None = header("x-oss-restore")
    process_status: str | None = header("x-oss-process-status")
    request_charged: str | None = header("x-oss-request-charged")
    allow_origin: str | None = header("Access-Control-Allow-Origin")
    allow_methods: str | None = header("Access-Control-Allow-Methods")
    # Quirk: the service sends Access-Control-Max-Age; the SDK looks for this name
    allow_age: str | None = header("Access-Control-Allow-Age")
    allow_headers: str | None = header("Access-Control-Allow-Headers")
    expose_headers: str | None = header("Access-Control-Expose-Headers")
    transition_time: str | None = header("x-oss-transition-time")
    sealed_time: str | None = header("x-oss-sealed-time")
    object_worm_retain_until_date: str | None = header("x-oss-object-worm-retain-until-date")
    object_worm_mode: str | None = header("x-oss-object-worm-mode")
    object_worm_legal_hold: str | None = header("x-oss-object-worm-legal-hold")


class GetObjectResult(Declared, ResultModel):
    """The answer to GetObject; `body` is the stream of the object's bytes."""

    content_length: int | None = header("Content-Length", "int")
    content_range: str | None = header("Content-Range")
    content_type: str | None = header("Content-Type")
    etag: str | None = header("ETag")
    last_modified: datetime.datetime | None = header("Last-Modified", "datetime,httptime")
    content_md5: str | None = header("Content-MD5")
    metadata: MutableMapping[str, str] | None = header("x-oss-meta-", "dict,usermeta")
    cache_control: str | None = header("Cache-Control")
    content_disposition: str | None = header("Content-Disposition")
    content_encoding: str | None = header("Content-Encoding")
    expires: str | None = header("Expires")
    hash_crc64: str | None = header("x-oss-hash-crc64ecma")
    storage_class: str | None = header("x-oss-storage-class")
    object_type: str | None = header("x-oss-object-type")
    version_id: str | None = header("x-oss-version-id")
    tagging_count: int | None = header("x-oss-tagging-count", "int")
    server_side_encryption: str | None = header("x-oss-server-side-encryption")
    server_side_data_encryption: str | None = header("x-oss-server-side-data-encryption")
    server_side_encryption_key_id: str | None = header("x-oss-server-side-encryption-key-id")
    next_append_position: int | None = header("x-oss-next-append-position", "int")
    expiration: str | None = header("x-oss-expiration")
    restore: str | None = header("x-oss-restore")
    process_status: str | None = header("x-oss-process-status")
    delete_marker: bool | None = header("x-oss-delete-marker", "bool")
    sealed_time: str | None = header("x-oss-sealed-time")
    object_worm_retain_until_date: str | None = header("x-oss-object-worm-retain-until-date")
    object_worm_mode: str | None = header("x-oss-object-worm-mode")
    object_worm_legal_hold: str | None = header("x-oss-object-worm-legal-hold")
    body: Any = local()


class InitiateMultipartUploadResult(Declared, ResultModel):
    """The answer to InitiateMultipartUpload; `upload_id` is what the parts are uploaded with."""

    _xml_map = {"name": "InitiateMultipartUploadResult"}

    bucket: str | None = element("Bucket")
    key: str | None = element("Key")
    upload_id: str | None = element("UploadId")
    encoding_type: str | None = element("EncodingType")
    cse_multipart_context: Any = local()


class UploadPartResult(Declared, ResultModel):
    """The answer to UploadPart; the `etag` is needed to complete the upload."""

    content_md5: str | None = header("Content-MD5")
    etag: str | None = header("ETag")
    hash_crc64: str | None = header("x-oss-hash-crc64ecma")


class UploadPart(Declared):
    """One part of a finished multipart upload: its number, 1 to 10,000, and its ETag."""

    _xml_map = {"name": "Part"}

    part_number: int | None = element("PartNumber")
    etag: str | None = element("ETag")


class CompleteMultipartUpload(Declared):
    """The body of CompleteMultipartUpload: the parts, in ascending order of their numbers."""

    _xml_map = {"name": "CompleteMultipartUpload"}

    parts: list[UploadPart] | None = element("Part")


class CompleteMultipartUploadResult(Declared, ResultModel):
    """The answer to CompleteMultipartUpload.

    `callback_result` is what the callback server said, if one was asked.
    """

    bucket: str | None = element("Bucket")
    key: str | None = element("Key")
    location: str | None = element("Location")
    etag: str | None = element("ETag")
    encoding_type: str | None = element("EncodingType")
    hash_crc64: str | None = header("x-oss-hash-crc64ecma")
    version_id: str | None = header("x-oss-version-id")
    callback_result: Any = body("dict,json")


class AbortMultipartUploadResult(Declared, ResultModel):
    """The answer to AbortMultipartUpload, which says nothing beyond its status."""


class Part(Declared):
    """One part that has arrived, as ListParts tells it."""

    _xml_map = {"name": "Part"}

    part_number: int | None = element("PartNumber", "int")
    etag: str | None = element("ETag")
    last_modified: datetime.datetime | None = element("LastModified", "datetime")
    size: int | None = element("Size", "int")
    hash_crc64: str | None = element("HashCrc64ecma")


class ListPartsResult(Declared, ResultModel):
    """The answer to ListParts: up to 1000 of the parts that have arrived."""

    _dependency_map = {"Part": {"new": Part}}
    _xml_map = {"name": "ListPartsResult"}

    encoding_type: str | None = element("EncodingType")
    bucket: str | None = element("Bucket")
    key: str | None = element("Key")
    upload_id: str | None = element("UploadId")
    part_number_marker: int | None = element("PartNumberMarker", "int")
    next_part_number_marker: int | None = element("NextPartNumberMarker", "int")
    max_parts: int | None = element("MaxParts", "int")
    is_truncated: bool | None = element("IsTruncated", "bool")
    storage_class: str | None = element("StorageClass")
    client_encryption_key: str | None = element("ClientEncryptionKey")
    client_encryption_start: str | None = element("ClientEncryptionStart")
    client_encryption_cek_alg: str | None = element("ClientEncryptionCekAlg")
    client_encryption_wrap_alg: str | None = element("ClientEncryptionWrapAlg")
    client_encryption_data_size: int | None = element("ClientEncryptionDataSize", "int")
    client_encryption_part_size: int | None = element("ClientEncryptionPartSize", "int")
    parts: list[Part] | None = element("Part", "[Part]")
