"""An independent judge: what the emulator takes, the SDK's own signers take, and so backwards.

Emulator and signer share code, so that a mistake in both would go unseen. Every kind of URL is
therefore also sent to a server that checks it with the official SDK.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ossign as oss
import pytest
import standin
from ossign.testing import Emulator
from wire import ask

BUCKET = "examplebucket"
KEYS = ["a.txt", "dir/a b+c~*'()!.txt", "数据/😀", "%2F%25", "a?b=c&d#e", ".."]
CALLBACK = base64.b64encode(b'{"callbackUrl":"http://127.0.0.1:1","callbackBody":"a"}').decode()
# No AccessKey id has a hyphen, and the emulator knows that.
ID = "SampleId"
TOKEN = oss.Credentials(ID, standin.SECRET, standin.TOKEN)
CODES = ("SignatureDoesNotMatch", "AccessDenied", "InvalidAccessKeyId", "InvalidSecurityToken")


@dataclass
class Servers:
    """Both servers, with the same AccessKey."""

    emulator: Emulator
    store: standin.Store

    def take(self, method: str, url: str, headers: dict[str, str]) -> tuple[bool, bool]:
        """Whether the emulator and the judge take the signature of a request."""
        body = b"" if method in ("PUT", "POST") else None
        ours, theirs = len(self.emulator.refusals), len(self.store.refusals)
        ask(self.emulator.endpoint, method, url, headers, body)
        ask(f"http://{self.store.host}", method, url, headers, body)
        return self.taken(self.emulator.refusals[ours:]), self.taken(self.store.refusals[theirs:])

    @staticmethod
    def taken(refusals: list[str]) -> bool:
        return not any(code in line for line in refusals for code in CODES)


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    credentials = oss.Credentials(ID, standin.SECRET)
    with (
        pytest.MonkeyPatch.context() as patch,
        Emulator(credentials=credentials, bucket=BUCKET) as emulator,
        standin.running() as store,
    ):
        patch.setattr(standin, "ID", ID)
        store.cnames["img.example.com"] = BUCKET
        yield Servers(emulator, store)


def operation(name: str, method: str, **parameters: str) -> oss.OperationInput:
    return oss.OperationInput(
        op_name=name, method=method, bucket=BUCKET, key="a", parameters=parameters
    )


REQUESTS: dict[str, Any] = {
    **{f"get {key}": oss.GetObjectRequest(bucket=BUCKET, key=key) for key in KEYS},
    "put": oss.PutObjectRequest(bucket=BUCKET, key="a"),
    "put with headers": oss.PutObjectRequest(
        bucket=BUCKET,
        key="a",
        content_type="text/plain; charset=utf-8",
        content_md5="1B2M2Y8AsgTpgAmY7PhCfg==",
        metadata={"a": " spaced  out ", "b": "c"},
        storage_class="IA",
        forbid_overwrite=False,
        traffic_limit=819_200,
    ),
    "put with callback": oss.PutObjectRequest(bucket=BUCKET, key="a", callback=CALLBACK),
    "head": oss.HeadObjectRequest(bucket=BUCKET, key="a"),
    "overrides": oss.GetObjectRequest(
        bucket=BUCKET,
        key="a",
        response_content_type="a/b",
        response_content_disposition='attachment; filename="a b+%.txt"',
    ),
    "callback in the query": oss.PutObjectRequest(
        bucket=BUCKET, key="a", parameters={"callback": CALLBACK}
    ),
    "own parameters": oss.GetObjectRequest(
        bucket=BUCKET, key="a", parameters={"b c": "d+e", "+": "", "|": "数"}
    ),
    "initiate": oss.InitiateMultipartUploadRequest(bucket=BUCKET, key="a", content_type="a/b"),
    "part": oss.UploadPartRequest(bucket=BUCKET, key="a", part_number=1, upload_id="A+/="),
    "complete": oss.CompleteMultipartUploadRequest(bucket=BUCKET, key="a", upload_id="A"),
    "abort": oss.AbortMultipartUploadRequest(bucket=BUCKET, key="a", upload_id="A"),
    "delete": operation("DeleteObject", "DELETE"),
    "list parts": operation("ListParts", "GET", uploadId="A"),
}
CLIENTS: dict[str, dict[str, Any]] = {
    "v4": {},
    "v1": {"signature_version": "v1"},
    "v4 with a token": {"credentials_provider": TOKEN},
    "v1 with a token": {"credentials_provider": TOKEN, "signature_version": "v1"},
    "v4 with further headers": {"additional_headers": ["host", "range", "content-length"]},
    "v4 virtual host": {"endpoint": "oss-cn-hangzhou.aliyuncs.com"},
    "v1 virtual host": {"endpoint": "oss-cn-hangzhou.aliyuncs.com", "signature_version": "v1"},
    "v4 custom domain": {"endpoint": "img.example.com", "use_cname": True},
    "v1 custom domain": {
        "endpoint": "img.example.com",
        "use_cname": True,
        "signature_version": "v1",
    },
}


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("name", REQUESTS)
def test_the_emulator_and_the_sdk_take_the_same_urls(
    servers: Servers, name: str, kind: str
) -> None:
    result = servers.emulator.client(**CLIENTS[kind]).presign(REQUESTS[name])
    method, url, headers = result.method, result.url, dict(result.request_headers)
    assert servers.take(method, url, headers) == (True, True)
    later = re.sub("(?<=[Ee]xpires=)", "1", url)
    assert servers.take(method, later, headers) == (False, False)
    other = {"PUT": "POST", "POST": "PUT", "GET": "HEAD", "HEAD": "GET", "DELETE": "GET"}[method]
    assert servers.take(other, url, headers) == (False, False)
    assert servers.take(method, url, {**headers, "x-oss-meta-more": "1"}) == (False, False)
