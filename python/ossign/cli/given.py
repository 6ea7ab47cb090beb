"""What people write on a command line, read into values: durations, pairs, whole numbers."""

from __future__ import annotations

import argparse
import datetime
import re

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:(\d{{1,9}}){unit})?" for unit in _UNITS), re.ASCII)


def duration(text: str) -> datetime.timedelta:
    """Read `90s`, `15m`, `1h30m`, `7d`, `1w`, or plain seconds.

    Raises:
        ArgumentTypeError: It is none of these, or it is zero.
    """
    match = _DURATION.fullmatch(text)
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        seconds = int(text)
    elif text and match:
        seconds = sum(
            int(n or 0) * unit for n, unit in zip(match.groups(), _UNITS.values(), strict=True)
        )
    else:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no duration: write such as 90s, 15m, 1h30m, 7d, or whole seconds"
        )
    if seconds == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time at all")
    return datetime.timedelta(seconds=seconds)


def moment(text: str) -> datetime.datetime:
    """Read a time in ISO 8601, UTC if it does not say otherwise.

    Raises:
        ArgumentTypeError: It is none.
    """
    try:
        # Python 3.10 does not know Z.
        time = datetime.datetime.fromisoformat(re.sub("Z$", "+00:00", text))
    except ValueError:
        words = f"{text!r} is no time: write such as 2026-01-31T12:00:00Z"
        raise argparse.ArgumentTypeError(words) from None
    return time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)


def header(text: str) -> tuple[str, str]:
    """Read `Name: value`; spaces around the value are dropped, as clients drop them.

    Raises:
        ArgumentTypeError: There is no colon, or the name is no name of a header.
    """
    name, colon, value = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"{text!r} is no header: write 'Name: value'")
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name.strip()):
        raise argparse.ArgumentTypeError(f"{name!r} is no name of a header")
    return name.strip(), value.strip(" \t")


def pair(text: str) -> tuple[str, str]:
    """Read `name=value`; the value may hold further `=`.

    Raises:
        ArgumentTypeError: There is no `=`, or nothing before it.
    """
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is no pair: write name=value")
    return name, value


def unique(pairs: list[tuple[str, str]], option: str) -> dict[str, str]:
    """The pairs of a repeatable option as a dict.

    Raises:
        ValueError: A name is given twice; of headers, whatever its case.
    """
    seen: dict[str, str] = {}
    for name, value in pairs:
        if any(name.lower() == known.lower() for known in seen):
            raise ValueError(f"argument {option}: {name!r} is given twice")
        seen[name] = value
    return seen


def count(text: str) -> int:
    """Read a whole number from 1.

    Raises:
        ArgumentTypeError: It is none.
    """
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)
