"""The version stands once, in Cargo.toml."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import ossign

ROOT = Path(__file__).parents[2]
CARGO = (ROOT / "Cargo.toml").read_text("utf-8")
VERSION = re.findall(r'^version = "(.*)"$', CARGO, re.MULTILINE)[0]


def test_python_says_the_version_of_cargo_toml() -> None:
    assert ossign.__version__ == ossign.VERSION == metadata.version("ossign") == VERSION


def test_the_version_is_a_release_number() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_no_other_file_repeats_the_version() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert not re.search(r"^version\b", project, re.MULTILINE)
    assert 'dynamic = ["version"]' in project
    sources = [*(ROOT / "src").rglob("*.rs"), *(ROOT / "python").rglob("*.py")]
    assert [str(path) for path in sources if f'"{VERSION}"' in path.read_text("utf-8")] == []
