"""A section of a file reads as the SDK's does, or better, and can be uploaded."""

from __future__ import annotations

import io
import pathlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import alibabacloud_oss_v2.io_utils as theirs
import ossign.io_utils as ours
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

DATA = bytes(range(20))


def section(off: int, n: int) -> ours.SectionReader:
    return ours.SectionReader(ours.ReadAtReader(io.BytesIO(DATA)), off, n)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(-2, 12)),
        st.tuples(st.just("seek"), st.integers(-5, 25), st.integers(0, 3)),
        st.tuples(st.just("tell")),
        st.tuples(st.just("__len__")),
    ),
    max_size=8,
)


def outcome(reader: object, step: tuple[object, ...]) -> object:
    try:
        return getattr(reader, str(step[0]))(*step[1:])
    except (OSError, ValueError) as error:
        return type(error), str(error)


@given(st.integers(0, 25), st.integers(0, 25), STEPS)
def test_a_section_behaves_as_that_of_the_sdk(
    off: int, n: int, steps: list[tuple[object, ...]]
) -> None:
    mine = section(off, n)
    other = theirs.SectionReader(theirs.ReadAtReader(io.BytesIO(DATA)), off, n)
    assert [outcome(mine, step) for step in steps] == [outcome(other, step) for step in steps]


@given(st.integers(0, 25), st.integers(0, 25), st.integers(-5, 30), st.integers(-1, 30))
def test_read_at_reads_at_the_position_asked_for(off: int, n: int, at: int, size: int) -> None:
    reader = section(off, n)
    reader.read(3)
    before = reader.tell()
    whole = DATA[off : off + n]
    wanted = b"" if at < 0 else whole[at:] if size < 0 else whole[at : at + size]
    assert reader.read_at(at, size) == wanted
    assert reader.tell() == before


@pytest.mark.parametrize(("off", "n"), [(-1, 5), (2, -1)])
def test_a_negative_section_is_refused(off: int, n: int) -> None:
    with pytest.raises(ValueError, match="cannot have"):
        section(off, n)


def test_a_huge_section_ends_where_python_ends() -> None:
    import sys

    assert len(section(2, sys.maxsize)) == sys.maxsize - 2


def test_a_section_is_a_stream_to_requests_and_no_iterable_as_in_the_sdk() -> None:
    assert not hasattr(ours.SectionReader, "__iter__")
    assert not hasattr(theirs.SectionReader, "__iter__")


class Upload(BaseHTTPRequestHandler):
    received: list[tuple[str | None, bytes]]

    def do_PUT(self) -> None:
        length = self.headers["Content-Length"]
        type(self).received.append((length, self.rfile.read(int(length or 0))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Upload.received = []
    with HTTPServer(("127.0.0.1", 0), Upload) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}/"
        httpd.shutdown()
        thread.join()


def test_parts_of_a_file_stream_through_requests(server: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA * 10_000)
    with path.open("rb") as file, requests.Session() as session:
        session.trust_env = False
        shared = ours.ReadAtReader(file)
        for start in range(0, 200_000, 70_000):
            part = ours.SectionReader(shared, start, min(70_000, 200_000 - start))
            session.put(server, data=part).raise_for_status()
    assert [length for length, _ in Upload.received] == ["70000", "70000", "60000"]
    assert b"".join(body for _, body in Upload.received) == DATA * 10_000


def test_a_section_read_before_uploads_only_what_is_left(server: str) -> None:
    part = section(5, 10)
    part.read(4)
    with requests.Session() as session:
        session.trust_env = False
        session.put(server, data=part).raise_for_status()
    assert Upload.received == [("6", DATA[9:15])]


def test_read_at_reader_passes_everything_on_to_its_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"one\ntwo\nthree\n")
    for module in (ours, theirs):
        with module.ReadAtReader(path.open("rb")) as reader:
            assert reader.name == f"{path} with read_at"
            assert reader.mode == "rb" and reader.readable() and reader.seekable()
            assert not reader.isatty() and reader.fileno() > 2 and not reader.closed
            assert reader.readline() == b"one\n"
            assert reader.read_at(4, 3) == b"two"
            assert reader.tell() == 7
            assert reader.seek(8) == 8
            assert reader.readlines() == [b"three\n"]
            assert reader.read_at(8) == b"three\n"
            reader.flush()
        assert reader.closed


def test_sections_of_one_reader_can_be_read_by_many_threads() -> None:
    data = bytes(200) + bytes([1]) * 200 + bytes([2]) * 200 + bytes([3]) * 200
    shared = ours.ReadAtReader(io.BytesIO(data))
    found: dict[int, bytes] = {}

    def work(index: int) -> None:
        reader = ours.SectionReader(shared, index * 200, 200)
        found[index] = b"".join(iter(lambda: reader.read(3), b""))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {index: bytes([index]) * 200 for index in range(4)}


@pytest.mark.parametrize("source", [lambda: io.StringIO("hello"), lambda: io.BytesIO(b"hello")])
@given(st.integers(-1, 7), st.lists(st.integers(-1, 4), max_size=5))
def test_a_limited_reader_behaves_as_that_of_the_sdk(
    source: object, limit: int, sizes: list[int]
) -> None:
    mine, other = (m.LimitReader(source(), limit) for m in (ours, theirs))  # type: ignore[operator]
    assert [mine.read(size) for size in sizes] == [other.read(size) for size in sizes]
