"""Files of values that commas (csv) or tabs (tsv) separate, with the names in the first row."""

from __future__ import annotations

import csv
import io
import re
from itertools import islice

from ..outcome import FILES, Failure
from .lines import taken
from .rows import Rows
from .source import LONGEST_LINE, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator
    from typing import Any, BinaryIO

_GROUP = 32_768  # rows
SEPARATORS = {"csv": ",", "tsv": "\t"}


class SeparatedReader:
    """Rows of a CSV file; values may hold separators, quotes and line ends, between quotes."""

    separator = ","

    def __init__(self, options: argparse.Namespace) -> None:
        self._source = Source(options.keys)
        counted: Any = io.BufferedReader(_Counted(self._source), 1 << 20)
        text = io.TextIOWrapper(counted, encoding="utf-8-sig", errors="surrogateescape", newline="")
        # Without strict, a quote that is never closed takes the rest of the file into one value.
        self._rows = csv.reader(text, delimiter=self.separator, strict=True)
        # The limit is that of all of Python: close() gives it back.
        self._limit = csv.field_size_limit(LONGEST_LINE)
        try:
            self.names = self._names(options)
        except BaseException:
            self.close()
            raise
        self._at = self.names.index(options.column)

    def _names(self, options: argparse.Namespace) -> list[str]:
        """The first row, with the column of the keys and without one for the URLs."""
        names = next(iter(self._taken(1)), [])
        if names.count(options.column) != 1:
            shown = ", ".join(map(repr, names[:20])) or "nothing"
            what = "several columns" if options.column in names else "no column"
            words = f"{self._source.name}: has {what} {options.column!r}; it has {shown}"
            raise Failure(words, FILES)
        if options.url_column in names:
            raise Failure(taken(options.url_column), FILES)
        return names

    def close(self) -> None:
        """Close the file."""
        csv.field_size_limit(self._limit)
        self._source.close()

    def fraction(self) -> float | None:
        """How much is read."""
        return self._source.fraction()

    def __iter__(self) -> Iterator[Rows]:
        first, at, width = 0, self._at, len(self.names)
        while given := self._taken(_GROUP):
            given = [row for row in given if row]  # empty lines
            # A separator that is not quoted may have cut the key of a longer row.
            keys = [row[at] if at < len(row) <= width else None for row in given]
            problems = {
                row: f"the row has {len(given[row])} of {width} values"
                for row, key in enumerate(keys)
                if key is None
            }
            yield Rows(keys, given, first, problems)
            first += len(keys)

    def _taken(self, count: int) -> list[list[str]]:
        """The next rows, at most so many."""
        before = self._rows.line_num
        rows: list[list[str]] = []
        try:
            rows.extend(islice(self._rows, count))
        except csv.Error as error:
            begin = before + sum(map(_lines_of, rows)) + 1
            raise self._broken(begin, error) from None
        return rows

    def _broken(self, begin: int, error: csv.Error) -> Failure:
        end = self._rows.line_num
        lines = f"line {begin}" if begin >= end else f"lines {begin} to {end}"
        ended = str(error) == "unexpected end of data"
        words = "a quote is not closed" if ended else str(error)
        return Failure(f"{self._source.name}: {lines}: {words}", FILES)


def _lines_of(row: list[str]) -> int:
    return 1 + sum(len(re.findall("\r\n|\r|\n", value)) for value in row)


class TabReader(SeparatedReader):
    """Rows of a TSV file."""

    separator = "\t"


class SeparatedWriter:
    """The row with its URL added; from other formats, key and URL."""

    separator = ","
    takes_arrow = False

    def __init__(self, file: BinaryIO, options: argparse.Namespace, reader: object) -> None:
        self._file = file
        self._names = reader.names if isinstance(reader, SeparatedReader) else None
        self._write([[*(self._names or [options.column]), options.url_column]])

    def write(self, rows: Rows, urls: list[str | None]) -> None:
        """Write the rows; a short one is filled up, so that the URL stands in its column."""
        if self._names is None:
            self._write(zip(rows.texts(), urls, strict=True))
            return
        width = len(self._names)
        for row, url in zip(rows.given, urls, strict=True):
            if len(row) != width:
                row[:] = (row + [""] * width)[:width]
            row.append(url)
        self._write(rows.given)

    def _write(self, rows: Iterable[Iterable[str | None]]) -> None:
        rows = list(rows)
        text = self._text(rows, "\n")
        if "\r" in text:
            # Before Python 3.13, only characters of the line end are quoted.
            text = "".join(self._text([row], "\r\n").removesuffix("\r\n") + "\n" for row in rows)
        self._file.write(text.encode("utf-8", "surrogateescape"))

    def _text(self, rows: list[Iterable[str | None]], end: str) -> str:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.separator, lineterminator=end).writerows(rows)
        return text.getvalue()

    def close(self) -> None:
        """Nothing is held back."""


class TabWriter(SeparatedWriter):
    """The same with tabs."""

    separator = "\t"


class _Counted(io.RawIOBase):
    """Counts what is read of a source."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._source.file.read(len(buffer))
        buffer[: len(data)] = data
        self._source.read += len(data)
        return len(data)
