"""The programs of examples/service upload to a local OSS with URLs of a running server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faces import KEY, server
from ossign.testing import Emulator

EXAMPLES = Path(__file__).parents[2] / "examples" / "service"
PHOTO, FILM = b"\xff\xd8 not quite a photo", os.urandom(3_000_000)
COMMANDS = {
    "curl": [
        ["sh", "upload.sh", "{photo}", "image/jpg"],
        ["sh", "upload.sh", "{film}", "video/mp4"],
    ],
    "python": [
        [sys.executable, "upload.py", "{photo}", "image/jpg"],
        [sys.executable, "upload.py", "{film}", "video/mp4"],
    ],
    "node": [["node", "upload.mjs", "{photo}", "{film}"]],
}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(log="off") as emulator:
        yield emulator


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_uploads_a_photo_and_a_film(
    name: str, emulator: Emulator, tmp_path: Path
) -> None:
    files = {"photo": tmp_path / "my photo.JPG", "film": tmp_path / "电影.mp4"}
    files["photo"].write_bytes(PHOTO)
    files["film"].write_bytes(FILM)
    settings = {"endpoint": emulator.endpoint, "credentials_provider": emulator.credentials}
    with server(**settings) as running:
        environment = {**os.environ, "SERVICE": running.url, "APIKEY": KEY}
        printed = ""
        for command in COMMANDS[name]:
            words = [word.format(**files) for word in command]
            done = subprocess.run(
                words, cwd=EXAMPLES, env=environment, capture_output=True, text=True, timeout=60
            )
            assert (done.returncode, done.stderr) == (0, "")
            printed += done.stdout
    objects = {object.headers["content-type"]: object for object in emulator.objects()}
    assert set(objects) == {"image/jpeg", "video/mp4"}
    for kind, data in (("image/jpeg", PHOTO), ("video/mp4", FILM)):
        assert emulator.read(objects[kind].bucket, objects[kind].key) == data
        assert f"{emulator.endpoint}/{objects[kind].bucket}/{objects[kind].key}\n" in printed


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_says_what_the_service_refuses(
    name: str, emulator: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "a.exe"
    file.write_bytes(b"MZ")
    with server(endpoint=emulator.endpoint) as running:
        words = [word.format(photo=file, film=file) for word in COMMANDS[name][0]]
        done = subprocess.run(
            words,
            cwd=EXAMPLES,
            env={**os.environ, "SERVICE": running.url, "APIKEY": KEY},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode != 0
    assert "must end with one of" in done.stderr
