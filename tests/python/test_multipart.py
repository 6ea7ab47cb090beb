"""Plans of multipart uploads: the maths, the presigned requests, and what OSS answers."""

from __future__ import annotations

import copy
import datetime
import json
import random
from collections.abc import Callable
from typing import Any

import alibabacloud_oss_v2 as sdk
import ossign as oss
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ossign import multipart
from ossign.exceptions import (
    DeserializationError,
    ParamInvalidError,
    ServiceError,
    URLVerificationError,
)
from ossign.testing import Emulator
from wire import Answer, send

BUCKET, KEY = "examplebucket", "dir/видео 数据+1.mp4"
LEAST, MOST = 100 * 1024, 5 * 1024**3
LARGEST = 10_000 * MOST
HOUR = datetime.timedelta(hours=1)
ID = "0004B9894A22E5B1888A1E29F823"


def client(**settings: Any) -> oss.Client:
    who = oss.Credentials("id", "secret")
    return oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=who, **settings))


def begin(**fields: Any) -> oss.InitiateMultipartUploadRequest:
    return oss.InitiateMultipartUploadRequest(bucket=BUCKET, key=KEY, **fields)


def plan_of(size: int, part_size: int | None = None, **fields: Any) -> oss.MultipartPlan:
    return client().plan_multipart(begin(**fields), size, part_size)


# What concerns all requests of a plan


def test_hosts_and_restrictions_hold_for_all_urls_of_a_plan() -> None:
    plan = client().plan_multipart(
        begin(),
        3 * LEAST,
        LEAST,
        endpoint="oss-cn-hangzhou-internal.aliyuncs.com",
        scheme="http",
        vpc_id="vpc-1",
        traffic_limit=819_200,
    )
    parts = plan.parts(ID)
    others = [plan.initiate.url, parts.complete.url, parts.abort.url, parts.list_parts[0].url]
    host = "http://examplebucket.oss-cn-hangzhou-internal.aliyuncs.com/"
    for url in [*others, *(part.url for part in parts)]:
        assert url.startswith(host) and "x-oss-ac-vpc-id=vpc-1" in url
        assert ("x-oss-traffic-limit=819200" in url) == (url not in others)


class Whole:
    def __index__(self) -> int:
        return 819_200


def test_a_limit_may_be_anything_that_is_a_whole_number() -> None:
    plan = client().plan_multipart(begin(), 1, traffic_limit=Whole())  # type: ignore[arg-type]
    (part,) = plan.parts(ID)
    assert "x-oss-traffic-limit=819200" in part.url


def test_a_limit_does_not_ask_for_more_than_the_plan_needs() -> None:
    """The plan signs what it is asked for, and nothing to see whether it could."""
    now = datetime.datetime.now(datetime.timezone.utc)
    asked: list[None] = []

    def short() -> oss.Credentials:
        asked.append(None)
        return oss.Credentials("id", "secret", "token", now + datetime.timedelta(minutes=5))

    config = oss.Config(region="cn-hangzhou", credentials_provider=short)
    signer = oss.Client(config, on_short_credentials="error")
    minute = datetime.timedelta(minutes=1)
    signer.plan_multipart(begin(), 1, expires=minute, traffic_limit=819_200)
    assert len(asked) == 1


def test_a_plan_is_held_to_an_address() -> None:
    plan = client().plan_multipart(begin(), 1, source_ip="192.0.2.7")
    (part,) = plan.parts(ID)
    for url, method in (plan.initiate.url, "POST"), (part.url, "PUT"):
        ask: dict[str, Any] = {"credentials": oss.Credentials("id", "secret"), "method": method}
        oss.verify(url, source_ip="192.0.2.7", **ask)
        with pytest.raises(URLVerificationError, match="address_not_allowed"):
            oss.verify(url, source_ip="192.0.2.8", **ask)


@pytest.mark.parametrize(
    ("keyword", "error", "words"),
    [
        ({"traffic_limit": 5}, ParamInvalidError, "traffic_limit"),
        ({"traffic_limit": [819_200]}, TypeError, "traffic_limit"),
        ({"scheme": "ftp"}, ParamInvalidError, "scheme"),
        ({"speed": 5}, TypeError, "plan_multipart.*unexpected keyword argument 'speed'"),
    ],
)
def test_what_cannot_hold_for_a_plan_is_refused_at_once(
    keyword: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        client().plan_multipart(begin(), 1, **keyword)


# The maths


@pytest.mark.parametrize(
    ("size", "part_size", "count", "last"),
    [
        (0, LEAST, 1, 0),
        (1, LEAST, 1, 1),
        (LEAST - 1, LEAST, 1, LEAST - 1),
        (LEAST, LEAST, 1, LEAST),
        (LEAST + 1, LEAST, 2, 1),
        (3 * LEAST, LEAST, 3, LEAST),
        (10_000 * LEAST, LEAST, 10_000, LEAST),
        (10_000 * LEAST - 1, LEAST, 10_000, LEAST - 1),
        (MOST, MOST, 1, MOST),
        (MOST + 1, MOST, 2, 1),
        (LARGEST, MOST, 10_000, MOST),
        (int(48.8 * 1024**4), None, 9_995, int(48.8 * 1024**4) - 9_994 * MOST),
    ],
)
def test_parts_are_right_at_every_edge(
    size: int, part_size: int | None, count: int, last: int
) -> None:
    plan = plan_of(size, part_size)
    assert (plan.size, plan.part_count, len(plan), len(plan.ranges)) == (size, *[count] * 3)
    assert plan.range_of(count) == plan.ranges[-1] == (count, (count - 1) * plan.part_size, last)
    assert sum(length for _, _, length in plan) == size


@pytest.mark.parametrize(
    ("size", "part_size", "field", "words"),
    [
        (-1, None, "size", "'-1' must be from 0 to 53687091200000 bytes"),
        (LARGEST + 1, None, "size", "'53687091200001' must be from 0"),
        (10**30, None, "size", f"'{10**30}' must be from 0"),
        (1, LEAST - 1, "part_size", "'102399' must be from 102400 (100 KB) to 5368709120 bytes"),
        (1, MOST + 1, "part_size", "'5368709121' must be from"),
        (1, 0, "part_size", "'0' must be from"),
        (1, -5, "part_size", "'-5' must be from"),
        (10_000 * LEAST + 1, LEAST, "part_size", "'102400' makes more than 10000 parts"),
    ],
)
def test_what_oss_does_not_take_is_refused_with_field_value_and_rule(
    size: int, part_size: int | None, field: str, words: str
) -> None:
    with pytest.raises(ParamInvalidError) as caught:
        plan_of(size, part_size)
    assert f"invalid field, {field}: {words}" in str(caught.value)
    assert caught.value.kwargs["field"] == field


@pytest.mark.parametrize("given", ["1", 1.0, None, b"1", True])
def test_a_size_is_a_whole_number(given: Any) -> None:
    with pytest.raises(TypeError, match="size must be an int, not"):
        plan_of(given)
    if given is not None:
        with pytest.raises(TypeError, match="part_size must be an int, not"):
            plan_of(1, given)


@pytest.mark.parametrize("given", [10**200, 10**5000, -(10**5000)], ids=["long", "giant", "less"])
def test_a_giant_number_is_not_written_out(given: int) -> None:
    for sizes in ((given,), (1, given)):
        with pytest.raises(ParamInvalidError) as caught:
            plan_of(*sizes)
        assert "'an int of too many digits' must be from" in str(caught.value)


SIZES = st.integers(0, LARGEST) | st.integers(0, 20 * LEAST)


@given(SIZES, st.none() | st.integers(LEAST, MOST) | st.integers(LEAST, 2 * LEAST))
def test_parts_lie_side_by_side_whatever_the_size(size: int, part_size: int | None) -> None:
    if part_size is not None and -(-size // part_size) > 10_000:
        with pytest.raises(ParamInvalidError, match="more than 10000 parts"):
            plan_of(size, part_size)
        return
    plan = plan_of(size, part_size)
    assert LEAST <= plan.part_size <= MOST and 1 <= plan.part_count <= 10_000
    end = 0
    for number, part in enumerate(plan, 1):
        assert (part.number, part.offset) == (number, end)
        assert part.length == plan.part_size or number == plan.part_count
        end += part.length
    assert end == size


def test_the_usual_part_is_8_mb_and_grows_with_the_file() -> None:
    sizes = [0, 1, 39 << 30, 40 << 30, 1 << 40, LARGEST]
    assert [plan_of(size).part_size >> 20 for size in sizes] == [8, 8, 8, 16, 256, 5120]


def test_there_is_no_part_0_and_none_behind_the_last() -> None:
    plan = plan_of(3 * LEAST, LEAST)
    for number in (0, -1, 4):
        with pytest.raises(IndexError, match=f"part {number} of 3"):
            plan.range_of(number)


# What is presigned


def test_the_plan_presigns_what_begins_it() -> None:
    request = begin(content_type="video/mp4", metadata={"a": "b"})
    end = datetime.datetime(2040, 1, 1, tzinfo=datetime.timezone.utc)
    own = client(signature_version="v1")
    plan = own.plan_multipart(request, 5, expiration=end)
    assert plan.initiate == own.presign(request, expiration=end)
    assert (plan.bucket, plan.key) == (BUCKET, KEY)
    assert plan.parts(ID).effective_expiration == end
    later = end + HOUR
    assert plan.parts(ID, expiration=later).effective_expiration == later


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_each_url_is_the_one_that_presign_gives(version: str) -> None:
    own = client(signature_version=version)
    end = datetime.datetime.now(datetime.timezone.utc) + HOUR
    plan = own.plan_multipart(begin(), 2_500 * LEAST, LEAST, expiration=end)
    parts = plan.parts(ID)
    filled = {"bucket": BUCKET, "key": KEY, "upload_id": ID}
    assert [query(page.url)["part-number-marker"] for page in parts.list_parts] == [
        "0",
        "1000",
        "2000",
    ]
    assert len(parts) == len(parts.urls) == 2_500
    assert (parts.complete.method, parts.abort.method) == ("POST", "DELETE")
    by_hand = {
        1: oss.UploadPartRequest(**filled, part_number=1),
        2_500: oss.UploadPartRequest(**filled, part_number=2_500),
    }
    each = [*parts]
    if version == "v1":  # a signature of version 4 holds the second in which it was made
        for number, request in by_hand.items():
            assert each[number - 1].url == own.presign(request, expiration=end).url
        completing = oss.CompleteMultipartUploadRequest(**filled)
        assert parts.complete.url == own.presign(completing, expiration=end).url
    who = oss.Credentials("id", "secret")
    for url, method in [
        (each[-1].url, "PUT"),
        (parts.complete.url, "POST"),
        (parts.abort.url, "DELETE"),
        *((page.url, "GET") for page in parts.list_parts),
    ]:
        oss.verify(url, method=method, credentials=who)
    assert [part.offset for part in each] == [at * LEAST for at in range(2_500)]
    assert query(each[-1].url)["partNumber"] == "2500"


def query(url: str) -> dict[str, str]:
    from urllib.parse import parse_qsl, urlsplit

    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def test_only_some_parts_may_be_asked_for() -> None:
    plan = plan_of(10 * LEAST, LEAST)
    parts = plan.parts(ID, numbers=[7, 3, 3])
    assert [part.number for part in parts] == [3, 7]
    assert [query(part.url)["partNumber"] for part in parts] == ["3", "7"]
    none = plan.parts(ID, numbers=[])
    assert len(none) == 0 and [*none] == [] and none.complete.url
    for wrong in (0, 11, -1):
        with pytest.raises(ParamInvalidError, match=f"numbers: {wrong} is no part of this plan"):
            plan.parts(ID, numbers=[1, wrong])


@pytest.mark.parametrize("numbers", [5, "12", [None], ["1"], [1.0], [True], [[1]], [10**5000]])
def test_numbers_are_a_list_of_ints(numbers: Any) -> None:
    with pytest.raises(ParamInvalidError, match="numbers: .* (must be|is no part)"):
        plan_of(1).parts(ID, numbers)


@pytest.mark.parametrize("number", ["1", None, 1.0, True])
def test_a_range_is_of_an_int(number: Any) -> None:
    with pytest.raises(ParamInvalidError, match="number: .* must be an int"):
        plan_of(1).range_of(number)
    with pytest.raises(IndexError, match="too many digits"):
        plan_of(1).range_of(10**5000)


@pytest.mark.parametrize(
    "upload_id", ["", None, 5, "a&acl", "a b", "a\r\nb", "é", "\ud800", "a/../b", "a" * 257]
)
def test_an_upload_has_an_id(upload_id: Any) -> None:
    with pytest.raises(ParamInvalidError, match="upload_id"):
        plan_of(1).parts(upload_id)


def test_fields_of_the_plan_reach_the_requests_that_have_them() -> None:
    plan = plan_of(1, request_payer="requester", forbid_overwrite=True, content_type="video/mp4")
    parts = plan.parts(ID)
    payer = {"x-oss-request-payer": "requester"}
    assert [part.headers for part in parts] == [payer]
    assert parts.abort.request_headers == payer
    assert parts.list_parts[0].request_headers == payer
    assert parts.complete.request_headers == {**payer, "x-oss-forbid-overwrite": "true"}
    assert plan.initiate.request_headers["Content-Type"] == "video/mp4"


def test_parts_and_completion_take_fields_of_their_own() -> None:
    complete = oss.CompleteMultipartUploadRequest(
        acl="private", forbid_overwrite=False, callback=oss.Callback(url="http://a.b", body="c")
    )
    part = oss.UploadPartRequest(
        traffic_limit=819_200, headers={"Content-Type": "application/octet-stream"}
    )
    parts = plan_of(1, forbid_overwrite=True).parts(ID, part=part, complete=complete)
    headers = parts.complete.request_headers
    assert headers["x-oss-object-acl"] == "private"
    assert headers["x-oss-forbid-overwrite"] == "false"
    assert "x-oss-callback" in headers
    (only,) = parts
    assert only.headers == {
        "Content-Type": "application/octet-stream",
        "x-oss-traffic-limit": "819200",
    }
    assert (part.upload_id, complete.key) == (None, None)
    with pytest.raises(ParamInvalidError, match="complete: 'UploadPartRequest' must be an ossign"):
        plan_of(1).parts(ID, complete=part)  # type: ignore[arg-type]


def test_with_content_length_signed_each_part_has_its_own() -> None:
    own = client(additional_headers=["Content-Length", "host"])
    parts = own.plan_multipart(begin(), LEAST + 5, LEAST).parts(ID)
    assert [part.headers for part in parts] == [
        {"Content-Length": "102400"},
        {"Content-Length": "5"},
    ]
    assert parts.to_dict()["parts"][1]["headers"] == {"Content-Length": "5"}


def test_a_request_of_the_sdk_does_as_well() -> None:
    request = sdk.InitiateMultipartUploadRequest(bucket=BUCKET, key=KEY, forbid_overwrite=True)
    parts = client().plan_multipart(request, 1).parts(ID)  # type: ignore[arg-type]
    assert parts.complete.request_headers == {"x-oss-forbid-overwrite": "true"}


def test_another_request_is_no_plan() -> None:
    with pytest.raises(ParamInvalidError, match="request: 'PutObjectRequest' must be an Init"):
        client().plan_multipart(oss.PutObjectRequest(bucket=BUCKET, key=KEY), 1)  # type: ignore[arg-type]
    with pytest.raises(oss.exceptions.ParamRequiredError):
        client().plan_multipart(oss.InitiateMultipartUploadRequest(bucket=BUCKET), 1)
    with pytest.raises(oss.exceptions.PresignExpirationError):
        client().plan_multipart(begin(), 1, expires=datetime.timedelta(days=8))


def test_plan_and_parts_are_json_and_hold_no_secret() -> None:
    who = oss.Credentials("id", "a secret of mine", "a token")
    own = oss.Client(oss.Config(region="cn-hangzhou", credentials_provider=who))
    plan = own.plan_multipart(begin(content_type="video/mp4"), LEAST + 1, LEAST, expires=HOUR)
    parts = plan.parts(ID)
    text = json.dumps([plan.to_dict(), parts.to_dict()])
    assert "a secret of mine" not in text
    begun, rest = json.loads(text)
    assert begun["initiate"]["headers"] == {"Content-Type": "video/mp4"}
    facts = {"bucket": BUCKET, "key": KEY, "size": LEAST + 1, "part_size": LEAST, "part_count": 2}
    assert facts.items() <= begun.items() and facts.items() <= rest.items()
    assert rest["upload_id"] == ID
    assert datetime.datetime.fromisoformat(rest["expiration"].replace("Z", "+00:00"))
    second = rest["parts"][1]
    assert (second["number"], second["offset"], second["length"]) == (2, LEAST, 1)
    assert (second["method"], second["url"]) == ("PUT", parts.urls[1])
    assert rest["complete"] == {"method": "POST", "url": parts.complete.url, "headers": {}}
    for shown in (repr(plan), repr(parts), repr([*parts])):
        assert "ignature" not in shown and "token" not in shown, shown


def test_a_plan_turns_into_a_dict_of_its_attributes() -> None:
    plan = plan_of(LEAST + 1, LEAST)
    assert dict(plan) == {**plan.facts(), "initiate": plan.initiate}
    assert plan["part_count"] == len(plan) == 2
    for name in ("other", "parts", 0):
        with pytest.raises(KeyError):
            plan[name]  # type: ignore[index]


def test_anonymous_plans_end_never() -> None:
    own = oss.Client(
        oss.Config(
            region="cn-hangzhou",
            credentials_provider=oss.credentials.AnonymousCredentialsProvider(),
        )
    )
    parts = own.plan_multipart(begin(), 1).parts(ID)
    assert parts.effective_expiration is None and parts.to_dict()["expiration"] is None


def test_a_plan_made_again_is_the_same() -> None:
    first = plan_of(5 * LEAST, LEAST)
    again = plan_of(first.size, first.part_size)
    assert again.facts() == first.facts() and again.ranges == first.ranges


# The body that completes


def test_the_body_is_that_of_the_sdk() -> None:
    plan = plan_of(3 * LEAST, LEAST)
    listed = [sdk.UploadPart(part_number=number, etag=f'"E{number}"') for number in (1, 2, 3)]
    theirs = sdk.serde.serialize_xml(sdk.CompleteMultipartUpload(parts=listed))
    pairs = [(3, '"E3"'), (1, "E1"), (2, ' "E2" ')]
    shapes: list[Any] = [
        pairs,
        dict(pairs),
        iter(pairs),
        [list(pair) for pair in pairs],
        [{"number": number, "etag": etag} for number, etag in pairs],
        [oss.UploadPart(part_number=number, etag=etag) for number, etag in pairs],
        [oss.Part(part_number=number, etag=etag, size=LEAST) for number, etag in pairs],
        listed,
    ]
    for shape in shapes:
        assert plan.complete_body(shape) == theirs


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([(1, "A"), (1, "C"), (2, "B")], "parts: '1' is named twice, with two ETags"),
        ([(1, "A")], "parts: '2' is missing"),
        ([], "parts: '1' is missing"),
        ([(1, "A"), (2, "B"), (3, "C")], "parts: '3' is no part of this plan"),
        ([(0, "A")], "parts: '0' is no part of this plan"),
        ([(1, ""), (2, "B")], "ETag of part 1: '' must be the ETag"),
        ([(1, "</ETag>"), (2, "B")], "must be the ETag that OSS answered"),
        ([oss.Part(1, "A", size=LEAST), oss.Part(2, "B", size=2)], "'2' has another size than"),
        (5, "parts: 5 must be a list"),
        ("12", "parts: '12' must be a list"),
        ([5], "parts: 5 must have a number and an ETag"),
        ([None], "parts: None must have a number"),
        ([(1, "A", 5)], "parts: (1, 'A', 5) must have"),
        ([{"number": 1}], "parts: {'number': 1} must have"),
        ([("1", "A")], "parts, number: '1' must be an int"),
        ({"1a": "A"}, "parts, number: '1a' must be an int"),
        ({"9" * 5000: "A"}, "must be an int"),
        ([(True, "A")], "parts, number: True must be an int"),
        ([(10**30, "A")], "parts: 1000000000000000000000000000000 is none of this plan"),
        ([(10**5000, "A")], "parts: 'an int of too many digits' is none of this plan"),
        ([(1, None)], "ETag of part 1: None must be the ETag"),
        ([(1, b"A")], "ETag of part 1: b'A' must be the ETag"),
        ([(1, "\ud800")], "must be the ETag"),
        ([oss.Part(1, "A", size=-1)], "parts, size: -1 is none"),
        ([oss.Part(1, "A", size=10**30)], "parts, size"),
        ([oss.Part(1, "A", size="5")], "parts, size: '5' must be an int"),  # type: ignore[arg-type]
        ([oss.Part(None, "A")], "parts, number: None must be an int"),
    ],
)
def test_what_does_not_make_the_file_is_refused(parts: Any, words: str) -> None:
    with pytest.raises(ParamInvalidError) as caught:
        plan_of(LEAST + 1, LEAST).complete_body(parts)
    assert words in str(caught.value)


def test_the_numbers_of_a_mapping_may_be_text_as_in_json() -> None:
    plan = plan_of(LEAST + 1, LEAST)
    etags = {1: "A", 2: "B"}
    assert plan.complete_body(json.loads(json.dumps(etags))) == plan.complete_body(etags)


def test_a_part_that_is_listed_twice_is_one() -> None:
    # Pages of ListParts may overlap.
    body = plan_of(1).complete_body([(1, "A"), oss.Part(1, '"A"', size=1)])
    assert body.count(b"<Part>") == 1


def test_who_says_so_may_leave_parts_out_or_repeat_them() -> None:
    plan = plan_of(3 * LEAST, LEAST)
    body = plan.complete_body([(2, "A"), (2, "B")], missing="skip", repeated="last")
    assert body.count(b"<Part>") == 1 and b'<ETag>"B"</ETag>' in body
    with pytest.raises(ParamInvalidError, match="must not be empty"):
        plan.complete_body([], missing="skip")
    with pytest.raises(ValueError, match="missing must be 'raise' or 'skip', got 'no'"):
        plan.complete_body([], missing="no")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="repeated must be"):
        plan.complete_body([], repeated="first")  # type: ignore[arg-type]


@given(st.data())
def test_any_order_gives_the_same_body(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 50))
    plan = plan_of(count * LEAST, LEAST)
    pairs = [(number, f"{number:032X}") for number in range(1, count + 1)]
    assert plan.complete_body(data.draw(st.permutations(pairs))) == plan.complete_body(pairs)


# What OSS answers


ERROR = (
    "<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchUpload</Code><Message>gone</Message>"
    "<RequestId>5C3D9175B6FC201293AD****</RequestId><EC>0042-00000002</EC></Error>"
)
PARSERS: list[Callable[..., Any]] = [
    multipart.parse_initiate,
    multipart.parse_complete,
    multipart.parse_list_parts,
]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("status", [404, 200])
def test_an_error_of_oss_is_raised_whatever_its_status(parse: Any, status: int) -> None:
    for body in (ERROR, ERROR.encode()):
        with pytest.raises(ServiceError) as caught:
            parse(body, status, {"Date": "Thu, 15 May 2014 11:18:32 GMT"})
        error = caught.value
        assert (error.status_code, error.code, error.message) == (status, "NoSuchUpload", "gone")
        assert (error.ec, error.request_id) == ("0042-00000002", "5C3D9175B6FC201293AD****")
        assert error.timestamp.year == 2014


@pytest.mark.parametrize("parse", PARSERS)
def test_what_is_no_answer_of_oss_is_an_error_with_its_status(parse: Any) -> None:
    for body in (b"", "", b"<html>502 Bad Gateway</html>", b"\xff\x00", b"<a" * 5000):
        with pytest.raises(ServiceError) as caught:
            parse(body, 502, {"x-oss-request-id": "R", "Date": "yesterday"})
        assert (caught.value.status_code, caught.value.code) == (502, "BadErrorResponse")
        assert caught.value.request_id == "R" and len(str(caught.value)) < 2000
        with pytest.raises(DeserializationError):
            parse(body)


@pytest.mark.parametrize("parse", PARSERS)
def test_xml_that_would_explode_is_refused(parse: Any) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    for body in (bomb, "<a>" * 100_000, "<a>" * 500 + "</a>" * 500):
        with pytest.raises(DeserializationError):
            parse(body)
        with pytest.raises(ServiceError):
            parse(body, 500)


def test_an_error_without_a_body_is_read_from_its_header() -> None:
    import base64

    headers = {"X-Oss-Err": base64.b64encode(ERROR.encode()).decode()}
    with pytest.raises(ServiceError) as caught:
        multipart.parse_list_parts(b"", 404, headers)
    assert caught.value.code == "NoSuchUpload"
    with pytest.raises(ServiceError):
        multipart.parse_list_parts(b"", 404, {"x-oss-err": "no Base64!", "x-oss-ec": "1"})


def test_a_failed_callback_is_no_success() -> None:
    body = ERROR.replace("NoSuchUpload", "CallbackFailed")
    for callback in (False, True):
        with pytest.raises(ServiceError) as caught:
            multipart.parse_complete(body, 203, callback=callback)
        assert (caught.value.status_code, caught.value.code) == (203, "CallbackFailed")
    answered = multipart.parse_complete(b'{"a": 1}', callback=True)
    assert answered.callback_result == {"a": 1} and answered.etag is None
    for broken in (b"no JSON", b"[" * 100_000):
        with pytest.raises(DeserializationError):
            multipart.parse_complete(broken, callback=True)


def test_an_answer_of_another_kind_is_not_taken() -> None:
    with pytest.raises(DeserializationError, match="Expect root tag is ListPartsResult"):
        multipart.parse_list_parts("<CompleteMultipartUploadResult/>")
    with pytest.raises(DeserializationError, match="no UploadId"):
        multipart.parse_initiate("<InitiateMultipartUploadResult/>")


@pytest.mark.parametrize("parse", PARSERS)
def test_an_answer_has_a_status_and_a_body(parse: Any) -> None:
    with pytest.raises(TypeError, match="status must be an int, not str"):
        parse(b"", "200")
    with pytest.raises(TypeError, match="body must be bytes or str, not NoneType"):
        parse(None, 200)


@given(st.binary() | st.text())
def test_no_answer_breaks_the_parsers(body: bytes | str) -> None:
    for parse in PARSERS:
        for status in (200, 203, 500):
            with pytest.raises((ServiceError, DeserializationError)):
                parse(body, status)


def test_a_listing_is_read_as_the_sdk_reads_it() -> None:
    body = (
        "<ListPartsResult><Bucket>b</Bucket><Key>a%2Fb+c</Key><EncodingType>url</EncodingType>"
        f"<UploadId>{ID}</UploadId><NextPartNumberMarker>2</NextPartNumberMarker>"
        '<IsTruncated>true</IsTruncated><Part><PartNumber>2</PartNumber><ETag>"A"</ETag>'
        "<LastModified>2012-02-23T07:01:34.000Z</LastModified><Size>102400</Size></Part>"
        "</ListPartsResult>"
    )
    page = multipart.parse_list_parts(body)
    theirs = sdk.ListPartsResult()
    sdk.serde.deserialize_xml(body, theirs)
    assert (page.key, page.is_truncated, page.next_part_number_marker) == ("a/b+c", True, 2)
    ours = {**vars(page), "parts": None, "key": None}
    expected = {name: value for name, value in vars(theirs).items() if name in ours}
    for name in ("parts", "key", "headers", "status_code", "status", "request_id"):
        expected.pop(name, None)
    assert expected.items() <= ours.items()
    assert page.parts is not None
    assert vars(page.parts[0]) == {
        name: value for name, value in vars(theirs.parts[0]).items() if name in vars(oss.Part())
    }
    empty = multipart.parse_list_parts("<ListPartsResult><UploadId>a</UploadId></ListPartsResult>")
    assert empty.parts == []


def test_missing_parts_are_those_of_no_or_another_size() -> None:
    plan = plan_of(3 * LEAST + 5, LEAST)
    arrived = [oss.Part(1, "A", size=LEAST), oss.Part(3, "B", size=5), oss.Part(4, "C", size=5)]
    assert plan.missing(arrived) == [2, 3]
    assert plan.missing(None) == plan.missing([]) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arrived", "words"),
    [
        ([(1, "a")], "arrived: (1, 'a') must have part_number and size"),
        ([{"number": 1}], "arrived: {'number': 1} must have part_number and size"),
        (5, "arrived: 5 must be a list"),
        ("12", "arrived: '12' must be a list"),
    ],
)
def test_what_is_no_listing_is_refused(arrived: Any, words: str) -> None:
    with pytest.raises(ParamInvalidError) as caught:
        plan_of(LEAST).missing(arrived)
    assert words in str(caught.value)


# The whole way


class Way:
    """An upload from the plan to the object, against the local OSS."""

    def __init__(self, emulator: Emulator, data: bytes, **settings: Any) -> None:
        self.emulator, self.data = emulator, data
        self.client = emulator.client(**settings)
        self.plan = self.client.plan_multipart(begin(content_type="video/mp4"), len(data), LEAST)

    def send(self, presigned: oss.PresignResult, body: bytes | None = None) -> Answer:
        return send(self.emulator.endpoint, presigned, body)

    def begun(self) -> oss.MultipartParts:
        answer = self.send(self.plan.initiate)
        begun = multipart.parse_initiate(answer.body, answer.status, answer.headers)
        assert (begun.bucket, begun.key) == (BUCKET, KEY)
        assert begun.upload_id
        return self.plan.parts(begun.upload_id)

    def put(self, parts: oss.MultipartParts) -> list[tuple[int, str]]:
        etags = []
        for row, (number, offset, length) in enumerate(map(self.plan.range_of, parts.numbers)):
            presigned = parts.urls.result(row)
            assert presigned is not None
            answer = self.send(presigned, self.data[offset : offset + length])
            assert answer.status == 200, answer.body
            etags.append((number, answer.headers["etag"]))
        random.Random(1).shuffle(etags)
        return etags

    def listed(self, parts: oss.MultipartParts) -> list[oss.Part]:
        pages = [self.send(page) for page in parts.list_parts]
        read = [multipart.parse_list_parts(p.body, p.status, p.headers).parts for p in pages]
        return [part for page in read for part in page or ()]


@pytest.mark.parametrize("size", [0, 1, LEAST, LEAST + 1, 3 * LEAST])
@pytest.mark.parametrize(
    "settings",
    [{}, {"signature_version": "v1"}, {"additional_headers": ["content-length", "host"]}],
)
def test_a_file_arrives(size: int, settings: dict[str, Any], oss_emulator: Emulator) -> None:
    way = Way(oss_emulator, random.Random(size).randbytes(size), **settings)
    parts = way.begun()
    etags = way.put(parts)
    answer = way.send(parts.complete, way.plan.complete_body(etags))
    done = multipart.parse_complete(answer.body, answer.status, answer.headers)
    assert (done.etag or "").endswith(f'-{way.plan.part_count}"')
    assert done.hash_crc64 == answer.headers["x-oss-hash-crc64ecma"]
    assert oss_emulator.read(BUCKET, KEY) == way.data
    assert oss_emulator.refusals == []


def test_an_upload_goes_on_where_it_was(oss_emulator: Emulator) -> None:
    way = Way(oss_emulator, random.Random(1).randbytes(4 * LEAST + 3))
    begun = way.begun()
    way.put(way.plan.parts(begun.upload_id, numbers=[2, 5]))
    # Another process, which knows bucket, key, size, part size and upload id.
    again = copy.copy(way)
    again.plan = oss_emulator.client().plan_multipart(begin(), len(way.data), LEAST)
    parts = again.plan.parts(begun.upload_id)
    missing = again.plan.missing(again.listed(parts))
    assert missing == [1, 3, 4]
    again.put(again.plan.parts(begun.upload_id, numbers=missing))
    body = again.plan.complete_body(again.listed(parts))
    assert again.send(parts.complete, body).status == 200
    assert oss_emulator.read(BUCKET, KEY) == way.data
    with pytest.raises(ServiceError, match="NoSuchUpload"):
        again.listed(parts)


def test_an_upload_is_given_up(oss_emulator: Emulator) -> None:
    way = Way(oss_emulator, bytes(5))
    parts = way.begun()
    way.put(parts)
    assert way.send(parts.abort).status == 204
    answer = way.send(parts.complete, way.plan.complete_body([(1, "A")]))
    with pytest.raises(ServiceError, match="NoSuchUpload"):
        multipart.parse_complete(answer.body, answer.status, answer.headers)
    assert oss_emulator.objects() == []


def test_a_part_of_another_length_than_signed_is_refused(oss_emulator: Emulator) -> None:
    way = Way(oss_emulator, bytes(5), additional_headers=["content-length"])
    presigned = way.begun().urls.result(0)
    assert presigned is not None
    answer = send(
        oss_emulator.endpoint,
        oss.PresignResult("PUT", presigned.url, request_headers={}, signed_headers={}),
        bytes(6),
    )
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")


def test_more_than_a_thousand_parts_are_listed_in_pages(oss_emulator: Emulator) -> None:
    way = Way(oss_emulator, b"")
    way.plan = way.client.plan_multipart(begin(), 2_002 * LEAST, LEAST)
    parts = way.begun()
    for number in (1, 1_000, 1_001, 2_000, 2_002):
        presigned = parts.urls.result(number - 1)
        assert presigned is not None and way.send(presigned, b"x").status == 200
    assert {part.part_number for part in way.listed(parts)} == {1, 1_000, 1_001, 2_000, 2_002}
    last = way.send(parts.list_parts[-1])
    page = multipart.parse_list_parts(last.body, last.status, last.headers)
    assert [part.part_number for part in page.parts or ()] == [2_002]
