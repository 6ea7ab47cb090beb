"""Some rows of a file: their keys, and what the same rows are written from again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Rows:
    """Consecutive rows.

    `keys` is a list of text or None, or an Arrow array; `given` is a sequence of what the file had
    in each row; `problems` says of some rows, counted from 0, why they have no URL.
    """

    def __init__(
        self, keys: Any, given: Any, first: int, problems: dict[int, str] | None = None
    ) -> None:
        self.keys = keys
        self.given = given
        self.first = first
        self.problems = problems or {}

    def __len__(self) -> int:
        return len(self.keys)

    def texts(self) -> list[str | None]:
        """The keys as a list."""
        keys: list[str | None] = self.keys
        return keys

    def cut(self, start: int, end: int) -> Rows:
        """The rows from `start` up to `end`, both counted from the first of these."""
        if start == 0 and end >= len(self):
            return self
        problems = {row - start: why for row, why in self.problems.items() if start <= row < end}
        return Rows(self.keys[start:end], self.given[start:end], self.first + start, problems)
