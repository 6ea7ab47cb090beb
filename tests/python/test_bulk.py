"""presign_many: its answer, its errors, its threads; and presign_batches."""

from __future__ import annotations

import datetime
import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import alibabacloud_oss_v2 as sdk
import duckdb
import numpy as np
import ossign as oss
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from bulk import GOOD, KEYS, TEMPLATE, URLS, one_by_one, presigned
from sides import NOW, at, client, frozen, put

E = oss.exceptions
HOUR = datetime.timedelta(hours=1)
MANY = [f"dir/{number:05}.jpg" for number in range(20_000)]


def test_the_answer_is_a_sequence_of_str() -> None:
    urls = presigned(["a", None, "c"])
    a, _, c = one_by_one(["a", None, "c"])
    assert len(urls) == 3 and isinstance(urls, Sequence)
    assert [urls[0], urls[1], urls[2], urls[-1], urls[-3]] == [a, None, c, c, a]
    assert list(urls) == urls.to_list() == [a, None, c]
    assert [*reversed(urls)] == [c, None, a]
    assert a in urls and None in urls and "x" not in urls and 7 not in urls
    assert urls.index(c) == 2 and urls.index(None, -2) == 1 and urls.count(a) == 1
    for row in (3, -4):
        with pytest.raises(IndexError, match=f"row {row} of 3"):
            urls[row]
    with pytest.raises(ValueError):
        urls.index(a, 1)
    with pytest.raises(TypeError):
        urls["a"]
    with pytest.raises(TypeError):
        hash(urls)


def test_a_slice_is_the_same_kind_of_thing() -> None:
    urls = presigned(GOOD)
    for part in (slice(1, 4), slice(None), slice(-2, None), slice(4, 2), slice(9, 12)):
        assert type(urls[part]) is oss.PresignedUrls
        assert urls[part].to_list() == URLS[part]
        assert pa.array(urls[part]).to_pylist() == URLS[part]
    assert urls[1:5][1:3].to_list() == URLS[2:4] and urls[1:5][1:3][-1] == URLS[3]
    assert urls[::2] == URLS[::2] and urls[::-1] == URLS[::-1]
    assert urls[2:3].nbytes < urls.nbytes


def test_answers_compare_by_their_urls() -> None:
    assert presigned(GOOD) == presigned(tuple(GOOD)) == URLS
    assert presigned(GOOD) != presigned(GOOD[1:]) and presigned(GOOD) != URLS[1:]
    assert presigned(["a", None]) != presigned([None, "a"])
    assert presigned(GOOD) != "x"


def test_the_repr_shows_no_url() -> None:
    assert repr(presigned(["a", None, "c"], expires=HOUR)) == (
        "<PresignedUrls: 3 rows, 1 of them None, method='GET', "
        "expiration=2026-01-01 01:00:00+00:00>"
    )
    assert repr(presigned([], put())).startswith("<PresignedUrls: 0 rows, method='PUT'")


def test_the_answer_says_what_all_rows_share() -> None:
    template = put(content_type="text/plain", cache_control=" no-cache ", metadata={"a": "b"})
    urls, alone = presigned(GOOD, template, expires=HOUR), None
    with frozen():
        alone = client().presign(template, expires=HOUR)
    assert urls.method == alone.method == "PUT"
    assert urls.expiration == alone.expiration == at(3600)
    assert urls.signed_headers == alone.signed_headers
    assert urls.request_headers == alone.request_headers
    assert urls.nbytes >= sum(map(len, URLS))


def test_where_headers_differ_each_row_says_its_own() -> None:
    types = ["a/b", None, ""]
    template = oss.PutObjectRequest(bucket="examplebucket", content_type="no/no")
    with frozen():
        for config in ({}, {"default_request_headers": {"content-type": "c/d"}}):
            urls = client(**config).presign_many(template, key=["x", "y", "z"], content_type=types)
            assert urls.signed_headers is None and urls.request_headers is None
            for row, (key, kind) in enumerate(zip("xyz", types, strict=True)):
                request = oss.PutObjectRequest("examplebucket", key, content_type=kind)
                assert urls.result(row) == client(**config).presign(request)
            assert urls[1:].result(0) == urls.result(1) == urls.result(-2)


def test_a_row_without_a_url_has_no_result() -> None:
    assert presigned(["a", None]).result(1) is None
    with pytest.raises(IndexError):
        presigned(["a"]).result(1)


def test_arrow_takes_the_urls_over_without_a_copy() -> None:
    urls = presigned(GOOD)
    first, again = pa.array(urls), pa.array(urls)
    assert first.type == pa.large_string() and first.to_pylist() == URLS
    assert first.buffers()[2].address == again.buffers()[2].address
    assert pa.array(urls[2:4]).buffers()[2].address == first.buffers()[2].address
    del urls, again
    gc.collect()
    assert first.to_pylist() == URLS and first.validate(full=True) is None


@pytest.mark.parametrize("keys", [KEYS, GOOD, [], [None], [None, "a"]], ids=len)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_arrow_gets_the_type_that_it_asks_for(kind: Any, keys: list[str | None]) -> None:
    expected = one_by_one([key or None for key in keys])
    urls = presigned(keys, errors="null")
    for some, rows in ((urls, expected), (urls[1:], expected[1:])):
        for array in (pa.array(some, kind), pa.chunked_array(some, kind)):
            assert array.type == kind and array.to_pylist() == rows
            array.validate(full=True)


def test_what_urls_cannot_be_is_not_what_arrow_gets() -> None:
    schema = pa.field("x", pa.int64()).__arrow_c_schema__()
    array = pa.Array._import_from_c_capsule(*presigned(["a"]).__arrow_c_array__(schema))
    assert array.type == pa.large_string()
    assert (
        pa.DataType._import_from_c_capsule(presigned(["a"]).__arrow_c_schema__())
        == pa.large_string()
    )


def test_data_frames_take_the_urls_over() -> None:
    urls, expected = presigned(["a", None, "c"]), one_by_one(["a", None, "c"])
    assert pl.Series(urls).to_list() == expected
    assert pl.DataFrame({"url": pl.Series(urls)})["url"].dtype == pl.String
    series = [pd.Series(pa.array(urls), dtype="large_string[pyarrow]")]
    if int(pd.__version__.split(".")[0]) >= 3:  # Python 3.10 has none.
        series.append(pd.Series.from_arrow(urls))
    for one in series:
        assert one.tolist()[0::2] == expected[0::2]
        assert one.isna().tolist() == [False, True, False]
    table = pa.table({"url": urls})
    assert table["url"].to_pylist() == expected
    assert duckdb.from_arrow(table).fetchall() == [(url,) for url in expected]
    if int(duckdb.__version__.split(".")[0]) >= 2:  # Nor that.
        assert duckdb.sql("select * from urls").fetchall() == [(url,) for url in expected]
    assert np.array(urls, dtype=object).tolist() == expected


def test_urls_are_a_column_themselves() -> None:
    urls = presigned(["a", None])
    again = presigned(urls[:1])
    assert len(again) == 1 and presigned(["a"]).to_list()[0] in urls


def test_an_answer_does_not_pickle_but_what_arrow_made_of_it_does() -> None:
    urls = presigned(GOOD)
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(urls)
    assert pickle.loads(pickle.dumps(pa.array(urls))).to_pylist() == URLS


BAD = ["", "/a", "k" * 1024, "\ud800", 7, b"bytes", object()]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: repr(bad)[:15])
def test_the_first_bad_row_is_raised_as_presign_raises_it(bad: Any) -> None:
    with frozen(), pytest.raises(E.OperationError) as alone:
        client().presign(oss.GetObjectRequest(bucket="examplebucket", key=bad))
    with pytest.raises(E.OperationError) as many:
        presigned(["a", None, bad, "b", ""])
    assert many.value.row == 2
    assert str(many.value) == f"row 2: {alone.value}"
    assert type(many.value.unwrap()) is type(alone.value.unwrap())
    assert many.value.__cause__ is not None


def test_an_error_keeps_its_row_when_it_is_pickled() -> None:
    with pytest.raises(E.OperationError) as raised:
        presigned(["a", ""])
    again = pickle.loads(pickle.dumps(raised.value))
    assert again.row == 1 and str(again) == str(raised.value)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_first_bad_row_is_the_first_with_any_number_of_threads(threads: int) -> None:
    keys = list(MANY)
    keys[15_000] = keys[7_000] = keys[19_999] = ""
    with pytest.raises(E.OperationError) as raised:
        presigned(keys, threads=threads)
    assert raised.value.row == 7_000
    keys[6_999] = 7
    with pytest.raises(E.OperationError) as raised:
        presigned(keys, threads=threads)
    assert raised.value.row == 6_999


def test_bad_rows_are_null_and_listed_where_that_is_asked_for() -> None:
    keys = ["a", "", None, 7, "b", "\ud800", "/x"]
    urls = presigned(keys, errors="null")
    a, b = one_by_one(["a", "b"])
    assert urls.to_list() == [a, None, None, None, b, None, None]
    assert [row for row, _ in urls.errors] == [1, 3, 5, 6]
    for row, error in urls.errors:
        with frozen(), pytest.raises(E.OperationError) as alone:
            client().presign(oss.GetObjectRequest(bucket="examplebucket", key=keys[row]))
        assert (type(error), str(error)) == (E.OperationError, str(alone.value))
    assert [row for row, _ in urls[2:6].errors] == [1, 3]
    assert presigned(["a"]).errors == []


def test_a_bad_value_of_an_optional_field_leaves_the_row_without_a_url() -> None:
    template = oss.GetObjectRequest(bucket="examplebucket", key="k")
    with frozen():
        urls = client().presign_many(template, version_id=["1", object(), "3"], errors="null")
    assert [url is None for url in urls] == [False, True, False]
    assert [(row, type(error)) for row, error in urls.errors] == [(1, E.SerializationError)]


def test_a_wrong_template_is_an_error_of_the_call() -> None:
    for errors in ("raise", "null"):
        with pytest.raises(E.OperationError, match="Bucket name is invalid") as raised:
            presigned(["a"], oss.GetObjectRequest(bucket="Bad_Bucket"), errors=errors)
        assert not hasattr(raised.value, "row")
        with pytest.raises(E.ParamRequiredError, match="bucket"):
            presigned(["a"], oss.GetObjectRequest(), errors=errors)
        with pytest.raises(E.ParamRequiredError, match="upload_id"):
            presigned(["a"], oss.AbortMultipartUploadRequest(bucket="examplebucket"), errors=errors)
        with pytest.raises(E.ParamInvalidError, match="request"):
            presigned(["a"], "template", errors=errors)


def test_arguments_that_are_wrong_are_refused() -> None:
    with pytest.raises(ValueError, match="errors must be 'raise' or 'null', got 'ignore'"):
        presigned(["a"], errors="ignore")
    for threads in (0, -1):
        with pytest.raises(ValueError, match="threads must be at least 1"):
            presigned(["a"], threads=threads)
    with pytest.raises(TypeError, match="threads must be an int or None, not str"):
        presigned(["a"], threads="2")
    with pytest.raises(TypeError, match="expires must be"):
        presigned(["a"], expires=3600)
    with pytest.raises(E.PresignExpirationError):
        presigned(["a"], expires=datetime.timedelta(days=8))
    with pytest.raises(E.OperationError, match="endpoint"), frozen():
        client(region=None).presign_many(TEMPLATE, key=["a"])


def test_credentials_are_asked_for_once() -> None:
    asked = []

    def provider() -> oss.Credentials:
        asked.append(1)
        return oss.Credentials("id", "secret", "token", expiration=at(60))

    with frozen():
        urls = client(credentials_provider=provider).presign_many(TEMPLATE, key=MANY, expires=HOUR)
    assert len(asked) == 1
    assert (urls.expiration, urls.effective_expiration) == (at(3600), at(60))


def test_credentials_that_ended_sign_nothing() -> None:
    ended = oss.Credentials("id", "secret", "token", expiration=at(-1))
    with frozen(), pytest.raises(E.OperationError) as raised:
        client(credentials_provider=ended).presign_many(TEMPLATE, key=["a"])
    assert type(raised.value.unwrap()) is E.CredentialsExpiredError


def test_without_credentials_the_urls_are_unsigned() -> None:
    anonymous = client(credentials_provider=oss.credentials.AnonymousCredentialsProvider())
    with frozen():
        urls = anonymous.presign_many(TEMPLATE, key=GOOD)
        each = [
            anonymous.presign(oss.GetObjectRequest(bucket="examplebucket", key=key)) for key in GOOD
        ]
    assert urls.to_list() == [result.url for result in each]
    assert urls.expiration is None and urls.effective_expiration is None


class Resolver:
    """Signs for another bucket, which depends on the key."""

    def build_bucket_name(self, op_input: Any) -> str | None:
        if op_input.key == "bad":
            raise LookupError(op_input.key)
        return {"a": "one", "b": "one", "c": "two"}.get(op_input.key)


@pytest.mark.parametrize("keys", [["a", "b"], ["a", "b", "c", "d", None, "a"]], ids=len)
def test_a_resolver_of_buckets_is_asked_for_each_row(keys: list[str | None]) -> None:
    each = client(bucket_name_resolver=Resolver())
    requests = [key and oss.GetObjectRequest(bucket="examplebucket", key=key) for key in keys]
    with frozen():
        urls = each.presign_many(TEMPLATE, key=keys)
        assert urls == [request and each.presign(request).url for request in requests]
        bad = each.presign_many(TEMPLATE, key=["a", "bad", "c"], errors="null")
        assert [url is None for url in bad] == [False, True, False] and bad.errors[0][0] == 1
        with pytest.raises(E.OperationError, match="row 1: .*bad"):
            each.presign_many(TEMPLATE, key=["a", "bad", "c"])


def test_a_template_of_the_sdk_and_any_operation_will_do() -> None:
    assert presigned(GOOD, sdk.GetObjectRequest(bucket="examplebucket", key="no")) == URLS
    whole = oss.OperationInput(
        "GetObjectAcl", "GET", bucket="examplebucket", parameters={"acl": ""}
    )
    with frozen():
        urls = client().presign_many(whole, key=["a", "b"])
        each = [
            client()
            .presign(
                oss.OperationInput(
                    "GetObjectAcl", "GET", bucket="examplebucket", key=key, parameters={"acl": ""}
                )
            )
            .url
            for key in "ab"
        ]
        assert urls == each
        with pytest.raises(TypeError, match="'process' is no field of a request for GetObjectAcl"):
            client().presign_many(whole, process=["a"])


@pytest.mark.parametrize("version", ["v1", "v4"])
@pytest.mark.parametrize("threads", [None, 1, 2, 3, 64])
def test_order_is_kept_by_any_number_of_threads(threads: int | None, version: str) -> None:
    with frozen():
        each = client(signature_version=version)
        urls = each.presign_many(TEMPLATE, key=MANY, threads=threads)
        assert len(urls) == len(MANY)
        for row in (0, 1, 2_047, 2_048, 9_999, 19_999):
            request = oss.GetObjectRequest(bucket="examplebucket", key=MANY[row])
            assert urls[row] == each.presign(request).url
        for isa in ("sha_ni", "crate"):
            assert urls == each.presign_many(TEMPLATE, key=MANY, threads=1, _isa=isa)


def child(code: str) -> subprocess.Popen[str]:
    """A Python that runs `code` with a client and a template."""
    start = """
        import ossign as oss, os, resource, signal, sys, threading, time
        client = oss.Client(oss.Config(region="cn-hangzhou",
            credentials_provider=oss.credentials.StaticCredentialsProvider("id", "secret")))
        template = oss.GetObjectRequest(bucket="examplebucket")
    """
    whole = textwrap.dedent(start) + textwrap.dedent(code)
    command = [sys.executable, "-c", whole]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


INTERRUPTED = """
    import pyarrow as pa
    column = pa.array(["k" * 60]).take(pa.array([0] * 3_000_000))
    def interrupt():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)
    sent = []
    threading.Timer(0.15, interrupt).start()
    try:
        while True:
            client.presign_many(template, key=column, threads={threads})
    except KeyboardInterrupt:
        print(time.monotonic() - sent[0])
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_ends_the_call_at_once(threads: int) -> None:
    process = child(INTERRUPTED.format(threads=threads))
    shown, errors = process.communicate(timeout=60)
    # A tenth of a second on a quiet machine; what is tested is that it does not sign to the end.
    assert errors == "" and float(shown) < 1


FORKED = """
    keys = [f"k{number}" for number in range(50_000)]
    before = client.presign_many(template, key=keys, threads=2)
    # The system forgets a thread that was joined a moment later.
    limit = time.monotonic() + 10
    while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < limit:
        pass
    assert threading.active_count() == 1 and len(os.listdir("/proc/self/task")) == 1
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        after = client.presign_many(template, key=keys, threads=2)
        os._exit(0 if len(after) == len(before) else 1)
    print(os.waitpid(pid, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_signs_with_threads_as_its_parent_did() -> None:
    shown, errors = child(FORKED).communicate(timeout=60)
    assert (shown, errors) == ("0\n", "")


def signed_in_child(keys: list[str]) -> list[str | None]:
    with frozen():
        return client().presign_many(TEMPLATE, key=keys, threads=2).to_list()


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_a_pool_of_forked_processes_signs() -> None:
    presigned(MANY, threads=2)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        halves = pool.map(signed_in_child, [MANY[:10_000], MANY[10_000:]])
    assert halves[0] + halves[1] == presigned(MANY).to_list()


PEAK = """
    import pyarrow as pa, pyarrow.compute as pc
    rows = 1_000_000
    numbers = pc.utf8_lpad(pa.array(range(rows)).cast(pa.string()), 52, "x")
    column = pc.binary_join_element_wise("dir/", numbers, ".jpg", "")
    client.presign_many(template, key=column[:100_000], threads={threads})
    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    def status(name):
        lines = open("/proc/self/status").read().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
    before = status("VmRSS")
    urls = client.presign_many(template, key=column, threads={threads})
    print((status("VmHWM") - before) / urls.nbytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_million_keys_take_little_more_memory_than_their_urls(threads: int) -> None:
    shown, errors = child(PEAK.format(threads=threads)).communicate(timeout=120)
    assert errors == "" and 0.9 < float(shown) < 1.3


def batches(rows: int = 6, size: int = 2) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, size):
        numbers = range(start, start + size)
        yield pa.record_batch(
            {"n": [*numbers], "key": [f"k{n}" for n in numbers], "x": [[{"y": n}] for n in numbers]}
        )


def reader(rows: int = 6) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(next(batches()).schema, batches(rows))


def test_a_stream_of_tables_gets_a_column_of_urls() -> None:
    with frozen():
        signed = client().presign_batches(TEMPLATE, reader(), key="key")
        table = pa.RecordBatchReader.from_stream(signed).read_all()
    assert table.drop_columns("url") == reader().read_all()
    assert table.schema.field("url").type == pa.large_string()
    assert table["url"].to_pylist() == one_by_one([f"k{n}" for n in range(6)])
    table.validate(full=True)


def test_a_stream_is_signed_when_it_is_read() -> None:
    pulled: list[int] = []

    def source() -> Iterator[pa.RecordBatch]:
        for number, batch in enumerate(batches()):
            pulled.append(number)
            yield batch

    stream = pa.RecordBatchReader.from_batches(next(batches()).schema, source())
    signed = pa.RecordBatchReader.from_stream(client().presign_batches(TEMPLATE, stream, key="key"))
    assert pulled == []
    signed.read_next_batch()
    assert pulled == [0]
    assert len(signed.read_all()) == 4 and pulled == [0, 1, 2]


def test_the_source_and_the_reader_of_a_stream_may_be_any_library() -> None:
    table = pa.table({"name": ["a", "b"], "n": [1, 2]})
    expected = one_by_one(["a", "b"])
    sources = [table, table.to_reader(), pl.DataFrame(table), duckdb.from_arrow(table)]
    with frozen():
        for source in sources:
            signed = client().presign_batches(TEMPLATE, source, key="name", url="link")
            assert pl.DataFrame(signed)["link"].to_list() == expected
        signed = client().presign_batches(TEMPLATE, table, key="name", url="link")
        assert duckdb.sql("select link, n from signed").fetchall() == [
            (expected[0], 1),
            (expected[1], 2),
        ]


def test_the_urls_of_a_stream_have_the_type_that_is_asked_for() -> None:
    table = pa.table({"key": ["a", None, "c"]})
    expected = one_by_one(["a", None, "c"])
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        schema = table.schema.append(pa.field("url", kind))
        with frozen():
            signed = client().presign_batches(TEMPLATE, table)
            got = pa.RecordBatchReader.from_stream(signed, schema=schema).read_all()
        assert got.schema.field("url").type == kind and got["url"].to_pylist() == expected


def test_several_columns_of_a_stream_may_vary() -> None:
    table = pa.table({"bucket": ["one", "two"], "k": ["a", "b"], "t": ["x/y", None]})
    with frozen():
        signed = client().presign_batches(
            oss.PutObjectRequest(), table, bucket="bucket", key="k", columns={"content_type": "t"}
        )
        urls = pl.DataFrame(signed)["url"].to_list()
        assert urls == [
            client().presign(oss.PutObjectRequest("one", "a", content_type="x/y")).url,
            client().presign(oss.PutObjectRequest("two", "b")).url,
        ]


def test_a_bad_row_ends_a_stream_or_is_null() -> None:
    table = pa.table({"key": ["a", "b", "c", "", "d"]})
    with frozen():
        signed = client().presign_batches(TEMPLATE, table.to_reader(2), errors="null")
        assert pl.DataFrame(signed)["url"].is_null().to_list() == [False] * 3 + [True, False]
        stream = pa.RecordBatchReader.from_stream(
            client().presign_batches(TEMPLATE, table.to_reader(2))
        )
        assert stream.read_next_batch().num_rows == 2
        with pytest.raises(pa.ArrowException, match="row 3: .*Object name is invalid"):
            stream.read_next_batch()


def test_a_stream_that_cannot_be_signed_is_refused_at_once() -> None:
    table = pa.table({"key": ["a"], "url": ["x"], "f": [1.5]})
    with pytest.raises(ValueError, match="there is a column 'url' already"):
        client().presign_batches(TEMPLATE, table)
    with pytest.raises(ValueError, match="key: there is no column 'k' among key, url, f"):
        client().presign_batches(TEMPLATE, table, key="k", url="u")
    with pytest.raises(TypeError, match="key: a column of Float64 has no text"):
        client().presign_batches(TEMPLATE, table, key="f", url="u")
    with pytest.raises(TypeError, match="key: the name of a column is a str"):
        client().presign_batches(TEMPLATE, table, key=0, url="u")
    with pytest.raises(TypeError, match="must have __arrow_c_stream__, which list has not"):
        client().presign_batches(TEMPLATE, ["a"])
    with pytest.raises(TypeError, match="reader must give tables, not Utf8"):
        client().presign_batches(TEMPLATE, pa.chunked_array([["a"]]))
    with pytest.raises(E.PresignExpirationError):
        client().presign_batches(TEMPLATE, table, url="u", expires=datetime.timedelta(days=8))


def test_a_stream_is_read_once() -> None:
    signed = client().presign_batches(TEMPLATE, reader())
    pa.schema(signed)
    pa.RecordBatchReader.from_stream(signed)
    with pytest.raises(ValueError, match="was read"):
        pa.RecordBatchReader.from_stream(signed)
    assert '"url": LargeUtf8' in repr(signed)


def test_each_batch_is_signed_at_its_own_time() -> None:
    import time_machine

    with time_machine.travel(NOW, tick=False) as clock:
        signed = pa.RecordBatchReader.from_stream(client().presign_batches(TEMPLATE, reader()))
        first = signed.read_next_batch()["url"][0].as_py()
        clock.shift(7200)
        second = signed.read_next_batch()["url"][0].as_py()
    assert "x-oss-date=20260101T000000Z" in first and "x-oss-date=20260101T020000Z" in second


def test_a_signal_handler_may_raise_what_it_likes() -> None:
    code = """
        import pyarrow as pa
        column = pa.array(["k" * 60]).take(pa.array([0] * 3_000_000))
        def handler(*_):
            raise LookupError("alarm")
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.15)
        try:
            while True:
                client.presign_many(template, key=column)
        except LookupError as error:
            print(error)
    """
    assert hasattr(signal, "SIGALRM")
    assert child(code).communicate(timeout=60) == ("alarm\n", "")
