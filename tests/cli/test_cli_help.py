"""What `--help` and `--version` print, word for word, and what they do not import.

After a change, `PYTHONPATH=tests python tests/cli/test_cli_help.py` writes the files of
tests/cli/help anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import ossign
import pytest
from ossign.cli.parser import COMMANDS
from shell import Shell

FOLDER = Path(__file__).parent / "help"
PAGES = [
    "",
    *COMMANDS,
    *(f"presign {name}" for name in "put get head initiate part complete abort".split()),
]


def file_of(page: str) -> Path:
    return FOLDER / f"{'-'.join(['ossign', *page.split()])}.txt"


@pytest.mark.parametrize("page", PAGES)
def test_help_reads_as_it_is_meant_to(page: str, shell: Shell) -> None:
    assert shell.succeed(*page.split(), "--help") == file_of(page).read_text(encoding="utf-8")


def test_no_other_help_is_kept() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {file_of(page).name for page in PAGES}


@pytest.mark.parametrize("page", PAGES)
def test_help_has_examples_and_fits_on_a_page(page: str) -> None:
    text = file_of(page).read_text(encoding="utf-8")
    assert "\nexamples:\n  " in text
    lines = text.partition("\nexamples:")[0].splitlines()
    assert max(map(len, lines)) <= 100


def test_without_a_command_the_help_goes_to_standard_error(shell: Shell) -> None:
    done = shell.ossign()
    assert (done.code, done.out) == (2, "")
    assert done.err == file_of("").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", ["--version", "-V"])
def test_the_version_is_one_line(word: str, shell: Shell) -> None:
    assert shell.succeed(word) == f"ossign {ossign.__version__}\n"


@pytest.mark.parametrize("words", [["--vers"], ["frobnicate"], ["presign", "--nope"], [""]])
def test_a_wrong_command_is_refused(words: list[str], shell: Shell) -> None:
    shell.fail(2, *words)


def imported(words: list[str]) -> set[str]:
    """The modules that a run of the command loads."""
    code = (
        f"import sys; from ossign.cli import main; main({words!r}); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stderr.split())


def test_what_is_not_needed_is_not_loaded() -> None:
    heavy = {"argparse", "json", "typing", "asyncio", "concurrent", "csv", "pyarrow", "dataclasses"}
    assert not heavy & imported(["--version"])
    assert not {m for m in imported(["--version"]) if re.match(r"ossign\.cli\.(?!outcome)", m)}
    presign = imported(["presign", "get", "--help"])
    assert not {"pyarrow", "csv", "concurrent", "asyncio", "typing"} & presign
    assert not {m for m in presign if re.match(r"ossign\.cli\.(explain|verify|emulator)", m)}


def test_importing_ossign_loads_nothing_of_the_command() -> None:
    code = "import ossign, sys; print(*({'ossign.cli', 'argparse', 'json'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        for page in PAGES:
            file_of(page).write_text(
                Shell(Path(home)).succeed(*page.split(), "--help"), encoding="utf-8"
            )
