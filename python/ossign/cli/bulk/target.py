"""Where URLs go: files that appear when they are whole."""

from __future__ import annotations

import os
import sys

from ..outcome import Failure
from .bad import BadRows
from .formats import writer_of
from .parts import Parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Any, BinaryIO

    from .formats import Reader, Writer
    from .rows import Rows


class Target:
    """One file, or with --split one for so many rows; each is begun under another name."""

    def __init__(self, options: argparse.Namespace, kind: str, reader: Reader) -> None:
        self._options, self._writer, self._reader = options, writer_of(kind), reader
        self._split: int | None = options.split
        self._part: _Part | None = None
        self._number = 0
        self.rows = 0
        self._parts = Parts(options, kind)
        if options.split and not options.resume and os.path.exists(self._name(1)):
            raise Failure(f"{self._name(1)} is there: give --resume to keep it, or remove it")
        self.bad = BadRows(options, self._parts.holds)

    def __enter__(self) -> Target:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._part is not None:
            self._part.discard()
        self.bad.close()

    def pieces(self) -> Iterator[tuple[Rows, bool]]:
        """The reader's rows, cut where a file ends; and whether their file is there already."""
        for rows in self._reader:
            start = 0
            while start < len(rows):
                at = rows.first + start
                room = self._split - at % self._split if self._split else len(rows)
                end = min(len(rows), start + room)
                yield rows.cut(start, end), self._parts.keeps(rows.first + end - 1)
                start = end

    def write(self, rows: Rows, urls: Any) -> int:
        """Write rows; without URLs they are counted only. Returns how many they are."""
        self.rows += len(rows)
        number = self._number_of(rows.first)
        if number != self._number:
            self.finish()
            self._number = number
        if urls is None:
            return len(rows)
        if self._part is None:
            self._part = _Part(self._name(number), self._writer, self._options, self._reader)
        self._part.write(rows, urls)
        self.bad.add(rows)
        return len(rows)

    def finish(self) -> None:
        """Let the file that is being written appear under its name."""
        if self._part is not None:
            # A part that is there is not signed again: its bad rows must be listed before.
            self.bad.settle()
            self._part.finish()
            self._part = None

    def finish_all(self) -> None:
        """The same at the end: without any rows, a file without rows is written."""
        if self.rows == 0 and not self._parts.holds(0):
            self._part = _Part(self._name(1), self._writer, self._options, self._reader)
        self.finish()
        self.bad.settle()

    def _number_of(self, row: int) -> int:
        return row // self._split + 1 if self._split else 1

    def _name(self, number: int) -> str:
        out: str = self._options.out
        return self._parts.name(number) if self._split else out


class _Part:
    """One file under way."""

    def __init__(
        self, name: str, writer: type[Writer], options: argparse.Namespace, reader: Reader
    ) -> None:
        self._name = self._partial = ""
        self._file: BinaryIO
        if name == "-":
            self._file = sys.stdout.buffer
        elif os.path.exists(name) and not os.path.isfile(name):
            self._file = open(name, "wb")  # noqa: SIM115  # a device or a pipe
        else:
            self._name = os.path.realpath(name)
            folder, base = os.path.split(self._name)
            self._partial = os.path.join(folder, f".{base}.partial")
            self._file = open(self._partial, "wb")  # noqa: SIM115
        try:
            self._rows = writer(self._file, options, reader)
        except BaseException:
            self.discard()
            raise

    def write(self, rows: Rows, urls: Any) -> None:
        self._rows.write(rows, urls if self._rows.takes_arrow else urls.to_list())
        self._file.flush()  # a pipe's reader waits for it

    def finish(self) -> None:
        self._rows.close()
        self._file.flush()
        if self._file is not sys.stdout.buffer:
            self._file.close()
        if self._partial:
            os.replace(self._partial, self._name)
            self._partial = ""

    def discard(self) -> None:
        if self._file is not sys.stdout.buffer:
            self._file.close()
        if self._partial:
            os.unlink(self._partial)
            self._partial = ""
