"""A stand-in for OSS: a local server that keeps objects in memory and checks signatures.

The judges are the official SDK's own signers: what they do not sign alike is refused. It does only
what presigned URLs are used for, and nothing outlasts a test.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree

from alibabacloud_oss_v2.credentials import Credentials
from alibabacloud_oss_v2.signer import SignerV1, SignerV4
from alibabacloud_oss_v2.types import HttpRequest, Signer, SigningContext

ID, SECRET, TOKEN, REGION = "sample-id", "sample-secret", "sample-token", "cn-hangzhou"
SIGNING = ("version", "date", "expires", "credential", "security-token", "additional-headers")
V4_NAMES = {f"x-oss-{name}" for name in (*SIGNING, "signature", "signature-version")}
V1_NAMES = {"OSSAccessKeyId", "Expires", "Signature", "security-token"}
EARLY = datetime.timedelta(minutes=15)


@dataclass
class Stored:
    """One object: its bytes, and the headers that came with them."""

    data: bytes
    headers: dict[str, str]


@dataclass
class Upload:
    """A multipart upload that is under way."""

    bucket: str
    key: str
    headers: dict[str, str]
    parts: dict[int, bytes] = field(default_factory=dict)


@dataclass
class Store:
    """What a server knows. `cnames` are hosts bound to one bucket each."""

    objects: dict[tuple[str, str], Stored] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    callbacks: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    cnames: dict[str, str] = field(default_factory=dict)
    host: str = ""


class Refused(Exception):
    """An error of OSS: status, code, and words."""


class Handler(BaseHTTPRequestHandler):
    """One request, checked and done."""

    protocol_version = "HTTP/1.1"
    store: Store
    bucket = key = ""
    query: dict[str, str]

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self._locate()
            self._verify()
            self._do(body)
        except Refused as refused:
            status, code, words = refused.args
            self.store.refusals.append(f"{self.command} {self.path}: {code}: {words}")
            xml = f"<Error><Code>{code}</Code><Message>{words}</Message></Error>"
            self._answer(status, xml.encode(), {"Content-Type": "application/xml"})

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _serve

    def _locate(self) -> None:
        """Bucket and key, from the host or from the path."""
        url = urlsplit(self.path)
        host, path = self.headers["Host"].partition(":")[0], unquote(url.path)[1:]
        self.query = dict(parse_qsl(url.query, keep_blank_values=True))
        if host in self.store.cnames:
            self.bucket, self.key = self.store.cnames[host], path
        elif host[0].isdigit():
            self.bucket, _, self.key = path.partition("/")
        else:
            self.bucket, self.key = host.partition(".")[0], path

    def _verify(self) -> None:
        if "Signature" in self.query:
            self._verify_v1()
            return
        if "x-oss-signature" not in self.query:
            raise Refused(403, "AccessDenied", "no signature in the URL")
        given = {name: self.query.get(f"x-oss-{name}", "") for name in SIGNING}
        signed_at = datetime.datetime.strptime(given["date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        ends = signed_at + datetime.timedelta(seconds=int(given["expires"]))
        now = datetime.datetime.now(datetime.timezone.utc)
        if not signed_at - EARLY <= now <= ends:
            raise Refused(403, "AccessDenied", "too early or too late")
        if given["credential"] != f"{ID}/{signed_at:%Y%m%d}/{REGION}/oss/aliyun_v4_request":
            raise Refused(403, "InvalidAccessKeyId", given["credential"])
        if given["security-token"] not in ("", TOKEN):
            raise Refused(403, "InvalidSecurityToken", given["security-token"])
        context = self._context(given["security-token"], V4_NAMES)
        context.signing_time, context.expiration_time = signed_at, ends
        context.additional_headers = set(filter(None, given["additional-headers"].split(";")))
        self._compare(SignerV4(), context, "x-oss-signature")

    def _verify_v1(self) -> None:
        token = self.query.get("security-token", "")
        ends = datetime.datetime.fromtimestamp(int(self.query["Expires"]), datetime.timezone.utc)
        if datetime.datetime.now(datetime.timezone.utc) > ends:
            raise Refused(403, "AccessDenied", "too late")
        if self.query["OSSAccessKeyId"] != ID or token not in ("", TOKEN):
            raise Refused(403, "InvalidAccessKeyId", self.query["OSSAccessKeyId"])
        context = self._context(token, V1_NAMES)
        context.expiration_time = ends
        self._compare(SignerV1(), context, "Signature")

    def _context(self, token: str, names: set[str]) -> SigningContext:
        """What the SDK's signers sign of this request, which had no parameter of these names."""
        context = SigningContext(
            product="oss",
            region=REGION,
            bucket=self.bucket,
            key=self.key,
            request=HttpRequest(self.command, self._url_without(names), self._sent_headers()),
            credentials=Credentials(ID, SECRET, token or None),
        )
        context.auth_method_query = True
        return context

    def _compare(self, signer: Signer, context: SigningContext, name: str) -> None:
        signer.sign(context)
        expected = dict(parse_qsl(urlsplit(context.request.url).query))[name]
        if expected != self.query[name]:
            raise Refused(403, "SignatureDoesNotMatch", context.string_to_sign)

    def _sent_headers(self) -> dict[str, str]:
        """As UTF-8, which is what OSS reads; http.server reads Latin-1."""
        sent = self.headers.items()
        return {name: value.encode("latin-1").decode("utf-8", "replace") for name, value in sent}

    def _url_without(self, names: set[str]) -> str:
        """The URL as it was before it was signed, its encoding untouched."""
        url = urlsplit(f"http://{self.headers['Host']}{self.path}")
        pairs = (pair for pair in url.query.split("&") if pair.partition("=")[0] not in names)
        return url._replace(query="&".join(pairs)).geturl()

    def _do(self, body: bytes) -> None:
        if self.command == "POST" and "uploads" in self.query:
            self._initiate()
        elif self.command == "POST" and "uploadId" in self.query:
            self._complete(body)
        elif self.command == "PUT" and "uploadId" in self.query:
            self._upload().parts[int(self.query["partNumber"])] = body
            self._answer(200, b"", {"ETag": etag(body)})
        elif self.command == "DELETE" and "uploadId" in self.query:
            self._upload()
            del self.store.uploads[self.query["uploadId"]]
            self._answer(204)
        elif self.command == "PUT":
            self.store.objects[self.bucket, self.key] = Stored(body, dict(self.headers.items()))
            self._answer(200, self._callback(body), {"ETag": etag(body)})
        elif self.command in ("GET", "HEAD"):
            self._answer(200, self._object().data, self._response_headers())
        elif self.command == "DELETE":
            self.store.objects.pop((self.bucket, self.key), None)
            self._answer(204)

    def _object(self) -> Stored:
        try:
            return self.store.objects[self.bucket, self.key]
        except KeyError:
            raise Refused(404, "NoSuchKey", self.key) from None

    def _upload(self) -> Upload:
        upload = self.store.uploads.get(self.query["uploadId"])
        if upload is None or (upload.bucket, upload.key) != (self.bucket, self.key):
            raise Refused(404, "NoSuchUpload", self.query["uploadId"])
        return upload

    def _response_headers(self) -> dict[str, str]:
        kept = self._object().headers.items()
        headers = {n: v for n, v in kept if n.lower().startswith(("x-oss-meta-", "content-type"))}
        asked = (pair for pair in self.query.items() if pair[0].startswith("response-"))
        return {**headers, **{name.removeprefix("response-"): value for name, value in asked}}

    def _initiate(self) -> None:
        upload_id = uuid.uuid4().hex.upper()
        upload = Upload(self.bucket, self.key, dict(self.headers.items()))
        self.store.uploads[upload_id] = upload
        self._answer_xml("InitiateMultipartUploadResult", UploadId=upload_id)

    def _complete(self, body: bytes) -> None:
        upload, data, last = self._upload(), b"", 0
        for part in ElementTree.fromstring(body).iter("Part"):
            number = int(part.findtext("PartNumber", ""))
            if number <= last or part.findtext("ETag") != etag(upload.parts[number]):
                raise Refused(400, "InvalidPart", f"part {number}")
            data, last = data + upload.parts[number], number
        del self.store.uploads[self.query["uploadId"]]
        self.store.objects[self.bucket, self.key] = Stored(data, upload.headers)
        location = f"http://{self.headers['Host']}/{self.key}"
        self._answer_xml("CompleteMultipartUploadResult", Location=location, ETag=etag(data))

    def _callback(self, body: bytes) -> bytes:
        """Fill in a callback's variables; nothing is posted anywhere."""
        if "x-oss-callback" not in self.headers:
            return b""
        callback = json.loads(base64.b64decode(self.headers["x-oss-callback"]))
        known = {"bucket": self.bucket, "object": self.key, "size": str(len(body))}
        known |= json.loads(base64.b64decode(self.headers.get("x-oss-callback-var", "e30=")))
        self.store.callbacks.append(
            re.sub(r"\$\{([^}]*)\}", lambda name: known[name[1]], callback["callbackBody"])
        )
        return b'{"Status":"OK"}'

    def _answer_xml(self, root: str, **fields: str) -> None:
        element = ElementTree.Element(root)
        for name, value in {"Bucket": self.bucket, "Key": self.key, **fields}.items():
            ElementTree.SubElement(element, name).text = value
        body = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
        self._answer(200, body, {"Content-Type": "application/xml"})

    def _answer(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("x-oss-request-id", uuid.uuid4().hex[:24].upper())
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def etag(data: bytes) -> str:
    """As OSS makes it of an object that was not uploaded in parts."""
    return f'"{hashlib.md5(data).hexdigest().upper()}"'


@contextmanager
def running() -> Iterator[Store]:
    """A server on a free port of this machine, ready when this returns; `host` has the port."""
    store = Store()
    handler = type("BoundHandler", (Handler,), {"store": store})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        store.host = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield store
        finally:
            server.shutdown()
            thread.join()
