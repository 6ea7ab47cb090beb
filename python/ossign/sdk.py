"""Beside the official SDK: speed up its client in place, and presign its request objects.

The SDK is never imported here. Whoever passes one of its objects has imported it already.
"""

from __future__ import annotations

import sys

from . import exceptions
from ._ossign import Client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, TypeVar

    from ._ossign import PresignResult

    C = TypeVar("C")

__all__ = ["accelerate"]

SDK = "alibabacloud_oss_v2"


def accelerate(client: C) -> C:
    """Make `client.presign` of the official SDK's `Client` run on ossign, and return the client.

    The URL is the SDK's, byte for byte, but for the differences in docs/differences.md; so are the
    exceptions, which are the SDK's own classes. The client's settings are read now: later changes
    of them are not seen, rotated credentials are. Quirk: `additional_headers` stays without effect,
    as in the SDK, so that no URL changes.

    Raises:
        TypeError: `client` is no `alibabacloud_oss_v2.Client`, or it signs or addresses with
            classes of somebody's own, or its `presign` is not the SDK's.

    Example:
        >>> import alibabacloud_oss_v2 as oss
        >>> import ossign.sdk
        >>> config = oss.Config(
        ...     region="cn-hangzhou",
        ...     credentials_provider=oss.credentials.StaticCredentialsProvider("id", "secret"))
        >>> client = ossign.sdk.accelerate(oss.Client(config))
        >>> client.presign(oss.GetObjectRequest(bucket="bucket", key="photo.jpg")).method
        'GET'
    """
    _check(client)
    client.presign = _Presign(client._client)  # type: ignore[attr-defined]
    return client


def operation_input(request: Any, class_name: str) -> Any:
    """The HTTP terms of a request object of the SDK, as the SDK's own code makes them.

    Called for the requests of operations that are not in our own table, and for requests of classes
    that have changed the SDK's `_attribute_map`.

    Raises:
        ParamInvalidError: The SDK has no operation for this class.
        BaseError: Whatever the SDK raises, as our class of the same name.
    """
    try:
        presigner = sys.modules.get(f"{SDK}.presigner")
        if presigner and isinstance(request, presigner.PresignRequest.__args__):
            # The operation would add a Content-Type and a parameter that presigning does not.
            return presigner._serialize_input(request)
        return _recorded(request, class_name)
    except Exception as error:
        ours = _ours(error)
        if ours is error:
            raise
        raise ours from error


class _Presign:
    """The `presign` of an accelerated client."""

    def __init__(self, settings: Any) -> None:
        options = settings._options
        self._settings = settings
        self._fast = Client(
            settings._config,
            region=options.region,
            product=options.product,
            endpoint=options.endpoint or None,
            signer=options.signer,
            address_style=options.address_style,
            credentials_provider=options.credentials_provider,
            additional_headers=[],
            default_request_headers=options.default_request_headers,
            bucket_name_resolver=options.bucket_name_resolver,
        )

    def __call__(self, request: Any, **kwargs: Any) -> PresignResult:
        try:
            return self._fast.presign(request, **kwargs)
        except exceptions.BaseError as error:
            raise _theirs(error) from None

    def __reduce__(self) -> tuple[type[_Presign], tuple[Any]]:
        # A pickle of the SDK's client holds its settings, and its secret, already.
        return _Presign, (self._settings,)


def _recorded(request: Any, class_name: str) -> Any:
    operations = sys.modules.get(f"{SDK}.operations")
    operation = getattr(operations, _snake_case(class_name.removesuffix("Request")), None)
    if operation is None:
        raise exceptions.ParamInvalidError(field="request")
    try:
        operation(_Recorder(), request)
    except _Recorded as recorded:
        return recorded.args[0]
    raise exceptions.ParamInvalidError(field="request")


class _Recorded(BaseException):
    """Carries an OperationInput past the SDK's handlers of Exception."""


class _Recorder:
    """Stands in for the SDK's client: notes what would be sent, and sends nothing."""

    def invoke_operation(self, op_input: Any, **_: Any) -> NoReturn:
        raise _Recorded(op_input)

    def has_feature(self, _: int) -> bool:
        # Among the features is guessing a Content-Type, which presigning never does.
        return False


def _check(client: Any) -> None:
    bases = type(client).__mro__
    sdk = [b for b in bases if b.__name__ == "Client" and b.__module__ == f"{SDK}.client"]
    if not sdk:
        raise TypeError(f"not a Client of {SDK}: {type(client).__name__}")
    presign = next(vars(o)["presign"] for o in (client, *bases) if "presign" in vars(o))
    if presign is not vars(sdk[0])["presign"] and not isinstance(presign, _Presign):
        raise TypeError(
            f"cannot keep the presign of {type(client).__name__}, which is not the SDK's: "
            "accelerate a plain Client and call its presign from there"
        )
    options = client._client._options
    signer = type(options.signer)
    own_signer = not signer.__module__.startswith(f"{SDK}.signer.v")
    if own_signer or signer.__name__ not in ("SignerV1", "SignerV4"):
        raise TypeError(f"cannot sign as {signer.__module__}.{signer.__name__} does")
    if options.endpoint_provider is not None:
        raise TypeError("cannot address as an endpoint_provider does")


def _snake_case(name: str) -> str:
    letters = []
    for at, letter in enumerate(name):
        if letter.isupper() and at and not name[at - 1].isupper():
            letters.append("_")
        letters.append(letter.lower())
    return "".join(letters)


def _ours(error: Exception) -> Exception:
    """An exception of the SDK as our class of the same name; any other as it is."""
    known = getattr(exceptions, type(error).__name__, None)
    if known is None or not type(error).__module__.startswith(SDK):
        return error
    converted: Exception = known(**error.kwargs)  # type: ignore[attr-defined]
    return converted


def _theirs(error: Exception) -> Exception:
    """One of our exceptions as the SDK's class of the same name, or of its nearest base."""
    module = sys.modules[f"{SDK}.exceptions"]
    if not isinstance(error, exceptions.BaseError):
        return error
    kwargs = dict(error.kwargs)
    if isinstance(kwargs.get("error"), Exception):
        kwargs["error"] = _theirs(kwargs["error"])
    known = next(b for b in type(error).__mro__ if hasattr(module, b.__name__))
    converted: Exception = getattr(module, known.__name__)(**kwargs)
    # The SDK's classes know nothing of values and rules; the words are ours.
    converted.args = (str(error),)
    return converted
