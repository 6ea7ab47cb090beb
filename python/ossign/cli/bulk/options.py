"""The options of `ossign presign` that concern files of keys."""

from __future__ import annotations

import argparse
import os

from ..given import count
from ..outcome import Failure
from .formats import FORMATS


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that concern files of keys."""
    group = parser.add_argument_group("many keys, from a file, in place of KEY")
    add = group.add_argument
    add("--keys", metavar="FILE", help="a key in each row; - for standard input")
    add("--out", metavar="FILE", help="where the URLs go; - for standard output")
    names = ", ".join(FORMATS)
    add(
        "--format",
        choices=FORMATS,
        metavar="FORMAT",
        help=f"of --keys, if its name does not tell: {names}",
    )
    add(
        "--out-format",
        choices=FORMATS,
        metavar="FORMAT",
        help="of --out, if its name does not tell",
    )
    add(
        "--column", default="key", metavar="NAME", help="the column with the keys; key if not given"
    )
    add(
        "--url-column",
        default="url",
        metavar="NAME",
        help="the column for the URLs; url if not given",
    )
    add(
        "--split",
        type=count,
        metavar="ROWS",
        help="files of so many rows each: OUT-00001, and so on",
    )
    add("--resume", action="store_true", help="with --split: keep the files that are there")
    add("--bad", metavar="FILE", help="the list of rows without a URL; OUT.bad.jsonl if not given")
    add("--threads", type=count, metavar="COUNT", help="how many sign; all cores if not given")


def check(options: argparse.Namespace) -> None:
    """Refuse options that make no sense together.

    Raises:
        Failure: Which ones.
    """
    if options.keys is None:
        for name in ("out", "format", "out_format", "split", "resume", "bad", "threads"):
            if getattr(options, name):
                raise Failure(f"argument --{name.replace('_', '-')}: needs --keys")
        return
    for name in ("json", "curl", "python", "js"):
        if getattr(options, name):
            raise Failure(f"argument --{name}: not allowed with --keys")
    if options.out is None:
        raise Failure("argument --keys: needs --out, or --out - for standard output")
    if options.resume and not options.split:
        raise Failure("argument --resume: needs --split")
    if options.split and options.out == "-":
        raise Failure("argument --split: not possible with standard output")
    _check_files(options)


def bad_file(options: argparse.Namespace) -> str:
    """Where rows without a URL are listed; empty for standard error."""
    if options.bad:
        return str(options.bad)
    return "" if options.out == "-" else f"{options.out}.bad.jsonl"


def _check_files(options: argparse.Namespace) -> None:
    """Refuse to write over the keys, or two things to one file."""
    keys, bad = options.keys, bad_file(options)
    pairs = [("--bad", bad, "--keys", keys)]
    if not options.split:
        pairs += [("--out", options.out, "--keys", keys), ("--bad", bad, "--out", options.out)]
    for option, file, other, other_file in pairs:
        if _is_one(file, other_file):
            raise Failure(f"argument {option}: {file!r} is the file of {other}: name another")


def _is_one(file: str, other: str) -> bool:
    if not file or "-" in (file, other):
        return False
    if os.path.exists(file) and os.path.exists(other):
        # A terminal may be both standard input and output.
        return os.path.isfile(file) and os.path.samefile(file, other)
    return os.path.realpath(file) == os.path.realpath(other)
