"""The server of one's own that OSS calls after an upload: it checks that OSS has sent the call."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from ossign.callbacks import TEST_PUBLIC_KEY, VerifiedCallback, verify_callback

SAYS = '{"ok": true, "name": "报告"}'


class Application:
    """It says `SAYS` with `status`, and keeps what it was told where the signature is right."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.told: list[VerifiedCallback] = []


@contextmanager
def running() -> Iterator[Application]:
    """An application on a free port, ready when this returns."""
    application = Application()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            # Raises where the signature is wrong: the connection breaks, and the callback fails.
            told = verify_callback(
                self.headers.items(), self.path, body, public_key=TEST_PUBLIC_KEY
            )
            application.told.append(told)
            says = SAYS.encode()
            self.send_response(application.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(says)))
            self.end_headers()
            self.wfile.write(says)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        application.url = f"http://127.0.0.1:{server.server_port}/uploaded?from=oss"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield application
        finally:
            server.shutdown()
            thread.join()
