"""A line on standard error that says how far it is, how fast, and how long it will take yet."""

from __future__ import annotations

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE = 0.1  # seconds between two lines
_WIDTH = 20  # characters of the bar


class Progress:
    """Shown on a terminal only; `fraction` says how much is done, from 0 to 1, or None."""

    def __init__(
        self,
        fraction: Callable[[], float | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fraction, self._clock = fraction, clock
        self._shown = sys.stderr is not None and sys.stderr.isatty()
        self._start = self._last = clock()
        self._rows = 0

    def add(self, rows: int) -> None:
        """Count rows that are done."""
        self._rows += rows
        now = self._clock()
        if self._shown and now - self._last >= _PAUSE:
            self._last = now
            sys.stderr.write(f"\r\x1b[K{self.line(now)}")
            sys.stderr.flush()

    def finish(self) -> None:
        """Leave one line with the whole."""
        if self._shown:
            seconds = self._clock() - self._start
            sys.stderr.write(f"\r\x1b[K{_rate(self._rows, seconds)} in {_time(seconds)}\n")

    def clear(self) -> None:
        """Leave no line."""
        if self._shown and self._last != self._start:
            sys.stderr.write("\r\x1b[K")

    def line(self, now: float) -> str:
        """What is shown at a time."""
        seconds = now - self._start
        fraction = self._fraction()
        if not fraction:
            return _rate(self._rows, seconds)
        full = int(fraction * _WIDTH)
        bar = "#" * full + "." * (_WIDTH - full)
        left = seconds * (1 - fraction) / fraction
        return f"[{bar}] {fraction:4.0%}  {_rate(self._rows, seconds)}, {_time(left)} left"


def _rate(rows: int, seconds: float) -> str:
    return f"{rows:,} URLs, {rows / max(seconds, 0.001):,.0f}/s"


def _time(seconds: float) -> str:
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"
