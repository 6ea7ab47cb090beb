"""The causes in Python, in Rust and in the documentation are the same, in the same order."""

from __future__ import annotations

import re
from pathlib import Path

from ossign import Cause, _ossign

PAGE = Path(__file__).parents[2] / "docs" / "explain.md"
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| ([-\d ]+) \| (.+) \|$", re.MULTILINE)


def test_the_table_of_causes_is_the_enum() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    expected = [
        (name, meaning, " ".join(ecs) or "-", fix) for name, meaning, ecs, fix in _ossign.causes()
    ]
    assert rows == expected
    assert [cause.value for cause in Cause] == [row[0] for row in rows]
    assert [cause.name.lower() for cause in Cause] == [row[0] for row in rows]
