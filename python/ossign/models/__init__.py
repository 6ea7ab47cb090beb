"""The requests, results and enums of the seven operations that can be presigned."""

from __future__ import annotations

from .object_basic import (
    AbortMultipartUploadRequest,
    AbortMultipartUploadResult,
    CompleteMultipartUpload,
    CompleteMultipartUploadRequest,
    CompleteMultipartUploadResult,
    GetObjectRequest,
    GetObjectResult,
    HeadObjectRequest,
    HeadObjectResult,
    InitiateMultipartUploadRequest,
    InitiateMultipartUploadResult,
    ListPartsResult,
    Part,
    PutObjectRequest,
    PutObjectResult,
    UploadPart,
    UploadPartRequest,
    UploadPartResult,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .enums import BucketACLType, DataRedundancyType, ObjectACLType, StorageClassType
else:
    _ENUMS = ("BucketACLType", "DataRedundancyType", "ObjectACLType", "StorageClassType")

    def __getattr__(name: str) -> object:
        # loaded on demand: `enum` alone takes longer to import than all of ossign
        if name not in _ENUMS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import enums

        return globals().setdefault(name, getattr(enums, name))

    def __dir__() -> list[str]:
        return sorted({*globals(), *_ENUMS})


__all__ = [
    "AbortMultipartUploadRequest",
    "AbortMultipartUploadResult",
    "BucketACLType",
    "CompleteMultipartUpload",
    "CompleteMultipartUploadRequest",
    "CompleteMultipartUploadResult",
    "DataRedundancyType",
    "GetObjectRequest",
    "GetObjectResult",
    "HeadObjectRequest",
    "HeadObjectResult",
    "InitiateMultipartUploadRequest",
    "InitiateMultipartUploadResult",
    "ListPartsResult",
    "ObjectACLType",
    "Part",
    "PutObjectRequest",
    "PutObjectResult",
    "StorageClassType",
    "UploadPart",
    "UploadPartRequest",
    "UploadPartResult",
]
