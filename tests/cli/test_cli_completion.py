"""`ossign completion`: the script of bash really completes in a bash; the others are complete."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
from shell import Shell

PUT = "ossign presign put"


def complete(shell: Shell, line: str) -> list[str]:
    """What bash offers when Tab is pressed at the end of a line."""
    words = shlex.split(line) + ([""] if line.endswith(" ") else [])
    script = (
        shell.succeed("completion", "bash")
        + f"\nCOMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}\n"
        + "$(complete -p ossign | sed 's/.*-F \\([^ ]*\\) .*/\\1/')\n"
        + 'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script], cwd=shell.home, env=shell.environment(),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return sorted(filter(None, done.stdout.split("\n")))


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ossign pre", ["presign"]),
        ("ossign --v", ["--version"]),
        ("ossign presign ", ["abort", "complete", "get", "head", "initiate", "part", "put"]),
        ("ossign presign p", ["part", "put"]),
        (f"{PUT} --content-", ["--content-disposition", "--content-encoding", "--content-length",
                               "--content-md5", "--content-type"]),
        (f"{PUT} put get --acc", ["--accelerate", "--accelerate-overseas"]),
        ("ossign presign get --part-n", []),
        ("ossign presign part --part-n", ["--part-number"]),
        (f"{PUT} b k --region ", []),
        (f"{PUT} b k --content-type te", []),
        (f"{PUT} b --keys k", ["keys a.txt", "keys.csv"]),
        (f"{PUT} b --keys 'keys a", ["keys a.txt"]),
        (f"{PUT} b --format ", ["arrow", "csv", "jsonl", "parquet", "tsv", "txt"]),
        (f"{PUT} b --format j", ["jsonl"]),
        ("ossign completion ", ["bash", "fish", "zsh"]),
        ("ossign emulator --log ", ["json", "off", "text"]),
        ("ossign emulator --da", ["--data"]),
        ("ossign serve --de", ["--demo"]),
    ],
)  # fmt: skip
def test_bash_offers(line: str, offered: list[str], shell: Shell) -> None:
    for name in ("keys.csv", "keys a.txt", "other"):
        (shell.home / name).touch()
    if line.endswith("'keys a"):
        line += "'"
    assert complete(shell, line) == offered


def test_bash_reads_the_script_without_a_word(shell: Shell) -> None:
    script = shell.succeed("completion", "bash")
    done = subprocess.run(
        ["bash", "--norc", "-c", 'source /dev/stdin && complete -p ossign'],
        input=script, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("complete -F _ossign ossign\n", "")


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_the_other_shells_know_every_option(name: str, shell: Shell) -> None:
    script = shell.succeed("completion", name)
    for word in ("presign", "initiate", "response-content-disposition", "--" * (name == "zsh")):
        assert word in script


SHELLS = [name for name in ("zsh", "fish") if shutil.which(name)]


@pytest.mark.parametrize("name", SHELLS)
def test_the_other_shells_can_read_it_where_they_are(name: str, shell: Shell) -> None:
    (shell.home / "script").write_text(shell.succeed("completion", name))
    subprocess.run([name, "-n", shell.home / "script"], check=True, timeout=60)


@pytest.mark.parametrize("words", [[], ["tcsh"], ["bash", "zsh"]])
def test_a_shell_must_be_named(words: list[str], shell: Shell) -> None:
    shell.fail(2, "completion", *words)
