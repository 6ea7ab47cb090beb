"""The recipes of docs/engines.md and the example of a million keys, run with the real engines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECTIONS = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8").split("\n## ")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RECIPES = {text.partition("\n")[0]: text for text in SECTIONS[1:] if BLOCK.search(text)}
# The session that a recipe is to find.
FIXTURES = {"Spark": "spark", "Ray Data": "ray_data"}


def test_the_page_has_the_seven_engines() -> None:
    assert list(RECIPES) == ["Spark", "Ray Data", "Polars", "DuckDB", "Daft", "Dask", "pandas"]


@pytest.mark.parametrize("engine", RECIPES)
def test_the_recipe_runs(engine: str, request: pytest.FixtureRequest) -> None:
    if engine in FIXTURES:
        request.getfixturevalue(FIXTURES[engine])
    names: dict[str, object] = {"__name__": "recipe"}
    for text in (SECTIONS[0], RECIPES[engine]):
        for source in BLOCK.findall(text):
            exec(compile(source, f"docs/engines.md, {engine}", "exec"), names)


def test_six_engines_sign_the_same_urls() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "million.py", "100000"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.endswith("6 equal columns\n")
