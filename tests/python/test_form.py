"""Form uploads: what presign_post makes is taken, and verify_post tells why something is not."""

from __future__ import annotations

import base64
import copy
import datetime
import hashlib
import hmac
import json
import pickle
from collections.abc import Callable
from typing import Any

import ossign as oss
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ossign import exceptions as E
from sides import ID, NOW, SECRET, TOKEN, Unreadable, at, client, frozen

WHO = oss.Credentials(ID, SECRET)
C = oss.Condition
GB = 1 << 30


def post(**keywords: Any) -> oss.PresignedPost:
    with frozen():
        given = {"bucket": "examplebucket", "key": "dir/${filename}", **keywords}
        config = given.pop("config", {})
        made: oss.PresignedPost = client(**config).presign_post(**given)
        return made


def verify(fields: Any, **keywords: Any) -> oss.VerifiedPost:
    return oss.verify_post(fields, **{"credentials": WHO, "now": NOW, **keywords})


def cause(fields: Any, **keywords: Any) -> str:
    with pytest.raises(E.PostVerificationError) as raised:
        verify(fields, **keywords)
    return raised.value.cause


def refused(**keywords: Any) -> str:
    with pytest.raises(E.ParamInvalidError) as raised:
        post(**keywords)
    return str(raised.value)


def test_the_policy_holds_what_v4_demands_and_is_signed_as_documented() -> None:
    made = post(content_length_range=(1, 10), content_type="text/plain")
    assert made.url == "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/"
    scope = "20260101/cn-hangzhou/oss/aliyun_v4_request"
    assert json.loads(made.policy) == {
        "expiration": "2026-01-01T00:15:00.000Z",
        "conditions": [
            {"bucket": "examplebucket"},
            {"x-oss-signature-version": "OSS4-HMAC-SHA256"},
            {"x-oss-credential": f"{ID}/{scope}"},
            {"x-oss-date": "20260101T000000Z"},
            ["starts-with", "$key", "dir/"],
            ["eq", "$content-type", "text/plain"],
            ["content-length-range", 1, 10],
        ],
    }
    assert [*made.fields] == [
        "key",
        "Content-Type",
        "policy",
        "x-oss-signature-version",
        "x-oss-credential",
        "x-oss-date",
        "x-oss-signature",
    ]
    policy = made.fields["policy"]
    assert base64.b64decode(policy).decode() == made.policy
    key = b"aliyun_v4" + SECRET.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.new(key, policy.encode(), hashlib.sha256).hexdigest()
    assert made.fields["x-oss-signature"] == expected


def test_version_1_is_signed_as_documented() -> None:
    made = post(config={"signature_version": "v1"})
    policy = made.fields["policy"]
    expected = base64.b64encode(hmac.digest(SECRET.encode(), policy.encode(), "sha1")).decode()
    assert made.fields == {
        "key": "dir/${filename}",
        "policy": policy,
        "OSSAccessKeyId": ID,
        "Signature": expected,
    }
    assert verify(made.fields).signature_version == "v1"
    assert verify(made.fields).region is None


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_a_token_is_a_field_and_must_be_the_one_of_the_credentials(version: str) -> None:
    who = oss.Credentials(ID, SECRET, TOKEN, at(60))
    made = post(config={"credentials_provider": who, "signature_version": version})
    assert made.fields["x-oss-security-token"] == TOKEN
    assert verify(made.fields, credentials=who).access_key_id == ID
    assert cause(made.fields) == "token_mismatch"
    without = {n: v for n, v in made.fields.items() if n != "x-oss-security-token"}
    assert cause(without, credentials=who) == "token_mismatch"
    assert (made.effective_expiration, made.expiration) == (at(60), at(900))
    assert TOKEN not in repr(made) and made.fields["policy"] not in repr(made)


def test_all_that_was_asked_for_is_in_the_form_and_held_to() -> None:
    made = post(
        key="a.png",
        content_type="image/png",
        success_action_status=201,
        success_action_redirect="https://app.example.com/done",
        metadata={"author": "某人"},
        fields={"Cache-Control": "no-cache", "x-oss-object-acl": "private"},
        callback=oss.Callback(url="app.example.com", body="o=${x:o}", vars={"x:o": "1"}),
        expires=datetime.timedelta(days=7),
    )
    assert (
        made.fields.items()
        >= {
            "Content-Type": "image/png",
            "success_action_status": "201",
            "success_action_redirect": "https://app.example.com/done",
            "x-oss-meta-author": "某人",
            "Cache-Control": "no-cache",
            "x-oss-object-acl": "private",
            "x:o": "1",
        }.items()
    )
    assert verify(made.fields, bucket="examplebucket", size=5).key == "a.png"
    for name in set(made.fields) - {"policy"}:
        assert cause({**made.fields, name: made.fields[name] + "x"})
        assert cause({n: v for n, v in made.fields.items() if n != name})
    assert made.expiration == at(7 * 86400)


def test_a_callback_may_be_given_as_its_base64() -> None:
    made = post(callback="eyJ9")
    assert made.fields["callback"] == "eyJ9"
    with pytest.raises(TypeError, match="Callback"):
        post(callback={"callbackUrl": "x"})


@pytest.mark.parametrize(
    ("size", "expected"), [(0, "small"), (1, ""), (10, ""), (11, "large"), (5 * GB, "large")]
)
def test_the_size_of_the_file_is_bounded(size: int, expected: str) -> None:
    fields = post(content_length_range=(1, 10)).fields
    if not expected:
        verify(fields, size=size)
        return
    with pytest.raises(E.PostVerificationError, match="content-length-range") as raised:
        verify(fields, size=size)
    assert raised.value.cause == "size_out_of_range"
    assert raised.value.condition == '["content-length-range",1,10]'
    assert raised.value.code == {"small": "EntityTooSmall", "large": "EntityTooLarge"}[expected]


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        (C.eq("Cache-Control", "no-cache"), "no-cache", "no-store"),
        (C.starts_with("cache-control", "max-age="), "max-age=5", "no-cache"),
        (C.starts_with("cache-control", ""), "anything", None),
        (C.in_("cache-control", ["a", "b"]), "b", "c"),
        (C.not_in("$cache-control", ["a", "b"]), "c", "a"),
        (["in", "$cache-control", ["a"]], "a", "b"),
        ({"cache-control": "$a\\$"}, "$a\\$", "a"),
    ],
)
def test_each_condition_lets_pass_what_it_should(condition: Any, good: str, bad: Any) -> None:
    fields = post(conditions=[condition]).fields
    assert verify({**fields, "CACHE-CONTROL": good})
    assert cause(fields) == "field_missing"
    if bad is not None:
        assert cause({**fields, "cache-control": bad}) == "condition_failed"


def test_the_error_names_the_condition_and_what_oss_answers() -> None:
    fields = post(conditions=[C.starts_with("content-type", "image/")]).fields
    with pytest.raises(E.PostVerificationError) as raised:
        verify({**fields, "Content-Type": "text/html"})
    error = raised.value
    assert error.condition == '["starts-with","$content-type","image/"]'
    assert (error.field, error.status_code, error.code) == ("content-type", 403, "AccessDenied")
    assert error.ec == "0006-00000227"
    assert "Policy Condition failed" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.cause) == (str(error), "condition_failed")


def test_a_key_chosen_by_the_browser_must_keep_its_prefix() -> None:
    fields = post(key="user/7/${filename}").fields
    assert verify({**fields, "key": "user/7/a.png"}).key == "user/7/a.png"
    assert cause({**fields, "key": "user/8/a.png"}) == "condition_failed"
    exact = post(key="user/7/a.png").fields
    assert cause({**exact, "key": "user/7/b.png"}) == "condition_failed"


def test_a_condition_of_ones_own_frees_a_field() -> None:
    made = post(content_type="image/png", conditions=[C.starts_with("Content-Type", "image/")])
    assert verify({**made.fields, "Content-Type": "image/gif"})
    assert cause({**made.fields, "Content-Type": "text/html"}) == "condition_failed"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(900), ""),
        (at(900.001), "policy_expired"),
        (at(-900), ""),
        (at(-901), "date_out_of_range"),
    ],
)
def test_a_form_has_its_time(now: datetime.datetime, expected: str) -> None:
    fields = post().fields
    if expected:
        assert cause(fields, now=now) == expected
    else:
        verify(fields, now=now)


def test_what_is_changed_or_missing_is_noticed() -> None:
    fields = post().fields
    assert cause({**fields, "x-oss-signature": "0" * 64}) == "signature_mismatch"
    assert cause({**fields, "policy": post(key="other").fields["policy"]}) == "signature_mismatch"
    assert cause({n: v for n, v in fields.items() if n != "policy"}) == "policy_missing"
    assert cause({"key": "a"}) == "policy_missing"
    assert cause(fields, credentials=oss.Credentials("other", SECRET)) == "access_key_unknown"
    assert cause(fields, credentials=oss.Credentials(ID, "other")) == "signature_mismatch"
    assert cause(fields, bucket="otherbucket") == "condition_failed"
    assert cause([*fields.items(), ("Key", "other")]) == "field_repeated"


def test_the_form_objects_of_frameworks_are_read() -> None:
    from starlette.datastructures import FormData
    from werkzeug.datastructures import MultiDict

    fields = [*post().fields.items(), ("file", object())]
    assert verify(FormData(fields)).key == "dir/${filename}"
    assert verify(MultiDict(fields)).key == "dir/${filename}"
    assert cause(MultiDict([*fields, ("key", "x")])) == "field_repeated"
    with pytest.raises(TypeError, match="'n' must be str, not int"):
        verify({"n": 1})


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", ID)
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", SECRET)
    monkeypatch.delenv("OSS_SESSION_TOKEN", raising=False)
    with frozen():
        assert oss.verify_post(post().fields).access_key_id == ID
    monkeypatch.delenv("OSS_ACCESS_KEY_SECRET")
    with pytest.raises(E.CredentialsEmptyError):
        oss.verify_post({})


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"content_length_range": (2, 1)}, "content_length_range: '(2, 1)' must be"),
        ({"content_length_range": (-1, 1)}, "content_length_range: '(-1, 1)' must be"),
        ({"content_length_range": (0, 5 * GB + 1)}, "5368709120"),
        ({"content_length_range": (0.5, 1)}, "content_length_range: '(0.5, 1)' must be"),
        ({"content_length_range": ("1", 2)}, "content_length_range: \"('1', 2)\" must be"),
        ({"content_length_range": (True, 2)}, "content_length_range: '(True, 2)' must be"),
        ({"content_length_range": (0, 10**5000)}, "content_length_range: '(0, ...)' must be"),
        ({"bucket": "\ud800"}, "bucket: '\\ud800' is half of a character"),
        ({"key": "a\ud800"}, "key: '\\ud800' is half of a character"),
        ({"content_type": "\udfff"}, "content_type: '\\udfff' is half of a character"),
        ({"metadata": {"a": "\ud800"}}, "metadata[\"a\"]: '\\ud800' is half of a character"),
        ({"metadata": {"\ud800": "a"}}, "a name in metadata: '\\ud800' is half of a character"),
        ({"endpoint": "\ud800"}, "endpoint: '\\ud800' is half of a character"),
        ({"cname": "\ud800"}, "cname: '\\ud800' is half of a character"),
        ({"conditions": [["eq", "$a", "\ud800"]]}, "is no condition"),
        ({"conditions": [["eq", "$a", float("nan")]]}, "is no condition"),
        ({"success_action_status": 202}, "success_action_status: '202' must be 200, 201 or 204"),
        ({"metadata": {"a_b": "c"}}, "metadata: 'x-oss-meta-a_b' must be letters"),
        ({"metadata": {"a": "x" * 8190}}, "8 KB"),
        ({"fields": {"policy": "x"}}, "made by presign_post"),
        ({"fields": {"x-oss-signature": "x"}}, "made by presign_post"),
        ({"fields": {"a b": "x"}}, "must be a name of letters"),
        ({"fields": {"Cache-Control": "a\r\nb"}}, "Cache-Control: 'a\\r\\nb' must not hold CR"),
        ({"content_type": "a/b", "fields": {"content-type": "c/d"}}, "once only"),
        ({"conditions": [["eq", "$a"]]}, "conditions"),
        ({"conditions": [["like", "$a", "b"]]}, "starts-with"),
        ({"conditions": [["in", "$a", []]]}, "at least one value"),
        ({"conditions": [["in", "$a", "b"]]}, "conditions"),
        ({"conditions": [{"a": "b", "c": "d"}]}, "object"),
        ({"conditions": [123]}, "an object or a list"),
        ({"conditions": [["eq", "$bucket", "other"]]}, "must allow the bucket"),
        ({"conditions": [["eq", "$x-oss-date", "x"]]}, "signature"),
        ({"conditions": [C.eq("key", "x")], "key": "y"}, "the value that is given"),
        ({"conditions": [C.content_length_range(0, 1)], "content_length_range": (0, 1)}, "only"),
    ],
)
def test_bad_input_is_refused_with_field_and_rule(keywords: dict[str, Any], words: str) -> None:
    assert words in refused(**keywords)


@pytest.mark.parametrize(
    ("keywords", "reason"),
    [
        ({"bucket": "A"}, E.BucketNameInvalidError),
        ({"key": ""}, E.ObjectNameInvalidError),
        ({"key": "/a"}, E.ObjectNameInvalidError),
        ({"key": "数" * 342}, E.ObjectNameInvalidError),
        ({"config": {"region": ""}}, E.ParamInvalidError),
        ({"config": {"credentials_provider": oss.Credentials("", "")}}, E.CredentialsEmptyError),
        (
            {"config": {"credentials_provider": oss.Credentials("a", "b", None, at(-1))}},
            E.CredentialsExpiredError,
        ),
        (
            {"config": {"credentials_provider": oss.credentials.AnonymousCredentialsProvider()}},
            E.CredentialsEmptyError,
        ),
    ],
)
def test_what_makes_the_operation_impossible_is_wrapped(
    keywords: dict[str, Any], reason: type[Exception]
) -> None:
    with pytest.raises(E.OperationError, match="PostObject") as raised:
        post(**keywords)
    assert isinstance(raised.value.unwrap(), reason)


@pytest.mark.parametrize("expires", [datetime.timedelta(0), datetime.timedelta(days=7, seconds=1)])
def test_a_validity_that_no_form_can_have_is_refused(expires: datetime.timedelta) -> None:
    with pytest.raises(E.PresignExpirationError):
        post(expires=expires)


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"bucket": None}, "bucket must be a str, not NoneType"),
        ({"key": None}, "key must be a str, not NoneType"),
        ({"expires": 5}, "expires must be a datetime.timedelta, got 5"),
        ({"expiration": "x"}, "expiration must be a datetime.datetime, got 'x'"),
        (
            {"content_length_range": 5},
            "content_length_range must be (least, most), two ints, got 5",
        ),
        ({"content_length_range": (1, 2, 3)}, "content_length_range must be"),
        ({"content_length_range": range(2)}, "content_length_range must be"),
        ({"content_type": ["a/b"]}, "content_type must be a str, a number"),
        ({"conditions": 5}, "conditions must be a list of conditions, not int"),
        ({"conditions": "eq"}, "conditions must be a list of conditions, not str"),
        ({"conditions": {"a": "b"}}, "conditions must be a list of conditions, not dict"),
        ({"conditions": [["eq", "$a", b"b"]]}, "conditions must be of str, int, list and dict"),
        ({"expire": 5}, "expire"),
        ({"metadata": [("a", "b")]}, "metadata must be a dict, not list"),
        ({"metadata": {1: "a"}}, "a name in metadata must be a str, not int"),
        ({"metadata": {"a": None}}, 'metadata["a"] must be a str, a number'),
        ({"fields": [("a", "b")]}, "fields must be a dict, not list"),
        ({"fields": {1: "a"}}, "a name in fields must be a str, not int"),
        ({"fields": {"a": {}}}, 'fields["a"] must be a str, a number'),
    ],
)
def test_another_type_is_a_type_error_that_names_it(keywords: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError) as raised:
        post(**keywords)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda given: post(conditions=given),
        lambda given: C.in_("content-type", given),
        lambda given: oss.Callback(url=given, body="a=b"),
    ],
)
def test_what_a_list_raises_when_it_is_read_goes_on(call: Callable[[Any], Any]) -> None:
    with pytest.raises(ConnectionError, match="the database is gone"):
        call(Unreadable())


def test_any_two_ints_bound_the_size() -> None:
    assert post(content_length_range=[1, 2]) == post(content_length_range=(1, 2))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: C.eq("key", None), TypeError, "value must be a str, not NoneType"),  # type: ignore[arg-type]
        (lambda: C.eq(None, "a"), TypeError, "field must be a str, not NoneType"),  # type: ignore[arg-type]
        (lambda: C.starts_with("key", 5), TypeError, "prefix must be a str, not int"),  # type: ignore[arg-type]
        (lambda: C.in_("a", "xyz"), TypeError, "values must be a list of str, not str"),
        (lambda: C.in_("a", 5), TypeError, "values must be a list of str, not int"),  # type: ignore[arg-type]
        (lambda: C.not_in("a", ["b", 5]), TypeError, r"values\[1\] must be a str, not int"),  # type: ignore[list-item]
        (lambda: C.eq("key", "\ud800"), E.ParamInvalidError, "value: '.ud800' is half"),
        (lambda: C.eq("\ud800", "a"), E.ParamInvalidError, "field: '.ud800' is half"),
        (lambda: C.in_("a", ["\ud800"]), E.ParamInvalidError, r"values\[0\]: '.ud800' is half"),
        (lambda: C.eq("key", "a").allows(5), TypeError, "value must be a str, not int"),
        (lambda: C.content_length_range(1, 2).allows("1"), TypeError, "value must be an int"),
        (lambda: C.content_length_range(1, 2).allows(-1), E.ParamInvalidError, "value: '-1' must"),
    ],
)
def test_a_condition_names_the_argument_that_is_wrong(
    make: Callable[[], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        make()


@pytest.mark.parametrize(
    ("fields", "keywords", "error", "words"),
    [
        ({}, {"bucket": 5}, TypeError, "bucket must be a str, not int"),
        ({}, {"bucket": "\ud800"}, E.ParamInvalidError, "bucket: '\\ud800' is half"),
        ({}, {"size": -1}, E.ParamInvalidError, "size: '-1' must be from 0 to"),
        ({}, {"size": 2**64}, E.ParamInvalidError, "size: '18446744073709551616' must be from"),
        ({}, {"size": True}, TypeError, "size must be an int, not bool"),
        ({}, {"size": "5"}, TypeError, "size must be an int, not str"),
        ({}, {"now": 5}, TypeError, "now must be a datetime.datetime, got 5"),
        (None, {}, TypeError, "fields must be a mapping, or pairs of name and value, got NoneType"),
        ("key", {}, TypeError, "fields must be a mapping, or pairs of name and value, got str"),
        ([("a", "b", "c")], {}, TypeError, "fields must be a mapping, or pairs"),
        ({1: "a"}, {}, TypeError, "a name in fields must be str, not int: 1"),
        ({"key": 5}, {}, TypeError, "field 'key' must be str, not int"),
        ({"key": "a\ud800"}, {}, E.ParamInvalidError, "fields['key']: '\\ud800' is half"),
        ({"\ud800": "a"}, {}, E.ParamInvalidError, "fields['\\ud800']: '\\ud800' is half"),
    ],
)
def test_what_is_no_form_is_named(
    fields: Any, keywords: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as raised:
        verify(fields, **keywords)
    assert words in str(raised.value)


def test_half_a_character_shows_nothing_of_a_signature() -> None:
    made = post()
    with pytest.raises(E.ParamInvalidError) as raised:
        verify({**made.fields, "x-oss-signature": made.fields["x-oss-signature"] + "\ud800"})
    assert made.fields["x-oss-signature"] not in str(raised.value) + repr(vars(raised.value))
    assert raised.value.__cause__ is None and raised.value.__suppress_context__


def test_expiration_wins_over_expires() -> None:
    made = post(expires=datetime.timedelta(hours=1), expiration=at(7.0019))
    assert made.expiration == at(7.001)
    assert '"expiration":"2026-01-01T00:00:07.001Z"' in made.policy


def test_posts_compare_pickle_and_turn_into_dicts() -> None:
    made = post()
    assert made == post() != post(key="other")
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made
    assert dict(made)["fields"] == made.fields
    assert json.loads(json.dumps({"url": made.url, "fields": made.fields}))["url"] == made.url
    with pytest.raises(KeyError):
        made["other"]


def test_conditions_compare_hash_pickle_and_hide_secrets() -> None:
    one, same, other = C.eq("a", "b"), C(["eq", "$a", "b"]), C.eq("a", "c")
    assert one == same == C(one) == C({"a": "b"}) != other
    assert len({one, same, other}) == 2
    assert pickle.loads(pickle.dumps(C.content_length_range(1, 2))) == C.content_length_range(1, 2)
    assert str(one) == '["eq","$a","b"]'
    assert repr(C.eq("x-oss-security-token", "hidden")) == (
        'Condition({"x-oss-security-token":"..."})'
    )
    assert C.content_length_range(1, 2).allows(2) and not C.content_length_range(1, 2).allows(3)


FIELD = st.from_regex(r"x-oss-meta-[a-z]{1,5}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CONDITIONS = st.one_of(
    st.builds(C.eq, FIELD, TEXT),
    st.builds(C.starts_with, FIELD, TEXT),
    st.builds(C.in_, FIELD, st.lists(TEXT, min_size=1, max_size=3)),
    st.builds(C.not_in, FIELD, st.lists(TEXT, min_size=1, max_size=3)),
)


def holds(condition: list[Any], value: str) -> bool:
    """What OSS documents, in Python."""
    operator, _, expected = condition
    met: dict[str, Any] = {
        "eq": lambda: value == expected,
        "starts-with": lambda: value.startswith(expected),
        "in": lambda: value in expected,
        "not-in": lambda: value not in expected,
    }
    return bool(met[operator]())


@given(st.lists(CONDITIONS, max_size=4), st.data(), st.sampled_from(["v1", "v4"]))
def test_a_form_is_taken_exactly_where_all_conditions_hold(
    conditions: list[oss.Condition], data: st.DataObject, version: str
) -> None:
    made = post(conditions=conditions, config={"signature_version": version})
    listed = [c for c in json.loads(made.policy)["conditions"] if isinstance(c, list)][1:]
    assert listed == [json.loads(str(c)) for c in conditions]
    fields = dict(made.fields)
    for _, name, expected in listed:
        likely = expected if isinstance(expected, list) else [expected, expected + "x"]
        fields[name[1:]] = data.draw(st.sampled_from(likely) | TEXT)
    failed = [c for c in listed if not holds(c, fields[c[1][1:]])]
    if not failed:
        verify(fields)
        return
    with pytest.raises(E.PostVerificationError) as raised:
        verify(fields)
    assert json.loads(raised.value.condition or "") == failed[0]


@given(st.lists(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5)))
def test_no_condition_crashes(conditions: list[Any]) -> None:
    for condition in conditions:
        try:
            C(condition)
        except E.ParamInvalidError:
            continue
