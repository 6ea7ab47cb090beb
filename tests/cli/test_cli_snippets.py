"""What `--curl`, `--python` and `--js` print really runs, with any key, header and file name.

Each program is run against a local server that checks signatures with the SDK's own signer. Python
is always there; curl and Node.js are run where they are, and with OSSIGN_CLIENTS=1 must be there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import standin
from shell import Shell

WANTED = {"python": sys.executable, "curl": "curl", "js": "node"}
TOOLS = [
    tool
    for tool, program in WANTED.items()
    if "OSSIGN_CLIENTS" in os.environ or shutil.which(program)
]
KEYS = [
    "a b/c'd\"e$(touch x)`touch y`\\z&?#%20+数😀~*.txt",
    "[1-3]{a,b}//c",
    "-k",
    "line\nbreak",
    "dir/",
]
FILES = ["-", ".x", "@x", 'it\'s "q" $HOME back\\slash #1 数\n', "{a,b}[1-2]", b"latin-\xe9"]
CLIMBING = ["a/../b", "./a", "a/./b/..", ".."]
VALUE = 'it\'s "quoted" $HOME `x` \\ 数 #1 {a} !'
BODY = bytes(range(256)) * 40


@pytest.fixture
def store() -> Iterator[standin.Store]:
    with standin.running() as store:
        yield store
        assert store.refusals == []


class Client:
    """Prints a snippet with the command, and runs what it printed."""

    def __init__(self, shell: Shell, store: standin.Store, tool: str) -> None:
        self.shell, self.tool = shell, tool
        self.place = ("--endpoint", f"http://{store.host}")

    def run(self, operation: str, key: str, *more: str | bytes) -> str:
        """What the program printed; it must succeed."""
        done = self.attempt(operation, key, *more)
        assert done.returncode == 0, done
        return done.stdout.decode(errors="replace")

    def attempt(
        self, operation: str, key: str, *more: str | bytes
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program; it may fail."""
        words = ("presign", operation, "examplebucket", f"--{self.tool}", *self.place, *more)
        snippet = self.shell.succeed(*words, "--", key)
        name = {"curl": "snippet.sh", "python": "snippet.py", "js": "snippet.mjs"}[self.tool]
        program = self.shell.home / name
        program.write_bytes(snippet.encode("utf-8", "surrogateescape"))
        command = {"curl": ["sh"], "python": [sys.executable], "js": ["node"]}[self.tool]
        return subprocess.run(
            [*command, program], cwd=self.shell.home, env=self.shell.environment(),
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip


@pytest.fixture(params=TOOLS)
def client(request: pytest.FixtureRequest, shell: Shell, store: standin.Store) -> Client:
    return Client(shell, store, request.param)


@pytest.mark.parametrize("key", KEYS)
def test_any_key_goes_up_and_comes_down(key: str, client: Client, store: standin.Store) -> None:
    home = client.shell.home
    (home / "up").write_bytes(BODY)
    client.run("put", key, "--file", "up")
    stored = store.objects["examplebucket", key]
    assert stored.data == BODY
    assert "Content-Type" not in stored.headers
    client.run("get", key, "--file", "down")
    assert (home / "down").read_bytes() == BODY
    assert len(list(home.iterdir())) == 3  # up, down, and the program


@pytest.mark.parametrize("key", CLIMBING)
def test_dots_in_a_path_are_sent_as_they_are(
    key: str, client: Client, store: standin.Store
) -> None:
    (client.shell.home / "up").write_bytes(BODY)
    words = ("presign", "put", "examplebucket", f"--{client.tool}", *client.place, "--file", "up")
    if client.tool == "js":
        assert "fetch resolves" in client.shell.fail(2, *words, key)
        return
    client.run("put", key, "--file", "up")
    assert store.objects["examplebucket", key].data == BODY


def test_headers_arrive_as_they_were_signed(client: Client, store: standin.Store) -> None:
    (client.shell.home / "k").write_bytes(BODY)
    client.run(
        "put", "k", "--content-type", "text/plain; charset=utf-8", "--meta", f"note={VALUE}",
        "-H", "Cache-Control: no-cache", "--content-length", str(len(BODY)),
    )  # fmt: skip
    stored = store.objects["examplebucket", "k"]
    assert stored.data == BODY
    assert stored.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert stored.headers["Cache-Control"] == "no-cache"
    assert stored.headers["x-oss-meta-note"].encode("latin-1").decode() == VALUE


@pytest.mark.parametrize("file", FILES, ids=str)
def test_any_file_name_is_found(file: str | bytes, client: Client, store: standin.Store) -> None:
    name = os.fsdecode(file)
    path = client.shell.home / name
    path.write_bytes(BODY)
    if client.tool == "js" and isinstance(file, bytes):
        words = ("presign", "put", "examplebucket", "k", "--js", *client.place, "--file", file)
        assert "not UTF-8" in client.shell.fail(2, *words)
        return
    client.run("put", "k", f"--file={name}")
    assert store.objects["examplebucket", "k"].data == BODY
    path.unlink()
    client.run("get", "k", f"--file={name}")
    assert path.read_bytes() == BODY


def test_a_file_goes_up_in_parts(client: Client, store: standin.Store) -> None:
    client.run("initiate", "big.bin", "--content-type", "application/zip")
    [upload_id] = store.uploads
    upload = ("--upload-id", upload_id)
    parts = []
    for number, data in enumerate((BODY, b"the end"), 1):
        (client.shell.home / "part").write_bytes(data)
        client.run("part", "big.bin", *upload, "--part-number", str(number), "--file", "part")
        etag = standin.etag(data).replace('"', "&quot;")
        parts.append(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
    body = f"<CompleteMultipartUpload>{''.join(parts)}</CompleteMultipartUpload>"
    (client.shell.home / "complete.xml").write_text(body)
    assert "CompleteMultipartUploadResult" in client.run("complete", "big.bin", *upload)
    stored = store.objects["examplebucket", "big.bin"]
    assert stored.data == BODY + b"the end"
    assert stored.headers["Content-Type"] == "application/zip"


def test_an_upload_is_given_up(client: Client, store: standin.Store) -> None:
    client.run("initiate", "big.bin")
    [upload_id] = store.uploads
    client.run("abort", "big.bin", "--upload-id", upload_id)
    assert not store.uploads


def test_metadata_is_read(client: Client, store: standin.Store) -> None:
    store.objects["examplebucket", "k"] = standin.Stored(b"12345", {"x-oss-meta-a": "b"})
    shown = client.run("head", "k").lower()
    assert "x-oss-meta-a" in shown and "content-length" in shown


def test_a_refusal_makes_the_program_fail(shell: Shell) -> None:
    with standin.running() as store:
        for tool in TOOLS:
            client = Client(shell, store, tool)
            assert client.attempt("get", "missing", "--file", "down").returncode != 0
            assert "NoSuchKey" in store.refusals.pop()
            assert not (Path(shell.home) / "down").exists()


def test_a_failed_callback_is_no_success(shell: Shell) -> None:
    words = ("presign", "put", "examplebucket", "k", "--callback", "e30=")
    assert "203" in shell.succeed(*words, "--python")
    assert "203" in shell.succeed(*words, "--js")
