"""Results and structures have the SDK's fields in its order, and work with serde."""

from __future__ import annotations

import copy
import inspect
import pickle

import alibabacloud_oss_v2.models as theirs
import ossign.models as ours
import pytest
from ossign import serde

RESULTS = [
    "PutObjectResult",
    "HeadObjectResult",
    "GetObjectResult",
    "InitiateMultipartUploadResult",
    "UploadPartResult",
    "CompleteMultipartUploadResult",
    "AbortMultipartUploadResult",
    "ListPartsResult",
]
MODELS = [*RESULTS, "UploadPart", "CompleteMultipartUpload", "Part"]
ENUMS = ["BucketACLType", "StorageClassType", "DataRedundancyType", "ObjectACLType"]
REQUESTS = [name for name in ours.__all__ if name.endswith("Request")]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_attribute_map_of_the_sdk_in_its_order(name: str) -> None:
    mine, other = getattr(ours, name), getattr(theirs, name)
    assert list(mine._attribute_map.items()) == list(other._attribute_map.items())
    assert getattr(mine, "_xml_map", None) == getattr(other, "_xml_map", None)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_takes_the_keywords_of_the_sdk(name: str) -> None:
    constructor = inspect.signature(getattr(theirs, name)).parameters
    names = [n for n in constructor if n not in ("self", "kwargs")]
    assert names == list(getattr(ours, name)._attribute_map)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_keeps_what_the_sdk_keeps(name: str) -> None:
    mine, other = getattr(ours, name), getattr(theirs, name)
    values = {field: f"value of {field}" for field in mine._attribute_map}
    for kwargs in ({}, values, {**values, "unknown": 1, "headers": {"a": "b"}, "payload": b""}):
        expected = {k: v for k, v in vars(other(**kwargs)).items() if k != "_Model__models"}
        assert vars(mine(**kwargs)) == expected
    assert mine(*values.values()) == mine(**values)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_pickles_copies_and_compares(name: str) -> None:
    cls = getattr(ours, name)
    first = next(iter(cls._attribute_map), "payload")
    model = cls(**{first: "x"})
    assert pickle.loads(pickle.dumps(model)) == model == copy.deepcopy(model)
    assert model != cls() and model != "x"
    assert type(model).__module__.startswith("ossign.models")
    with pytest.raises(TypeError):
        hash(model)


def test_a_model_never_equals_one_of_a_subclass_as_in_the_sdk() -> None:
    for module in (ours, theirs):
        subclass = type("Sub", (module.UploadPart,), {})
        assert module.UploadPart(part_number=1) != subclass(part_number=1)
        assert subclass(part_number=1) != module.UploadPart(part_number=1)


def test_a_subclass_keeps_the_fields_of_its_model() -> None:
    class Mine(ours.UploadPart):
        pass

    assert list(Mine._attribute_map) == ["part_number", "etag"]
    assert Mine(1, "e").etag == "e"


def test_too_many_values_or_one_given_twice_are_refused() -> None:
    with pytest.raises(TypeError, match="at most 2"):
        ours.UploadPart(1, "etag", 3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="two values for 'part_number'"):
        ours.UploadPart(1, part_number=2)  # type: ignore[misc]


def test_a_repr_names_class_and_fields_and_no_secret() -> None:
    assert repr(ours.UploadPart(1, "e")) == "UploadPart(part_number=1, etag='e')"
    result = ours.PutObjectResult(etag="e")
    result.headers = {"x-oss-security-token": "secret"}
    assert "secret" not in f"{result} {result!r}"


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_a_result_model(name: str) -> None:
    result = getattr(ours, name)()
    assert isinstance(result, serde.ResultModel)
    assert (result.status, result.status_code, result.request_id, result.headers) == ("", 0, "", {})


@pytest.mark.parametrize("name", ENUMS)
def test_an_enum_has_the_members_of_the_sdk(name: str) -> None:
    mine, other = getattr(ours, name), getattr(theirs, name)
    assert [(m.name, m.value) for m in mine] == [(m.name, m.value) for m in other]
    assert issubclass(mine, str)
    for member, twin in zip(mine, other, strict=True):
        assert str(member) == str(twin)
        assert pickle.loads(pickle.dumps(member)) is member


def test_every_public_name_is_there_also_for_a_star_import() -> None:
    names: dict[str, object] = {}
    exec("from ossign.models import *", names)
    assert set(ours.__all__) <= set(names)
    assert set(ours.__all__) <= set(dir(ours))
    with pytest.raises(AttributeError):
        getattr(ours, "NoSuch" + "Model")


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_counts_as_a_request_model(name: str) -> None:
    request = getattr(ours, name)(bucket="b", key="k")
    assert isinstance(request, serde.RequestModel)
    assert isinstance(request, serde.Model)
    assert not isinstance(request, serde.ResultModel)
