"""The list of rows without a URL."""

from __future__ import annotations

import json
import os
import sys

from .options import bad_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any

    from .rows import Rows


class BadRows:
    """The rows without a URL, each a JSON object with its number, its key and the reason.

    `is_kept` says whether a row, counted from 0, is in a file of an earlier run that stays.
    """

    def __init__(self, options: argparse.Namespace, is_kept: Callable[[int], bool]) -> None:
        self.count = 0
        self.name = bad_file(options)
        self._given = bool(options.bad)
        self._resume: bool = options.resume
        self._file: Any = None
        if self._resume and os.path.isfile(self.name):
            self._keep(is_kept)

    def _keep(self, is_kept: Callable[[int], bool]) -> None:
        """Drop rows that were listed for a file that an interruption kept from appearing."""
        path = os.path.realpath(self.name)
        folder, base = os.path.split(path)
        partial = os.path.join(folder, f".{base}.partial")
        with open(path, "rb") as old, open(partial, "wb") as new:
            for line in old:
                row = _row_of(line)
                if row and is_kept(row - 1):
                    new.write(line.rstrip() + b"\n")
                    self.count += 1
        os.replace(partial, path)
        if not self.count and not self._given:
            os.unlink(path)

    def add(self, rows: Rows) -> None:
        """List those of these rows that have none."""
        for row, why in sorted(rows.problems.items()):
            self.count += 1
            key = rows.keys[row]
            key = key.as_py() if hasattr(key, "as_py") else key
            entry = {"row": rows.first + row + 1, "key": key, "error": why}
            self._opened().write(json.dumps(entry) + "\n")

    def settle(self) -> None:
        """Let the file hold what is listed so far, and nothing of an earlier run."""
        if self._given:
            self._opened()
        if self._file is not None:
            self._file.flush()
        elif not self._resume and os.path.isfile(self.name):
            os.unlink(self.name)

    def _opened(self) -> Any:
        if self._file is None:
            if not self.name:
                self._file = sys.stderr
            else:
                mode = "a" if self._resume else "w"
                self._file = open(self.name, mode, encoding="ascii")  # noqa: SIM115
        return self._file

    def close(self) -> None:
        """Close the file."""
        if self._file is not None and self._file is not sys.stderr:
            self._file.close()


def _row_of(line: bytes) -> int:
    """The number of a listed row; 0 if a killed run left half of the line."""
    try:
        return int(json.loads(line)["row"])
    except (ValueError, TypeError, KeyError):
        return 0
