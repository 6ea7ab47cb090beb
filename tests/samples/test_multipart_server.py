"""The backend of examples/multipart signs what it has handed out a ticket for, and nothing else."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ossign.testing import Emulator

FOLDER = Path(__file__).parents[2] / "examples/multipart"


@pytest.fixture(scope="module")
def example() -> Any:
    spec = importlib.util.spec_from_file_location("multipart_server", FOLDER / "server.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def port(example: Any, oss_emulator: Emulator) -> Iterator[int]:
    uploads = example.Uploads(oss_emulator.client(), "examplebucket", 102_400)
    with example.server(uploads, 0) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        yield listening.server_port
        listening.shutdown()
        thread.join()


def ask(port: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, data)
        answer = connection.getresponse()
        said = answer.read()
    return answer.status, json.loads(said) if method == "POST" else said


def test_a_ticket_gets_the_parts_of_its_own_upload(port: int) -> None:
    status, plan = ask(port, "POST", "/uploads", {"name": "../film.MP4", "size": 250_000})
    assert status == 200
    assert plan["part_count"] == 3 and plan["key"].endswith(".mp4") and ".." not in plan["key"]
    asked = {"ticket": plan["ticket"], "upload_id": "U", "numbers": [2]}
    status, parts = ask(port, "POST", "/parts", asked)
    assert status == 200
    (part,) = parts["parts"]
    assert (part["number"], part["offset"], part["length"]) == (2, 102_400, 102_400)
    path = urlsplit(part["url"]).path
    assert path == f"/examplebucket/{plan['key']}" and parts["part_size"] == plan["part_size"]


def test_what_is_asked_wrongly_is_refused(port: int) -> None:
    _, plan = ask(port, "POST", "/uploads", {"name": "a", "size": 5})
    text, _, seal = plan["ticket"].rpartition(".")
    for body in [
        {"ticket": f"{text}A.{seal}", "upload_id": "U"},
        {"ticket": f"{text}.0", "upload_id": "U"},
        {"ticket": "é.é", "upload_id": "U"},
        {"ticket": plan["ticket"], "upload_id": ""},
        {"ticket": plan["ticket"], "upload_id": "U", "numbers": [2]},
        {"ticket": plan["ticket"], "upload_id": "U", "numbers": ["1"]},
        {"ticket": plan["ticket"], "upload_id": "U", "numbers": [1] * 1001},
        {"ticket": plan["ticket"], "upload_id": "U", "numbers": "1"},
        {"ticket": plan["ticket"]},
        {},
        [],
        b"no JSON",
        b"[" * 100_000,
    ]:
        status, said = ask(port, "POST", "/parts", body)
        assert status == 400 and said["error"], body
    for size in (-1, 5.0, "5", None, True, 2**50):
        status, said = ask(port, "POST", "/uploads", {"name": "a", "size": size})
        assert status == 400 and said["error"], size
    assert ask(port, "POST", "/other", {})[0] == 404


def test_the_page_and_its_modules_are_served_and_nothing_beside_them(port: int) -> None:
    for path in ("/", "/multipart.js", "/requests.js"):
        name = path[1:] or "index.html"
        assert ask(port, "GET", path) == (200, (FOLDER / name).read_bytes())
    for path in ("/server.py", "/../README.md", "/x"):
        assert ask(port, "GET", path)[0] == 404
