"""Uploads in parts from a page (examples/multipart), in Chromium, over connections that break."""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import ossign as oss
import pytest
from browser import BUCKET, PATIENCE_MS, Storage
from playwright.sync_api import Browser, Page, Request, Route, expect

EXAMPLE = Path(__file__).parents[2] / "examples/multipart"
PART = 102_400
ALLOW = {"Access-Control-Allow-Origin": "*"}


@pytest.fixture(scope="module")
def backend() -> Any:
    """The example's server, as a module."""
    spec = importlib.util.spec_from_file_location("multipart_server", EXAMPLE / "server.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Wire:
    """What lies between the page and the local OSS: a proxy on which connections break."""

    def __init__(self, target: str) -> None:
        url = urlsplit(target)
        self.target = (url.hostname, url.port)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.cuts: list[int] = []
        """After how many bytes of a part each connection breaks that is next to send one."""
        self.broken = 0
        self.lost_answers = 0
        """How many times OSS completes an upload, and its answer is lost."""
        self.hidden = b""
        """A header of answers that the page does not get, under its name."""
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self.target)
        except OSError:
            near.close()
            return
        is_deaf = threading.Event()
        threading.Thread(target=self._answer, args=(far, near, is_deaf), daemon=True).start()
        with near, far, suppress(OSError):
            self._ask(near, far, is_deaf)
            shut(near, far)

    def _ask(self, near: socket.socket, far: socket.socket, is_deaf: threading.Event) -> None:
        left: int | None = None
        while data := near.recv(65_536):
            if left is None and data.startswith(b"PUT ") and self.cuts:
                left = self.cuts.pop()
            if self.lost_answers and re.match(rb"POST [^ ]*[?&]uploadId=", data):
                self.lost_answers -= 1
                is_deaf.set()
            if left is not None and len(data) >= left:
                far.sendall(data[:left])
                self.broken += 1
                return
            left = None if left is None else left - len(data)
            far.sendall(data)

    def _answer(self, far: socket.socket, near: socket.socket, is_deaf: threading.Event) -> None:
        with suppress(OSError):
            while (data := far.recv(65_536)) and not is_deaf.is_set():
                if self.hidden:
                    data = data.replace(self.hidden, b"x" * len(self.hidden))
                near.sendall(data)
        shut(near, far)


def shut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class Visit:
    """The page of the example, open."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.parts: list[int] = []
        """The numbers of the parts that were sent, in full or not."""
        self.asked: list[list[int]] = []
        """The numbers of the parts that the backend was asked to sign."""
        self.keys: list[str] = []
        """The keys of the uploads that were begun."""
        page.on("request", self._saw)

    def _saw(self, request: Request) -> None:
        if request.method == "PUT":
            self.parts.append(number_of(request.url))
        if "?uploads&" in request.url:
            self.keys.append(urlsplit(request.url).path.removeprefix(f"/{BUCKET}/"))
        if request.url.endswith("/parts"):
            self.asked.append(request.post_data_json["numbers"])

    def open(self, *files: Path) -> None:
        self.page.goto(self.url)
        self.choose(*files)

    def choose(self, *files: Path) -> None:
        self.page.locator("#file").set_input_files([*files])

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def ends(self, state: str) -> str:
        result = self.page.locator("#result")
        expect(result).to_have_class(state)
        return result.inner_text()

    def waits_for_progress(self, share: float) -> None:
        self.page.wait_for_function(
            "share => { const bar = document.querySelector('#progress');"
            " return bar.value / bar.max >= share; }",
            arg=share,
        )

    def remembers(self) -> int:
        count: int = self.page.evaluate("localStorage.length")
        return count

    def network(self, bytes_per_second: int) -> None:
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        conditions = {"offline": False, "latency": 0, "downloadThroughput": -1}
        session.send(
            "Network.emulateNetworkConditions",
            {**conditions, "uploadThroughput": bytes_per_second},
        )


def number_of(url: str) -> int:
    return int(parse_qs(urlsplit(url).query)["partNumber"][0])


Open = Callable[..., Visit]


@pytest.fixture
def wire(oss_here: Storage) -> Iterator[Wire]:
    made = Wire(oss_here.endpoint)
    with closing(made.listening):
        yield made


def client(endpoint: str, **settings: Any) -> oss.Client:
    who = oss.Credentials("sample-id", "secret-for-tests")
    return oss.Client(
        oss.Config(region="cn-hangzhou", endpoint=endpoint, credentials_provider=who, **settings)
    )


@contextmanager
def serving(backend: Any, uploads: Any) -> Iterator[str]:
    with backend.server(uploads, 0) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/"
        listening.shutdown()
        thread.join()


@pytest.fixture
def open_page(browser: Browser, backend: Any, wire: Wire) -> Iterator[Open]:
    """A function that opens the page with this file chosen."""
    with ExitStack() as stack:

        def opened(*files: Path, part_size: int | None = PART, **settings: Any) -> Visit:
            uploads = backend.Uploads(client(wire.endpoint, **settings), BUCKET, part_size)
            url = stack.enter_context(serving(backend, uploads))
            context = browser.new_context(locale="en-US")
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            made = Visit(page, url)
            made.open(*files)
            return made

        yield opened


def file_of(folder: Path, size: int) -> Path:
    path = folder / "视频 1.mp4"
    path.write_bytes(os.urandom(size))
    return path


def stored(endpoint: str, key: str) -> bytes | None:
    """The bytes of an object, or None if there is none."""
    get = client(endpoint).presign(oss.GetObjectRequest(bucket=BUCKET, key=key))
    try:
        with urlopen(get.url, timeout=60) as answer:
            data: bytes = answer.read()
            return data
    except HTTPError as error:
        assert error.code == 404
        return None


def check_stored(storage: Storage, visit: Visit, file: Path) -> None:
    """The object that was begun last has the bytes of the file, and nothing is left over."""
    assert re.fullmatch(r"uploads/[0-9a-f-]{36}\.mp4", visit.keys[-1])
    assert stored(storage.endpoint, visit.keys[-1]) == file.read_bytes()
    assert [*(storage.data / "uploads").iterdir()] == []


def test_a_file_arrives_in_parts_side_by_side(
    open_page: Open, oss_here: Storage, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 25 * PART + 7)
    visit = open_page(file)
    visit.press("Upload")
    assert re.fullmatch(r'Done: ETag "[0-9A-F]{32}-26"', visit.ends("done"))
    visit.waits_for_progress(1)
    check_stored(oss_here, visit, file)
    assert sorted(visit.parts) == [*range(1, 27)]
    assert visit.asked == [[*range(1, 27)], []]
    assert visit.remembers() == 0


def test_killed_connections_are_made_again(
    open_page: Open, oss_here: Storage, wire: Wire, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 12 * PART)
    # Chromium itself sends a request again, once, where a kept connection breaks.
    wire.cuts = [1, 2_000, 50_000, 90_000] * 3
    visit = open_page(file)
    visit.press("Upload")
    visit.ends("done")
    check_stored(oss_here, visit, file)
    assert (wire.broken, wire.cuts) == (12, [])
    assert len(visit.parts) >= 12 + 4 and {*visit.parts} == {*range(1, 13)}


def test_a_storage_that_is_killed_and_comes_back_gets_the_rest(
    open_page: Open, oss_here: Storage, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 20 * PART)
    visit = open_page(file)
    visit.network(400_000)
    visit.press("Upload")
    visit.waits_for_progress(0.3)
    oss_here.kill()
    with visit.page.expect_event("requestfailed", lambda request: request.method == "PUT"):
        pass
    visit.network(-1)
    oss_here.start()
    visit.ends("done")
    check_stored(oss_here, visit, file)


def test_after_a_reload_only_the_rest_is_sent(
    open_page: Open, oss_here: Storage, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 16 * PART + 1)
    visit = open_page(file)
    arrived: set[int] = set()

    def saw(response: Any) -> None:
        if response.request.method == "PUT" and response.status == 200:
            arrived.add(number_of(response.url))

    visit.page.on("response", saw)
    visit.network(400_000)
    visit.press("Upload")
    visit.waits_for_progress(0.5)
    visit.page.reload()
    before, sent = {*arrived}, len(visit.parts)
    assert 3 <= len(before) < 17
    visit.network(-1)
    visit.choose(file)
    visit.press("Upload")
    visit.ends("done")
    check_stored(oss_here, visit, file)
    again = visit.parts[sent:]
    assert again and not before & {*again}
    assert visit.remembers() == 0


def test_an_upload_that_is_stopped_goes_on(
    open_page: Open, oss_here: Storage, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 10 * PART)
    visit = open_page(file)
    visit.network(300_000)
    visit.press("Upload")
    visit.waits_for_progress(0.3)
    visit.press("Stop")
    assert visit.ends("stopped") == "stopped"
    assert visit.remembers() == 1
    visit.network(-1)
    visit.press("Upload")
    visit.ends("done")
    check_stored(oss_here, visit, file)


@pytest.mark.parametrize("is_reloaded", [False, True])
def test_an_upload_that_is_given_up_leaves_nothing(
    is_reloaded: bool, open_page: Open, oss_here: Storage, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 10 * PART)
    visit = open_page(file)
    visit.network(300_000)
    visit.press("Upload")
    visit.waits_for_progress(0.3)
    if is_reloaded:
        visit.page.reload()
        visit.choose(file)
    visit.press("Give up")
    visit.ends("aborted")
    assert visit.remembers() == 0
    assert stored(oss_here.endpoint, visit.keys[0]) is None
    assert [*(oss_here.data / "uploads").iterdir()] == []


def test_urls_that_have_ended_are_asked_for_again(
    open_page: Open, oss_here: Storage, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 3 * PART)
    visit = open_page(file)
    refusals = iter(range(1))
    words = "<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"

    def ended(route: Route) -> None:
        if route.request.method == "PUT" and next(refusals, None) is not None:
            route.fulfill(status=403, headers=ALLOW, body=words)
        else:
            route.continue_()

    visit.page.route(re.compile("partNumber=2&"), ended)
    visit.press("Upload")
    visit.ends("done")
    check_stored(oss_here, visit, file)
    assert visit.asked[0] == [1, 2, 3] and 2 in visit.asked[1] and visit.asked[-1] == []


def test_what_stays_refused_fails_with_the_words_of_oss(open_page: Open, tmp_path: Path) -> None:
    visit = open_page(file_of(tmp_path, 3 * PART))
    words = "<Error><Code>AccessDenied</Code><Message>No, never.</Message><EC>x</EC></Error>"
    visit.page.route(
        re.compile("partNumber=2&"),
        lambda route: route.fulfill(status=403, headers=ALLOW, body=words),
    )
    visit.press("Upload")
    assert visit.ends("failed") == "OSS answered 403 AccessDenied: No, never."
    assert visit.parts.count(2) == 2
    assert visit.remembers() == 1


def test_without_an_exposed_etag_the_parts_are_listed(
    open_page: Open, oss_here: Storage, wire: Wire, tmp_path: Path
) -> None:
    wire.hidden = b"access-control-expose-headers"
    file = file_of(tmp_path, 3 * PART)
    visit = open_page(file)
    visit.press("Upload")
    visit.ends("done")
    check_stored(oss_here, visit, file)


def test_an_upload_that_oss_has_forgotten_is_begun_anew(
    open_page: Open, oss_here: Storage, tmp_path: Path
) -> None:
    file = file_of(tmp_path, 4 * PART)
    visit = open_page(file)
    visit.page.route(re.compile("partNumber=3&"), lambda route: route.abort())
    visit.press("Upload")
    visit.waits_for_progress(0.7)
    visit.press("Stop")
    visit.ends("stopped")
    for upload in (oss_here.data / "uploads").iterdir():
        abort = oss.OperationInput(
            op_name="AbortMultipartUpload",
            method="DELETE",
            bucket=BUCKET,
            key=visit.keys[0],
            parameters={"uploadId": upload.name},
        )
        delete(client(oss_here.endpoint).presign(abort).url)
    visit.page.unroute(re.compile("partNumber=3&"))
    visit.page.reload()
    visit.choose(file)
    visit.press("Upload")
    visit.ends("done")
    check_stored(oss_here, visit, file)
    assert len(visit.keys) == 2


def delete(url: str) -> None:
    with urlopen(UrlRequest(url, method="DELETE"), timeout=60):
        pass


def test_a_completion_whose_answer_is_lost_is_not_a_failure(
    open_page: Open, oss_here: Storage, wire: Wire, tmp_path: Path
) -> None:
    file = file_of(tmp_path, PART)
    # Chromium itself sends a request again that a kept connection did not answer.
    wire.lost_answers = 1
    visit = open_page(file)
    visit.press("Upload")
    assert visit.ends("done") == "Done, as it seems"
    check_stored(oss_here, visit, file)
    assert (wire.lost_answers, visit.remembers()) == (0, 0)


@pytest.mark.parametrize("size", [0, 1, PART, PART + 1])
@pytest.mark.parametrize("settings", [{}, {"additional_headers": ["content-length"]}])
def test_small_files_arrive_too(
    size: int, settings: dict[str, Any], open_page: Open, oss_here: Storage, tmp_path: Path
) -> None:
    file = file_of(tmp_path, size)
    visit = open_page(file, **settings)
    visit.press("Upload")
    visit.ends("done")
    check_stored(oss_here, visit, file)
