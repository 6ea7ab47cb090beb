"""Runs the real command `ossign` in a process, a home and an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import standin

COMMAND = [sys.executable, "-X", "dev", "-W", "error", "-m", "ossign"]
KEYS = {"OSS_ACCESS_KEY_ID": standin.ID, "OSS_ACCESS_KEY_SECRET": standin.SECRET}
HERE = {**KEYS, "OSS_REGION": standin.REGION}
_OURS = ("OSS_", "ALIBABA_", "OSSIGN_", "NO_COLOR", "PYTHON")


@dataclass
class Done:
    """How a run ended: exit code, what it printed, and its lines of complaint."""

    code: int
    out: str
    err: str


@dataclass
class Shell:
    """A home directory, which is the working directory too, and the variables set in it."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=lambda: HERE)

    def environment(self) -> dict[str, str]:
        """The machine's own variables but for those that concern ossign or Python."""
        kept = {name: v for name, v in os.environ.items() if not name.startswith(_OURS)}
        return {**kept, "HOME": str(self.home), **self.variables}

    def ossign(self, *arguments: str | bytes, stdin: bytes = b"", **more: str) -> Done:
        """Run the command with the arguments; `more` are further variables."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.home,
            env={**self.environment(), **more},
            timeout=120,
            check=False,
        )
        return Done(done.returncode, os.fsdecode(done.stdout), done.stderr.decode())

    def succeed(self, *arguments: str | bytes, stdin: bytes = b"", **more: str) -> str:
        """Run the command, which must succeed and complain of nothing; what it printed."""
        done = self.ossign(*arguments, stdin=stdin, **more)
        assert (done.code, done.err) == (0, ""), done
        return done.out

    def fail(self, code: int, *arguments: str | bytes, stdin: bytes = b"", **more: str) -> str:
        """Run the command, which must end with the code, and say why in one line; that line."""
        done = self.ossign(*arguments, stdin=stdin, **more)
        assert done.code == code, done
        assert done.out == "", done
        assert done.err.startswith("ossign: ") and done.err.count("\n") == 1, done
        return done.err.removeprefix("ossign: ").rstrip("\n")
