"""The page of examples/clients/browser in Chromium, served from an origin of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from programs import CLIENTS, Done

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Browser:
    """The page, used as a person would use it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin

    def upload(self, url: str, headers: Mapping[str, str], file: Path) -> Done:
        """Fill in what the backend answered, choose the file, press the button, read the result."""
        self.page.goto(f"{self.origin}/upload.html")
        answered = {"url": url, "request_headers": dict(headers)}
        self.page.fill("#presigned", json.dumps(answered))
        self.page.set_input_files("#file", file)
        self.page.click("#upload")
        result = self.page.wait_for_selector("#result.done, #result.failed", timeout=60_000)
        assert result is not None
        return Done(result.get_attribute("class") == "done", result.inner_text())


@contextmanager
def running() -> Iterator[Browser]:
    """Chromium with the page; it is ready when this returns."""
    if not CHROMIUM.exists():
        raise FileNotFoundError(f"{CHROMIUM} is missing: install Debian's package chromium")
    handler = partial(Quiet, directory=str(CLIENTS / "browser"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                origin = f"http://127.0.0.1:{server.server_port}"
                yield Browser(chromium.new_page(), origin)
                chromium.close()
        finally:
            server.shutdown()
            thread.join()
