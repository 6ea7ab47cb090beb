"""Spark: `ossign.engines.spark` in a real session, with two tasks at a time."""

from __future__ import annotations

from typing import Any

import ossign as oss
import pyspark.cloudpickle
import pyspark.errors
import pytest
import sampling
from ossign.engines import Signing
from ossign.engines.spark import with_urls


def frame(spark: Any) -> Any:
    rows = [(number, key) for number, key in enumerate(sampling.KEYS)]
    return spark.createDataFrame(rows, "number int, key string").repartition(3)


@pytest.mark.parametrize("kind", ["function", "client"])
def test_each_row_has_the_url_that_presign_gives(spark: Any, kind: str) -> None:
    source = sampling.client if kind == "function" else sampling.client()
    df = with_urls(frame(spark), sampling.DOWNLOAD, client=source, expires=sampling.HOUR)
    assert df.schema.simpleString() == "struct<number:int,key:string,url:string>"
    rows = sorted(df.collect())
    assert [row.number for row in rows] == list(range(len(sampling.KEYS)))
    sampling.check(sampling.KEYS, [row.url for row in rows], sampling.DOWNLOAD)


def test_columns_of_other_names_and_a_url_of_another_name(spark: Any) -> None:
    df = spark.createDataFrame([("a", "text/plain"), ("b", None)], "path string, type string")
    put = oss.PutObjectRequest(bucket="examplebucket")
    done = with_urls(
        df, put, client=sampling.client, url="link", key="path", columns={"content_type": "type"}
    )
    first, second = done.orderBy("path").collect()
    assert first.link.startswith("https://examplebucket.oss-cn-hangzhou.aliyuncs.com/a?")
    assert second.link is not None and done.columns == ["path", "type", "link"]


def test_a_row_that_cannot_be_signed_is_null_or_fails_the_job(spark: Any) -> None:
    df = spark.createDataFrame([("a",), ("/b",), (None,)], "key string")
    done = with_urls(df, sampling.DOWNLOAD, client=sampling.client, errors="null").collect()
    assert [row.url is None for row in done] == [False, True, True]
    failing = with_urls(df, sampling.DOWNLOAD, client=sampling.client)
    with pytest.raises(pyspark.errors.PythonException, match="operation error GetObject"):
        failing.collect()


def test_a_client_with_a_secret_and_wrong_columns_are_refused_at_once(spark: Any) -> None:
    df = spark.createDataFrame([("a",)], "key string")
    provider = oss.credentials.StaticCredentialsProvider("id", "secret")
    made = oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=provider))
    with pytest.raises(TypeError, match="holds a secret"):
        with_urls(df, sampling.DOWNLOAD, client=made)
    with pytest.raises(ValueError, match="no column 'path' for key; there are: key"):
        with_urls(df, sampling.DOWNLOAD, client=sampling.client, key="path")
    with pytest.raises(ValueError, match="a column 'key' already"):
        with_urls(df, sampling.DOWNLOAD, client=sampling.client, url="key")


def test_an_empty_frame_stays_empty(spark: Any) -> None:
    df = spark.createDataFrame([], "key string")
    assert with_urls(df, sampling.DOWNLOAD, client=sampling.client).collect() == []


def test_what_goes_into_the_plan_holds_no_secret() -> None:
    for source in (sampling.client, sampling.client()):
        signing = Signing(sampling.DOWNLOAD, source, {"key": "key"}, "url")
        assert b"an example secret" not in pyspark.cloudpickle.dumps(signing)
