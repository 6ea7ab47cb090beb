"""What the tests sign, and how they tell that the URLs are those of `presign`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

import ossign as oss

END = datetime.datetime(2036, 1, 1, tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
KEYS = [f"photos/{number}.jpg" for number in range(2500)] + ["a b+é/文.txt", "x" * 1023]
DOWNLOAD = oss.GetObjectRequest(bucket="examplebucket")


def client() -> oss.Client:
    """A client with the credentials of the process in which it is called."""
    provider = oss.credentials.EnvironmentVariableCredentialsProvider()
    return oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=provider))


def check(keys: Iterable[str], urls: Iterable[str], template: oss.GetObjectRequest) -> None:
    """Each URL is the one that `presign` gives at the time that the URL itself names."""
    made, wrong = client(), []
    for key, url in zip(keys, urls, strict=True):
        date = re.search(r"x-oss-date=(\w+)", url)
        assert date is not None
        if url != _presigned_at(made, template, key, date[1]):
            wrong.append(key)
    assert wrong == []


def _presigned_at(made: oss.Client, template: oss.GetObjectRequest, key: str, date: str) -> str:
    from unittest import mock

    signed = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
    clock = signed.replace(tzinfo=datetime.timezone.utc).timestamp()
    request = oss.GetObjectRequest(bucket=template.bucket, key=key)
    with mock.patch("time.time", return_value=clock):
        return made.presign(request, expires=HOUR).url
