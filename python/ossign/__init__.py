"""Presigned URLs for Alibaba Cloud OSS: `import ossign as oss` in place of the official SDK.

    client = oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=provider))
    result = client.presign(oss.PutObjectRequest(bucket="bucket", key="key"))

The names are those of `alibabacloud_oss_v2`, as far as presigning needs them.
"""

from __future__ import annotations

from . import config, credentials, exceptions, models
from ._ossign import (
    AbortMultipartUploadRequest,
    Callback,
    Client,
    CompleteMultipartUploadRequest,
    Condition,
    Credentials,
    GetObjectRequest,
    HeadObjectRequest,
    InitiateMultipartUploadRequest,
    PresignedPost,
    PresignedUrls,
    PresignResult,
    PutObjectRequest,
    SignedBatches,
    UploadPartRequest,
    VerifiedPost,
    __version__,
    content_disposition,
    rehost,
)
from .client import presign
from .config import Config
from .models import (
    AbortMultipartUploadResult,
    CompleteMultipartUpload,
    CompleteMultipartUploadResult,
    GetObjectResult,
    HeadObjectResult,
    InitiateMultipartUploadResult,
    ListPartsResult,
    Part,
    PutObjectResult,
    UploadPart,
    UploadPartResult,
)
from .types import CredentialsProvider, OperationInput, OperationOutput

VERSION = __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import (
        callbacks,
        diagnosis,
        form,
        io_utils,
        multipart,
        sdk,
        serde,
        serde_utils,
        signer,
        testing,
        types,
    )
    from .callbacks import VerifiedCallback, callback_nonce, verify_callback
    from .clock import clock_offset
    from .diagnosis import Cause, Facts, Finding, Report, explain, verify
    from .form import verify_post
    from .models import BucketACLType, DataRedundancyType, ObjectACLType, StorageClassType
    from .multipart import MultipartParts, MultipartPlan
    from .types import (
        BucketNameResolver,
        CaseInsensitiveDict,
        EndpointProvider,
        HttpClient,
        HttpRequest,
        HttpResponse,
        Retryer,
        Signer,
        SigningContext,
    )
else:
    _MODULES = (
        "callbacks",
        "client",
        "diagnosis",
        "form",
        "io_utils",
        "multipart",
        "sdk",
        "serde",
        "serde_utils",
        "signer",
        "testing",
        "types",
    )
    _CALLBACKS = ("VerifiedCallback", "callback_nonce", "verify_callback")
    _MULTIPART = ("MultipartParts", "MultipartPlan")
    _ENUMS = ("BucketACLType", "DataRedundancyType", "ObjectACLType", "StorageClassType")
    _DIAGNOSIS = ("Cause", "Facts", "Finding", "Report", "explain", "verify")
    _TYPES = (
        "BucketNameResolver",
        "CaseInsensitiveDict",
        "EndpointProvider",
        "HttpClient",
        "HttpRequest",
        "HttpResponse",
        "Retryer",
        "Signer",
        "SigningContext",
    )

    def __getattr__(name: str) -> object:
        # Loaded when first used: most programs that presign need none of them.
        if name in _MODULES:
            from importlib import import_module

            return import_module(f".{name}", __name__)
        if name in _ENUMS:
            return globals().setdefault(name, getattr(models, name))
        if name in _DIAGNOSIS:
            from . import diagnosis

            return globals().setdefault(name, getattr(diagnosis, name))
        if name in _TYPES:
            from . import types

            return globals().setdefault(name, getattr(types, name))
        if name in _CALLBACKS:
            from . import callbacks

            return globals().setdefault(name, getattr(callbacks, name))
        if name in _MULTIPART:
            from . import multipart

            return globals().setdefault(name, getattr(multipart, name))
        if name == "verify_post":
            from .form import verify_post

            return globals().setdefault(name, verify_post)
        if name == "clock_offset":
            from .clock import clock_offset

            return globals().setdefault(name, clock_offset)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        loose = ["clock_offset", "verify_post"]
        names = (_MODULES, _CALLBACKS, _DIAGNOSIS, _ENUMS, _MULTIPART, _TYPES, loose)
        return sorted({*globals(), *(name for group in names for name in group)})


__all__ = [
    "AbortMultipartUploadRequest",
    "AbortMultipartUploadResult",
    "BucketACLType",
    "BucketNameResolver",
    "Callback",
    "CaseInsensitiveDict",
    "Cause",
    "Client",
    "CompleteMultipartUpload",
    "CompleteMultipartUploadRequest",
    "CompleteMultipartUploadResult",
    "Condition",
    "Config",
    "Credentials",
    "CredentialsProvider",
    "DataRedundancyType",
    "EndpointProvider",
    "Facts",
    "Finding",
    "GetObjectRequest",
    "GetObjectResult",
    "HeadObjectRequest",
    "HeadObjectResult",
    "HttpClient",
    "HttpRequest",
    "HttpResponse",
    "InitiateMultipartUploadRequest",
    "InitiateMultipartUploadResult",
    "ListPartsResult",
    "MultipartParts",
    "MultipartPlan",
    "ObjectACLType",
    "OperationInput",
    "OperationOutput",
    "Part",
    "PresignResult",
    "PresignedUrls",
    "PresignedPost",
    "PutObjectRequest",
    "PutObjectResult",
    "Report",
    "Retryer",
    "SignedBatches",
    "Signer",
    "SigningContext",
    "StorageClassType",
    "UploadPart",
    "UploadPartRequest",
    "UploadPartResult",
    "VERSION",
    "VerifiedCallback",
    "VerifiedPost",
    "callback_nonce",
    "callbacks",
    "clock_offset",
    "config",
    "content_disposition",
    "credentials",
    "diagnosis",
    "exceptions",
    "explain",
    "form",
    "io_utils",
    "models",
    "multipart",
    "presign",
    "rehost",
    "sdk",
    "serde",
    "serde_utils",
    "signer",
    "testing",
    "types",
    "verify_callback",
    "verify_post",
    "verify",
    "__version__",
]
