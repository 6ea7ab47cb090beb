"""Requests: what they take, what they refuse, and that they live as plain objects do."""

from __future__ import annotations

import copy
import datetime
import enum
import gc
import pickle
import weakref
from typing import Any

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pytest
from sides import both, client, frozen, get, put, query

E = oss.exceptions
WHERE = {"bucket": "examplebucket", "key": "k"}
REQUESTS = [
    oss.GetObjectRequest(**WHERE, range_header="bytes=0-9", headers={"a": "b"}),
    oss.PutObjectRequest(**WHERE, metadata={"a": "b"}, acl=oss.ObjectACLType.PRIVATE),
    oss.HeadObjectRequest(**WHERE, version_id="v"),
    oss.InitiateMultipartUploadRequest(**WHERE, expires=datetime.datetime(2030, 1, 1)),
    oss.UploadPartRequest(**WHERE, part_number=7, upload_id="u"),
    oss.CompleteMultipartUploadRequest(**WHERE, upload_id="u", complete_all="yes"),
    oss.AbortMultipartUploadRequest(**WHERE, upload_id="u", parameters={"x": "y"}),
]


def refusal(request: Any, **config: Any) -> Exception:
    """What is wrong inside of the OperationError."""
    with frozen(), pytest.raises(E.OperationError) as raised:
        client(**config).presign(request)
    inner: Exception = raised.value.unwrap()
    operation = type(request).__name__.removesuffix("Request")
    assert str(raised.value) == f"operation error {operation}: {inner}."
    return inner


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_a_request_pickles_copies_and_compares(request_: Any) -> None:
    for again in (
        pickle.loads(pickle.dumps(request_)),
        copy.copy(request_),
        copy.deepcopy(request_),
    ):
        assert again == request_ and type(again) is type(request_) and again is not request_
        with frozen():
            assert client().presign(again) == client().presign(request_)
    assert request_ != type(request_)() and request_ != "x"
    with pytest.raises(TypeError):
        hash(request_)


def test_a_request_shows_its_class_and_what_was_given() -> None:
    assert repr(get(range_header="bytes=0-9")) == (
        "GetObjectRequest(bucket='examplebucket', key='dir/a b.txt', range_header='bytes=0-9')"
    )


def test_a_copied_request_may_be_changed_by_itself() -> None:
    first = put(content_type="a/b")
    second = copy.copy(first)
    second.content_type = "c/d"
    assert (first.content_type, second.content_type) == ("a/b", "c/d") and first != second


@pytest.mark.parametrize("name", ["expire", "contentType", "Bucket", "storage_clas"])
def test_an_unknown_keyword_of_a_request_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=f"PutObjectRequest.* unexpected keyword argument '{name}'"):
        put(**{name: "x"})


def test_a_misspelt_keyword_names_the_one_that_was_meant() -> None:
    with pytest.raises(TypeError, match="Did you mean 'storage_class'"):
        put(storage_clas="IA")


@pytest.mark.parametrize("missing", ["bucket", "key", "part_number", "upload_id"])
def test_a_missing_field_is_the_error_of_the_sdk(missing: str) -> None:
    fields = {**WHERE, "part_number": 1, "upload_id": "u"}
    del fields[missing]
    for package in (oss, sdk):
        with pytest.raises(package.exceptions.ParamRequiredError) as raised:
            client(package).presign(package.UploadPartRequest(**fields))
        assert str(raised.value) == f"missing required field, {missing}."


@pytest.mark.parametrize("number", [1, 10_000, "5", True])
def test_a_part_number_is_signed_as_in_the_sdk(number: Any) -> None:
    def make(package: Any) -> Any:
        return package.UploadPartRequest(**WHERE, part_number=number, upload_id="u")

    if number is True:  # not 1, but the text "true", for the SDK
        assert "part_number: 'true' must be a number from 1 to 10000" in str(refusal(make(oss)))
    else:
        assert query(both(make).url)["partNumber"] == str(number)


@pytest.mark.parametrize("number", [0, -1, 10_001, 2**70, "0", "x", "", 1.5])
def test_a_part_number_that_oss_does_not_know_is_refused(number: Any) -> None:
    for version in ("v4", "v1"):
        request = oss.UploadPartRequest(**WHERE, part_number=number, upload_id="u")
        error = refusal(request, signature_version=version)
        assert isinstance(error, E.ParamInvalidError)
        assert (
            str(error)
            == f"invalid field, part_number: '{number}' must be a number from 1 to 10000."
        )


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("/a", "must not start with"),
        ("\\a", "must not start with"),
        ("k" * 1024, "1023 bytes"),
        ("数" * 342, "1023 bytes"),
    ],
)
def test_a_key_that_nobody_can_ask_for_is_refused_by_name(key: str, rule: str) -> None:
    error = refusal(get(key=key))
    assert isinstance(error, E.ObjectNameInvalidError) and error.kwargs["field"] == "key"
    assert str(error).startswith("Object name is invalid: key '") and rule in str(error)
    assert len(str(error)) < 200


@pytest.mark.parametrize("key", ["", "k" * 1025])
def test_a_key_that_the_sdk_refuses_is_refused_in_its_words(key: str) -> None:
    assert str(refusal(get(key=key))) == "Object name is invalid."


KEYS = [
    ".",
    "..",
    "a/../b",
    "a//b",
    "k" * 1023,
    "数" * 341,
    "a b+c%20d",
    "\x01\x7f",
    "a\nb",
    "é",
    "?#&=",
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("version", ["v4", "v1"])
def test_an_odd_key_is_signed_as_in_the_sdk(key: str, version: str) -> None:
    both(lambda package: get(package, key=key), signature_version=version)


@pytest.mark.parametrize("bucket", ["", "ab", "-ab", "ab-", "ABC", "a.b", "a" * 64, "数据桶"])
def test_a_bucket_name_that_the_sdk_refuses_is_refused_in_its_words(bucket: str) -> None:
    error = refusal(get(bucket=bucket))
    assert isinstance(error, E.BucketNameInvalidError)
    assert str(error) == f"Bucket name is invalid, got {bucket}."


@pytest.mark.parametrize("evil", ["a\r\nx-oss-object-acl:public-read", "a\n", "\r", "\0"])
@pytest.mark.parametrize("version", ["v4", "v1"])
def test_a_line_break_in_a_header_is_refused_by_name(evil: str, version: str) -> None:
    for field in ("content_type", "cache_control", "tagging"):
        error = refusal(put(**{field: evil}), signature_version=version)
        assert isinstance(error, E.ParamInvalidError)
        assert "must not contain CR, LF or NUL" in str(error) and "header " in str(error)
    for fields in ({"metadata": {"k": evil}}, {"metadata": {evil: "v"}}, {"headers": {evil: "v"}}):
        assert isinstance(refusal(put(**fields), signature_version=version), E.ParamInvalidError)
    config = {"default_request_headers": {"abc": evil}, "signature_version": version}
    assert "header abc" in str(refusal(put(), **config))


def test_a_line_break_is_refused_without_credentials_too() -> None:
    provider = oss.credentials.AnonymousCredentialsProvider()
    assert "CR, LF or NUL" in str(refusal(put(content_type="a\n"), credentials_provider=provider))


def test_half_a_character_in_a_header_is_refused_signed_or_not() -> None:
    for fields in ({"content_type": "a\ud800"}, {"headers": {"abc": "\udfff"}}):
        assert isinstance(refusal(put(**fields)), UnicodeEncodeError)


def test_spaces_around_a_header_value_are_not_signed() -> None:
    with frozen():
        padded, plain = (client().presign(put(content_type=t)) for t in ("  a/b\t", "a/b"))
    assert padded.url == plain.url and padded.signed_headers == {"Content-Type": "  a/b\t"}
    assert padded.request_headers == {"Content-Type": "a/b"}


class Colour(enum.Enum):
    """An enum of the caller's own."""

    RED = "red"
    NUMBER = 7


NEW_YORK = datetime.timezone(datetime.timedelta(hours=-5))
VALUES = [
    "text",
    "",
    7,
    -1,
    2**70,
    True,
    False,
    1.5,
    1e22,
    Colour.RED,
    Colour.NUMBER,
    oss.ObjectACLType.PUBLICREAD,
    oss.StorageClassType.COLDARCHIVE,
    datetime.datetime(2024, 2, 29, 12, 30, tzinfo=NEW_YORK),
    datetime.datetime(2024, 2, 29, 12, 30, 0, 5, tzinfo=NEW_YORK),
    datetime.datetime(999, 1, 2, tzinfo=datetime.timezone.utc),
    datetime.datetime(2024, 2, 29, 12, 30),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_of_any_type_is_written_as_the_sdk_writes_it(value: Any) -> None:
    for field in ("tagging", "content_type", "expires", "content_length", "forbid_overwrite"):
        both(lambda package, field=field: put(package, **{field: value}))
    for field in ("version_id", "if_modified_since", "response_expires", "process"):
        both(lambda package, field=field: get(package, **{field: value}))
    both(lambda package: get(package, parameters={"a": value, "b": None}))


class Upload(oss.PutObjectRequest):
    """A request with a constructor and an attribute of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(bucket="examplebucket", key=f"uploads/{name}")
        self.name = name


def test_a_request_may_be_subclassed_with_its_own_constructor() -> None:
    request = Upload("a.txt")
    with frozen():
        assert client().presign(request) == client().presign(put(key="uploads/a.txt"))
    again = pickle.loads(pickle.dumps(request))
    assert again == request and again.name == "a.txt" and request != put(key="uploads/a.txt")


def test_a_subclass_may_have_properties_in_place_of_fields() -> None:
    def requests(package: Any) -> Any:
        class Fixed(package.GetObjectRequest):
            key = property(lambda self: "fixed", lambda self, value: None)

        return Fixed(bucket="examplebucket", key="k"), Fixed(bucket="examplebucket")

    with frozen():
        wanted = client().presign(get(key="fixed"))
        for request in (*requests(oss), *requests(sdk)):
            assert client().presign(request) == wanted
            assert (
                client()
                .presign_many(request, version_id=["1"])[0]
                .startswith("https://examplebucket.oss-cn-hangzhou.aliyuncs.com/fixed?versionId=1&")
            )


def test_a_subclass_cannot_have_another_map_of_fields() -> None:
    with pytest.raises(TypeError, match="^Odd: _attribute_map cannot be replaced: give more in"):
        type("Odd", (oss.PutObjectRequest,), {"_attribute_map": {}})
    mixin = type("Mixin", (), {"_attribute_map": {}})
    with pytest.raises(TypeError, match="^Odd: _attribute_map cannot be replaced"):
        type("Odd", (mixin, oss.PutObjectRequest), {})


def test_a_cycle_through_a_request_is_collected() -> None:
    class Progress:
        request: Any = None

    progress = Progress()
    progress.request = get(progress_fn=progress)
    gone = weakref.ref(progress)
    del progress
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("thing", [None, "text", 7, {}, object(), oss.PutObjectResult()])
def test_what_is_no_request_is_refused_in_the_sdks_words(thing: Any) -> None:
    for package in (oss, sdk):
        with pytest.raises(package.exceptions.ParamInvalidError, match="^invalid field, request.$"):
            client(package).presign(thing)


def test_a_value_without_text_is_the_error_of_the_sdk() -> None:
    for package in (oss, sdk):
        with pytest.raises(package.exceptions.SerializationError) as raised:
            client(package).presign(put(package, tagging=["a"]))
        assert (
            str(raised.value) == "Serialization raised an exception: Unsupport type <class 'list'>"
        )
