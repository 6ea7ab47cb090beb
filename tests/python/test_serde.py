"""Requests are written and answers read as the SDK does; where ossign reads better, it says so."""

from __future__ import annotations

import datetime
from enum import Enum
from types import ModuleType, SimpleNamespace
from typing import Any

import alibabacloud_oss_v2 as sdk
import alibabacloud_oss_v2.exceptions
import alibabacloud_oss_v2.models
import alibabacloud_oss_v2.serde
import alibabacloud_oss_v2.types
import ossign.exceptions
import ossign.models
import ossign.serde
import ossign.types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ossign import serde

OURS = SimpleNamespace(
    serde=ossign.serde, types=ossign.types, models=ossign.models, exceptions=ossign.exceptions
)
BOTH = (OURS, sdk)
UTC = datetime.timezone.utc
TIME = datetime.datetime(2023, 12, 17, 3, 30, 9, tzinfo=UTC)


class Colour(str, Enum):
    RED = "red"


class Number(Enum):
    ONE = 1


ZONES = st.integers(-1439, 1439).map(lambda m: datetime.timezone(datetime.timedelta(minutes=m)))
TIMES = st.datetimes(
    datetime.datetime(1, 1, 3),
    datetime.datetime(9999, 12, 29),
    timezones=st.one_of(st.none(), ZONES),
)
VALUES = st.one_of(
    TIMES,
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from([Colour.RED, Number.ONE, b"x", [1], None, datetime.date(2020, 1, 1)]),
)
FORMS = st.sampled_from(["", "int", "datetime,httptime", "datetime,unixtime", "str"])


def outcome(function: Any, *args: Any) -> object:
    """What a function gives, or the name and the words of its error."""
    try:
        return function(*args)
    except Exception as error:
        return type(error).__name__, str(error)


def model_class(module: ModuleType | SimpleNamespace, name: str, **attributes: Any) -> Any:
    """A model of one's own, written as the SDK's are."""
    base = getattr(module.serde, attributes.pop("base", "Model"))

    def init(self: Any, **kwargs: Any) -> None:
        base.__init__(self, **kwargs)
        for field in attributes["_attribute_map"]:
            setattr(self, field, kwargs.get(field))

    return type(name, (base,), {**attributes, "__init__": init})


FIELDS = {
    "text": {"tag": "xml", "rename": "Text"},
    "number": {"tag": "xml", "rename": "Number", "type": "int"},
    "real": {"tag": "xml", "rename": "Real", "type": "float"},
    "flag": {"tag": "xml", "rename": "Flag", "type": "bool"},
    "iso": {"tag": "xml", "rename": "Iso", "type": "datetime"},
    "http": {"tag": "xml", "rename": "Http", "type": "datetime,httptime"},
    "unix": {"tag": "xml", "rename": "Unix", "type": "datetime,unixtime"},
    "day": {"tag": "xml", "rename": "Day", "type": "datetime,ios8601date"},
    "names": {"tag": "xml", "rename": "Names/Name", "type": "[str]"},
    "hidden": {"tag": "output"},
}
XML = """
<Root> <Text>a &lt; b</Text><Number>12</Number><Real>1.5</Real><Flag>TRUE</Flag>
<Iso>2023-12-17T03:30:09.000000Z</Iso><Http>Sun, 17 Dec 2023 03:30:09 GMT</Http>
<Unix>1702783809</Unix><Names><Name>x</Name><Name></Name></Names><Names><Name>y</Name></Names>
<Unknown>1</Unknown></Root>"""


@given(VALUES, FORMS)
def test_a_value_is_written_as_the_sdk_writes_it(value: object, form: str) -> None:
    assert outcome(serde._serialize_to_str, value, form) == outcome(
        sdk.serde._serialize_to_str, value, form
    )


@given(TIMES)
def test_a_time_is_written_as_the_sdk_writes_it(time: datetime.datetime) -> None:
    for name in ("isotime", "iso_date", "httptime", "unixtime"):
        ours, theirs = (getattr(m.serde, f"serialize_{name}") for m in BOTH)
        assert outcome(ours, time) == outcome(theirs, time)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 17 Dec 2023 03:30:09 GMT",
        "Sun, 17 Dec 2023 03:30:09 +0800",
        "Sun, 17 Dec 2023 03:30:09 -0030",
        "17 Dec 2023 03:30:09",
        "Sunday, 17-Dec-23 03:30:09 GMT",
        "Sun Dec 17 03:30:09 2023",
        "20231217T033009Z",
        "no date",
        "",
    ],
)
def test_an_http_date_is_read_as_the_sdk_reads_it(text: str) -> None:
    assert outcome(serde.deserialize_httptime, text) == outcome(
        sdk.serde.deserialize_httptime, text
    )


@pytest.mark.parametrize(
    "text",
    [
        "2023-12-17T03:30:09Z",
        "2023-12-17T03:30:09.5Z",
        "2023-12-17T03:30:09.123456789Z",
        "2023-12-17T03:30:09.000+00:00",
        "",
        None,
    ],
)
def test_an_iso_time_is_read_as_the_sdk_reads_it(text: str | None) -> None:
    assert serde.deserialize_iso(text) == sdk.serde.deserialize_iso(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("offset", ["+08:00", "-11:30"])
def test_the_hours_of_an_offset_count_which_the_sdk_cuts_to_one_digit(offset: str) -> None:
    text = f"2023-12-17T03:30:09{offset}"
    assert serde.deserialize_iso(text) == datetime.datetime.fromisoformat(text)
    assert sdk.serde.deserialize_iso(text) != datetime.datetime.fromisoformat(text)


@pytest.mark.parametrize("text", ["2023-12-17", "2023-12-17T03:30:09", "2023-12-17T03:30:09*08:00"])
def test_a_text_that_is_no_iso_time_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        serde.deserialize_iso(text)


@pytest.mark.parametrize("text", ["1702783809", "-1", "1.5", ""])
def test_a_unix_time_is_read_as_the_sdk_reads_it(text: str) -> None:
    assert outcome(serde.deserialize_unixtime, text) == outcome(
        sdk.serde.deserialize_unixtime, text
    )


@pytest.mark.parametrize("text", ["True", "true", "TRUE", "FALSE", "1", "", None])
def test_a_boolean_is_read_as_the_sdk_reads_it(text: str | None) -> None:
    assert serde.deserialize_boolean(text) is sdk.serde.deserialize_boolean(text)


PARTS = st.lists(st.tuples(st.none() | st.integers(0, 10_001), st.none() | st.text()), max_size=5)


@given(st.none() | PARTS)
def test_complete_xml_has_the_bytes_of_the_sdk(parts: list[tuple[int, str]] | None) -> None:
    def written(module: Any) -> object:
        m = module.models
        items = None if parts is None else [m.UploadPart(*part) for part in parts]
        return outcome(module.serde.serialize_xml, m.CompleteMultipartUpload(items))

    assert written(OURS) == written(sdk)


@given(TIMES, st.text("ab<&>\"'é\n\r\t", max_size=5))
def test_any_model_has_the_xml_bytes_of_the_sdk(time: datetime.datetime, text: str) -> None:
    def written(module: Any, root: str | None) -> object:
        inner = model_class(
            module, "Inner", _attribute_map={"colour": {"tag": "xml"}}, _xml_map={"name": "In"}
        )
        fields = {**FIELDS, "inner": {"tag": "xml", "rename": "Ignored"}}
        values = dict(text=text, number=1, real=2.5, flag=True, names=[1, "b", False, Number.ONE])
        times = dict(iso=time, http=time, unix=time, day=time)
        item = inner(colour=Colour.RED)
        model = model_class(module, "Outer", _attribute_map=fields)(**values, **times, inner=item)
        return outcome(module.serde.serialize_xml, model, root)

    for root in (None, "", "Top"):
        assert written(OURS, root) == written(sdk, root)


def test_a_value_without_a_text_is_a_serialization_error() -> None:
    model = ossign.models.UploadPart(part_number=object())  # type: ignore[arg-type]
    with pytest.raises(ossign.exceptions.SerializationError, match="Unsupport type"):
        serde.serialize_xml(model)


def test_models_of_the_sdk_can_be_written_too() -> None:
    parts = [sdk.models.UploadPart(1, "e")]
    theirs = sdk.models.CompleteMultipartUpload(parts)
    mixed = ossign.models.CompleteMultipartUpload(parts)
    assert (
        serde.serialize_xml(theirs) == serde.serialize_xml(mixed) == sdk.serde.serialize_xml(theirs)
    )


@pytest.mark.parametrize("data", [XML, XML.strip().encode(), "<Root/>", "<Root><Text/></Root>"])
def test_xml_is_read_as_the_sdk_reads_it(data: str | bytes) -> None:
    def read(module: Any) -> dict[str, Any]:
        model = model_class(module, "Root", _attribute_map=FIELDS)()
        module.serde.deserialize_xml(data, model, "Root")
        return {field: getattr(model, field) for field in FIELDS}

    assert read(OURS) == read(sdk)


def test_the_root_itself_can_be_a_field() -> None:
    for module in BOTH:
        fields = {"text": {"tag": "xml", "rename": "."}}
        model = model_class(module, "Root", _attribute_map=fields)()
        module.serde.deserialize_xml("<Root>123</Root>", model)
        assert model.text == "123"


def test_models_inside_models_are_read() -> None:
    for module in BOTH:
        part = model_class(
            module, "Part", _attribute_map={"n": {"tag": "xml", "rename": "N", "type": "int"}}
        )
        fields = {
            "first": {"tag": "xml", "rename": "First", "type": "Part"},
            "parts": {"tag": "xml", "rename": "Part", "type": "[Part]"},
        }
        new = {"Part": {"new": part}}
        model = model_class(module, "Root", _attribute_map=fields, _dependency_map=new)()
        data = "<R><First><N>1</N></First><Part><N>2</N></Part><Part/></R>"
        module.serde.deserialize_xml(data, model)
        assert model.first.n == 1
        assert [item.n for item in model.parts] == [2, None]


def test_a_model_inside_that_nobody_knows_is_an_error() -> None:
    for module in BOTH:
        fields = {"one": {"tag": "xml", "rename": "One", "type": "Unknown"}}
        model = model_class(module, "Root", _attribute_map=fields)()
        with pytest.raises(module.exceptions.DeserializationError, match="Can not create object"):
            module.serde.deserialize_xml("<R><One/></R>", model)


@pytest.mark.parametrize("attribute", ["", ' xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com"'])
def test_an_initiate_answer_is_read_with_and_without_a_namespace(attribute: str) -> None:
    fields = "<Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId>"
    tag = "InitiateMultipartUploadResult"
    data = f"<{tag}{attribute}>{fields}</{tag}>"
    result = ossign.models.InitiateMultipartUploadResult()
    serde.deserialize_xml(data, result, tag)
    assert (result.bucket, result.key, result.upload_id) == ("b", "k", "u")


def test_another_outermost_element_has_the_words_of_the_sdk() -> None:
    messages = []
    for module in BOTH:
        with pytest.raises(module.exceptions.DeserializationError) as caught:
            result = module.models.InitiateMultipartUploadResult()
            module.serde.deserialize_xml('<Error xmlns="n"/>', result, "Expected")
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


BOMB = """<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<InitiateMultipartUploadResult><Key>&c;</Key></InitiateMultipartUploadResult>"""


@pytest.mark.parametrize("data", ["no xml", "<a><b></a>", "", b"\xff\xfe\xff", BOMB, BOMB.encode()])
def test_bad_xml_and_any_dtd_are_deserialization_errors(data: str | bytes) -> None:
    result = ossign.models.InitiateMultipartUploadResult()
    with pytest.raises(ossign.exceptions.DeserializationError):
        serde.deserialize_xml(data, result)
    assert result.key is None


def test_xml_for_something_that_is_no_model_is_left_alone() -> None:
    thing = SimpleNamespace()
    serde.deserialize_xml("<a/>", thing)
    assert vars(thing) == {}


REQUEST_FIELDS: dict[str, dict[str, Any]] = {
    "GetObjectRequest": dict(
        range_header="bytes=0-9", if_modified_since=TIME, version_id="v", traffic_limit=819200
    ),
    "PutObjectRequest": dict(
        acl=ossign.models.ObjectACLType.PRIVATE,
        metadata={"a": "1", "B": "2"},
        forbid_overwrite=True,
        body=b"body",
        headers={"Content-Type": "h", "x-oss-meta-a": "0", "own": "1"},
        parameters={"p": "1"},
        content_type="f",
    ),
    "HeadObjectRequest": dict(version_id="v", headers={}),
    "InitiateMultipartUploadRequest": dict(storage_class="IA", payload=b"payload"),
    "UploadPartRequest": dict(part_number=1, upload_id="u", content_md5="m"),
    "CompleteMultipartUploadRequest": dict(upload_id="u", complete_all="yes"),
    "AbortMultipartUploadRequest": dict(upload_id="u", request_payer="requester"),
}


def written_input(module: Any, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    op_input = module.types.OperationInput(name, "PUT", bucket="b", key="k")
    request = getattr(module.models, name)(bucket="b", key="k", **fields)
    assert module.serde.serialize_input(request, op_input) is op_input
    headers, parameters = list(op_input.headers.items()), list(op_input.parameters.items())
    return {**vars(op_input), "headers": headers, "parameters": parameters}


@pytest.mark.parametrize("name", REQUEST_FIELDS)
def test_a_request_is_written_as_the_sdk_writes_it(name: str) -> None:
    fields = REQUEST_FIELDS[name]
    assert written_input(OURS, name, fields) == written_input(sdk, name, fields)


def test_the_body_of_a_complete_request_is_written() -> None:
    def body(module: Any) -> object:
        parts = module.models.CompleteMultipartUpload([module.models.UploadPart(1, '"e"')])
        fields = dict(upload_id="u", complete_multipart_upload=parts)
        return written_input(module, "CompleteMultipartUploadRequest", fields)["body"]

    assert body(OURS) == body(sdk)


def test_a_request_written_as_those_of_the_sdk_is_written_alike() -> None:
    def written(module: Any) -> object:
        fields = {
            "bucket": {"tag": "input", "position": "host", "required": True},
            "wanted": {"tag": "input", "position": "query", "rename": "Wanted", "required": True},
            "meta": {"tag": "input", "position": "header", "rename": "x-", "type": "dict,usermeta"},
            "time": {"tag": "input", "position": "header", "rename": "t", "type": "x,unixtime"},
            "config": {"tag": "input", "position": "body", "type": "xml"},
            "local": {},
        }
        part = module.models.UploadPart(1)
        cls = model_class(module, "Mine", base="RequestModel", _attribute_map=fields)
        values = dict(
            bucket="b", wanted=True, meta={"k": 1}, time=TIME, config=part, local=object()
        )
        given_headers, given_parameters = {"X-K": "old"}, {"a": "b"}
        op_input = module.types.OperationInput("M", "PUT", given_headers, given_parameters)
        module.serde.serialize_input(
            cls(**values, unknown=1), op_input, [lambda r, o: o.headers.update({"r": r.bucket})]
        )
        return op_input.headers, op_input.parameters, op_input.body

    assert written(OURS) == written(sdk)


@pytest.mark.parametrize("fields", [{}, {"bucket": "b"}, {"key": "k"}])
def test_a_missing_required_field_has_the_words_of_the_sdk(fields: dict[str, str]) -> None:
    messages = []
    for module in BOTH:
        request = module.models.GetObjectRequest(**fields)
        with pytest.raises(module.exceptions.ParamRequiredError) as caught:
            module.serde.serialize_input(request, module.types.OperationInput("G", "GET"))
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_what_is_no_request_or_no_result_is_refused() -> None:
    for module in BOTH:
        part, put = module.models.UploadPart(), module.types.OperationInput("P", "PUT")
        with pytest.raises(module.exceptions.SerializationError, match=r"serde\.RequestModel"):
            module.serde.serialize_input(part, put)
        with pytest.raises(module.exceptions.DeserializationError, match=r"serde\.ResultModel"):
            module.serde.deserialize_output(part, module.types.OperationOutput("OK", 200))


HEADERS = {
    "Content-Length": "12",
    "ETag": '"e"',
    "Last-Modified": "Sun, 17 Dec 2023 03:30:09 GMT",
    "X-Oss-Meta-Author": "alice",
    "x-oss-meta-b": "",
    "x-oss-request-id": "id",
    "x-oss-delete-marker": "true",
    "x-oss-hash-crc64ecma": "1",
    "x-oss-version-id": "v",
    "x-oss-tagging-count": "2",
}


@pytest.mark.parametrize("name", [n for n in ossign.models.__all__ if n.endswith("Result")])
def test_a_result_is_read_from_headers_as_the_sdk_reads_it(name: str) -> None:
    def read(module: Any) -> dict[str, Any]:
        result = getattr(module.models, name)()
        headers = module.types.CaseInsensitiveDict(HEADERS)
        output = module.types.OperationOutput("OK", 200, headers=headers)
        read_headers = [module.serde.deserialize_output_headers]
        assert module.serde.deserialize_output(result, output, read_headers) is result
        return {k: v for k, v in vars(result).items() if k != "_Model__models"}

    assert read(OURS) == read(sdk)


class Response(SimpleNamespace):
    """As much of an HTTP response as serde asks for."""

    closed = False

    def close(self) -> None:
        self.closed = True


def output(module: Any, content: object) -> Any:
    return module.types.OperationOutput("OK", 200, http_response=Response(content=content))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        None,
        b"<CompleteMultipartUploadResult><ETag>e</ETag>"
        b"<Key>k</Key></CompleteMultipartUploadResult>",
    ],
)
def test_a_result_is_read_from_a_body_as_the_sdk_reads_it(content: bytes | None) -> None:
    def read(module: Any) -> tuple[str | None, str | None]:
        result = module.models.CompleteMultipartUploadResult()
        module.serde.deserialize_output_xmlbody(result, output(module, content))
        return result.etag, result.key

    assert read(OURS) == read(sdk)


def test_one_field_can_hold_the_whole_body() -> None:
    for module in BOTH:
        config = model_class(
            module, "Config", _attribute_map={"n": {"tag": "xml", "rename": "N", "type": "int"}}
        )
        kind = {"tag": "output", "position": "body", "rename": "Root", "type": "Config,xml"}
        cls = model_class(
            module,
            "Result",
            base="ResultModel",
            _attribute_map={"config": kind},
            _dependency_map={"Config": {"new": config}},
        )
        result = cls()
        module.serde.deserialize_output_xmlbody(result, output(module, b"<Root><N>1</N></Root>"))
        assert result.config.n == 1
        with pytest.raises(module.exceptions.DeserializationError, match="Expect root tag is Root"):
            module.serde.deserialize_output_xmlbody(cls(), output(module, b"<Other/>"))


def test_a_callback_answer_is_kept_as_text() -> None:
    for module in BOTH:
        result = module.models.PutObjectResult()
        module.serde.deserialize_output_callbackbody(result, output(module, b'{"a": 1}'))
        assert result.callback_result == '{"a": 1}'


def test_a_discarded_body_closes_the_response() -> None:
    for module in BOTH:
        answer = output(module, b"x")
        module.serde.deserialize_output_discardbody(module.models.PutObjectResult(), answer)
        assert answer.http_response.closed


def test_a_body_without_a_response_is_a_deserialization_error() -> None:
    with pytest.raises(ossign.exceptions.DeserializationError):
        serde.deserialize_output_xmlbody(
            ossign.models.PutObjectResult(), ossign.types.OperationOutput("OK", 200)
        )


def test_copying_a_request_takes_the_fields_that_are_set() -> None:
    for module in BOTH:
        source = module.models.GetObjectRequest(bucket="b", key="k", version_id="v")
        target = module.models.HeadObjectRequest(bucket="old", if_match="m")
        module.serde.copy_request(target, source)
        found = target.bucket, target.key, target.version_id, target.if_match
        assert found == ("b", "k", "v", "m")
