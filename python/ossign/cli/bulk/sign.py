"""Signing all rows of a file: reading, signing and writing at once, some rows at a time."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from ..outcome import OK, REFUSED, failure_of
from .formats import format_of, reader_of
from .progress import Progress
from .target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from typing import Any

    from ..._ossign import Client, Request
    from .rows import Rows


class Signing:
    """What is the same for all rows: the client, the request, and how long the URLs last."""

    def __init__(self, client: Client, template: Request, options: argparse.Namespace) -> None:
        self._client, self._template, self._options = client, template, options

    def urls(self, rows: Rows) -> Any:
        """The URLs of some rows; null where there is no key, or a bad one, which is noted."""
        urls = self._client.presign_many(
            self._template,
            key=rows.keys,
            expires=self._options.expires,
            threads=self._options.threads,
            errors="null",
        )
        for row, error in urls.errors:
            rows.problems.setdefault(row, str(failure_of(error)))
        return urls


def run(options: argparse.Namespace, signing: Signing) -> int:
    """Sign all rows of the file."""
    kind = format_of(options.keys, options.format, "--format")
    same = kind if options.out == "-" else None
    out_kind = format_of(options.out, options.out_format or same, "--out-format")
    with closing(reader_of(kind, options)) as reader:
        progress = Progress(reader.fraction)
        with Target(options, out_kind, reader) as target:
            try:
                for rows in _written(signing, target):
                    progress.add(rows)
                target.finish_all()
            except BaseException:
                progress.clear()
                raise
        progress.finish()
    return _report(target)


def _written(signing: Signing, target: Target) -> Iterator[int]:
    """Read and sign here while another thread writes what was signed before."""
    pending: Future[int] | None = None
    with ThreadPoolExecutor(1) as writer:
        for rows, done in target.pieces():
            urls = None if done else signing.urls(rows)
            if pending is not None:
                yield pending.result()
            pending = writer.submit(target.write, rows, urls)
        if pending is not None:
            yield pending.result()


def _report(target: Target) -> int:
    bad = target.bad
    if not bad.count:
        return OK
    where = f"; {bad.name} says why" if bad.name else ""
    sys.stderr.write(f"ossign: {bad.count:,} of {target.rows:,} rows have no URL{where}\n")
    return REFUSED
