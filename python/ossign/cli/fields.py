"""The fields of an operation as options: all that travel in a header or in the query."""

from __future__ import annotations

import argparse
from importlib import import_module

from .given import header, pair, unique
from .outcome import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .._ossign import Request

OPERATIONS = {
    "put": "PutObject",
    "get": "GetObject",
    "head": "HeadObject",
    "initiate": "InitiateMultipartUpload",
    "part": "UploadPart",
    "complete": "CompleteMultipartUpload",
    "abort": "AbortMultipartUpload",
}
# Options whose names are not those of their fields: shorter, or taken by something else.
_NAMES = {"range_header": "--range", "expires": "--expires-header", "metadata": "--meta"}
_NOTES = {"int": "a whole number", "bool": "true or false"}


def request_class(operation: str) -> type[Request]:
    """The request class behind `put`, `get` and so on."""
    cls: type[Request] = getattr(
        import_module("..._ossign", __name__), f"{OPERATIONS[operation]}Request"
    )
    return cls


def _travelling(cls: type[Request]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and row of each field that shapes a URL, beyond bucket and key."""
    for name, row in cls._attribute_map.items():
        if row.get("position") in ("header", "query"):
            yield name, row


def option_of(field: str) -> str:
    """The option of a field."""
    return _NAMES.get(field, f"--{field.replace('_', '-')}")


def add_fields(parser: argparse.ArgumentParser, operation: str) -> None:
    """Add one option for each field of an operation, and those for anything beyond."""
    group = parser.add_argument_group(f"fields of {OPERATIONS[operation]}")
    for name, row in _travelling(request_class(operation)):
        if row.get("type") == "dict,usermeta":
            group.add_argument(
                "--meta",
                metavar="NAME=VALUE",
                type=pair,
                action="append",
                default=[],
                help="metadata of one's own, sent as x-oss-meta-NAME; may be repeated",
            )
            continue
        note = _NOTES.get(row.get("type", ""), "")
        where = "header" if row["position"] == "header" else "query parameter"
        group.add_argument(
            option_of(name),
            metavar="VALUE",
            dest=f"field_{name}",
            help=f"{where} {row['rename']}{f', {note}' if note else ''}".replace("%", "%%"),
        )
    _add_more(parser)


def _add_more(parser: argparse.ArgumentParser) -> None:
    more = parser.add_argument_group("anything else")
    more.add_argument(
        "--field",
        metavar="NAME=VALUE",
        type=pair,
        action="append",
        default=[],
        help="a field by the name that it has in Python; may be repeated",
    )
    more.add_argument(
        "--header",
        "-H",
        metavar="'NAME: VALUE'",
        type=header,
        action="append",
        default=[],
        help="any header; x-oss-*, Content-Type and Content-MD5 are signed; may be repeated",
    )
    more.add_argument(
        "--query",
        metavar="NAME=VALUE",
        type=pair,
        action="append",
        default=[],
        help="any query parameter; may be repeated",
    )


def fields_of(options: argparse.Namespace) -> dict[str, Any]:
    """The keywords of the request that the options describe, beyond bucket and key.

    Raises:
        Failure: A value is not of its field's type, a name is unknown or given twice.
    """
    rows = dict(_travelling(request_class(options.operation)))
    fields: dict[str, Any] = {}
    for name, row in rows.items():
        text = getattr(options, f"field_{name}", None)
        if text is not None:
            fields[name] = _typed(option_of(name), row, text)
    for given, text in options.field:
        name = given.replace("-", "_")
        if name not in rows or rows[name].get("type") == "dict,usermeta":
            raise Failure(_unknown(given, rows, options.operation))
        if name in fields:
            raise Failure(f"argument --field: {given!r} is given twice")
        fields[name] = _typed(f"--field {given}", rows[name], text)
    try:
        metadata = unique(getattr(options, "meta", []), "--meta")
        headers = unique(options.header, "--header")
        parameters = unique(options.query, "--query")
    except ValueError as error:
        raise Failure(str(error)) from None
    _contradictions(fields, rows, headers)
    extras = {"metadata": metadata, "headers": headers, "parameters": parameters}
    return {**fields, **{name: value for name, value in extras.items() if value}}


def _typed(option: str, row: dict[str, Any], text: str) -> str | int | bool:
    kind = row.get("type")
    if kind == "int":
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise Failure(f"argument {option}: {text!r} is no whole number")
        return int(text)
    if kind == "bool":
        if text not in ("true", "false"):
            raise Failure(f"argument {option}: {text!r} is neither true nor false")
        return text == "true"
    return text


def _unknown(given: str, rows: dict[str, Any], operation: str) -> str:
    from difflib import get_close_matches

    if given == "metadata":
        return "argument --field: metadata is given with --meta"
    near = get_close_matches(given, rows, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(rows)}"
    return f"argument --field: {OPERATIONS[operation]} has no {given!r}; {hint}"


def _contradictions(
    fields: dict[str, Any], rows: dict[str, dict[str, Any]], headers: dict[str, str]
) -> None:
    lowered = {name.lower() for name in headers}
    for name in fields:
        row = rows[name]
        if row["position"] == "header" and row["rename"].lower() in lowered:
            raise Failure(f"argument --header: {row['rename']} is given as {option_of(name)} too")
