"""A file to be read once from its beginning, which knows how much of it is read."""

from __future__ import annotations

import os
import sys

from ..outcome import FILES, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

_CHUNK = 1 << 20  # bytes; the URLs of so many keys still fit into a cache
LONGEST_LINE = 64 << 20  # bytes; a key has at most 1,023


class Source:
    """A file, or standard input for `-`."""

    def __init__(self, name: str) -> None:
        self.name = "standard input" if name == "-" else name
        self.file = _standard_input() if name == "-" else open(name, "rb")  # noqa: SIM115
        self._close = name != "-"
        size = os.fstat(self.file.fileno()).st_size
        self._size = size if self.file.seekable() and size else None
        self.read = 0

    def close(self) -> None:
        """Close it, unless it is standard input."""
        if self._close:
            self.file.close()

    def fraction(self) -> float | None:
        """How much of it is read, from 0 to 1; None if its size is unknown."""
        return None if self._size is None else min(1.0, self.read / self._size)

    def lines(self) -> Iterator[bytes]:
        r"""Groups of whole lines, each line but the last of a group ended by "\n" alone.

        Raises:
            Failure: A line has more than 64 MB.
        """
        # A pipe is not waited for until it has given a whole chunk.
        read = self.file.read if self._size is not None else self.file.read1
        rest = b""
        while chunk := read(_CHUNK):
            if self.read == 0:
                chunk = chunk.removeprefix(b"\xef\xbb\xbf")
            self.read += len(chunk)
            rest += chunk
            whole, end, rest = rest.rpartition(b"\n")
            if end:
                yield _unified(whole + end)[:-1]
            if len(rest) > LONGEST_LINE:
                raise Failure(f"{self.name}: a line has more than 64 MB", FILES)
        if rest:
            yield rest.removesuffix(b"\r")


def _unified(lines: bytes) -> bytes:
    return lines.replace(b"\r\n", b"\n") if b"\r" in lines else lines


def _standard_input() -> BufferedReader:
    if sys.stdin is None:
        raise Failure("standard input is closed", FILES)
    buffer: BufferedReader = sys.stdin.buffer  # type: ignore[assignment]
    return buffer
