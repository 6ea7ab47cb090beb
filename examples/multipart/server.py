"""A backend that hands out presigned multipart uploads, with a page that uploads by them.

    python examples/multipart/server.py --region cn-hangzhou --bucket examplebucket

The credentials come from OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET. Needs the standard library
and ossign. The bucket needs a CORS rule for the page's origin: methods GET, PUT, POST and DELETE,
allowed headers *, exposed headers ETag and x-oss-request-id.

Nothing is stored here: what an upload is about travels as a ticket that this server has signed, so
that nobody can ask for parts of another object.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import secrets
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import ossign as oss

HERE = pathlib.Path(__file__).parent
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/multipart.js": ("multipart.js", "text/javascript; charset=utf-8"),
    "/requests.js": ("requests.js", "text/javascript; charset=utf-8"),
}
LARGEST = 100 * 2**30
VALID = datetime.timedelta(hours=1)
MOST_BODY = 1 << 20
MOST_NUMBERS = 1000


class Refused(Exception):
    """A request that cannot be answered; the words are for whoever sent it."""


class Uploads:
    """The three steps of the backend: a plan, its ticket, and the parts of an upload."""

    def __init__(self, client: oss.Client, bucket: str, part_size: int | None = None) -> None:
        self.client = client
        self.bucket = bucket
        self.part_size = part_size
        # With a key of its own, tickets outlive a restart.
        self.ticket_key = os.environ.get("TICKET_KEY", "").encode() or secrets.token_bytes(32)

    def begin(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Choose a key, and plan the upload. Here is the place to ask who is asking."""
        name, size = pathlib.PurePath(str(asked["name"])).name, asked["size"]
        if type(size) is not int or not 0 <= size <= LARGEST:
            raise Refused(f"the file must have at most {LARGEST} bytes")
        suffix = pathlib.PurePath(name).suffix.lower()[:16]
        key = f"uploads/{uuid.uuid4()}{suffix if suffix[1:].isalnum() else ''}"
        plan = self.plan({"key": key, "size": size, "part_size": self.part_size, "name": name})
        facts = {"key": key, "size": size, "part_size": plan.part_size}
        return {**plan.to_dict(), "ticket": self.sealed(facts)}

    def sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Presign parts of an upload: the plan is made again of what the ticket says."""
        plan, numbers = self.plan(self.opened(str(asked["ticket"]))), asked["numbers"]
        if not isinstance(numbers, list) or len(numbers) > MOST_NUMBERS:
            raise Refused(f"numbers must be a list of at most {MOST_NUMBERS}")
        return plan.parts(asked["upload_id"], numbers).to_dict()

    def plan(self, facts: dict[str, Any]) -> oss.MultipartPlan:
        """The same facts give the same plan. The name only matters to the request that begins."""
        name = facts.get("name")
        request = oss.InitiateMultipartUploadRequest(
            bucket=self.bucket,
            key=facts["key"],
            content_disposition=oss.content_disposition(name) if name else None,
            forbid_overwrite=True,
        )
        return self.client.plan_multipart(request, facts["size"], facts["part_size"], expires=VALID)

    def sealed(self, facts: dict[str, Any]) -> str:
        """Facts as a text that only this server can have written."""
        text = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode()
        return f"{text}.{self.seal(text)}"

    def opened(self, ticket: str) -> dict[str, Any]:
        """The facts of a ticket."""
        text, _, seal = ticket.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self.seal(text).encode()):
            raise Refused("this ticket is not ours")
        facts: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text))
        return facts

    def seal(self, text: str) -> str:
        """What proves that a text is ours."""
        return hmac.new(self.ticket_key, text.encode(), hashlib.sha256).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """One request to the backend."""

    protocol_version = "HTTP/1.1"
    uploads: Uploads

    def do_GET(self) -> None:
        """The page and its modules."""
        name, kind = FILES.get(self.path, (None, ""))
        if name is None:
            self.answer(404, b"", "text/plain")
        else:
            self.answer(200, (HERE / name).read_bytes(), kind)

    def do_POST(self) -> None:
        """The two steps, in JSON."""
        step = {"/uploads": self.uploads.begin, "/parts": self.uploads.sign}.get(self.path)
        length = int(self.headers.get("Content-Length", 0))
        if step is None or length > MOST_BODY:
            self.close_connection = True
            self.answer(404 if step is None else 413, b"{}")
            return
        try:
            status, said = 200, step(json.loads(self.rfile.read(length)))
        except (Refused, KeyError, RecursionError, TypeError, ValueError) as error:
            status, said = 400, {"error": f"{type(error).__name__}: {error}"}
        except oss.exceptions.BaseError as error:
            status, said = 400, {"error": str(error)}
        self.answer(status, json.dumps(said).encode())

    def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        """Send it."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def server(uploads: Uploads, port: int) -> ThreadingHTTPServer:
    """The backend as a server of this machine; port 0 takes a free one."""
    handler = type("BoundHandler", (Handler,), {"uploads": uploads})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--region", required=True, help="such as cn-hangzhou")
    parser.add_argument("--bucket", required=True, help="the bucket's name")
    parser.add_argument("--endpoint", help="a host of its own, instead of the region's")
    parser.add_argument(
        "--part_size", type=int, help="bytes; chosen by the file's size if not given"
    )
    parser.add_argument("--port", type=int, default=8000)
    args = parser.parse_args()
    config = oss.Config(
        region=args.region,
        endpoint=args.endpoint,
        credentials_provider=oss.credentials.EnvironmentVariableCredentialsProvider(),
    )
    uploads = Uploads(oss.Client(config), args.bucket, args.part_size)
    with server(uploads, args.port) as listening:
        print(f"http://127.0.0.1:{listening.server_port}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            listening.serve_forever()


if __name__ == "__main__":
    main()
