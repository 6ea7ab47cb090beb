"""The demo goes its whole round: with curl where that is, and without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"


@pytest.mark.parametrize("path", [os.environ["PATH"], ""], ids=["as-it-is", "without-curl"])
def test_the_demo_goes_the_whole_round(path: str, tmp_path: Path) -> None:
    file = tmp_path / "real file"
    file.write_bytes(os.urandom(300_000))
    done = subprocess.run(
        [sys.executable, "-W", "error", DEMO, file],
        env={**os.environ, "PATH": path, "http_proxy": "http://127.0.0.1:9"},
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "the same 300,000 bytes" in done.stdout
    assert done.stdout.count("status 200") == 2 and done.stdout.count("status 403") == 1
    assert "text/html" in done.stdout.partition("What oss.explain says")[2]
