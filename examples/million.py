"""Signs the keys of a Parquet file with six engines, and checks that all six columns are equal.

    python examples/million.py            # a million keys
    python examples/million.py 100000

Needs pyarrow, polars, pandas, duckdb, pyspark (with Java 17 or newer) and ray[data]. The
credentials are made up, and handed to the engines' processes through the environment. Every process
signs at the same time, or the URLs could not be equal: see `StoppedClient`.
"""

from __future__ import annotations

import datetime
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ossign as oss
import pyarrow as pa
import pyarrow.parquet as pq

NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.timezone.utc).timestamp()
REAL_CLOCK = time.time
HOUR = datetime.timedelta(hours=1)
DOWNLOAD = oss.GetObjectRequest(bucket="examplebucket")


class StoppedClient(oss.Client):
    """A client whose clock stands still, in whatever process it signs."""

    def presign_many(self, *arguments: Any, **options: Any) -> oss.PresignedUrls:
        """As `Client.presign_many`, always at the same time."""
        # Engines sign in several threads: each restores the real clock, not what it has found.
        time.time = lambda: NOW
        try:
            return super().presign_many(*arguments, **options)
        finally:
            time.time = REAL_CLOCK


def client() -> oss.Client:
    """A client with the credentials of the process that calls this."""
    provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    return StoppedClient(oss.Config(region="cn-hangzhou", credentials_provider=provider))


def presigned(keys: Any) -> oss.PresignedUrls:
    """The URLs of a column of keys, in this process."""
    return client().presign_many(DOWNLOAD, key=keys, expires=HOUR)


def with_pyarrow(source: str, target: str) -> None:
    """In memory, at one go."""
    table = pq.read_table(source)
    pq.write_table(table.append_column("url", pa.array(presigned(table["key"]))), target)


def with_polars(source: str, target: str) -> None:
    """Part by part, in Polars's streaming engine."""
    import polars as pl

    urls = pl.col("key").map_batches(
        lambda keys: pl.Series(presigned(keys)), return_dtype=pl.String, is_elementwise=True
    )
    pl.scan_parquet(source).with_columns(urls.alias("url")).sink_parquet(target)


def with_pandas(source: str, target: str) -> None:
    """In memory, as a column of Arrow text."""
    import pandas as pd

    frame = pd.read_parquet(source)
    urls = pa.array(presigned(frame["key"]))
    frame["url"] = pd.Series(urls, frame.index, dtype=pd.ArrowDtype(pa.large_string()))
    frame.to_parquet(target)


def with_duckdb(source: str, target: str) -> None:
    """A function of SQL that takes a column."""
    import duckdb

    connection = duckdb.connect()
    connection.create_function(
        "presign",
        lambda keys: pa.array(presigned(keys), pa.string()),
        ["VARCHAR"],
        "VARCHAR",
        type="arrow",
    )
    rows = connection.read_parquet(source).project("*, presign(key) as url")
    rows.write_parquet(target)
    connection.close()


def with_spark(source: str, target: str) -> None:
    """In two processes of Spark's executor."""
    from ossign.engines.spark import with_urls
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    df = with_urls(spark.read.parquet(source), DOWNLOAD, client=client, expires=HOUR)
    df.write.parquet(target)
    spark.stop()


def with_ray(source: str, target: str) -> None:
    """In actors of Ray."""
    import ray
    from ossign.engines.ray import with_urls

    ray.init(num_cpus=2, include_dashboard=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    with_urls(ray.data.read_parquet(source), DOWNLOAD, client=client, expires=HOUR).write_parquet(
        target
    )
    ray.shutdown()


ENGINES: list[Callable[[str, str], None]] = [
    with_pyarrow,
    with_polars,
    with_pandas,
    with_duckdb,
    with_spark,
    with_ray,
]


def column(target: str) -> pa.ChunkedArray:
    """The URLs that an engine has written, in the order of the rows' numbers."""
    table = pq.read_table(target, columns=["number", "url"]).sort_by("number")
    return table["url"].cast(pa.large_string())


def main(rows: int) -> None:
    """Write the keys, let each engine sign them, and compare."""
    os.environ["OSS_ACCESS_KEY_ID"] = "sample-id"
    os.environ["OSS_ACCESS_KEY_SECRET"] = "sample-secret"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        source = str(Path(folder, "keys.parquet"))
        keys = [f"photos/{number % 365}/{number:09}-é.jpg" for number in range(rows)]
        table = pa.table({"number": range(rows), "key": keys})
        pq.write_table(table, source, row_group_size=max(1, rows // 8))
        first = None
        for engine in ENGINES:
            name, target = engine.__name__.removeprefix("with_"), str(Path(folder, engine.__name__))
            start = time.perf_counter()
            engine(source, target)
            took = time.perf_counter() - start
            urls = column(target)
            first = first or urls
            if len(urls) != rows or urls.null_count or not urls.equals(first):
                raise SystemExit(f"{name}: the URLs differ from those of pyarrow")
            print(f"{name:8} {rows} URLs, from Parquet to Parquet in {took:.1f} s", flush=True)
    print(f"{len(ENGINES)} equal columns")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
