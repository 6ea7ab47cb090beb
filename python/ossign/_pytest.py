"""The pytest plugin: the fixture `oss_emulator`. pytest finds it by its entry point."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .testing import Emulator


@pytest.fixture
def oss_emulator() -> Iterator[Emulator]:
    """A local OSS (`ossign.testing.Emulator`) that stops with the test.

    Its refusals are on standard error, which pytest shows with a test that fails.
    """
    from .testing import Emulator

    with Emulator() as emulator:
        yield emulator
