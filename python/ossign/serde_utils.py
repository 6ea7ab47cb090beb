"""What the answers of some operations need beyond `serde`: JSON bodies and encoded names."""

from __future__ import annotations

from . import exceptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from .serde import Model
    from .types import OperationOutput

    M = TypeVar("M", bound=Model)

__all__ = ["deserialize_encode_type", "deserialize_process_body"]


def deserialize_process_body(result: M, op_output: OperationOutput) -> M:
    """Fill the fields tagged "json" from a JSON body; an empty body, or no object, fills none.

    Raises:
        DeserializationError: The body is no JSON.
    """
    import json

    response = op_output.http_response
    if response is None or not response.content:
        return result
    try:
        body = json.loads(response.content)
    except ValueError as error:
        raise exceptions.DeserializationError(error=error) from error
    if not isinstance(body, dict):
        return result
    for name, row in result._attribute_map.items():
        if row.get("tag") == "json" and body.get(row.get("rename", name)) is not None:
            setattr(result, name, body[row.get("rename", name)])
    return result


def deserialize_encode_type(result: M, _: OperationOutput | None = None) -> M:
    """Decode the key of a result whose `encoding_type` is "url"; leave any other as it is.

    Raises:
        DeserializationError: `result` has no `encoding_type`.
    """
    from urllib.parse import unquote

    if not hasattr(result, "encoding_type"):
        raise exceptions.DeserializationError(
            error=f"{type(result)} has not encoding_type attribute"
        )
    key = getattr(result, "key", None)
    if result.encoding_type == "url" and key is not None:
        result.key = unquote(key)  # type: ignore[attr-defined]
    return result
