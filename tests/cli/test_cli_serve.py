"""`ossign serve`: what it says when it starts, when it cannot, and its demo."""

from __future__ import annotations

import hashlib
import json
import resource
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.error import HTTPError

import pytest
from shell import COMMAND, Shell

KEY = "a-key-for-tests"
KEYS = {"OSSIGN_API_KEYS": f"web:{hashlib.sha256(KEY.encode()).hexdigest()}"}
PHOTO = {"filename": "a.jpg", "content_type": "image/jpeg"}


# What shells give, and less than the connections below.
FEW_FILES = ["sh", "-c", 'ulimit -Sn 256 && exec "$@"', "sh"]


@contextmanager
def serving(shell: Shell, *arguments: str, **more: str) -> Iterator[tuple[str, subprocess.Popen]]:
    """The command, with the line that it prints."""
    popen = subprocess.Popen(
        [*FEW_FILES, *COMMAND, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=shell.home,
        env={**shell.environment(), **more},
        text=True,
    )
    try:
        yield popen.stdout.readline().strip(), popen
    finally:
        popen.kill()
        popen.communicate()


@pytest.fixture
def files() -> Iterator[None]:
    """Lets the test itself have as many files open as it needs."""
    lower, upper = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(lower, min(upper, 4096)), upper))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (lower, upper))


def ask(url: str, key: str) -> dict[str, str]:
    headers = {"Apikey": key, "Content-Type": "application/json"}
    data = json.dumps(PHOTO).encode()
    request = urllib.request.Request(f"{url}/api/oss/presign-put", data, headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)["data"]


def test_the_demo_takes_an_upload_and_gives_it_back(shell: Shell) -> None:
    with serving(Shell(shell.home, {}), "--demo") as (address, popen):
        url, _, key = address.partition("/#key=")
        data = ask(url, key)
        put = urllib.request.Request(
            data["upload_url"], b"bytes", {"Content-Type": data["content_type"]}, method="PUT"
        )
        urllib.request.urlopen(put).close()
        with urllib.request.urlopen(data["access_url"]) as response:
            assert response.read() == b"bytes"
        popen.send_signal(signal.SIGTERM)
        assert popen.wait(30) == 0
        said = popen.stderr.read()
    assert "/api/oss/presign-put" in said and "stopped" in said


def test_options_and_variables_make_a_server(shell: Shell) -> None:
    with serving(shell, "--bucket", "examplebucket", "--log", "off", **KEYS) as (url, popen):
        assert ask(url, KEY)["upload_url"].startswith("https://examplebucket.oss-cn-hangzhou.")
        popen.send_signal(signal.SIGINT)
        assert (popen.wait(30), popen.stderr.read()) == (0, "")


def test_a_profile_signs(shell: Shell) -> None:
    config = "[profile other]\naccessKeyID=from-profile\naccessKeySecret=s\nregion=cn-beijing\n"
    (shell.home / ".ossutilconfig").write_text(config)
    options = ("--bucket", "examplebucket", "--profile", "other")
    with serving(shell, *options, **KEYS) as (url, _):
        assert "from-profile" in ask(url, KEY)["upload_url"]


def test_a_wrong_key_is_refused(shell: Shell) -> None:
    with serving(shell, "--bucket", "examplebucket", **KEYS) as (url, _):
        with pytest.raises(HTTPError) as caught:
            ask(url, "wrong")
        with caught.value as error:
            assert (error.code, json.load(error)["code"]) == (401, 40102)


def test_what_keeps_it_from_starting_is_one_line(shell: Shell) -> None:
    def refused(code: int, *arguments: str, **more: str) -> str:
        done = shell.ossign("serve", "--port", "0", *arguments, **more)
        assert (done.code, done.out) == (code, ""), done
        assert done.err.count("\n") == 1
        return done.err

    bucket = ("--bucket", "examplebucket")
    assert "OSSIGN_API_KEYS" in refused(2, *bucket)
    assert "OSSIGN_BUCKET" in refused(2, **KEYS)
    assert "OSSIGN_REGION" in refused(3, *bucket, OSS_REGION="", **KEYS)
    assert "OSS_ACCESS_KEY_SECRET" in refused(3, *bucket, OSS_ACCESS_KEY_SECRET="", **KEYS)
    assert "none.toml" in refused(4, *bucket, "--config", "none.toml", **KEYS)
    assert "OSSIGN_ACCESS_URL" in refused(2, *bucket, OSSIGN_ACCESS_URL="x", **KEYS)
    assert "none" in refused(3, *bucket, "--profile", "none", **KEYS)


def test_thousands_of_idle_connections_do_not_hinder_others(shell: Shell, files: None) -> None:
    options = ("--bucket", "examplebucket", "--log", "off")
    hello = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
    with serving(shell, *options, **KEYS) as (url, _), ExitStack() as stack:
        place = ("127.0.0.1", int(url.rpartition(":")[2]))
        idle = [stack.enter_context(socket.create_connection(place, 30)) for _ in range(3000)]
        for at, connection in enumerate(idle):
            if at % 3 == 0:
                connection.sendall(b"POST /api/oss/presign-put HTTP/1.1\r\nHost: h\r\n")
            elif at % 3 == 1:
                connection.sendall(hello)
        assert ask(url, KEY)["upload_url"].startswith("https://examplebucket.oss-cn-hangzhou.")
        answers = [connection.recv(12) for connection in idle[1::3]]
        assert set(answers) == {b"HTTP/1.1 200"}
