"""Clients of both packages, alike, under one frozen clock."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import alibabacloud_oss_v2 as sdk
import ossign as oss
import time_machine

UTC = datetime.timezone.utc
NOW = datetime.datetime(2026, 1, 1, tzinfo=UTC)
ID, SECRET, TOKEN = "LTAI5tExampleId", "a-secret-nobody-may-see", "a-token+nobody/may=see"


def at(seconds: float) -> datetime.datetime:
    """So many seconds from now."""
    return NOW + datetime.timedelta(seconds=seconds)


@contextmanager
def frozen() -> Iterator[None]:
    """It is NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


def client(package: ModuleType = oss, /, **config: Any) -> Any:
    """A client for cn-hangzhou with static credentials, unless the settings say otherwise."""
    settings = {
        "region": "cn-hangzhou",
        "credentials_provider": package.credentials.StaticCredentialsProvider(ID, SECRET),
        **config,
    }
    return package.Client(package.Config(**settings))


def get(package: ModuleType = oss, /, **fields: Any) -> Any:
    """A GetObjectRequest for one object."""
    return package.GetObjectRequest(**{"bucket": "examplebucket", "key": "dir/a b.txt", **fields})


def put(package: ModuleType = oss, /, **fields: Any) -> Any:
    """A PutObjectRequest for one object."""
    return package.PutObjectRequest(**{"bucket": "examplebucket", "key": "dir/a b.txt", **fields})


def query(url: str) -> dict[str, str]:
    """The parameters of a URL, decoded."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def facts(result: Any) -> tuple[Any, ...]:
    """What a result of either side says."""
    return result.method, result.url, result.expiration, dict(result.signed_headers)


def same(ours: Any, theirs: Any, **call: Any) -> Any:
    """Presign with both; they must agree. Each argument is a pair of client and request."""
    with frozen():
        result = ours[0].presign(ours[1], **call)
        assert facts(result) == facts(theirs[0].presign(theirs[1], **call))
    return result


def both(make: Any, call: dict[str, Any] | None = None, /, **config: Any) -> Any:
    """Presign `make(package)` with both, under the same settings; they must agree."""
    sides = [(client(package, **config), make(package)) for package in (oss, sdk)]
    return same(*sides, **(call or {}))


class Unreadable:
    """What could not be fetched."""

    def __iter__(self) -> Any:
        raise ConnectionError("the database is gone")
