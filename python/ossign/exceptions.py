"""Every error that ossign raises, named and worded as the official SDK names and words them.

All of them take keyword arguments only, keep them in `kwargs`, and survive pickling. Where ossign
refuses what the SDK would sign, the class is still the SDK's and the message says more: it names
the field, the value and the rule that the value breaks.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself costs more to import than all of this package
if TYPE_CHECKING:
    from typing import Any

    from .diagnosis import Cause

_LONGEST_VALUE = 120


def _rebuild(cls: type[BaseError], kwargs: dict[str, Any]) -> BaseError:
    """Make an error again from what pickle kept of it."""
    return cls(**kwargs)


def _clipped(value: object) -> object:
    """Shorten a text that would drown the message, such as an object key of a megabyte."""
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        return f"{value[:_LONGEST_VALUE]}... ({len(value)} characters)"
    return value


class BaseError(Exception):
    """The root of all errors of this package.

    `fmt` is the message, filled in from the keyword arguments; a missing one is a KeyError. When
    the class has a `ruled_fmt` and `rule=` is given, that longer message is used. `row=` is the row
    of a batch that the error is about; the error then has an attribute of that name.
    """

    fmt: str = "An unspecified error occurred"
    ruled_fmt: str = ""

    def __init__(self, **kwargs: Any) -> None:
        if self.ruled_fmt and "rule" in kwargs:
            message = self.ruled_fmt.format(**{**kwargs, "value": _clipped(kwargs.get("value"))})
        else:
            message = self.fmt.format(**kwargs)
        if (row := kwargs.get("row")) is not None:
            message = f"row {row}: {message}"
            self.row = row
        super().__init__(message)
        self.kwargs = kwargs

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.kwargs)


def _at_row(error: Exception, row: int) -> Exception:
    """Say in an error which row of a batch it is about."""
    if isinstance(error, BaseError):
        again = type(error)(**error.kwargs, row=row)
        again.__cause__ = error.__cause__
        return again
    error.args = (f"row {row}: {error}",)
    error.row = row  # type: ignore[attr-defined]
    return error


class _Cause:
    """The half of an error that stands around another one, given as `error=`."""

    kwargs: dict[str, Any]

    def unwrap(self) -> Exception | None:
        """The error inside this one."""
        error: Exception | None = self.kwargs.get("error")
        return error


class CredentialsBaseError(BaseError):
    """The root of the errors about credentials."""


class CredentialsEmptyError(CredentialsBaseError):
    """The access key id or the access key secret is missing."""

    fmt = "Credentials is null or empty"


class CredentialsFetchError(CredentialsBaseError):
    """A credentials provider failed; `error` is what it raised."""

    fmt = "Fetch Credentials raised an exception: {error}"


class CredentialsExpiredError(CredentialsBaseError):
    """The credentials ended at `expiration`, before the moment of signing. Not in the SDK."""

    fmt = "Credentials expired at {expiration}"


class CredentialsTooShortError(CredentialsBaseError):
    """The credentials end at `expiration`, before the URL would at `wanted`. Not in the SDK.

    Raised where `on_short_credentials` is "error", or it is "clamp" and less than a second is left.
    """

    fmt = "Credentials end at {expiration}, before the URL at {wanted}"
    ruled_fmt = "Credentials end at {expiration}, {rule}"


class ProfileError(CredentialsBaseError):
    """A profile cannot be read from its file; the message quotes no line of it. Not in the SDK."""

    fmt = "{file}: {reason}"


class StreamConsumedError(BaseError):
    """The stream was read to its end before and cannot be read again."""

    fmt = "You have likely already consumed this stream, so it can not be accessed anymore."


class StreamClosedError(BaseError):
    """The stream of the response is closed."""

    fmt = "The content for response can no longer be read or streamed."


class ResponseNotReadError(BaseError):
    """The bytes of the response were asked for before they were read."""

    fmt = "You have not read in the bytes for the response. Call .read() on the response first."


class RequestError(BaseError, _Cause):
    """A request could not be sent; nothing reached the service."""

    fmt = "request error: {error}."


class ResponseError(BaseError, _Cause):
    """A request was sent, but its response did not arrive or could not be understood."""

    fmt = "response error: {error}."


_INDENT = " " * 8  # Quirk: the SDK's message carries the indentation of its own source


class ServiceError(BaseError):
    """The service answered with an error.

    `fmt` needs `status_code`, `code`, `request_id`, `message`, `ec`, `timestamp` and
    `request_target`; `snapshot`, `headers` and `error_fileds` (so spelled in the SDK) are optional.
    """

    fmt = (
        "Error returned by Service.\n"
        f"{_INDENT}Http Status Code: {{status_code}}.\n"
        f"{_INDENT}Error Code: {{code}}.\n"
        f"{_INDENT}Request Id: {{request_id}}.\n"
        f"{_INDENT}Message: {{message}}.\n"
        f"{_INDENT}EC: {{ec}}.\n"
        f"{_INDENT}Timestamp: {{timestamp}}.\n"
        f"{_INDENT}Request Endpoint: {{request_target}}."
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.status_code: int = kwargs.get("status_code", 0)
        self.code: str | None = kwargs.get("code")
        self.message: str | None = kwargs.get("message")
        self.request_id: str | None = kwargs.get("request_id")
        self.ec: str | None = kwargs.get("ec")
        self.timestamp: Any = kwargs.get("timestamp")
        self.request_target: str | None = kwargs.get("request_target")
        self.snapshot: Any = kwargs.get("snapshot")
        self.headers: Any = kwargs.get("headers")
        self.error_fileds: Any = kwargs.get("error_fileds")


class ParamInvalidError(BaseError):
    """A field has a value it cannot have. `value=` and `rule=` say which and why."""

    fmt = "invalid field, {field}."
    ruled_fmt = "invalid field, {field}: {value!r} {rule}."


class ParamNullError(BaseError):
    """A field that must be given is None."""

    fmt = "null field, {field}."


class ParamNullOrEmptyError(BaseError):
    """A field that must be given is None or empty."""

    fmt = "null or empty field, {field}."


class ParamRequiredError(BaseError):
    """A request lacks a field that its operation needs."""

    fmt = "missing required field, {field}."


class OperationError(BaseError, _Cause):
    """An operation failed; `unwrap()` gives the reason."""

    fmt = "operation error {name}: {error}."


class MD5UnavailableError(BaseError):
    """The machine offers no MD5."""

    fmt = "This system does not support MD5 generation."


class SerializationError(BaseError):
    """A request cannot be written as headers, query or XML."""

    fmt = "Serialization raised an exception: {error}"


class DeserializationError(BaseError):
    """A response cannot be read."""

    fmt = "Deserialization raised an exception: {error}"


class BucketNameInvalidError(BaseError):
    """The name is no bucket name: 3 to 63 of a-z, 0-9 and '-', with no '-' at either end."""

    fmt = "Bucket name is invalid, got {name}."


class ObjectNameInvalidError(BaseError):
    """The key is no object name. `field=`, `value=` and `rule=` say why."""

    fmt = "Object name is invalid."
    ruled_fmt = "Object name is invalid: {field} {value!r} {rule}."


class InconsistentError(BaseError):
    """The CRC-64 of the bytes sent differs from the one the service computed."""

    fmt = "crc is inconsistent, client {client_crc}, server {server_crc}"


class PresignExpirationError(BaseError):
    """The life of a presigned URL is not between 1 second and 7 days (604,800 seconds)."""

    fmt = "expires should be not greater than 604800(seven days)"
    ruled_fmt = "{field} {value} {rule}"


class FileNotExist(BaseError):
    """There is no file at `filepath`."""

    fmt = "File not exists, {filepath}"


class FileNotReadable(BaseError):
    """The file at `filepath` may not be read."""

    fmt = "File is not readable, {filepath}"


class VerificationError(BaseError):
    """The root of what is raised when something signed is not believed. Not in the SDK.

    `cause` says why in a word, for programs to compare with; `reason` in a sentence.
    """

    fmt = "{reason}"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cause: str = kwargs.get("cause", "")
        self.reason: str = kwargs["reason"]


class URLVerificationError(VerificationError):
    """A request that `verify` refuses. Not in the SDK.

    `cause` is an `ossign.Cause`, `detail` says what is wrong, `ec` is the number with which OSS
    answers it. Where the signature was computed, `string_to_sign`, and with version 4
    `canonical_request`, are what should have been signed, without token and signature.
    """

    fmt = "{cause}: {detail}"

    def __init__(self, **kwargs: Any) -> None:
        from .diagnosis import Cause

        super().__init__(**{"reason": kwargs["detail"], **kwargs})
        self.cause: Cause = Cause(kwargs["cause"])
        self.detail: str = kwargs["detail"]
        self.ec: str | None = kwargs.get("ec")
        self.fix: str | None = kwargs.get("fix")
        self.canonical_request: str | None = kwargs.get("canonical_request")
        self.string_to_sign: str | None = kwargs.get("string_to_sign")


class CallbackVerificationError(VerificationError):
    """A request is not the callback of an upload, sent by OSS. Not in the SDK.

    `cause` is one of `header_missing`, `header_repeated`, `key_url_malformed`, `key_url_refused`,
    `signature_malformed`, `signature_mismatch`, `nonce_missing`, `nonce_mismatch`.
    """

    fmt = "the callback is refused: {reason}"


class PostVerificationError(VerificationError):
    """A form upload that OSS would refuse. Not in the SDK.

    `status_code`, `code` and `ec` are what OSS answers, as far as it documents that; `field` is the
    field of the form that it is about, and `condition` the condition of the policy that failed.
    """

    fmt = "the form is refused: {reason}"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.status_code: int = kwargs.get("status_code", 403)
        self.code: str = kwargs.get("code", "AccessDenied")
        self.ec: str | None = kwargs.get("ec")
        self.field: str | None = kwargs.get("field")
        self.condition: str | None = kwargs.get("condition")
