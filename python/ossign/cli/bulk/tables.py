"""Parquet and Arrow files, through pyarrow, whose columns go on as they are."""

from __future__ import annotations

from importlib import import_module

from ..outcome import FILES, UNCONFIGURED, Failure
from .lines import taken
from .rows import Rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any, BinaryIO

_GROUP = 131_072  # rows; with their URLs some 40 MB


def _pyarrow() -> Any:
    """The package, which not everybody has.

    Raises:
        Failure: It is not installed.
    """
    try:
        pyarrow = import_module("pyarrow")
    except ImportError:
        words = "Parquet and Arrow files need pyarrow: pip install 'ossign[arrow]'"
        raise Failure(words, UNCONFIGURED) from None
    return pyarrow


def _opened(arrow: Any, name: str) -> Any:
    """The file as one of pyarrow's own; Python opens it before, for its words when it cannot.

    Of a file of Python's, pyarrow's threads hold buffers which they may free when Python has
    ended already: that ends the process with a segmentation fault, once in thousands of runs.
    """
    with open(name, "rb") as file:
        if not file.seekable():
            raise Failure(f"{name}: Parquet and Arrow cannot be read from a pipe", FILES)
        return arrow.OSFile(name)


class TableRows(Rows):
    """Rows of a table; `given` is a record batch."""

    def texts(self) -> list[str | None]:
        """The keys, each made a str."""
        keys: list[str | None] = self.keys.to_pylist()
        return keys

    def cut(self, start: int, end: int) -> Rows:
        """As of all rows; Arrow copies nothing for it."""
        if start == 0 and end >= len(self):
            return self
        part = self.given.slice(start, end - start)
        return TableRows(self.keys.slice(start, end - start), part, self.first + start)


class _TableReader:
    """What the two formats share: a schema, and record batches one after another."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._column = options.column
        if options.keys == "-":
            raise Failure("argument --keys: Parquet and Arrow cannot be read from standard input")
        arrow = _pyarrow()
        self._file = _opened(arrow, options.keys)
        try:
            self.schema, self._count = self._open(arrow)
        except arrow.ArrowInvalid:
            self._file.close()
            raise Failure(f"{options.keys}: not a file of this format, or damaged", FILES) from None
        self._check(options, arrow.types)
        self._read = 0

    def _open(self, arrow: Any) -> tuple[Any, int]:
        raise NotImplementedError

    def _batches(self) -> Iterator[Any]:
        raise NotImplementedError

    def _check(self, options: argparse.Namespace, types: Any) -> None:
        at = self.schema.get_all_field_indices(self._column)
        if len(at) != 1:
            names = ", ".join(map(repr, self.schema.names[:20])) or "none"
            what = "several columns" if at else "no column"
            raise Failure(f"{options.keys}: has {what} {self._column!r}; it has {names}", FILES)
        if options.url_column in self.schema.names:
            raise Failure(taken(options.url_column), FILES)
        kind = self.schema.field(at[0]).type
        kind = kind.value_type if types.is_dictionary(kind) else kind
        if not (types.is_string(kind) or types.is_large_string(kind) or str(kind) == "string_view"):
            raise Failure(f"{options.keys}: the column {self._column!r} is {kind}, not text", FILES)

    def __iter__(self) -> Iterator[Rows]:
        for batch in self._batches():
            yield TableRows(batch.column(self._column), batch, self._read)
            self._read += batch.num_rows

    def fraction(self) -> float | None:
        """How much is read."""
        return self._read / self._count if self._count else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ParquetReader(_TableReader):
    """A Parquet file."""

    def _open(self, arrow: Any) -> tuple[Any, int]:
        self._parquet = import_module("pyarrow.parquet").ParquetFile(self._file)
        return self._parquet.schema_arrow, self._parquet.metadata.num_rows

    def _batches(self) -> Iterator[Any]:
        yield from self._parquet.iter_batches(batch_size=_GROUP)


class ArrowReader(_TableReader):
    """An Arrow file (Feather 2)."""

    def _open(self, arrow: Any) -> tuple[Any, int]:
        self._ipc = arrow.ipc.open_file(self._file)
        return self._ipc.schema, 0

    def _batches(self) -> Iterator[Any]:
        for number in range(self._ipc.num_record_batches):
            batch = self._ipc.get_batch(number)
            for start in range(0, batch.num_rows, _GROUP):
                yield batch.slice(start, _GROUP)


class _TableWriter:
    """The columns of the row and its URL; from other formats, key and URL."""

    takes_arrow = True
    _writer: Any

    def __init__(self, file: BinaryIO, options: argparse.Namespace, reader: object) -> None:
        self._arrow = arrow = _pyarrow()
        schema = getattr(reader, "schema", None) or arrow.schema([(options.column, arrow.string())])
        self._schema = schema.append(arrow.field(options.url_column, arrow.string()))
        self._begin(file, schema.names)

    def _begin(self, file: BinaryIO, others: list[str]) -> None:
        raise NotImplementedError

    def write(self, rows: Rows, urls: Any) -> None:
        """Write the rows."""
        column = self._arrow.array(urls, type=self._arrow.string())
        if isinstance(rows, TableRows):
            others = rows.given.columns
        else:
            others = [self._arrow.array(rows.keys, self._arrow.string())]
        batch = self._arrow.RecordBatch.from_arrays([*others, column], schema=self._schema)
        self._writer.write_batch(batch)

    def close(self) -> None:
        """Write the file's end."""
        self._writer.close()


class ParquetWriter(_TableWriter):
    """A Parquet file. URLs are all different: a dictionary and statistics would be of no use."""

    def _begin(self, file: BinaryIO, others: list[str]) -> None:
        self._writer = import_module("pyarrow.parquet").ParquetWriter(
            file, self._schema, use_dictionary=others, write_statistics=others
        )


class ArrowWriter(_TableWriter):
    """An Arrow file (Feather 2)."""

    def _begin(self, file: BinaryIO, others: list[str]) -> None:
        self._writer = self._arrow.ipc.new_file(file, self._schema)
