"""URLs a second of `ossign presign --keys`, beside what the format itself allows.

    python benches/files.py [ROWS] [FORMAT ...]

The limit of a format is the same run with the signing left out: the same keys are read, and URLs
that were signed beforehand are written. Needs pyarrow for Parquet and Arrow.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import ossign as oss
from ossign import cli
from ossign.cli.bulk import sign

ROUNDS = 3
FORMATS = ("txt", "csv", "jsonl", "parquet", "arrow")
SIGN = ("presign", "get", "examplebucket", "--region", "cn-hangzhou", "--expires", "1h")


class SignedBefore:
    """In place of signing: for each number of rows, URLs that were signed once."""

    def __init__(self, client: oss.Client, template: Any, options: Any) -> None:
        self._client, self._known = client, {}

    def urls(self, rows: Any) -> Any:
        """The same URLs each time."""
        count = len(rows)
        if count not in self._known:
            keys = [key(number) for number in range(count)]
            request = oss.GetObjectRequest(bucket="examplebucket")
            self._known[count] = self._client.presign_many(request, key=keys)
        return self._known[count]


def key(number: int) -> str:
    """A key of 60 bytes."""
    return f"exampledir/2026/01/{number:032x}/original.jpeg"


def write_keys(path: Path, rows: int) -> None:
    """A file with keys and nothing else, in the format of its name."""
    kind = path.suffix[1:]
    if kind in ("parquet", "arrow"):
        write_table(path, rows)
        return
    line = {"txt": "{}\n", "csv": "{}\n", "jsonl": '{{"key":"{}"}}\n'}[kind]
    with path.open("w") as file:
        file.write("key\n" if kind == "csv" else "")
        for start in range(0, rows, 100_000):
            numbers = range(start, min(rows, start + 100_000))
            file.write("".join([line.format(key(number)) for number in numbers]))


def write_table(path: Path, rows: int) -> None:
    """The same for Parquet and Arrow."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([("key", pa.string())])
    is_parquet = path.suffix == ".parquet"
    open_writer = parquet.ParquetWriter if is_parquet else pa.ipc.new_file
    with open_writer(str(path), schema) as writer:
        for start in range(0, rows, 1_000_000):
            keys = [key(number) for number in range(start, min(rows, start + 1_000_000))]
            writer.write_batch(pa.record_batch([pa.array(keys)], schema=schema))


def seconds(words: list[str]) -> float:
    """How long one run of the command takes, in this process."""
    start = time.perf_counter()
    code = cli.main(words)
    assert code == 0, code
    return time.perf_counter() - start


def main(rows: int, kinds: list[str]) -> None:
    """Measure each format, the run and its limit in turn."""
    os.environ.update(OSS_ACCESS_KEY_ID="sample-id", OSS_ACCESS_KEY_SECRET="sample-secret")
    print(f"{rows:,} keys of {len(key(0))} bytes, {os.cpu_count()} cores, best of {ROUNDS}")
    print(f"{'format':8} {'URLs/s':>12} {'limit':>12} {'of it':>6}")
    signing = sign.Signing
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder:
            keys, out = Path(folder, f"keys.{kind}"), Path(folder, f"urls.{kind}")
            write_keys(keys, rows)
            words = [*SIGN, "--keys", str(keys), "--out", str(out)]
            times: dict[Any, float] = {}
            for _ in range(ROUNDS):
                for way in (signing, SignedBefore):
                    sign.Signing = way
                    times[way] = min(times.get(way, 1e9), seconds(words))
            ours, limit = rows / times[signing], rows / times[SignedBefore]
        print(f"{kind:8} {ours:12,.0f} {limit:12,.0f} {ours / limit:6.0%}", flush=True)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    count = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 1_000_000
    main(count, arguments or list(FORMATS))
