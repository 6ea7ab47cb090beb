"""What every test of a page needs: a browser, and a storage that can be killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Storage, chromium, storage
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def oss_here(tmp_path: Path) -> Iterator[Storage]:
    with storage(tmp_path / "objects") as started:
        yield started
