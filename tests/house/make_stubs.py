"""Write the request classes' part of the type stubs from the classes themselves (`make stubs`).

The classes are made in Rust from one table, so that their stubs need not be written by hand. What
stands above the mark in the file is written by hand.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from ossign import _ossign

STUBS = Path(__file__).parents[2] / "python" / "ossign" / "_ossign.pyi"
MARK = "# What follows is written by `make stubs`.\n"

OPERATIONS = (
    _ossign.GetObjectRequest,
    _ossign.PutObjectRequest,
    _ossign.HeadObjectRequest,
    _ossign.InitiateMultipartUploadRequest,
    _ossign.UploadPartRequest,
    _ossign.CompleteMultipartUploadRequest,
    _ossign.AbortMultipartUploadRequest,
)
# Older names of a field; the constructor takes them after all others.
ALIASES = {
    _ossign.PutObjectRequest: ("object_acl",),
    _ossign.CompleteMultipartUploadRequest: ("object_acl",),
}
EXTRAS = {"headers": "Mapping[str, Any]", "parameters": "Mapping[str, Any]", "payload": "Any"}


def type_of(row: dict[str, Any]) -> str:
    """The type of a field, from its row in the table."""
    if row.get("rename") == "x-oss-callback":
        return "Callback | _Value | None"
    note = row.get("type", "")
    if row.get("position") in ("host", "path"):
        return "str | None"
    if note == "dict,usermeta":
        return "dict[str, str] | None"
    if note == "xml":
        return f"{row['rename']} | None"
    if row.get("position") in ("header", "query"):
        return {"int": "int | str | None", "bool": "bool | str | None"}.get(note, "_Value | None")
    return "Any"


def docstring(cls: type[_ossign.Request]) -> list[str]:
    """The lines of a class's docstring, none too long."""
    first, *rest = (cls.__doc__ or "").strip().splitlines()
    name, _, summary = first.partition(". ")
    lines = [f'"""{name}.', "", summary, *rest, '"""']
    wrapped = (textwrap.wrap(line, 96, subsequent_indent="") or [""] for line in lines)
    return [f"    {line}".rstrip() for lines in wrapped for line in lines]


def stub_of(cls: type[_ossign.Request]) -> str:
    """The stub of one request class."""
    fields = {name: type_of(row) for name, row in cls._attribute_map.items()}
    keywords = {**fields, **dict.fromkeys(ALIASES.get(cls, ()), "_Value | None")}
    default = {"Any": "Any = None"}
    lines = [f"class {cls.__name__}(Request):"]
    lines += [*docstring(cls), ""]
    lines += ["    __signature__: ClassVar[Any]"]
    lines += ["    _attribute_map: ClassVar[dict[str, dict[str, Any]]]"]
    lines += [f"    {name}: {kind}" for name, kind in (fields | EXTRAS).items()]
    lines += ["    __hash__: ClassVar[None]  # type: ignore[assignment]"]
    lines += ["    def __init__(", "        self,"]
    lines += [f"        {n}: {default.get(k, f'{k} = None')}," for n, k in keywords.items()]
    lines += ["        *,"]
    lines += [f"        {n}: {default.get(k, f'{k} = ...')}," for n, k in EXTRAS.items()]
    lines += ["    ) -> None: ..."]
    return "\n".join(lines) + "\n"


def generated() -> str:
    """The stubs of all seven classes."""
    return "\n".join(stub_of(cls) for cls in OPERATIONS)


def whole(by_hand: str) -> str:
    """The file: what is written by hand, the mark, and what is not."""
    return by_hand + MARK + "\n" + generated()


def main() -> None:
    """Write the file anew."""
    by_hand = STUBS.read_text(encoding="utf-8").partition(MARK)[0]
    STUBS.write_text(whole(by_hand), encoding="utf-8")


if __name__ == "__main__":
    main()
