"""What the random test allows to differ is what the docs say differs, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from parity.differences import DIFFERENCES

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"
TEST_COLUMN = re.compile(r"\| `([a-z0-9]+(?:-[a-z0-9]+)+)` \|$", re.MULTILINE)


def test_the_docs_and_the_random_test_list_the_same_differences() -> None:
    documented = set(TEST_COLUMN.findall(PAGE.read_text(encoding="utf-8")))
    assert documented == {difference.name for difference in DIFFERENCES}
