"""What may be a column: anything with rows. All of them give the same URLs."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import enum
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import ossign as oss
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from bulk import GOOD, TEMPLATE, URLS, one_by_one, presigned
from sides import Unreadable, client, frozen

HOLES = [None, *GOOD, None]
PARTS = oss.UploadPartRequest(bucket="examplebucket", key="k", upload_id="u")


class Exported:
    """An array of nobody's library, seen through Arrow's interface only."""

    def __init__(self, inner: Any, name: str) -> None:
        self.inner = inner
        setattr(self, name, getattr(inner, name))


def relation(keys: list[str | None]) -> Any:
    """A relation of DuckDB with these keys."""
    table = pa.table({"k": pa.array(keys, pa.string()), "n": range(len(keys))})
    return duckdb.connect().from_arrow(table).order("n").select("k")


TEXTS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "iterator": iter,
    "generator": lambda keys: (key for key in keys),
    "values of a dict": lambda keys: dict(enumerate(keys)).values(),
    "numpy object": lambda keys: np.array(keys, dtype=object),
    "numpy StringDType": lambda keys: np.array(keys, dtype=np.dtypes.StringDType(na_object=None)),
    "numpy reversed view": lambda keys: np.array(keys[::-1], dtype=object)[::-1],
    "pandas object": lambda keys: pd.Series(keys, dtype=object),
    "pandas str": lambda keys: pd.Series(keys, dtype="str"),
    "pandas string of Python": lambda keys: pd.Series(keys, dtype="string[python]"),
    "pandas string of Arrow": lambda keys: pd.Series(keys, dtype="string[pyarrow]"),
    "pandas ArrowDtype": lambda keys: pd.Series(keys, dtype=pd.ArrowDtype(pa.string())),
    "pandas categorical": lambda keys: pd.Series(keys, dtype="category"),
    "pandas with labels": lambda keys: pd.Series(keys, index=range(len(keys), 0, -1), dtype=object),
    "pandas index": lambda keys: pd.Index(keys, dtype=object),
    "polars": lambda keys: pl.Series(keys, dtype=pl.String),
    "polars categorical": lambda keys: pl.Series(keys, dtype=pl.Categorical),
    "polars data frame": lambda keys: pl.DataFrame({"k": keys}, schema={"k": pl.String}),
    "polars objects": lambda keys: pl.Series(keys, dtype=pl.Object),
    "polars chunks": lambda keys: pl.concat(
        [pl.Series(keys[:2], dtype=pl.String), pl.Series(keys[2:], dtype=pl.String)], rechunk=False
    ),
    "arrow string": lambda keys: pa.array(keys, pa.string()),
    "arrow large_string": lambda keys: pa.array(keys, pa.large_string()),
    "arrow string_view": lambda keys: pa.array(keys, pa.string_view()),
    "arrow dictionary": lambda keys: pa.array(keys).dictionary_encode(),
    "arrow slice": lambda keys: pa.array(["no", *keys, "no"]).slice(1, len(keys)),
    "arrow chunks": lambda keys: pa.chunked_array(
        [[], keys[:1], keys[1:5], [], keys[5:]], pa.string()
    ),
    "arrow table": lambda keys: pa.table({"k": keys}),
    "arrow record batch": lambda keys: pa.record_batch({"k": keys}),
    "arrow reader": lambda keys: pa.table({"k": keys}).to_reader(2),
    "any array": lambda keys: Exported(pa.array(keys), "__arrow_c_array__"),
    "any stream": lambda keys: Exported(pa.chunked_array([keys]), "__arrow_c_stream__"),
    "duckdb": relation,
}
NUMBERS: dict[str, Callable[[list[int | None]], Any]] = {
    "list": list,
    "numpy object": lambda rows: np.array(rows, dtype=object),
    "pandas Int64": lambda rows: pd.Series(rows, dtype="Int64"),
    "pandas ArrowDtype": lambda rows: pd.Series(rows, dtype=pd.ArrowDtype(pa.int32())),
    "polars": lambda rows: pl.Series(rows, dtype=pl.UInt16),
    "arrow dictionary": lambda rows: pa.array(rows).dictionary_encode(),
    **{
        f"arrow {kind}": lambda rows, kind=kind: pa.array(rows, kind())
        for kind in (pa.int8, pa.int16, pa.int32, pa.int64, pa.uint8, pa.uint16, pa.uint32)
    },
}
WHOLE: dict[str, Any] = {
    "range": range(1, 101),
    "numpy int": np.arange(1, 101),
    "numpy strided": np.arange(1, 201)[:100],
    "numpy uint8": np.arange(1, 101, dtype=np.uint8),
    "pandas int64": pd.Series(range(1, 101)),
    "array.array": array.array("i", range(1, 101)),
    "texts": [str(number) for number in range(1, 101)],
}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_column_of_texts_of_any_kind_gives_the_urls_of_its_rows(kind: str) -> None:
    assert presigned(TEXTS[kind](GOOD)).to_list() == URLS


@pytest.mark.parametrize("kind", TEXTS)
def test_a_null_of_any_kind_gives_none(kind: str) -> None:
    assert presigned(TEXTS[kind](HOLES)).to_list() == [None, *URLS, None]


@pytest.mark.parametrize("kind", TEXTS)
def test_a_column_of_any_kind_may_be_empty(kind: str) -> None:
    assert presigned(TEXTS[kind]([])).to_list() == []


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, np.float64("nan"), pd.NA, pd.NaT])
def test_what_stands_for_a_missing_value_is_a_null(missing: Any) -> None:
    assert presigned(["a", missing]).to_list() == one_by_one(["a", None])


@pytest.mark.parametrize("nulls", [pa.nulls(2), pl.Series([None, None]), [None, None]])
def test_a_column_of_nothing_but_nulls_has_no_urls(nulls: Any) -> None:
    assert presigned(nulls).to_list() == [None, None]


def test_numpy_text_of_fixed_width_is_a_column() -> None:
    assert presigned(np.array(GOOD)).to_list() == URLS


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_column_of_numbers_of_any_kind_is_text(kind: str) -> None:
    rows = [1, None, 100, 7]
    with frozen():
        urls = client().presign_many(PARTS, part_number=NUMBERS[kind](rows)).to_list()
    assert urls == parts(rows)


@pytest.mark.parametrize("kind", WHOLE)
def test_numbers_from_1_to_100_are_parts(kind: str) -> None:
    with frozen():
        urls = client().presign_many(PARTS, part_number=WHOLE[kind]).to_list()
    assert urls == parts(list(range(1, 101)))


def parts(rows: list[int | None]) -> list[str | None]:
    with frozen():
        requests = [row and oss.UploadPartRequest("examplebucket", "k", row, "u") for row in rows]
        return [request and client().presign(request).url for request in requests]


class Colour(enum.Enum):
    RED = "red"


class Word(str):
    __slots__ = ()


ODD = [True, False, 7, 1.5, Colour.RED, Word("w"), datetime.datetime(2026, 1, 2), "", 10**30]


def test_an_odd_value_has_the_text_that_presign_gives_it() -> None:
    template = oss.GetObjectRequest(bucket="examplebucket", key="k")
    with frozen():
        urls = client().presign_many(template, process=ODD, version_id=[*ODD[::-1]]).to_list()
        requests = [
            oss.GetObjectRequest(bucket="examplebucket", key="k", process=one, version_id=other)
            for one, other in zip(ODD, ODD[::-1], strict=True)
        ]
        assert urls == [client().presign(request).url for request in requests]


def test_a_flag_of_arrow_is_text() -> None:
    template = oss.PutObjectRequest(bucket="examplebucket", key="k")
    with frozen():
        urls = client().presign_many(template, forbid_overwrite=pa.array([True, False, None]))
        expected = [
            client().presign(oss.PutObjectRequest("examplebucket", "k", forbid_overwrite=flag)).url
            for flag in (True, False, None)
        ]
    assert urls.to_list() == expected


METADATA = [{"a": "1"}, None, {"B": "2", "a": "x"}, {}]
MAPPINGS: dict[str, Any] = {
    "dicts": METADATA,
    "arrow map": pa.array(
        [[("a", "1")], None, [("B", "2"), ("a", "x")], []], pa.map_(pa.string(), pa.string())
    ),
    "arrow map, sliced": pa.array(
        [[("no", "no")], [("a", "1")], None, [("B", "2"), ("a", "x")], []],
        pa.map_(pa.string(), pa.string()),
    ).slice(1),
    "arrow struct": pa.array(
        [{"a": "1"}, None, {"B": "2", "a": "x"}, {}],
        pa.struct([("a", pa.string()), ("B", pa.large_string())]),
    ),
    "polars struct": pl.Series(METADATA, dtype=pl.Struct({"a": pl.String, "B": pl.String})),
}


@pytest.mark.parametrize("kind", MAPPINGS)
def test_metadata_has_a_mapping_per_row(kind: str) -> None:
    keys = ["k", "l", "m", "n"]
    template = oss.PutObjectRequest(bucket="examplebucket", metadata={"gone": "x"})
    with frozen():
        urls = client().presign_many(template, key=keys, metadata=MAPPINGS[kind])
        requests = [
            oss.PutObjectRequest("examplebucket", key, metadata=metadata)
            for key, metadata in zip(keys, METADATA, strict=True)
        ]
        results = [client().presign(request) for request in requests]
    assert urls.to_list() == [result.url for result in results]
    assert [urls.result(row) for row in range(4)] == results


def test_chunks_of_different_columns_need_not_match() -> None:
    keys = pa.chunked_array([["a", "b"], ["c"], ["d"]])
    types = pa.chunked_array([["t/1"], ["t/2", None, "t/4"]])
    template = oss.PutObjectRequest(bucket="examplebucket")
    with frozen():
        urls = client().presign_many(template, key=keys, content_type=types).to_list()
        expected = [
            client().presign(oss.PutObjectRequest("examplebucket", key, content_type=type_)).url
            for key, type_ in zip("abcd", ["t/1", "t/2", None, "t/4"], strict=True)
        ]
    assert urls == expected


def test_a_generator_is_asked_once() -> None:
    asked = []
    urls = presigned(asked.append(key) or key for key in ["a", "b"])
    assert asked == ["a", "b"] and len(urls) == 2


def test_an_exception_of_an_iterator_is_raised_as_it_is() -> None:
    def broken() -> Any:
        yield "a"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        presigned(broken())


NO_COLUMNS = [
    ("abc", "key: a single str is no column"),
    (b"abc", "key: a single bytes is no column"),
    (bytearray(b"abc"), "key: a single bytearray is no column"),
    ({"a", "b"}, "key: a set has no order"),
    ({"a": 1}, "key: a dict is no column"),
    (7, "key: a column has rows, int has none"),
    (None, "key: a column has rows, NoneType has none"),
    (pa.array([1.5]), "key: a column of Float64 has no text"),
    (pa.array([1, 2]), "key: a column of Int64 has no text"),
    (pa.array([b"a"]), "key: a column of Binary has no text"),
    (pa.array([["a"]]), "key: a column of List"),
    (pl.Series([1.5]), "key: a column of Float64 has no text"),
]


@pytest.mark.parametrize(("column", "words"), NO_COLUMNS, ids=lambda value: repr(value)[:30])
def test_what_is_no_column_is_a_type_error(column: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        presigned(column)


def test_a_table_and_a_matrix_are_no_column() -> None:
    with pytest.raises(ValueError, match=r"key: one column is wanted, not a table of 'a', 'b'"):
        presigned(pa.table({"a": ["x"], "b": ["y"]}))
    with pytest.raises(ValueError, match="one dimension, this array has 2"):
        presigned(np.array([["a"], ["b"]]))
    with pytest.raises(ValueError, match="one dimension, this array has 0"):
        presigned(np.array("a"))


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="same length: key has 2 rows, version_id has 3 rows"):
        presigned(["a", "b"], version_id=["1", "2", "3"])


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match="'kye' is no field of a request for GetObject: bucket, "):
        presigned(["a"], kye=["b"])
    with pytest.raises(TypeError, match="'content_type' is no field of a request for GetObject"):
        presigned(["a"], content_type=["b"])
    with pytest.raises(TypeError, match="'progress_fn' is not part of a URL for GetObject"):
        presigned(["a"], progress_fn=[None])
    with pytest.raises(TypeError, match="'body' is not part of a URL for PutObject"):
        presigned(["a"], oss.PutObjectRequest(bucket="examplebucket"), columns={"body": [b"x"]})
    with pytest.raises(TypeError, match="two columns for 'key'"):
        presigned(["a"], columns={"key": ["b"]})
    with pytest.raises(TypeError, match="no column is given"):
        client().presign_many(TEMPLATE)


def test_a_field_hidden_by_a_keyword_goes_into_columns() -> None:
    template = oss.PutObjectRequest(bucket="examplebucket")
    hour = datetime.timedelta(hours=1)
    dates = ["Thu, 01 Jan 2026 00:00:00 GMT", None]
    urls = presigned(["a", "b"], template, columns={"expires": dates}, expires=hour)
    with frozen():
        results = [
            client().presign(oss.PutObjectRequest("examplebucket", key, expires=date), expires=hour)
            for key, date in zip("ab", dates, strict=True)
        ]
    assert [urls.result(0), urls.result(1)] == results


def test_an_alias_of_a_field_names_its_column() -> None:
    template = oss.PutObjectRequest(bucket="examplebucket", key="k")
    with frozen():
        urls = client().presign_many(template, object_acl=["private", "public-read"])
        assert urls == client().presign_many(template, acl=["private", "public-read"])


def test_a_float_has_the_text_of_presign_and_a_decimal_its_error() -> None:
    template = oss.GetObjectRequest(bucket="examplebucket", key="k")
    with frozen():
        with pytest.raises(oss.exceptions.SerializationError) as alone:
            client().presign(
                oss.GetObjectRequest("examplebucket", "k", version_id=decimal.Decimal(1))
            )
        with pytest.raises(oss.exceptions.SerializationError) as many:
            client().presign_many(template, version_id=["1", decimal.Decimal(1)])
    assert str(many.value) == f"row 1: {alone.value}"


CALLBACKS = [
    oss.Callback(url="https://a.example.com/", body="n=${x:n}", vars={"x:n": "1"}),
    oss.Callback(url="https://a.example.com/", body="object=${object}"),
    None,
]


class Rows:
    """No sequence of the standard library: only its rows can be asked for."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows

    def __getitem__(self, row: int) -> Any:
        return self.rows[row]


HELD = [list, tuple, iter, collections.deque, Rows, lambda rows: np.array(rows, dtype=object)]


@pytest.mark.parametrize("column", HELD)
@pytest.mark.parametrize("class_", [oss.PutObjectRequest, oss.CompleteMultipartUploadRequest])
def test_a_column_of_callbacks_has_their_variables(column: Any, class_: Any) -> None:
    more = {"upload_id": "u"} if class_ is oss.CompleteMultipartUploadRequest else {}
    template = class_(bucket="examplebucket", key="k", **more)
    urls = presign_many(template, callback=column(CALLBACKS))
    with frozen():
        for row, callback in enumerate(CALLBACKS):
            alone = client().presign(class_("examplebucket", "k", callback=callback, **more))
            assert urls.result(row) == alone


def test_variables_that_were_given_win_over_those_of_a_column_of_callbacks() -> None:
    template = oss.PutObjectRequest(bucket="examplebucket", key="k", callback_var="e30=")
    assert signed(presign_many(template, callback=CALLBACKS[:1])) == ["e30="]
    del template.callback_var
    template.headers = {"X-OSS-Callback-Var": "e30="}
    assert presign_many(template, callback=CALLBACKS[:1]) == [
        presign_one(template, callback=CALLBACKS[0])
    ]
    del template.headers
    urls = presign_many(template, callback=CALLBACKS[:1] * 2, callback_var=["e30=", None])
    assert signed(urls) == ["e30=", None]


def presign_one(template: Any, **fields: Any) -> str:
    with frozen():
        request = oss.PutObjectRequest("examplebucket", "k", headers=template.headers, **fields)
        return client().presign(request).url


def presign_many(template: Any, **columns: Any) -> oss.PresignedUrls:
    with frozen():
        return client().presign_many(template, **columns)


@pytest.mark.parametrize("column", HELD)
def test_a_column_of_callbacks_without_variables_is_a_column(column: Any) -> None:
    template = oss.PutObjectRequest(bucket="examplebucket", key="k")
    rows = [CALLBACKS[1], "e30=", None]
    assert presign_many(template, callback=column(rows)) == [
        presign_many(template, callback=[row])[0] for row in rows
    ]


class Interrupted:
    """A column at which somebody looks just when Ctrl-C is pressed."""

    @property
    def __class__(self) -> type:
        raise KeyboardInterrupt

    def __iter__(self) -> Any:
        return iter(GOOD)


def test_an_interrupt_while_a_column_is_looked_at_is_not_lost() -> None:
    with pytest.raises(KeyboardInterrupt):
        client().presign_many(TEMPLATE, key=Interrupted())


@pytest.mark.parametrize("name", ["key", "callback"])
def test_what_a_column_raises_when_it_is_read_goes_on(name: str) -> None:
    with pytest.raises(ConnectionError, match="the database is gone"):
        client().presign_many(oss.PutObjectRequest(bucket="b", key="k"), **{name: Unreadable()})


def signed(urls: oss.PresignedUrls) -> list[str | None]:
    """The variables of each row."""
    rows = range(len(urls))
    return [urls.result(row).signed_headers.get("x-oss-callback-var") for row in rows]


WHEN = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize("value", [WHEN, 1.5])
@pytest.mark.parametrize(
    "column", [pa.array, pl.Series, pd.Series, lambda v: pa.chunked_array([v])]
)
def test_instants_and_floats_have_the_text_of_presign_in_arrow_too(column: Any, value: Any) -> None:
    template = oss.PutObjectRequest(bucket="examplebucket", key="k")
    urls = presign_many(template, columns={"expires": column([value, None])})
    assert urls == presign_many(template, columns={"expires": [value, None]})
    headers = [urls.result(row).request_headers for row in range(2)]
    with frozen():
        alone = client().presign(oss.PutObjectRequest("examplebucket", "k", expires=value))
    assert headers == [alone.request_headers, {}]
