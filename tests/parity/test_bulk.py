"""presign_many gives, row by row, what presign gives, and the SDK: any template, any columns.

What differs between presign and the SDK is the business of `test_parity`: here, the SDK is asked
where it can be, which is without additional headers.
"""

from __future__ import annotations

import datetime
from typing import Any

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pyarrow as pa
import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ossign.exceptions import BaseError

NOW = datetime.datetime(2026, 1, 1, 12, 30, tzinfo=datetime.timezone.utc)
KEYS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.text("abc/._-~0123456789", min_size=1, max_size=90),
    st.sampled_from(["k" * 60, "k" * 1023, "k" * 1024, "/a", "a//b", "\\a", " ", "a\0b", "数据"]),
)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=20)
# Spaces around a header's value are one of the differences from the SDK.
ASCII = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20).map(str.strip)
METADATA = st.dictionaries(st.sampled_from(["a", "B", "author", "x-y"]), ASCII, max_size=3)
PARTS = st.one_of(st.integers(-1, 10_002), st.integers(1, 10_000).map(str))
BUCKETS = st.sampled_from(["examplebucket", "other-bucket", "Bad"])
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "GetObject": {"version_id": VALUES, "range_header": ASCII, "response_content_type": VALUES},
    "PutObject": {
        "content_type": ASCII,
        "metadata": METADATA,
        "acl": st.sampled_from(list(oss.ObjectACLType)),
        "expires": ASCII,
        "forbid_overwrite": st.booleans(),
    },
    "HeadObject": {"version_id": VALUES, "if_match": ASCII},
    "InitiateMultipartUpload": {"content_type": ASCII, "tagging": ASCII, "metadata": METADATA},
    "UploadPart": {"part_number": PARTS, "upload_id": VALUES, "traffic_limit": st.integers()},
    "CompleteMultipartUpload": {"upload_id": VALUES},
    "AbortMultipartUpload": {"upload_id": VALUES},
}
REQUIRED = ("bucket", "key", "part_number", "upload_id")


@st.composite
def bulks(draw: Any) -> dict[str, Any]:
    """A client's settings, an operation, its fixed fields, and columns."""
    operation = draw(st.sampled_from([*FIELDS]))
    fields = {"bucket": BUCKETS, "key": KEYS} | FIELDS[operation]
    varying = draw(st.sets(st.sampled_from([*fields]), min_size=1))
    rows = draw(st.integers(0, 40))
    fixed = {name for name in fields if name in REQUIRED} | draw(
        st.sets(st.sampled_from([*fields]))
    )
    return {
        "operation": operation,
        "template": {name: draw(fields[name]) for name in fixed - varying},
        "columns": {
            name: draw(
                st.lists(st.one_of(st.none(), *4 * [fields[name]]), min_size=rows, max_size=rows)
            )
            for name in varying
        },
        "version": draw(st.sampled_from(["v4", "v4", "v1"])),
        "token": draw(st.sampled_from([None, None, "a-token/+=" * 20])),
        "style": draw(
            st.sampled_from([{}, {}, {"use_path_style": True}, {"endpoint": "http://127.0.0.1:9"}])
        ),
        "additional": draw(st.sampled_from([None, None, ["range", "host"]])),
        "defaults": draw(st.sampled_from([None, None, {"Content-Type": "d/d"}])),
        "threads": draw(st.sampled_from([None, 1, 2, 3])),
        "isa": draw(st.sampled_from([None, "sha_ni", "crate"])),
        "arrow": draw(st.booleans()),
    }


def client(package: Any, bulk: dict[str, Any]) -> Any:
    provider = package.credentials.StaticCredentialsProvider("id", "secret", bulk["token"])
    return package.Client(
        package.Config(
            region="cn-hangzhou",
            credentials_provider=provider,
            signature_version=bulk["version"],
            additional_headers=bulk["additional"],
            default_request_headers=bulk["defaults"],
            **bulk["style"],
        )
    )


def alone(package: Any, bulk: dict[str, Any], row: int) -> Any:
    """What presign makes of one row: a URL, None where a required field is null, or an error."""
    own = {name: column[row] for name, column in bulk["columns"].items()}
    if any(own.get(name, 0) is None for name in REQUIRED):
        return None
    request = getattr(package, f"{bulk['operation']}Request")(**{**bulk["template"], **own})
    try:
        return client(package, bulk).presign(request)
    except Exception as error:
        return error


def column(name: str, values: list[Any], arrow: bool) -> Any:
    """As it is, or as Arrow where Arrow can have such values."""
    # No text stands for a mapping, not even in a column without rows.
    if (
        not arrow
        or name == "metadata"
        or not all(value is None or type(value) is str for value in values)
    ):
        return values
    middle = len(values) // 2
    return pa.chunked_array([values[:middle], values[middle:]], pa.string())


def many(bulk: dict[str, Any], **call: Any) -> oss.PresignedUrls:
    template = getattr(oss, f"{bulk['operation']}Request")(**bulk["template"])
    columns = {
        name: column(name, values, bulk["arrow"]) for name, values in bulk["columns"].items()
    }
    hidden = {"_isa": bulk["isa"]} if bulk["isa"] else {}
    return client(oss, bulk).presign_many(
        template, columns=columns, threads=bulk["threads"], **call, **hidden
    )


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(bulks())
def test_many_rows_are_presigned_as_each_is_alone(bulk: dict[str, Any]) -> None:
    rows = len(next(iter(bulk["columns"].values())))
    with time_machine.travel(NOW, tick=False):
        each = [alone(oss, bulk, row) for row in range(rows)]
        theirs = [alone(sdk, bulk, row) for row in range(rows)]
        urls = unless_the_template_is_wrong(bulk)
        if urls is None:
            assert all(isinstance(one, Exception) for one in each if one is not None)
            return
        errors = dict(urls.errors)
        for row, (ours, sdks) in enumerate(zip(each, theirs, strict=True)):
            if isinstance(ours, Exception):
                assert urls[row] is None
                assert (type(errors[row]), str(errors[row])) == (type(ours), str(ours))
            elif ours is None:
                assert urls[row] is None and row not in errors
            else:
                assert urls.result(row) == ours
                if not isinstance(sdks, Exception) and not bulk["additional"]:
                    assert urls[row] == sdks.url
        first = next((row for row, one in enumerate(each) if isinstance(one, Exception)), None)
        if first is None:
            assert many(bulk) == urls
        else:
            check_the_first_error(bulk, first, each[first])


def unless_the_template_is_wrong(bulk: dict[str, Any]) -> oss.PresignedUrls | None:
    try:
        return many(bulk, errors="null")
    except BaseError:
        return None


def check_the_first_error(bulk: dict[str, Any], row: int, error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        many(bulk)
    assert (raised.value.row, str(raised.value)) == (row, f"row {row}: {error}")  # type: ignore[attr-defined]
