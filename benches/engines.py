"""What a column of URLs costs in each engine, beside the engine's bare pass over the same keys.

Run with `make bench-engines`. Keys of 60 bytes, held in memory by the engine; each pass ends in the
engine's own count or collection. The bare pass hands every batch to Python and gets the keys back
as the new column. Two passes warm up, then the best of three counts. Ratios can be trusted,
nanoseconds cannot.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ossign as oss
import pyarrow as pa

DOWNLOAD = oss.GetObjectRequest(bucket="examplebucket")
HOUR = timedelta(hours=1)


def client() -> oss.Client:
    provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    return oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=provider))


def signed(keys: Any) -> oss.PresignedUrls:
    return client().presign_many(DOWNLOAD, key=keys, expires=HOUR)


class Bare:
    """A Ray actor that gives the keys back as the new column."""

    def __call__(self, table: pa.Table) -> pa.Table:
        return table.append_column("url", table["key"])


def pyarrow(table: pa.Table) -> tuple[Callable[[], Any], Callable[[], Any]]:
    return lambda: table["key"], lambda: pa.array(signed(table["key"]))


def polars(table: pa.Table) -> tuple[Callable[[], Any], Callable[[], Any]]:
    import polars as pl

    frame = pl.DataFrame(table)

    def run(function: Callable[[Any], Any]) -> Any:
        urls = pl.col("key").map_batches(function, return_dtype=pl.String, is_elementwise=True)
        return frame.lazy().with_columns(url=urls).collect()

    return lambda: run(lambda keys: keys), lambda: run(lambda keys: pl.Series(signed(keys)))


def duckdb(table: pa.Table) -> tuple[Callable[[], Any], Callable[[], Any]]:
    import duckdb

    connection = duckdb.connect()
    made = client()
    functions = {
        "bare": lambda keys: keys,
        "sign": lambda keys: pa.array(
            made.presign_many(DOWNLOAD, key=keys, expires=HOUR), pa.string()
        ),
    }
    for name, function in functions.items():
        connection.create_function(name, function, ["VARCHAR"], "VARCHAR", type="arrow")
    connection.register("keys", table)

    def run(name: str) -> Any:
        return connection.sql(f"select sum(length({name}(key))) from keys").fetchall()

    return lambda: run("bare"), lambda: run("sign")


def spark(table: pa.Table) -> tuple[Callable[[], Any], Callable[[], Any]]:
    from ossign.engines.spark import with_urls
    from pyspark.sql import SparkSession, functions

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    df = session.createDataFrame(table).repartition(4).cache()
    df.count()

    def length(done: Any) -> Any:
        return done.agg(functions.sum(functions.length("url"))).collect()

    def identity(batches: Any) -> Any:
        for batch in batches:
            yield pa.RecordBatch.from_arrays([batch.column(0)] * 2, ["key", "url"])

    return (
        lambda: length(df.mapInArrow(identity, "key string, url string")),
        lambda: length(with_urls(df, DOWNLOAD, client=client, expires=HOUR)),
    )


def ray(table: pa.Table) -> tuple[Callable[[], Any], Callable[[], Any]]:
    import ray
    from ossign.engines.ray import with_urls

    ray.init(num_cpus=2, include_dashboard=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    step = -(-table.num_rows // 4)
    ds = ray.data.from_arrow([table.slice(n * step, step) for n in range(4)])
    actors = ray.data.ActorPoolStrategy(min_size=1, max_size=2)
    bare = {"batch_format": "pyarrow", "batch_size": None, "zero_copy_batch": True}
    return (
        lambda: ds.map_batches(Bare, compute=actors, **bare).materialize(),
        lambda: with_urls(ds, DOWNLOAD, client=client, expires=HOUR).materialize(),
    )


def best(run: Callable[[], Any], rows: int) -> float:
    """Nanoseconds per row."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times[2:]) / rows * 1e9


def main(rows: int) -> None:
    os.environ.update(OSS_ACCESS_KEY_ID="sample-id", OSS_ACCESS_KEY_SECRET="a sample secret")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    table = pa.table({"key": [f"photos/{number:053}" for number in range(rows)]})
    print(f"{'engine':10} {'bare':>8} {'URLs':>8}   ns per row, {rows} rows")
    for engine in (pyarrow, polars, duckdb, spark, ray):
        bare, urls = (best(run, rows) for run in engine(table))
        print(f"{engine.__name__:10} {bare:8.0f} {urls:8.0f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
