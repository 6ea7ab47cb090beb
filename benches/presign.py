"""One presigned URL, against the official SDK in the same process. Run with `make bench`.

Every pair is sampled in turn, many short times, and the least time of each side is compared: these
are the samples that nothing else on the machine disturbed. Ratios can be trusted, nanoseconds
cannot.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from types import ModuleType
from typing import Callable, NamedTuple

import alibabacloud_oss_v2 as sdk

import ossign

ROUNDS = 150
BUCKET = "examplebucket"
KEY = "photos/2026/11/22/0123456789abcdef0123456789abcdef-large.jpg"
ID, SECRET = "LTAI5tExampleKeyId000000", "an example secret of 30 chars"


class Case(NamedTuple):
    name: str
    make: Callable[[ModuleType], Callable[[], object]]
    reach: int


def client(oss: ModuleType, version: str) -> object:
    provider = oss.credentials.StaticCredentialsProvider(ID, SECRET)
    return oss.Client(
        oss.Config(
            region="cn-hangzhou", signature_version=version, credentials_provider=provider
        )
    )


def expression(version: str) -> Callable[[ModuleType], Callable[[], object]]:
    def make(oss: ModuleType) -> Callable[[], object]:
        signer = client(oss, version)
        return lambda: signer.presign(
            oss.PutObjectRequest(bucket=BUCKET, key=KEY), expires=timedelta(hours=1)
        )

    return make


def prebuilt(oss: ModuleType) -> Callable[[], object]:
    signer, hour = client(oss, "v4"), timedelta(hours=1)
    request = oss.PutObjectRequest(bucket=BUCKET, key=KEY)
    return lambda: signer.presign(request, expires=hour)


def with_headers(oss: ModuleType) -> Callable[[], object]:
    signer = client(oss, "v4")
    return lambda: signer.presign(
        oss.PutObjectRequest(
            bucket=BUCKET,
            key=KEY,
            content_type="image/jpeg",
            storage_class="IA",
            metadata={"author": "alice", "album": "spring"},
        ),
        expires=timedelta(hours=1),
    )


def read_url(oss: ModuleType) -> Callable[[], object]:
    whole = expression("v4")(oss)
    return lambda: whole().url


CASES = [
    Case("whole expression, V4", expression("v4"), 45),
    Case("whole expression, V1", expression("v1"), 35),
    Case("whole expression, V4, and .url read", read_url, 0),
    Case("prebuilt request and timedelta, V4", prebuilt, 110),
    Case("type, class and two metadata, V4", with_headers, 45),
]


def sample(call: Callable[[], object], times: int) -> float:
    start = time.perf_counter_ns()
    for _ in range(times):
        call()
    return (time.perf_counter_ns() - start) / times


def least(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for side, (call, times) in enumerate([(ours, 400), (theirs, 8)]):
            call()
            best[side] = min(best[side], sample(call, times))
    return best[0], best[1]


def import_time(module: str) -> float:
    """Milliseconds that importing takes in a new interpreter, at the least."""
    code = f"import time; a = time.perf_counter_ns(); import {module}; print(time.perf_counter_ns() - a)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True) for _ in range(15)]
    return min(int(run.stdout) for run in runs) / 1e6


def row(name: str, ours: float, theirs: float, unit: str, reach: int) -> None:
    goal = f"{reach:>6}" if reach else "     -"
    print(f"{name:38} {ours:9.3f} {theirs:9.2f} {unit}  {theirs / ours:7.1f}  {goal}")


def main() -> None:
    print(f"{'':38} {'ossign':>9} {'SDK':>9}      {'times':>7}  {'reach':>6}")
    for case in CASES:
        ours, theirs = least(case.make(ossign), case.make(sdk))
        row(case.name, ours / 1000, theirs / 1000, "us", case.reach)
    row("import", import_time("ossign"), import_time("alibabacloud_oss_v2"), "ms", 20)


if __name__ == "__main__":
    main()
