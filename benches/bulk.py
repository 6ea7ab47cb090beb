"""Many presigned URLs in one call, against the official SDK in a loop. Run with `make bench`.

Every row is sampled in turn with the SDK, warm, many times, and the least time of each side is
compared. Ratios can be trusted, nanoseconds cannot. `--big` signs ten million keys (`make
bench-big`; needs 8 GB of memory).
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any, NamedTuple

import alibabacloud_oss_v2 as sdk
import ossign
import pyarrow as pa

ROUNDS = 40
HOUR = timedelta(hours=1)
ID, SECRET = "LTAI5tExampleKeyId000000", "an example secret of 30 chars"
TOKEN = "CAISexampleexample+/" * 40
HEADERS = {"content_type": "image/jpeg", "metadata": {"author": "alice", "album": "spring"}}


def keys(count: int) -> list[str]:
    """Keys of 60 bytes."""
    return [
        f"photos/2026/11/22/{number:032x}-large.jpg"[:60].ljust(60, "x") for number in range(count)
    ]


def mixed(count: int) -> list[str]:
    """Keys of 31 to 90 bytes, a tenth of them with characters that need escapes."""
    source = random.Random(1)
    texts = []
    for number in range(count):
        text = f"{number:020}" * 5
        text = text[: source.randint(31, 90)]
        texts.append(text if source.random() < 0.9 else text[:-4] + " +é")
    return texts


class Case(NamedTuple):
    """What is signed, and how many times faster than the SDK it should be."""

    name: str
    column: Any
    threads: int
    reach: int
    as_list: bool = False
    version: str = "v4"
    token: str | None = None
    fields: dict[str, Any] = {}


def client(package: ModuleType, case: Case) -> Any:
    provider = package.credentials.StaticCredentialsProvider(ID, SECRET, case.token)
    return package.Client(
        package.Config(
            region="cn-hangzhou", signature_version=case.version, credentials_provider=provider
        )
    )


def ours(case: Case) -> Callable[[], Any]:
    own = client(ossign, case)
    template = ossign.PutObjectRequest(bucket="examplebucket", **case.fields)
    if case.as_list:
        return lambda: own.presign_many(
            template, key=case.column, expires=HOUR, threads=case.threads
        ).to_list()
    return lambda: pa.array(
        own.presign_many(template, key=case.column, expires=HOUR, threads=case.threads)
    )


def theirs(case: Case, some: list[str]) -> Callable[[], Any]:
    other = client(sdk, case)
    return lambda: [
        other.presign(
            sdk.PutObjectRequest(bucket="examplebucket", key=key, **case.fields),
            expires=timedelta(hours=1),
        ).url
        for key in some
    ]


def measured(case: Case, rounds: int) -> tuple[float, float]:
    """Seconds per URL of ours and of theirs."""
    some = case.column[:200] if isinstance(case.column, list) else case.column[:200].to_pylist()
    sides = [(ours(case), len(case.column)), (theirs(case, some), len(some))]
    best = [float("inf"), float("inf")]
    for sign, _ in sides:
        sign()
    for _ in range(rounds):
        for side, (sign, count) in enumerate(sides):
            start = time.perf_counter()
            sign()
            best[side] = min(best[side], (time.perf_counter() - start) / count)
    return best[0], best[1]


def cases() -> list[Case]:
    few, many = keys(4_096), keys(100_000)
    column, odd = pa.array(many), pa.array(mixed(100_000))
    return [
        Case("list of 4,096 to list, 1 thread", few, 1, 300, as_list=True),
        Case("list of 100,000 to list, 1 thread", many, 1, 0, as_list=True),
        Case("list of 100,000 to list, 2 threads", many, 2, 300, as_list=True),
        Case("Arrow 100,000, 1 thread", column, 1, 300),
        Case("Arrow 100,000, 2 threads", column, 2, 550),
        Case("mixed lengths, 1 in 10 escaped, 1 thread", odd, 1, 0),
        Case("token of 800 bytes, 1 thread", column, 1, 0, token=TOKEN),
        Case("type and two metadata, 1 thread", column, 1, 0, fields=HEADERS),
        Case("V1, 1 thread", column, 1, 0, version="v1"),
    ]


def multipart() -> None:
    """All URLs of an upload of 10,000 parts, which are to be there in 10 ms, on one core."""
    parts = 10_000
    plain = Case("", [], 1, 0)
    request = ossign.InitiateMultipartUploadRequest(bucket="examplebucket", key="video/film.mp4")
    plan = client(ossign, plain).plan_multipart(request, parts * 102_400, 102_400, expires=HOUR)
    upload_id = "0004B9894A22E5B1888A1E29F8236E2D"
    other, some = client(sdk, plain), range(1, 201)

    def theirs() -> None:
        for number in some:
            where = {"bucket": "examplebucket", "key": "video/film.mp4", "upload_id": upload_id}
            part = sdk.UploadPartRequest(**where, part_number=number)
            assert other.presign(part, expires=timedelta(hours=1)).url

    kept = [*os.sched_getaffinity(0)] if hasattr(os, "sched_setaffinity") else []
    if kept:
        os.sched_setaffinity(0, kept[:1])
    best = fastest(lambda: plan.parts(upload_id), lambda: plan.parts(upload_id).to_dict(), theirs)
    if kept:
        os.sched_setaffinity(0, kept)
    for name, seconds in zip(("presigned", "and as a dict for JSON"), best, strict=False):
        goal = "10" if name == "presigned" else "-"
        own, sdks = seconds * 1e3, best[2] / len(some) * parts * 1e3
        line = f"multipart of {parts:,} parts, {name}"
        print(f"{line:54} {own:6.1f} {sdks:7.0f} ms  {sdks / own:6.0f}  {goal:>6}")


def fastest(*sides: Callable[[], Any]) -> list[float]:
    """The least seconds of each, sampled in turn."""
    best = [float("inf")] * len(sides)
    for _ in range(ROUNDS):
        for at, side in enumerate(sides):
            start = time.perf_counter()
            side()
            best[at] = min(best[at], time.perf_counter() - start)
    return best


def row(case: Case, rounds: int) -> float:
    own, other = measured(case, rounds)
    goal = f"{case.reach:>6}" if case.reach else "     -"
    print(f"{case.name:42} {own * 1e9:9.0f} {other * 1e9:9.0f} ns  {other / own:7.0f}  {goal}")
    return own


def big() -> None:
    small = Case("Arrow 100,000, 2 threads", pa.array(keys(100_000)), 2, 550)
    names = pa.concat_arrays([pa.array(keys(1_000_000)) for _ in range(10)])
    large = Case("Arrow 10,000,000, 2 threads", names, 2, 0)
    before = row(small, ROUNDS)
    print(f"{'rate of the 100,000 row':42} {before / row(large, 3):9.2f}")


def main() -> None:
    print(f"{'':42} {'ossign':>9} {'SDK':>9}     {'times':>7}  {'reach':>6}")
    if "--big" in sys.argv:
        big()
        return
    for case in cases():
        row(case, ROUNDS)
    multipart()


if __name__ == "__main__":
    main()
