"""One presigned URL, against the official SDK in the same process. Run with `make bench`.

Every pair is sampled in turn, many short times, and the least time of each side is compared: these
are the samples that nothing else on the machine disturbed. Ratios can be trusted, nanoseconds
cannot.
"""

from __future__ import annotations

import subprocess
import sys
import timeit
from datetime import timedelta
from types import ModuleType
from typing import NamedTuple

import alibabacloud_oss_v2 as sdk
import ossign

ROUNDS = 150
BUCKET = "examplebucket"
KEY = "photos/2026/11/22/0123456789abcdef0123456789abcdef-large.jpg"
ID, SECRET = "LTAI5tExampleKeyId000000", "an example secret of 30 chars"


class Case(NamedTuple):
    """An expression that both sides evaluate, and how many times faster ours should be."""

    name: str
    expression: str
    version: str
    reach: int


WHOLE = "client.presign(oss.PutObjectRequest(bucket=b, key=k), expires=timedelta(hours=1))"
LONG = """oss.PutObjectRequest(
    bucket=b,
    key=k,
    content_type="image/jpeg",
    storage_class="IA",
    metadata={"author": "alice", "album": "spring"},
)"""
WITH_HEADERS = f"client.presign({LONG}, expires=timedelta(hours=1))"
CASES = [
    Case("whole expression, V4", WHOLE, "v4", 45),
    Case("whole expression, V1", WHOLE, "v1", 35),
    Case("whole expression, V4, and .url read", WHOLE + ".url", "v4", 0),
    Case("prebuilt request and timedelta, V4", "client.presign(request, expires=hour)", "v4", 110),
    Case("prebuilt, type, class, 2 metadata, V4", "client.presign(long, expires=hour)", "v4", 45),
    Case("whole, type, class, 2 metadata, V4", WITH_HEADERS, "v4", 45),
]


def timer(case: Case, oss: ModuleType) -> timeit.Timer:
    provider = oss.credentials.StaticCredentialsProvider(ID, SECRET)
    config = oss.Config(
        region="cn-hangzhou", signature_version=case.version, credentials_provider=provider
    )
    names = {
        "oss": oss,
        "timedelta": timedelta,
        "client": oss.Client(config),
        "b": BUCKET,
        "k": KEY,
        "request": oss.PutObjectRequest(bucket=BUCKET, key=KEY),
        "hour": timedelta(hours=1),
    }
    names["long"] = eval(LONG, names)
    return timeit.Timer(case.expression, globals=names)


def least(case: Case) -> tuple[float, float]:
    """Seconds of ours and of theirs, warm and in turn."""
    sides = [(timer(case, ossign), 400), (timer(case, sdk), 8)]
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for side, (expression, times) in enumerate(sides):
            expression.timeit(1)
            best[side] = min(best[side], expression.timeit(times) / times)
    return best[0], best[1]


def import_time(module: str) -> float:
    """Milliseconds that importing takes in a new interpreter, at the least."""
    clock = "time.perf_counter_ns()"
    code = f"import time; start = {clock}; import {module}; print({clock} - start)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True) for _ in range(15)]
    return min(int(run.stdout) for run in runs) / 1e6


def row(name: str, ours: float, theirs: float, unit: str, reach: int) -> None:
    goal = f"{reach:>6}" if reach else "     -"
    print(f"{name:38} {ours:9.3f} {theirs:9.2f} {unit}  {theirs / ours:7.1f}  {goal}")


def main() -> None:
    print(f"{'':38} {'ossign':>9} {'SDK':>9}      {'times':>7}  {'reach':>6}")
    for case in CASES:
        ours, theirs = least(case)
        row(case.name, ours * 1e6, theirs * 1e6, "us", case.reach)
    row("import", import_time("ossign"), import_time("alibabacloud_oss_v2"), "ms", 20)


if __name__ == "__main__":
    main()
