"""The upload page in Chromium, with the presign API and a local OSS behind it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import ossign as oss
from ossign._ossign import PresignServer
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KEY = "a-key-for-tests"
BUCKET = "examplebucket"
# A busy machine is no fault.
PATIENCE_MS = 60_000
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "install the packages of tests/page/packages.txt"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Storage:
    """A local OSS in a process of its own, which can be killed."""

    data: Path
    options: tuple[str, ...] = ()
    port: str = "0"
    popen: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, on the port that it had before."""
        command = [sys.executable, "-m", "ossign", "emulator", "--data", str(self.data), "--env"]
        self.popen = subprocess.Popen(
            [*command, "--port", self.port, "--log", "off", *self.options],
            env={
                **os.environ,
                "OSS_ACCESS_KEY_ID": "sample-id",
                "OSS_ACCESS_KEY_SECRET": "secret-for-tests",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.popen.stdout is not None
        url = self.popen.stdout.readline().strip()
        assert url, "the local OSS did not start"
        self.port = url.rpartition(":")[2]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.popen is not None and self.popen.stdout is not None:
            self.popen.kill()
            self.popen.wait()
            self.popen.stdout.close()
            self.popen = None


@contextmanager
def storage(data: Path, *options: str) -> Iterator[Storage]:
    made = Storage(data, options)
    made.start()
    try:
        yield made
    finally:
        made.kill()


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {toml(inner)}' for name, inner in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value)


@contextmanager
def service(endpoint: str, secret: str = "secret-for-tests", **more: Any) -> Iterator[str]:
    """The address of `ossign serve`."""
    settings = {
        "port": 0,
        "bucket": BUCKET,
        "region": "cn-hangzhou",
        "endpoint": endpoint,
        "access_url": "presigned",
        "log": "off",
        "threads": 2,
        "api_keys": [{"name": "web", "sha256": hashlib.sha256(KEY.encode()).hexdigest()}],
    } | more
    overrides = "".join(f"{name} = {toml(value)}\n" for name, value in settings.items())
    credentials = oss.Credentials("sample-id", secret)
    server = PresignServer({}, None, overrides=overrides, credentials_provider=credentials)
    try:
        yield server.url
    finally:
        server.stop()


@dataclass
class Visit:
    """A page that is open, and what it did behind what can be seen."""

    page: Page
    url: str
    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    session: CDPSession | None = None

    def open(self, key: str | None = KEY) -> None:
        self.page.goto(self.url + (f"/#key={key}" if key else "/"))

    def choose(self, *files: Any) -> None:
        self.page.locator("#files").set_input_files([*files])

    def row(self, name: str) -> Locator:
        return self.page.locator("li").filter(has=self.page.get_by_title(name, exact=True))

    def states(self, state: str) -> Locator:
        return self.page.locator(f"li[data-state={state}]")

    def link(self, name: str) -> str:
        row = self.row(name)
        expect(row).to_have_attribute("data-state", "done")
        return row.locator("input.link").input_value()

    def stored(self, name: str) -> tuple[bytes, str]:
        """The bytes and the type of what was uploaded, read at the link that the page shows."""
        with urlopen(self.link(name), timeout=60) as response:
            return response.read(), response.headers["Content-Type"]

    def network(self, bytes_per_second: int = -1, *, offline: bool = False) -> None:
        """Let the network be so slow, or none; -1 is as fast as it goes."""
        if self.session is None:
            self.session = self.page.context.new_cdp_session(self.page)
            self.session.send("Network.enable")
        conditions = {"offline": offline, "latency": 0, "downloadThroughput": -1}
        conditions["uploadThroughput"] = bytes_per_second
        self.session.send("Network.emulateNetworkConditions", conditions)

    def check(self, endpoint: str) -> None:
        """No other host was asked, nothing was against the policy, no script failed."""
        allowed = {urlsplit(self.url).netloc, urlsplit(endpoint).netloc}
        assert self.hosts <= allowed, self.hosts
        violations = self.page.evaluate("window.violations")
        assert violations == [], violations
        assert self.errors == []


@contextmanager
def visit(browser: Browser, url: str, endpoint: str, **context: Any) -> Iterator[Visit]:
    """A page of a browser without a past, which is checked in the end."""
    settings = {"locale": "en-US", "viewport": {"width": 900, "height": 800}} | context
    opened = browser.new_context(**settings)
    opened.add_init_script(WATCH)
    page = opened.new_page()
    page.set_default_timeout(PATIENCE_MS)
    made = Visit(page, url)

    def asked(request: Any) -> None:
        if request.url.startswith("http"):
            made.hosts.add(urlsplit(request.url).netloc)
        if request.url.endswith("/batch") and request.method == "POST":
            made.batches.append(len(request.post_data_json["files"]))

    page.on("request", asked)
    page.on("pageerror", lambda error: made.errors.append(str(error)))
    try:
        yield made
        made.check(endpoint)
    finally:
        opened.close()
