"""Requests to headers, query and body; answers back to results. What presign users touch of it."""

from __future__ import annotations

from ._headers import CaseInsensitiveDict
from ._model import Model, RequestModel, ResultModel, new_dependency
from ._wire import (
    deserialize_boolean,
    deserialize_httptime,
    deserialize_iso,
    deserialize_unixtime,
    from_text,
    serialize_httptime,
    serialize_iso_date,
    serialize_isotime,
    serialize_unixtime,
    to_text,
)
from ._xml import deserialize_xml, serialize_xml
from .exceptions import DeserializationError, ParamRequiredError, SerializationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .types import HttpResponse, OperationInput, OperationOutput

__all__ = [
    "Model",
    "RequestModel",
    "ResultModel",
    "copy_request",
    "deserialize_boolean",
    "deserialize_httptime",
    "deserialize_iso",
    "deserialize_output",
    "deserialize_output_callbackbody",
    "deserialize_output_discardbody",
    "deserialize_output_headers",
    "deserialize_output_xmlbody",
    "deserialize_unixtime",
    "deserialize_xml",
    "serialize_httptime",
    "serialize_input",
    "serialize_iso_date",
    "serialize_isotime",
    "serialize_unixtime",
    "serialize_xml",
]

_serialize_to_str = to_text  # the SDK's name; the Rust side asks it about values of odd types


def serialize_input(
    request: Any,
    op_input: OperationInput,
    custom_serializer: Iterable[Callable[[Any, OperationInput], Any]] | None = None,
) -> OperationInput:
    """Put a request's fields into the headers, the parameters and the body of `op_input`.

    The request's own `headers`, `parameters` and `payload` go first, so that fields win over them.
    Each custom serializer is then called with both. SerializationError if it is no request,
    ParamRequiredError if a required field is None.
    """
    if not isinstance(request, RequestModel):
        raise SerializationError(
            error=f"request<{type(request)}> is not subclass of serde.RequestModel"
        )
    if op_input.headers is None:
        op_input.headers = CaseInsensitiveDict()
    if op_input.parameters is None:
        op_input.parameters = {}
    for target, name in ((op_input.headers, "headers"), (op_input.parameters, "parameters")):
        given = getattr(request, name, ())
        if len(given) > 0:
            target.update(given)
    if hasattr(request, "payload"):
        op_input.body = request.payload

    for field, description in request._attribute_map.items():
        value = getattr(request, field)
        if value is not None:
            _place(field, value, description, op_input)
        elif description.get("required") is True:
            raise ParamRequiredError(field=field)

    for serializer in custom_serializer or ():
        serializer(request, op_input)
    return op_input


def _place(field: str, value: Any, description: dict[str, Any], op_input: OperationInput) -> None:
    """Put one field where its description says; bucket, key and local fields have no place here."""
    assert op_input.headers is not None and op_input.parameters is not None
    position, atype = description.get("position"), description.get("type", "")
    name = description.get("rename", field)
    if position == "query":
        op_input.parameters[name] = to_text(value, atype)
    elif position == "header" and "dict" in atype and isinstance(value, dict):
        for key, item in value.items():
            op_input.headers[f"{name}{key}"] = item
    elif position == "header":
        op_input.headers[name] = to_text(value, atype)
    elif position == "body":
        op_input.body = serialize_xml(value, name) if "xml" in atype else value


def deserialize_output(
    result: Any,
    op_output: OperationOutput,
    custom_deserializer: Iterable[Callable[[Any, OperationOutput], Any]] | None = None,
) -> Any:
    """Fill a result's status, headers and request id, then call each custom deserializer with both.

    DeserializationError if it is no result.
    """
    if not isinstance(result, ResultModel):
        raise DeserializationError(
            error=f"result<{type(result)}> is not subclass of serde.ResultModel"
        )
    result.status = op_output.status or ""
    result.status_code = op_output.status_code or 0
    result.headers = op_output.headers or CaseInsensitiveDict()
    result.request_id = result.headers.get("x-oss-request-id", "")
    for deserializer in custom_deserializer or ():
        deserializer(result, op_output)
    return result


def deserialize_output_headers(result: Any, op_output: OperationOutput) -> Any:
    """Fill the fields of a result that answers carry in headers."""
    headers = op_output.headers or {}
    for field, description in result._attribute_map.items():
        if description.get("tag") != "output":
            continue
        name, atype = description.get("rename", field), description.get("type", "str")
        value: Any = headers.get(name)
        if "dict" in atype:
            value = CaseInsensitiveDict(
                (k[len(name) :], v) for k, v in headers.items() if k.lower().startswith(name)
            )
            value = value or None
        elif value is not None:
            value = from_text(value, atype.split(","))
        if value is not None:
            setattr(result, field, value)
    return result


def deserialize_output_xmlbody(result: Any, op_output: OperationOutput) -> Any:
    """Fill the fields of a result that answers carry in an XML body; an empty body changes nothing.

    Either the body is the result itself, or one field of the result holds all of it.
    """
    xml_data = _response(op_output).content
    if not xml_data:
        return result
    fields = result._attribute_map
    if any(description.get("tag") == "xml" for description in fields.values()):
        deserialize_xml(xml_data, result, getattr(result, "_xml_map", {}).get("name"))
        return result
    for field, description in fields.items():
        place = description.get("tag"), description.get("position")
        types = description.get("type", "")
        if place == ("output", "body") and "xml" in types:
            model = new_dependency(result, types.split(",")[0])
            if model is None:
                raise DeserializationError(error=f"Can not create object with {types} type")
            deserialize_xml(xml_data, model, description.get("rename"))
            setattr(result, field, model)
            break
    return result


def deserialize_output_callbackbody(result: Any, op_output: OperationOutput) -> Any:
    """Keep the body, which is what the callback server answered, as text in `callback_result`."""
    body = _response(op_output).content
    if body is not None:
        result.callback_result = body.decode()
    return result


def deserialize_output_discardbody(result: Any, op_output: OperationOutput) -> Any:
    """Read the body away and close the response, so that its connection can be used again."""
    response = _response(op_output)
    _ = response.content
    response.close()
    return result


def _response(op_output: OperationOutput) -> HttpResponse:
    if op_output.http_response is None:
        raise DeserializationError(error="there is no http_response to read a body from")
    return op_output.http_response


def copy_request(dst: Any, src: Any) -> None:
    """Copy the fields that both requests have and that are not None in `src`."""
    for field in getattr(dst, "_attribute_map", {}):
        value = getattr(src, field, None)
        if value is not None:
            setattr(dst, field, value)
