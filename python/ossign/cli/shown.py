"""Text for a terminal: colour where there is one, and nothing that would steer it."""

from __future__ import annotations

import os
import re
import sys

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text with control characters written out: what it quotes may come from anywhere."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def wants_color() -> bool:
    """Whether standard output is a terminal with colours; see https://no-color.org."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout is not None and sys.stdout.isatty()
