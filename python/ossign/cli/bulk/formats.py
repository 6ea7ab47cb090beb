"""The formats of files of keys: how they are called, and who reads and writes them."""

from __future__ import annotations

import os
from importlib import import_module

from ..outcome import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any, BinaryIO, Protocol

    from .rows import Rows

    class Reader(Protocol):
        """Gives the rows of a file in groups."""

        def __iter__(self) -> Iterator[Rows]:
            """All rows, in order."""

        def fraction(self) -> float | None:
            """How much is read, from 0 to 1; None if that is unknown."""

        def close(self) -> None:
            """Close the file."""

    class Writer(Protocol):
        """Writes rows with their URLs; `urls` are a list unless `takes_arrow`."""

        takes_arrow: bool

        def __init__(self, file: BinaryIO, options: argparse.Namespace, reader: Reader) -> None:
            """Begin a file; the reader says what its rows hold."""

        def write(self, rows: Rows, urls: Any) -> None:
            """Write some rows."""

        def close(self) -> None:
            """Write what is held back; the file itself stays open."""


# Each format's module, and how its classes are called there.
FORMATS = {
    "txt": ("lines", "Text"),
    "csv": ("separated", "Separated"),
    "tsv": ("separated", "Tab"),
    "jsonl": ("lines", "Json"),
    "parquet": ("tables", "Parquet"),
    "arrow": ("tables", "Arrow"),
}
_SUFFIXES = {"text": "txt", "list": "txt", "ndjson": "jsonl", "pq": "parquet", "feather": "arrow"}


def format_of(file: str, given: str | None, option: str) -> str:
    """The format of a file: the one given, else the one that its name ends with.

    Raises:
        Failure: Neither says.
    """
    if given is not None:
        return given
    suffix = os.path.splitext(file)[1].lower().removeprefix(".")
    kind = _SUFFIXES.get(suffix, suffix)
    if kind not in FORMATS:
        raise Failure(f"the name {file!r} does not tell its format: give {option}")
    return kind


def reader_of(kind: str, options: argparse.Namespace) -> Reader:
    """What reads the keys."""
    module, name = FORMATS[kind]
    cls = getattr(import_module(f".{module}", __package__), f"{name}Reader")
    reader: Reader = cls(options)
    return reader


def writer_of(kind: str) -> type[Writer]:
    """What writes the URLs."""
    module, name = FORMATS[kind]
    cls: type[Writer] = getattr(import_module(f".{module}", __package__), f"{name}Writer")
    return cls
