"""Presigned URLs for Alibaba Cloud OSS: `import ossign as oss` in place of the official SDK.

    client = oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=provider))
    result = client.presign(oss.PutObjectRequest(bucket="bucket", key="key"))

The names are those of `alibabacloud_oss_v2`, as far as presigning needs them.
"""

from __future__ import annotations

from . import config, credentials, exceptions, models
from ._ossign import (
    AbortMultipartUploadRequest,
    Client,
    CompleteMultipartUploadRequest,
    Credentials,
    GetObjectRequest,
    HeadObjectRequest,
    InitiateMultipartUploadRequest,
    PresignResult,
    PutObjectRequest,
    UploadPartRequest,
    __version__,
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
    PutObjectResult,
    UploadPart,
    UploadPartResult,
)
from .types import CredentialsProvider, OperationInput, OperationOutput

VERSION = __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import diagnosis, io_utils, sdk, serde, serde_utils, signer, testing, types
    from .diagnosis import Cause, Facts, Finding, Report, explain, verify
    from .models import BucketACLType, DataRedundancyType, ObjectACLType, StorageClassType
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
        "client",
        "diagnosis",
        "io_utils",
        "sdk",
        "serde",
        "serde_utils",
        "signer",
        "testing",
        "types",
    )
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
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *_MODULES, *_DIAGNOSIS, *_ENUMS, *_TYPES})


__all__ = [
    "AbortMultipartUploadRequest",
    "AbortMultipartUploadResult",
    "BucketACLType",
    "BucketNameResolver",
    "CaseInsensitiveDict",
    "Cause",
    "Client",
    "CompleteMultipartUpload",
    "CompleteMultipartUploadRequest",
    "CompleteMultipartUploadResult",
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
    "ObjectACLType",
    "OperationInput",
    "OperationOutput",
    "PresignResult",
    "PutObjectRequest",
    "PutObjectResult",
    "Report",
    "Retryer",
    "Signer",
    "SigningContext",
    "StorageClassType",
    "UploadPart",
    "UploadPartRequest",
    "UploadPartResult",
    "VERSION",
    "config",
    "credentials",
    "diagnosis",
    "exceptions",
    "explain",
    "io_utils",
    "models",
    "presign",
    "sdk",
    "serde",
    "serde_utils",
    "signer",
    "testing",
    "types",
    "verify",
    "__version__",
]
