"""Beside the SDK: its requests are accepted, any operation is signed, its client runs fast."""

from __future__ import annotations

import copy
import datetime
import pickle
import subprocess
import sys
from typing import Any

import alibabacloud_oss_v2 as sdk
import alibabacloud_oss_v2.presigner
import ossign as oss
import ossign.sdk
import pytest
from sides import ID, NOW, SECRET, TOKEN, client, facts, frozen, get, put, query

WHERE = {"bucket": "examplebucket", "key": "dir/a b.txt"}
HOUR = datetime.timedelta(hours=1)


def theirs(op_input: Any, **config: Any) -> Any:
    """What the SDK's own signer makes of an OperationInput in query mode."""
    made = client(sdk, **config)
    output = made._client.invoke_operation(op_input, **sdk.presigner._presign_kwargs)
    return sdk.presigner._deserialize_output(made._client, output)


class Recorder:
    """A client that keeps the OperationInput that one of the SDK's operations makes."""

    def invoke_operation(self, op_input: Any, **_: Any) -> Any:
        self.op_input = op_input
        raise InterruptedError

    def has_feature(self, _: int) -> bool:
        return False


def operation_input(operation: Any, request: Any) -> Any:
    recorder = Recorder()
    with pytest.raises(InterruptedError):
        operation(recorder, request)
    return recorder.op_input


class WithSseC(sdk.PutObjectRequest):
    """A request with a field more than the SDK's."""

    _attribute_map = {
        **sdk.PutObjectRequest._attribute_map,
        "sse_c": {"tag": "input", "position": "header", "rename": "x-oss-sse-c"},
    }


def test_a_subclass_of_the_sdks_requests_may_have_more_fields() -> None:
    request = WithSseC(**WHERE)
    request.sse_c = "value"
    with frozen():
        result = client().presign(request)
        assert facts(result) == facts(client(sdk).presign(request))
        assert client().presign_many(request, key=[WHERE["key"]]) == [result.url]
    assert result.signed_headers == {"x-oss-sse-c": "value"}


M, OPS = sdk.models, sdk.operations
DELETION = M.Delete(objects=[M.ObjectIdentifier(key="a")])
ACL = sdk.ObjectACLType.PUBLICREAD
OTHERS: list[tuple[Any, Any]] = [
    (OPS.delete_object, sdk.DeleteObjectRequest(**WHERE, version_id="v")),
    (OPS.get_object_acl, sdk.GetObjectAclRequest(**WHERE)),
    (OPS.put_object_acl, sdk.PutObjectAclRequest(**WHERE, acl="private")),
    (
        OPS.list_objects_v2,
        sdk.ListObjectsV2Request(bucket="examplebucket", prefix="a/", max_keys=5),
    ),
    (OPS.list_objects, sdk.ListObjectsRequest(bucket="examplebucket", delimiter="/")),
    (OPS.copy_object, sdk.CopyObjectRequest(**WHERE, source_key="数/a b", metadata={"k": "v"})),
    (OPS.append_object, sdk.AppendObjectRequest(**WHERE, position=7, content_type="a/b")),
    (OPS.get_object_meta, sdk.GetObjectMetaRequest(**WHERE)),
    (OPS.list_parts, sdk.ListPartsRequest(**WHERE, upload_id="u", max_parts=3)),
    (OPS.get_object_tagging, sdk.GetObjectTaggingRequest(**WHERE)),
    (OPS.put_symlink, sdk.PutSymlinkRequest(**WHERE, symlink_target="t")),
    (OPS.restore_object, sdk.RestoreObjectRequest(**WHERE)),
    (OPS.list_buckets, sdk.ListBucketsRequest(prefix="p")),
    (OPS.get_bucket_info, sdk.GetBucketInfoRequest(bucket="examplebucket")),
    (
        OPS.upload_part_copy,
        sdk.UploadPartCopyRequest(**WHERE, part_number=1, upload_id="u", source_key="s"),
    ),
    (
        OPS.delete_multiple_objects,
        sdk.DeleteMultipleObjectsRequest(
            bucket="examplebucket", objects=[sdk.DeleteObject(key="a")]
        ),
    ),
]
SEVEN = [
    sdk.GetObjectRequest(**WHERE, process="image/resize,w_1", range_header="bytes=0-9"),
    sdk.PutObjectRequest(**WHERE, acl=ACL, metadata={"K": "v"}, headers={"a": "b"}),
    sdk.HeadObjectRequest(**WHERE, parameters={"x": "y"}),
    sdk.InitiateMultipartUploadRequest(**WHERE, content_type="a/b"),
    sdk.UploadPartRequest(**WHERE, part_number=1, upload_id="u"),
    sdk.CompleteMultipartUploadRequest(**WHERE, upload_id="u", complete_all="yes"),
    sdk.AbortMultipartUploadRequest(**WHERE, upload_id="u"),
]


def name(thing: Any) -> str:
    return type(thing).__name__ if not callable(thing) else ""


@pytest.mark.parametrize("request_", SEVEN, ids=name)
def test_a_request_object_of_the_sdk_is_accepted_as_it_is(request_: Any) -> None:
    with frozen():
        for call in ({}, {"expires": HOUR}):
            ours = client().presign(request_, **call)
            assert facts(ours) == facts(client(sdk).presign(request_, **call))


@pytest.mark.parametrize(("operation", "request_"), OTHERS, ids=name)
def test_a_request_object_of_any_other_operation_is_signed_as_the_sdk_would(
    operation: Any, request_: Any
) -> None:
    with frozen():
        ours = client().presign(request_)
        assert facts(ours) == facts(theirs(operation_input(operation, request_)))
    assert ours.url.startswith("https://") and "x-oss-signature=" in ours.url


def test_a_missing_field_of_another_operation_is_our_exception() -> None:
    with pytest.raises(oss.exceptions.ParamRequiredError, match="missing required field, key."):
        client().presign(sdk.DeleteObjectRequest(bucket="examplebucket"))


def extended(request: Any, **changes: Any) -> Any:
    """The same request, of a subclass that says otherwise how some fields travel."""
    kind = type(request)
    fields = {**kind._attribute_map, **changes}
    request = copy.copy(request)
    request.__class__ = type(f"My{kind.__name__}", (kind,), {"_attribute_map": fields})
    return request


def as_input(request: Any) -> Any:
    """A request in terms of HTTP, as its own table has it."""
    return ossign.sdk.operation_input(request, type(request).__mro__[1].__name__)


@pytest.mark.parametrize("request_", SEVEN, ids=name)
def test_a_subclass_that_adds_fields_to_the_sdks_table_is_signed_with_them(request_: Any) -> None:
    mine = extended(
        request_,
        sse_c={"tag": "input", "position": "header", "rename": "x-oss-sse-c"},
        subject={"tag": "input", "position": "query", "type": "bool"},
    )
    mine.sse_c, mine.subject = "k", True
    with frozen():
        ours = client().presign(as_input(mine))
        assert facts(ours) == facts(client(sdk).presign(mine))
    assert ours.signed_headers["x-oss-sse-c"] == "k" and query(ours.url)["subject"] == "true"


def test_a_subclass_that_renames_a_field_of_the_sdk_is_signed_with_the_new_name() -> None:
    renamed = {"tag": "input", "position": "header", "rename": "x-oss-my-acl"}
    mine = extended(put(sdk, acl="private"), acl=renamed)
    with frozen():
        ours = client().presign(as_input(mine))
        assert facts(ours) == facts(client(sdk).presign(mine))
    assert ours.signed_headers == {"x-oss-my-acl": "private"}


@pytest.mark.parametrize("request_", SEVEN, ids=name)
def test_a_field_that_a_subclass_requires_is_missed_as_the_sdk_misses_it(request_: Any) -> None:
    mine = extended(request_, sse_c={"tag": "input", "position": "header", "required": True})
    mine.sse_c = None
    with pytest.raises(oss.exceptions.ParamRequiredError) as ours:
        as_input(mine)
    with pytest.raises(sdk.exceptions.ParamRequiredError) as theirs:
        client(sdk).presign(mine)
    assert str(ours.value) == str(theirs.value) == "missing required field, sse_c."


def test_whatever_else_the_sdk_trips_over_comes_unchanged_and_is_not_its_own_cause() -> None:
    mine = extended(get(sdk), never_set={"tag": "input", "position": "header"})
    with pytest.raises(AttributeError, match="never_set") as raised:
        as_input(mine)
    assert raised.value.__cause__ is None


INPUTS: list[dict[str, Any]] = [
    {"op_name": "DeleteObject", "method": "DELETE", **WHERE},
    {"op_name": "GetObjectAcl", "method": "GET", **WHERE, "parameters": {"acl": ""}},
    {
        "op_name": "ListObjectsV2",
        "method": "GET",
        "bucket": "examplebucket",
        "parameters": {"list-type": "2", "prefix": "a/b c", "max-keys": "5"},
    },
    {"op_name": "ListBuckets", "method": "GET"},
    {"op_name": "X", "method": "POST", **WHERE, "headers": {"Content-Type": "a/b", "x-oss-a": "b"}},
    {"op_name": "Options", "method": "OPTIONS", **WHERE, "headers": {"Origin": "https://a.com"}},
]


@pytest.mark.parametrize("fields", INPUTS, ids=lambda fields: fields["op_name"])
@pytest.mark.parametrize(
    "style", [{}, {"use_path_style": True}, {"use_cname": True, "endpoint": "h.com"}]
)
def test_any_operation_spelled_out_is_signed_as_the_sdk_would(
    fields: dict[str, Any], style: dict[str, Any]
) -> None:
    with frozen():
        ours = client(**style).presign(oss.OperationInput(**fields))
        expected = facts(theirs(sdk.OperationInput(**fields), **style))
        assert facts(ours) == expected
        assert facts(client(**style).presign(sdk.OperationInput(**fields))) == expected


@pytest.mark.parametrize("names", [["Range"], ["host"], ["range", "HOST", "abc", "content-type"]])
def test_additional_headers_give_what_the_sdks_signer_gives_with_them(names: list[str]) -> None:
    config = {"additional_headers": names}
    headers = {"range": "bytes=0-9", "ABC": "x"}
    with frozen():
        ours = client(**config).presign(get(headers=headers))
        host = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
        request = sdk.types.HttpRequest(
            "GET", ours.url.partition("?")[0], {**headers, "Host": host}
        )
        context = sdk.types.SigningContext(
            "oss",
            "cn-hangzhou",
            WHERE["bucket"],
            WHERE["key"],
            request,
            sdk.credentials.Credentials(ID, SECRET),
            additional_headers=set(names),
        )
        context.auth_method_query = True
        sdk.signer.SignerV4().sign(context)
    assert ours.url == request.url
    signed = query(ours.url)["x-oss-additional-headers"].split(";")
    assert signed == sorted({n.lower() for n in names} - {"content-type"})


def test_a_host_header_of_the_callers_own_is_the_one_that_is_bound() -> None:
    with frozen():
        ours = client(additional_headers=["host"]).presign(get(headers={"Host": "cdn.example.com"}))
        plain = client(additional_headers=["host"], endpoint="cdn.example.com", use_cname=True)
        assert query(ours.url) == query(plain.presign(get()).url)
    assert ours.signed_headers == {"Host": "cdn.example.com"}


def accelerated(**config: Any) -> Any:
    return ossign.sdk.accelerate(client(sdk, **config))


def test_an_accelerated_client_is_the_same_object_and_gives_the_same_urls() -> None:
    made = client(sdk)
    with frozen():
        before = facts(made.presign(get(sdk), expires=HOUR))
        assert ossign.sdk.accelerate(made) is made
        after = made.presign(get(sdk), expires=HOUR)
        assert facts(after) == before and type(after) is oss.PresignResult


def test_an_accelerated_client_changes_no_url_although_additional_headers_are_set() -> None:
    config, request = {"additional_headers": ["range", "host"]}, get(sdk, range_header="bytes=0-9")
    with frozen():
        before = facts(client(sdk, **config).presign(request))
        assert facts(accelerated(**config).presign(request)) == before


def test_an_accelerated_client_asks_its_provider_every_time() -> None:
    names = iter("ab")
    provider = sdk.credentials.CredentialsProviderFunc(
        lambda: sdk.credentials.Credentials(next(names), SECRET, TOKEN)
    )
    made = accelerated(credentials_provider=provider)
    assert [query(made.presign(get(sdk)).url)["x-oss-credential"][0] for _ in "ab"] == ["a", "b"]


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))]
)
def test_a_copy_or_a_pickle_of_an_accelerated_client_is_accelerated(copied: Any) -> None:
    twin = copied(accelerated(use_path_style=True))
    with frozen():
        result = twin.presign(get(sdk), expires=HOUR)
        assert facts(result) == facts(
            client(sdk, use_path_style=True).presign(get(sdk), expires=HOUR)
        )
    assert type(result) is oss.PresignResult


LOADING = """
import pickle, sys
made = pickle.load(sys.stdin.buffer)
import alibabacloud_oss_v2 as sdk
result = made.presign(sdk.GetObjectRequest(bucket="examplebucket", key="k"))
print(type(result).__module__, result.url.partition("?")[0])
"""


def test_an_accelerated_client_is_accelerated_in_another_process_too() -> None:
    found = subprocess.run(
        [sys.executable, "-c", LOADING],
        input=pickle.dumps(accelerated()),
        capture_output=True,
        check=True,
    )
    expected = b"ossign https://examplebucket.oss-cn-hangzhou.aliyuncs.com/k"
    assert found.stdout.strip() == expected


class Described(sdk.Client):
    """A subclass that leaves `presign` alone."""

    def described(self, request: Any) -> str:
        result = self.presign(request)
        return f"{result.method} {type(result).__module__}"


def test_a_subclass_that_leaves_presign_alone_is_accelerated() -> None:
    made = Described(client(sdk)._client._config)
    assert ossign.sdk.accelerate(made).described(get(sdk)) == "GET ossign"


def test_an_accelerated_client_can_be_accelerated_again_and_reads_its_settings_anew() -> None:
    made = accelerated()
    made._client._options.region = "cn-beijing"
    assert "cn-hangzhou%2F" in made.presign(get(sdk)).url
    assert "cn-beijing%2F" in ossign.sdk.accelerate(made).presign(get(sdk)).url


class OwnPresign(sdk.Client):
    """A subclass whose presigned URLs work for two hours."""

    def presign(self, request: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("expires", 2 * HOUR)
        return super().presign(request, **kwargs)


class InheritedPresign(OwnPresign):
    """One that has it from its base."""


@pytest.mark.parametrize("kind", [OwnPresign, InheritedPresign])
def test_a_presign_of_somebodys_own_is_not_replaced(kind: Any) -> None:
    made = kind(client(sdk)._client._config)
    with pytest.raises(TypeError, match=f"cannot keep the presign of {kind.__name__}, .* plain"):
        ossign.sdk.accelerate(made)
    with frozen():
        assert made.presign(get(sdk)).expiration == NOW + 2 * HOUR


def test_a_presign_that_was_put_on_the_client_is_not_replaced() -> None:
    made = client(sdk)
    made.presign = lambda request: None
    with pytest.raises(TypeError, match="cannot keep the presign of Client"):
        ossign.sdk.accelerate(made)


FAILURES: list[tuple[str, dict[str, Any], Any, dict[str, Any]]] = [
    ("ParamRequiredError", {}, sdk.GetObjectRequest(bucket="examplebucket"), {}),
    ("ParamInvalidError", {}, "no request", {}),
    ("SerializationError", {}, put(sdk, tagging=["a"]), {}),
    ("PresignExpirationError", {}, get(sdk), {"expires": 8 * 24 * HOUR}),
    ("OperationError", {}, get(sdk, bucket="NO"), {}),
    ("OperationError", {}, get(sdk, key=""), {}),
    ("OperationError", {"region": None}, get(sdk), {}),
    (
        "OperationError",
        {"credentials_provider": sdk.credentials.CredentialsProviderFunc(lambda: None)},
        get(sdk),
        {},
    ),
]


@pytest.mark.parametrize(("kind", "config", "request_", "call"), FAILURES)
def test_an_accelerated_client_raises_the_sdks_own_exceptions(
    kind: str, config: dict[str, Any], request_: Any, call: dict[str, Any]
) -> None:
    raised = []
    for made in (client(sdk, **config), accelerated(**config)):
        with pytest.raises(getattr(sdk.exceptions, kind)) as error:
            made.presign(request_, **call)
        raised.append(error.value)
    plain, fast = raised
    assert type(plain) is type(fast) and str(plain) == str(fast)
    if kind == "OperationError":
        assert type(plain.unwrap()) is type(fast.unwrap())


def test_refusals_of_our_own_come_as_the_nearest_class_of_the_sdk() -> None:
    made = accelerated()
    with pytest.raises(sdk.exceptions.PresignExpirationError, match="at least 1 second"):
        made.presign(get(sdk), expires=datetime.timedelta(0))
    with pytest.raises(sdk.exceptions.OperationError, match="must not start with") as raised:
        made.presign(get(sdk, key="/a"))
    assert isinstance(raised.value.unwrap(), sdk.exceptions.ObjectNameInvalidError)


class OwnSigner(sdk.signer.SignerV4):
    """A signer of somebody's own."""


def refused() -> list[Any]:
    # As the SDK's, which needs aiohttp to be imported.
    async_client = type("AsyncClient", (), {"__module__": "alibabacloud_oss_v2.aio.client"})
    own_signer, own_endpoint = client(sdk), client(sdk)
    own_signer._client._options.signer = OwnSigner()
    own_endpoint._client._options.endpoint_provider = object()
    return [client(), None, object(), async_client(), own_signer, own_endpoint]


@pytest.mark.parametrize("thing", refused(), ids=name)
def test_what_cannot_be_accelerated_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match="not a Client|cannot sign|cannot address"):
        ossign.sdk.accelerate(thing)


IMPORTS = """
import sys
before = set(sys.modules)
import ossign
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(new - set(sys.stdlib_module_names)))
"""


def test_importing_ossign_imports_neither_the_sdk_nor_any_other_package() -> None:
    found = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "['ossign']"


def request_models() -> list[str]:
    """Every request class of the SDK; four of that name are parts of others."""
    named = (n for n in dir(sdk.models) if n.endswith("Request"))
    return [n for n in named if issubclass(getattr(sdk.models, n), sdk.serde.RequestModel)]


def test_every_request_class_of_the_sdk_has_an_operation_that_is_found() -> None:
    names = request_models()
    assert len(names) > 140
    for name in names:
        operation = ossign.sdk._snake_case(name.removesuffix("Request"))
        assert name.removesuffix("Request") + "Request" in oss.__all__ or callable(
            getattr(sdk.operations, operation)
        ), name
