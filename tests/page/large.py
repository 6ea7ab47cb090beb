"""Large files go in parts from the upload page, in Chromium."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import Storage, Visit, service, storage, visit
from playwright.sync_api import Browser, Page, Request, Response, Route, expect

PART = 8 * 1024**2
REFUSED = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Not now.</Message><EC>0003-00000001</EC></Error>"""


class Sent:
    """What a page sends to the storage of files that go in parts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        # How often each part was sent, in full or not, and how often it was taken.
        self.parts: Counter[int] = Counter()
        self.arrived: Counter[int] = Counter()
        self.methods: Counter[str] = Counter()
        self.asked: list[str] = []
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _asked(self, request: Request) -> None:
        if "uploadId=" in request.url or "?uploads" in request.url:
            self.methods[request.method] += 1
            self.asked.append(request.url)
        if number := number_of(request.url):
            self.parts[number] += 1

    def _answered(self, response: Response) -> None:
        if (number := number_of(response.url)) and response.status == 200:
            self.arrived[number] += 1

    def instead_of(self, number: int, act: Callable[[Route], None]) -> None:
        """Do something in place of the first request that sends this part."""
        self.page.route(f"**partNumber={number}&**", act, times=1)


def number_of(url: str) -> int:
    """The number of the part that a request sends, or 0."""
    return int(parse_qs(urlsplit(url).query).get("partNumber", ["0"])[0])


Open = Callable[..., tuple[Visit, Sent]]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """A function that opens the page of a service, in front of this storage."""
    with ExitStack() as stack:

        def opened(behind: Storage, **settings: Any) -> tuple[Visit, Sent]:
            url = stack.enter_context(service(behind.endpoint, **{"multipart": True} | settings))
            page = stack.enter_context(visit(browser, url, behind.endpoint))
            sent = Sent(page.page)
            page.open()
            return page, sent

        yield opened


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of five parts."""
    made = tmp_path_factory.mktemp("files") / "film.mp4"
    made.write_bytes(os.urandom(4 * PART + 6_000_000))
    return made


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of three parts, which all go at once."""
    made = tmp_path_factory.mktemp("files") / "clip.mp4"
    made.write_bytes(os.urandom(2 * PART + 1_000_000))
    return made


def uploads_left(oss_here: Storage) -> list[Path]:
    return list((oss_here.data / "uploads").iterdir())


def assert_is_there(page: Visit, film: Path) -> None:
    data, content_type = page.stored(film.name)
    assert (data == film.read_bytes(), content_type) == (True, "video/mp4")


def test_a_large_file_goes_in_parts_and_a_small_one_does_not(
    open_page: Open, oss_here: Storage, film: Path
) -> None:
    page, sent = open_page(oss_here)
    small = film.with_name("small.mp4")
    small.write_bytes(b"small")
    # How large files may be is the service's to say, for each kind.
    expect(page.page.locator("#kinds")).to_have_text("Images, video, audio and PDF")
    page.choose(film, small)
    expect(page.states("done")).to_have_count(2)
    assert_is_there(page, film)
    assert page.stored("small.mp4")[0] == b"small"
    assert sent.parts == Counter(range(1, 6))
    assert sent.methods == Counter(PUT=5, POST=2)
    assert page.batches == [1]
    assert uploads_left(oss_here) == []


def test_where_the_service_takes_no_parts_it_is_one_put(
    open_page: Open, oss_here: Storage, film: Path
) -> None:
    page, sent = open_page(oss_here, multipart=False)
    expect(page.page.locator("#kinds")).to_have_text("Images, video, audio and PDF")
    page.choose(film)
    assert_is_there(page, film)
    assert (page.batches, sent.parts) == ([1], Counter())


def test_a_storage_that_is_killed_gets_the_missing_parts_only(
    open_page: Open, oss_here: Storage, film: Path
) -> None:
    page, sent = open_page(oss_here)

    def kill(route: Route) -> None:
        oss_here.kill()
        route.abort()
        oss_here.start()

    # Sent when the first of the other four has arrived.
    sent.instead_of(5, kill)
    page.choose(film)
    assert_is_there(page, film)
    assert sent.parts[5] > 1
    assert sent.arrived == Counter(range(1, 6))


def test_a_failed_upload_goes_on_where_it_was(
    open_page: Open, oss_here: Storage, film: Path
) -> None:
    page, sent = open_page(oss_here)
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/xml"}
    sent.instead_of(5, lambda route: route.fulfill(status=403, headers=headers, body=REFUSED))
    page.choose(film)
    row = page.row(film.name)
    expect(row).to_contain_text("Not now. (AccessDenied, EC 0003-00000001)")
    before = Counter(sent.arrived)
    row.get_by_role("button", name="Retry").click()
    assert_is_there(page, film)
    assert 0 < before.total() < 5
    assert sent.parts[5] == 2
    assert sent.arrived == Counter(range(1, 6))


def test_a_cancelled_upload_leaves_no_parts(open_page: Open, oss_here: Storage, clip: Path) -> None:
    page, sent = open_page(oss_here)
    sent.instead_of(3, lambda route: None)
    page.choose(clip)
    row = page.row(clip.name)
    with page.page.expect_response(lambda answer: answer.request.method == "DELETE") as aborted:
        expect(row.locator("progress")).to_have_attribute("value", "94")
        row.get_by_role("button", name="Cancel").click()
    assert aborted.value.status == 204
    expect(row).to_have_attribute("data-state", "cancelled")
    assert uploads_left(oss_here) == []
    row.get_by_role("button", name="Retry").click()
    assert_is_there(page, clip)
    assert sent.methods["DELETE"] == 1


def test_a_failed_upload_that_is_removed_leaves_no_parts(
    open_page: Open, oss_here: Storage, clip: Path
) -> None:
    page, sent = open_page(oss_here)
    headers = {"Access-Control-Allow-Origin": "*"}
    sent.instead_of(1, lambda route: route.fulfill(status=403, headers=headers))
    page.choose(clip)
    remove = page.row(clip.name).get_by_role("button", name="Remove")
    with page.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        remove.click()
    assert uploads_left(oss_here) == []


def test_urls_of_parts_that_have_expired_are_renewed(
    open_page: Open, tmp_path: Path, clip: Path
) -> None:
    # Its clock is ahead: what ends in an hour has ended, what ends in two has not.
    with storage(tmp_path / "objects", "--clock-ahead", "90m") as oss_ahead:
        page, sent = open_page(oss_ahead, access_expire_seconds=86_400)
        asked: list[list[int]] = []

        def ask_for_longer(route: Route) -> None:
            body = route.request.post_data_json
            numbers = body.get("part_numbers")
            is_first = numbers is not None and not asked
            asked.extend([] if numbers is None else [numbers])
            seconds = 3600 if is_first else 7200
            route.continue_(post_data=json.dumps({**body, "expire_seconds": seconds}))

        page.page.route(re.compile(r"/presign-multipart(/parts)?$"), ask_for_longer)
        page.choose(clip)
        assert_is_there(page, clip)
        assert asked[0] == [1, 2, 3] and len(asked[1]) > 0
        assert sent.arrived == Counter(range(1, 4))


def test_an_upload_that_the_storage_has_forgotten_begins_again(
    open_page: Open, oss_here: Storage, clip: Path
) -> None:
    page, sent = open_page(oss_here)

    def forget(route: Route) -> None:
        oss_here.kill()
        for folder in uploads_left(oss_here):
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
        route.abort()
        oss_here.start()

    sent.instead_of(3, forget)
    page.choose(clip)
    assert_is_there(page, clip)
    assert sent.methods["POST"] == 3


BAD_GATEWAY = """() => {
  const own = XMLHttpRequest.prototype;
  const { get } = Object.getOwnPropertyDescriptor(own, "status");
  const isWanted = (request) => request.responseText.includes("<CompleteMultipartUploadResult");
  let isLost = false;
  Object.defineProperty(own, "status", {
    get() {
      if (isLost || !isWanted(this)) return get.call(this);
      isLost = true;
      return 502;
    },
  });
}"""
SENT_TWICE = """() => {
  const { open, send } = XMLHttpRequest.prototype;
  Object.assign(XMLHttpRequest.prototype, {
    open(method, url) {
      this.completes = method === "POST" && url.includes("uploadId=") && url;
      open.call(this, method, url);
    },
    async send(body) {
      if (this.completes) await fetch(this.completes, { method: "POST", body });
      send.call(this, body);
    },
  });
}"""


@pytest.mark.parametrize("loss", [BAD_GATEWAY, SENT_TWICE], ids=["502", "sent twice"])
def test_an_upload_that_was_completed_unheard_is_done(
    loss: str, open_page: Open, oss_here: Storage, clip: Path
) -> None:
    page, sent = open_page(oss_here)
    page.page.evaluate(loss)
    page.choose(clip)
    assert_is_there(page, clip)
    assert sent.parts == sent.arrived == Counter(range(1, 4))
    begun = [r for r in sent.asked if "?uploads" in r]
    assert len(begun) == 1 and uploads_left(oss_here) == []


def test_a_rate_of_one_request_a_second_is_enough(
    open_page: Open, oss_here: Storage, clip: Path, film: Path
) -> None:
    page, sent = open_page(oss_here, rate_limit={"requests": 1, "seconds": 1})
    page.choose(clip, film)
    assert_is_there(page, clip)
    assert_is_there(page, film)
    assert sent.parts == Counter(range(1, 4)) + Counter(range(1, 6))


def test_retry_helps_after_urls_have_ended_too_often(
    open_page: Open, oss_here: Storage, clip: Path
) -> None:
    page, sent = open_page(oss_here)
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/xml"}
    answer = REFUSED.replace("Not now.", "Request has expired.")
    seconds = 3600

    def expired(route: Route) -> None:
        if "x-oss-expires=3600&" in route.request.url:
            route.fulfill(status=403, headers=headers, body=answer)
        else:
            route.continue_()

    def ask(route: Route) -> None:
        body = {**route.request.post_data_json, "expire_seconds": seconds}
        route.continue_(post_data=json.dumps(body))

    page.page.route("**partNumber=3&**", expired)
    page.page.route(re.compile("/presign-multipart/parts$"), ask)
    page.choose(clip)
    row = page.row(clip.name)
    expect(row).to_have_attribute("data-state", "failed")
    seconds = 7200
    row.get_by_role("button", name="Retry").click()
    assert_is_there(page, clip)
    assert sent.arrived == Counter(range(1, 4))


def test_etags_that_scripts_may_not_read_are_asked_for(
    open_page: Open, oss_here: Storage, clip: Path
) -> None:
    page, sent = open_page(oss_here)
    page.page.evaluate("XMLHttpRequest.prototype.getResponseHeader = () => null")
    page.choose(clip)
    assert_is_there(page, clip)
    assert sent.methods["GET"] == 1


def test_a_lost_network_is_waited_for(
    open_page: Open, oss_here: Storage, clip: Path, film: Path
) -> None:
    page, sent = open_page(oss_here)
    page.network(4_000_000)
    page.choose(clip, film)
    expect(page.row(clip.name).locator(".state")).to_contain_text("B/s")
    page.network(offline=True)
    expect(page.row(clip.name)).to_contain_text("Waiting for the network")
    page.network()
    assert_is_there(page, clip)
    assert_is_there(page, film)
    assert sent.methods["DELETE"] == 0 and uploads_left(oss_here) == []
