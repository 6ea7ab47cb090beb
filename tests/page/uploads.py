"""What people do with the upload page, in Chromium."""

from __future__ import annotations

import json
import os
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import KEY, Storage, Visit, service, storage, visit
from playwright.sync_api import Browser, expect

EXAMPLE = Path(__file__).parents[2] / "examples/service/progress.html"


Open = Callable[..., Visit]


@pytest.fixture
def open_page(browser: Browser, oss_here: Storage) -> Iterator[Open]:
    """A function that opens the page of a service with these settings."""
    with ExitStack() as stack:

        def enter(manager: AbstractContextManager[Any]) -> Any:
            return stack.enter_context(manager)

        def opened(*, key: str | None = KEY, context: Any = None, **settings: Any) -> Visit:
            url = enter(service(oss_here.endpoint, **settings))
            made = enter(visit(browser, url, oss_here.endpoint, **(context or {})))
            made.open(key)
            return made

        yield opened


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    line = b"\0" + bytes(colour) * width
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(line * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    return made


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


LONG = "a very long name " * 12 + "end.mp4"
TWELVE = {
    "photo.jpg": "image/jpeg",
    "drawing.PNG": "image/png",
    "anim.gif": "image/gif",
    "照片 (1)+&#%.webp": "image/webp",
    "صورة العائلة.bmp": "image/bmp",
    LONG: "video/mp4",
    "clip.mov": "video/quicktime",
    "film.mkv": "video/x-matroska",
    "old.avi": "video/x-msvideo",
    "song.mp3": "audio/mpeg",
    "voice.m4a": "audio/mp4",
    "paper.pdf": "application/pdf",
}


def test_twelve_files_of_all_kinds_arrive_whole(open_page: Open, folder: Path) -> None:
    files = {name: os.urandom(40_000 * (at + 1)) for at, name in enumerate(TWELVE)}
    files["drawing.PNG"] = png(64, 64, (200, 90, 40))
    files[LONG] = os.urandom(12_000_000)
    page = open_page()
    page.choose(*(put(folder, name, data) for name, data in files.items()))
    expect(page.states("done")).to_have_count(12)
    expect(page.page.locator("#sum")).to_have_text("12 of 12 files uploaded")
    expect(page.page.locator("#status")).to_contain_text("12 of 12 files uploaded")
    for name, content_type in TWELVE.items():
        assert page.stored(name) == (files[name], content_type)
    assert page.batches == [12]


def test_empty_files_and_the_same_file_twice_are_files_like_others(
    open_page: Open, folder: Path
) -> None:
    empty = put(folder, "empty.pdf", b"")
    twice = put(folder, "twice.jpg", b"twice")
    page = open_page()
    page.choose(empty, twice)
    page.choose(twice)
    expect(page.states("done")).to_have_count(3)
    assert page.stored("empty.pdf")[0] == b""
    links = {page.row("twice.jpg").nth(at).locator(".link").input_value() for at in range(2)}
    assert len(links) == 2


def test_more_than_twenty_files_are_several_batches(open_page: Open, folder: Path) -> None:
    page = open_page()
    page.choose(*(put(folder, f"{at}.jpg", bytes([at])) for at in range(45)))
    expect(page.states("done")).to_have_count(45)
    assert page.batches == [20, 20, 5]
    page.page.get_by_role("button", name="Clear finished").click()
    expect(page.page.locator("li")).to_have_count(0)


def test_a_refused_file_says_why_and_the_others_go_on(open_page: Open, folder: Path) -> None:
    page = open_page(max_bytes={"image": 1000})
    names = ["photo.jpg.exe", "large.jpg", "small.jpg", "bad\u202egpj.pdf", "noextension"]
    page.choose(*(put(folder, name, b"x" * (2000 if "large" in name else 5)) for name in names))
    expect(page.states("failed")).to_have_count(4)
    expect(page.row("photo.jpg.exe")).to_contain_text("Files of this kind are not accepted.")
    expect(page.row("photo.jpg.exe")).to_contain_text("jpg, jpeg, png")
    expect(page.row("photo.jpg.exe").get_by_role("button")).to_have_text(["Remove"])
    expect(page.row("large.jpg")).to_contain_text("The file is too large.")
    expect(page.row(names[3])).to_contain_text("The file's name is not accepted")
    assert page.stored("small.jpg")[0] == b"xxxxx"
    expect(page.page.locator("#status")).to_contain_text("photo.jpg.exe: Files of this kind")


def test_a_renamed_file_is_told_from_others(open_page: Open, folder: Path) -> None:
    page = open_page()
    page.choose({"name": "film.mp4", "mimeType": "image/png", "buffer": b"x"})
    expect(page.row("film.mp4")).to_contain_text("does not fit its content (image/png)")


def test_an_upload_is_cancelled_and_begun_again(open_page: Open, folder: Path) -> None:
    data = os.urandom(3_000_000)
    page = open_page()
    page.network(100_000)
    page.choose(put(folder, "film.mp4", data))
    row = page.row("film.mp4")
    expect(row.locator(".state")).to_have_text(re.compile(r"[kM]B/s · .* left"))
    row.get_by_role("button", name="Cancel: film.mp4").click()
    expect(row).to_have_attribute("data-state", "cancelled")
    expect(row.get_by_role("button", name="Retry: film.mp4")).to_be_focused()
    page.network()
    page.page.keyboard.press("Enter")
    assert page.stored("film.mp4")[0] == data


def test_uploads_outlive_a_storage_that_is_killed(
    open_page: Open, folder: Path, oss_here: Storage
) -> None:
    data = os.urandom(3_000_000)
    page = open_page()
    page.network(200_000)
    page.choose(put(folder, "film.mp4", data), put(folder, "clip.mov", data))
    expect(page.row("film.mp4").locator(".state")).to_contain_text("B/s")
    oss_here.kill()
    expect(page.states("paused").first).to_contain_text("Connection lost; trying again")
    expect(page.states("failed")).to_have_count(2)
    expect(page.row("film.mp4")).to_contain_text("The storage cannot be reached.")
    page.network()
    oss_here.start()
    page.page.get_by_role("button", name="Retry all").click()
    expect(page.states("done")).to_have_count(2)
    assert page.stored("film.mp4")[0] == data


def test_a_lost_network_is_waited_for(open_page: Open, folder: Path, oss_here: Storage) -> None:
    data = os.urandom(2_000_000)
    page = open_page()
    page.network(100_000)
    page.choose(put(folder, "film.mp4", data))
    expect(page.row("film.mp4").locator(".state")).to_contain_text("B/s")
    page.network(offline=True)
    oss_here.kill()
    expect(page.page.locator("#offline")).to_be_visible()
    expect(page.row("film.mp4")).to_contain_text("Waiting for the network")
    oss_here.start()
    page.network()
    assert page.stored("film.mp4")[0] == data
    expect(page.page.locator("#offline")).to_be_hidden()


def test_an_expired_url_is_renewed(browser: Browser, tmp_path: Path, folder: Path) -> None:
    # Its clock is ahead: what ends in an hour has ended, what ends in two has not.
    with (
        storage(tmp_path / "objects", "--clock-ahead", "90m") as oss_ahead,
        service(oss_ahead.endpoint, access_expire_seconds=86_400) as url,
        visit(browser, url, oss_ahead.endpoint) as page,
    ):
        asked = 0

        def ask_for_longer(route: Any) -> None:
            nonlocal asked
            asked += 1
            body = route.request.post_data_json
            body["expire_seconds"] = 3600 if asked == 1 else 7200
            route.continue_(post_data=json.dumps(body))

        page.page.route("**/batch", ask_for_longer)
        page.open()
        page.choose(put(folder, "a.jpg", b"a"), put(folder, "b.jpg", b"b"))
        expect(page.states("done")).to_have_count(2)
        assert page.stored("a.jpg")[0] == b"a"
        assert asked >= 2


def test_a_clock_that_is_wrong_is_said_so(browser: Browser, tmp_path: Path, folder: Path) -> None:
    with (
        storage(tmp_path / "objects", "--clock-ahead", "3h") as oss_ahead,
        service(oss_ahead.endpoint) as url,
        visit(browser, url, oss_ahead.endpoint) as page,
    ):
        page.open()
        page.choose(put(folder, "a.jpg", b"a"))
        # The page goes by the service's clock, so that it is not this device's.
        expect(page.row("a.jpg")).to_contain_text("expired again and again")
        expect(page.row("a.jpg")).to_contain_text("this service: its clock may be wrong")
        expect(page.row("a.jpg")).to_contain_text("Request has expired.")
        assert page.batches == [1, 1, 1]


def test_a_refusal_of_the_storage_is_shown_in_its_words(open_page: Open, folder: Path) -> None:
    page = open_page(secret="another-secret")
    page.choose(put(folder, "a.jpg", b"a"))
    row = page.row("a.jpg")
    expect(row).to_contain_text("The storage refused the file (403).")
    expect(row).to_contain_text("SignatureDoesNotMatch, EC 0002-")
    assert "another-secret" not in page.page.content()


def test_a_wrong_key_is_asked_for_again(open_page: Open, folder: Path) -> None:
    page = open_page(key=None)
    field = page.page.get_by_label("API key")
    expect(field).to_be_focused()
    page.choose(put(folder, "a.jpg", b"a"))
    expect(page.row("a.jpg")).to_contain_text("Waiting for the API key")
    field.fill("wrong")
    field.press("Enter")
    expect(page.page.locator("#key-error")).to_have_text(re.compile("does not know this key"))
    expect(field).to_be_focused()
    field.fill(KEY)
    field.press("Enter")
    assert page.stored("a.jpg")[0] == b"a"
    assert KEY not in page.page.url
    assert (
        page.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])") == "[{},{}]"
    )


def test_a_key_is_kept_for_the_tab_only_if_asked_to(open_page: Open) -> None:
    page = open_page()
    assert page.page.url == page.url + "/"
    page.page.reload()
    field = page.page.get_by_label("API key")
    field.fill(KEY)
    page.page.get_by_label("Remember it").check()
    field.press("Enter")
    page.page.reload()
    expect(page.page.get_by_role("button", name="Change key")).to_be_visible()
    expect(field).to_be_hidden()


def test_a_busy_service_is_waited_for(open_page: Open, folder: Path) -> None:
    page = open_page(rate_limit={"requests": 1, "seconds": 3})
    page.choose(put(folder, "a.jpg", b"a"))
    expect(page.states("done")).to_have_count(1)
    page.choose(put(folder, "b.jpg", b"b"))
    expect(page.row("b.jpg")).to_contain_text("The service is busy")
    assert page.stored("b.jpg")[0] == b"b"


def test_a_service_that_is_gone_is_said_so(open_page: Open, folder: Path) -> None:
    page = open_page()
    page.page.route("**/batch", lambda route: route.abort())
    page.choose(put(folder, "a.jpg", b"a"))
    expect(page.row("a.jpg")).to_contain_text("The service cannot be reached.")
    page.page.unroute("**/batch")
    page.row("a.jpg").get_by_role("button", name="Retry").click()
    assert page.stored("a.jpg")[0] == b"a"


def test_a_file_that_has_changed_is_said_so(open_page: Open, folder: Path) -> None:
    page = open_page(key=None)
    path = put(folder, "a.jpg", b"a" * 1000)
    page.choose(path)
    path.unlink()
    page.page.get_by_label("API key").fill(KEY)
    page.page.keyboard.press("Enter")
    expect(page.row("a.jpg")).to_contain_text("The file cannot be read any more")


def test_all_can_be_done_by_keyboard(open_page: Open, folder: Path) -> None:
    page = open_page(key=None, context={"permissions": ["clipboard-read", "clipboard-write"]})
    keyboard = page.page.keyboard
    # Playwright asks for the choosers without awaiting the answer; what is typed comes after it.
    with page.page.expect_file_chooser() as chooser:
        keyboard.type(KEY)
        keyboard.press("Enter")
        expect(page.page.locator("#files")).to_be_focused()
        keyboard.press("Enter")
    chooser.value.set_files([put(folder, "a.jpg", b"a"), put(folder, "b.txt", b"b")])
    expect(page.states("done")).to_have_count(1)
    expect(page.states("failed")).to_have_count(1)

    def press_until(name: str) -> None:
        focused = page.page.locator(":focus")
        for _ in range(12):
            keyboard.press("Tab")
            if focused.count() and focused.get_attribute("aria-label") == name:
                return
        raise AssertionError(f"{name} was not reached")

    press_until("Copy link: a.jpg")
    keyboard.press("Enter")
    expect(page.page.locator("#status")).to_contain_text("Copied")
    assert page.page.evaluate("navigator.clipboard.readText()") == page.link("a.jpg")
    press_until("Remove: b.txt")
    keyboard.press("Enter")
    expect(page.page.locator("li")).to_have_count(1)
    expect(page.row("a.jpg").locator(":focus")).to_have_count(1)


def test_files_and_folders_are_dropped(open_page: Open, folder: Path) -> None:
    page = open_page()
    page.page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["dropped"], "dropped.png", {type: "image/png"}));
            document.body.dispatchEvent(
                new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
        }"""
    )
    assert page.stored("dropped.png")[0] == b"dropped"


def test_the_page_speaks_chinese(open_page: Open, folder: Path) -> None:
    page = open_page(context={"locale": "zh-CN"})
    expect(page.page.locator("h1")).to_have_text("上传文件")
    assert page.page.evaluate("document.documentElement.lang") == "zh-Hans"
    page.choose(put(folder, "照片.jpg", b"a"), put(folder, "程序.exe", b"a"))
    expect(page.row("照片.jpg")).to_contain_text("已上传")
    expect(page.row("程序.exe")).to_contain_text("不接受此类文件")
    page.page.get_by_role("button", name="English").click()
    expect(page.row("照片.jpg")).to_contain_text("Uploaded")
    page.page.reload()
    expect(page.page.locator("h1")).to_have_text("Upload files")


def test_the_example_of_a_page_uploads_too(open_page: Open, folder: Path) -> None:
    page = open_page()
    page.page.goto(f"{page.url}/healthz#key={KEY}")
    page.page.set_content(EXAMPLE.read_text("utf-8"))
    page.page.locator("#file").set_input_files(put(folder, "a.jpg", b"a"))
    expect(page.page.locator("#out")).to_have_text(re.compile("^http"))
    with urlopen(page.page.locator("#out").inner_text()) as response:
        assert response.read() == b"a"


def test_both_languages_have_the_same_words(open_page: Open) -> None:
    page = open_page()
    script = """async () => {
        const { LANGUAGES } = await import("/page/words.js");
        const names = ({ problem, ...words }) => [Object.keys(words), Object.keys(problem)];
        return Object.values(LANGUAGES).map(names);
    }"""
    english, chinese = page.page.evaluate(script)
    assert english == chinese and len(english[0]) > 30


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [900, 360])
def test_axe_finds_no_barrier_and_nothing_is_cut_off(
    open_page: Open, folder: Path, scheme: str, width: int
) -> None:
    viewport = {"width": width, "height": 700}
    page = open_page(key=None, context={"color_scheme": scheme, "viewport": viewport})
    assert Axe().run(page.page).response["violations"] == []
    page.page.get_by_label("API key").fill(KEY)
    page.page.keyboard.press("Enter")
    page.choose(put(folder, LONG, b"a"), put(folder, "b.txt", b"b"))
    expect(page.states("done")).to_have_count(1)
    expect(page.states("failed")).to_have_count(1)
    page.network(10_000)
    page.choose(put(folder, "slow.mp4", b"b" * 1_000_000))
    expect(page.states("sending")).to_have_count(1)
    assert Axe().run(page.page).response["violations"] == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_is_sent_once_and_its_policy_is_strict(open_page: Open) -> None:
    page = open_page()
    for path in ["/", "/page/page.js", "/page/page.css", "/page/icon.svg"]:
        with urlopen(page.url + path) as response:
            headers = response.headers
        assert headers["Cache-Control"] == "no-cache"
        with pytest.raises(HTTPError, match="304"):
            urlopen(Request(page.url + path, headers={"If-None-Match": headers["ETag"]}))
    with urlopen(page.url) as response:
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_the_page_can_be_switched_off(oss_here: Storage) -> None:
    with service(oss_here.endpoint, page=False) as url:
        for path in ["/", "/page/page.js"]:
            with pytest.raises(HTTPError, match="404"):
                urlopen(url + path)
