"""Files of lines: a key in each (txt), or a JSON value in each (jsonl)."""

from __future__ import annotations

import json

from ..outcome import FILES, Failure
from .rows import Rows
from .source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import BinaryIO


class TextReader:
    """One key in each line. Bytes that are no UTF-8 make a bad row, not a bad file."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._source = Source(options.keys)

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def fraction(self) -> float | None:
        """How much is read."""
        return self._source.fraction()

    def __iter__(self) -> Iterator[Rows]:
        first = 0
        for lines in self._source.lines():
            keys = lines.decode("utf-8", "surrogateescape").split("\n")
            yield Rows(keys, keys, first)
            first += len(keys)


class TextWriter:
    """One URL in each line; an empty line where there is none."""

    takes_arrow = False

    def __init__(self, file: BinaryIO, options: argparse.Namespace, reader: object) -> None:
        self._file = file

    def write(self, rows: Rows, urls: list[str | None]) -> None:
        """Write the rows."""
        try:
            text = "\n".join(urls)  # type: ignore[arg-type]
        except TypeError:  # there is a None, which there seldom is
            text = "\n".join([url or "" for url in urls])
        self._file.write(text.encode("ascii"))
        self._file.write(b"\n")

    def close(self) -> None:
        """Nothing is held back."""


class JsonReader:
    """One JSON object in each line, with the key under a name; or the key itself, a string."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._source = Source(options.keys)
        self._column, self._url_column = options.column, options.url_column

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def fraction(self) -> float | None:
        """How much is read."""
        return self._source.fraction()

    def __iter__(self) -> Iterator[Rows]:
        first = 0
        for group in self._source.lines():
            lines = [line for line in group.split(b"\n") if line and not line.isspace()]
            keys: list[str | None] = []
            problems: dict[int, str] = {}
            for row, line in enumerate(lines):
                try:
                    value = json.loads(line)
                except (ValueError, RecursionError):
                    value, lines[row] = {}, b""
                    problems[row] = "the line is no JSON"
                key = self._key_of(value)
                if isinstance(key, _Missing):
                    problems.setdefault(row, key.reason)
                keys.append(key if isinstance(key, str) else None)
            yield Rows(keys, lines, first, problems)
            first += len(keys)

    def _key_of(self, value: object) -> str | _Missing | None:
        if isinstance(value, dict):
            if self._url_column in value:
                raise Failure(taken(self._url_column), FILES)
            if self._column not in value:
                return _Missing(f"the object has no {self._column!r}")
            value = value[self._column]
        if value is None or isinstance(value, str):
            return value
        return _Missing("the key is no text")


class _Missing:
    """Why a row has no key."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class JsonWriter:
    """The object of each row with its URL added; the rest of its text is kept as it was."""

    takes_arrow = False

    def __init__(self, file: BinaryIO, options: argparse.Namespace, reader: object) -> None:
        self._file = file
        self._same = isinstance(reader, JsonReader)
        self._key, self._url = json.dumps(options.column), json.dumps(options.url_column)

    def write(self, rows: Rows, urls: list[str | None]) -> None:
        """Write the rows."""
        middle = f",{self._url}:".encode()
        lines = []
        given = rows.given if self._same else [b""] * len(urls)
        keys = rows.texts()
        for row, (line, url) in enumerate(zip(given, urls, strict=True)):
            # A URL is all ASCII and has neither quotes nor backslashes.
            value = b"null" if url is None else b'"' + url.encode("ascii") + b'"'
            if line.lstrip().startswith(b"{"):
                lines.append(line.rstrip().removesuffix(b"}").rstrip() + middle + value + b"}")
            else:
                key = json.dumps(keys[row]).encode()
                lines.append(b"{" + self._key.encode() + b":" + key + middle + value + b"}")
        self._file.write(b"\n".join(lines) + b"\n")

    def close(self) -> None:
        """Nothing is held back."""


def taken(column: str) -> str:
    """That there is no place for the URLs."""
    return f"the keys have a column {column!r} already: name another with --url-column"
