"""Each test that asks for `face` runs against every face of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import faces
import pytest


@pytest.fixture(params=faces.FACES)
def start(request: pytest.FixtureRequest) -> Iterator[Callable[..., faces.Face]]:
    """A function that starts a face with these settings."""
    with ExitStack() as stack:

        def started(signer: Any = ..., **settings: Any) -> faces.Face:
            signer = faces.client() if signer is ... else signer
            return stack.enter_context(faces.FACES[request.param](signer, **settings))

        yield started


@pytest.fixture
def face(start: Callable[..., faces.Face]) -> faces.Face:
    """A face with the settings that it has by default."""
    return start()
