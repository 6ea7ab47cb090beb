"""Ray Data: `ossign.engines.ray` in a real cluster of two cores."""

from __future__ import annotations

from typing import Any

import ossign as oss
import pyarrow as pa
import pytest
import ray.exceptions
import sampling
from ossign.engines.ray import with_urls


def dataset(ray_data: Any) -> Any:
    table = pa.table({"number": range(len(sampling.KEYS)), "key": sampling.KEYS})
    return ray_data.from_arrow([table.slice(0, 1000), table.slice(1000)])


@pytest.mark.parametrize("kind", ["function", "client"])
def test_each_row_has_the_url_that_presign_gives(ray_data: Any, kind: str) -> None:
    source = sampling.client if kind == "function" else sampling.client()
    ds = with_urls(dataset(ray_data), sampling.DOWNLOAD, client=source, expires=sampling.HOUR)
    rows = sorted(ds.take_all(), key=lambda row: row["number"])
    assert [row["key"] for row in rows] == sampling.KEYS
    sampling.check(sampling.KEYS, [row["url"] for row in rows], sampling.DOWNLOAD)


def test_columns_of_other_names_and_options_of_ray(ray_data: Any) -> None:
    put = oss.PutObjectRequest(bucket="examplebucket")
    ds = ray_data.from_arrow(pa.table({"path": ["a"], "type": ["text/plain"]}))
    done = with_urls(
        ds,
        put,
        client=sampling.client,
        url="link",
        columns={"content_type": "type"},
        ray_options={"num_cpus": 0.5, "batch_size": 10},
        key="path",
    )
    (row,) = done.take_all()
    assert list(row) == ["path", "type", "link"] and "/a?" in row["link"]


def test_a_row_that_cannot_be_signed_is_null_or_fails_the_job(ray_data: Any) -> None:
    ds = ray_data.from_arrow(pa.table({"key": ["a", "/b", None]}))
    done = with_urls(ds, sampling.DOWNLOAD, client=sampling.client, errors="null").take_all()
    assert [row["url"] is None for row in done] == [False, True, True]
    failing = with_urls(ds, sampling.DOWNLOAD, client=sampling.client)
    with pytest.raises(ray.exceptions.RayError, match="operation error GetObject"):
        failing.take_all()


def test_a_client_with_a_secret_and_wrong_columns_are_refused_at_once(ray_data: Any) -> None:
    ds = ray_data.from_arrow(pa.table({"key": ["a"]}))
    provider = oss.credentials.StaticCredentialsProvider("id", "secret")
    made = oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=provider))
    with pytest.raises(TypeError, match="holds a secret"):
        with_urls(ds, sampling.DOWNLOAD, client=made)
    with pytest.raises(ValueError, match="no column 'path' for key; there are: key"):
        with_urls(ds, sampling.DOWNLOAD, client=sampling.client, key="path")
    with pytest.raises(ValueError, match="a column 'key' already"):
        with_urls(ds, sampling.DOWNLOAD, client=sampling.client, url="key")
