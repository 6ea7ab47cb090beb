"""Each oddity of the SDK that ossign keeps is marked in the code, and listed in the docs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LISTED = ROOT / "docs" / "differences.md"


def marks() -> Iterator[tuple[str, str]]:
    """File and words of each mark, to the end of its sentence or of the comment."""
    for path in sorted([*(ROOT / "src").rglob("*.rs"), *(ROOT / "python").rglob("*.py")]):
        lines = path.read_text(encoding="utf-8").splitlines()
        for at, line in enumerate(lines):
            if "Quirk:" in line:
                yield path.relative_to(ROOT).as_posix(), sentence(lines, at)


def sentence(lines: list[str], at: int) -> str:
    """What follows the mark in line `at`, over as many lines of comment as it takes."""
    words = lines[at].partition("Quirk:")[2].strip()
    marker = next((m for m in ("///", "//", "#") if m in lines[at].partition("Quirk:")[0]), "")
    for line in lines[at + 1 :]:
        if ". " in words or words.endswith((".", '"""')) or not line.strip().startswith(marker):
            break
        words += " " + line.strip().removeprefix(marker).strip()
    return words.partition(". ")[0].removesuffix('"""').strip().removesuffix(".")


def test_every_mark_is_listed_and_everything_listed_is_marked() -> None:
    section = LISTED.read_text(encoding="utf-8").partition("\n## Quirks")[2].partition("\n## ")[0]
    items = [" ".join(item.split()) for item in section.split("\n- ")[1:]]
    # An item may say more in further sentences.
    listed = Counter(item.partition(". ")[0].removesuffix(".") for item in items)
    marked = Counter(f"`{path}`: {words}" for path, words in marks())
    assert [*(marked - listed)] == [], "marked, but not listed in docs/differences.md"
    assert [*(listed - marked)] == [], "listed in docs/differences.md, but not marked"


if __name__ == "__main__":
    for path, words in marks():
        print(f"- `{path}`: {words}")
