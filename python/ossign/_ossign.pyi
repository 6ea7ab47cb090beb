"""Types of the Rust module. Names without an underscore are exported by `ossign` as well."""

import datetime
import os
from collections.abc import (
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, final, overload

from typing_extensions import Self, disjoint_base

from .models.object_basic import CompleteMultipartUpload
from .multipart import MultipartPlan
from .types import CredentialsSource, OperationInput

__all__ = [
    "AbortMultipartUploadRequest",
    "Callback",
    "Client",
    "CompleteMultipartUploadRequest",
    "Condition",
    "Credentials",
    "Emulator",
    "GetObjectRequest",
    "HeadObjectRequest",
    "InitiateMultipartUploadRequest",
    "NewObject",
    "PresignApi",
    "PresignResult",
    "PresignServer",
    "PresignedPost",
    "PresignedUrls",
    "PutObjectRequest",
    "Request",
    "SignedBatches",
    "StaticCredentialsProvider",
    "TEST_PUBLIC_KEY",
    "UploadPartRequest",
    "VerifiedPost",
    "__version__",
    "check_callback",
    "complete_body",
    "content_disposition",
    "causes",
    "cut_parts",
    "explain_url",
    "is_v1_subresource",
    "openapi",
    "parse_xml",
    "rehost",
    "sign_callback",
    "v1_texts",
    "v4_texts",
    "verify_post_fields",
    "verify_url",
]

__version__: str

_Node: TypeAlias = tuple[str, str | None, list[_Node]]

# What a header or a query parameter can be written from. A bool is an int; datetimes are written
# in ISO 8601, naive ones as local time.
_Value: TypeAlias = str | int | float | Enum | datetime.datetime

# What `presign` takes. The SDK's own request objects are taken too: the SDK has no types, so type
# checkers let them pass.
Presignable: TypeAlias = Request | OperationInput

# An address, or a network; as text, "192.0.2.7" or "192.0.2.0/24".
SourceIP: TypeAlias = (
    str | IPv4Address | IPv4Network | IPv4Interface | IPv6Address | IPv6Network | IPv6Interface
)

class _ArrowArray(Protocol):
    """An array of any library that speaks Arrow's C interface."""

    def __arrow_c_array__(
        self, requested_schema: object | None = None
    ) -> tuple[object, object]: ...

class _ArrowStream(Protocol):
    """A stream, a chunked array or a table of any library that speaks Arrow's C interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

# What may be a column of `presign_many`. The stubs of some libraries do not say that theirs may.
_Column: TypeAlias = Iterable[Any] | _ArrowArray | _ArrowStream | Any

class _AnyConfig(Protocol):
    """A `Config`, of this package or of the official SDK."""

    region: Any
    endpoint: Any
    credentials_provider: Any

@disjoint_base
class Client:
    """Presigns URLs for one region or endpoint, with one provider of credentials.

    Safe to share between threads. The provider is asked at every call, so that rotated credentials
    are seen; what is derived from its answer is kept while the answer stays the same.

    Args:
        config: A `Config`, of this package or of the official SDK.
        **options: The options of the SDK's client that concern signing: `region`, `product`,
            `endpoint`, `credentials_provider`, `address_style`, `signer`, `additional_headers`,
            `default_request_headers`, and `bucket_name_resolver`; and ossign's `clock_offset`,
            `backdate` and `on_short_credentials`. They override the config.

    Raises:
        ParamInvalidError: The endpoint names no host.
        TypeError: A setting of the wrong type, or an unknown option.
    """

    def __init__(self, config: _AnyConfig, **options: Any) -> None: ...
    def presign(
        self,
        request: Presignable,
        *,
        expires: datetime.timedelta | None = None,
        expiration: datetime.datetime | None = None,
        download_as: str | None = None,
        inline: bool = False,
        endpoint: str | None = None,
        cname: bool | str | None = None,
        scheme: Literal["http", "https"] | None = None,
        traffic_limit: int | None = None,
        source_ip: SourceIP | None = None,
        subnet_mask: int | None = None,
        vpc_id: str | None = None,
        forward_allow: bool | None = None,
        backdate: datetime.timedelta | None = None,
    ) -> PresignResult:
        """Presign a request.

        Args:
            request: One of the seven request classes, an `OperationInput` for any other operation,
                or a request object of the official SDK.
            expires: For how long the URL is valid: at least one second, and with signature version
                4 at most seven days. 15 minutes if not given.
            expiration: When the URL ends; a naive datetime is local time. Wins over `expires`.
            download_as: Of a GetObject: the name under which a browser saves the object.
            inline: Of a GetObject: a browser shows the object, if it can.
            endpoint: Another host than the client's, with or without a scheme; region and signature
                stay those of the client.
            cname: Whether that host is a domain bound to the bucket; or such a domain itself.
            scheme: "https" or "http", in place of the client's.
            traffic_limit: The most bits a second, from 819,200 to 838,860,800, as a parameter of
                the URL. In the request it is a header, which links cannot have.
            source_ip: The address that the URL may be used from, or a network. It is signed and
                does not stand in the URL.
            subnet_mask: How many bits of `source_ip` count: 1 to 32, for IPv6 to 128.
            vpc_id: The VPC that the URL may be used from.
            forward_allow: Let OSS take the address from `X-Forwarded-For`, which anybody can send.
            backdate: By how much the URL is signed before now, for servers whose clock is behind
                (version 4). The client's if not given.

        Raises:
            PresignExpirationError: More than seven days (version 4), with `backdate`, or less than
                one second.
            ParamRequiredError: A field is missing.
            ParamInvalidError: `request` cannot be presigned; or a keyword's value is none that OSS
                takes, or contradicts the request.
            SerializationError: A field's value has no text.
            OperationError: Everything else that is wrong with bucket, key, headers, endpoint,
                region or credentials; `unwrap()` gives the reason.
            TypeError: `expires` is no timedelta, or a keyword is unknown.
        """

    def presign_async(
        self,
        request: Presignable,
        *,
        expires: datetime.timedelta | None = None,
        expiration: datetime.datetime | None = None,
        download_as: str | None = None,
        inline: bool = False,
        endpoint: str | None = None,
        cname: bool | str | None = None,
        scheme: Literal["http", "https"] | None = None,
        traffic_limit: int | None = None,
        source_ip: SourceIP | None = None,
        subnet_mask: int | None = None,
        vpc_id: str | None = None,
        forward_allow: bool | None = None,
        backdate: datetime.timedelta | None = None,
    ) -> Coroutine[Any, Any, PresignResult]:
        """Presign a request, after it has waited for the credentials of an asynchronous provider.

        That is one whose function or `get_credentials()` is `async def` or returns an awaitable, or
        one that has `get_credentials_async()`. Signing itself waits for nothing: with any other
        provider this is `presign`. Arguments and errors are those of `presign`.
        """

    def _asked(self) -> tuple[Any, str | None, bool] | None: ...
    def _asked_in_vain(self) -> None: ...
    def _with_provider(self, provider: Any) -> Client: ...
    def presign_many(
        self,
        template: Presignable,
        *,
        columns: Mapping[str, _Column] | None = None,
        expires: datetime.timedelta | None = None,
        expiration: datetime.datetime | None = None,
        errors: Literal["raise", "null"] = "raise",
        threads: int | None = None,
        endpoint: str | None = None,
        cname: bool | str | None = None,
        scheme: Literal["http", "https"] | None = None,
        traffic_limit: int | _Column | None = None,
        source_ip: SourceIP | None = None,
        subnet_mask: int | None = None,
        vpc_id: str | None = None,
        forward_allow: bool | None = None,
        backdate: datetime.timedelta | None = None,
        **field_columns: _Column,
    ) -> PresignedUrls:
        """Presign one URL per row of the columns, all at one time and with the same credentials.

        Args:
            template: What `presign` takes; it has the fields that all rows share.
            columns: A mapping from names of fields to columns: for a field whose name is a keyword
                here (`expires` of PutObjectRequest).
            expires: As in `presign`.
            expiration: As in `presign`.
            errors: What is done about a row that cannot be presigned: "raise", or "null", which
                gives None there and notes the reason in `errors` of the answer.
            threads: How many threads sign. None: as many as this process may use, and only one for
                a few thousand rows.
            traffic_limit: An int is as in `presign`, for all rows. Anything else is the column of
                the field of this name, a header.
            endpoint: As in `presign`, for all rows.
            cname: As in `presign`.
            scheme: As in `presign`.
            source_ip: As in `presign`.
            subnet_mask: As in `presign`.
            vpc_id: As in `presign`.
            forward_allow: As in `presign`.
            backdate: As in `presign`.
            **field_columns: Columns by the names of their fields: lists, tuples, iterators, arrays
                and Series of NumPy, pandas, Polars and pyarrow, relations of DuckDB, anything with
                `__arrow_c_array__` or `__arrow_c_stream__`. A null in a required field (`key`)
                gives a null; in any other, a URL without that field.

        Raises:
            TypeError: No column, no field of that name, or something that is no column.
            ValueError: Columns of different lengths; `errors` or `threads` of no known value.
            BaseError: As `presign`; with a `row` where it is about one.
        """

    def presign_batches(
        self,
        template: Presignable,
        reader: _ArrowStream,
        *,
        columns: Mapping[str, str] | None = None,
        expires: datetime.timedelta | None = None,
        expiration: datetime.datetime | None = None,
        errors: Literal["raise", "null"] = "raise",
        threads: int | None = None,
        url: str = "url",
        endpoint: str | None = None,
        cname: bool | str | None = None,
        scheme: Literal["http", "https"] | None = None,
        traffic_limit: int | str | None = None,
        source_ip: SourceIP | None = None,
        subnet_mask: int | None = None,
        vpc_id: str | None = None,
        forward_allow: bool | None = None,
        backdate: datetime.timedelta | None = None,
        **field_columns: str,
    ) -> SignedBatches:
        """Presign a stream of tables, batch by batch, as somebody reads it.

        Each batch is signed when it is read, at that time and with the credentials of that time.

        Args:
            template: What `presign` takes; it has the fields that all rows share.
            reader: Anything with `__arrow_c_stream__` whose batches have columns: a
                RecordBatchReader or Table of pyarrow, a DataFrame, a relation of DuckDB.
            columns: A mapping from names of fields to names of columns.
            expires: As in `presign`.
            expiration: As in `presign`.
            errors: "raise" ends the stream at a row that cannot be presigned; "null" gives a null.
            threads: As in `presign_many`, for each batch.
            url: The name of the column of URLs, which comes last.
            traffic_limit: An int is as in `presign`, for all rows; a str names a column.
            endpoint: As in `presign`, for all rows.
            cname: As in `presign`.
            scheme: As in `presign`.
            source_ip: As in `presign`.
            subnet_mask: As in `presign`.
            vpc_id: As in `presign`.
            forward_allow: As in `presign`.
            backdate: As in `presign`.
            **field_columns: The names of columns by the names of their fields. `key="key"` if none
                is given.

        Raises:
            TypeError: `reader` is no Arrow stream, a name is no field, a column has no text.
            ValueError: There is no column of that name, or already one that is named as `url` says.
            BaseError: As `presign`.
        """

    def plan_multipart(
        self,
        request: InitiateMultipartUploadRequest,
        size: int,
        part_size: int | None = None,
        *,
        expires: datetime.timedelta | None = None,
        expiration: datetime.datetime | None = None,
        endpoint: str | None = None,
        cname: bool | str | None = None,
        scheme: Literal["http", "https"] | None = None,
        traffic_limit: int | None = None,
        source_ip: SourceIP | None = None,
        subnet_mask: int | None = None,
        vpc_id: str | None = None,
        forward_allow: bool | None = None,
        backdate: datetime.timedelta | None = None,
    ) -> MultipartPlan:
        """Plan the upload of a file in parts, and presign the request that begins it.

        Args:
            request: An InitiateMultipartUploadRequest, of this package or of the official SDK.
            size: The bytes of the file: up to 48.8 TB (10,000 parts of 5 GB). An empty file is one
                part.
            part_size: The bytes of each part but the last: 100 KB to 5 GB, and so many that there
                are at most 10,000 parts. If not given, 8 MB, and more for files of 40 GB and more.
            expires: For how long the URLs are valid, as in `presign`.
            expiration: When they end, as in `presign`.
            endpoint: As in `presign`, for all URLs of the plan, those of its parts too.
            cname: As in `presign`.
            scheme: As in `presign`.
            traffic_limit: As in `presign`, for the URLs of the parts.
            source_ip: As in `presign`, for all URLs.
            subnet_mask: As in `presign`.
            vpc_id: As in `presign`.
            forward_allow: As in `presign`.
            backdate: As in `presign`.

        Raises:
            ParamInvalidError: `size` or `part_size` is beyond what OSS takes, or the request is
                another.
            TypeError: `size` or `part_size` is no int, or a keyword is unknown.
            BaseError: As `presign`.
        """

    def presign_post(
        self,
        bucket: str,
        key: str,
        *,
        conditions: Iterable[Condition | Sequence[object] | Mapping[str, str]] | None = None,
        content_length_range: tuple[int, int] | list[int] | None = None,
        content_type: str | None = None,
        success_action_status: int | str | None = None,
        success_action_redirect: str | None = None,
        callback: Callback | str | None = None,
        metadata: dict[str, str] | None = None,
        fields: dict[str, _Value] | None = None,
        expires: datetime.timedelta | None = None,
        expiration: datetime.datetime | None = None,
        endpoint: str | None = None,
        cname: bool | str | None = None,
        scheme: Literal["http", "https"] | None = None,
        backdate: datetime.timedelta | None = None,
    ) -> PresignedPost:
        """Presign a form upload (PostObject), the only presigned upload with a bounded size.

        Args:
            bucket: Its name.
            key: The object's key. `${filename}` in it becomes the name of the file; what stands
                before it is then the prefix that the key must have.
            conditions: What else must hold: `Condition` objects, or lists as OSS writes them. One
                that names a field takes the place of the rule that the field keeps its value.
            content_length_range: The least and the most bytes of the file; at most 5 GB.
            content_type: The form's Content-Type.
            success_action_status: 200, 201 or 204: what OSS answers. 204 if not given.
            success_action_redirect: The URL that OSS sends the browser to afterwards.
            callback: A `Callback`, or its Base64.
            metadata: User metadata, without `x-oss-meta-`.
            fields: Any other fields of the form, such as `{"Cache-Control": "no-cache"}`.
            expires: For how long the form is good; 15 minutes if not given, with version 4 at most
                seven days.
            expiration: When it ends; wins over `expires`.
            endpoint: As in `presign`.
            cname: As in `presign`.
            scheme: As in `presign`.
            backdate: As in `presign`.

        Raises:
            ParamInvalidError: A field or a condition that OSS would refuse, or that contradicts
                another.
            PresignExpirationError: More than seven days (version 4), or less than one second.
            OperationError: Everything that is wrong with bucket, key, endpoint, region or
                credentials; `unwrap()` gives the reason.
            TypeError: A value of another type.
        """

    def picklable_with_secret(self) -> Self:
        """Make a client like this one, which pickle takes although it holds a secret.

        Whoever reads the pickle has the secret: keep it out of files, logs and job plans. Copies in
        this process (`copy.copy`, `copy.deepcopy`) need no such permission.

        Returns:
            Another client of the same class. What is unpickled may be pickled again.
        """

    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: dict[int, Any]) -> Self: ...
    def __setstate__(self, state: tuple[Any, ...]) -> None: ...

@final
class PresignedPost:
    """A form that is ready to be sent, but for the file.

    Posts compare by value, pickle, and turn into a dict: `dict(post)`. The repr hides policy,
    signature and token.
    """

    @property
    def url(self) -> str:
        """Where the form is posted to."""

    @property
    def method(self) -> str:
        """Always POST."""

    @property
    def fields(self) -> dict[str, str]:
        """The fields, in order. They are sent as `multipart/form-data`, and `file` after them."""

    @property
    def policy(self) -> str:
        """The policy, as JSON."""

    @property
    def expiration(self) -> datetime.datetime:
        """When the policy ends, in UTC."""

    @property
    def effective_expiration(self) -> datetime.datetime:
        """The earlier of `expiration` and the end of the credentials that signed."""

    def keys(self) -> list[str]:
        """The names of the attributes, so that `dict(post)` works."""

    def __getitem__(self, key: str, /) -> Any: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    @staticmethod
    def _rebuild(
        form: tuple[str, list[tuple[str, str]], str], expiration: int, effective_expiration: int
    ) -> PresignedPost: ...

@final
class VerifiedPost:
    """What a form that was accepted says."""

    @property
    def key(self) -> str:
        """The key as the form gives it: `${filename}` is not replaced."""

    @property
    def access_key_id(self) -> str:
        """The AccessKey id that signed."""

    @property
    def region(self) -> str | None:
        """The region that version 4 signed; None with version 1."""

    @property
    def signature_version(self) -> str:
        """`v1` or `v4`."""

    @property
    def expiration(self) -> datetime.datetime:
        """When the policy ends, in UTC."""

    @property
    def conditions(self) -> list[Condition]:
        """The policy's conditions, all of which are met."""

@final
class Condition:
    """What one field of a form, or the size of its file, must be.

    Made by `eq`, `starts_with`, `in_`, `not_in` and `content_length_range`; or, as OSS writes it,
    by `Condition(["eq", "$field", "value"])`. A field that a condition names must be in the form,
    also with `not_in`.

    Raises:
        ParamInvalidError: OSS would not take it: names the rule.
    """

    def __new__(cls, entry: Condition | Sequence[object] | Mapping[str, str]) -> Condition: ...
    @staticmethod
    def eq(field: str, value: str) -> Condition:
        """The field has this value."""

    @staticmethod
    def starts_with(field: str, prefix: str) -> Condition:
        """The field's value begins so. An empty prefix lets every value pass."""

    @staticmethod
    def in_(field: str, values: Sequence[str]) -> Condition:
        """The field has one of these values."""

    @staticmethod
    def not_in(field: str, values: Sequence[str]) -> Condition:
        """The field has none of these values; it must be in the form all the same."""

    @staticmethod
    def content_length_range(least: int, most: int) -> Condition:
        """The file has at least `least` and at most `most` bytes; 5 GB at most."""

    def allows(self, value: str | int) -> bool:
        """Whether a value meets the condition: one of the field, or the size of the file."""

    @property
    def field(self) -> str | None:
        """The name of the field; None for the file's size."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Callback:
    """What OSS is to tell a server of yours once an upload is done.

    Goes where `callback=` takes a text: `PutObjectRequest(callback=...)`,
    `CompleteMultipartUploadRequest(callback=...)`, `Client.presign_post(callback=...)`. Both
    headers are filled. For a callback in the query, see `as_parameters`.

    Args:
        url: One URL, or up to five; OSS asks them in order until one answers 200.
        body: The body of its request, with variables such as `${object}`; in JSON, texts bring
            their quotes: `{"object":${object},"size":${size}}`.
        body_type: `application/x-www-form-urlencoded` or `application/json`.
        host: The Host header of its request, if not that of the URL.
        sni: Whether OSS names the host when it connects. On for https, unless you say otherwise.
        vars: Variables of your own. Names begin with `x:` and have no capitals; `${x:name}` in the
            body stands for the value.
        nonce: A text that nobody can guess, at least 16 characters. The body must carry it, as the
            field `nonce`: `nonce=${x:nonce}`. See `verify_callback`.

    Raises:
        ParamInvalidError: OSS would refuse it: names the field, the value and the rule. Each of the
            two values may be 5 KB long, in Base64.
        TypeError: An argument is of another type: names it.
    """

    def __new__(
        cls,
        url: str | Sequence[str],
        body: str,
        *,
        body_type: str = "application/x-www-form-urlencoded",
        host: str | None = None,
        sni: bool | None = None,
        vars: dict[str, str] | None = None,
        nonce: str | None = None,
    ) -> Callback: ...
    @staticmethod
    def parse(callback: str, callback_var: str | None = None) -> Callback:
        """Read the Base64 values of `x-oss-callback` and `x-oss-callback-var` back.

        Raises:
            ParamInvalidError: OSS would answer 400 InvalidArgument.
        """

    @property
    def urls(self) -> list[str]:
        """The URLs that OSS asks, in this order."""

    @property
    def body(self) -> str:
        """The body, with its variables."""

    @property
    def body_type(self) -> str:
        """The media type of the body."""

    @property
    def host(self) -> str | None:
        """The Host header, where it was given."""

    @property
    def sni(self) -> bool:
        """Whether OSS names the host when it connects."""

    @property
    def vars(self) -> dict[str, str]:
        """Variables of your own."""

    @property
    def callback(self) -> str:
        """The value of `x-oss-callback`: JSON in Base64."""

    @property
    def callback_var(self) -> str | None:
        """The value of `x-oss-callback-var`, or None without variables of your own."""

    def as_headers(self) -> dict[str, str]:
        """The headers of an upload. Not together with `as_parameters`: OSS refuses both at once."""

    def as_parameters(self) -> dict[str, str]:
        """The query parameters of an upload, for `parameters=`: the client sends no header then."""

    def as_form_fields(self) -> dict[str, str]:
        """The fields of a form upload: the callback, and each variable of your own."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

# The public half of the key that `sign_callback` signs with. Everybody knows the other half.
TEST_PUBLIC_KEY: str

def rehost(url: str, host: str) -> str:
    """Put another host into a presigned URL, which stays valid: scheme and host are not signed.

    Path and query keep their bytes. So the new host must find bucket and key where the old one did:
    a host of the bucket, or a domain bound to it, in place of another; an address in place of an
    address. Whether a domain is bound to the bucket nobody can see: it is taken for granted.

    Args:
        url: A presigned URL, of version 4 or 1.
        host: The new host, with a port if need be: "cdn.example.com:8443". It may begin with
            `http://` or `https://`; if not, the scheme stays.

    Raises:
        ParamInvalidError: The URL is not presigned for OSS, or its host is signed (`host` is among
            the additional headers); `host` is no host, or it is one of another bucket, of another
            region than the signed one (version 4), or with the bucket at another place.
    """

def content_disposition(name: str | None, *, inline: bool = False) -> str:
    r"""The value of Content-Disposition that makes a browser save a download under a name.

    A name beyond plain ASCII is given twice (RFC 6266): with `_` for old clients, and in UTF-8.

    Args:
        name: The name of the file, without folders. None gives no name.
        inline: Show it instead of saving it, where the browser can.

    Raises:
        ParamInvalidError: The name is empty, `.` or `..`, or holds `/`, `\` or a control
            character.
    """

def verify_post_fields(
    credentials: CredentialsSource,
    fields: list[tuple[str, str]],
    bucket: str | None,
    size: int | None,
    now: datetime.datetime | None,
) -> VerifiedPost: ...
def complete_body(
    cut: tuple[int, int],
    parts: list[tuple[int, str, int | None]],
    may_lack: bool,
    may_repeat: bool,
) -> str:
    """The XML that completes an upload of these parts: number, ETag, and size where it is known."""

def cut_parts(size: int, part_size: int | None = None) -> tuple[int, int]:
    """The size of a file's parts, and how many there are."""

def check_callback(
    authorization: str | None,
    key_url: str | None,
    path: str,
    query: str,
    body: bytes,
    public_key: str | None,
) -> None: ...
def sign_callback(private_key: str | None, path: str, query: str, body: bytes) -> str: ...

@final
class PresignedUrls(Sequence[str | None]):
    """The presigned URLs of many rows, one per row, None where there is none.

    A sequence of str, each of which is made when it is asked for, and an Arrow array of
    large_string, which pyarrow, Polars, pandas and DuckDB take over without copying it. The repr
    shows no URL.
    """

    @property
    def method(self) -> str:
        """The HTTP method that the URLs are for."""

    @property
    def expiration(self) -> datetime.datetime | None:
        """When the URLs end, in UTC; None if never, which only unsigned ones can say."""

    @property
    def effective_expiration(self) -> datetime.datetime | None:
        """The earlier of `expiration` and the end of the credentials."""

    @property
    def signed_headers(self) -> dict[str, str] | None:
        """The header fields that are part of all signatures, or None where they differ."""

    @property
    def request_headers(self) -> dict[str, str] | None:
        """All header fields to be sent, or None where they differ."""

    @property
    def errors(self) -> list[tuple[int, Exception]]:
        """The rows that could not be presigned, with the exception of each."""

    @property
    def nbytes(self) -> int:
        """The memory that the URLs take, in bytes."""

    def result(self, row: int) -> PresignResult | None:
        """What `presign` answers for one row; None where there is no URL."""

    def to_list(self) -> list[str | None]:
        """All URLs as str, None where there is none."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> str | None: ...
    @overload
    def __getitem__(self, index: slice, /) -> Sequence[str | None]: ...
    def __iter__(self) -> Iterator[str | None]: ...
    def __reversed__(self) -> Iterator[str | None]: ...
    def __contains__(self, value: object, /) -> bool: ...
    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """The first row with this URL, between `start` and `stop`."""

    def count(self, value: Any) -> int:
        """How many rows have this URL."""

    def __eq__(self, other: object, /) -> bool: ...
    def __arrow_c_array__(
        self, requested_schema: object | None = None
    ) -> tuple[object, object]: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class SignedBatches:
    """An Arrow stream of tables, each signed when it is read. It can be read once."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...

@final
class PresignResult:
    """A presigned URL, and what must be sent with it.

    Results compare by value, pickle, and turn into a dict: `dict(result)`. The repr hides signature
    and token.
    """

    def __new__(
        cls,
        method: str | None = None,
        url: str | None = None,
        expiration: datetime.datetime | None = None,
        signed_headers: MutableMapping[str, str] | None = None,
        request_headers: MutableMapping[str, str] | None = None,
        effective_expiration: datetime.datetime | None = None,
    ) -> PresignResult: ...
    @property
    def method(self) -> str:
        """The HTTP method that the URL is for."""

    @property
    def url(self) -> str:
        """The presigned URL. Whoever has it can use it until it ends."""

    @property
    def expiration(self) -> datetime.datetime | Any:
        """When the URL ends, an aware datetime in UTC.

        Without credentials it is what was given to `presign`, or None.
        """

    @property
    def signed_headers(self) -> dict[str, str]:
        """The header fields that are part of the signature.

        The request must send exactly these, with these values, and no other Content-Type.
        """

    @property
    def request_headers(self) -> dict[str, str]:
        """All header fields to be sent to get what was asked for, the unsigned ones included."""

    @property
    def effective_expiration(self) -> datetime.datetime | Any:
        """The earlier of `expiration` and the end of the credentials that signed."""

    def keys(self) -> list[str]:
        """The names of the attributes, so that `dict(result)` works."""

    def __getitem__(self, key: str, /) -> Any: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@disjoint_base
class Credentials:
    """An AccessKey id and secret, with the security token of temporary credentials.

    Secret and token appear in no repr and no error. A Python str cannot be wiped from memory: the
    secret lives as long as this object.
    """

    access_key_id: str
    """The AccessKey id."""

    access_key_secret: str
    """The AccessKey secret."""

    security_token: str | None
    """The security token, or None."""

    expiration: datetime.datetime | None
    """When the credentials end, or None. A naive datetime is UTC."""

    def __init__(
        self,
        access_key_id: str,
        access_key_secret: str,
        security_token: str | None = None,
        expiration: datetime.datetime | None = None,
    ) -> None: ...
    def has_keys(self) -> bool:
        """Whether id and secret are both there."""

    def is_expired(self) -> bool:
        """Whether the credentials have ended. Those without an end never have."""

@disjoint_base
class StaticCredentialsProvider:
    """Always gives the same credentials."""

    def __init__(
        self, access_key_id: str, access_key_secret: str, security_token: str | None = None
    ) -> None: ...
    def get_credentials(self) -> Credentials:
        """The credentials."""

    def __setstate__(self, state: tuple[Any, ...]) -> None: ...

@final
class Emulator:
    """A local OSS in threads of its own, ready when it is made.

    `ossign.testing.Emulator` is its face, and says what the options are.
    """

    def __new__(
        cls,
        *,
        host: str,
        port: int,
        data: str | os.PathLike[str] | None,
        access_key_id: str,
        access_key_secret: str,
        security_token: str | None,
        region: str | None,
        bucket: str | None,
        clock: int,
        origins: list[str],
        callback_timeout: float,
        log: str,
        log_level: str,
        signals: bool,
    ) -> Emulator: ...
    @property
    def endpoint(self) -> str:
        """The address as an endpoint, such as "http://127.0.0.1:41234"."""

    @property
    def is_running(self) -> bool:
        """Whether it runs, in this process."""

    def refusals(self) -> list[str]:
        """The refusals so far, the oldest first, each with its explanation."""

    def objects(self) -> list[dict[str, Any]]:
        """What is known of each object, in the order of bucket and key."""

    def read(self, bucket: str, key: str) -> bytes | None:
        """The bytes of an object, or None."""

    def wait(self) -> None:
        """Return when it has stopped."""

    def stop(self) -> None:
        """Stop: requests under way are answered first. To stop twice is to stop once."""

@disjoint_base
class Request:
    """The base of the seven request classes, for annotations: it cannot be made itself.

    Requests compare by value and pickle. They have no attributes but those below: a misspelt one is
    an AttributeError.
    """

    _attribute_map: ClassVar[dict[str, dict[str, Any]]]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __setstate__(self, state: dict[str, Any], /) -> None: ...

def causes() -> list[tuple[str, str, list[str], str]]:
    """Name, meaning, EC numbers and cure of every cause."""

def verify_url(url: str, options: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
    """Judges a URL: its facts, or a finding with the texts that should have been signed."""

def explain_url(url: str, options: dict[str, Any], server_error: str | None) -> dict[str, Any]:
    """Explains a URL: everything that a report shows, and the report as a text."""

@final
class NewObject:
    """A file that is about to have a name.

    Attributes:
        filename: The user's name for it.
        content_type: The content type that the upload will have.
        extension: In lower case, without the dot.
        category: "image", "video", "audio" or "document".
        caller: The name of the API key, or of whoever else asks.
    """

    @property
    def filename(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def extension(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def caller(self) -> str: ...

@final
class PresignApi:
    """The API of one bucket: a request in, an answer out. Nothing here listens.

    Args:
        settings: JSON. The names are those of `ossign.asgi.PresignApp`.

    Raises:
        ParamInvalidError: A setting that cannot work.
        ValueError: A setting that is unknown or of the wrong type.
    """

    def __new__(cls, settings: str) -> PresignApi: ...
    @property
    def max_body_bytes(self) -> int:
        """The largest body in bytes."""

    @property
    def path(self) -> str:
        """What the routes begin with."""

    def check(self, client: Client) -> None:
        """Refuse a client that cannot keep what the settings promise.

        Raises:
            ParamInvalidError: The client signs with version 1, which signs no content length.
        """

    @staticmethod
    def may_wait(client: Client | None) -> bool:
        """Whether answering may take long, because the client's provider may ask elsewhere."""

    def handle(
        self,
        client: Client | None,
        method: str,
        path: str,
        body: bytes | None,
        *,
        apikey: bytes | None = None,
        identity: str | None = None,
        object_key: Callable[[NewObject], str] | None = None,
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes, str | None]:
        """Answer a request.

        Args:
            client: Who signs; without one, nothing is configured.
            method: The HTTP method.
            path: The path below what the API is mounted at.
            body: The body; None if it is larger than `max_body_bytes`.
            apikey: The value of the header Apikey.
            identity: Who asks, where that is known without an API key.
            object_key: A function from a `NewObject` to the object's name.

        Returns:
            Status, headers, body, and what went wrong on the owner's side, or None.
        """

@final
class PresignServer:
    """The HTTP presign API as a server in threads of its own, ready when it is made.

    Args:
        environment: The variables that settings are read from, such as `os.environ`.
        file: A TOML file of settings; the environment overrides it.
        overrides: A TOML table that overrides both.
        credentials_provider: Asked for credentials again and again, in place of the environment and
            of `credentials_file`: a provider or a function, as `Client` takes them.
        signals: Whether SIGINT and SIGTERM stop it.

    Raises:
        ValueError: Words that name the variable or the setting that is wrong.
    """

    def __new__(
        cls,
        environment: Mapping[str, str],
        file: str | os.PathLike[str] | None = None,
        *,
        overrides: str = "",
        credentials_provider: Any = None,
        signals: bool = False,
    ) -> PresignServer: ...
    @property
    def url(self) -> str:
        """The address, such as "http://127.0.0.1:8000"."""

    @property
    def is_running(self) -> bool:
        """Whether it runs, in this process."""

    def wait(self) -> None:
        """Return when it has stopped; an exception of a signal handler stops it and is raised."""

    def stop(self) -> None:
        """Stop: requests under way are answered first. To stop twice is to stop once."""

def openapi(path: str) -> str:
    """The OpenAPI document of the API, as JSON, for an API whose routes begin with `path`."""

def parse_xml(data: bytes | str) -> _Node:
    """The root element of an XML text as nested tuples `(tag, text, children)`.

    `tag` is `{namespace}name` where there is a namespace; `text` is what stands before the first
    child, or None.

    Raises:
        ValueError: No well-formed XML, a document type definition, or more than 100 levels.
    """

def v4_texts(
    method: str,
    bucket: str | None,
    key: str | None,
    query: list[tuple[str, str]],
    headers: list[tuple[str, str]],
    additional_headers: list[str],
    payload_hash: str,
    secret: str,
    date: str,
    region: str,
    product: str,
) -> tuple[str, str, str]:
    """Canonical request, string to sign and hex signature of signature version 4.

    Args:
        method: The HTTP method.
        bucket: The bucket, or None.
        key: The object's key, not encoded, or None.
        query: Percent-encoded names and values in any order, without the signature.
        headers: Lower-case names and values of the headers to be signed, in any order.
        additional_headers: Lower-case names, sorted.
        payload_hash: The last line of the canonical request.
        secret: The AccessKey secret.
        date: As in `20260101T000000Z`.
        region: The region in the scope.
        product: The product in the scope, mostly `oss`.
    """

def v1_texts(
    method: str,
    content_md5: str,
    content_type: str,
    date_or_expires: str,
    oss_headers: list[tuple[str, str]],
    resource_path: str,
    sub_resources: list[tuple[str, str]],
    secret: str,
) -> tuple[str, str]:
    """String to sign and Base64 signature of signature version 1.

    Args:
        method: The HTTP method.
        content_md5: The value of Content-MD5, or an empty text.
        content_type: The value of Content-Type, or an empty text.
        date_or_expires: The date header, or for a URL when it ends, in seconds since 1970.
        oss_headers: Lower-case names and values of the `x-oss-*` headers, in any order.
        resource_path: `/bucket/key`, not encoded.
        sub_resources: The parameters to be signed, decoded, in any order.
        secret: The AccessKey secret.
    """

def is_v1_subresource(name: str) -> bool:
    """Whether signature version 1 signs a query parameter of this name."""

# What follows is written by `make stubs`.

class GetObjectRequest(Request):
    """The request for the GetObject operation.

    Downloads an object.

    Fields, by keyword or in this order, and where each travels:

        bucket: in the host or the path (required)
        key: in the path; 1 to 1023 bytes of UTF-8 (required)
        if_match: header If-Match
        if_none_match: header If-None-Match
        if_modified_since: header If-Modified-Since
        if_unmodified_since: header If-Unmodified-Since
        range_header: header Range
        range_behavior: header x-oss-range-behavior
        response_cache_control: query parameter response-cache-control
        response_content_disposition: query parameter response-content-disposition
        response_content_encoding: query parameter response-content-encoding
        response_content_language: query parameter response-content-language
        response_content_type: query parameter response-content-type
        response_expires: query parameter response-expires
        version_id: query parameter versionId
        traffic_limit: header x-oss-traffic-limit
        process: query parameter x-oss-process
        request_payer: header x-oss-request-payer
        accept_encoding: header Accept-Encoding
        progress_fn: accepted for compatibility, ignored

    Besides: headers and parameters, mappings of further header fields and query parameters, and
    payload, which is ignored.
    """

    __signature__: ClassVar[Any]
    _attribute_map: ClassVar[dict[str, dict[str, Any]]]
    bucket: str | None
    key: str | None
    if_match: _Value | None
    if_none_match: _Value | None
    if_modified_since: _Value | None
    if_unmodified_since: _Value | None
    range_header: _Value | None
    range_behavior: _Value | None
    response_cache_control: _Value | None
    response_content_disposition: _Value | None
    response_content_encoding: _Value | None
    response_content_language: _Value | None
    response_content_type: _Value | None
    response_expires: _Value | None
    version_id: _Value | None
    traffic_limit: int | str | None
    process: _Value | None
    request_payer: _Value | None
    accept_encoding: _Value | None
    progress_fn: Any
    headers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    payload: Any
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __init__(
        self,
        bucket: str | None = None,
        key: str | None = None,
        if_match: _Value | None = None,
        if_none_match: _Value | None = None,
        if_modified_since: _Value | None = None,
        if_unmodified_since: _Value | None = None,
        range_header: _Value | None = None,
        range_behavior: _Value | None = None,
        response_cache_control: _Value | None = None,
        response_content_disposition: _Value | None = None,
        response_content_encoding: _Value | None = None,
        response_content_language: _Value | None = None,
        response_content_type: _Value | None = None,
        response_expires: _Value | None = None,
        version_id: _Value | None = None,
        traffic_limit: int | str | None = None,
        process: _Value | None = None,
        request_payer: _Value | None = None,
        accept_encoding: _Value | None = None,
        progress_fn: Any = None,
        *,
        headers: Mapping[str, Any] = ...,
        parameters: Mapping[str, Any] = ...,
        payload: Any = None,
    ) -> None: ...

class PutObjectRequest(Request):
    """The request for the PutObject operation.

    Uploads an object of up to 5 GB.

    Fields, by keyword or in this order, and where each travels:

        bucket: in the host or the path (required)
        key: in the path; 1 to 1023 bytes of UTF-8 (required)
        acl: header x-oss-object-acl
        storage_class: header x-oss-storage-class
        metadata: a mapping: one header x-oss-meta-NAME per entry
        cache_control: header Cache-Control
        content_disposition: header Content-Disposition
        content_encoding: header Content-Encoding
        content_length: header Content-Length
        content_md5: header Content-MD5
        content_type: header Content-Type
        expires: header Expires
        server_side_encryption: header x-oss-server-side-encryption
        server_side_data_encryption: header x-oss-server-side-data-encryption
        server_side_encryption_key_id: header x-oss-server-side-encryption-key-id
        tagging: header x-oss-tagging
        callback: header x-oss-callback
        callback_var: header x-oss-callback-var
        forbid_overwrite: header x-oss-forbid-overwrite
        traffic_limit: header x-oss-traffic-limit
        request_payer: header x-oss-request-payer
        object_worm_retain_until_date: header x-oss-object-worm-retain-until-date
        object_worm_mode: header x-oss-object-worm-mode
        object_worm_legal_hold: header x-oss-object-worm-legal-hold
        body: not part of a presigned URL
        progress_fn: accepted for compatibility, ignored

    Besides: headers and parameters, mappings of further header fields and query parameters, and
    payload, which is ignored.
    """

    __signature__: ClassVar[Any]
    _attribute_map: ClassVar[dict[str, dict[str, Any]]]
    bucket: str | None
    key: str | None
    acl: _Value | None
    storage_class: _Value | None
    metadata: dict[str, str] | None
    cache_control: _Value | None
    content_disposition: _Value | None
    content_encoding: _Value | None
    content_length: int | str | None
    content_md5: _Value | None
    content_type: _Value | None
    expires: _Value | None
    server_side_encryption: _Value | None
    server_side_data_encryption: _Value | None
    server_side_encryption_key_id: _Value | None
    tagging: _Value | None
    callback: Callback | _Value | None
    callback_var: _Value | None
    forbid_overwrite: bool | str | None
    traffic_limit: int | str | None
    request_payer: _Value | None
    object_worm_retain_until_date: _Value | None
    object_worm_mode: _Value | None
    object_worm_legal_hold: _Value | None
    body: Any
    progress_fn: Any
    headers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    payload: Any
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __init__(
        self,
        bucket: str | None = None,
        key: str | None = None,
        acl: _Value | None = None,
        storage_class: _Value | None = None,
        metadata: dict[str, str] | None = None,
        cache_control: _Value | None = None,
        content_disposition: _Value | None = None,
        content_encoding: _Value | None = None,
        content_length: int | str | None = None,
        content_md5: _Value | None = None,
        content_type: _Value | None = None,
        expires: _Value | None = None,
        server_side_encryption: _Value | None = None,
        server_side_data_encryption: _Value | None = None,
        server_side_encryption_key_id: _Value | None = None,
        tagging: _Value | None = None,
        callback: Callback | _Value | None = None,
        callback_var: _Value | None = None,
        forbid_overwrite: bool | str | None = None,
        traffic_limit: int | str | None = None,
        request_payer: _Value | None = None,
        object_worm_retain_until_date: _Value | None = None,
        object_worm_mode: _Value | None = None,
        object_worm_legal_hold: _Value | None = None,
        body: Any = None,
        progress_fn: Any = None,
        object_acl: _Value | None = None,
        *,
        headers: Mapping[str, Any] = ...,
        parameters: Mapping[str, Any] = ...,
        payload: Any = None,
    ) -> None: ...

class HeadObjectRequest(Request):
    """The request for the HeadObject operation.

    Reads an object's metadata.

    Fields, by keyword or in this order, and where each travels:

        bucket: in the host or the path (required)
        key: in the path; 1 to 1023 bytes of UTF-8 (required)
        version_id: query parameter versionId
        if_match: header If-Match
        if_none_match: header If-None-Match
        if_modified_since: header If-Modified-Since
        if_unmodified_since: header If-Unmodified-Since
        request_payer: header x-oss-request-payer

    Besides: headers and parameters, mappings of further header fields and query parameters, and
    payload, which is ignored.
    """

    __signature__: ClassVar[Any]
    _attribute_map: ClassVar[dict[str, dict[str, Any]]]
    bucket: str | None
    key: str | None
    version_id: _Value | None
    if_match: _Value | None
    if_none_match: _Value | None
    if_modified_since: _Value | None
    if_unmodified_since: _Value | None
    request_payer: _Value | None
    headers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    payload: Any
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __init__(
        self,
        bucket: str | None = None,
        key: str | None = None,
        version_id: _Value | None = None,
        if_match: _Value | None = None,
        if_none_match: _Value | None = None,
        if_modified_since: _Value | None = None,
        if_unmodified_since: _Value | None = None,
        request_payer: _Value | None = None,
        *,
        headers: Mapping[str, Any] = ...,
        parameters: Mapping[str, Any] = ...,
        payload: Any = None,
    ) -> None: ...

class InitiateMultipartUploadRequest(Request):
    """The request for the InitiateMultipartUpload operation.

    Begins a multipart upload; the answer holds its upload_id.

    Fields, by keyword or in this order, and where each travels:

        bucket: in the host or the path (required)
        key: in the path; 1 to 1023 bytes of UTF-8 (required)
        encoding_type: query parameter encoding-type
        storage_class: header x-oss-storage-class
        metadata: a mapping: one header x-oss-meta-NAME per entry
        cache_control: header Cache-Control
        content_disposition: header Content-Disposition
        content_encoding: header Content-Encoding
        content_length: header Content-Length
        content_md5: header Content-MD5
        content_type: header Content-Type
        expires: header Expires
        server_side_encryption: header x-oss-server-side-encryption
        server_side_data_encryption: header x-oss-server-side-data-encryption
        server_side_encryption_key_id: header x-oss-server-side-encryption-key-id
        tagging: header x-oss-tagging
        forbid_overwrite: header x-oss-forbid-overwrite
        request_payer: header x-oss-request-payer
        object_worm_retain_until_date: header x-oss-object-worm-retain-until-date
        object_worm_mode: header x-oss-object-worm-mode
        object_worm_legal_hold: header x-oss-object-worm-legal-hold
        cse_data_size: accepted for compatibility, ignored
        cse_part_size: accepted for compatibility, ignored
        disable_auto_detect_mime_type: accepted for compatibility, ignored

    Besides: headers and parameters, mappings of further header fields and query parameters, and
    payload, which is ignored.
    """

    __signature__: ClassVar[Any]
    _attribute_map: ClassVar[dict[str, dict[str, Any]]]
    bucket: str | None
    key: str | None
    encoding_type: _Value | None
    storage_class: _Value | None
    metadata: dict[str, str] | None
    cache_control: _Value | None
    content_disposition: _Value | None
    content_encoding: _Value | None
    content_length: int | str | None
    content_md5: _Value | None
    content_type: _Value | None
    expires: _Value | None
    server_side_encryption: _Value | None
    server_side_data_encryption: _Value | None
    server_side_encryption_key_id: _Value | None
    tagging: _Value | None
    forbid_overwrite: bool | str | None
    request_payer: _Value | None
    object_worm_retain_until_date: _Value | None
    object_worm_mode: _Value | None
    object_worm_legal_hold: _Value | None
    cse_data_size: Any
    cse_part_size: Any
    disable_auto_detect_mime_type: Any
    headers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    payload: Any
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __init__(
        self,
        bucket: str | None = None,
        key: str | None = None,
        encoding_type: _Value | None = None,
        storage_class: _Value | None = None,
        metadata: dict[str, str] | None = None,
        cache_control: _Value | None = None,
        content_disposition: _Value | None = None,
        content_encoding: _Value | None = None,
        content_length: int | str | None = None,
        content_md5: _Value | None = None,
        content_type: _Value | None = None,
        expires: _Value | None = None,
        server_side_encryption: _Value | None = None,
        server_side_data_encryption: _Value | None = None,
        server_side_encryption_key_id: _Value | None = None,
        tagging: _Value | None = None,
        forbid_overwrite: bool | str | None = None,
        request_payer: _Value | None = None,
        object_worm_retain_until_date: _Value | None = None,
        object_worm_mode: _Value | None = None,
        object_worm_legal_hold: _Value | None = None,
        cse_data_size: Any = None,
        cse_part_size: Any = None,
        disable_auto_detect_mime_type: Any = None,
        *,
        headers: Mapping[str, Any] = ...,
        parameters: Mapping[str, Any] = ...,
        payload: Any = None,
    ) -> None: ...

class UploadPartRequest(Request):
    """The request for the UploadPart operation.

    Uploads one part: number 1 to 10000, 100 KB (but for the last) to 5 GB.

    Fields, by keyword or in this order, and where each travels:

        bucket: in the host or the path (required)
        key: in the path; 1 to 1023 bytes of UTF-8 (required)
        part_number: query parameter partNumber (required)
        upload_id: query parameter uploadId (required)
        content_md5: header Content-MD5
        content_length: header Content-Length
        traffic_limit: header x-oss-traffic-limit
        body: not part of a presigned URL
        request_payer: header x-oss-request-payer
        progress_fn: accepted for compatibility, ignored
        cse_multipart_context: accepted for compatibility, ignored

    Besides: headers and parameters, mappings of further header fields and query parameters, and
    payload, which is ignored.
    """

    __signature__: ClassVar[Any]
    _attribute_map: ClassVar[dict[str, dict[str, Any]]]
    bucket: str | None
    key: str | None
    part_number: _Value | None
    upload_id: _Value | None
    content_md5: _Value | None
    content_length: int | str | None
    traffic_limit: int | str | None
    body: Any
    request_payer: _Value | None
    progress_fn: Any
    cse_multipart_context: Any
    headers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    payload: Any
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __init__(
        self,
        bucket: str | None = None,
        key: str | None = None,
        part_number: _Value | None = None,
        upload_id: _Value | None = None,
        content_md5: _Value | None = None,
        content_length: int | str | None = None,
        traffic_limit: int | str | None = None,
        body: Any = None,
        request_payer: _Value | None = None,
        progress_fn: Any = None,
        cse_multipart_context: Any = None,
        *,
        headers: Mapping[str, Any] = ...,
        parameters: Mapping[str, Any] = ...,
        payload: Any = None,
    ) -> None: ...

class CompleteMultipartUploadRequest(Request):
    """The request for the CompleteMultipartUpload operation.

    Makes an object of the uploaded parts.

    Fields, by keyword or in this order, and where each travels:

        bucket: in the host or the path (required)
        key: in the path; 1 to 1023 bytes of UTF-8 (required)
        upload_id: query parameter uploadId (required)
        acl: header x-oss-object-acl
        complete_multipart_upload: not part of a presigned URL
        complete_all: header x-oss-complete-all
        callback: header x-oss-callback
        callback_var: header x-oss-callback-var
        forbid_overwrite: header x-oss-forbid-overwrite
        encoding_type: query parameter encoding-type
        request_payer: header x-oss-request-payer

    Besides: headers and parameters, mappings of further header fields and query parameters, and
    payload, which is ignored.
    """

    __signature__: ClassVar[Any]
    _attribute_map: ClassVar[dict[str, dict[str, Any]]]
    bucket: str | None
    key: str | None
    upload_id: _Value | None
    acl: _Value | None
    complete_multipart_upload: CompleteMultipartUpload | None
    complete_all: _Value | None
    callback: Callback | _Value | None
    callback_var: _Value | None
    forbid_overwrite: bool | str | None
    encoding_type: _Value | None
    request_payer: _Value | None
    headers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    payload: Any
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __init__(
        self,
        bucket: str | None = None,
        key: str | None = None,
        upload_id: _Value | None = None,
        acl: _Value | None = None,
        complete_multipart_upload: CompleteMultipartUpload | None = None,
        complete_all: _Value | None = None,
        callback: Callback | _Value | None = None,
        callback_var: _Value | None = None,
        forbid_overwrite: bool | str | None = None,
        encoding_type: _Value | None = None,
        request_payer: _Value | None = None,
        object_acl: _Value | None = None,
        *,
        headers: Mapping[str, Any] = ...,
        parameters: Mapping[str, Any] = ...,
        payload: Any = None,
    ) -> None: ...

class AbortMultipartUploadRequest(Request):
    """The request for the AbortMultipartUpload operation.

    Gives a multipart upload up and deletes its parts.

    Fields, by keyword or in this order, and where each travels:

        bucket: in the host or the path (required)
        key: in the path; 1 to 1023 bytes of UTF-8 (required)
        upload_id: query parameter uploadId (required)
        request_payer: header x-oss-request-payer

    Besides: headers and parameters, mappings of further header fields and query parameters, and
    payload, which is ignored.
    """

    __signature__: ClassVar[Any]
    _attribute_map: ClassVar[dict[str, dict[str, Any]]]
    bucket: str | None
    key: str | None
    upload_id: _Value | None
    request_payer: _Value | None
    headers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    payload: Any
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __init__(
        self,
        bucket: str | None = None,
        key: str | None = None,
        upload_id: _Value | None = None,
        request_payer: _Value | None = None,
        *,
        headers: Mapping[str, Any] = ...,
        parameters: Mapping[str, Any] = ...,
        payload: Any = None,
    ) -> None: ...
