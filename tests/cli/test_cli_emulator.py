"""`ossign emulator`: it serves, says where, explains refusals, and stops when it is told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import ossign as oss
import pytest
import requests
from shell import COMMAND, HERE, KEYS, Shell


@contextmanager
def running(shell: Shell, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command at work, and the address that it prints."""
    emulator = subprocess.Popen(
        [*COMMAND, "emulator", "--port", "0", *words], cwd=shell.home, env=shell.environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    try:
        assert emulator.stdout is not None
        yield emulator, emulator.stdout.readline().strip()
    finally:
        if emulator.poll() is None:
            emulator.kill()
        emulator.communicate()


def put(endpoint: str, key: str, credentials: oss.Credentials, **headers: str) -> int:
    """Upload an object; the status."""
    config = oss.Config(region="cn-hangzhou", endpoint=endpoint, credentials_provider=credentials)
    url = oss.Client(config).presign(oss.PutObjectRequest(bucket="examplebucket", key=key)).url
    return requests.put(url, data=b"abc", headers=headers, timeout=30).status_code


SAMPLE = oss.Credentials("emulator", "emulator-secret")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_explains_and_stops(number: int, shell: Shell) -> None:
    with running(shell) as (emulator, endpoint):
        assert endpoint.startswith("http://127.0.0.1:")
        assert put(endpoint, "k", SAMPLE) == 200
        assert put(endpoint, "k", SAMPLE, **{"Content-Type": "text/html"}) == 403
        emulator.send_signal(number)
        out, err = emulator.communicate(timeout=30)
    assert (emulator.returncode, out) == (0, "")
    assert "for development. It is no storage" in err
    assert f"{endpoint}/BUCKET/KEY" in err
    assert "export OSS_ACCESS_KEY_ID=emulator\n" in err
    assert f"export OSS_ENDPOINT={endpoint}\n" in err
    assert "SignatureDoesNotMatch" in err and "Traceback" not in err


def test_the_printed_variables_are_enough_for_the_command(shell: Shell) -> None:
    with running(shell) as (emulator, _):
        lines = []
        assert emulator.stderr is not None
        while not lines or not lines[-1].startswith("export OSS_ENDPOINT"):
            lines.append(emulator.stderr.readline())
        exports = [line.removeprefix("export ").strip() for line in lines if "export " in line]
        shell.variables = dict(line.split("=", 1) for line in exports)
        url = shell.succeed("presign", "put", "examplebucket", "k").strip()
        assert requests.put(url, data=b"abc", timeout=30).status_code == 200


def test_it_can_know_the_credentials_of_the_environment(shell: Shell) -> None:
    with running(shell, "--env") as (emulator, endpoint):
        known = oss.Credentials(KEYS["OSS_ACCESS_KEY_ID"], KEYS["OSS_ACCESS_KEY_SECRET"])
        assert put(endpoint, "k", known) == 200
        assert put(endpoint, "k", SAMPLE) == 403
        emulator.terminate()
        _, err = emulator.communicate(timeout=30)
    assert HERE["OSS_ACCESS_KEY_SECRET"] not in err and "export" not in err


def test_objects_stay_in_their_folder(shell: Shell) -> None:
    for _ in range(2):
        with running(shell, "--data", "objects") as (emulator, endpoint):
            config = oss.Config(
                region="cn-hangzhou", endpoint=endpoint, credentials_provider=SAMPLE
            )
            get = oss.GetObjectRequest(bucket="examplebucket", key="k")
            answer = requests.get(oss.Client(config).presign(get).url, timeout=30)
            if answer.status_code == 404:
                assert put(endpoint, "k", SAMPLE) == 200
            emulator.terminate()
            emulator.communicate(timeout=30)
    assert (answer.status_code, answer.content) == (200, b"abc")
    assert (shell.home / "objects").is_dir()


def test_a_clock_that_is_ahead_sees_urls_expire(shell: Shell) -> None:
    with running(shell, "--clock-ahead", "14m") as (_, endpoint):
        assert put(endpoint, "k", SAMPLE) == 200
    with running(shell, "--clock-ahead", "16m") as (_, endpoint):
        assert put(endpoint, "k", SAMPLE) == 403


def test_requests_are_logged_if_asked_for(shell: Shell) -> None:
    with running(shell, "-v") as (emulator, endpoint):
        assert put(endpoint, "logged-key", SAMPLE) == 200
        emulator.terminate()
        _, err = emulator.communicate(timeout=30)
    assert "logged-key" in err


@pytest.mark.parametrize(
    ("code", "words", "says"),
    [
        (2, ["--port", "65536"], "no port"),
        (2, ["--port", "x"], "no port"),
        (2, ["--log", "xml"], "invalid choice"),
        (2, ["--region", "a", "--any-region"], "not allowed with"),
        (2, ["--clock-ahead", "x"], "no duration"),
        (2, ["--callback-timeout", "0"], "no time"),
        (2, ["BUCKET"], "'BUCKET'"),
        (3, ["--profile", "missing"], "'missing'"),
        (4, ["--data", "file"], "file"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    code: int, words: list[str], says: str, shell: Shell
) -> None:
    (shell.home / "file").touch()
    assert says in shell.fail(code, "emulator", "--port", "0", *words)


def test_a_port_that_is_taken_is_named(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = shell.fail(4, "emulator", "--port", str(port))
    assert os.strerror(98).lower() in line.lower() or str(port) in line
