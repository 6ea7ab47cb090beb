"""The samples of the SDK's documentation run with ossign, and with the SDK: only one line differs.

Each uploads real bytes to a local server that checks every signature with the SDK's own signer.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import standin

EXAMPLES = Path(__file__).parents[2] / "examples"
OURS, THEIRS = "import ossign as oss\n", "import alibabacloud_oss_v2 as oss\n"
BUCKET, KEY = "examplebucket", "a dir/ключ+1 数.txt"


@pytest.fixture
def store() -> Iterator[standin.Store]:
    with standin.running() as store:
        yield store
        assert store.refusals == []


@pytest.fixture(params=[OURS, THEIRS], ids=["ossign", "sdk"])
def import_line(request: pytest.FixtureRequest) -> str:
    line: str = request.param
    return line


class Sample:
    """One sample, with the import line that it is to have."""

    def __init__(self, name: str, import_line: str, folder: Path) -> None:
        source = (EXAMPLES / name).read_text(encoding="utf-8")
        assert source.count(OURS) == 1
        self.program = folder / name
        self.program.write_text(source.replace(OURS, import_line), encoding="utf-8")

    def run(self, store: standin.Store, *more: str, token: str = "") -> str:
        """Run it as a program of its own; what it prints."""
        where = ["--region", standin.REGION, "--bucket", BUCKET, "--key", KEY]
        environment = {
            **os.environ,
            "OSS_ACCESS_KEY_ID": standin.ID,
            "OSS_ACCESS_KEY_SECRET": standin.SECRET,
            "PYTHONWARNINGS": "error",
            "PYTHONUTF8": "1",
        }
        environment.pop("OSS_SESSION_TOKEN", None)
        if token:
            environment["OSS_SESSION_TOKEN"] = token
        done = subprocess.run(
            [sys.executable, self.program, *where, "--endpoint", f"http://{store.host}", *more],
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.mark.parametrize("token", ["", standin.TOKEN], ids=["long-term", "sts"])
def test_plain_bytes_arrive(
    import_line: str, token: str, store: standin.Store, tmp_path: Path
) -> None:
    Sample("upload_plain.py", import_line, tmp_path).run(store, token=token)
    stored = store.objects[BUCKET, KEY]
    assert stored.data == b"Hello, OSS!"
    assert "Content-Type" not in stored.headers


def test_headers_and_metadata_arrive(
    import_line: str, store: standin.Store, tmp_path: Path
) -> None:
    Sample("upload_with_headers.py", import_line, tmp_path).run(store)
    stored = store.objects[BUCKET, KEY]
    assert stored.data == "你好, OSS!".encode()
    expected = {
        "Content-Type": "text/plain; charset=utf-8",
        "x-oss-storage-class": "Standard",
        "x-oss-meta-author": "somebody",
        "x-oss-meta-purpose": "a sample",
    }
    assert expected.items() <= stored.headers.items()


def test_a_file_arrives_in_parts(import_line: str, store: standin.Store, tmp_path: Path) -> None:
    data = os.urandom(250_001)
    file = tmp_path / "file.bin"
    file.write_bytes(data)
    more = ("--file_path", str(file), "--part_size", "102400")
    shown = Sample("upload_multipart.py", import_line, tmp_path).run(store, *more)
    assert store.objects[BUCKET, KEY].data == data
    assert shown.count("\npart ") == 3
    assert not store.uploads


def test_a_callback_is_asked_for(import_line: str, store: standin.Store, tmp_path: Path) -> None:
    shown = Sample("upload_with_callback.py", import_line, tmp_path).run(store)
    assert store.objects[BUCKET, KEY].data == b"Hello, callback!"
    assert store.callbacks == [f"bucket={BUCKET}&object={KEY}&size=16&order=4711"]
    assert '{"Status":"OK"}' in shown


def test_the_judge_refuses_headers_that_are_missing(tmp_path: Path) -> None:
    sample = Sample("upload_with_headers.py", OURS, tmp_path)
    source = sample.program.read_text(encoding="utf-8")
    spoiled = source.replace("headers=pre_result.signed_headers,", "")
    assert spoiled != source
    sample.program.write_text(spoiled, encoding="utf-8")
    with standin.running() as store:
        with pytest.raises(AssertionError, match="403"):
            sample.run(store)
        assert len(store.refusals) == 1
        assert "SignatureDoesNotMatch" in store.refusals[0]
        assert not store.objects
