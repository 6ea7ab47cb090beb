"""What each side makes of a case, in terms that can be compared."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import alibabacloud_oss_v2 as sdk
import alibabacloud_oss_v2.presigner
import ossign
import ossign.sdk
import time_machine
from ossign.types import OperationInput

from .strategies import Case, build

Outcome = tuple[Any, ...]
NO_HTTP = object()


def ours(case: Case) -> Outcome:
    """What ossign answers, through the door that the case names."""
    with time_machine.travel(case.now, tick=False):
        if case.door == "accelerated":
            return _outcome(
                lambda: ossign.sdk.accelerate(sdk.Client(_config(case, sdk))), case, sdk
            )
        package = sdk if case.door == "theirs" else ossign
        return _outcome(lambda: ossign.Client(_config(case, package)), case, package)


def theirs(case: Case) -> Outcome:
    """What the SDK answers. It asks a failing provider once: three times takes over a second."""
    with time_machine.travel(case.now, tick=False):
        return _outcome(lambda: sdk.Client(_config(case, sdk)), case, sdk)


def _config(case: Case, package: ModuleType) -> Any:
    settings = {name: build(value, package) for name, value in case.config.items()}
    provider = case.provider.make(package)
    unused = {"retry_max_attempts": 1, "http_client": NO_HTTP}
    return package.Config(credentials_provider=provider, **unused, **settings)


def _request(case: Case, package: ModuleType) -> Any:
    fields = {name: build(value, package) for name, value in case.fields.items()}
    if case.operation == "OperationInput":
        return (OperationInput if package is ossign else sdk.OperationInput)(**fields)
    return getattr(package, f"{case.operation}Request")(**fields)


def _outcome(make: Callable[[], Any], case: Case, package: ModuleType) -> Outcome:
    step = "Client"
    try:
        client = make()
        step = "request"
        request = _request(case, package)
        step = "presign"
        if type(client) is sdk.Client and case.operation == "OperationInput":
            result = _presign_input(client, request, **case.call)
        else:
            result = client.presign(request, **case.call)
    except Exception as error:
        return (step, *_chain(error, ossign if type(error).__module__[:6] == "ossign" else sdk))
    signed = list(result.signed_headers.items())
    return "signed", result.url, result.method, signed, _shown(result.expiration)


def _presign_input(client: Any, op_input: Any, **call: Any) -> Any:
    """The SDK's presign for any operation, by its own parts."""
    presigner = sdk.presigner
    original = presigner._serialize_input
    presigner._serialize_input = lambda request: request
    try:
        return client.presign(op_input, **call)
    finally:
        presigner._serialize_input = original


def _chain(error: BaseException, package: ModuleType) -> Iterable[tuple[str, str]]:
    """Class and words of an exception, and of the one inside it."""
    module = type(error).__module__.split(".")[0]
    name = type(error).__name__
    yield (name if module == package.__name__ else f"{module}.{name}"), str(error)
    inner = getattr(error, "kwargs", {}).get("error")
    if isinstance(inner, BaseException):
        yield from _chain(inner, package)


def _shown(value: Any) -> Any:
    """The fold of a UTC datetime says nothing."""
    return repr(value.replace(fold=0) if isinstance(value, datetime.datetime) else value)
