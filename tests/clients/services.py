"""The programs of examples/service upload to a local OSS, by URLs of a running `ossign serve`.

`make test-clients` runs this file too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from programs import JAVA, OKHTTP, Program

EXAMPLES = Path(__file__).parents[2] / "examples" / "service"
PHOTO, FILM = b"\xff\xd8 not quite a photo", os.urandom(20_000_000)
JARS = ":".join(
    f"{JAVA}/{name}.jar" for name in ("okhttp", "okio", "kotlin-stdlib", "com.android.json")
)
PROGRAMS = {
    "curl": Program(EXAMPLES / "upload.sh", ["sh", "{source}"]),
    "python": Program(EXAMPLES / "upload.py", [sys.executable, "{source}"]),
    "node": Program(EXAMPLES / "upload.mjs", ["node", "{source}"]),
    "node, in parts": Program(EXAMPLES / "parts.mjs", ["node", "{source}"]),
    "kotlin": Program(
        EXAMPLES / "Upload.kt", ["java", "-cp", f"{{made}}:{JARS}", "UploadKt"], OKHTTP
    ),
}


@pytest.fixture(scope="module", params=PROGRAMS)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    made = PROGRAMS[request.param]
    made.prepare(tmp_path_factory.mktemp(request.param))
    return made


@pytest.fixture(scope="module")
def service() -> Iterator[dict[str, str]]:
    """The server as a person tries it, and the variables that the programs ask for."""
    command = [sys.executable, "-m", "ossign", "serve", "--demo", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        url, _, key = server.stdout.readline().strip().partition("/#key=")
        yield {"SERVICE": url, "APIKEY": key}
        server.terminate()


def words(program: Program, file: Path, kind: str) -> list[str]:
    """Only the one for Node.js knows types by itself: it takes any number of files."""
    return [str(file)] if program is PROGRAMS["node"] else [str(file), kind]


def uploaded(program: Program, service: dict[str, str], file: Path, kind: str) -> str:
    """Where the program says that its file is."""
    done = program.run_with(words(program, file, kind), service)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "given", "kind", "data"),
    [
        ("my photo.JPG", "image/jpg", "image/jpeg", PHOTO),
        ("电影.mp4", "video/mp4", "video/mp4", FILM),
    ],
    ids=["photo", "film"],
)
def test_a_file_is_where_the_program_says(
    program: Program,
    service: dict[str, str],
    tmp_path: Path,
    name: str,
    given: str,
    kind: str,
    data: bytes,
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with urllib.request.urlopen(uploaded(program, service, file, given)) as answer:
        assert (answer.headers["content-type"], answer.read()) == (kind, data)


def test_what_the_service_refuses_is_said(
    program: Program, service: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "a.exe"
    file.write_bytes(b"MZ")
    done = program.run_with(words(program, file, "image/jpeg"), service)
    assert done.returncode != 0
    assert "must end with one of" in done.stderr
