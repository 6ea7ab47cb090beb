"""The result: equal, picklable, a dict where one is wanted, and discreet."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pytest
from sides import NOW, TOKEN, at, both, client, frozen, get, put, query

PUT = {
    "content_type": "text/plain",
    "cache_control": "no-store",
    "content_disposition": "attachment",
    "content_encoding": "gzip",
    "storage_class": oss.StorageClassType.IA,
    "metadata": {"Author": "alice"},
}


def presigned(request: Any = None, **config: Any) -> Any:
    with frozen():
        return client(**config).presign(put(**PUT) if request is None else request)


def test_a_result_has_the_attributes_of_the_sdks() -> None:
    result = both(lambda package: put(package, **PUT))
    theirs = vars(sdk.presigner.PresignResult())
    assert set(theirs) == {"method", "url", "expiration", "signed_headers"}
    assert all(getattr(result, name) is not None for name in theirs)


def test_request_headers_are_all_that_must_be_sent() -> None:
    result = presigned()
    assert result.signed_headers == {
        "Content-Type": "text/plain",
        "x-oss-storage-class": "IA",
        "x-oss-meta-Author": "alice",
    }
    unsigned = {"Cache-Control": "no-store", "Content-Disposition": "attachment"}
    assert result.request_headers == {
        **result.signed_headers,
        **unsigned,
        "Content-Encoding": "gzip",
    }
    ranged = presigned(get(range_header="bytes=0-9", if_match='"tag"'))
    assert ranged.request_headers == {"Range": "bytes=0-9", "If-Match": '"tag"'}
    assert ranged.signed_headers == {}


def test_additional_headers_count_among_the_signed_ones() -> None:
    result = presigned(additional_headers=["Cache-Control", "content-type", "absent"])
    assert result.signed_headers["Cache-Control"] == "no-store"
    assert query(result.url)["x-oss-additional-headers"] == "cache-control"


def test_results_of_the_same_url_are_equal_and_others_are_not() -> None:
    assert presigned() == presigned() and not presigned() != presigned()
    assert presigned() != presigned(get()) and presigned() != "x"
    assert presigned() != presigned(put(**{**PUT, "cache_control": "no-cache"}))


def test_a_result_pickles_and_copies() -> None:
    result = presigned()
    for again in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
        assert again == result and dict(again) == dict(result) and repr(again) == repr(result)


def test_a_result_turns_into_a_dict() -> None:
    result = presigned()
    assert dict(result) == {
        "method": "PUT",
        "url": result.url,
        "expiration": at(900),
        "signed_headers": result.signed_headers,
        "request_headers": result.request_headers,
        "effective_expiration": at(900),
    }
    assert result["url"] == result.url
    with pytest.raises(KeyError):
        result["nothing"]


def test_a_result_is_made_and_filled_as_in_the_sdk() -> None:
    made = oss.PresignResult("GET", "https://h/k", NOW, {"a": "b"})
    theirs = sdk.presigner.PresignResult("GET", "https://h/k", NOW, {"a": "b"})
    for name, value in vars(theirs).items():
        assert getattr(made, name) == value
    assert oss.PresignResult().url is None is oss.PresignResult().expiration


def test_the_url_lasts_no_longer_than_the_credentials() -> None:
    for end, effective in ((at(60), at(60)), (at(9000), at(900)), (None, at(900))):
        who = oss.Credentials("id", "secret", TOKEN, end)
        result = presigned(credentials_provider=lambda who=who: who)
        assert (result.expiration, result.effective_expiration) == (at(900), effective)
        assert query(result.url)["x-oss-expires"] == "900"


def test_headers_that_were_read_are_the_same_object_the_next_time() -> None:
    result = presigned()
    result.signed_headers["own"] = "note"
    assert result.signed_headers["own"] == "note" and "own" not in result.request_headers
