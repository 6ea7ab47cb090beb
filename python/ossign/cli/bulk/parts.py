"""The files of --split: how they are called, and which of them an earlier run has left."""

from __future__ import annotations

import argparse
import os
import re
from contextlib import closing

from ..outcome import Failure
from .formats import reader_of


class Parts:
    """The parts that are kept: with --resume those that are there, else none."""

    def __init__(self, options: argparse.Namespace, kind: str) -> None:
        self._stem, self._suffix = os.path.splitext(options.out)
        self._split: int = options.split or 0
        self._kept = self._there() if options.resume else frozenset()
        self._first, self._rows = 0, 0
        if self._kept:
            self._first = min(self._kept)
            self._rows = _rows_of(self.name(self._first), kind, options)
            # The last part of all may have fewer rows; whether this one is it, keeps() finds out.
            if self._rows > self._split or (self._rows < self._split and len(self._kept) > 1):
                raise self._cut_otherwise()

    def name(self, number: int) -> str:
        """What a part is called; they are counted from 1."""
        return f"{self._stem}-{number:05}{self._suffix}"

    def holds(self, row: int) -> bool:
        """Whether a row, counted from 0, belongs into a part that is kept."""
        return bool(self._kept) and row // self._split + 1 in self._kept

    def keeps(self, row: int) -> bool:
        """The same of a row that there is.

        Raises:
            Failure: The part is too short to have it.
        """
        if self._kept and row - (self._first - 1) * self._split in range(self._rows, self._split):
            raise self._cut_otherwise()
        return self.holds(row)

    def _there(self) -> frozenset[int]:
        folder, stem = os.path.split(self._stem)
        pattern = re.compile(
            f"{re.escape(stem)}-([0-9]{{5}}|[1-9][0-9]{{5,}}){re.escape(self._suffix)}"
        )
        found = map(pattern.fullmatch, os.listdir(folder or "."))
        return frozenset(int(match[1]) for match in found if match and int(match[1]))

    def _cut_otherwise(self) -> Failure:
        return Failure(
            f"argument --resume: {self.name(self._first)} has {self._rows:,} rows and was made "
            f"with another --split than {self._split:,}, or of other keys: give those, or remove it"
        )


def _rows_of(name: str, kind: str, options: argparse.Namespace) -> int:
    """How many rows a file of URLs has."""
    # Its own URLs are what is looked for, and no column is in their way.
    reading = argparse.Namespace(keys=name, column=options.url_column, url_column=None)
    with closing(reader_of(kind, reading)) as reader:
        return sum(len(rows) for rows in reader)
