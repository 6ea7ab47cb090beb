"""The command `ossign`: sign, check and explain presigned URLs from a shell."""

from __future__ import annotations

import os
import sys

from .outcome import FILES, INTERNAL, INTERRUPTED, OK, PIPE_CLOSED, Failure, failure_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; `sys.argv` if none is given. Returns the exit code."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if sys.stdout is None:
            raise Failure("standard output is closed", FILES)
        _encode_output()
        code = _run(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except Exception as error:
        if os.environ.get("OSSIGN_TRACEBACK"):
            raise
        failure = failure_of(error)
        if failure.code == INTERNAL:
            hint = "; with OSSIGN_TRACEBACK=1 in the environment it says where"
            return _say(f"{failure}{hint}", INTERNAL)
        if isinstance(error, OSError):
            _forget_output()
        return _say(str(failure), failure.code)
    return code


def _run(argv: list[str]) -> int:
    if argv in (["--version"], ["-V"]):
        from .._ossign import __version__

        print(f"ossign {__version__}")
        return OK
    from .parser import build

    parser = build(argv)
    try:
        options, unknown = parser.parse_known_args(argv)
    except SystemExit:  # --help and --version have printed what they print
        return OK
    if unknown:
        _refuse(unknown[0], getattr(options, "parser", parser))
    code: int = options.run(options)
    return code


def _refuse(word: str, parser: ArgumentParser) -> NoReturn:
    """Say that a word has no place here, and which option it may have been meant for."""
    from difflib import get_close_matches

    name = word.partition("=")[0]
    near = get_close_matches(name, parser._option_string_actions, n=1)
    hint = f"; did you mean {near[0]}?" if near and name.startswith("-") else ""
    parser.error(f"unknown argument {word!r}{hint}")


def _encode_output() -> None:
    """Text goes out as UTF-8 whatever the locale; bytes of argv that are none, as they came."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="surrogateescape")


def _forget_output() -> None:
    """Nobody reads it any more: keep Python from writing the rest when it ends."""
    if sys.__stdout__ is not None and sys.stdout is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())


def _say(message: str, code: int) -> int:
    line = " ".join(message.split())
    if sys.stderr is not None:
        sys.stderr.write(f"ossign: {line}\n")
    return code
