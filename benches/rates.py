"""URLs a second by batch size and threads, beside other libraries and the floor of hashing.

Run with `make bench-plot`. All sign a presigned GET of the same keys of 60 bytes, the others in a
loop; all are sampled in turn, and the best sample of each counts. The floors are those of `make
bench-core`, measured before and after. Prints the rates as JSON, with machine, date and versions:
`plot.py` draws them.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import alibabacloud_oss_v2 as sdk
import boto3
import opendal
import oss2
import ossign
import pyarrow as pa
from botocore.config import Config

ROUNDS = 15
SIZES = (1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_000_000)
# Rows: of the calls of a sample, at least; of the samples of a round, at most.
ROWS, SAMPLES = 1_000, 20_000
# How many keys the others sign in a sample.
SOME = 200
HOUR = timedelta(hours=1)
BUCKET, REGION = "examplebucket", "cn-hangzhou"
ENDPOINT = "https://oss-cn-hangzhou.aliyuncs.com"
ID, SECRET = "sample-access-key-id", "a sample secret of 30 letters."
LIBRARIES = ("alibabacloud-oss-v2", "oss2", "opendal", "boto3", "pyarrow")
HERE = Path(__file__).parent


class Sample(NamedTuple):
    """Something that signs so many URLs in a call."""

    name: str
    size: int
    sign: Callable[[], Any]


def keys(count: int) -> list[str]:
    """Keys of 60 bytes."""
    return [f"photos/2026/11/22/{number:032x}-large.jpg" for number in range(count)]


def client(package: Any) -> Any:
    provider = package.credentials.StaticCredentialsProvider(ID, SECRET)
    return package.Client(package.Config(region=REGION, credentials_provider=provider))


def batches(names: list[str]) -> list[Sample]:
    own, template = client(ossign), ossign.GetObjectRequest(bucket=BUCKET)
    samples = []
    for size in SIZES:
        some = names[:size]
        column = pa.array(some)
        for threads in (1, 2):

            def signed(given: Any, threads: int = threads) -> Any:
                return own.presign_many(template, key=given, expires=HOUR, threads=threads)

            unit = f"{threads} thread{'s' * (threads > 1)}"
            samples += [
                Sample(f"list, {unit}", size, lambda s=signed, c=some: s(c).to_list()),
                Sample(f"Arrow, {unit}", size, lambda s=signed, c=column: pa.array(s(c))),
            ]
    return samples


def loop(package: Any, some: list[str]) -> Callable[[], Any]:
    made = client(package)
    return lambda: [
        made.presign(
            package.GetObjectRequest(bucket=BUCKET, key=key), expires=timedelta(hours=1)
        ).url
        for key in some
    ]


def of_oss2(some: list[str]) -> Callable[[], Any]:
    auth = oss2.ProviderAuthV4(oss2.credentials.StaticCredentialsProvider(ID, SECRET))
    bucket = oss2.Bucket(auth, ENDPOINT, BUCKET, region=REGION)
    return lambda: [bucket.sign_url("GET", key, 3600, slash_safe=True) for key in some]


def of_opendal(some: list[str]) -> Callable[[], Any]:
    operator = opendal.AsyncOperator(
        "oss", bucket=BUCKET, endpoint=ENDPOINT, access_key_id=ID, access_key_secret=SECRET
    )
    events = asyncio.new_event_loop()

    async def signed() -> list[str]:
        return [(await operator.presign_read(key, 3600)).url for key in some]

    return lambda: events.run_until_complete(signed())


def of_boto3(some: list[str]) -> Callable[[], Any]:
    s3 = boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=ENDPOINT,
        aws_access_key_id=ID,
        aws_secret_access_key=SECRET,
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )
    return lambda: [
        s3.generate_presigned_url(
            "get_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=3600
        )
        for key in some
    ]


def loops(some: list[str]) -> list[Sample]:
    made = {
        "ossign, presign": loop(ossign, some),
        "SDK, presign": loop(sdk, some),
        "oss2, sign_url": of_oss2(some),
        "opendal, presign_read (V1)": of_opendal(some),
        "boto3, for S3 (SigV4)": of_boto3(some),
    }
    return [Sample(name, len(some), sign) for name, sign in made.items()]


def rate(sample: Sample) -> float:
    """URLs a second, of calls that take some time together."""
    times = -(-ROWS // sample.size)
    start = time.perf_counter()
    for _ in range(times):
        sample.sign()
    return sample.size * times / (time.perf_counter() - start)


def best(samples: list[Sample]) -> dict[str, dict[int, float]]:
    rates: dict[str, dict[int, float]] = {}
    for turn in range(ROUNDS + 1):
        for sample in samples:
            own = rates.setdefault(sample.name, {})
            for _ in range(max(1, min(4, SAMPLES // sample.size))):
                # The first round warms up.
                own[sample.size] = max(own.get(sample.size, 0.0), rate(sample) if turn else 0.0)
        print(f"round {turn} of {ROUNDS}", file=sys.stderr, flush=True)
    return rates


def floors() -> dict[str, float]:
    """URLs a second of the hashing alone, one thread."""
    words = ["cargo", "bench", "--locked", "--quiet", "--features", "floor", "--bench", "batch"]
    done = subprocess.run(
        [*words, "--", "no case"], cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True
    )
    found = re.findall(r"^(floor\d+) +([\d.]+) ns", done.stdout, re.MULTILINE)
    return {name: 1e9 / float(nanos) for name, nanos in found}


def processor() -> str:
    """Its name and how many cores there are to use."""
    info = Path("/proc/cpuinfo")
    found = info.exists() and re.search(r"model name\s*: (.*)", info.read_text())
    name = found[1].replace("(R)", "") if found else platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores of {name}"


def main() -> None:
    names = keys(max(SIZES))
    before = floors()
    rates = best(batches(names) + loops(names[:SOME]))
    after = floors()
    rustc = subprocess.run(["rustc", "-V"], check=True, stdout=subprocess.PIPE, text=True).stdout
    facts = {
        "date": date.today().isoformat(),
        "machine": processor(),
        "versions": {"ossign": ossign.__version__}
        | {name: version(name) for name in LIBRARIES}
        | {"CPython": platform.python_version(), "rustc": rustc.split()[1]},
        "floors": {name: round(max(after[name], rate)) for name, rate in before.items()},
        "rates": {
            name: {str(size): round(rate) for size, rate in own.items()}
            for name, own in rates.items()
        },
    }
    print(json.dumps(facts, indent=2))


if __name__ == "__main__":
    main()
