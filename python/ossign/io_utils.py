"""Readers that hand out a piece of a file, made for `requests.put(url, data=reader)`."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any


class ReadAtReader:
    """A file that can also be read at a position, by several threads one after another.

    `read_at` moves the position that `read` continues from.
    """

    def __init__(self, reader: IO[bytes]) -> None:
        import threading

        self._reader = reader
        self._readat_lock = threading.Lock()

    @property
    def mode(self) -> str:
        """The mode of the file."""
        return self._reader.mode

    @property
    def name(self) -> str:
        """The name of the file, with a remark."""
        return f"{self._reader.name} with read_at"

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._reader.closed

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def fileno(self) -> int:
        """The descriptor of the file."""
        return self._reader.fileno()

    def flush(self) -> None:
        """Flush the file."""
        self._reader.flush()

    def isatty(self) -> bool:
        """Whether the file is a terminal."""
        return self._reader.isatty()

    def read(self, n: int = -1) -> bytes:
        """Read at most `n` bytes from the current position, all if negative."""
        return self._reader.read(n)

    def read_at(self, off: int, n: int = -1) -> bytes:
        """Read at most `n` bytes from position `off`, all if negative."""
        with self._readat_lock:
            self._reader.seek(off)
            return self._reader.read(n)

    def readable(self) -> bool:
        """Whether the file can be read."""
        return self._reader.readable()

    def readline(self, limit: int = -1) -> bytes:
        """Read one line, of at most `limit` bytes unless negative."""
        return self._reader.readline(limit)

    def readlines(self, hint: int = -1) -> list[bytes]:
        """Read lines until `hint` bytes are reached, all if negative."""
        return self._reader.readlines(hint)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the position; gives the new one."""
        return self._reader.seek(offset, whence)

    def seekable(self) -> bool:
        """Whether the position can be moved."""
        return self._reader.seekable()

    def tell(self) -> int:
        """The current position."""
        return self._reader.tell()

    def __enter__(self) -> ReadAtReader:
        self._reader.__enter__()
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self._reader.__exit__(*exc_info)


class SectionReader:
    """The `n` bytes of a reader from position `off`, as if they were a file of their own.

    Its length is `n` even where the underlying file ends earlier. Several sections may read one
    ReadAtReader at the same time. A negative `off` or `n` raises ValueError.
    """

    def __init__(self, reader: ReadAtReader, off: int, n: int) -> None:
        if off < 0 or n < 0:
            # the SDK takes n=-1 for an empty section: an upload of nothing that succeeds
            raise ValueError(f"a section cannot have offset {off} and length {n}")
        self._reader = reader
        self._base = off
        self._off = off
        self._limit = min(off + n, sys.maxsize)

    def read(self, n: int = -1) -> bytes:
        """Read at most `n` bytes from the current position, the rest if negative."""
        data = self.read_at(self._off - self._base, n)
        self._off += len(data)
        return data

    def read_at(self, off: int, n: int = -1) -> bytes:
        """Read at most `n` bytes from position `off` of the section, the rest if negative.

        The current position stays. Outside the section there are no bytes.
        """
        remaining = self._limit - self._base - off
        if off < 0 or remaining <= 0:
            return b""
        wanted = remaining if n < 0 else min(n, remaining)
        return self._reader.read_at(self._base + off, wanted)

    def readable(self) -> bool:
        """Whether the underlying reader can be read."""
        return self._reader.readable()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position, also beyond the end; gives the new one.

        OSError for a position before the start, ValueError for an unknown `whence`.
        """
        starts = {os.SEEK_SET: self._base, os.SEEK_CUR: self._off, os.SEEK_END: self._limit}
        if whence not in starts:
            raise ValueError(f"invalid whence {whence}")
        position = starts[whence] + offset
        if position < self._base:
            raise OSError("seek() returned an invalid position")
        self._off = position
        return position - self._base

    def seekable(self) -> bool:
        """Whether the underlying reader can seek."""
        return self._reader.seekable()

    def tell(self) -> int:
        """The current position in the section."""
        return self._off - self._base

    def __len__(self) -> int:
        return self._limit - self._base


class LimitReader:
    """A reader, of bytes or of text, that ends after `n` of them."""

    def __init__(self, reader: IO[Any], n: int) -> None:
        self._reader = reader
        self._n = n

    def read(self, n: int = -1) -> Any:
        """Read at most `n` more, the rest if negative."""
        if self._n <= 0:
            return b""  # Quirk: bytes also at the end of a text
        data = self._reader.read(self._n if n < 0 else min(n, self._n))
        self._n -= len(data)
        return data
