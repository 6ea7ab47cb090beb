"""What the emulator answered 200 outlasts it; what broke leaves nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import ossign as oss
import pytest
import wire
from ossign.testing import Emulator

BUCKET = "examplebucket"
PROGRAM = """
import sys
from ossign.testing import run_emulator
run_emulator(lambda emulator: print(emulator.endpoint, flush=True), data=sys.argv[1])
"""


class Process:
    """An emulator in a process of its own, as the command runs it."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-c", PROGRAM, str(data)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.endpoint = self.process.stdout.readline().strip()
        credentials = oss.Credentials("emulator", "emulator-secret")
        self.client = oss.Client(
            oss.Config(
                region="cn-hangzhou", endpoint=self.endpoint, credentials_provider=credentials
            )
        )

    def url(self, request: Any) -> str:
        return self.client.presign(request).url

    def put(self, key: str, body: bytes) -> int:
        url = self.url(oss.PutObjectRequest(bucket=BUCKET, key=key))
        return wire.ask(self.endpoint, "PUT", url, {}, body).status

    def get(self, key: str) -> wire.Answer:
        url = self.url(oss.GetObjectRequest(bucket=BUCKET, key=key))
        return wire.ask(self.endpoint, "GET", url)

    def end(self, number: int | None = None) -> int:
        """Send a signal, if there is one, and wait for the end."""
        if number is not None:
            self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "a folder/数据"


@pytest.fixture
def first(data: Path) -> Iterator[Process]:
    process = Process(data)
    yield process
    if process.process.returncode is None:
        process.end(signal.SIGKILL)


def begin_upload(to: str, url: str, size: int) -> Any:
    """An upload that the server has begun to take: it said to go on."""
    connection = wire.connect(to)
    connection.sendall(wire.head("PUT", url, f"Content-Length: {size}", "Expect: 100-continue"))
    assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
    return connection


def test_what_was_answered_is_there_after_a_kill_and_what_was_not_is_not(
    data: Path, first: Process
) -> None:
    assert first.put("kept", b"kept") == 200
    assert first.put("overwritten", b"old") == 200
    for key in ("new", "overwritten"):
        url = first.url(oss.PutObjectRequest(bucket=BUCKET, key=key))
        connection = begin_upload(first.endpoint, url, 1 << 20)
        connection.sendall(bytes(1 << 19))
        connection.detach()  # left open: the kill comes first
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    second = Process(data)
    try:
        assert second.get("kept").body == b"kept"
        assert second.get("overwritten").body == b"old"
        assert second.get("new").code == "NoSuchKey"
        assert len([*(data / "blobs").iterdir()]) == 2
        assert second.put("new", b"new") == 200
    finally:
        second.end(signal.SIGKILL)
    third = Process(data)
    try:
        assert third.get("new").body == b"new"
    finally:
        assert third.end(signal.SIGTERM) == 0


def test_an_upload_that_breaks_off_leaves_no_object(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        client = emulator.client()
        url = client.presign(oss.PutObjectRequest(bucket=BUCKET, key="a")).url
        with begin_upload(emulator.endpoint, url, 1000) as connection:
            connection.sendall(b"only a part")
        chunked = wire.connect(emulator.endpoint)
        chunked.sendall(wire.head("PUT", url, "Transfer-Encoding: chunked") + b"5\r\nhello\r\n")
        chunked.close()
        emulator.stop()
        assert [*(tmp_path / "blobs").iterdir()] == []
        assert [*(tmp_path / "objects").iterdir()] == []


def test_a_signal_stops_it_and_requests_under_way_are_answered(first: Process) -> None:
    url = first.url(oss.PutObjectRequest(bucket=BUCKET, key="a"))
    with begin_upload(first.endpoint, url, 4) as connection:
        first.process.send_signal(signal.SIGTERM)
        connection.sendall(b"body")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert first.end() == 0


def test_ctrl_c_stops_it_as_it_stops_every_program(first: Process) -> None:
    assert first.put("a", b"x") == 200
    assert first.end(signal.SIGINT) in (1, 130, -signal.SIGINT)


def test_two_emulators_do_not_share_a_folder(tmp_path: Path) -> None:
    words = "another emulator uses it"
    with Emulator(data=tmp_path), pytest.raises(OSError, match=words):
        Emulator(data=tmp_path)
    with Emulator(data=tmp_path) as emulator:
        assert emulator.objects() == []


def test_no_name_on_disk_is_chosen_by_a_client(tmp_path: Path) -> None:
    with Emulator(data=tmp_path / "data") as emulator:
        keys = ["../../../../outside", "..", "%2e%2e/x", "a/../../b", "C:\\x", "objects/lock"]
        for key in keys:
            result = emulator.client().presign(oss.PutObjectRequest(bucket=BUCKET, key=key))
            assert wire.send(emulator.endpoint, result, b"x").status == 200
        raw = f"{emulator.endpoint}/../../outside"
        assert wire.ask(emulator.endpoint, "PUT", raw, {}, b"x").status in (400, 403)
        names = {path.name for path in tmp_path.rglob("*")}
        fixed = {"data", "lock", "blobs", "objects", "uploads", BUCKET}
        assert [
            n for n in names - fixed if not re.fullmatch(r"[0-9A-Fa-f]{32,64}(\.json)?", n)
        ] == []
        assert sorted(stored.key for stored in emulator.objects()) == sorted(keys)


def test_many_writers_of_one_object_leave_one_of_their_bodies(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        put = emulator.client().presign(oss.PutObjectRequest(bucket=BUCKET, key="a"))
        get = emulator.client().presign(oss.GetObjectRequest(bucket=BUCKET, key="a"))
        bodies = [bytes([number]) * 100_000 for number in range(8)]
        wire.send(emulator.endpoint, put, bodies[0])
        wrong: list[object] = []

        def write(body: bytes) -> None:
            for _ in range(10):
                if wire.send(emulator.endpoint, put, body).status != 200:
                    wrong.append("put")
                answer = wire.send(emulator.endpoint, get)
                if answer.status != 200 or answer.body not in bodies:
                    wrong.append(answer.status)

        threads = [threading.Thread(target=write, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert emulator.read(BUCKET, "a") in bodies
        assert len([*(tmp_path / "blobs").iterdir()]) == 1


def test_one_writer_wins_where_overwriting_is_forbidden(oss_emulator: Emulator) -> None:
    request = oss.PutObjectRequest(bucket=BUCKET, key="a", forbid_overwrite=True)
    result = oss_emulator.client().presign(request)
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: statuses.append(wire.send(oss_emulator.endpoint, result, b"x").status)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 7


def peak_memory(process: int) -> int:
    """The most memory that a process ever had, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_a_large_upload_and_download_need_little_memory(first: Process) -> None:
    size, block = 600 << 20, bytes(1 << 20)
    before = peak_memory(first.process.pid)
    put = first.client.presign(oss.PutObjectRequest(bucket=BUCKET, key="large"))
    blocks = (block for _ in range(size >> 20))
    headers = {"Content-Length": str(size)}
    assert wire.ask(first.endpoint, "PUT", put.url, headers, blocks).status == 200
    get = first.client.presign(oss.GetObjectRequest(bucket=BUCKET, key="large"))
    read = 0
    with closing(HTTPConnection(first.endpoint.removeprefix("http://"), timeout=60)) as connection:
        connection.request("GET", get.url.removeprefix(first.endpoint))
        answer = connection.getresponse()
        while chunk := answer.read(1 << 20):
            read += len(chunk)
    assert read == size
    assert peak_memory(first.process.pid) - before < 32 << 20


def test_a_forked_process_has_no_emulator_and_can_end() -> None:
    with Emulator() as emulator:
        child = os.fork()
        if child == 0:
            stopped = not emulator.is_running
            emulator.stop()
            os._exit(0 if stopped else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert emulator.is_running
        result = emulator.client().presign(oss.PutObjectRequest(bucket=BUCKET, key="a"))
        assert wire.send(emulator.endpoint, result, b"x").status == 200
