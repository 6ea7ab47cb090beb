"""The plain objects and the interfaces that presigning, signing and reading answers share."""

from __future__ import annotations

import abc
from _collections_abc import Mapping, MutableMapping

from ._headers import CaseInsensitiveDict, without_secrets
from ._ossign import Credentials, StaticCredentialsProvider
from ._transport import HttpClient, HttpRequest, HttpResponse

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Collection
    from typing import Any, Literal, Protocol, TypeAlias

    from ._transport import BodyType

    class GetsCredentials(Protocol):
        """Any object with `get_credentials()`, `async` or not, the SDK's own providers included."""

        def get_credentials(self) -> Any:
            """An object with the attributes of Credentials."""

    class GetsCredential(Protocol):
        """A client of the package alibabacloud_credentials."""

        def get_credential(self) -> Any:
            """An object with `get_access_key_id()` and so on."""

    CredentialsSource: TypeAlias = (
        GetsCredentials | GetsCredential | Credentials | Callable[[], Any]
    )
    OnShortCredentials: TypeAlias = Literal["keep", "clamp", "refresh", "error"]
else:

    def __getattr__(name: str) -> object:
        # made on demand: `typing` is dearer to import than the rest of the package
        if name == "BodyType":
            from collections.abc import Iterable
            from typing import IO

            return str | bytes | Iterable[bytes] | IO[str] | IO[bytes]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "BodyType",
    "BucketNameResolver",
    "CaseInsensitiveDict",
    "Credentials",
    "CredentialsProvider",
    "EndpointProvider",
    "HttpClient",
    "HttpRequest",
    "HttpResponse",
    "Mapping",
    "MutableMapping",
    "OperationInput",
    "OperationOutput",
    "Retryer",
    "Signer",
    "SigningContext",
]


class CredentialsProvider(abc.ABC):
    """Where credentials come from. A provider is asked at every signing, so it may rotate them."""

    @abc.abstractmethod
    def get_credentials(self) -> Credentials:
        """The credentials to sign with now."""


CredentialsProvider.register(StaticCredentialsProvider)


class Retryer(abc.ABC):
    """How often, and after which pauses, a failed request is sent again."""

    @abc.abstractmethod
    def is_error_retryable(self, error: Exception) -> bool:
        """Whether sending again may help after this error."""

    @abc.abstractmethod
    def max_attempts(self) -> int:
        """How many times a request is sent at most, the first included."""

    @abc.abstractmethod
    def retry_delay(self, attempt: int, error: Exception) -> float:
        """The pause before the next attempt, in seconds."""


class SigningContext:
    """What a signer reads and writes: the request, who signs it, for where, and for how long.

    `signing_time` None means now, moved by `clock_offset` seconds in header mode. With
    `auth_method_query` the signature goes into the URL and lasts until `expiration_time` (None: 15
    minutes). Signers fill `string_to_sign`, `signing_time` and `expiration_time`.
    """

    def __init__(
        self,
        product: str | None = None,
        region: str | None = None,
        bucket: str | None = None,
        key: str | None = None,
        request: HttpRequest | None = None,
        credentials: Credentials | None = None,
        signing_time: datetime.datetime | None = None,
        clock_offset: int | None = 0,
        additional_headers: Collection[str] | None = None,
    ) -> None:
        self.product = product
        self.region = region
        self.bucket = bucket
        self.key = key
        self.request = request
        self.credentials = credentials
        self.auth_method_query = False
        self.signing_time = signing_time
        self.clock_offset = clock_offset
        self.signed_headers: dict[str, str] = {}
        self.string_to_sign = ""
        self.additional_headers = additional_headers
        self.expiration_time: datetime.datetime | None = None
        self.sub_resource: list[str] = []


class Signer(abc.ABC):
    """Puts a signature on a request."""

    @abc.abstractmethod
    def sign(self, signing_ctx: SigningContext) -> None:
        """Sign `signing_ctx.request` in place."""


class OperationInput:
    """One operation in the terms of HTTP, before it has a URL."""

    def __init__(
        self,
        op_name: str,
        method: str,
        headers: MutableMapping[str, str] | None = None,
        parameters: MutableMapping[str, str] | None = None,
        body: BodyType | None = None,
        bucket: str | None = None,
        key: str | None = None,
        op_metadata: dict[str, Any] | None = None,
    ) -> None:
        self.op_name = op_name
        self.method = method
        self.headers = headers
        self.parameters = parameters
        self.body = body
        self.bucket = bucket
        self.key = key
        self.op_metadata = op_metadata or {}

    def __str__(self) -> str:
        shown = dict(vars(self))
        for name in ("headers", "parameters"):
            shown[name] = without_secrets(shown[name])
        return str(shown)


class OperationOutput:
    """What came back for an operation: status, headers and body."""

    def __init__(
        self,
        status: str,
        status_code: int,
        headers: MutableMapping[str, str] | None = None,
        body: BodyType | None = None,
        op_metadata: dict[str, Any] | None = None,
        op_input: OperationInput | None = None,
        http_response: HttpResponse | None = None,
    ) -> None:
        self.status = status
        self.status_code = status_code
        self.headers = headers
        self.body = body
        self.op_input = op_input
        self.op_metadata = op_metadata or {}
        self.http_response = http_response

    def __str__(self) -> str:
        shown = {**vars(self), "headers": without_secrets(self.headers)}
        return str(shown)


class EndpointProvider(abc.ABC):
    """Decides the URL of an operation in place of the configured endpoint."""

    @abc.abstractmethod
    def build_url(self, op_input: OperationInput) -> str:
        """The URL without its query."""


class BucketNameResolver(abc.ABC):
    """Decides the bucket of an operation in place of the one the request names."""

    @abc.abstractmethod
    def build_bucket_name(self, op_input: OperationInput) -> str | None:
        """The full name of the bucket; None when the operation has none."""
