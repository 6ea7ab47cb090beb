"""Columns for the tests of presign_many, and what must come of them."""

from __future__ import annotations

from typing import Any

import ossign as oss
from sides import client, frozen

KEYS = ["a", "dir/b c.txt", "数据/报告 1.pdf", "", None, "x" * 1023, "100%+&=?#.bin", "😀"]
"""A null, one key that is refused, and others of all kinds."""
GOOD = [key for key in KEYS if key]
TEMPLATE = oss.GetObjectRequest(bucket="examplebucket")


def presigned(keys: Any, /, template: Any = TEMPLATE, **call: Any) -> oss.PresignedUrls:
    """Sign a column of keys at the frozen time."""
    with frozen():
        return client().presign_many(template, key=keys, **call)


def one_by_one(keys: list[str | None], cls: type = oss.GetObjectRequest, **fields: Any) -> list:
    """The URL of each key, None for None, as `presign` makes it at the frozen time."""
    with frozen():
        each = client()
        return [
            None
            if key is None
            else each.presign(cls(bucket="examplebucket", key=key, **fields)).url
            for key in keys
        ]


URLS = one_by_one(GOOD)
