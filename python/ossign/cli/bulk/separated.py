"""Files of values that commas (csv) or tabs (tsv) separate, with the names in the first row."""

from __future__ import annotations

import csv
import io
from itertools import islice

from ..outcome import FILES, Failure
from .lines import taken
from .rows import Rows
from .source import Source

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
        self._rows = csv.reader(text, delimiter=self.separator)
        try:
            self.names = self._names(options)
        except BaseException:
            self.close()
            raise
        self._at = self.names.index(options.column)

    def _names(self, options: argparse.Namespace) -> list[str]:
        """The first row, with the column of the keys and without one for the URLs."""
        try:
            names = next(self._rows, [])
        except csv.Error as error:
            raise self._broken(error) from None
        if options.column not in names:
            shown = ", ".join(map(repr, names[:20])) or "nothing"
            words = f"{self._source.name}: has no column {options.column!r}; it has {shown}"
            raise Failure(words, FILES)
        if options.url_column in names:
            raise Failure(taken(options.url_column), FILES)
        return names

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def fraction(self) -> float | None:
        """How much is read."""
        return self._source.fraction()

    def __iter__(self) -> Iterator[Rows]:
        first, at = 0, self._at
        while True:
            try:
                given = list(islice(self._rows, _GROUP))
            except csv.Error as error:
                raise self._broken(error) from None
            if not given:
                return
            given = [row for row in given if row]  # empty lines
            keys = [row[at] if len(row) > at else None for row in given]
            problems = {
                row: f"the row has {len(given[row])} of {len(self.names)} values"
                for row, key in enumerate(keys)
                if key is None
            }
            yield Rows(keys, given, first, problems)
            first += len(keys)

    def _broken(self, error: csv.Error) -> Failure:
        return Failure(f"{self._source.name}: line {self._rows.line_num}: {error}", FILES)


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
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.separator, lineterminator="\n").writerows(rows)
        self._file.write(text.getvalue().encode("utf-8", "surrogateescape"))

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
